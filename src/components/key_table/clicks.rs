//! What a click in the table does. The rows and the head are plain markup: a control says in its
//! attribute `data-action` what it is for.

use leptos::ev;
use leptos::prelude::*;

use super::Act;
use super::choosing::Choosing;
use super::copy_menu::CopyMenu;
use super::key_id;
use crate::browser::table;
use crate::domain::table::query::Column;

/// What clicks act on. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Clicks {
    pub(super) choosing: Choosing,
    pub(super) menu: CopyMenu,
    pub(super) on_act: Callback<Act>,
}

impl Clicks {
    pub(super) fn hear(self, event: &ev::MouseEvent) {
        let Some(control) = table::closest(event, "[data-action]") else {
            return;
        };
        let action = control.dataset().get("action").unwrap_or_default();
        let row = table::closest(event, "tr");
        let key = row.and_then(|row| self.choosing.listed.key(key_id(&row)?));
        match (action.as_str(), key) {
            ("choose", Some(key)) => match event.shift_key() {
                true => self.choosing.extend(key.id),
                false => self.choosing.toggle(key.id),
            },
            ("choose-all", _) => self.choosing.toggle_all(),
            ("revoke", Some(key)) => self.on_act.run(Act::Revoke(key)),
            ("more", Some(key)) => self.menu.stand_beside(&control, key),
            (sort, None) => {
                if let Some(column) = Column::ALL.into_iter().find(|it| it.as_str() == sort) {
                    self.on_act.run(Act::Sort(column));
                }
            }
            _ => {}
        }
    }
}
