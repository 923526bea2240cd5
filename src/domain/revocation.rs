//! Revoking a key: how much it takes to confirm it, which follows the risk, and the steps.

use contract::Timestamp;

use super::form::Complaint;
use super::key::{ApiKey, KeyId};
use super::names::visible;
use super::time::DAY_MILLIS;
use crate::words::tr_with;

/// A key used within this time may still have something depending on it.
pub const RECENT_USE_MILLIS: i64 = 7 * DAY_MILLIS;

/// A revocation that waits for its confirmation, or for the API's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The key in question.
    pub key: ApiKey,
    /// What confirming takes.
    pub caution: Caution,
    /// Whether the request is under way.
    pub sending: bool,
    /// What is wrong with the last attempt.
    pub complaint: Option<Complaint>,
    /// Whether the key may have been revoked although the last attempt failed.
    pub in_doubt: bool,
}

/// What the confirmation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// The key was never used: one click.
    NeverUsed,
    /// It was used, but not lately: one click, with the time of the last use in sight.
    Idle(Timestamp),
    /// It was used lately: a warning, and its name is to be typed.
    InUse(Timestamp),
    /// The list says that it was never used, and its usage that it was, nobody knows when: as if it
    /// was lately.
    InUseUnlisted,
}

impl Revocation {
    /// Asks whether `key` is really to be revoked at the time `now`.
    pub fn of(key: ApiKey, now: Timestamp) -> Self {
        let caution = Caution::for_key(&key, now);
        Self { key, caution, sending: false, complaint: None, in_doubt: false }
    }

    /// Takes in what the list says of the key by now. Something may have used it since the dialog was
    /// opened, or since the list was read for it; what was warned of once stays.
    pub fn see_listed(&mut self, keys: &[ApiKey], now: Timestamp) {
        if let Some(key) = keys.iter().find(|key| key.id == self.key.id)
            && key.last_used > self.key.last_used
        {
            self.key.last_used = key.last_used;
            self.raise(Caution::for_key(key, now));
        }
    }

    /// Takes in how many requests the key has made.
    pub fn see_requests(&mut self, requests: u64) {
        if requests > 0 && self.caution == Caution::NeverUsed {
            self.raise(Caution::InUseUnlisted);
        }
    }

    /// Whether a confirmation that took one click is still enough for what was learnt since. If it is
    /// not, nothing is to be sent, and its user is asked again.
    #[must_use]
    pub fn still_takes_one_click(&mut self) -> bool {
        self.sending &= !self.caution.asks_for_name();
        self.sending
    }

    /// What it takes never becomes less.
    fn raise(&mut self, caution: Caution) {
        if !self.caution.asks_for_name() {
            self.caution = caution;
        }
    }

    /// Takes the confirmation, with what was typed as the key's name. Yields the key to be
    /// revoked now; `None` if the name is wrong, which is said at the field, or if the request is
    /// under way already.
    #[must_use]
    pub fn confirm(&mut self, typed: &str) -> Option<KeyId> {
        if self.sending {
            return None;
        }
        if !self.caution.is_confirmed_by(typed, &self.key.name) {
            let name = self.key.name.trim();
            let words = tr_with("Type {name} to confirm.", &[("name", name)]);
            self.complaint = Some(Complaint::AtField(words));
            return None;
        }
        self.complaint = None;
        self.in_doubt = false;
        self.sending = true;
        Some(self.key.id)
    }

    /// The answer to Escape, Cancel and the like: nothing is asked any more, unless the request is
    /// under way, whose answer is worth waiting for.
    pub fn leave(revocation: &mut Option<Self>) {
        if revocation.as_ref().is_some_and(|revocation| !revocation.sending) {
            *revocation = None;
        }
    }

    /// Says why the key could not be revoked, so that the user can try again.
    pub fn fail(&mut self, complaint: Complaint) {
        self.sending = false;
        self.complaint = Some(complaint);
    }

    /// The key in question, if it may have been revoked and is not among `keys`: then it was.
    pub fn was_carried_out(&self, keys: &[ApiKey]) -> Option<&ApiKey> {
        let is_gone = self.in_doubt && keys.iter().all(|key| key.id != self.key.id);
        is_gone.then_some(&self.key)
    }
}

impl Caution {
    /// The caution that revoking `key` at the time `now` deserves.
    pub fn for_key(key: &ApiKey, now: Timestamp) -> Self {
        match key.last_used {
            None => Self::NeverUsed,
            Some(at) if now.unix_millis() - at.unix_millis() <= RECENT_USE_MILLIS => {
                Self::InUse(at)
            }
            Some(at) => Self::Idle(at),
        }
    }

    /// Whether the key's name is to be typed.
    pub fn asks_for_name(self) -> bool {
        matches!(self, Self::InUse(_) | Self::InUseUnlisted)
    }

    /// Whether `typed` confirms revoking a key called `name`: as it is shown, with what cannot be
    /// seen written by its number (in `<>` too, which every keyboard has), or as it is. White
    /// space and control characters do not count, because a page does not show them all and a text
    /// field does not take them all; everything else does.
    pub fn is_confirmed_by(self, typed: &str, name: &str) -> bool {
        let taken = |it: &char| !it.is_whitespace() && !it.is_control();
        let as_it_is = |text: &str| text.chars().filter(taken).collect::<String>();
        let as_shown = |text: &str| as_it_is(text).replace('⟨', "<").replace('⟩', ">");
        !self.asks_for_name()
            || as_it_is(typed) == as_it_is(name)
            || as_shown(typed) == as_shown(&visible(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

    fn key(last_used: Option<i64>) -> ApiKey {
        ApiKey {
            id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
            name: "ci-bot".to_owned(),
            masked: "occ_…".to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: last_used.map(|ago| Timestamp::from_unix_millis(NOW.unix_millis() - ago)),
        }
    }

    #[test]
    fn what_is_learnt_of_a_key_may_ask_for_more_and_never_for_less() {
        let mut revocation = Revocation::of(key(None), NOW);
        revocation.see_requests(0);
        revocation.see_listed(&[key(None)], NOW);
        assert_eq!(revocation.caution, Caution::NeverUsed);
        assert!(revocation.confirm("").is_some() && revocation.still_takes_one_click());

        let mut revocation = Revocation::of(key(None), NOW);
        assert!(revocation.confirm("").is_some(), "nothing is known of a use");
        revocation.see_requests(3);
        assert!(!revocation.still_takes_one_click(), "it was used meanwhile");
        assert!(revocation.confirm("").is_none() && revocation.confirm("ci-bot").is_some());

        let month = 30 * DAY_MILLIS;
        let mut revocation = Revocation::of(key(Some(month)), NOW);
        revocation.see_requests(3);
        assert_eq!(revocation.caution, Caution::for_key(&key(Some(month)), NOW), "long ago");
        revocation.see_listed(&[key(Some(0))], NOW);
        assert!(revocation.caution.asks_for_name());
        assert_eq!(revocation.key.last_used, Some(NOW));
        revocation.see_listed(&[key(Some(month))], NOW);
        assert!(revocation.caution.asks_for_name(), "an older list says less");
    }

    #[test]
    fn a_key_in_doubt_that_is_no_longer_listed_was_revoked() {
        let mut revocation = Revocation::of(key(None), NOW);
        assert!(revocation.was_carried_out(&[]).is_none(), "nothing was asked for");
        revocation.in_doubt = true;
        assert!(revocation.was_carried_out(&[key(None)]).is_none());
        assert!(revocation.was_carried_out(&[]).is_some());
    }

    #[test]
    fn the_strength_follows_the_last_use() {
        assert_eq!(Caution::for_key(&key(None), NOW), Caution::NeverUsed);
        assert!(matches!(Caution::for_key(&key(Some(RECENT_USE_MILLIS)), NOW), Caution::InUse(_)));
        assert!(matches!(
            Caution::for_key(&key(Some(RECENT_USE_MILLIS + 1)), NOW),
            Caution::Idle(_)
        ));
        let clock_of_the_server_is_ahead = key(Some(-60_000));
        assert!(matches!(Caution::for_key(&clock_of_the_server_is_ahead, NOW), Caution::InUse(_)));
    }

    #[test]
    fn only_a_key_in_use_asks_for_its_name_and_takes_nothing_else() {
        let in_use = Caution::InUse(NOW);
        assert!(in_use.is_confirmed_by(" ci-bot ", "ci-bot"));
        assert!(in_use.is_confirmed_by("a b", "a  b"));
        assert!(in_use.is_confirmed_by("linebreak", "line\nbreak"));
        assert!(!in_use.is_confirmed_by("", "ci-bot"));
        assert!(!in_use.is_confirmed_by("", "\u{202E}"), "it is not as good as no name");
        assert!(!in_use.is_confirmed_by("CI-bot", "ci-bot"));
        assert!(Caution::NeverUsed.is_confirmed_by("", "ci-bot"));
        assert!(Caution::Idle(NOW).is_confirmed_by("", "ci-bot"));
    }

    #[test]
    fn a_name_that_cannot_be_seen_can_be_typed_as_it_is_shown_and_not_without_what_is_hidden() {
        let in_use = Caution::InUse(NOW);
        let name = "ci\u{202E}tob\u{200B}";
        for typed in [name, "ci⟨U+202E⟩tob⟨U+200B⟩", "ci<U+202E>tob <U+200B>"] {
            assert!(in_use.is_confirmed_by(typed, name), "{typed}");
        }
        for other in ["citob", "ci-bot", "ci<U+202E>tob", "ci⟨U+202D⟩tob⟨U+200B⟩"] {
            assert!(!in_use.is_confirmed_by(other, name), "{other}");
        }
        assert!(!in_use.is_confirmed_by("citob", "ci\u{200B}tob"), "that is another key's name");
        assert!(in_use.is_confirmed_by("a⟨U+000A⟩b", "a\nb"));
    }

    #[test]
    fn a_wrong_name_is_said_at_the_field_and_revokes_nothing() {
        let mut revocation = Revocation::of(key(Some(0)), NOW);
        assert_eq!(revocation.confirm("ci-bat"), None);
        assert!(revocation.complaint.as_ref().and_then(Complaint::at_field).is_some());
        assert_eq!(revocation.confirm("ci-bot"), Some(revocation.key.id));
        assert_eq!(revocation.complaint, None);
    }

    #[test]
    fn a_revocation_can_be_left_until_it_is_sent() {
        let mut revocation = Some(Revocation::of(key(None), NOW));
        let _ = revocation.as_mut().map(|it| it.confirm(""));
        Revocation::leave(&mut revocation);
        assert!(revocation.is_some());
        let _ = revocation.as_mut().map(|it| it.fail(Complaint::Overall("unreachable".to_owned())));
        Revocation::leave(&mut revocation);
        assert_eq!(revocation, None);
    }

    #[test]
    fn a_second_confirmation_sends_nothing_until_the_first_has_failed() {
        let mut revocation = Revocation::of(key(None), NOW);
        assert!(revocation.confirm("").is_some());
        assert_eq!(revocation.confirm(""), None);
        revocation.fail(Complaint::Overall("unreachable".to_owned()));
        assert!(revocation.confirm("").is_some());
    }
}
