//! What this browser has seen of a key's usage over time. The Key API keeps no history, so nothing
//! is drawn that nobody has looked at.

use contract::Timestamp;
use leptos::ev;
use leptos::prelude::*;

use crate::browser::format;
use crate::domain::chart::path::{Column, columns};
use crate::domain::chart::readout::{Move, moved};
use crate::domain::chart::scale::Frame;
use crate::domain::journal::change::{SinceVisit, Stretch, coarse, stretches};
use crate::domain::journal::history::History;
use crate::domain::journal::runway::{Runway, runway};
use crate::words::{tr, tr_with};

const HOUR: i64 = 3_600_000;

/// The size of the drawing, in tenths of a unit: it is stretched to where it stands.
const WIDTH: i32 = 6_000;
const HEIGHT: i32 = 1_000;

/// A column is this part of the range at least.
const COLUMNS: i64 = 96;

/// At most so many rows of the table.
const MOST_ROWS: usize = 100;

/// How far back the chart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Day,
    Week,
    Month,
    Year,
}

impl Range {
    const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    fn millis(self) -> i64 {
        HOUR * match self {
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
            Self::Year => 365 * 24,
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::Day => tr("24 hours"),
            Self::Week => tr("7 days"),
            Self::Month => tr("30 days"),
            Self::Year => tr("1 year"),
        }
    }
}

/// The journal of one key: what came since the last visit, how long the quota lasts, and a chart.
#[component]
pub fn UsageHistory(
    /// What was seen; `None` before the first look.
    history: Memo<Option<History>>,
    /// What came since the last visit, if there was one.
    since: Memo<Option<SinceVisit>>,
    /// Whether this browser keeps nothing.
    is_refused: Signal<bool>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The user wants the journal of this key as a file.
    on_export: Callback<()>,
    /// The user wants it forgotten: of this key only, or of all keys.
    on_clear: Callback<bool>,
) -> impl IntoView {
    let range = RwSignal::new(Range::Day);
    let marked = RwSignal::new(None::<usize>);
    let asks = RwSignal::new(false);
    // A look is newer than the last tick of the page's clock.
    let at_last = move || {
        now.track();
        format::now()
    };
    let drawn = Memo::new(move |_| {
        let (range, now) = (range.get(), at_last());
        history
            .with(|history| history.as_ref().map(|it| within(it, range, now)).unwrap_or_default())
    });
    Effect::new(move |_| {
        drawn.track();
        marked.set(None);
    });
    let readout = Memo::new(move |_| {
        let at = marked.get()?;
        drawn.with(|drawn| drawn.get(at).map(in_words))
    });
    let keydown = move |event: ev::KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowLeft" => Move::Previous,
            "ArrowRight" => Move::Next,
            "Home" => Move::First,
            "End" => Move::Last,
            _ => return,
        };
        event.prevent_default();
        let times: Vec<i64> =
            drawn.with_untracked(|drawn| drawn.iter().map(|it| it.from.unix_millis()).collect());
        marked.update(|marked| *marked = moved(&times, *marked, to));
    };
    let body = move || {
        if is_refused.get() {
            return view! {
                <p class="muted">
                    {tr("This browser keeps nothing for this site, so there is no history. All else \
                         works.")}
                </p>
            }
            .into_any();
        }
        let Some(runway) = history
            .with(|history| history.as_ref().map(|history| runway(history.entries(), at_last())))
        else {
            return view! { <p class="muted">{tr("Loading…")}</p> }.into_any();
        };
        view! {
            <p>{since_in_words(since.get())}</p>
            <p>{runway_in_words(runway)}</p>
            {ranges(range)}
            <div
                class="history-chart"
                tabindex="0"
                role="group"
                aria-label=tr("Requests over time. Arrow keys read it out.")
                on:keydown=keydown
            >
                {move || drawn.with(|drawn| draw(drawn, range.get(), at_last(), marked.get()))}
            </div>
            <p class="history-readout" role="status">{move || readout.get()}</p>
            {move || drawn.with(|drawn| table(drawn))}
            <div class="page-actions">
                <button type="button" class="button quiet" on:click=move |_| on_export.run(())>
                    {tr("History as CSV")}
                </button>
                {move || clearing(asks, on_clear)}
            </div>
        }
        .into_any()
    };
    view! {
        <section class="panel history" aria-labelledby="history-title">
            <h2 id="history-title">{tr("What this browser has seen")}</h2>
            <p class="muted">
                {tr("The Key API keeps no history. Each time you look, the figures are kept here, \
                     without names and secrets.")}
            </p>
            {body}
        </section>
    }
}

fn ranges(range: RwSignal<Range>) -> AnyView {
    let choices: Vec<AnyView> = Range::ALL
        .into_iter()
        .map(|it| {
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="history-range"
                        prop:checked=move || range.get() == it
                        on:change=move |_| range.set(it)
                    />
                    <span>{it.in_words()}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="history-ranges">
            <legend class="unseen">{tr("Time")}</legend>
            {choices}
        </fieldset>
    }
    .into_any()
}

fn clearing(asks: RwSignal<bool>, on_clear: Callback<bool>) -> AnyView {
    if !asks.get() {
        return view! {
            <button type="button" class="button quiet" on:click=move |_| asks.set(true)>
                {tr("Clear the history…")}
            </button>
        }
        .into_any();
    }
    let clear = move |all| {
        asks.set(false);
        on_clear.run(all);
    };
    view! {
        <button type="button" class="button danger" on:click=move |_| clear(false)>
            {tr("Of this key")}
        </button>
        <button type="button" class="button danger" on:click=move |_| clear(true)>
            {tr("Of all keys")}
        </button>
        <button type="button" class="button" on:click=move |_| asks.set(false)>
            {tr("Keep it")}
        </button>
    }
    .into_any()
}

/// What is drawn of this time.
fn within(history: &History, range: Range, now: Timestamp) -> Vec<Stretch> {
    let from = now.unix_millis().saturating_sub(range.millis());
    let entries: Vec<_> = history.within(Timestamp::from_unix_millis(from), now).copied().collect();
    // What lies further apart tells that something came, and not when.
    coarse(&stretches(&entries, range.millis() / 24), range.millis() / COLUMNS)
}

fn draw(drawn: &[Stretch], range: Range, now: Timestamp, marked: Option<usize>) -> AnyView {
    let until = now.unix_millis();
    let times = (until.saturating_sub(range.millis()), until);
    let top = drawn.iter().map(Stretch::per_hour).fold(0.0, f64::max);
    if top <= 0.0 {
        return view! {
            <p class="history-empty muted">{tr("Nothing was seen to come in this time.")}</p>
        }
        .into_any();
    }
    let frame = Frame::new(WIDTH, HEIGHT, times, top);
    let boxes = |is_drawn: &dyn Fn(usize, &Stretch) -> bool, failed: bool| {
        let boxes: Vec<Column> = drawn
            .iter()
            .enumerate()
            .filter(|(at, it)| is_drawn(*at, it))
            .map(|(_, it)| {
                let part = match it.added.completed {
                    0 => 0.0,
                    all => (it.added.failed as f64 / all as f64).min(1.0),
                };
                let high = it.per_hour();
                let parted = high * (1.0 - part);
                let (low, high) = if failed { (parted, high) } else { (0.0, parted) };
                Column { from: it.from.unix_millis(), until: it.until.unix_millis(), low, high }
            })
            .collect();
        columns(&boxes, &frame)
    };
    let seen = |_: usize, it: &Stretch| !it.is_gap;
    let gap = |_: usize, it: &Stretch| it.is_gap;
    let marked = |at: usize, _: &Stretch| Some(at) == marked;
    view! {
        <p class="live-most muted" aria-hidden="true">
            {tr_with("{number} an hour", &[("number", &format::decimal(top))])}
        </p>
        <svg class="live-chart" viewBox="0 0 600 100" preserveAspectRatio="none" aria-hidden="true">
            <path class="bar successful gap" d=boxes(&gap, false)></path>
            <path class="bar failed gap" d=boxes(&gap, true)></path>
            <path class="bar successful" d=boxes(&seen, false)></path>
            <path class="bar failed" d=boxes(&seen, true)></path>
            <path class="history-mark" d=boxes(&marked, false)></path>
        </svg>
        <p class="history-axis muted" aria-hidden="true">
            <span>{format::local(Timestamp::from_unix_millis(times.0))}</span>
            <span>{format::local(now)}</span>
        </p>
    }
    .into_any()
}

fn table(drawn: &[Stretch]) -> AnyView {
    let rows: Vec<AnyView> = drawn
        .iter()
        .rev()
        .take(MOST_ROWS)
        .map(|it| {
            view! {
                <tr>
                    <th scope="row">{format::local(it.from)}{" – "}{format::local(it.until)}</th>
                    <td>{format::whole(it.added.completed)}</td>
                    <td>{format::whole(it.added.failed)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="data">
            <summary>{tr("Show as a table")}</summary>
            <table>
                <caption>{tr("What came from one look to the next, the latest first.")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{tr("Time")}</th>
                        <th scope="col">{tr("Requests")}</th>
                        <th scope="col">{tr("Failed")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn in_words(stretch: &Stretch) -> String {
    let values = [
        ("from", &*format::local(stretch.from)),
        ("until", &*format::local(stretch.until)),
        ("requests", &*format::whole(stretch.added.completed)),
        ("failed", &*format::whole(stretch.added.failed)),
    ];
    tr_with("{from} – {until}: {requests} requests, {failed} failed", &values)
}

fn since_in_words(since: Option<SinceVisit>) -> String {
    let Some(SinceVisit { seen, added }) = since else {
        return tr("This browser sees this key’s usage for the first time.");
    };
    let values = [
        ("requests", &*format::whole(added.completed)),
        ("failed", &*format::whole(added.failed)),
        ("time", &*format::local(seen)),
    ];
    let said =
        tr_with("Since your last visit ({time}): {requests} requests, {failed} failed.", &values);
    match added.reset {
        true => [said, tr("A counter went back meanwhile, so there may be more.")].join(" "),
        false => said,
    }
}

fn runway_in_words(runway: Runway) -> String {
    match runway {
        Runway::NoQuota => String::new(),
        Runway::NotEnoughData => tr(
            "How long today’s quota lasts cannot be said yet: that takes three looks over at least \
             10 minutes.",
        ),
        Runway::NotBeforeReset => {
            tr("At today’s pace the quota lasts until it is reset (0:00 UTC).")
        }
        Runway::Reached => tr("Today’s quota is used up."),
        Runway::Reaches { earliest, latest: Some(latest) } => {
            let values = [("from", &*format::local(earliest)), ("until", &*format::local(latest))];
            tr_with("At today’s pace the quota is used up between {from} and {until}.", &values)
        }
        Runway::Reaches { earliest, latest: None } => tr_with(
            "At today’s pace the quota may be used up from {from} on, or last until it is reset \
             (0:00 UTC).",
            &[("from", &format::local(earliest))],
        ),
    }
}
