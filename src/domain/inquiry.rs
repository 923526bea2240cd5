//! Finding out whether a key was made when the answer was lost.
//!
//! The request may have arrived or not, and a slow server may carry it out late. The API tells the
//! secret only in the answer, so a key that was made is of no use, and should be revoked. All that
//! can be done is to look at the list, several times, and to say no more than what was seen there.

use uuid::Uuid;

use super::key::{ApiKey, KeyId, KeyName};

/// How long to wait before each look at the list, in milliseconds: the looks are at 0, 2, 5 and
/// 10 seconds after the answer was given up.
pub const PAUSES_MILLIS: [u32; 4] = [0, 2_000, 3_000, 5_000];

/// One request to make a key, as it is remembered until its outcome is known. It outlives a reload
/// and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The identity of the attempt, sent as its `Idempotency-Key`.
    pub id: Uuid,
    /// The name that was asked for.
    pub name: String,
    /// The keys that were there before; `None` if the list was not known.
    pub before: Option<Vec<KeyId>>,
}

/// The search for what became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    attempt: Attempt,
    looks: usize,
    /// The keys that it may have made, as the last look that saw anything showed them.
    found: Vec<ApiKey>,
    /// Whether the last look saw the list.
    saw: bool,
    /// Whether the user has a key by this attempt already, so that only a second one is news.
    settled: bool,
}

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Looking,
    /// There are keys now that it may have made.
    Found,
    /// There are none so far.
    NotFound,
    /// The list could not be read.
    Unseen,
}

impl Attempt {
    /// An attempt to make a key called `name`, when `keys` is what is known of the list.
    pub fn new(id: Uuid, name: &KeyName, keys: Option<&[ApiKey]>) -> Self {
        let before = keys.map(|keys| keys.iter().map(|key| key.id).collect());
        Self { id, name: name.as_str().to_owned(), before }
    }

    /// The keys that this attempt may have made: of its name, and not there before.
    fn candidates(&self, keys: &[ApiKey]) -> Vec<ApiKey> {
        let is_new = |key: &&ApiKey| {
            key.name == self.name
                && self.before.as_ref().is_none_or(|before| !before.contains(&key.id))
        };
        keys.iter().filter(is_new).cloned().collect()
    }
}

impl Inquiry {
    /// The search for what became of `attempt`.
    pub fn into(attempt: Attempt) -> Self {
        Self { attempt, looks: 0, found: Vec::new(), saw: false, settled: false }
    }

    /// The search for a second key, after `attempt` was made again and yielded the key `id`.
    pub fn after_success(mut attempt: Attempt, id: Option<KeyId>) -> Self {
        if let Some(before) = &mut attempt.before {
            before.extend(id);
        }
        Self { settled: true, ..Self::into(attempt) }
    }

    /// The attempt in question.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Begins to look again.
    pub fn restart(&mut self) {
        self.looks = 0;
    }

    /// Takes in what a look at the list showed; `None` if it could not be read.
    pub fn look(&mut self, keys: Option<&[ApiKey]>) {
        self.looks += 1;
        match keys {
            Some(keys) => self.see(keys),
            None => self.saw = false,
        }
    }

    /// Takes in a list that came by the way.
    pub fn see(&mut self, keys: &[ApiKey]) {
        self.saw = true;
        self.found = self.attempt.candidates(keys);
    }

    /// Takes a key out that was revoked. Yields whether that leaves nothing to see to.
    pub fn revoked(&mut self, id: KeyId) -> bool {
        let before = self.found.len();
        self.found.retain(|key| key.id != id);
        before > 0 && self.found.is_empty()
    }

    /// What it may have made.
    pub fn found(&self) -> &[ApiKey] {
        &self.found
    }

    /// What can be said by now.
    pub fn verdict(&self) -> Verdict {
        if !self.found.is_empty() {
            return Verdict::Found;
        }
        match (self.looks < PAUSES_MILLIS.len(), self.saw) {
            (true, _) => Verdict::Looking,
            (false, true) => Verdict::NotFound,
            (false, false) => Verdict::Unseen,
        }
    }

    /// Whether its user has been told all that there is to tell, so that it may be dropped.
    pub fn may_be_dropped(&self) -> bool {
        matches!(self.verdict(), Verdict::Found | Verdict::NotFound)
    }

    /// Whether its user should know of it although no dialog is open.
    pub fn is_news(&self) -> bool {
        !self.settled || self.verdict() == Verdict::Found
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;

    fn key(number: u128, name: &str) -> ApiKey {
        ApiKey {
            id: Uuid::from_u128(number).to_string().parse().expect("a uuid"),
            name: name.to_owned(),
            masked: "occ_…".to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: None,
        }
    }

    fn attempt(keys: Option<&[ApiKey]>) -> Attempt {
        Attempt::new(Uuid::nil(), &KeyName::parse("ci-bot").expect("a name"), keys)
    }

    fn ids(inquiry: &Inquiry) -> Vec<KeyId> {
        inquiry.found().iter().map(|key| key.id).collect()
    }

    #[test]
    fn only_a_new_key_of_the_same_name_may_be_the_one() {
        let before = [key(1, "ci-bot"), key(2, "other")];
        let mut inquiry = Inquiry::into(attempt(Some(&before)));
        inquiry.look(Some(&before));
        assert_eq!(inquiry.verdict(), Verdict::Looking);
        inquiry.look(Some(&[key(1, "ci-bot"), key(3, "new"), key(4, "ci-bot")]));
        assert_eq!(ids(&inquiry), [key(4, "").id]);
        assert_eq!(inquiry.verdict(), Verdict::Found);
        inquiry.look(Some(&[key(4, "ci-bot"), key(5, "ci-bot")]));
        assert_eq!(ids(&inquiry).len(), 2, "another tab may have made one");
    }

    #[test]
    fn of_an_unknown_list_every_key_of_the_name_may_be_the_one() {
        let mut inquiry = Inquiry::into(attempt(None));
        inquiry.look(Some(&[key(1, "ci-bot")]));
        assert_eq!(inquiry.verdict(), Verdict::Found);
    }

    #[test]
    fn nothing_is_said_before_the_last_look_and_never_without_having_seen_the_list() {
        let mut inquiry = Inquiry::into(attempt(Some(&[])));
        for _ in 1..PAUSES_MILLIS.len() {
            inquiry.look(Some(&[]));
            assert_eq!(inquiry.verdict(), Verdict::Looking);
            assert!(!inquiry.may_be_dropped());
        }
        inquiry.look(None);
        assert_eq!(inquiry.verdict(), Verdict::Unseen, "it may have come since the list was seen");
        assert!(!inquiry.may_be_dropped());
        inquiry.restart();
        assert_eq!(inquiry.verdict(), Verdict::Looking);
        for _ in PAUSES_MILLIS {
            inquiry.look(Some(&[]));
        }
        assert_eq!(inquiry.verdict(), Verdict::NotFound);
        assert!(inquiry.may_be_dropped());
    }

    #[test]
    fn what_was_found_stays_found_when_the_list_cannot_be_read() {
        let mut inquiry = Inquiry::into(attempt(Some(&[])));
        inquiry.look(Some(&[key(1, "ci-bot")]));
        inquiry.look(None);
        assert_eq!(inquiry.verdict(), Verdict::Found);
        assert!(inquiry.revoked(key(1, "").id));
        assert!(!inquiry.revoked(key(1, "").id));
    }

    #[test]
    fn after_a_second_try_only_a_second_key_is_news() {
        let mut inquiry = Inquiry::after_success(attempt(Some(&[])), Some(key(1, "").id));
        assert!(!inquiry.is_news());
        inquiry.look(Some(&[key(1, "ci-bot")]));
        assert!(!inquiry.is_news());
        inquiry.look(Some(&[key(1, "ci-bot"), key(2, "ci-bot")]));
        assert!(inquiry.is_news());
        assert_eq!(ids(&inquiry), [key(2, "").id]);
    }
}
