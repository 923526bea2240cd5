//! The keyboard in the rows: arrows take the focus from row to row, within its column.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::choosing::Choosing;
use super::{FIRST_ROW, tooltip};
use crate::browser::table;

/// What can have the focus in a row.
const CONTROLS: &str = "input, .when, a, button";

/// What the keyboard acts on. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Keyboard {
    pub(super) body: NodeRef<html::Tbody>,
    pub(super) choosing: Choosing,
}

impl Keyboard {
    pub(super) fn hear(self, event: &ev::KeyboardEvent) {
        let Some(body) = self.body.get_untracked() else {
            return;
        };
        if event.key() == "Escape" {
            return tooltip::dismiss(event);
        }
        let Some(row) = table::closest(event, "tr[data-row]") else {
            return;
        };
        let listed = self.choosing.listed;
        let last = listed.rows().with_untracked(Vec::len) + 1;
        let Some(to) = destination(&row, event, last) else {
            return;
        };
        event.prevent_default();
        let control = control_number(&row, event);
        if event.shift_key()
            && control == Some(0)
            && let Some(id) = untrack(|| listed.id_at(to - FIRST_ROW)?.key())
        {
            self.choosing.extend(id);
        }
        move_focus(body.into(), to, control.unwrap_or(0));
    }
}

/// The number of the row that a key leads to from `row`, up to that of the last one.
fn destination(row: &Element, event: &ev::KeyboardEvent, last: usize) -> Option<usize> {
    let number = row.get_attribute("aria-rowindex").and_then(|it| it.parse::<usize>().ok());
    let to = match (event.key().as_str(), event.ctrl_key(), number) {
        ("ArrowDown", false, Some(number)) => number + 1,
        ("ArrowUp", false, Some(number)) => number - 1,
        ("Home", true, _) => FIRST_ROW,
        ("End", true, _) => last,
        _ => return None,
    };
    let is_meant = (FIRST_ROW..=last).contains(&to) && !event.alt_key() && !event.meta_key();
    is_meant.then_some(to)
}

/// The place of the event's control among those of its row.
fn control_number(row: &Element, event: &ev::KeyboardEvent) -> Option<u32> {
    let control = table::closest(event, CONTROLS)?;
    let controls = row.query_selector_all(CONTROLS).ok()?;
    (0..controls.length())
        .find(|at| controls.get(*at).is_some_and(|it| control.is_same_node(Some(&it))))
}

/// Gives the focus to a control of the row of this number, which is scrolled to if it has to be
/// mounted first.
fn move_focus(body: Element, number: usize, control: u32) {
    if take_focus(&body, number, control) {
        return;
    }
    table::scroll_to(&body, number - FIRST_ROW);
    // One frame for the scroll, one for the rows that it brings.
    request_animation_frame(move || {
        request_animation_frame(move || {
            take_focus(&body, number, control);
        });
    });
}

/// Gives the focus to a control of the row of this number, if the row is there.
fn take_focus(body: &Element, number: usize, control: u32) -> bool {
    let controls = table::row(body, number).and_then(|row| row.query_selector_all(CONTROLS).ok());
    let Some(controls) = controls.filter(|it| it.length() > 0) else {
        return false;
    };
    let at = control.min(controls.length() - 1);
    let found = controls.get(at).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|it| it.focus().is_ok())
}
