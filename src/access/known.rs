//! The list that came last. Lists are long and seldom change, and to read one of ten thousand keys
//! keeps a slow phone for longer than a frame: an answer that says the same again is not read again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Weak};

use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::decode::{self, Answer};
use crate::domain::key::KeyList;

/// The last list, and the hash of the answer it was read from. A handle: copies name the same.
///
/// It keeps neither the answer nor the list: whoever has changed theirs, or needs it no more, gets
/// one that is read anew, once.
#[derive(Clone, Copy)]
pub(super) struct Known(StoredValue<Option<(u64, Weak<KeyList>)>>);

impl Known {
    /// No list has come yet.
    pub(super) fn nothing() -> Self {
        Self(StoredValue::new(None))
    }

    /// The list that an answer holds: the last one itself if the answer is the last one again, and
    /// the one on show, `shown`, if that says the same.
    ///
    /// # Errors
    /// Those of [`decode::keys`].
    pub(super) fn list(
        self,
        answer: &Answer,
        shown: Option<Arc<KeyList>>,
    ) -> Result<Arc<KeyList>, ApiError> {
        let hash = hash(answer);
        let last = self.0.try_get_value().flatten().filter(|(last, _)| *last == hash);
        if let Some(list) = last.and_then(|(_, list)| list.upgrade()) {
            return Ok(list);
        }
        let list = decode::keys(answer)?;
        let list = shown.filter(|shown| **shown == list).unwrap_or_else(|| Arc::new(list));
        self.0.try_set_value(Some((hash, Arc::downgrade(&list))));
        Ok(list)
    }
}

/// A hash of all that [`decode::keys`] goes by.
fn hash(answer: &Answer) -> u64 {
    let mut hasher = DefaultHasher::new();
    (answer.status, answer.is_json).hash(&mut hasher);
    hasher.write(&answer.body);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;

    fn answer(keys: &str) -> Answer {
        let at = Timestamp::from_unix_millis(0);
        Answer { status: 200, is_json: true, at, retry_after: None, body: keys.into() }
    }

    #[test]
    fn the_same_answer_is_the_same_list_for_as_long_as_somebody_has_it() {
        let owner = Owner::new();
        owner.set();
        let known = Known::nothing();
        let list = |text| known.list(&answer(text), None).expect("it is a list");
        let first = list("[1]");
        assert!(Arc::ptr_eq(&first, &list("[1]")));

        assert_eq!(list("[1,2]").unreadable.len(), 2);
        let mut again = list("[1]");
        assert!(!Arc::ptr_eq(&first, &again), "it is not the last one any more");
        assert_eq!(first, again);

        Arc::make_mut(&mut again).unreadable.clear();
        assert_eq!(list("[1]").unreadable.len(), 1, "what was done to theirs is not the answer's");
    }

    #[test]
    fn the_list_on_show_is_the_one_that_came_if_it_says_the_same() {
        let owner = Owner::new();
        owner.set();
        let known = Known::nothing();
        let list = |text, shown| known.list(&answer(text), shown).expect("it is a list");
        let mut shown = list("[1,2]", None);
        Arc::make_mut(&mut shown).unreadable.pop();
        assert!(Arc::ptr_eq(&shown, &list("[1]", Some(shown.clone()))));
        assert!(Arc::ptr_eq(&shown, &list("[1]", None)), "it is the last one");
        assert_eq!(list("[1,2]", Some(shown)).unreadable.len(), 2);
    }

    #[test]
    fn what_is_no_list_is_none_however_often_it_comes() {
        let owner = Owner::new();
        owner.set();
        let known = Known::nothing();
        let _shown = known.list(&answer("[]"), None).expect("it is a list");
        let page = || Answer { is_json: false, ..answer("[]") };
        let broken = || Answer { status: 500, ..answer("[]") };
        for refused in [page(), page(), broken()] {
            assert!(known.list(&refused, None).is_err(), "{}", refused.status);
        }
    }
}
