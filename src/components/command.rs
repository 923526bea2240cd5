//! What can be done from anywhere, by a shortcut or from the palette.

use leptos::prelude::*;

use super::foreign::Foreign;
use crate::domain::key::KeyId;
use crate::words::tr_around;

/// Something that can be done.
#[derive(Clone)]
pub struct Command {
    before: String,
    /// The name of a key that it is about.
    name: Option<String>,
    after: String,
    /// Its shortcut, as `domain::shortcut` writes them; empty if it has none.
    pub shortcut: &'static str,
    /// What it does.
    pub deed: Deed,
}

/// What a command does.
#[derive(Clone, Copy)]
pub enum Deed {
    /// Calls this.
    Call(Callback<()>),
    /// Opens the page of this key.
    Open(KeyId),
}

impl Command {
    /// A command that is called `label`.
    pub fn new(label: String, shortcut: &'static str, run: Callback<()>) -> Self {
        let deed = Deed::Call(run);
        Self { before: label, name: None, after: String::new(), shortcut, deed }
    }

    /// The command that opens the page of a key.
    pub fn open(id: KeyId, name: String) -> Self {
        let (before, after) = tr_around("Go to “{name}”");
        Self { before, name: Some(name), after, shortcut: "", deed: Deed::Open(id) }
    }

    /// What it is called, to be searched.
    pub fn label(&self) -> String {
        [&*self.before, self.name.as_deref().unwrap_or_default(), &*self.after].concat()
    }

    /// Its name and its shortcut, as they are shown.
    pub fn view(&self) -> AnyView {
        let name = self.name.clone().map(|text| view! { <Foreign text/> }.into_any());
        let keys: Vec<AnyView> = self
            .shortcut
            .split_whitespace()
            .map(|key| view! { <kbd>{key}</kbd> }.into_any())
            .collect();
        view! {
            <span>{self.before.clone()}{name}{self.after.clone()}</span>
            <span class="keys-to-press" translate="no">{keys}</span>
        }
        .into_any()
    }
}
