//! The usage of one key: a ring of outcomes, a quota meter, the mean per day, and the same as a
//! table.

use js_sys::Math;
use leptos::prelude::*;

use crate::browser::format::{self, plain};
use crate::domain::chart::outcome::{meter, ring, sectors};
use crate::domain::chart::picture::{FAILED, LINE, Layer, Picture, SUCCESSFUL};
use crate::domain::chart::pixels;
use crate::domain::names::visible;
use crate::domain::usage::{Quota, QuotaLevel, Usage};
use crate::words::{tr, tr_count, tr_with};

/// Percentages above this are said as "more than": their digits tell nothing any more.
const PERCENT_WORTH_SAYING: f64 = 100_000.0;

/// The chart of a key's usage.
#[component]
pub fn UsageChart(
    /// The key's name, for the chart's own.
    name: String,
    /// The figures.
    usage: Usage,
) -> impl IntoView {
    let values = [("name", &*visible(&name)), ("figures", &in_words(&usage))];
    let label = tr_with("Usage of {name}: {figures}", &values);
    view! {
        <figure class="usage">
            <div class="usage-outcomes">
                <OutcomeRing usage label/>
                <dl class="figures">
                    <Figure name=tr("Requests") value=format::whole(usage.completed) mark=""/>
                    <Figure
                        name=tr("Successful")
                        value=format::whole(usage.successful)
                        mark="successful"
                    />
                    <Figure name=tr("Failed") value=format::whole(usage.failed) mark="failed"/>
                    <Figure name=tr("Requests per day") value=per_day_in_words(usage.per_day) mark=""/>
                </dl>
            </div>
            <QuotaMeter quota=usage.quota/>
            {(!usage.adds_up())
                .then(|| {
                    view! {
                        <p class="field-hint">
                            {tr("The figures come from the API as they are: here the successful \
                                 and failed requests do not add up to all requests.")}
                        </p>
                    }
                })}
            <DataTable usage/>
        </figure>
    }
}

/// The chart as it leaves the page.
pub fn picture(name: &str, usage: &Usage) -> Picture {
    let sine_cosine = |angle| (Math::sin(angle), Math::cos(angle));
    let [successful, failed] =
        ring(usage).map(|ring| sectors(ring, sine_cosine)).unwrap_or_default();
    let (figure, caption) = outcome_in_words(usage);
    let named = |name: String, value: String| [&*name, ": ", &*value].concat();
    let layer = |name, colour, cover, path| Layer { name, colour, cover, path };
    // The meter lies beside the ring; an over-full one is full.
    let bar = |percent: f64| {
        let length = (percent.clamp(0.0, 100.0) * 46.0).round();
        ["M140 45h", &pixels(length as i32), "v10H140Z"].concat()
    };
    let [meter, used] = match usage.quota.percent() {
        Some(percent) => [bar(100.0), bar(percent)],
        None => Default::default(),
    };
    Picture {
        file: "api-key-usage",
        title: tr_with("Usage of {name}", &[("name", &*visible(name))]),
        scale: [&*figure, " ", &*caption].concat(),
        times: [
            named(tr("Requests per day"), per_day_in_words(usage.per_day)),
            named(tr("Quota used today"), quota_in_words(usage.quota)),
        ],
        layers: vec![
            layer(String::new(), LINE, 30, meter),
            layer(String::new(), SUCCESSFUL, 100, used),
            layer(
                named(tr("Successful"), format::whole(usage.successful)),
                SUCCESSFUL,
                100,
                successful,
            ),
            layer(named(tr("Failed"), format::whole(usage.failed)), FAILED, 100, failed),
        ],
    }
}

#[component]
fn Figure(name: String, value: String, mark: &'static str) -> impl IntoView {
    view! {
        <div class="figure" data-mark=mark>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

/// A circle is drawn as two dashes of its own outline, with `pathLength` 100: no trigonometry.
#[component]
fn OutcomeRing(usage: Usage, label: String) -> impl IntoView {
    let arcs = ring(&usage).map(|ring| {
        let dash = |length: f64| [plain(length), plain(100.0 - length)].join(" ");
        let arc = |class: &'static str, length: f64, start: f64| {
            // A dash of no length would still be drawn as a dot by its round cap.
            (length > 0.0).then(|| {
                view! {
                    <circle
                        class=class
                        cx="60"
                        cy="60"
                        r="50"
                        pathLength="100"
                        stroke-dasharray=dash(length)
                        stroke-dashoffset=plain(-start)
                        transform="rotate(-90 60 60)"
                    />
                }
                .into_any()
            })
        };
        (
            arc("arc successful", ring.successful, 0.0),
            arc("arc failed", ring.failed, ring.successful),
        )
    });
    let (figure, caption) = outcome_in_words(&usage);
    view! {
        <svg class="ring" viewBox="0 0 120 120" role="img" aria-label=label>
            <circle class={"track"} cx="60" cy="60" r="50"/>
            {arcs}
            <text class="ring-figure" x="60" y="60">{figure}</text>
            <text class="ring-caption" x="60" y="76">{caption}</text>
        </svg>
    }
}

/// The figure within the ring, and what it is.
fn outcome_in_words(usage: &Usage) -> (String, String) {
    match usage.success_rate_to_say() {
        Some(rate) => (format::percent(rate), tr("successful")),
        None if usage.completed == 0 => (format::whole(0), tr("requests yet")),
        None => ("–".to_owned(), tr("outcomes unknown")),
    }
}

#[component]
fn QuotaMeter(quota: Quota) -> AnyView {
    let Some(bar) = meter(quota) else {
        return view! { <p class="quota-none">{tr("This key has no quota.")}</p> }.into_any();
    };
    let words = quota_in_words(quota);
    let level = level_of(quota);
    let advice = match quota.level() {
        Some(QuotaLevel::Over) => tr("Over quota: the API may refuse requests of this key today."),
        Some(QuotaLevel::Near) => tr("Close to the quota."),
        _ => String::new(),
    };
    view! {
        <div class="quota" data-level=level>
            <div class="quota-head">
                <span id="quota-label">{tr("Quota used today")}</span>
                <strong>{words.clone()}</strong>
            </div>
            <svg
                class="meter"
                viewBox="0 0 100 4"
                preserveAspectRatio="none"
                role="meter"
                aria-labelledby="quota-label"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=(quota.percent().unwrap_or_default().min(100.0).round() as u32).to_string()
                aria-valuetext=words
            >
                <rect class={"track"} width="100" height="4"/>
                <rect class="fill" width=plain(bar.filled) height="4"/>
                {(bar.limit < 100.0)
                    .then(|| {
                        view! {
                            <rect
                                class="limit"
                                x=plain(bar.limit - 0.2)
                                width="0.4"
                                height="4"
                            />
                        }
                        .into_any()
                    })}
            </svg>
            <p class="quota-advice">{advice}</p>
        </div>
    }
    .into_any()
}

/// The same figures as a table, for those who read better than they see.
#[component]
fn DataTable(usage: Usage) -> impl IntoView {
    let rate = usage.success_rate_to_say().map_or_else(|| "–".to_owned(), format::percent);
    let rows = [
        (tr("Requests"), format::whole(usage.completed)),
        (tr("Successful"), format::whole(usage.successful)),
        (tr("Failed"), format::whole(usage.failed)),
        (tr("Success rate"), rate),
        (tr("Requests per day"), per_day_in_words(usage.per_day)),
        (tr("Quota used today"), quota_in_words(usage.quota)),
    ];
    let rows = rows.map(|(name, value)| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{value}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <details class="data">
            <summary>{tr("Show as a table")}</summary>
            <table>
                <caption>{tr("All figures are over the key’s life, but for today’s quota.")}</caption>
                <tbody>{Vec::from(rows)}</tbody>
            </table>
        </details>
    }
}

fn in_words(usage: &Usage) -> String {
    let Some(rate) = usage.success_rate_to_say() else {
        return match usage.completed {
            0 => tr("no requests yet."),
            completed => tr_count(
                usize::try_from(completed).unwrap_or(usize::MAX),
                "{n} request, outcome unknown.",
                "{n} requests, outcomes unknown.",
            ),
        };
    };
    tr_with(
        "{successful} successful and {failed} failed requests, {rate} successful; {mean} requests \
         per day; quota used today: {quota}.",
        &[
            ("successful", &format::whole(usage.successful)),
            ("failed", &format::whole(usage.failed)),
            ("rate", &format::percent(rate)),
            ("mean", &per_day_in_words(usage.per_day)),
            ("quota", &quota_in_words(usage.quota)),
        ],
    )
}

/// The mean per day, also where it is too small or too large for its digits to tell anything.
fn per_day_in_words(per_day: f64) -> String {
    const TELLS_NOTHING: f64 = 1e12;
    if per_day > TELLS_NOTHING {
        return more_than(&format::decimal(TELLS_NOTHING));
    }
    if per_day > 0.0 && per_day < 0.05 {
        return tr_with("less than {number}", &[("number", &format::decimal(0.1))]);
    }
    format::decimal(per_day)
}

fn more_than(number: &str) -> String {
    tr_with("more than {number}", &[("number", number)])
}

/// The level of a quota, as the style knows it.
pub(super) fn level_of(quota: Quota) -> &'static str {
    match quota.level() {
        Some(QuotaLevel::Over) => "over",
        Some(QuotaLevel::Near) => "near",
        _ => "fine",
    }
}

/// How far a quota is used up.
pub(super) fn quota_in_words(quota: Quota) -> String {
    match quota.percent() {
        None => tr("no quota"),
        Some(percent) if percent > PERCENT_WORTH_SAYING => {
            more_than(&format::percent(PERCENT_WORTH_SAYING / 100.0))
        }
        Some(percent) => format::percent(percent / 100.0),
    }
}
