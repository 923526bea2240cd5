//! A secret on show: concealed at first, to be revealed, copied, saved as a file and tried.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::foreign::Foreign;
use super::snippets::{SnippetChoice, in_words};
use crate::browser::{checksum, clipboard, download, page};
use crate::domain::creation::Creation;
use crate::domain::snippet::{Snippet, variable};
use crate::domain::trial::Trial;
use crate::reactive::heard;
use crate::words::{tr, tr_with};

/// What became of the last attempt to take the secret away, or to clear the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copying {
    NotTried,
    Copied,
    CopiedWithoutKey,
    Failed,
    Cleared,
    NotCleared,
    Offered,
    NotOffered,
}

/// What a clipboard is overwritten with. Some systems take an empty text for none.
const BLANK: &str = " ";

/// A browser that knew what is in a file might open it, or call it otherwise.
const MEDIA_TYPE: &str = "application/octet-stream";

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
    let key_name = StoredValue::new(name.clone());
    let revealed = RwSignal::new(false);
    let snippet = RwSignal::new(Snippet::Key);
    let copying = RwSignal::new(Copying::NotTried);
    let on_clipboard = RwSignal::new(false);
    let field = NodeRef::<html::Code>::new();
    let secret =
        move || creation.with(|creation| creation.key().map(|key| key.secret.reveal().to_owned()));
    let written = move || {
        let write = |secret: String| {
            api.with_value(|api| {
                key_name.with_value(|name| snippet.get().write(name, &secret, api))
            })
        };
        secret().map(write)
    };
    let conceals = move || snippet.get().holds_key() && !revealed.get();
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
    page::on_sight_change(move || {
        if document().hidden() {
            conceal();
        }
    });
    // The key has the clipboard now, or a text that holds it.
    let was_copied = move |secret: &str| {
        creation.update(|creation| creation.copied(secret));
        on_clipboard.set(true);
    };
    // Whoever copies the key by hand has it, too; not whoever copies a part of it.
    let copied_by_hand = move |event: leptos::ev::ClipboardEvent| {
        let key = untrack(secret).filter(|_| revealed.get_untracked());
        if let Some((key, text)) = key.zip(untrack(written))
            && clipboard::by_hand(&event, &text).contains(&key)
        {
            was_copied(&key);
        }
    };
    // The same words twice in a row would not be announced: they go away in between.
    let say = async move |what| {
        copying.set(Copying::NotTried);
        leptos::task::tick().await;
        copying.set(what);
    };
    let copy = move |_| {
        let (Some(key), Some(text), Some(anchor)) =
            (untrack(secret), untrack(written), field.get_untracked())
        else {
            return;
        };
        let holds_key = snippet.get_untracked().holds_key();
        spawn_local(async move {
            let copied = clipboard::copy(&text, &anchor).await;
            match (copied, holds_key) {
                (true, true) => was_copied(&key),
                (false, true) => reveal(),
                (_, false) => {}
            }
            say(match (copied, holds_key) {
                (true, true) => Copying::Copied,
                (true, false) => Copying::CopiedWithoutKey,
                (false, _) => Copying::Failed,
            })
            .await;
            if !copied && let Some(field) = field.get_untracked() {
                clipboard::select(&field);
            }
        });
    };
    let save = move |_| {
        let Some(text) = untrack(written) else {
            return;
        };
        let snippet = snippet.get_untracked();
        // What others append to is to end with a line.
        let end = if snippet == Snippet::Key { "" } else { "\n" };
        let file = key_name.with_value(|name| snippet.file_name(name));
        let offered = download::offer(&file, MEDIA_TYPE, &format!("{text}{end}"));
        if offered && snippet.holds_key() {
            creation.update(Creation::revealed);
        }
        let what = if offered { Copying::Offered } else { Copying::NotOffered };
        spawn_local(async move { say(what).await });
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
        Copying::NotTried => String::new(),
        Copying::Copied => tr("Copied to the clipboard."),
        Copying::CopiedWithoutKey => tr("Copied. The key itself is not in it: save that, too."),
        Copying::Failed => {
            tr("Your browser did not allow copying. The key is selected: press Ctrl+C or ⌘C.")
        }
        Copying::Cleared => tr("The clipboard was overwritten. If your system keeps a history of \
                                it, the key may still be there."),
        Copying::NotCleared => tr("Your browser did not allow clearing the clipboard. Copy \
                                   something else in its place."),
        Copying::Offered => tr("Handed to your browser as a file. See that it arrived, and that \
                                nobody else can read it."),
        Copying::NotOffered => tr("Your browser did not take the file. Copy the key instead."),
    };
    // The next thing to do stands out.
    let is_copied = Memo::new(move |_| creation.with(Creation::is_copied));
    let copy_class = move || if is_copied.get() { "button" } else { "button primary" };
    let label = move || match (snippet.get(), conceals()) {
        (_, true) => tr("Key, concealed"),
        (Snippet::Key, false) => tr("Key"),
        (snippet, false) => key_name.with_value(|name| in_words(snippet, &variable(name))),
    };
    view! {
        <div class="secret">
            <SnippetChoice chosen=snippet name/>
            <code
                class="secret-field"
                node_ref=field
                translate="no"
                tabindex="0"
                role="textbox"
                aria-readonly="true"
                aria-multiline="true"
                aria-label=label
                data-testid=move || revealed.get().then_some("secret")
                on:copy=copied_by_hand
            >
                {move || match conceals() {
                    true => "•".repeat(24),
                    false => written().unwrap_or_default(),
                }}
            </code>
            <div class="secret-actions">
                <button
                    type="button"
                    class="button"
                    disabled=move || !snippet.get().holds_key()
                    on:click=heard(toggle)
                >
                    {move || if revealed.get() { tr("Hide") } else { tr("Reveal") }}
                </button>
                <button type="button" class=copy_class on:click=heard(copy)>
                    {tr("Copy")}
                </button>
                <button type="button" class="button" on:click=heard(save)>
                    {tr("Download")}
                </button>
            </div>
            <p
                class="secret-status"
                class:failed=move || {
                    matches!(
                        copying.get(),
                        Copying::Failed | Copying::NotCleared | Copying::NotOffered
                    )
                }
                role="status"
            >
                {words}
            </p>
            {move || match on_clipboard.get() {
                false => ().into_any(),
                true => view! {
                    <div class="clipboard">
                        <p id="clear-clipboard-hint" class="field-hint">
                            {tr("Pasted it where it belongs? Clearing overwrites whatever the \
                                 clipboard holds by then.")}
                        </p>
                        <button
                            type="button"
                            class="button quiet"
                            aria-describedby="clear-clipboard-hint"
                            on:click=heard(clear)
                        >
                            {tr("Clear clipboard")}
                        </button>
                    </div>
                }
                .into_any(),
            }}
            <KeyTrial trial on_try/>
            <Checksum creation/>
        </div>
    }
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
