//! The page of one key: what it is, and how it is used.

use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use super::workspace::Workspace;
use crate::api::ApiError;
use crate::browser::page;
use crate::components::notice::Failure;
use crate::components::usage_chart::UsageChart;
use crate::components::when::When;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::usage::Usage;
use crate::remote::Remote;
use crate::route::Route;

/// One key and its usage.
#[component]
pub fn KeyPage(
    /// The key.
    id: KeyId,
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    let keys = workspace.keys();
    let now = workspace.now();
    let usage = RwSignal::new(Remote::Loading);
    let turn = StoredValue::new(0);
    let on_refresh = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            workspace.fetch_usage(id, usage, turn);
            workspace.refresh_keys();
        }
    });
    workspace.fetch_usage(id, usage, turn);

    let key = Memo::new(move |_| {
        keys.with(|keys| {
            keys.value().and_then(|keys| keys.iter().find(|key| key.id == id).cloned())
        })
    });
    let name = Memo::new(move |_| key.get().map(|key| key.name));
    Effect::new(move |_| page::set_title(name.get().as_deref().unwrap_or("Key")));

    let list_is_known = Memo::new(move |_| keys.with(|keys| keys.value().is_some()));
    let gone = Memo::new(move |_| {
        list_is_known.get() && key.with(Option::is_none)
            || usage.with(|usage| usage.error() == Some(&ApiError::NotFound))
    });
    let pending = Memo::new(move |_| usage.with(Remote::is_pending));
    let revoke = move |_| {
        if let Some(key) = key.get_untracked() {
            workspace.open_revocation(key);
        }
    };
    view! {
        <p class="back">
            <a href=Route::ALL_KEYS.to_string()>{"← API keys"}</a>
        </p>
        <div class="page-head">
            <h1 tabindex="-1">
                <bdi>
                    {move || match name.get() {
                        Some(name) => name,
                        None if gone.get() => "No such key".to_owned(),
                        None => "…".to_owned(),
                    }}
                </bdi>
            </h1>
            <Show when=move || !gone.get()>
                <div class="page-actions">
                    <button
                        type="button"
                        class="button"
                        aria-disabled=move || pending.get().then_some("true")
                        on:click=move |_| {
                            if !pending.get_untracked() {
                                on_refresh.run(());
                            }
                        }
                    >
                        {"Refresh"}
                    </button>
                    <button type="button" class="button danger" on:click=revoke.clone()>
                        {"Revoke"}
                    </button>
                </div>
            </Show>
        </div>
        <Show
            when=move || !gone.get()
            fallback=|| {
                view! {
                    <div class="panel">
                        <p>{"There is no key at this address. It may have been revoked."}</p>
                        <a class="button" href=Route::ALL_KEYS.to_string()>{"Show all keys"}</a>
                    </div>
                }
            }
        >
            {move || key.get().map(|key| view! { <Facts key now/> })}
            <section class="panel usage-panel" aria-labelledby="usage-title" aria-busy=move || pending.get().to_string()>
                <h2 id="usage-title">{"Usage"}</h2>
                <UsageView usage name on_refresh/>
            </section>
        </Show>
    }
}

#[component]
fn Facts(key: ApiKey, now: Signal<contract::Timestamp>) -> impl IntoView {
    view! {
        <dl class="facts">
            <div>
                <dt>{"Key"}</dt>
                <dd><code translate="no">{key.masked}</code></dd>
            </div>
            <div>
                <dt>{"Created"}</dt>
                <dd><When at=key.created now/></dd>
            </div>
            <div>
                <dt>{"Last used"}</dt>
                <dd>
                    {match key.last_used {
                        Some(at) => Either::Left(view! { <When at now/> }),
                        None => Either::Right("Never used"),
                    }}
                </dd>
            </div>
            <div>
                <dt>{"UUID"}</dt>
                <dd><code translate="no">{key.id.to_string()}</code></dd>
            </div>
        </dl>
    }
}

#[component]
fn UsageView(
    usage: RwSignal<Remote<Usage>>,
    name: Memo<Option<String>>,
    on_refresh: Callback<()>,
) -> impl IntoView {
    // A refresh that brings the same figures draws nothing anew.
    let figures = Memo::new(move |_| usage.with(|usage| usage.value().copied()));
    let failure = Memo::new(move |_| usage.with(|usage| usage.error().map(ToString::to_string)));
    move || match (figures.get(), failure.get()) {
        (None, None) => {
            EitherOf3::A(view! { <div class={"skeleton chart-skeleton"} aria-hidden="true"></div> })
        }
        (None, Some(words)) => EitherOf3::B(view! {
            <Failure title="The usage could not be loaded" words=Signal::stored(words) on_retry=on_refresh/>
        }),
        (Some(figures), failure) => EitherOf3::C(view! {
            {failure.map(|words| view! {
                <p class="notice warning" role="status">{"These figures may be out of date. "}{words}</p>
            })}
            <UsageChart name=name.get().unwrap_or_default() usage=figures/>
        }),
    }
}
