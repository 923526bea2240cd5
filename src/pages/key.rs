//! The page of one key: what it is, and how it is used.

mod live;
mod looks;
pub mod rotating;

use std::sync::Arc;

use leptos::prelude::*;

use self::live::Live;
use self::rotating::{KeyReminder, KeyRotation, Known, can_begin};
use super::workspace::Workspace;
use crate::api::ApiError;
use crate::browser::page;
use crate::components::foreign::Foreign;
use crate::components::key_facts::KeyFacts;
use crate::components::live_usage::LiveUsage;
use crate::components::notice::Failure;
use crate::components::refresh::RefreshButton;
use crate::components::usage_chart::{UsageChart, picture};
use crate::components::usage_history::{Taking, UsageHistory, taking};
use crate::components::waiting::Waiting;
use crate::domain::chart::picture::Picture;
use crate::domain::journal::change::since_last_visit;
use crate::domain::journal::export::{FILE_NAME, csv};
use crate::domain::key::{KeyId, KeyList};
use crate::domain::usage::Usage;
use crate::reactive::{Effect, heard};
use crate::remote::{Latest, Remote, resume_online};
use crate::route::Route;
use crate::words::tr;

/// What a journal is as a file.
const MEDIA_TYPE: &str = "text/csv;charset=utf-8";

/// One key and its usage.
#[component]
pub fn KeyPage(
    /// The key.
    id: KeyId,
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    let keys = workspace.front.keys();
    let now = workspace.front.now();
    let usage = RwSignal::new(Remote::LOADING);
    let turn = Latest::stored();
    let on_refresh = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            workspace.fetch_usage(id, usage, turn);
            workspace.front.refresh_keys();
        }
    });
    workspace.fetch_usage(id, usage, turn);
    let live = Live::new(id, usage, &workspace);
    let on_watch = Callback::new(move |()| live.toggle());
    resume_online(usage, {
        let workspace = workspace.clone();
        move || workspace.fetch_usage(id, usage, turn)
    });
    // The list may be older than the key.
    let is_listed = move |keys: &Remote<Arc<KeyList>>| {
        keys.value().is_some_and(|list| list.keys.iter().any(|key| key.id == id))
    };
    if keys.with_untracked(|keys| !keys.is_pending() && !is_listed(keys)) {
        workspace.front.refresh_keys();
    }

    let key = Memo::new({
        let workspace = workspace.clone();
        move |_| workspace.front.listed(id)
    });
    let name = Memo::new(move |_| key.get().map(|key| key.name));
    Effect::new(move |_| page::set_title(&name.get().unwrap_or_else(|| tr("Key"))));

    let gone = Memo::new(move |_| {
        keys.with(|keys| matches!(keys, Remote::Ready(_)) && !is_listed(keys))
            || usage.with(|usage| usage.error() == Some(&ApiError::NotFound))
    });
    let list_failure = Memo::new(move |_| {
        let unknown = key.with(Option::is_none);
        keys.with(|keys| keys.error().filter(|_| unknown).cloned())
    });
    let seen = workspace.seen(id);
    let history = Memo::new(move |_| seen.with(|seen| seen.as_ref().map(|it| it.history.clone())));
    let since = Memo::new(move |_| {
        seen.with(|seen| {
            let seen = seen.as_ref()?;
            since_last_visit(&seen.history, seen.visit.previous?)
        })
    });
    let keeping = workspace.keeping();
    let on_take = Callback::new({
        let workspace = workspace.clone();
        move |taking| match taking {
            Taking::Journal => {
                let text = history.with_untracked(|history| csv(history.iter().map(|it| (id, it))));
                workspace.offer(FILE_NAME, MEDIA_TYPE, &text);
            }
            Taking::Svg(picture) => workspace.offer_svg(&picture),
            Taking::Png(picture) => workspace.offer_png(picture),
        }
    });
    let on_clear = Callback::new({
        let workspace = workspace.clone();
        move |all: bool| workspace.clear_journal((!all).then_some(id), on_refresh)
    });
    let pending = Memo::new(move |_| usage.with(Remote::is_pending));
    let wait = Memo::new(move |_| usage.with(|usage| usage.wait().cloned()));

    // The button that had focus may be gone with the failure that it was offered for.
    Effect::new(move |_| {
        pending.track();
        list_failure.track();
        gone.track();
        page::rescue_focus("#app h1");
    });
    let title = move || {
        let text = match name.get() {
            Some(name) => name,
            None if gone.get() => tr("No such key"),
            None if list_failure.with(Option::is_some) => tr("Key"),
            None => "…".to_owned(),
        };
        view! { <Foreign text/> }.into_any()
    };
    let can_rotate = can_begin(id, &workspace);
    let on_rotate = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            workspace.begin_rotation(id);
            page::focus("#rotation-title");
        }
    });
    let on_revoke = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            if let Some(key) = key.get_untracked() {
                workspace.open_revocation(key);
            }
        }
    });
    let known = Known { key, history, usage };
    let actions = move || {
        (!gone.get()).then(|| {
            view! {
                <div class="page-actions">
                    <RefreshButton class="button" pending on_refresh/>
                    {move || (can_rotate.get() != Some(false)).then(|| view! {
                        <button
                            type="button"
                            class="button"
                            disabled=move || key.with(Option::is_none) || can_rotate.get().is_none()
                            on:click=heard(move |_| on_rotate.run(()))
                        >
                            {tr("Rotate")}
                        </button>
                    }
                    .into_any())}
                    <button
                        type="button"
                        class="button danger"
                        disabled=move || key.with(Option::is_none)
                        on:click=heard(move |_| on_revoke.run(()))
                    >
                        {tr("Revoke")}
                    </button>
                </div>
            }
            .into_any()
        })
    };
    let lookup_failure = move || {
        list_failure.get().map(|error| {
            view! {
                <Failure
                    title=tr("The key could not be looked up")
                    words=Signal::stored(error.to_string())
                    retry_after=error.retry_after()
                    on_retry=on_refresh
                />
            }
            .into_any()
        })
    };
    let facts = move || {
        key.get().map(|key| {
            let uuid = key.id.to_string();
            view! {
                <KeyFacts key now more="UUID">
                    <code translate="no">{uuid}</code>
                </KeyFacts>
            }
            .into_any()
        })
    };
    let body = move || match gone.get() {
        true => view! {
            <div class="panel">
                <p>{tr("There is no key at this address. It may have been revoked.")}</p>
                <a class="button" href=Route::ALL_KEYS.to_string()>{tr("Show all keys")}</a>
            </div>
        }
        .into_any(),
        false => view! {
            {lookup_failure}
            {facts}
            <KeyRotation id known workspace=workspace.clone()/>
            <section
                class="panel usage-panel"
                aria-labelledby="usage-title"
                aria-busy=move || pending.get().to_string()
            >
                <h2 id="usage-title">{tr("Usage")}</h2>
                <Waiting wait/>
                <UsageView usage name on_refresh on_take/>
            </section>
            <LiveUsage state=live.state() series=live.series() on_toggle=on_watch/>
            <UsageHistory name history since keeping now on_take on_clear/>
            <KeyReminder id known workspace=workspace.clone()/>
        }
        .into_any(),
    };
    view! {
        <p class="back">
            <a href=Route::ALL_KEYS.to_string()>{tr("← API keys")}</a>
        </p>
        <div class="page-head">
            <h1 tabindex="-1">{title}</h1>
            {actions}
        </div>
        {body}
    }
}

#[component]
fn UsageView(
    usage: RwSignal<Remote<Usage>>,
    name: Memo<Option<String>>,
    on_refresh: Callback<()>,
    on_take: Callback<Taking>,
) -> impl IntoView {
    // A refresh that brings the same figures draws nothing anew.
    let figures = Memo::new(move |_| usage.with(|usage| usage.value().copied()));
    let failure = Memo::new(move |_| usage.with(|usage| usage.error().cloned()));
    let is_known = Memo::new(move |_| figures.with(Option::is_some));
    let take = move |of: fn(Picture) -> Taking| {
        if let Some(figures) = figures.get_untracked() {
            let name = name.get_untracked().unwrap_or_else(|| tr("this key"));
            on_take.run(of(picture(&name, &figures)));
        }
    };
    let takings = move || {
        is_known.get().then(|| {
            view! {
                <div class="page-actions">
                    {taking(tr("Usage as SVG"), move || take(Taking::Svg))}
                    {taking(tr("Usage as PNG"), move || take(Taking::Png))}
                </div>
            }
            .into_any()
        })
    };
    let body = move || match (figures.get(), failure.get()) {
        (None, None) => {
            view! { <div class={"skeleton chart-skeleton"} aria-hidden="true"></div> }.into_any()
        }
        (None, Some(error)) => view! {
            <Failure
                title=tr("The usage could not be loaded")
                words=Signal::stored(error.to_string())
                retry_after=error.retry_after()
                on_retry=on_refresh
            />
        }
        .into_any(),
        (Some(figures), failure) => view! {
            {failure.map(|error| view! {
                <p class="notice warning" role="status">
                    {tr("These figures may be out of date.")}{" "}<Foreign text=error.to_string()/>
                </p>
            }
            .into_any())}
            <UsageChart name=name.get().unwrap_or_else(|| tr("this key")) usage=figures/>
        }
        .into_any(),
    };
    view! {
        {body}
        {takings}
    }
}
