//! A secret on show: concealed at first, to be revealed and copied.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::clipboard;
use crate::domain::creation::Creation;

/// What became of the last attempt to copy the secret, or to clear the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copying {
    NotTried,
    Copied,
    Failed,
    Cleared,
    NotCleared,
}

/// What a clipboard is overwritten with. Some systems take an empty text for none.
const BLANK: &str = " ";

/// The new key's secret. Concealed, it is not in the document at all: a fixed number of dots
/// stands for it, and copying works all the same. Never in an input, where a browser might keep
/// it. Whoever looks away finds it concealed again.
#[component]
pub fn SecretView(
    /// Where the secret lives while it is on show.
    creation: RwSignal<Creation>,
) -> impl IntoView {
    let revealed = RwSignal::new(false);
    let copying = RwSignal::new(Copying::NotTried);
    let on_clipboard = RwSignal::new(false);
    let field = NodeRef::<html::Code>::new();
    let secret =
        move || creation.with(|creation| creation.key().map(|key| key.secret.reveal().to_owned()));
    let reveal = move || {
        revealed.set(true);
        creation.update(Creation::revealed);
    };
    let conceal = move || {
        revealed.set(false);
        // What is concealed is no longer selected, so that advice would be wrong.
        if copying.get_untracked() == Copying::Failed {
            copying.set(Copying::NotTried);
        }
    };
    let toggle = move |_| if revealed.get_untracked() { conceal() } else { reveal() };
    // The event bubbles to the window.
    let looked_away = window_event_listener(ev::visibilitychange, move |_| {
        if document().hidden() {
            conceal();
        }
    });
    on_cleanup(move || looked_away.remove());
    // Whoever selects the key and copies it by hand has it, too.
    let copied_by_hand = move |_| {
        if let (true, Some(text)) = (revealed.get_untracked(), untrack(secret)) {
            creation.update(|creation| creation.copied(&text));
            on_clipboard.set(true);
        }
    };
    // The same words twice in a row would not be announced: they go away in between.
    let say = async move |what| {
        copying.set(Copying::NotTried);
        leptos::task::tick().await;
        copying.set(what);
    };
    let copy = move |_| {
        let (Some(text), Some(anchor)) = (untrack(secret), field.get_untracked()) else {
            return;
        };
        spawn_local(async move {
            let copied = clipboard::copy(&text, &anchor).await;
            if copied {
                creation.update(|creation| creation.copied(&text));
                on_clipboard.set(true);
            } else {
                reveal();
            }
            say(if copied { Copying::Copied } else { Copying::Failed }).await;
            if !copied && let Some(field) = field.get_untracked() {
                clipboard::select(&field);
            }
        });
    };
    let clear = move |_| {
        let Some(anchor) = field.get_untracked() else {
            return;
        };
        spawn_local(async move {
            let cleared = clipboard::copy(BLANK, &anchor).await;
            if cleared {
                creation.update(Creation::cleared);
            }
            say(if cleared { Copying::Cleared } else { Copying::NotCleared }).await;
        });
    };
    let words = move || match copying.get() {
        Copying::NotTried => "",
        Copying::Copied => "Copied to the clipboard.",
        Copying::Failed => {
            "Your browser did not allow copying. The key is selected: press Ctrl+C or ⌘C."
        }
        Copying::Cleared => {
            "The clipboard was overwritten. If your system keeps a history of it, the key may \
             still be there."
        }
        Copying::NotCleared => {
            "Your browser did not allow clearing the clipboard. Copy something else in its place."
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
                class:failed=move || matches!(copying.get(), Copying::Failed | Copying::NotCleared)
                role="status"
            >
                {words}
            </p>
            <Show when=move || on_clipboard.get()>
                <div class="clipboard">
                    <p id="clear-clipboard-hint" class="field-hint">
                        {"Pasted it where it belongs? Clearing overwrites whatever the clipboard \
                          holds by then."}
                    </p>
                    <button
                        type="button"
                        class="button quiet"
                        aria-describedby="clear-clipboard-hint"
                        on:click=clear
                    >
                        {"Clear clipboard"}
                    </button>
                </div>
            </Show>
        </div>
    }
}
