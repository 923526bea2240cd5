//! The usage of many keys side by side, as a table with bars.

use contract::Timestamp;
use leptos::prelude::*;

use super::foreign::Foreign;
use super::usage_chart::{level_of, quota_in_words};
use crate::browser::format;
use crate::domain::chart::bars::{VISIBLE, WHOLE, length};
use crate::domain::health::{Finding, findings};
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::names::visible;
use crate::domain::table::selection::Selection;
use crate::domain::usage::Usage;
use crate::domain::usage_board::{Look, UsageBoard, is_below_permille, permille};
use crate::reactive::heard;
use crate::route::Route;
use crate::words::{tr, tr_with};

/// What the bars are measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The requests of all keys that are known.
    pub requests: u64,
    /// The most of one key.
    pub most: u64,
    /// Every bar is whole, and divided by outcome only.
    pub normalised: bool,
}

/// The rows of the board. Each is drawn anew when something is known of its key, and no other.
#[component]
pub fn UsageBoardTable(
    /// The keys of the rows, in their order.
    keys: Vec<ApiKey>,
    /// What is known.
    board: RwSignal<UsageBoard>,
    /// What the bars are measured against.
    measured: Memo<Measured>,
    /// The keys that were chosen to be compared.
    chosen: RwSignal<Selection>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The user wants to ask for this key again.
    on_retry: Callback<KeyId>,
) -> impl IntoView {
    let rows: Vec<AnyView> =
        keys.into_iter().map(|key| row(key, board, measured, chosen, now, on_retry)).collect();
    view! {
        <table class="keys board" role="table" aria-label=tr("Usage of all keys")>
            <thead>
                <tr role="row">
                    <th scope="col" role="columnheader" class="choose">
                        <span class="unseen">{tr("Compare")}</span>
                    </th>
                    <th scope="col" role="columnheader">{tr("Name")}</th>
                    <th scope="col" role="columnheader">{tr("Requests")}</th>
                    <th scope="col" role="columnheader">{tr("Share")}</th>
                    <th scope="col" role="columnheader">{tr("Failed")}</th>
                    <th scope="col" role="columnheader">{tr("Quota used today")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(
    key: ApiKey,
    board: RwSignal<UsageBoard>,
    measured: Memo<Measured>,
    chosen: RwSignal<Selection>,
    now: Signal<Timestamp>,
    on_retry: Callback<KeyId>,
) -> AnyView {
    let id = key.id;
    let name = visible(&key.name).into_owned();
    let label = tr_with("Compare {name}", &[("name", &name)]);
    let retry_label = format!("{} ({name})", tr("Try again"));
    let look = Memo::new(move |_| board.with(|board| board.look(id).clone()));
    let text = key.name.clone();
    let cells = move || {
        look.with(|look| match look {
            Look::Known(usage) => figures(usage, measured.get()),
            Look::Failed(why) => {
                let (why, label) = (why.clone(), retry_label.clone());
                view! {
                    <td role="cell" colspan="4" class="board-failed" data-label=tr("Usage")>
                        <Foreign text=why/>
                        <button
                            type="button"
                            class="button quiet"
                            aria-label=label
                            on:click=heard(move |_| on_retry.run(id))
                        >
                            {tr("Try again")}
                        </button>
                    </td>
                }
                .into_any()
            }
            Look::Waiting | Look::Loading => view! {
                <td role="cell" colspan="4" class="muted" data-label=tr("Usage")>{tr("Loading…")}</td>
            }
            .into_any(),
        })
    };
    let worth_a_look = move || {
        let found = look.with(|look| findings(&key, look.usage(), now.get()));
        found
            .into_iter()
            .map(|finding| view! { <span class="badge warn">{in_words(finding)}</span> }.into_any())
            .collect::<Vec<AnyView>>()
    };
    let is_chosen = move || chosen.with(|chosen| chosen.contains(id));
    view! {
        <tr role="row" class:chosen=is_chosen>
            <td role="cell" class="choose">
                <label>
                    <input
                        type="checkbox"
                        aria-label=label
                        prop:checked=is_chosen
                        on:change=heard(move |_| chosen.update(|chosen| chosen.toggle(id)))
                    />
                </label>
            </td>
            <th scope="row" role="rowheader" class="key-name">
                <a href=Route::Key(id).to_string()><Foreign text/></a>
                {worth_a_look}
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn figures(usage: &Usage, measured: Measured) -> AnyView {
    let Measured { requests, most, normalised } = measured;
    let whole = match normalised {
        true if usage.outcomes() > 0 => WHOLE,
        true => 0,
        false => length(usage.completed as f64, most as f64),
    };
    let share = permille(usage.completed, requests);
    let mut share = format::percent(share as f64 / 1000.0);
    if is_below_permille(usage.completed, requests) {
        share = tr_with("less than {number}", &[("number", &share)]);
    }
    let rate = match usage.success_rate_to_say() {
        Some(rate) => format::percent(1.0 - rate),
        None => "–".to_owned(),
    };
    let (quota, level) = (quota_in_words(usage.quota), level_of(usage.quota));
    view! {
        <td role="cell" class="board-bar" data-label=tr("Requests")>
            {bar(usage, whole)}
            <span>{format::whole(usage.completed)}</span>
        </td>
        <td role="cell" class="number" data-label=tr("Share")>{share}</td>
        <td role="cell" class="number" data-label=tr("Failed")>{rate}</td>
        <td role="cell" class="number" data-label=tr("Quota used today") data-level=level>{quota}</td>
    }
    .into_any()
}

/// A bar of this length, in tenths of a percent of the longest, divided by outcome.
pub(super) fn bar(usage: &Usage, whole: i32) -> AnyView {
    let failures = permille(usage.failed, usage.outcomes());
    let part = i64::from(whole) * failures as i64 / 1000;
    // What failed is seen, however little it is, where the bar is long enough to show more than that.
    let least = if failures > 0 && whole >= 20 * VISIBLE { VISIBLE } else { 0 };
    let failed = (part as i32).max(least);
    view! {
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar successful" width=(whole - failed).to_string() height="10"/>
            <rect
                class="bar failed"
                x=(whole - failed).to_string()
                width=failed.to_string()
                height="10"
            />
        </svg>
    }
    .into_any()
}

fn in_words(finding: Finding) -> String {
    match finding {
        Finding::OverQuota => tr("Over quota"),
        Finding::Failing => tr("Failing"),
        Finding::NearQuota => tr("Close to the quota"),
        Finding::Disagreement => tr("Listed as never used"),
        Finding::Stale => tr("Not used for 90 days"),
        Finding::NeverUsed => tr("Never used"),
    }
}
