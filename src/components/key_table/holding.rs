//! Holding the rows still while a pointer or the focus is on them.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{Act, key_id, tooltip};
use crate::browser::table;
use crate::domain::table::arrangement::RowId;

/// Who is on the rows. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Holding {
    pointed: StoredValue<bool>,
    focused: RwSignal<Option<RowId>>,
    on_act: Callback<Act>,
}

impl Holding {
    /// Holds the rows by what happens to them, until the current owner is gone. `focused` is told
    /// which row has the focus.
    pub(super) fn new(focused: RwSignal<Option<RowId>>, on_act: Callback<Act>) -> Self {
        on_cleanup(move || {
            on_act.try_run(Act::Hold(false));
        });
        Self { pointed: StoredValue::new(false), focused, on_act }
    }

    /// The pointer has come, or has left.
    pub(super) fn point(self, is_there: bool) {
        self.pointed.set_value(is_there);
        self.hold();
    }

    /// The focus has come to a row.
    pub(super) fn focus(self, event: &ev::FocusEvent) {
        tooltip::show(event);
        let row = table::closest(event, "tr[data-key]");
        self.focused.set(row.and_then(|row| key_id(&row)).map(RowId::Key));
        self.hold();
    }

    /// The focus leaves a control, and maybe the rows.
    pub(super) fn blur(self, event: &ev::FocusEvent) {
        tooltip::allow(event);
        let to = event.related_target().and_then(|it| it.dyn_into::<Element>().ok());
        if to.and_then(|to| to.closest("tbody").ok().flatten()).is_none() {
            self.focused.try_set(None);
            self.hold();
        }
    }

    /// Says whether anybody is on the rows, also when all of this is gone: a control that had the
    /// focus tells of its end once more when it goes with the table.
    fn hold(self) {
        let pointed = self.pointed.try_get_value().unwrap_or_default();
        let focused = self.focused.try_get_untracked().flatten().is_some();
        self.on_act.try_run(Act::Hold(pointed || focused));
    }
}
