//! Which rows stand in the body, and how that follows the window over them.

use std::ops::Range;
use std::time::Duration;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::Layout;
use super::listed::Listed;
use crate::browser::table;
use crate::browser::timer::Later;
use crate::domain::key::KeyId;
use crate::domain::table::arrangement::RowId;
use crate::domain::table::window::{
    Entry, Slot, Viewport, assign, page, stage, with_gaps, with_pinned,
};
use crate::reactive::Effect;

/// How long nothing must change until rows out of sight are drawn: longer than a frame of a scroll
/// on a slow phone, and shorter than it takes to reach for the next thing.
const REST_AFTER: Duration = Duration::from_millis(150);

/// What decides which rows stand in the body. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Mounting {
    listed: Listed,
    layout: Memo<Layout>,
    viewport: RwSignal<Viewport>,
    /// The row with the focus, which stays wherever the window goes.
    focused: RwSignal<Option<RowId>>,
    /// Tells that nothing has changed for a moment.
    rest: RwSignal<()>,
}

/// What stands in the body, and whether all of that does which is to stand there in the end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mounted {
    pub(super) entries: Vec<Entry>,
    is_all: bool,
}

impl Mounting {
    pub(super) fn new(
        listed: Listed,
        layout: Memo<Layout>,
        focused: RwSignal<Option<RowId>>,
    ) -> Self {
        let viewport = RwSignal::new(table::usual_viewport());
        Self { listed, layout, viewport, focused, rest: RwSignal::new(()) }
    }

    /// What stands in the body: the rows in sight at once, and those around them when nothing has
    /// changed for a moment.
    pub(super) fn mounted(self) -> Memo<Mounted> {
        let mounted = Memo::new(move |before: Option<&Mounted>| self.mount(before));
        // A later draw takes the place of the one before.
        Effect::new(move |_: Option<Option<Later>>| {
            let is_all = mounted.with(|it| it.is_all);
            (!is_all).then(|| {
                Later::after(REST_AFTER, move || {
                    self.rest.try_set(());
                })
            })
        });
        mounted
    }

    /// Measures where the rows stand, whenever they or the window may have moved.
    pub(super) fn follow_the_window(self, body: NodeRef<html::Tbody>) {
        let measure = move || self.measure(body);
        let scrolled = window_event_listener(ev::scroll, move |_| measure());
        let resized = window_event_listener(ev::resize, move |_| measure());
        on_cleanup(move || {
            scrolled.remove();
            resized.remove();
        });
        Effect::new(move |_| {
            body.track();
            self.layout.track();
            self.listed.rows().track();
            // Once with the first rows, and once more when they have their height.
            measure();
            request_animation_frame(measure);
        });
    }

    /// The height of a row that is not mounted, in CSS pixels.
    pub(super) fn row_height(self) -> f64 {
        self.viewport.with(|it| it.row_height)
    }

    fn mount(self, before: Option<&Mounted>) -> Mounted {
        self.rest.track();
        let before: Vec<Slot> = before.map(Mounted::slots).unwrap_or_default();
        self.listed.follow();
        let total = self.listed.count();
        let pinned = self.focused.get().and_then(|id| self.listed.place_of(id));
        let layout = self.layout.get();
        let (window, is_all) = match layout {
            Layout::Whole => self.top_first(0..total, &before),
            Layout::Page(number) => self.top_first(page(number, total), &before),
            Layout::Window => self.in_sight_first(total, &before),
        };
        let is_window = layout == Layout::Window;
        let places = with_pinned(window, pinned.filter(|_| is_window));
        let wanted = |place: usize| Some((place, self.listed.id_at(place)?));
        let wanted: Vec<_> = places.into_iter().filter_map(wanted).collect();
        let slots = assign(&before, &wanted);
        let entries = match is_window {
            true => with_gaps(&slots, total),
            false => slots.into_iter().map(Entry::row).collect(),
        };
        Mounted { entries, is_all }
    }

    /// Without gaps, fewer rows make a shorter page: only when nobody can have scrolled in it.
    fn top_first(self, all: Range<usize>, before: &[Slot]) -> (Range<usize>, bool) {
        let near = all.start..all.start + self.viewport.get_untracked().near(all.len()).end;
        stage(0..1, near, all, |_| !before.is_empty())
    }

    /// What somebody looks at does not wait for the rows around it.
    fn in_sight_first(self, total: usize, before: &[Slot]) -> (Range<usize>, bool) {
        let seen = self.viewport.get();
        let is_mounted =
            |at| before.iter().any(|it| it.place == at && self.listed.id_at(at) == Some(it.shows));
        stage(seen.in_sight(total), seen.near(total), seen.around(total), is_mounted)
    }

    fn measure(self, body: NodeRef<html::Tbody>) {
        // A frame may come when the table is gone.
        if self.layout.try_get_untracked() != Some(Layout::Window) {
            return;
        }
        let Some(body) = body.try_get_untracked().flatten() else {
            return;
        };
        let seen = table::viewport(&body);
        if self.viewport.get_untracked() != seen {
            self.viewport.set(seen);
        }
    }
}

impl Mounted {
    /// The keys whose rows are there.
    pub(super) fn keys(&self) -> Vec<KeyId> {
        self.entries.iter().filter_map(|entry| entry.slot?.shows.key()).collect()
    }

    fn slots(&self) -> Vec<Slot> {
        self.entries.iter().filter_map(|entry| entry.slot).collect()
    }
}
