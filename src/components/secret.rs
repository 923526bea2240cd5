//! A secret on show: concealed at first, to be revealed, copied, saved as a file and tried.

mod shown;

use leptos::prelude::*;
use leptos::task::spawn_local;

use self::shown::Shown;
use super::foreign::Foreign;
use super::snippets::SnippetChoice;
use crate::browser::{checksum, page};
use crate::domain::creation::Creation;
use crate::domain::trial::Trial;
use crate::reactive::heard;
use crate::words::{tr, tr_with};

/// The new key's secret, in the form that its user chooses. Concealed, it is not in the document at
/// all: a fixed number of dots stands for it, and copying works all the same. Never in an input,
/// where a browser might keep it. Whoever looks away finds it concealed again. What does not hold
/// the key is not concealed, and copying it does not count.
#[component]
pub fn SecretView(
    /// Where the secret lives while it is on show.
    creation: RwSignal<Creation>,
    /// The address of the Key API.
    api: StoredValue<String>,
    /// Whether the key works, as far as that is known.
    trial: RwSignal<Trial>,
    /// The user wants to know whether the key works.
    on_try: Callback<()>,
) -> impl IntoView {
    let name = creation.with_untracked(|creation| {
        creation.key().map(|key| key.name.as_str().to_owned()).unwrap_or_default()
    });
    let shown = Shown::new(creation, name.clone(), api);
    page::on_sight_change(move || {
        if document().hidden() {
            shown.conceal();
        }
    });
    let words = move || shown.copying.get().in_words();
    view! {
        <div class="secret">
            <SnippetChoice chosen=shown.snippet name/>
            {field(shown)}
            {actions(shown)}
            <p
                class="secret-status"
                class:failed=move || shown.copying.get().is_failure()
                role="status"
            >
                {words}
            </p>
            {move || match shown.on_clipboard.get() {
                false => ().into_any(),
                true => clearing(shown),
            }}
            <KeyTrial trial on_try/>
            <Checksum creation/>
        </div>
    }
}

/// The element that shows the secret, or what stands for it.
fn field(shown: Shown) -> AnyView {
    view! {
        <code
            class="secret-field"
            node_ref=shown.field
            translate="no"
            tabindex="0"
            role="textbox"
            aria-readonly="true"
            aria-multiline="true"
            aria-label=move || shown.label()
            data-testid=move || shown.revealed.get().then_some("secret")
            on:copy=move |event| shown.copied_by_hand(&event)
        >
            {move || match shown.conceals() {
                true => "•".repeat(24),
                false => shown.written().unwrap_or_default(),
            }}
        </code>
    }
    .into_any()
}

/// The ways to see it and to take it away. The next thing to do stands out.
fn actions(shown: Shown) -> AnyView {
    let is_copied = Memo::new(move |_| shown.creation.with(Creation::is_copied));
    let copy_class = move || if is_copied.get() { "button" } else { "button primary" };
    view! {
        <div class="secret-actions">
            <button
                type="button"
                class="button"
                disabled=move || !shown.snippet.get().holds_key()
                on:click=heard(move |_| shown.toggle())
            >
                {move || if shown.revealed.get() { tr("Hide") } else { tr("Reveal") }}
            </button>
            <button type="button" class=copy_class on:click=heard(move |_| shown.copy())>
                {tr("Copy")}
            </button>
            <button type="button" class="button" on:click=heard(move |_| shown.save())>
                {tr("Download")}
            </button>
        </div>
    }
    .into_any()
}

/// Offers to overwrite the clipboard, which may hold the secret.
fn clearing(shown: Shown) -> AnyView {
    view! {
        <div class="clipboard">
            <p id="clear-clipboard-hint" class="field-hint">
                {tr("Pasted it where it belongs? Clearing overwrites whatever the clipboard holds \
                     by then.")}
            </p>
            <button
                type="button"
                class="button quiet"
                aria-describedby="clear-clipboard-hint"
                on:click=heard(move |_| shown.clear())
            >
                {tr("Clear clipboard")}
            </button>
        </div>
    }
    .into_any()
}

/// Asks the Key API whether it takes the key. What that costs is said before.
#[component]
fn KeyTrial(trial: RwSignal<Trial>, on_try: Callback<()>) -> impl IntoView {
    let result = move || {
        let text = match trial.get() {
            Trial::NotAsked => return ().into_any(),
            Trial::Asking => tr("Asking the Key API…"),
            Trial::Works => tr("The key works."),
            Trial::Refused => tr("The Key API does not take this key."),
            Trial::Unknown(why) => tr_with("The key could not be tested. {why}", &[("why", &why)]),
        };
        view! { <Foreign text/> }.into_any()
    };
    view! {
        <div class="trial">
            <p id="trial-hint" class="field-hint">
                {tr("A test sends one request, with the key in its address, where servers may log \
                     it. It counts as one use of the key.")}
            </p>
            <button
                type="button"
                class="button"
                aria-describedby="trial-hint"
                aria-disabled=move || trial.with(|it| (*it == Trial::Asking).then_some("true"))
                on:click=heard(move |_| on_try.run(()))
            >
                {tr("Test this key")}
            </button>
            <p
                class="trial-result"
                class:failed=move || {
                    trial.with(|it| matches!(it, Trial::Refused | Trial::Unknown(_)))
                }
                role="status"
            >
                {result}
            </p>
        </div>
    }
}

/// By which two people can tell that they have the same key. Nothing where the browser cannot work
/// it out.
#[component]
fn Checksum(creation: RwSignal<Creation>) -> impl IntoView {
    let digits = RwSignal::new(None::<String>);
    let secret = creation
        .with_untracked(|creation| creation.key().map(|key| key.secret.reveal().to_owned()));
    if let Some(secret) = secret {
        spawn_local(async move {
            let sum = checksum::of(&secret).await;
            digits.try_set(sum);
        });
    }
    move || match digits.get() {
        None => ().into_any(),
        Some(digits) => view! {
            <p class="field-hint checksum">
                {tr("To compare with somebody who has the key, its SHA-256 begins with:")}
                " "
                <code translate="no">{digits}</code>
            </p>
        }
        .into_any(),
    }
}
