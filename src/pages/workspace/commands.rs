//! What can be done from anywhere in the workspace: by shortcuts and from the palette.

use leptos::prelude::*;

use super::dialogs::Wish;
use super::{Front, Workspace};
use crate::browser::page;
use crate::browser::text::lowered;
use crate::components::command::Command;
use crate::components::palette::CommandPalette;
use crate::components::shortcuts::{Pressed, ShortcutSheet, listen};
use crate::domain::key::ApiKey;
use crate::domain::shortcut::is_found_by;
use crate::reactive::heard;
use crate::route::Route;
use crate::words::tr;

/// The palette names at most this many keys: who looks for more has the table.
const MOST_KEYS: usize = 12;

/// A shortcut of the keyboard, as `domain::shortcut` writes it, and what it does.
type Shortcut = (&'static str, fn(&Front));

const SEARCH: Shortcut = ("/", Front::go_to_search);
const CREATE: Shortcut = ("c", |front| front.want(Wish::Create(String::new())));
const IDENTIFY: Shortcut = ("i", |front| front.want(Wish::Identify));
const LEAKED: Shortcut = ("l", |front| front.want(Wish::EndLeaked));
const REFRESH: Shortcut = ("r", Front::refresh_keys);
const KEYS: Shortcut = ("g k", |_| page::go_to(&Route::ALL_KEYS));
const USAGE: Shortcut = ("g u", |_| page::go_to(&Route::ALL_USAGE));
const SHORTCUTS: Shortcut = ("?", |front| front.want(Wish::Shortcuts));

/// The button that opens the palette. The shortcuts work for as long as it is there.
#[component]
pub fn CommandsButton(
    /// What the commands are about.
    front: Front,
) -> impl IntoView {
    const ALL: [Shortcut; 8] = [SEARCH, CREATE, IDENTIFY, LEAKED, REFRESH, KEYS, USAGE, SHORTCUTS];
    listen(&ALL.map(|it| it.0), {
        let front = front.clone();
        move |pressed| match pressed {
            Pressed::Palette => front.want(Wish::Palette),
            Pressed::Shortcut(at) => {
                if let Some((_, act)) = ALL.get(at) {
                    act(&front);
                }
            }
        }
    });
    view! {
        <button
            type="button"
            class="button quiet to-commands"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            aria-label=tr("Commands")
            on:click=heard(move |_| front.want(Wish::Palette))
        >
            <svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">
                <path d={"M4 7l5 5-5 5M12 17h8"}></path>
            </svg>
            <span>{tr("Commands")}</span>
        </button>
    }
}

fn commands(workspace: &Workspace) -> Vec<Command> {
    let act = |action: fn(&Workspace)| {
        let workspace = workspace.clone();
        Callback::new(move |()| action(&workspace))
    };
    let keyed = |words: String, (keys, action): Shortcut| {
        let front = workspace.front.clone();
        Command::new(words, keys, Callback::new(move |()| action(&front)))
    };
    vec![
        keyed(tr("Search keys"), SEARCH),
        keyed(tr("Create key"), CREATE),
        keyed(tr("Identify a key"), IDENTIFY),
        keyed(tr("I leaked a key"), LEAKED),
        keyed(tr("Refresh"), REFRESH),
        keyed(tr("Show all keys"), KEYS),
        keyed(tr("Usage of all keys"), USAGE),
        Command::new(tr("Clean up unused keys"), "", act(Workspace::open_clean_up)),
        keyed(tr("Keyboard shortcuts"), SHORTCUTS),
        Command::new(tr("Theme: as the system"), "", act(|_| click_theme("system"))),
        Command::new(tr("Theme: light"), "", act(|_| click_theme("light"))),
        Command::new(tr("Theme: dark"), "", act(|_| click_theme("dark"))),
        Command::new(tr("Change the language"), "", act(|_| page::focus("#language"))),
        Command::new(tr("Sign out"), "", act(|workspace| workspace.front.access.sign_out())),
    ]
}

/// The switch is in `index.html`, and `boot.js` listens to it.
fn click_theme(theme: &str) {
    page::click(&format!("#theme [value={theme}]"));
}

impl Workspace {
    /// The palette, and the sheet that tells the shortcuts.
    pub(super) fn command_dialogs(&self, open: RwSignal<bool>, sheet: RwSignal<bool>) -> AnyView {
        let commands = StoredValue::new(commands(self));
        let keys = self.front.keys;
        let find_keys = Callback::new(move |typed: String| {
            let as_command = |key: &ApiKey| Command::open(key.id, key.name.clone());
            keys.with_untracked(|keys| {
                let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
                let found = keys.iter().filter(|key| is_found_by(&key.name, &typed, lowered));
                found.take(MOST_KEYS).map(as_command).collect()
            })
        });
        let on_open = Callback::new(|id| page::go_to(&Route::Key(id)));
        view! {
            <CommandPalette open commands find_keys on_open/>
            <ShortcutSheet open=sheet commands/>
        }
        .into_any()
    }
}

impl Front {
    fn go_to_search(&self) {
        const SEARCH: &str = "#app input[type=search]";
        match self.route.with_untracked(|route| matches!(route, Route::Keys { .. })) {
            true => page::focus(SEARCH),
            false => page::go_to_and_focus(&Route::ALL_KEYS, SEARCH),
        }
    }
}
