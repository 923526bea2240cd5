//! Live mode, as it is seen: its switch, how it stands, and what came while it was on.

use leptos::prelude::*;
use occam_keys::components::live_usage::{LiveState, LiveUsage};
use occam_keys::domain::journal::entry::Figures;
use occam_keys::domain::live::Series;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Stage, screen};

fn live(state: RwSignal<LiveState>, series: RwSignal<Series>) -> Stage {
    let on_toggle = Callback::new(move |()| {
        state.update(|state| {
            *state = match state {
                LiveState::Off => LiveState::Watching,
                _ => LiveState::Off,
            };
        });
    });
    Stage::of(move || {
        view! {
            <LiveUsage state=Memo::new(move |_| state.get()) series=series.into() on_toggle/>
        }
    })
}

fn figures(successful: u64, failed: u64) -> Figures {
    Figures { completed: successful + failed, successful, failed, ..Figures::default() }
}

fn boxes(selector: &str) -> usize {
    let path = screen::one(selector).get_attribute("d").unwrap_or_default();
    assert!(!path.contains("NaN"), "{path}");
    path.matches('M').count()
}

#[wasm_bindgen_test]
async fn the_chart_is_there_while_it_is_on() {
    let state = RwSignal::new(LiveState::Off);
    let _stage = live(state, RwSignal::new(Series::default()));
    let pressed = || screen::button("Watch live").get_attribute("aria-pressed");
    assert_eq!(pressed().as_deref(), Some("false"));
    assert!(screen::all(".stage svg").is_empty());
    screen::click("Watch live");
    screen::until("the chart", || !screen::all(".stage svg").is_empty()).await;
    assert_eq!(pressed().as_deref(), Some("true"));
    assert!(screen::text().contains("New since you began to watch: 0 requests, 0 failed."));
    screen::click("Watch live");
    screen::until("no chart", || screen::all(".stage svg").is_empty()).await;
}

#[wasm_bindgen_test]
async fn how_it_stands_is_said_in_words_and_takes_no_figure_away() {
    let state = RwSignal::new(LiveState::Watching);
    let mut seen = Series::default();
    seen.push(0, figures(1, 0));
    seen.push(10_000, figures(3, 1));
    let _stage = live(state, RwSignal::new(seen));
    let words = [
        (LiveState::Hidden, "Paused while this page is out of sight."),
        (LiveState::Offline, "Paused while you are offline."),
        (LiveState::Failing, "The last look failed. The next ones wait longer."),
        (LiveState::Watching, "Asking every 10 seconds."),
    ];
    for (next, words) in words {
        state.set(next);
        screen::until_text(words).await;
        assert!(screen::text().contains("New since you began to watch: 3 requests, 1 failed."));
    }
}

#[wasm_bindgen_test]
async fn each_look_is_drawn_and_a_counter_that_went_back_is_told() {
    let series = RwSignal::new(Series::default());
    let _stage = live(RwSignal::new(LiveState::Watching), series);
    series.update(|series| {
        for (look, successful) in [0, 2, 2, 5].into_iter().enumerate() {
            series.push(look as i64 * 10_000, figures(successful, u64::from(look == 3)));
        }
    });
    screen::until("both looks that saw more", || boxes(".bar.successful") == 2).await;
    assert_eq!(boxes(".bar.failed"), 1);
    let name = screen::one("svg[role=img]").get_attribute("aria-label").unwrap_or_default();
    assert_eq!(name, "New since you began to watch: 6 requests, 1 failed.");

    series.update(|series| series.push(40_000, figures(1, 0)));
    screen::until_text("A counter went back meanwhile, so there may be more.").await;
    assert_eq!(boxes(".bar.successful"), 3);
}
