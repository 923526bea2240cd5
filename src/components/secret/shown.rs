//! What is done with a secret that is on show. It draws nothing.

use leptos::ev::ClipboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{clipboard, download};
use crate::components::snippets::in_words;
use crate::domain::creation::Creation;
use crate::domain::snippet::{Snippet, variable};
use crate::words::tr;

/// What a clipboard is overwritten with. Some systems take an empty text for none.
const BLANK: &str = " ";

/// A browser that knew what is in a file might open it, or call it otherwise.
const MEDIA_TYPE: &str = "application/octet-stream";

/// What became of the last attempt to take the secret away, or to clear the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copying {
    NotTried,
    Copied,
    CopiedWithoutKey,
    Failed,
    Cleared,
    NotCleared,
    Offered,
    NotOffered,
}

/// The secret on show, as whoever looks at it has it: in which form, concealed or not, and what
/// became of taking it away. The secret itself stays in the [`Creation`]. A handle: copies name the
/// same.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// Where the secret lives while it is on show.
    pub(super) creation: RwSignal<Creation>,
    /// The form in which it is shown and taken away.
    pub(super) snippet: RwSignal<Snippet>,
    /// Whether it was to be seen.
    pub(super) revealed: RwSignal<bool>,
    /// What became of the last attempt.
    pub(super) copying: RwSignal<Copying>,
    /// Whether the clipboard may hold it.
    pub(super) on_clipboard: RwSignal<bool>,
    /// The element that shows it, or the dots that stand for it.
    pub(super) field: NodeRef<html::Code>,
    /// What the key is called.
    name: StoredValue<String>,
    /// The address of the Key API.
    api: StoredValue<String>,
}

impl Shown {
    /// The secret of the new key called `name`, concealed.
    pub(super) fn new(
        creation: RwSignal<Creation>,
        name: String,
        api: StoredValue<String>,
    ) -> Self {
        Self {
            creation,
            snippet: RwSignal::new(Snippet::Key),
            revealed: RwSignal::new(false),
            copying: RwSignal::new(Copying::NotTried),
            on_clipboard: RwSignal::new(false),
            field: NodeRef::new(),
            name: StoredValue::new(name),
            api,
        }
    }

    /// Whether dots are to stand for the secret. What does not hold the key is not concealed.
    pub(super) fn conceals(self) -> bool {
        self.snippet.get().holds_key() && !self.revealed.get()
    }

    /// The secret, in the form that was chosen.
    pub(super) fn written(self) -> Option<String> {
        let write = |secret: String| {
            self.api.with_value(|api| {
                self.name.with_value(|name| self.snippet.get().write(name, &secret, api))
            })
        };
        self.secret().map(write)
    }

    /// What is on show, in words.
    pub(super) fn label(self) -> String {
        match (self.snippet.get(), self.conceals()) {
            (_, true) => tr("Key, concealed"),
            (Snippet::Key, false) => tr("Key"),
            (snippet, false) => self.name.with_value(|name| in_words(snippet, &variable(name))),
        }
    }

    /// Conceals what is revealed, and reveals what is concealed.
    pub(super) fn toggle(self) {
        if self.revealed.get_untracked() { self.conceal() } else { self.reveal() }
    }

    pub(super) fn conceal(self) {
        self.revealed.set(false);
        // What is concealed is no longer selected, so that advice would be wrong.
        if self.copying.get_untracked() == Copying::Failed {
            self.copying.set(Copying::NotTried);
        }
    }

    /// Whoever copies the key by hand has it, too; not whoever copies a part of it.
    pub(super) fn copied_by_hand(self, event: &ClipboardEvent) {
        let key = untrack(|| self.secret()).filter(|_| self.revealed.get_untracked());
        if let Some((key, text)) = key.zip(untrack(|| self.written()))
            && clipboard::by_hand(event, &text).contains(&key)
        {
            self.was_copied(&key);
        }
    }

    /// Copies it. Where the browser does not allow that, it is selected to be copied by hand, for
    /// which it has to be revealed. To be called from a click.
    pub(super) fn copy(self) {
        let (Some(key), Some(text), Some(anchor)) =
            (untrack(|| self.secret()), untrack(|| self.written()), self.field.get_untracked())
        else {
            return;
        };
        let holds_key = self.snippet.get_untracked().holds_key();
        spawn_local(async move {
            let copied = clipboard::copy(&text, &anchor).await;
            // Out of sight it stays concealed; whoever comes back sees that nothing was copied.
            if self.is_gone() || (!copied && document().hidden()) {
                return;
            }
            match (copied, holds_key) {
                (true, true) => self.was_copied(&key),
                (false, true) => self.reveal(),
                (_, false) => {}
            }
            self.say(match (copied, holds_key) {
                (true, true) => Copying::Copied,
                (true, false) => Copying::CopiedWithoutKey,
                (false, _) => Copying::Failed,
            })
            .await;
            if !copied && let Some(field) = self.field.try_get_untracked().flatten() {
                clipboard::select(&field);
            }
        });
    }

    /// Offers it as a file.
    pub(super) fn save(self) {
        let Some(text) = untrack(|| self.written()) else {
            return;
        };
        let snippet = self.snippet.get_untracked();
        // What others append to is to end with a line.
        let end = if snippet == Snippet::Key { "" } else { "\n" };
        let file = self.name.with_value(|name| snippet.file_name(name));
        let offered = download::offer(&file, MEDIA_TYPE, &format!("{text}{end}"));
        if offered && snippet.holds_key() {
            self.creation.update(Creation::revealed);
        }
        let what = if offered { Copying::Offered } else { Copying::NotOffered };
        spawn_local(async move { self.say(what).await });
    }

    /// Overwrites the clipboard. To be called from a click.
    pub(super) fn clear(self) {
        let Some(anchor) = self.field.get_untracked() else {
            return;
        };
        spawn_local(async move {
            let cleared = clipboard::copy(BLANK, &anchor).await;
            // Of any key: what is on the clipboard is none of them any more.
            if cleared {
                self.creation.update(Creation::cleared);
            }
            if self.is_gone() {
                return;
            }
            self.say(if cleared { Copying::Cleared } else { Copying::NotCleared }).await;
        });
    }

    /// Whether the secret was closed while the browser made up its mind about the clipboard.
    /// Another one may be on show by then, of which nothing is known.
    fn is_gone(self) -> bool {
        self.copying.is_disposed()
    }

    fn secret(self) -> Option<String> {
        self.creation.with(|creation| creation.key().map(|key| key.secret.reveal().to_owned()))
    }

    fn reveal(self) {
        self.revealed.set(true);
        self.creation.update(Creation::revealed);
    }

    /// The key has the clipboard now, or a text that holds it.
    fn was_copied(self, secret: &str) {
        self.creation.update(|creation| creation.copied(secret));
        self.on_clipboard.set(true);
    }

    /// The same words twice in a row would not be announced: they go away in between.
    async fn say(self, what: Copying) {
        self.copying.set(Copying::NotTried);
        leptos::task::tick().await;
        self.copying.try_set(what);
    }
}

impl Copying {
    /// Whether what was wanted did not come about.
    pub(super) fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::NotCleared | Self::NotOffered)
    }

    /// What it says to the user.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::NotTried => String::new(),
            Self::Copied => tr("Copied to the clipboard."),
            Self::CopiedWithoutKey => tr("Copied. The key itself is not in it: save that, too."),
            Self::Failed => {
                tr("Your browser did not allow copying. The key is selected: press Ctrl+C or ⌘C.")
            }
            Self::Cleared => {
                tr("The clipboard was overwritten. If your system keeps a history of \
                                 it, the key may still be there.")
            }
            Self::NotCleared => tr("Your browser did not allow clearing the clipboard. Copy \
                                    something else in its place."),
            Self::Offered => tr("Handed to your browser as a file. See that it arrived, and that \
                                 nobody else can read it."),
            Self::NotOffered => tr("Your browser did not take the file. Copy the key instead."),
        }
    }
}
