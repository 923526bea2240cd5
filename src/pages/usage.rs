//! The page of the usage of all keys.

mod asking;
mod ranking;

use leptos::ev;
use leptos::prelude::*;

use self::asking::Asking;
use self::ranking::{Ranking, Show};
use super::keys::list_failure;
use super::workspace::Workspace;
use crate::browser::{format, page};
use crate::components::key_filters::select;
use crate::components::key_table::{KeyTableSkeleton, Pager};
use crate::components::refresh::RefreshButton;
use crate::components::usage_board::UsageBoardTable;
use crate::components::waiting::Waiting;
use crate::domain::key::ApiKey;
use crate::domain::usage_board::{Measure, Tally, UsageBoard};
use crate::reactive::{heard, redrawn};
use crate::remote::Remote;
use crate::route::Route;
use crate::words::{number, tr, tr_count, tr_with};

/// Every key's usage side by side.
#[component]
pub fn UsagePage(
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    page::set_title(&tr("Usage of all keys"));
    let (keys, board) = (workspace.front.keys(), workspace.front.board());
    let ranking = Ranking::new(&workspace);
    let on_page = ranking.on_page();
    let asking = Asking::begin(&workspace, ranking, on_page);
    let is_loading = Memo::new(move |_| board.with(UsageBoard::is_loading));
    ranking.follow(is_loading);
    let pending = Memo::new(move |_| keys.with(Remote::is_pending) || is_loading.get());
    let wait = Memo::new(move |_| keys.with(|keys| keys.wait().cloned()));
    let body = body(&workspace, ranking, on_page, asking, pending);
    view! {
        <p class="back"><a href=Route::ALL_KEYS.to_string()>{tr("← API keys")}</a></p>
        <div class="page-head"><h1 tabindex="-1">{tr("Usage of all keys")}</h1></div>
        {choices(ranking, workspace)}
        <Waiting wait/>
        <div aria-busy=move || pending.get().to_string()>{body}</div>
    }
}

/// What somebody may choose: by what the keys are ranked, which are on show, and how.
fn choices(ranking: Ranking, workspace: Workspace) -> AnyView {
    let Ranking { measure, normalised, .. } = ranking;
    let choose = move |event: ev::Event| {
        let select: web_sys::HtmlSelectElement = event_target(&event);
        ranking.turn_to(1);
        match (select.name().as_str(), select.value().as_str()) {
            ("rank", by) => workspace.ask_measure(Measure::parse(by)),
            (_, "chosen") => ranking.show.set(Show::Chosen),
            (_, "findings") => ranking.show.set(Show::WorthALook),
            _ => ranking.show.set(Show::All),
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
    }
    .into_any()
}

/// What is below the choices: the keys, as soon as it is known which there are.
fn body(
    workspace: &Workspace,
    ranking: Ranking,
    on_page: Memo<Vec<ApiKey>>,
    asking: Asking,
    pending: Memo<bool>,
) -> AnyView {
    let (keys, board, now) =
        (workspace.front.keys(), workspace.front.board(), workspace.front.now());
    let failure = Memo::new(move |_| keys.with(|keys| keys.error().cloned()));
    let is_known = Memo::new(move |_| keys.with(|keys| keys.value().is_some()));
    let measured = ranking.measured();
    let Asking { for_all, wants_all, .. } = asking;
    let on_retry = Callback::new({
        let asking = asking.clone();
        move |id| asking.retry(id)
    });
    let on_refresh = Callback::new(move |()| asking.begin_anew());
    let on_clean_up = Callback::new({
        let workspace = workspace.clone();
        move |()| workspace.open_clean_up()
    });
    let table = move || {
        let keys = on_page.get();
        if keys.is_empty() {
            return view! { <p class="panel">{tr("There is no key to show here.")}</p> }.into_any();
        }
        view! { <UsageBoardTable keys board measured chosen=ranking.chosen now on_retry/> }
            .into_any()
    };
    redrawn(move || match is_known.get() {
        true => view! {
            <div class="toolbar">
                <p class="count" role="status">
                    {move || count_in_words(ranking.tally.get(), ranking.rows.with(Vec::len))}
                </p>
                {load_all(ranking.by_name, for_all, wants_all)}
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
            {pager(ranking)}
        }
        .into_any(),
        false => match failure.get() {
            None => view! { <KeyTableSkeleton/> }.into_any(),
            Some(error) => list_failure(&error, on_refresh),
        },
    })
}

/// Offers to ask for all keys, where that was not done by itself.
fn load_all(by_name: Memo<Vec<ApiKey>>, for_all: Memo<bool>, wants_all: RwSignal<bool>) -> AnyView {
    let button = move || {
        (!for_all.get()).then(|| {
            let all = by_name.with(Vec::len);
            let load = move |_| wants_all.set(true);
            view! {
                <button type="button" class="button quiet" on:click=heard(load)>
                    {tr_with("Load all {n}", &[("n", &number(all))])}
                </button>
            }
            .into_any()
        })
    };
    view! { {button} }.into_any()
}

fn pager(ranking: Ranking) -> AnyView {
    let pager = move || {
        (ranking.pages.get() > 1).then(|| {
            let (page, pages) = (ranking.page(), ranking.pages.get());
            let on_page = Callback::new(move |to| {
                ranking.turn_to(to);
                page::focus("#app h1");
            });
            view! { <Pager page pages on_page/> }.into_any()
        })
    };
    view! { {pager} }.into_any()
}

/// How many keys are on show, and how much of them is known.
fn count_in_words(tally: Tally, all: usize) -> String {
    let requests = format::whole(tally.requests);
    let keys = tr_count(all, "{n} key", "{n} keys");
    let mut words =
        vec![tr_with("{keys}, {requests} requests", &[("keys", &keys), ("requests", &requests)])];
    let missing = all.saturating_sub(tally.known + tally.failed);
    if missing > 0 {
        words.push(tr_count(missing, "{n} not loaded yet", "{n} not loaded yet"));
    }
    if tally.failed > 0 {
        words.push(tr_count(tally.failed, "{n} could not be loaded", "{n} could not be loaded"));
    }
    words.join("; ")
}

fn measure_in_words(measure: Measure) -> String {
    match measure {
        Measure::Requests => tr("Requests"),
        Measure::Failures => tr("Failure rate"),
        Measure::Quota => tr("Quota used today"),
        Measure::Name => tr("Name"),
    }
}
