//! What this browser has seen of a key's usage over time. The Key API keeps no history, so nothing
//! is drawn that nobody has looked at.

use contract::Timestamp;
use leptos::ev;
use leptos::prelude::*;

use super::over_time::{VIEW_BOX, frame, with_reset};
use crate::browser::{format, page};
use crate::domain::chart::path::{Column, columns, stacked_columns};
use crate::domain::chart::picture::{FAILED, Layer, Picture, SUCCESSFUL};
use crate::domain::chart::readout::{Move, moved};
use crate::domain::chart::scale::Frame;
use crate::domain::journal::change::{SinceVisit, Stretch, coarse, stretches};
use crate::domain::journal::history::History;
use crate::domain::journal::runway::{Runway, runway};
use crate::domain::names::visible;
use crate::domain::time::HOUR_MILLIS;
use crate::reactive::{Effect, heard};
use crate::words::{tr, tr_with};

/// A column is this part of the range at least.
const COLUMNS: i64 = 96;

/// At most so many rows of the table.
const MOST_ROWS: usize = 100;

/// How much of what lies behind is covered by what came sometime in a gap, in percent.
const GAP_COVER: u8 = 45;

/// What becomes of what is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It is kept.
    Kept,
    /// What was seen before is there, and nothing new is kept: the browser has no room.
    Full,
    /// The browser keeps nothing at all.
    Refused,
}

/// What somebody wants to take away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taking {
    /// What was seen of this key, as a table.
    Journal,
    /// The chart, as a drawing.
    Svg(Picture),
    /// The chart, as an image.
    Png(Picture),
}

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
        HOUR_MILLIS
            * match self {
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
    /// The key's name, once it is known.
    name: Memo<Option<String>>,
    /// What was seen; `None` before the first look.
    history: Memo<Option<History>>,
    /// What came since the last visit, if there was one.
    since: Memo<Option<SinceVisit>>,
    /// What becomes of what is seen.
    keeping: Memo<Keeping>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The user wants a file.
    on_take: Callback<Taking>,
    /// The user wants it forgotten: of this key only, or of all keys.
    on_clear: Callback<bool>,
) -> impl IntoView {
    let range = RwSignal::new(Range::Day);
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
    let picture = move || {
        let name = name.get_untracked().unwrap_or_default();
        drawn.with_untracked(|drawn| picture(&name, drawn, range.get_untracked(), format::now()))
    };
    // Each of them is worded anew by itself: a look must take neither the focus nor an open table
    // away from who reads.
    let is_known = Memo::new(move |_| history.with(Option::is_some));
    let said_since = Memo::new(move |_| since_in_words(since.get()));
    let said_runway = Memo::new(move |_| {
        history.with(|history| {
            let entries = history.as_ref().map(History::entries).unwrap_or_default();
            runway_in_words(runway(entries, at_last()))
        })
    });
    let body = move || match (is_known.get(), keeping.get() == Keeping::Refused) {
        (false, true) => ().into_any(),
        (false, false) => view! { <p class="muted">{tr("Loading…")}</p> }.into_any(),
        (true, _) => view! {
            <p>{move || said_since.get()}</p>
            <p>{move || said_runway.get()}</p>
            {ranges(range)}
            {chart(drawn, range, at_last)}
            {table(drawn)}
            <div class="page-actions">
                {taking(tr("Chart as SVG"), move || on_take.run(Taking::Svg(picture())))}
                {taking(tr("Chart as PNG"), move || on_take.run(Taking::Png(picture())))}
                {taking(tr("History as CSV"), move || on_take.run(Taking::Journal))}
                {move || clearing(asks, on_clear)}
            </div>
        }
        .into_any(),
    };
    let refusal = move || {
        let words = match keeping.get() {
            Keeping::Kept => return None,
            Keeping::Full => tr("This browser has no more room for this site: what you see from \
                                 now on is not kept. All else works."),
            Keeping::Refused => tr("This browser keeps nothing for this site, so there is no \
                                    history. All else works."),
        };
        Some(view! { <p class="muted">{words}</p> }.into_any())
    };
    view! {
        <section class="panel history" aria-labelledby="history-title">
            <h2 id="history-title">{tr("What this browser has seen")}</h2>
            <p class="muted">
                {tr("The Key API keeps no history. Each time you look, the figures are kept here, \
                     without names and secrets.")}
            </p>
            {refusal}
            {body}
        </section>
    }
}

/// The chart, and what a pointer or the keys read out of it.
fn chart(
    drawn: Memo<Vec<Stretch>>,
    range: RwSignal<Range>,
    at_last: impl Fn() -> Timestamp + Copy + Send + 'static,
) -> AnyView {
    // What is read out, by when it begins: a new look does not take it away.
    let marked = RwSignal::new(None::<i64>);
    Effect::new(move |before: Option<Range>| {
        let range = range.get();
        // Whoever was quicker than the first run is not put off.
        if before.is_some_and(|before| before != range) {
            marked.set(None);
        }
        range
    });
    // It is said when it is asked for, and not again with each look that makes it longer.
    let readout = Memo::new(move |_| {
        let at = marked.get()?;
        drawn.with_untracked(|drawn| drawn.iter().find(|it| begin(it) == at).map(in_words))
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
        let times: Vec<i64> = drawn.with_untracked(|drawn| drawn.iter().map(begin).collect());
        let before = marked.get_untracked().and_then(|at| times.iter().position(|it| *it == at));
        marked.set(moved(&times, before, to).map(|at| times[at]));
    };
    let pointed = move |event: ev::PointerEvent| {
        let Some((place, width)) = page::place_in_target(&event) else {
            return;
        };
        let millis = range.get_untracked().millis();
        let ago = millis as f64 * (1.0 - place / width);
        let at = format::now().unix_millis().saturating_sub(ago as i64);
        let found = drawn.with_untracked(|drawn| at_pointer(drawn, at, millis / COLUMNS));
        if marked.get_untracked() != found {
            marked.set(found);
        }
    };
    let shows_any = Memo::new(move |_| drawn.with(|drawn| highest(drawn) > 0.0));
    view! {
        <div
            class="history-chart"
            tabindex="0"
            role="group"
            aria-label=tr("Requests over time. Arrow keys read it out.")
            on:keydown=heard(keydown)
        >
            <div on:pointermove=heard(pointed) on:pointerdown=heard(pointed)>
                {move || drawn.with(|drawn| draw(drawn, range.get(), at_last(), marked.get()))}
            </div>
        </div>
        {move || shows_any.get().then(legend)}
        <p class="history-readout" role="status">{move || readout.get()}</p>
    }
    .into_any()
}

fn legend() -> AnyView {
    view! {
        <p class="live-legend muted" aria-hidden="true">
            <span data-mark="successful">{tr("Successful")}</span>
            <span data-mark="failed">{tr("Failed")}</span>
            <span data-mark="gap">{tr("Sometime in between")}</span>
        </p>
    }
    .into_any()
}

/// When that begins which is drawn at this time, or else what is nearest and no further than
/// `reach` milliseconds away.
fn at_pointer(drawn: &[Stretch], at: i64, reach: i64) -> Option<i64> {
    let apart = |it: &Stretch| at.clamp(begin(it), begin(it).max(end(it))).abs_diff(at);
    let nearest = drawn.iter().min_by_key(|it| apart(it))?;
    (apart(nearest) <= reach.unsigned_abs()).then(|| begin(nearest))
}

fn begin(stretch: &Stretch) -> i64 {
    stretch.from.unix_millis()
}

fn end(stretch: &Stretch) -> i64 {
    stretch.until.unix_millis()
}

/// A button of these words for what can be taken away.
pub fn taking(words: String, take: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="button quiet" on:click=heard(move |_| take())>
            {words}
        </button>
    }
    .into_any()
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
                        on:change=heard(move |_| range.set(it))
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

/// The way to clear it. Whoever is asked finds the focus on what loses nothing.
fn clearing(asks: RwSignal<bool>, on_clear: Callback<bool>) -> AnyView {
    let ask = move |asked| {
        asks.set(asked);
        page::focus(".history [data-action=clear]");
    };
    if !asks.get() {
        return view! {
            <button
                type="button"
                class="button quiet"
                data-action="clear"
                on:click=heard(move |_| ask(true))
            >
                {tr("Clear the history…")}
            </button>
        }
        .into_any();
    }
    let clear = move |all| {
        ask(false);
        on_clear.run(all);
    };
    view! {
        <button type="button" class="button danger" on:click=heard(move |_| clear(false))>
            {tr("Of this key")}
        </button>
        <button type="button" class="button danger" on:click=heard(move |_| clear(true))>
            {tr("Of all keys")}
        </button>
        <button type="button" class="button" data-action="clear" on:click=heard(move |_| ask(false))>
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

/// The most requests an hour; 0 if nothing came.
fn highest(drawn: &[Stretch]) -> f64 {
    drawn.iter().map(Stretch::per_hour).fold(0.0, f64::max)
}

/// Where the boxes of a chart lie, and what they are measured by.
struct Drawing {
    times: (i64, i64),
    /// Requests an hour; finite and above 0.
    top: f64,
    frame: Frame,
    /// What came sometime in a gap: with success, with an error.
    gaps: [String; 2],
    /// The same where it was seen to come.
    seen: [String; 2],
}

impl Drawing {
    /// `None` if nothing came.
    fn of(drawn: &[Stretch], range: Range, now: Timestamp) -> Option<Self> {
        let until = now.unix_millis();
        let times = (until.saturating_sub(range.millis()), until);
        let top = highest(drawn);
        if top <= 0.0 {
            return None;
        }
        let frame = frame(times, top);
        let boxes = |is_gap: bool| {
            let spans: Vec<_> = drawn.iter().filter(|it| it.is_gap == is_gap).map(span).collect();
            stacked_columns(&spans, &frame)
        };
        let (gaps, seen) = (boxes(true), boxes(false));
        Some(Self { times, top, frame, gaps, seen })
    }

    fn top_in_words(&self) -> String {
        tr_with("{number} an hour", &[("number", &format::decimal(self.top))])
    }
}

fn draw(drawn: &[Stretch], range: Range, now: Timestamp, marked: Option<i64>) -> AnyView {
    let Some(drawing) = Drawing::of(drawn, range, now) else {
        return view! { <p class="history-empty muted">{nothing_in_words()}</p> }.into_any();
    };
    let most = drawing.top_in_words();
    let Drawing { times, top, frame, gaps: [gap, failed_gap], seen: [seen, failed] } = drawing;
    // As high as the chart, so that what has nothing is marked too.
    let mark: Vec<Column> = drawn
        .iter()
        .filter(|it| Some(begin(it)) == marked)
        .map(|it| Column { from: begin(it), until: end(it), low: 0.0, high: top })
        .collect();
    view! {
        <p class="live-most muted" aria-hidden="true">{most}</p>
        <svg class="live-chart" viewBox=VIEW_BOX preserveAspectRatio="none" aria-hidden="true">
            <path class="bar successful gap" d=gap></path>
            <path class="bar failed gap" d=failed_gap></path>
            <path class="bar successful" d=seen></path>
            <path class="bar failed" d=failed></path>
            <path class="history-mark" d=columns(&mark, &frame)></path>
        </svg>
        <p class="history-axis muted" dir="ltr" aria-hidden="true">
            <bdi>{format::local(Timestamp::from_unix_millis(times.0))}</bdi>
            <bdi>{format::local(now)}</bdi>
        </p>
    }
    .into_any()
}

/// The chart as it leaves the page.
fn picture(name: &str, drawn: &[Stretch], range: Range, now: Timestamp) -> Picture {
    let first = Timestamp::from_unix_millis(now.unix_millis().saturating_sub(range.millis()));
    let drawing = Drawing::of(drawn, range, now);
    let scale = drawing.as_ref().map_or_else(nothing_in_words, Drawing::top_in_words);
    let (gaps, seen) = drawing.map(|it| (it.gaps, it.seen)).unwrap_or_default();
    let ([gap, failed_gap], [seen, failed]) = (gaps, seen);
    let layer = |name: String, colour, cover, path| Layer { name, colour, cover, path };
    Picture {
        file: "api-key-history",
        title: tr_with("Requests of {name}", &[("name", &*visible(name))]),
        scale,
        times: [format::local(first), format::local(now)],
        layers: vec![
            layer(String::new(), FAILED, GAP_COVER, failed_gap),
            layer(tr("Successful"), SUCCESSFUL, 100, seen),
            layer(tr("Failed"), FAILED, 100, failed),
            layer(tr("Sometime in between"), SUCCESSFUL, GAP_COVER, gap),
        ],
    }
}

fn nothing_in_words() -> String {
    tr("Nothing was seen to come in this time.")
}

/// From when until when, and how many an hour succeeded and failed.
fn span(stretch: &Stretch) -> (i64, i64, [f64; 2]) {
    let failed = match stretch.added.completed {
        0 => 0.0,
        all => (stretch.added.failed as f64 / all as f64).min(1.0),
    };
    let pace = stretch.per_hour();
    let outcomes = [pace * (1.0 - failed), pace * failed];
    (begin(stretch), end(stretch), outcomes)
}

fn table(drawn: Memo<Vec<Stretch>>) -> AnyView {
    let row = |it: &Stretch| {
        view! {
            <tr>
                <th scope="row">{format::local(it.from)}{" – "}{format::local(it.until)}</th>
                <td>{format::whole(it.added.completed)}</td>
                <td>{format::whole(it.added.failed)}</td>
            </tr>
        }
        .into_any()
    };
    let rows = move || {
        drawn.with(|drawn| drawn.iter().rev().take(MOST_ROWS).map(row).collect::<Vec<AnyView>>())
    };
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
    with_reset(said, added.reset)
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
