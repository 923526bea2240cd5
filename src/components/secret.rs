//! A secret on show: concealed at first, to be revealed and copied.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::clipboard;
use crate::domain::creation::Creation;

/// What became of the last attempt to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copying {
    NotTried,
    Copied,
    Failed,
}

/// The new key's secret. Concealed, it is not in the document at all: a fixed number of dots
/// stands for it, and copying works all the same. Never in an input, where a browser might keep
/// it.
#[component]
pub fn SecretView(
    /// Where the secret lives while it is on show.
    creation: RwSignal<Creation>,
) -> impl IntoView {
    let revealed = RwSignal::new(false);
    let copying = RwSignal::new(Copying::NotTried);
    let field = NodeRef::<html::Code>::new();
    let secret =
        move || creation.with(|creation| creation.key().map(|key| key.secret.reveal().to_owned()));
    let reveal = move || {
        revealed.set(true);
        creation.update(Creation::revealed);
    };
    let toggle = move |_| {
        if revealed.get_untracked() {
            revealed.set(false);
            // What is concealed is no longer selected, so that advice would be wrong.
            copying.set(Copying::NotTried);
        } else {
            reveal();
        }
    };
    // Whoever selects the key and copies it by hand has it, too.
    let copied_by_hand = move |_| {
        if let (true, Some(text)) = (revealed.get_untracked(), untrack(secret)) {
            creation.update(|creation| creation.copied(&text));
        }
    };
    let copy = move |_| {
        let (Some(text), Some(anchor)) = (untrack(secret), field.get_untracked()) else {
            return;
        };
        spawn_local(async move {
            let copied = clipboard::copy(&text, &anchor).await;
            if copied {
                creation.update(|creation| creation.copied(&text));
            } else {
                reveal();
            }
            // The same words twice in a row would not be announced: they go away in between.
            copying.set(Copying::NotTried);
            leptos::task::tick().await;
            copying.set(if copied { Copying::Copied } else { Copying::Failed });
            if !copied && let Some(field) = field.get_untracked() {
                clipboard::select(&field);
            }
        });
    };
    let words = move || match copying.get() {
        Copying::NotTried => "",
        Copying::Copied => "Copied to the clipboard.",
        Copying::Failed => {
            "Your browser did not allow copying. The key is selected: press Ctrl+C or ⌘C."
        }
    };
    view! {
        <div class="secret">
            <code
                class="secret-field"
                node_ref=field
                translate="no"
                tabindex="0"
                role="textbox"
                aria-readonly="true"
                aria-multiline="true"
                aria-label=move || if revealed.get() { "Key" } else { "Key, concealed" }
                data-testid=move || revealed.get().then_some("secret")
                on:copy=copied_by_hand
            >
                {move || {
                    if revealed.get() { secret().unwrap_or_default() } else { "•".repeat(24) }
                }}
            </code>
            <div class="secret-actions">
                <button type="button" class="button" on:click=toggle>
                    {move || if revealed.get() { "Hide" } else { "Reveal" }}
                </button>
                <button type="button" class="button primary" on:click=copy>
                    {"Copy"}
                </button>
            </div>
            <p
                class="secret-status"
                class:failed=move || copying.get() == Copying::Failed
                role="status"
            >
                {words}
            </p>
        </div>
    }
}
