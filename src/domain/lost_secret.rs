//! The guard of lost secrets: keys that were made, whose secret was shown, and that nobody has
//! confirmed to have saved. A page may be reloaded or a browser may crash just then; afterwards the
//! key works, and perhaps nobody has it.
//!
//! What is remembered is which keys these are, and nothing else: no name and no secret.

use super::creation::Custody;
use super::key::{ApiKey, KeyId, KeyList};

/// The keys of which nobody has confirmed that they are saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unconfirmed {
    /// In the order in which they were made.
    owed: Vec<KeyId>,
    /// The one of them whose secret is on show.
    on_show: Option<KeyId>,
    /// The one for which another key is being made.
    replacing: Option<KeyId>,
    /// The replaced one that is being revoked.
    revoking: Option<KeyId>,
    /// The replaced one that could not be revoked, and why.
    trouble: Option<(KeyId, String)>,
}

/// What is offered for one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The key.
    pub key: ApiKey,
    /// If another key was made in its place, and that is saved: why this one still works.
    pub trouble: Option<String>,
}

impl Unconfirmed {
    /// Goes on with what was remembered.
    pub fn resume(&mut self, owed: Vec<KeyId>) {
        self.owed = owed;
    }

    /// What is to be remembered.
    pub fn owed(&self) -> &[KeyId] {
        &self.owed
    }

    /// The secret of this key is on show: until its user says more, it counts as unsaved. A key
    /// that the API has not named cannot be remembered.
    pub fn show(&mut self, id: Option<KeyId>) {
        self.on_show = id;
        if let Some(id) = id {
            self.owed.retain(|owed| *owed != id);
            self.owed.push(id);
        }
    }

    /// The next key is made in the place of this one. Yields whether the caller is to make it.
    #[must_use]
    pub fn replace(&mut self, id: KeyId) -> bool {
        let may_replace = self.is_idle() && self.owed.contains(&id);
        if may_replace {
            self.replacing = Some(id);
            self.trouble = None;
        }
        may_replace
    }

    /// The key in whose place the next one, or the one on show, is made.
    pub fn replacing(&self) -> Option<KeyId> {
        self.replacing
    }

    /// The user does not want the secret on show. That is a decision too, so nothing is owed for
    /// its key; but it can replace no other.
    pub fn discard(&mut self) {
        if let Some(id) = self.on_show.take() {
            self.settle(id);
        }
        self.replacing = None;
    }

    /// The dialog with the secret was closed, when it stood so with the secret. Yields the key that
    /// it replaces, if that is to be revoked now: only when the new secret is in safe hands. After
    /// [`discard`](Self::discard) there is nothing to it.
    #[must_use]
    pub fn close(&mut self, custody: Custody) -> Option<KeyId> {
        let replaced = self.replacing.take();
        let shown = self.on_show.take();
        if custody == Custody::PageOnly {
            return None;
        }
        if let Some(id) = shown {
            self.settle(id);
        }
        self.revoking = replaced;
        replaced
    }

    /// The dialog was closed before any secret was on show.
    pub fn give_up(&mut self) {
        self.replacing = None;
    }

    /// The user says that it is saved, or it is revoked.
    pub fn settle(&mut self, id: KeyId) {
        self.owed.retain(|owed| *owed != id);
        self.revoking.take_if(|it| *it == id);
        self.replacing.take_if(|it| *it == id);
        self.trouble.take_if(|(it, _)| *it == id);
    }

    /// A key that was replaced is still there, for this reason.
    pub fn fail(&mut self, id: KeyId, why: String) {
        self.revoking = None;
        self.trouble = Some((id, why));
    }

    /// Takes in the list: what is no longer there needs no guard. An entry that cannot be read may
    /// be any key.
    pub fn see(&mut self, list: &KeyList) {
        if list.unreadable.is_empty() {
            let on_show = self.on_show;
            let is_there = |id: KeyId| list.keys.iter().any(|key| key.id == id);
            self.owed.retain(|id| on_show == Some(*id) || is_there(*id));
        }
    }

    /// What is to be offered now: one key at a time, and none while one is dealt with.
    pub fn offer(&self, keys: &[ApiKey]) -> Option<Offer> {
        if !self.is_idle() {
            return None;
        }
        let key = self.owed.iter().find_map(|id| keys.iter().find(|key| key.id == *id))?;
        let trouble = self.trouble.as_ref().filter(|(id, _)| *id == key.id);
        Some(Offer { key: key.clone(), trouble: trouble.map(|(_, why)| why.clone()) })
    }

    fn is_idle(&self) -> bool {
        self.on_show.is_none() && self.replacing.is_none() && self.revoking.is_none()
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;
    use crate::domain::key::{EntryFault, UnreadableKey};

    fn id(number: u128) -> KeyId {
        uuid::Uuid::from_u128(number).to_string().parse().expect("a uuid")
    }

    fn list(numbers: &[u128]) -> KeyList {
        let key = |number: &u128| ApiKey {
            id: id(*number),
            name: "ci-bot".to_owned(),
            masked: "occ_…".to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: None,
        };
        KeyList { keys: numbers.iter().map(key).collect(), unreadable: Vec::new() }
    }

    fn after_a_reload(owed: &[u128]) -> Unconfirmed {
        let mut unconfirmed = Unconfirmed::default();
        unconfirmed.resume(owed.iter().copied().map(id).collect());
        unconfirmed
    }

    fn offered(unconfirmed: &Unconfirmed, there: &[u128]) -> Option<KeyId> {
        unconfirmed.offer(&list(there).keys).map(|offer| offer.key.id)
    }

    #[test]
    fn a_key_on_show_is_owed_until_its_user_says_something() {
        let mut unconfirmed = Unconfirmed::default();
        unconfirmed.show(Some(id(1)));
        assert_eq!(unconfirmed.owed(), [id(1)]);
        assert_eq!(offered(&unconfirmed, &[1]), None, "the dialog itself asks");
        assert_eq!(unconfirmed.close(Custody::Copied), None);
        assert_eq!(unconfirmed.owed(), []);

        unconfirmed.show(Some(id(2)));
        unconfirmed.discard();
        assert_eq!(unconfirmed.owed(), [], "that is an answer too");

        unconfirmed.show(Some(id(3)));
        assert_eq!(unconfirmed.close(Custody::PageOnly), None);
        assert_eq!(unconfirmed.owed(), [id(3)], "nobody can have saved what nobody saw");
    }

    #[test]
    fn after_a_reload_each_key_that_is_still_there_is_offered() {
        let mut unconfirmed = after_a_reload(&[1, 2, 3]);
        assert_eq!(offered(&unconfirmed, &[3, 2]), Some(id(2)));
        unconfirmed.see(&list(&[3, 2]));
        assert_eq!(unconfirmed.owed(), [id(2), id(3)]);
        unconfirmed.settle(id(2));
        assert_eq!(offered(&unconfirmed, &[3, 2]), Some(id(3)));
        let unreadable = UnreadableKey { fault: EntryFault::Malformed, name: None, masked: None };
        let unclear = KeyList { keys: Vec::new(), unreadable: vec![unreadable] };
        unconfirmed.see(&unclear);
        assert_eq!(unconfirmed.owed(), [id(3)], "it may be the one that cannot be read");
    }

    #[test]
    fn the_old_key_goes_when_the_new_one_is_in_safe_hands_and_not_before() {
        for custody in [Custody::Seen, Custody::Copied] {
            let mut unconfirmed = after_a_reload(&[1]);
            assert!(unconfirmed.replace(id(1)));
            assert!(!unconfirmed.replace(id(1)), "once");
            unconfirmed.show(Some(id(2)));
            assert_eq!(unconfirmed.owed(), [id(1), id(2)], "a reload now loses both");
            assert_eq!(unconfirmed.close(custody), Some(id(1)));
            assert_eq!(unconfirmed.owed(), [id(1)], "until it is revoked");
            assert_eq!(offered(&unconfirmed, &[1, 2]), None, "while that is under way");
            unconfirmed.settle(id(1));
            assert_eq!(unconfirmed, Unconfirmed::default());
        }
    }

    #[test]
    fn a_successor_that_nobody_has_replaces_nothing() {
        let mut unconfirmed = after_a_reload(&[1]);
        assert!(unconfirmed.replace(id(1)));
        unconfirmed.show(Some(id(2)));
        unconfirmed.discard();
        assert_eq!(
            unconfirmed.close(Custody::Seen),
            None,
            "the user said that they do not want it"
        );
        assert_eq!(unconfirmed.owed(), [id(1)]);
        assert_eq!(offered(&unconfirmed, &[1, 2]), Some(id(1)));

        assert!(unconfirmed.replace(id(1)));
        unconfirmed.give_up();
        unconfirmed.show(Some(id(3)));
        assert_eq!(unconfirmed.close(Custody::Copied), None, "that was another key");
        assert_eq!(unconfirmed.owed(), [id(1)]);
    }

    #[test]
    fn an_old_key_that_could_not_be_revoked_stays_on_offer_with_the_reason() {
        let mut unconfirmed = after_a_reload(&[1]);
        assert!(unconfirmed.replace(id(1)));
        unconfirmed.show(None);
        assert_eq!(unconfirmed.close(Custody::Copied), Some(id(1)), "also without a name");
        unconfirmed.fail(id(1), "offline".to_owned());
        let offer = unconfirmed.offer(&list(&[1]).keys).expect("an offer");
        assert_eq!(offer.trouble.as_deref(), Some("offline"));
        assert_eq!(unconfirmed.owed(), [id(1)]);
        unconfirmed.settle(id(1));
        assert_eq!(unconfirmed, Unconfirmed::default());
    }

    #[test]
    fn only_what_is_owed_is_replaced() {
        assert!(!after_a_reload(&[1]).replace(id(2)));
    }
}
