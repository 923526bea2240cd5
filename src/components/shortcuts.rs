//! Keyboard shortcuts, and the sheet that tells them.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::command::Command;
use super::dialog::{Dialog, Urgency};
use crate::browser::{page, preference};
use crate::domain::shortcut::{Meaning, Press, latin, meaning, opens_palette};
use crate::reactive::heard;
use crate::words::tr;

/// The second key of a shortcut is taken for one this long, in milliseconds.
const PATIENCE: f64 = 1500.0;

/// What takes letters for itself: fields, and lists and menus that are searched by typing.
const TAKES_KEYS: &str = "input:not([type=checkbox], [type=radio]), select, textarea, \
                          [contenteditable], [role=listbox], [role=menu]";

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// What opens the palette.
    Palette,
    /// This one of the shortcuts.
    Shortcut(usize),
}

/// Listens to the keyboard for as long as the current owner lives.
///
/// Shortcuts of a single key can be switched off (WCAG 2.2, 2.1.4), which `boot.js` keeps. None
/// works while a dialog is open: what is in one is not for a slip of the finger.
pub fn listen(shortcuts: &[&'static str], on_press: impl Fn(Pressed) + 'static) {
    let shortcuts = shortcuts.to_vec();
    let begun = StoredValue::new((String::new(), 0.0));
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.is_composing() || event.default_prevented() || page::is_dialog_open() {
            return;
        }
        let key = latin(event.key(), &event.code());
        let control_or_command = event.ctrl_key() || event.meta_key();
        if opens_palette(&key, control_or_command, event.shift_key() || event.alt_key()) {
            event.prevent_default();
            return on_press(Pressed::Palette);
        }
        if are_off() || ["Shift", "AltGraph"].contains(&key.as_str()) {
            return;
        }
        let (first, at) = begun.get_value();
        let first = if event.time_stamp() - at < PATIENCE { first } else { String::new() };
        let modified = control_or_command || event.alt_key();
        let press = Press { key: &key, modified, in_field: is_in_field(&event) };
        begun.set_value((String::new(), 0.0));
        match meaning(&shortcuts, &first, press) {
            Meaning::Nothing => {}
            Meaning::Begins => begun.set_value((key, event.time_stamp())),
            Meaning::Runs(at) => {
                event.prevent_default();
                on_press(Pressed::Shortcut(at));
            }
        }
    });
    on_cleanup(move || listener.remove());
}

/// The sheet that tells the shortcuts, in a dialog, and has the switch for them.
#[component]
pub fn ShortcutSheet(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What can be done.
    commands: StoredValue<Vec<Command>>,
) -> impl IntoView {
    let on_leave = Callback::new(move |()| open.set(false));
    view! {
        <Dialog
            open
            urgency=Urgency::Form
            labelled_by="shortcuts-title"
            described_by="shortcuts-hint"
            on_leave
        >
            <Sheet commands on_leave/>
        </Dialog>
    }
}

#[component]
fn Sheet(commands: StoredValue<Vec<Command>>, on_leave: Callback<()>) -> impl IntoView {
    let mut all = commands.get_value();
    all.retain(|command| !command.shortcut.is_empty());
    let rows: Vec<AnyView> =
        all.iter().map(|command| view! { <li>{command.view()}</li> }.into_any()).collect();
    view! {
        <h2 id="shortcuts-title">{tr("Keyboard shortcuts")}</h2>
        <p id="shortcuts-hint" class="muted">
            {tr("They work wherever you are not typing, and not while a dialog is open.")}
        </p>
        <ul class="shortcuts" role="list">
            {rows}
            <li>
                <span>{tr("Search commands and keys")}</span>
                <span class="keys-to-press" translate="no"><kbd>{"Ctrl / ⌘"}</kbd><kbd>{"K"}</kbd></span>
            </li>
        </ul>
        <fieldset data-preference="switched-off">
            <label class="check">
                <input type="checkbox" value="shortcuts" checked=!are_off()/>
                <span>{tr("Use shortcuts of single keys")}</span>
            </label>
        </fieldset>
        <div class="dialog-actions">
            <button type="button" class="button" autofocus on:click=heard(move |_| on_leave.run(()))>
                {tr("Close")}
            </button>
        </div>
    }
}

/// Whether a key was pressed where it writes something, or chooses in a list.
pub fn is_in_field(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|it| it.closest(TAKES_KEYS).ok().flatten().is_some())
}

/// Whether the user has switched shortcuts of single keys off.
pub fn are_off() -> bool {
    preference::chosen("switchedOff") == "shortcuts"
}
