//! The list and its rows, as every part of the table asks for them.

use std::sync::Arc;

use leptos::prelude::*;

use super::row::Subject;
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::table::arrangement::{Row, RowId};
use crate::remote::{Identity, Remote, follow, which_answer};

/// The list of keys, and the rows that are places of it. A handle: copies name the same.
///
/// Nobody reads the list itself with tracking, because each step of the wait for another one would
/// wake them up: whoever works something out of it [follows](Self::follow) it.
#[derive(Clone, Copy)]
pub(super) struct Listed {
    keys: Signal<Remote<Arc<KeyList>>>,
    rows: Memo<Vec<Row>>,
    answer: Memo<Identity<KeyList>>,
}

impl Listed {
    pub(super) fn new(keys: Signal<Remote<Arc<KeyList>>>, rows: Memo<Vec<Row>>) -> Self {
        Self { keys, rows, answer: which_answer(keys) }
    }

    /// Wakes up who calls it whenever there is another list.
    pub(super) fn follow(self) {
        follow(self.answer);
    }

    /// The rows, for who is to be woken up by other ones.
    pub(super) fn rows(self) -> Memo<Vec<Row>> {
        self.rows
    }

    /// How many rows there are.
    pub(super) fn count(self) -> usize {
        self.rows.with(Vec::len)
    }

    /// How many of the rows are keys.
    pub(super) fn count_of_keys(self) -> usize {
        let is_key = |row: &&Row| matches!(row, Row::Key(_));
        self.rows.with(|rows| rows.iter().filter(is_key).count())
    }

    /// What the row at this place shows.
    pub(super) fn id_at(self, place: usize) -> Option<RowId> {
        let row = self.row_at(place)?;
        self.read(|list| row.id(list))
    }

    /// What the row at this place is about.
    pub(super) fn subject_at(self, place: usize) -> Option<Subject> {
        let row = self.row_at(place)?;
        self.read(|list| Subject::of(row, list))
    }

    /// Where the row stands that shows this.
    pub(super) fn place_of(self, id: RowId) -> Option<usize> {
        let is_it = |row: &Row, list: &KeyList| row.id(list) == Some(id);
        self.read(|list| self.rows.with(|rows| rows.iter().position(|row| is_it(row, list))))
    }

    /// The keys on show, in the order of their rows. It wakes nobody up.
    pub(super) fn keys_on_show(self) -> Vec<KeyId> {
        let ids = |list: &KeyList| {
            let id = |row: &Row| row.key(list).map(|key| key.id);
            self.rows.with_untracked(|rows| rows.iter().filter_map(id).collect())
        };
        self.read(|list| Some(ids(list))).unwrap_or_default()
    }

    /// The key of this identity, if the list has it.
    pub(super) fn key(self, id: KeyId) -> Option<ApiKey> {
        self.read(|list| list.keys.iter().find(|key| key.id == id).cloned())
    }

    /// What `find` finds in the list, if there is one. It wakes nobody up.
    pub(super) fn read<T>(self, find: impl FnOnce(&KeyList) -> Option<T>) -> Option<T> {
        self.keys.with_untracked(|keys| find(keys.value()?))
    }

    fn row_at(self, place: usize) -> Option<Row> {
        self.rows.with(|rows| rows.get(place).copied())
    }
}
