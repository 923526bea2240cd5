//! The list of keys: what is asked of it, and keeping it up to date without moving it.

use std::sync::Arc;

use contract::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialogs::Wish;
use super::{Front, Workspace};
use crate::browser::text::lowered;
use crate::browser::{clipboard, format, online, page};
use crate::components::key_table::{Act, Part};
use crate::components::notice::Notice;
use crate::domain::key::{ApiKey, KeyId, KeyList, may_hold_a_secret};
use crate::domain::table::arrangement::Index;
use crate::domain::table::export::Format;
use crate::domain::table::query::{Query, Sort, Use};
use crate::reactive::Effect;
use crate::remote::{Identity, Remote, supersede};
use crate::route::Route;
use crate::words::{number, tr, tr_around, tr_count, tr_with};

/// A list that is older than this is asked for again while its page is looked at, in milliseconds.
const FRESH_FOR: i64 = 60_000;

/// That one list is another one without one of its keys.
#[derive(Clone, Debug)]
pub(super) struct Strike {
    from: Identity<KeyList>,
    at: usize,
    to: Identity<KeyList>,
}

impl Front {
    /// Where a list has a key that another one lacks, if that is all the difference between them and
    /// came last: whatever was worked out for the list need not be worked out anew.
    pub(in crate::pages) fn struck(
        &self,
        from: &Identity<KeyList>,
        to: &Identity<KeyList>,
    ) -> Option<usize> {
        self.strike.with_value(|strike| {
            let strike = strike.as_ref()?;
            (strike.from == *from && strike.to == *to).then_some(strike.at)
        })
    }

    /// What is asked of the table.
    pub(in crate::pages) fn query(&self) -> Memo<Query> {
        let route = self.route;
        Memo::new(move |_| match route.get() {
            Route::Keys(query) => query,
            Route::Key(_) | Route::Usage(_) => Query::ALL,
        })
    }

    /// A key as the list has it, if it does.
    pub(in crate::pages) fn listed(&self, id: KeyId) -> Option<ApiKey> {
        self.keys.with(|keys| keys.value()?.keys.iter().find(|key| key.id == id).cloned())
    }

    /// The chosen keys in the order of the table, also those that are not on show. Not tracked.
    pub(super) fn chosen(&self) -> Vec<ApiKey> {
        let keys = self.keys.with_untracked(|keys| {
            self.selection.with_untracked(|selection| {
                let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
                keys.iter().filter(|key| selection.contains(key.id)).cloned().collect()
            })
        });
        let sort = self.route.with_untracked(|route| match route {
            Route::Keys(query) => query.sort,
            Route::Key(_) | Route::Usage(_) => Query::ALL.sort,
        });
        ordered(&KeyList { keys, unreadable: Vec::new() }, sort)
    }

    /// Asks `query` of the table. The address follows, so that a reload or a shared link finds the
    /// same; but never with what may be a secret that somebody pasted to find its key. While a
    /// search is being typed, the history does not fill with its letters.
    pub(in crate::pages) fn ask(&self, query: Query, is_typing: bool) {
        let mut in_address = query.clone();
        let is_withheld = may_hold_a_secret(&query.search);
        if is_withheld {
            in_address.search.clear();
        }
        let mut address = Route::Keys(in_address).to_string();
        if is_withheld {
            // Not the address of all keys: a link to those leads to another one, and so to them.
            address.push_str(if address.contains('?') { "&q=" } else { "?q=" });
        }
        match is_typing {
            true => page::replace_hash(&address),
            false => page::push_hash(&address),
        }
        self.route.set(Route::Keys(query));
    }

    /// Asks for all keys, in the order that is on show.
    pub(in crate::pages) fn widen(&self) {
        let query = self.route.with_untracked(|route| match route {
            Route::Keys(query) => query.widened(),
            Route::Key(_) | Route::Usage(_) => Query::ALL,
        });
        self.ask(query, false);
    }

    /// Does what the user wants of the table.
    pub(in crate::pages) fn act(&self, act: Act) {
        match act {
            Act::Sort(column) => {
                let query = self.query().get_untracked();
                self.ask(Query { sort: query.sort.toggled(column), page: 1, ..query }, false);
            }
            Act::Revoke(key) => self.want(Wish::Revoke(key)),
            Act::Copy(key, part) => self.want(Wish::Copy(key, part)),
            // The rows stay where they are as long as a pointer or the focus is on them. The
            // table's last word may come when the workspace is gone.
            Act::Hold(holds) => drop(self.held.try_set(holds)),
        }
    }
}

impl Workspace {
    /// Takes a key out of the list that no longer exists. A list that is under way may still have it
    /// and is not taken; whoever strikes a key reads the list anew.
    pub(super) fn strike(&self, id: KeyId) {
        supersede(self.front.keys_turn);
        self.newer.set_value(None);
        self.fetched.set_value(format::now());
        let place = |list: &KeyList| list.keys.iter().position(|key| key.id == id);
        let at = self.front.keys.with_untracked(|keys| keys.value().and_then(|list| place(list)));
        let Some(at) = at else {
            return;
        };
        self.front.keys.update(|keys| {
            let from = keys.identity();
            keys.change(|list| {
                self.remember_revoked(Arc::make_mut(list).keys.remove(at));
            });
            self.front.strike.set_value(Some(Strike { from, at, to: keys.identity() }));
        });
    }

    /// Asks for the list again, without a word as long as all goes well. What comes takes its place
    /// when neither a pointer nor the focus is on the rows.
    pub(super) fn refresh_in_background(&self) {
        let is_idle = self.front.keys.with_untracked(|keys| matches!(keys, Remote::Ready(_)));
        if !is_idle || !online::is_online() || page::is_dialog_open() {
            return;
        }
        let workspace = self.clone();
        let asked = self.fetched.get_value();
        spawn_local(async move {
            // What fails here fails for who asks next, and is said to them.
            if let Ok(list) = workspace.front.keys_anew().await
                && workspace.is_last_word(asked)
            {
                workspace.take_in_at_rest(list);
            }
        });
    }

    /// Whether a list that was asked for when the page had the one of the time `asked` is the last word:
    /// no other has come since, and no key was revoked.
    pub(super) fn is_last_word(&self, asked: Timestamp) -> bool {
        self.fetched.try_get_value() == Some(asked)
    }

    /// Takes in a list that nobody waits for when neither a pointer nor the focus is on the rows.
    pub(super) fn take_in_at_rest(&self, list: Arc<KeyList>) {
        self.newer.set_value(Some(list));
        self.fetched.set_value(format::now());
        self.take_in_newer();
    }

    /// Keeps the list up to date for as long as the workspace is mounted.
    pub(super) fn follow_the_list(&self) {
        let workspace = self.clone();
        let look = move || {
            let age = format::now().unix_millis() - workspace.fetched.get_value().unix_millis();
            if age >= FRESH_FOR && !document().hidden() {
                workspace.refresh_in_background();
            }
        };
        let tick = look.clone();
        if let Ok(clock) = set_interval_with_handle(tick, super::CLOCK_TICK) {
            on_cleanup(move || clock.clear());
        }
        page::on_sight_change(look);
        let (workspace, held) = (self.clone(), self.front.held);
        Effect::new(move |_| {
            if !held.get() {
                workspace.take_in_newer();
            }
        });

        // What is chosen and no longer exists is not chosen; and whoever asked is answered later
        // than whoever asked in the background.
        let (keys, selection) = (self.front.keys, self.front.selection);
        let (newer, fetched) = (self.newer, self.fetched);
        Effect::new(move |_| {
            keys.with(|keys| {
                let Remote::Ready(list) = keys else {
                    return;
                };
                newer.set_value(None);
                fetched.set_value(format::now());
                if selection.with_untracked(|selection| !selection.is_empty()) {
                    let ids: std::collections::HashSet<KeyId> =
                        list.keys.iter().map(|key| key.id).collect();
                    selection.update(|selection| selection.keep_only(|id| ids.contains(&id)));
                }
            });
        });
    }

    /// Offers the chosen keys as a file, or those on show if none is chosen.
    pub(super) fn export(&self, on_show: &[ApiKey], format: Format) {
        let chosen = self.front.chosen();
        let keys = if chosen.is_empty() { on_show } else { &chosen };
        self.offer(format.file_name(), format.media_type(), &format.write(keys));
    }

    /// A new key must be in sight: a search or a filter that hides it is taken back.
    pub(super) fn show_all_keys_if_query_hides(&self, name: &str) {
        let hidden = self.front.route.with_untracked(|route| {
            let Route::Keys(query) = route else {
                return false;
            };
            let is_found = lowered(name).contains(&lowered(query.search.trim()));
            !is_found || matches!(query.used, Some(Use::Within(_) | Use::Stale))
        });
        if hidden {
            self.front.widen();
            return self
                .front
                .notice
                .set(Some(Notice::of(tr("Search and filters were cleared to show the new key."))));
        }
        // It comes first, however the table is sorted.
        let query = self.front.query().get_untracked();
        if query.page > 1 {
            self.front.ask(Query { page: 1, ..query }, false);
        }
    }

    fn take_in_newer(&self) {
        // An answer that is awaited is a later one, or makes this one the last.
        let is_pending = self.front.keys.with_untracked(Remote::is_pending);
        if is_pending || self.front.held.get_untracked() || page::is_dialog_open() {
            return;
        }
        if let Some(list) = self.newer.try_update_value(Option::take).flatten() {
            let is_known = self
                .front
                .keys
                .with_untracked(|keys| matches!(keys, Remote::Ready(old) if *old == list));
            if !is_known {
                self.front.keys.set(Remote::Ready(list));
            }
        }
    }

    /// Puts a part of a key on the clipboard, and says so.
    pub(super) fn copy(&self, key: ApiKey, part: Part) {
        let anchor = document().query_selector("#app h1").ok().flatten();
        let Some(anchor) = anchor else {
            return;
        };
        let notice = self.front.notice;
        spawn_local(async move {
            let text = match part {
                Part::Name => key.name.clone(),
                Part::Uuid => key.id.to_string(),
                Part::Mask => key.masked.clone(),
            };
            let is_copied = clipboard::copy(&text, &anchor).await;
            let (before, after) = match (is_copied, part) {
                (false, _) => tr_around("Your browser did not let this page copy “{name}”."),
                (true, Part::Name) => tr_around("Copied the name “{name}”."),
                (true, Part::Uuid) => tr_around("Copied the uuid of “{name}”."),
                (true, Part::Mask) => tr_around("Copied the masked key of “{name}”."),
            };
            notice.try_set(Some(Notice::about(before, key.name, after)));
        });
    }
}

/// Does `prepare` for each list, which `follow` follows, when its rows are on show and there is nothing
/// else to do.
pub(in crate::pages) fn in_time(follow: impl Fn() + 'static, prepare: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        follow();
        page::when_at_rest(prepare);
    });
}

/// The keys of a list in the order of `sort`.
pub(in crate::pages) fn ordered(list: &KeyList, sort: Sort) -> Vec<ApiKey> {
    let query = Query { sort, ..Query::ALL };
    let rows = Index::new(lowered).arrange(list, &query, None, format::now());
    rows.iter().filter_map(|row| row.key(list).cloned()).collect()
}

/// How many keys are on show, how many are hidden by what, and how many on show are unreadable.
pub(in crate::pages) fn count_in_words(
    shown: usize,
    list: &KeyList,
    unreadable: usize,
    query: &Query,
) -> String {
    let total = list.len();
    if total == 0 {
        return String::new();
    }
    let count = if shown == total {
        tr_count(total, "{n} key", "{n} keys")
    } else {
        let hidden = total - shown;
        let hidden = match (query.search.trim().is_empty(), query.filters()) {
            (false, false) => {
                tr_count(hidden, "{n} hidden by the search", "{n} hidden by the search")
            }
            (true, _) => tr_count(hidden, "{n} hidden by filters", "{n} hidden by filters"),
            (false, true) => tr_count(
                hidden,
                "{n} hidden by search and filters",
                "{n} hidden by search and filters",
            ),
        };
        let of = tr_count(total, "{shown} of {n} key", "{shown} of {n} keys");
        let of = of.replace("{shown}", &number(shown));
        format!("{of}, {hidden}")
    };
    match unreadable {
        0 => count,
        unreadable => {
            let words = tr_with("{number} unreadable", &[("number", &number(unreadable))]);
            format!("{count}, {words}")
        }
    }
}

/// What an export takes.
pub(in crate::pages) fn export_in_words(chosen: usize, shown: usize) -> String {
    match (chosen, shown) {
        (0, 0) => tr("No key is on show."),
        (0, shown) => tr_count(shown, "Takes the {n} key on show.", "Takes the {n} keys on show."),
        (chosen, _) => {
            tr_count(chosen, "Takes the {n} selected key.", "Takes the {n} selected keys.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::{EntryFault, UnreadableKey};
    use crate::domain::table::query::Age;

    fn list(count: usize) -> KeyList {
        let entry = UnreadableKey { fault: EntryFault::Malformed, name: None, masked: None };
        KeyList { keys: Vec::new(), unreadable: vec![entry; count] }
    }

    #[test]
    fn the_count_says_what_is_hidden_and_what_cannot_be_read() {
        let search = Query { search: "x".to_owned(), ..Query::ALL };
        let filter = Query { created: Some(Age::Day), ..Query::ALL };
        let both = Query { search: "x".to_owned(), ..filter.clone() };
        let count = |shown, total, query: &Query| count_in_words(shown, &list(total), 0, query);
        assert_eq!(count(0, 0, &Query::ALL), "");
        assert_eq!(count(1, 1, &Query::ALL), "1 key");
        assert_eq!(count(12, 12, &Query::ALL), "12 keys");
        assert_eq!(count(9, 12, &search), "9 of 12 keys, 3 hidden by the search");
        assert_eq!(count(9, 12, &filter), "9 of 12 keys, 3 hidden by filters");
        assert_eq!(count(9, 12, &both), "9 of 12 keys, 3 hidden by search and filters");
        assert_eq!(count_in_words(12, &list(12), 1, &Query::ALL), "12 keys, 1 unreadable");
    }
}
