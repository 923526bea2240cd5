//! The page of the usage of all keys.

use std::time::Duration;

use leptos::prelude::*;

use super::keys::list_failure;
use super::workspace::Workspace;
use super::workspace::listing::ordered;
use super::workspace::measuring::InSight;
use crate::browser::{format, page};
use crate::components::key_filters::select;
use crate::components::key_table::{KeyTableSkeleton, PAGE_LENGTH, Pager};
use crate::components::refresh::RefreshButton;
use crate::components::usage_board::{Measured, UsageBoardTable};
use crate::components::waiting::Waiting;
use crate::domain::health::findings;
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::table::query::{Column, Sort};
use crate::domain::table::selection::Selection;
use crate::domain::usage_board::{MOST_UNASKED, Measure, UsageBoard};
use crate::reactive::{Effect, heard};
use crate::remote::Remote;
use crate::route::Route;
use crate::words::{number, tr, tr_count, tr_with};

/// While answers come in, the ranking follows them this often: rows that move all the time cannot
/// be read.
const RANKED_ANEW: Duration = Duration::from_secs(2);

/// Which keys are on show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Show {
    #[default]
    All,
    Chosen,
    WorthALook,
}

/// Every key's usage side by side.
#[component]
pub fn UsagePage(
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    page::set_title(&tr("Usage of all keys"));
    let keys = workspace.front.keys();
    let now = workspace.front.now();
    let board = workspace.front.board();
    let measure = workspace.measure_asked_for();
    let chosen = RwSignal::new(Selection::default());
    let show = RwSignal::new(Show::All);
    let normalised = RwSignal::new(false);
    let page_shown = RwSignal::new(1_usize);
    let wants_all = RwSignal::new(false);
    let in_sight = InSight::new();

    // By name: equal keys then stand in an order that people know.
    let by_name = Memo::new(move |_| {
        keys.with(|keys| keys.value().map(|list| named(list))).unwrap_or_default()
    });
    let ranking = RwSignal::new(0_u32);
    let rank = move || ranking.update(|ranking| *ranking = ranking.wrapping_add(1));
    let rows = Memo::new(move |_| {
        ranking.track();
        let (show, now) = (show.get(), now.get());
        let is_on_show = |board: &UsageBoard, key: &ApiKey| match show {
            Show::All => true,
            Show::Chosen => chosen.with(|chosen| chosen.contains(key.id)),
            Show::WorthALook => !findings(key, board.look(key.id).usage(), now).is_empty(),
        };
        by_name.with(|keys| {
            board.with_untracked(|board| {
                let places = board.ranked(keys, measure.get());
                let ranked = places.into_iter().filter_map(|place| keys.get(place));
                ranked.filter(|key| is_on_show(board, key)).cloned().collect::<Vec<ApiKey>>()
            })
        })
    });
    let tally = Memo::new(move |_| rows.with(|rows| board.with(|board| board.tally(rows))));
    let measured = Memo::new(move |_| {
        let tally = tally.get();
        Measured { requests: tally.requests, most: tally.most, normalised: normalised.get() }
    });
    let pages = Memo::new(move |_| rows.with(Vec::len).div_ceil(PAGE_LENGTH).max(1));
    let shown = Memo::new(move |_| {
        let from = (page_shown.get().clamp(1, pages.get()) - 1) * PAGE_LENGTH;
        rows.with(|rows| rows.iter().skip(from).take(PAGE_LENGTH).cloned().collect::<Vec<ApiKey>>())
    });
    let asks_for_all =
        Memo::new(move |_| by_name.with(Vec::len) <= MOST_UNASKED || wants_all.get());
    // Not with each new ranking, which asks for no other keys than the one before.
    let ask_for_all = {
        let workspace = workspace.clone();
        move || {
            if asks_for_all.get() {
                let all: Vec<KeyId> = by_name.with(|keys| keys.iter().map(|key| key.id).collect());
                board.update_untracked(|board| board.enqueue(all));
            }
            workspace.measure(in_sight);
        }
    };
    Effect::new({
        let workspace = workspace.clone();
        move |_| {
            in_sight.set(shown.with(|keys| keys.iter().map(|key| key.id).collect()));
            workspace.measure(in_sight);
        }
    });
    Effect::new({
        let ask_for_all = ask_for_all.clone();
        move |_| ask_for_all()
    });
    workspace.measure_when_seen(in_sight);
    let is_loading = Memo::new(move |_| board.with(UsageBoard::is_loading));
    Effect::new(move |_| {
        if !is_loading.get() {
            return rank();
        }
        if let Ok(clock) = set_interval_with_handle(rank, RANKED_ANEW) {
            on_cleanup(move || clock.clear());
        }
    });

    let on_refresh = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            workspace.front.refresh_keys();
            board.update(UsageBoard::forget);
            untrack(&ask_for_all);
        }
    });
    let on_clean_up = Callback::new({
        let workspace = workspace.clone();
        move |()| workspace.open_clean_up()
    });
    let on_retry = Callback::new({
        let workspace = workspace.clone();
        move |id| {
            board.update(|board| board.retry(id));
            workspace.measure(in_sight);
        }
    });
    let on_measure = {
        let workspace = workspace.clone();
        move |measure| workspace.ask_measure(measure)
    };
    let count = move || {
        let (tally, all) = (tally.get(), rows.with(Vec::len));
        let requests = format::whole(tally.requests);
        let keys = tr_count(all, "{n} key", "{n} keys");
        let mut words = vec![tr_with(
            "{keys}, {requests} requests",
            &[("keys", &keys), ("requests", &requests)],
        )];
        let missing = all.saturating_sub(tally.known + tally.failed);
        if missing > 0 {
            words.push(tr_count(missing, "{n} not loaded yet", "{n} not loaded yet"));
        }
        if tally.failed > 0 {
            words.push(tr_count(
                tally.failed,
                "{n} could not be loaded",
                "{n} could not be loaded",
            ));
        }
        words.join("; ")
    };
    let load_all = move || {
        (!asks_for_all.get()).then(|| {
            let all = by_name.with(Vec::len);
            view! {
                <button type="button" class="button quiet" on:click=heard(move |_| wants_all.set(true))>
                    {tr_with("Load all {n}", &[("n", &number(all))])}
                </button>
            }
            .into_any()
        })
    };
    let pending = Memo::new(move |_| keys.with(Remote::is_pending) || is_loading.get());
    let wait = Memo::new(move |_| keys.with(|keys| keys.wait().cloned()));
    let failure = Memo::new(move |_| keys.with(|keys| keys.error().cloned()));
    let is_known = Memo::new(move |_| keys.with(|keys| keys.value().is_some()));
    let table = move || {
        let keys = shown.get();
        if keys.is_empty() {
            return view! { <p class="panel">{tr("There is no key to show here.")}</p> }.into_any();
        }
        view! {
            <UsageBoardTable keys board measured chosen now on_retry/>
        }
        .into_any()
    };
    let pager = move || {
        (pages.get() > 1).then(|| {
            let page = page_shown.get().clamp(1, pages.get());
            let on_page = Callback::new(move |to| {
                page_shown.set(to);
                page::focus("#app h1");
            });
            view! { <Pager page pages=pages.get() on_page/> }.into_any()
        })
    };
    let body = move || match is_known.get() {
        true => view! {
            <div class="toolbar">
                <p class="count" role="status">{count}</p>
                {load_all}
                <button
                    type="button"
                    class="button quiet"
                    aria-haspopup="dialog"
                    on:click=heard(move |_| on_clean_up.run(()))
                >
                    {tr("Clean up unused keys")}
                </button>
                <RefreshButton class="button quiet" pending on_refresh/>
            </div>
            {table}
            {pager}
        }
        .into_any(),
        false => match failure.get() {
            None => view! { <KeyTableSkeleton/> }.into_any(),
            Some(error) => list_failure(&error, on_refresh),
        },
    };
    let choose = move |event: leptos::ev::Event| {
        let select: web_sys::HtmlSelectElement = event_target(&event);
        page_shown.set(1);
        match (select.name().as_str(), select.value().as_str()) {
            ("rank", by) => on_measure(Measure::parse(by)),
            (_, "chosen") => show.set(Show::Chosen),
            (_, "findings") => show.set(Show::WorthALook),
            _ => show.set(Show::All),
        }
    };
    let measures =
        || Measure::ALL.map(|it| (it.as_str().to_owned(), measure_in_words(it))).to_vec();
    let shows = vec![
        ("all".to_owned(), tr("All keys")),
        ("chosen".to_owned(), tr("Chosen keys")),
        ("findings".to_owned(), tr("Keys worth a look")),
    ];
    view! {
        <p class="back"><a href=Route::ALL_KEYS.to_string()>{tr("← API keys")}</a></p>
        <div class="page-head"><h1 tabindex="-1">{tr("Usage of all keys")}</h1></div>
        <div class="filters">
            <div class="choices" on:change=heard(choose)>
                {move || select("rank", tr("Rank by"), measure.get().as_str(), measures())}
                {select("show", tr("Show"), "all", shows)}
            </div>
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=normalised
                    on:change=heard(move |_| normalised.update(|it| *it = !*it))
                />
                <span>{tr("Bars of one length")}</span>
            </label>
        </div>
        <Waiting wait/>
        <div aria-busy=move || pending.get().to_string()>{body}</div>
    }
}

fn measure_in_words(measure: Measure) -> String {
    match measure {
        Measure::Requests => tr("Requests"),
        Measure::Failures => tr("Failure rate"),
        Measure::Quota => tr("Quota used today"),
        Measure::Name => tr("Name"),
    }
}

/// The keys of a list as people order names.
fn named(list: &KeyList) -> Vec<ApiKey> {
    ordered(list, Sort { by: Column::Name, descending: false })
}
