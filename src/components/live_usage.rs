//! What comes to a key's counters while somebody watches.

use leptos::prelude::*;

use super::over_time::{VIEW_BOX, frame, with_reset};
use crate::browser::format;
use crate::domain::chart::path::stacked_columns;
use crate::domain::live::Series;
use crate::domain::time::MINUTE_MILLIS;
use crate::reactive::heard;
use crate::words::{tr, tr_with};

/// How live mode stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Nobody watches.
    Off,
    /// It looks every ten seconds.
    Watching,
    /// It waits until the page is seen.
    Hidden,
    /// It waits for a network.
    Offline,
    /// The last look failed, and the next one waits longer.
    Failing,
}

/// The chart is as wide as this many milliseconds at first, and grows from there on.
const FIRST_SPAN: i64 = 2 * MINUTE_MILLIS;

/// The switch, and while it is on, what was seen since.
#[component]
pub fn LiveUsage(
    /// How it stands.
    state: Memo<LiveState>,
    /// What was seen since it was switched on.
    series: Signal<Series>,
    /// The user wants to switch it.
    on_toggle: Callback<()>,
) -> impl IntoView {
    let is_on = Memo::new(move |_| state.get() != LiveState::Off);
    let words = move || match state.get() {
        LiveState::Off => tr("Asks for the figures every 10 seconds while you watch."),
        LiveState::Watching => tr("Asking every 10 seconds."),
        LiveState::Hidden => tr("Paused while this page is out of sight."),
        LiveState::Offline => tr("Paused while you are offline."),
        LiveState::Failing => tr("The last look failed. The next ones wait longer."),
    };
    // Who listens is told once a minute, and not with each look.
    let minute =
        Memo::new(move |_| series.with(|series| span(series).map_or(0, length) / MINUTE_MILLIS));
    let announcement = Memo::new(move |_| match minute.get() {
        0 => String::new(),
        _ => series.with_untracked(total_in_words),
    });
    let drawing = move || is_on.get().then(|| draw(series));
    view! {
        <section class="panel live" aria-labelledby="live-title">
            <div class="live-head">
                <h2 id="live-title">{tr("Live")}</h2>
                <p class="muted" role="status">{words}</p>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || is_on.get().to_string()
                    on:click=heard(move |_| on_toggle.run(()))
                >
                    {tr("Watch live")}
                </button>
            </div>
            {drawing}
            <p class="unseen" role="status">{move || announcement.get()}</p>
        </section>
    }
}

fn draw(series: Signal<Series>) -> AnyView {
    let picture = move || {
        series.with(|series| {
            let (from, until) = span(series).unwrap_or((0, 0));
            let stretches = series.stretches();
            let most = stretches
                .iter()
                .map(|it| it.added.successful.saturating_add(it.added.failed))
                .max()
                .unwrap_or_default();
            let times = (from, until.max(from.saturating_add(FIRST_SPAN)));
            let spans: Vec<_> = stretches
                .iter()
                .map(|it| {
                    let outcomes = [it.added.successful as f64, it.added.failed as f64];
                    (it.from, it.until, outcomes)
                })
                .collect();
            let [successful, failed] = stacked_columns(&spans, &frame(times, most.max(1) as f64));
            view! {
                <p class="live-total">{total_in_words(series)}</p>
                <p class="live-most muted" aria-hidden="true">{format::whole(most)}</p>
                <svg
                    class="live-chart"
                    viewBox=VIEW_BOX
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=total_in_words(series)
                >
                    <path class="bar successful" d=successful></path>
                    <path class="bar failed" d=failed></path>
                </svg>
            }
            .into_any()
        })
    };
    view! {
        {picture}
        <p class="live-legend muted" aria-hidden="true">
            <span data-mark="successful">{tr("Successful")}</span>
            <span data-mark="failed">{tr("Failed")}</span>
        </p>
    }
    .into_any()
}

/// The first and the last time of what was seen.
fn span(series: &Series) -> Option<(i64, i64)> {
    let (first, last) = (series.stretches().first()?, series.stretches().last()?);
    Some((first.from, last.until))
}

fn length((from, until): (i64, i64)) -> i64 {
    until.saturating_sub(from)
}

fn total_in_words(series: &Series) -> String {
    let total = series.total();
    let (requests, failed) = (format::whole(total.completed), format::whole(total.failed));
    let words = [("requests", &*requests), ("failed", &*failed)];
    let said =
        tr_with("New since you began to watch: {requests} requests, {failed} failed.", &words);
    with_reset(said, total.reset)
}
