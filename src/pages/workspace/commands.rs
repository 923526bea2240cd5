//! What can be done from anywhere in the workspace: by shortcuts and from the palette.

use leptos::prelude::*;

use super::Workspace;
use crate::browser::page;
use crate::components::command::Command;
use crate::components::palette::CommandPalette;
use crate::components::shortcuts::Shortcuts;
use crate::domain::key::ApiKey;
use crate::domain::shortcut::is_found_by;
use crate::pages::chunk::{Detail, dialog_of};
use crate::route::Route;
use crate::words::tr;

/// The palette names at most this many keys: who looks for more has the table.
const MOST_KEYS: usize = 12;

/// What the palette needs. A handle: copies name the same palette.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    open: RwSignal<bool>,
    commands: StoredValue<Vec<Command>>,
}

/// The button that opens the palette, with the palette, the shortcuts and their sheet.
#[component]
pub fn Commands(
    /// What the commands are about.
    workspace: Workspace,
) -> impl IntoView {
    let palette = RwSignal::new(false);
    let sheet = RwSignal::new(false);
    let commands = StoredValue::new(commands(&workspace, sheet));
    let on_leave = Callback::new(move |()| palette.set(false));
    let detail = Detail::Palette(Palette { open: palette, commands });
    let dialog = dialog_of(detail, move || palette.get(), on_leave, &workspace);
    view! {
        <button
            type="button"
            class="button quiet to-commands"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            aria-label=tr("Commands")
            on:click=move |_| palette.set(true)
        >
            <svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">
                <path d={"M4 7l5 5-5 5M12 17h8"}></path>
            </svg>
            <span>{tr("Commands")}</span>
        </button>
        {dialog}
        <Shortcuts open=sheet palette commands/>
    }
}

fn commands(workspace: &Workspace, sheet: RwSignal<bool>) -> Vec<Command> {
    let act = |action: fn(&Workspace)| {
        let workspace = workspace.clone();
        Callback::new(move |()| action(&workspace))
    };
    vec![
        Command::new(tr("Search keys"), "/", act(Workspace::go_to_search)),
        Command::new(tr("Create key"), "c", act(Workspace::open_creation)),
        Command::new(tr("Identify a key"), "i", act(Workspace::open_identification)),
        Command::new(tr("I leaked a key"), "l", act(Workspace::open_leak_drill)),
        Command::new(tr("Refresh"), "r", act(Workspace::refresh_keys)),
        Command::new(tr("Show all keys"), "g k", act(|_| page::go_to(&Route::ALL_KEYS))),
        Command::new(tr("Usage of all keys"), "g u", act(|_| page::go_to(&Route::ALL_USAGE))),
        Command::new(tr("Clean up unused keys"), "", act(Workspace::open_clean_up)),
        Command::new(tr("Keyboard shortcuts"), "?", Callback::new(move |()| sheet.set(true))),
        Command::new(tr("Theme: as the system"), "", act(|_| click_theme("system"))),
        Command::new(tr("Theme: light"), "", act(|_| click_theme("light"))),
        Command::new(tr("Theme: dark"), "", act(|_| click_theme("dark"))),
        Command::new(tr("Change the language"), "", act(|_| page::focus("#language"))),
        Command::new(tr("Sign out"), "", act(|workspace| workspace.access.sign_out())),
    ]
}

/// The switch is in `index.html`, and `boot.js` listens to it.
fn click_theme(theme: &str) {
    page::click(&format!("#theme [value={theme}]"));
}

impl Workspace {
    /// The palette, for who has its file.
    pub(in crate::pages) fn palette_dialog(&self, palette: Palette) -> AnyView {
        let Palette { open, commands } = palette;
        let keys = self.keys;
        let find_keys = Callback::new(move |typed: String| {
            let as_command = |key: &ApiKey| Command::open(key.id, key.name.clone());
            keys.with_untracked(|keys| {
                let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
                let found = keys.iter().filter(|key| is_found_by(&key.name, &typed));
                found.take(MOST_KEYS).map(as_command).collect()
            })
        });
        let on_open = Callback::new(|id| page::go_to(&Route::Key(id)));
        view! { <CommandPalette open commands find_keys on_open/> }.into_any()
    }

    fn go_to_search(&self) {
        const SEARCH: &str = "#app input[type=search]";
        match self.route.with_untracked(|route| matches!(route, Route::Keys { .. })) {
            true => page::focus(SEARCH),
            false => page::go_to_and_focus(&Route::ALL_KEYS, SEARCH),
        }
    }
}
