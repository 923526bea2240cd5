//! The command palette: everything that can be done, found by typing.

use leptos::ev;
use leptos::prelude::*;

use super::command::{Command, Deed};
use super::dialog::{Dialog, Urgency};
use crate::browser::page;
use crate::browser::text::lowered;
use crate::domain::key::KeyId;
use crate::domain::shortcut::is_found_by;
use crate::reactive::heard;
use crate::words::{tr, tr_count};

/// A dialog with a field and a list below it (WAI-ARIA APG: combobox with a listbox popup). Focus
/// stays in the field; the arrows choose, Enter does it, Escape leaves.
#[component]
pub fn CommandPalette(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What can be done.
    commands: StoredValue<Vec<Command>>,
    /// What else can be done, for what was typed: a few commands about keys, the best ones first.
    find_keys: Callback<String, Vec<Command>>,
    /// The user wants to see this key.
    on_open: Callback<KeyId>,
) -> impl IntoView {
    let on_leave = Callback::new(move |()| open.set(false));
    view! {
        <Dialog
            open
            urgency=Urgency::Form
            labelled_by="palette-title"
            described_by="palette-count"
            on_leave
        >
            <Choice open commands find_keys on_open/>
        </Dialog>
    }
}

#[component]
fn Choice(
    open: RwSignal<bool>,
    commands: StoredValue<Vec<Command>>,
    find_keys: Callback<String, Vec<Command>>,
    on_open: Callback<KeyId>,
) -> impl IntoView {
    let active = RwSignal::new(0_usize);
    let found = RwSignal::new(commands.get_value());
    let find = move |typed: String| {
        let mut all = commands.get_value();
        all.retain(|command| is_found_by(&command.label(), &typed, lowered));
        if !typed.trim().is_empty() {
            all.extend(find_keys.run(typed));
        }
        active.set(0);
        found.set(all);
    };
    let choose = move |at: usize| {
        if let Some(deed) = found.with_untracked(|found| found.get(at).map(|it| it.deed)) {
            open.set(false);
            // The dialog gives the focus back first: the command may have another place for it.
            // Who has signed out meanwhile wants nothing any more.
            page::after_drawing(move || match deed {
                Deed::Call(call) => drop(call.try_run(())),
                Deed::Open(id) => drop(on_open.try_run(id)),
            });
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        // Somebody who composes a character chooses among its forms.
        if event.is_composing() {
            return;
        }
        let count = found.with_untracked(Vec::len);
        let at = active.get_untracked();
        let next = match event.key().as_str() {
            "ArrowDown" if at + 1 < count => at + 1,
            "ArrowDown" => 0,
            "ArrowUp" => at.checked_sub(1).unwrap_or(count.saturating_sub(1)),
            "Enter" => {
                event.prevent_default();
                return choose(at);
            }
            _ => return,
        };
        event.prevent_default();
        active.set(next);
        page::show_nearest(&option_id(next));
    };
    let options = move || -> Vec<AnyView> {
        let option = |(at, command): (usize, Command)| {
            view! {
                <li
                    id=option_id(at)
                    role="option"
                    aria-selected=move || (active.get() == at).to_string()
                    on:click=heard(move |_| choose(at))
                >
                    {command.view()}
                </li>
            }
            .into_any()
        };
        found.get().into_iter().enumerate().map(option).collect()
    };
    let count = move || match found.with(Vec::len) {
        0 => tr("No command and no key matches."),
        count => tr_count(count, "{n} match", "{n} matches"),
    };
    view! {
        <h2 id="palette-title" class="unseen">{tr("Commands")}</h2>
        <input
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-autocomplete="list"
            aria-activedescendant=move || {
                found.with(|found| !found.is_empty()).then(|| option_id(active.get()))
            }
            aria-label=tr("Search commands and keys")
            placeholder=tr("Search commands and keys")
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            autofocus
            on:keydown=heard(keydown)
            on:input:target=move |event| find(event.target().value())
        />
        <ul id="palette-list" class="palette" role="listbox" aria-label=tr("Commands")>{options}</ul>
        <p id="palette-count" class="field-hint" role="status">{count}</p>
    }
}

fn option_id(at: usize) -> String {
    format!("palette-{at}")
}
