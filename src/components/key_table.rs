//! The table of keys.

use std::collections::HashMap;

use contract::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

use super::foreign::Foreign;
use super::when::When;
use crate::domain::key::{ApiKey, EntryFault, KeyId, UnreadableKey};
use crate::domain::names::visible;
use crate::route::Route;

/// One row per key, in the order given. On a narrow screen the rows become cards; the roles are
/// written out because browsers drop a table's meaning when its display changes.
#[component]
pub fn KeyTable(
    /// The keys to show.
    #[prop(into)]
    keys: Signal<Vec<ApiKey>>,
    /// The entries that make no key, which come last.
    #[prop(into)]
    unreadable: Signal<Vec<UnreadableKey>>,
    /// The key that was just made, which is marked.
    fresh: Signal<Option<KeyId>>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The user wants to revoke a key.
    on_revoke: Callback<ApiKey>,
) -> impl IntoView {
    let last_uses = Memo::new(move |_| {
        keys.with(|keys| keys.iter().map(|key| (key.id, key.last_used)).collect::<HashMap<_, _>>())
    });
    view! {
        <table class="keys" role="table" aria-label="API keys">
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">{"Name"}</th>
                    <th scope="col" role="columnheader">{"Key"}</th>
                    <th scope="col" role="columnheader">{"Created"}</th>
                    <th scope="col" role="columnheader">{"Last used"}</th>
                    <th scope="col" role="columnheader">{"Actions"}</th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                <For each=move || keys.get() key=|key| key.id let(key)>
                    <Row key last_uses fresh now on_revoke/>
                </For>
                {move || unreadable.get().into_iter().map(unreadable_row).collect_view()}
            </tbody>
        </table>
    }
}

/// A row is made once per key. Of what it shows, only the last use can change, so that alone
/// follows the list.
#[component]
fn Row(
    key: ApiKey,
    last_uses: Memo<HashMap<KeyId, Option<Timestamp>>>,
    fresh: Signal<Option<KeyId>>,
    now: Signal<Timestamp>,
    on_revoke: Callback<ApiKey>,
) -> impl IntoView {
    let id = key.id;
    let latest = Memo::new(move |_| last_uses.with(|uses| uses.get(&id).copied().flatten()));
    let usage_label = format!("Usage of {}", visible(&key.name));
    let revoke_label = format!("Revoke {}", visible(&key.name));
    let created = key.created;
    let revoke = {
        let key = key.clone();
        move |_| on_revoke.run(ApiKey { last_used: latest.get_untracked(), ..key.clone() })
    };
    view! {
        <tr role="row" data-key=id.to_string()>
            <th scope="row" role="rowheader" class="key-name">
                <Foreign text=key.name/>
                <Show when=move || fresh.get() == Some(id)>
                    <span class="badge">{"New"}</span>
                </Show>
            </th>
            <td role="cell" data-label="Key">
                <code translate="no"><Foreign text=key.masked/></code>
            </td>
            <td role="cell" data-label="Created">
                <When at=created now/>
            </td>
            <td role="cell" data-label="Last used">
                {move || match latest.get() {
                    Some(at) => Either::Left(view! { <When at now/> }),
                    None => Either::Right(view! { <span class="muted">{"Never used"}</span> }),
                }}
            </td>
            <td role="cell" class="actions">
                <a class="button quiet" href=Route::Key(id).to_string() aria-label=usage_label>
                    {"Usage"}
                </a>
                <button
                    type="button"
                    class="button quiet danger"
                    aria-label=revoke_label
                    on:click=revoke
                >
                    {"Revoke"}
                </button>
            </td>
        </tr>
    }
}

/// An entry that makes no key: what can be read of it, and why there is nothing to be done with it
/// here.
fn unreadable_row(entry: UnreadableKey) -> impl IntoView {
    let why = match entry.fault {
        EntryFault::Malformed => {
            "The Key API sent this entry in a form that this page cannot read, so it can be \
             neither opened nor revoked here."
        }
        EntryFault::Repeated => {
            "The Key API sent a second entry with the uuid of another key, so it cannot be told \
             which of the two would be opened or revoked."
        }
    };
    view! {
        <tr role="row" class="unreadable">
            <th scope="row" role="rowheader" class="key-name">
                <span class="badge">{"Unreadable entry"}</span>
                {entry.name.map(|name| view! { <Foreign text=name/> })}
            </th>
            <td role="cell" data-label="Key">
                {entry.masked.map(|text| {
                    view! { <code translate="no"><Foreign text/></code> }
                })}
            </td>
            <td role="cell" colspan="3" class="muted">
                {why}
            </td>
        </tr>
    }
}

/// Rows of the final height while the first answer is awaited. It fades in late, so that a quick
/// answer shows no flicker.
#[component]
pub fn KeyTableSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..4).map(|_| view! { <div class={"skeleton-row"}></div> }).collect_view()}
        </div>
    }
}
