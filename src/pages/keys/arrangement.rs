//! Which keys are on show, in which order, and how: what the page works out of the list and of what
//! is asked of it, apart from what it draws.

use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::preference;
use crate::browser::text::lowered;
use crate::components::key_table::Layout;
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::table::arrangement::{Index, Row};
use crate::domain::table::query::Query;
use crate::domain::table::selection::Selection;
use crate::domain::table::window::PAGE_LENGTH;
use crate::pages::workspace::Front;
use crate::pages::workspace::listing::{count_in_words, export_in_words, in_time};
use crate::remote::{Identity, Remote, follow, which_answer};

/// A list made ready to be searched and ordered, and which list it was made of.
type Indexed = (Identity<KeyList>, Index);

/// The keys as they are on show. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Arrangement {
    /// The list, which the rows are places of.
    pub(super) keys: Signal<Remote<Arc<KeyList>>>,
    /// Which list the last good one is.
    answer: Memo<Identity<KeyList>>,
    /// What is asked of the table.
    pub(super) query: Memo<Query>,
    /// The chosen keys.
    pub(super) selection: RwSignal<Selection>,
    /// The rows that are asked for, in their order.
    pub(super) rows: Memo<Vec<Row>>,
    /// Which of them are drawn.
    pub(super) layout: Memo<Layout>,
    /// Whether a long list is shown in pages.
    pub(super) is_paged: RwSignal<bool>,
    /// How many keys are chosen, and how many of these are not on show.
    pub(super) chosen: Memo<(usize, usize)>,
}

impl Arrangement {
    pub(super) fn of(front: &Front) -> Self {
        let (keys, query, selection) = (front.keys(), front.query(), front.selection());
        let answer = which_answer(keys);
        let index = index(front, answer);
        let rows = rows(front, query, answer, index);
        let is_paged = RwSignal::new(preference::chosen("layout") == "pages");
        let layout =
            Memo::new(move |_| match (rows.with(Vec::len) <= PAGE_LENGTH, is_paged.get()) {
                (true, _) => Layout::Whole,
                (false, true) => Layout::Page(query.with(|query| query.page)),
                (false, false) => Layout::Window,
            });
        let chosen = chosen(keys, rows, selection);
        Self { keys, answer, query, selection, rows, layout, is_paged, chosen }
    }

    /// How many keys are on show and how many are hidden, in words.
    pub(super) fn count_in_words(self) -> Memo<String> {
        Memo::new(move |_| {
            let query = self.query.get();
            follow(self.answer);
            self.rows
                .with(|rows| {
                    self.keys.with_untracked(|keys| {
                        let list = keys.value()?;
                        Some(count_in_words(rows.len(), list, unreadable(rows), &query))
                    })
                })
                .unwrap_or_default()
        })
    }

    /// What an export takes, in words.
    pub(super) fn export_in_words(self) -> Memo<String> {
        Memo::new(move |_| {
            // What cannot be read cannot be written either.
            let shown = self.rows.with(|rows| rows.len() - unreadable(rows));
            export_in_words(self.chosen.get().0, shown)
        })
    }

    /// The keys on show, in the order of their rows.
    pub(super) fn on_show(self) -> Vec<ApiKey> {
        untrack(|| with_keys_on_show(self.keys, self.rows, |keys| keys.cloned().collect()))
    }

    /// The place of the row of this key, if it is on show.
    pub(super) fn place_of(self, id: KeyId) -> Option<usize> {
        self.keys.with(|keys| {
            let key = |row: &Row| row.key(keys.value()?);
            let is_it = |row: &Row| key(row).is_some_and(|key| key.id == id);
            self.rows.with(|rows| rows.iter().position(is_it))
        })
    }
}

/// The index of the list, which is worked out when there is time. A key that is struck from the
/// list is struck from it, too.
fn index(front: &Front, answer: Memo<Identity<KeyList>>) -> Memo<Indexed> {
    let keys = front.keys();
    let front = front.clone();
    let index = Memo::new_with_compare(
        move |before: Option<&Indexed>| {
            follow(answer);
            let list = keys.with_untracked(Remote::identity);
            let kept =
                before.and_then(|(old, index)| Some(index.without(front.struck(old, &list)?)));
            (list, kept.unwrap_or_else(|| Index::new(lowered)))
        },
        // It is made anew only when the list is new.
        |_, _| true,
    );
    let prepare = move || {
        keys.try_with_untracked(|keys| {
            let list = keys.value()?;
            index.try_with_untracked(|(_, index)| index.prepare(list))
        });
    };
    in_time(move || index.with(|_| ()), prepare);
    index
}

fn rows(
    front: &Front,
    query: Memo<Query>,
    answer: Memo<Identity<KeyList>>,
    index: Memo<Indexed>,
) -> Memo<Vec<Row>> {
    let (keys, fresh, now) = (front.keys(), front.fresh(), front.now());
    Memo::new(move |_| {
        follow(answer);
        let (query, fresh) = (query.get(), fresh.get());
        // Between two ticks of the clock no filter lets go of a key.
        let now = if query.filters() { now.get() } else { now.get_untracked() };
        keys.with_untracked(|keys| {
            let list = keys.value();
            index.with(|(_, index)| list.map(|it| index.arrange(it, &query, fresh, now)))
        })
        .unwrap_or_default()
    })
}

fn chosen(
    keys: Signal<Remote<Arc<KeyList>>>,
    rows: Memo<Vec<Row>>,
    selection: RwSignal<Selection>,
) -> Memo<(usize, usize)> {
    Memo::new(move |_| {
        selection.with(|selection| {
            if selection.is_empty() {
                return (0, 0);
            }
            let is_chosen = |key: &&ApiKey| selection.contains(key.id);
            let on_show = with_keys_on_show(keys, rows, |keys| keys.filter(is_chosen).count());
            (selection.len(), selection.len() - on_show)
        })
    })
}

/// How many rows tell of an entry that cannot be read.
fn unreadable(rows: &[Row]) -> usize {
    rows.iter().filter(|row| matches!(row, Row::Unreadable(_))).count()
}

/// What `find` finds among the keys on show, in the order of their rows.
fn with_keys_on_show<T>(
    keys: Signal<Remote<Arc<KeyList>>>,
    rows: Memo<Vec<Row>>,
    find: impl FnOnce(&mut dyn Iterator<Item = &ApiKey>) -> T,
) -> T {
    keys.with(|keys| {
        let list = keys.value();
        rows.with(|rows| find(&mut rows.iter().filter_map(|row| row.key(list?))))
    })
}
