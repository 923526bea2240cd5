//! The drill for a leaked key: a replacement, the end of the key, the proof of it, and the note.
//! Every step is taken when its user says so, and each can be repeated until it has worked.

use contract::Timestamp;

use super::identify::Finding;
use super::incident::{Incident, Replacement, Revoked};
use super::key::{ApiKey, KeyId};
use super::secret::Secret;
use super::trial::Trial;

/// Where the dialog stands that tells which key a text holds.
#[derive(Debug, Default)]
pub enum Identification {
    /// There is no dialog.
    #[default]
    Closed,
    /// A key is to be pasted; perhaps the last text held none.
    Asking {
        /// Whether it has leaked.
        leaked: bool,
        /// What was found in the last text.
        nothing: Option<Finding>,
    },
    /// These keys may be it.
    Found {
        /// The keys.
        finding: Finding,
        /// Whether one has leaked.
        leaked: bool,
    },
    /// One has leaked.
    Drilling(Drill),
}

/// A leaked key, and what was done about it.
#[derive(Debug)]
pub struct Drill {
    /// The key, as the list knew it.
    pub key: ApiKey,
    secret: Secret,
    noticed: Timestamp,
    replacement: Making,
    end: End,
    /// Whether the Key API still takes the key.
    pub trial: Trial,
    rejected: Option<Timestamp>,
}

#[derive(Debug, PartialEq, Eq)]
enum Making {
    NotBegun,
    UnderWay,
    Done(Replacement),
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    NotBegun,
    UnderWay,
    Failed(String),
    Done(Revoked),
}

impl Identification {
    /// Takes what a text holds: one leaked key begins the drill at the time `now`.
    pub fn find(&mut self, mut finding: Finding, now: Timestamp) {
        let leaked = matches!(self, Self::Asking { leaked: true, .. });
        *self = match (finding.matches.len(), leaked) {
            (0, leaked) => Self::Asking { leaked, nothing: Some(finding) },
            (1, true) => match finding.matches.pop() {
                Some((key, secret)) => Self::Drilling(Drill::of(key, secret, now)),
                None => Self::Closed,
            },
            _ => Self::Found { finding, leaked },
        };
    }

    /// This one of the keys has leaked.
    pub fn choose(&mut self, id: KeyId, now: Timestamp) {
        let Self::Found { finding, .. } = self else {
            return;
        };
        let at = finding.matches.iter().position(|(key, _)| key.id == id);
        if let Some((key, secret)) = at.map(|at| finding.matches.swap_remove(at)) {
            *self = Self::Drilling(Drill::of(key, secret, now));
        }
    }

    /// The drill, if one is on.
    pub fn drill(&self) -> Option<&Drill> {
        match self {
            Self::Drilling(drill) => Some(drill),
            _ => None,
        }
    }

    /// The same, to go on with it.
    pub fn drill_mut(&mut self) -> Option<&mut Drill> {
        match self {
            Self::Drilling(drill) => Some(drill),
            _ => None,
        }
    }

    /// Closes the dialog and drops every pasted key, unless a request is under way.
    pub fn leave(&mut self) {
        if !self.drill().is_some_and(Drill::is_revoking) {
            *self = Self::Closed;
        }
    }

    /// Whether the dialog is open.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }
}

impl Drill {
    /// Begins: `key`, whose whole is `secret`, was found to have leaked at the time `noticed`.
    pub fn of(key: ApiKey, secret: Secret, noticed: Timestamp) -> Self {
        Self {
            key,
            secret,
            noticed,
            replacement: Making::NotBegun,
            end: End::NotBegun,
            trial: Trial::default(),
            rejected: None,
        }
    }

    /// A replacement is being made, in its own dialog.
    pub fn begin_replacing(&mut self) {
        if self.replacement == Making::NotBegun {
            self.replacement = Making::UnderWay;
        }
    }

    /// Whether it is.
    pub fn is_replacing(&self) -> bool {
        self.replacement == Making::UnderWay
    }

    /// That dialog was closed: the replacement is in safe hands, or there is none.
    pub fn end_replacing(&mut self, replacement: Option<Replacement>) {
        self.replacement = replacement.map_or(Making::NotBegun, Making::Done);
    }

    /// The replacement, once it is in safe hands.
    pub fn replacement(&self) -> Option<&Replacement> {
        match &self.replacement {
            Making::Done(replacement) => Some(replacement),
            _ => None,
        }
    }

    /// Begins to revoke the key. Yields which one; `None` while that is under way or done.
    #[must_use]
    pub fn revoke(&mut self) -> Option<KeyId> {
        let may_send = matches!(self.end, End::NotBegun | End::Failed(_));
        may_send.then(|| {
            self.end = End::UnderWay;
            self.key.id
        })
    }

    /// The key could not be revoked, for this reason.
    pub fn fail_to_revoke(&mut self, why: String) {
        self.end = End::Failed(why);
    }

    /// The key is revoked.
    pub fn end(&mut self, revoked: Revoked) {
        self.end = End::Done(revoked);
    }

    /// Whether the request to revoke it is under way.
    pub fn is_revoking(&self) -> bool {
        self.end == End::UnderWay
    }

    /// Why it could not be revoked.
    pub fn why_not_revoked(&self) -> Option<&str> {
        match &self.end {
            End::Failed(why) => Some(why),
            _ => None,
        }
    }

    /// How it ended.
    pub fn revoked(&self) -> Option<Revoked> {
        match self.end {
            End::Done(revoked) => Some(revoked),
            _ => None,
        }
    }

    /// Begins to ask whether the Key API still takes the key. Yields the whole key, to be sent
    /// once.
    #[must_use]
    pub fn prove(&mut self) -> Option<Secret> {
        self.trial.begin().then(|| Secret::new(self.secret.reveal().to_owned()))
    }

    /// What the Key API said at the time `now`.
    pub fn take_proof(&mut self, trial: Trial, now: Timestamp) {
        self.rejected = (trial == Trial::Refused).then_some(now);
        self.trial = trial;
    }

    /// When the Key API refused the key.
    pub fn rejected(&self) -> Option<Timestamp> {
        self.rejected
    }

    /// What there is to be noted.
    pub fn incident(&self) -> Incident {
        Incident {
            key: self.key.clone(),
            noticed: self.noticed,
            replacement: self.replacement().cloned(),
            revoked: self.revoked(),
            rejected: self.rejected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

    fn found(number: u8) -> (ApiKey, Secret) {
        let key = ApiKey {
            id: format!("00000000-0000-0000-0000-{number:012}").parse().expect("a uuid"),
            name: "ci-bot".to_owned(),
            masked: "occ_…".to_owned(),
            created: NOW,
            last_used: None,
        };
        (key, Secret::new(format!("occ_whole_{number}")))
    }

    fn finding(numbers: &[u8]) -> Finding {
        Finding { matches: numbers.iter().map(|it| found(*it)).collect(), strangers: 0 }
    }

    fn asking(leaked: bool) -> Identification {
        Identification::Asking { leaked, nothing: None }
    }

    #[test]
    fn one_leaked_key_begins_the_drill_and_two_ask_which() {
        let mut dialog = asking(true);
        dialog.find(finding(&[1]), NOW);
        assert!(dialog.drill().is_some());

        let mut dialog = asking(true);
        dialog.find(finding(&[1, 2]), NOW);
        assert!(matches!(dialog, Identification::Found { leaked: true, .. }));
        dialog.choose(found(2).0.id, NOW);
        assert_eq!(dialog.drill().map(|drill| drill.key.id), Some(found(2).0.id));

        let mut dialog = asking(false);
        dialog.find(finding(&[1]), NOW);
        assert!(matches!(dialog, Identification::Found { leaked: false, .. }));
        let mut dialog = asking(true);
        dialog.find(finding(&[]), NOW);
        assert!(matches!(dialog, Identification::Asking { leaked: true, nothing: Some(_) }));
    }

    #[test]
    fn every_step_can_be_repeated_until_it_has_worked_and_none_is_taken_twice() {
        let (key, secret) = found(1);
        let mut drill = Drill::of(key, secret, NOW);
        drill.begin_replacing();
        drill.end_replacing(None);
        assert!(drill.replacement().is_none() && !drill.is_replacing());
        drill.begin_replacing();
        drill.end_replacing(Some(Replacement { id: None, at: NOW }));
        drill.begin_replacing();
        assert!(!drill.is_replacing(), "one replacement is enough");

        assert!(drill.revoke().is_some());
        assert!(drill.revoke().is_none());
        drill.fail_to_revoke("offline".to_owned());
        assert_eq!(drill.why_not_revoked(), Some("offline"));
        assert!(drill.revoke().is_some());
        drill.end(Revoked { at: NOW, requests: Some(7) });
        assert!(drill.revoke().is_none());

        assert!(drill.prove().is_some_and(|secret| secret.reveal() == "occ_whole_1"));
        assert!(drill.prove().is_none());
        drill.take_proof(Trial::Works, NOW);
        assert_eq!(drill.rejected(), None);
        assert!(drill.prove().is_some());
        drill.take_proof(Trial::Refused, NOW);
        let incident = drill.incident();
        assert_eq!(incident.rejected, Some(NOW));
        assert_eq!(incident.revoked.and_then(|it| it.requests), Some(7));
        assert!(incident.replacement.is_some());
    }

    #[test]
    fn leaving_drops_every_key_but_waits_for_an_answer() {
        let mut dialog = asking(true);
        dialog.find(finding(&[1]), NOW);
        let _ = dialog.drill_mut().and_then(Drill::revoke);
        dialog.leave();
        assert!(dialog.is_open());
        if let Some(drill) = dialog.drill_mut() {
            drill.fail_to_revoke("offline".to_owned());
        }
        dialog.leave();
        assert!(!dialog.is_open());
    }
}
