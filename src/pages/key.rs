//! The page of one key: what it is, and how it is used.

mod journal;
mod live;
mod looks;
pub mod rotating;
mod subject;

use contract::Timestamp;
use leptos::prelude::*;

use self::journal::KeyJournal;
use self::live::Live;
use self::rotating::{KeyReminder, KeyRotation, Known, can_begin};
use self::subject::Subject;
use super::workspace::Workspace;
use crate::api::ApiError;
use crate::browser::page;
use crate::components::foreign::Foreign;
use crate::components::key_facts::KeyFacts;
use crate::components::live_usage::LiveUsage;
use crate::components::notice::Failure;
use crate::components::refresh::RefreshButton;
use crate::components::usage_chart::{UsageChart, picture};
use crate::components::usage_history::{Taking, taking};
use crate::components::waiting::Waiting;
use crate::domain::chart::picture::Picture;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::usage::Usage;
use crate::reactive::{Effect, heard};
use crate::remote::Remote;
use crate::route::Route;
use crate::words::tr;

/// One key and its usage.
#[component]
pub fn KeyPage(
    /// The key.
    id: KeyId,
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    let subject = Subject::new(id, &workspace);
    let Subject { key, name, is_gone, list_failure, pending, .. } = subject;
    let on_refresh = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            subject.fetch_usage(&workspace);
            workspace.front.refresh_keys();
        }
    });
    subject.fetch_usage(&workspace);
    let live = Live::new(id, subject.usage, &workspace);
    let on_watch = Callback::new(move |()| live.toggle());
    subject.keep_up(&workspace);
    Effect::new(move |_| page::set_title(&name.get().unwrap_or_else(|| tr("Key"))));
    let journal = KeyJournal::of(id, &workspace);
    // The button that had focus may be gone with the failure that it was offered for.
    Effect::new(move |_| {
        pending.track();
        list_failure.track();
        is_gone.track();
        page::rescue_focus("#app h1");
    });
    let known = Known { key, history: journal.history, usage: subject.usage };
    let actions = actions(subject, on_refresh, &workspace);
    let body = move || match is_gone.get() {
        true => gone(),
        false => view! {
            {lookup_failure(list_failure, on_refresh)}
            {facts(key, workspace.front.now())}
            <KeyRotation id known workspace=workspace.clone()/>
            {usage_panel(subject, on_refresh, journal.on_take)}
            <LiveUsage state=live.state() series=live.series() on_toggle=on_watch/>
            {journal.view(subject, on_refresh, &workspace)}
            <KeyReminder id known workspace=workspace.clone()/>
        }
        .into_any(),
    };
    view! {
        <p class="back">
            <a href=Route::ALL_KEYS.to_string()>{tr("← API keys")}</a>
        </p>
        <div class="page-head">
            <h1 tabindex="-1">{move || title(subject)}</h1>
            {actions}
        </div>
        {body}
    }
}

/// What the page is called, as far as that is known.
fn title(subject: Subject) -> AnyView {
    let text = match subject.name.get() {
        Some(name) => name,
        None if subject.is_gone.get() => tr("No such key"),
        None if subject.list_failure.with(Option::is_some) => tr("Key"),
        None => "…".to_owned(),
    };
    view! { <Foreign text/> }.into_any()
}

/// What can be done with the key, for as long as there is one.
fn actions(subject: Subject, on_refresh: Callback<()>, workspace: &Workspace) -> AnyView {
    let Subject { id, key, pending, is_gone, .. } = subject;
    let can_rotate = can_begin(id, workspace);
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
    let rotate = move || {
        (can_rotate.get() != Some(false)).then(|| {
            view! {
                <button
                    type="button"
                    class="button"
                    disabled=move || key.with(Option::is_none) || can_rotate.get().is_none()
                    on:click=heard(move |_| on_rotate.run(()))
                >
                    {tr("Rotate")}
                </button>
            }
            .into_any()
        })
    };
    let actions = move || {
        (!is_gone.get()).then(|| {
            view! {
                <div class="page-actions">
                    <RefreshButton class="button" pending on_refresh/>
                    {rotate}
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
    view! { {actions} }.into_any()
}

/// What is on the page of no key.
fn gone() -> AnyView {
    view! {
        <div class="panel">
            <p>{tr("There is no key at this address. It may have been revoked.")}</p>
            <a class="button" href=Route::ALL_KEYS.to_string()>{tr("Show all keys")}</a>
        </div>
    }
    .into_any()
}

fn lookup_failure(list_failure: Memo<Option<ApiError>>, on_retry: Callback<()>) -> AnyView {
    let failure = move || {
        list_failure.get().map(|error| {
            view! {
                <Failure
                    title=tr("The key could not be looked up")
                    words=Signal::stored(error.to_string())
                    retry_after=error.retry_after()
                    on_retry
                />
            }
            .into_any()
        })
    };
    view! { {failure} }.into_any()
}

fn facts(key: Memo<Option<ApiKey>>, now: Signal<Timestamp>) -> AnyView {
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
    view! { {facts} }.into_any()
}

fn usage_panel(subject: Subject, on_refresh: Callback<()>, on_take: Callback<Taking>) -> AnyView {
    let Subject { name, usage, pending, wait, .. } = subject;
    view! {
        <section
            class="panel usage-panel"
            aria-labelledby="usage-title"
            aria-busy=move || pending.get().to_string()
        >
            <h2 id="usage-title">{tr("Usage")}</h2>
            <Waiting wait/>
            <UsageView usage name on_refresh on_take/>
        </section>
    }
    .into_any()
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
