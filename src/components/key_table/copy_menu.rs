//! The menu of a row, which copies a part of its key. There is one for all rows.

use leptos::ev;
use leptos::prelude::*;
use web_sys::Element;

use super::row::MENU;
use super::{Act, Part};
use crate::browser::{popover, table};
use crate::domain::key::ApiKey;
use crate::reactive::heard;
use crate::words::tr;

/// The menu, and the key that it was opened for. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct CopyMenu {
    key: StoredValue<Option<ApiKey>>,
    on_act: Callback<Act>,
}

impl CopyMenu {
    pub(super) fn new(on_act: Callback<Act>) -> Self {
        Self { key: StoredValue::new(None), on_act }
    }

    /// It is about this key now, and stands beside `control`, which opens it.
    pub(super) fn stand_beside(self, control: &Element, key: ApiKey) {
        self.key.set_value(Some(key));
        popover::place_beside(MENU, control);
    }

    pub(super) fn view(self) -> AnyView {
        let item = |part: &'static str, words: String| {
            view! {
                <button type="button" class="button quiet" data-copy=part>{words}</button>
            }
            .into_any()
        };
        view! {
            <div
                id=MENU
                class="menu"
                popover="auto"
                role="group"
                aria-label=tr("Copy")
                on:click=heard(move |event| self.choose(&event))
            >
                {item("name", tr("Copy name"))}
                {item("uuid", tr("Copy uuid"))}
                {item("mask", tr("Copy masked key"))}
            </div>
        }
        .into_any()
    }

    fn choose(self, event: &ev::MouseEvent) {
        let control = table::closest(event, "[data-copy]");
        let part = match control.and_then(|it| it.dataset().get("copy")).as_deref() {
            Some("name") => Part::Name,
            Some("uuid") => Part::Uuid,
            Some("mask") => Part::Mask,
            _ => return,
        };
        popover::close(MENU);
        if let Some(key) = self.key.get_value() {
            self.on_act.run(Act::Copy(key, part));
        }
    }
}
