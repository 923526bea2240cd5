//! The history of a key's usage: what is said before there is one, how it is drawn, and how it is
//! read out.

use std::sync::{Arc, Mutex};

use contract::Timestamp;
use leptos::prelude::*;
use occam_keys::components::usage_history::{Keeping, Taking, UsageHistory};
use occam_keys::domain::journal::entry::Figures;
use occam_keys::domain::journal::history::History;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Stage, screen};

/// What the user took away.
type Taken = Arc<Mutex<Vec<Taking>>>;

fn shown(history: Option<History>, keeping: Keeping) -> (Stage, RwSignal<Option<History>>, Taken) {
    let taken = Taken::default();
    let history = RwSignal::new(history);
    let on_take = Callback::new({
        let taken = taken.clone();
        move |it| taken.lock().expect("one thread").push(it)
    });
    let stage = Stage::of(move || {
        view! {
            <UsageHistory
                name=Memo::new(|_| Some("ci <bot>".to_owned()))
                history=Memo::new(move |_| history.get())
                since=Memo::new(|_| None)
                keeping=Memo::new(move |_| keeping)
                now=Signal::stored(now())
                on_take
                on_clear=Callback::new(|_| ())
            />
        }
    });
    (stage, history, taken)
}

/// Looks so many minutes ago that saw so many successful and failed requests.
fn looks(looks: &[(i64, u64, u64)]) -> History {
    let mut history = History::default();
    for &(minutes, successful, failed) in looks {
        let at = Timestamp::from_unix_millis(now().unix_millis() - minutes * 60_000);
        history.record(at, figures(successful, failed));
    }
    history
}

fn figures(successful: u64, failed: u64) -> Figures {
    Figures { completed: successful + failed, successful, failed, ..Figures::default() }
}

fn now() -> Timestamp {
    Timestamp::from_unix_millis(js_sys::Date::now() as i64)
}

/// How many boxes these paths have.
fn boxes(selector: &str) -> usize {
    let path = screen::one(selector).get_attribute("d").unwrap_or_default();
    assert!(!path.contains("NaN"), "{path}");
    path.matches('M').count()
}

fn readout() -> String {
    screen::one(".history-readout").text_content().unwrap_or_default()
}

#[wasm_bindgen_test]
async fn before_the_first_look_it_loads_and_where_nothing_is_kept_it_says_so() {
    let (_stage, history, _) = shown(None, Keeping::Kept);
    assert!(screen::text().contains("Loading…"));
    history.set(Some(looks(&[(0, 7, 0)])));
    screen::until_text("This browser sees this key’s usage for the first time.").await;
    assert!(!screen::text().contains("Loading…"));

    let (_stage, ..) = shown(None, Keeping::Refused);
    let said = screen::text();
    assert!(said.contains("keeps nothing for this site") && !said.contains("Loading…"), "{said}");
}

#[wasm_bindgen_test]
async fn where_nothing_came_nothing_is_drawn() {
    let (_stage, ..) = shown(Some(looks(&[(90, 7, 0), (60, 7, 0), (30, 7, 0)])), Keeping::Kept);
    assert!(screen::text().contains("Nothing was seen to come in this time."));
    assert!(screen::all(".stage .history-chart svg").is_empty());
}

#[wasm_bindgen_test]
async fn without_room_what_was_kept_is_shown() {
    let (_stage, ..) = shown(Some(looks(&[(60, 7, 0), (30, 9, 0)])), Keeping::Full);
    assert_eq!(screen::text().matches("no more room").count(), 1);
    assert_eq!(boxes(".history-chart .successful:not(.gap)"), 1);
}

#[wasm_bindgen_test]
async fn gaps_are_marked_and_the_keys_read_out_what_came() {
    let seen = looks(&[(600, 10, 0), (240, 15, 0), (210, 18, 0), (180, 21, 1)]);
    let (_stage, history, _) = shown(Some(seen.clone()), Keeping::Kept);
    assert_eq!(boxes(".history-chart .successful.gap"), 1);
    assert_eq!(boxes(".history-chart .successful:not(.gap)"), 2);
    assert_eq!(boxes(".history-chart .failed:not(.gap)"), 1);
    assert_eq!(boxes(".history-chart .failed.gap"), 0);

    screen::one(".history-chart").focus().expect("it can have the focus");
    let steps = [
        ("End", ": 4 requests, 1 failed"),
        ("ArrowRight", ": 4 requests, 1 failed"),
        ("ArrowLeft", ": 3 requests, 0 failed"),
        ("Home", ": 5 requests, 0 failed"),
        ("ArrowLeft", ": 5 requests, 0 failed"),
    ];
    for (key, said) in steps {
        screen::press(key);
        screen::until(said, || readout().ends_with(said)).await;
        assert_eq!(boxes(".history-mark"), 1);
    }
    // A look takes the mark of what is read out neither away nor elsewhere.
    let before = readout();
    let mut more = seen;
    more.record(now(), figures(22, 1));
    history.set(Some(more));
    screen::until("the look", || boxes(".history-chart .successful.gap") == 2).await;
    assert_eq!(readout(), before);

    screen::all(".stage [name=history-range]")[1]
        .dispatch_event(&web_sys::Event::new("change").expect("an event can be made"))
        .expect("it can be sent");
    screen::until("no read-out", || readout().is_empty()).await;
}

#[wasm_bindgen_test]
async fn the_pictures_say_what_the_chart_says() {
    let (_stage, _, taken) = shown(Some(looks(&[(60, 7, 0), (30, 9, 1)])), Keeping::Kept);
    for button in ["Chart as SVG", "Chart as PNG", "History as CSV"] {
        screen::click(button);
    }
    let taken = taken.lock().expect("one thread");
    let [Taking::Svg(picture), Taking::Png(same), Taking::Journal] = taken.as_slice() else {
        panic!("{taken:?}");
    };
    assert_eq!(picture.layers, same.layers);
    assert!(picture.svg().contains("<title>Requests of ci &lt;bot&gt;</title>"));
    let drawn = screen::one(".history-chart .successful:not(.gap)").get_attribute("d");
    let layer = picture.layers.iter().find(|it| it.name == "Successful").map(|it| it.path.clone());
    assert!(drawn == layer && layer.is_some_and(|it| it.starts_with('M')), "{drawn:?}");
}
