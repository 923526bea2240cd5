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
        candidates: Vec<Candidate>,
        /// Whether one has leaked.
        leaked: bool,
    },
    /// One has leaked.
    Drilling(Drill),
}

/// A key that a text holds.
#[derive(Debug)]
pub struct Candidate {
    /// The key, as the list knew it.
    pub key: ApiKey,
    /// Whether the Key API still takes it.
    pub proof: Proof,
    /// Since when it is revoked.
    pub revoked: Option<Timestamp>,
}

/// Whether the Key API still takes a key whose whole is at hand.
#[derive(Debug)]
pub struct Proof {
    secret: Secret,
    trial: Trial,
    rejected: Option<Timestamp>,
}

/// A leaked key, and what was done about it.
#[derive(Debug)]
pub struct Drill {
    /// The key, as the list knew it.
    pub key: ApiKey,
    /// Whether the Key API still takes it.
    pub proof: Proof,
    noticed: Timestamp,
    replacement: Making,
    end: End,
    /// Whether somebody has the note as it stands.
    is_noted: bool,
    is_leaving: bool,
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
    /// Takes what a text holds: one leaked key begins the drill at the time `now`. A text that
    /// nobody waits for any more, as of a file that was long to read, changes nothing.
    pub fn find(&mut self, finding: Finding, now: Timestamp) {
        let Self::Asking { leaked, .. } = *self else {
            return;
        };
        if finding.matches.is_empty() {
            *self = Self::Asking { leaked, nothing: Some(finding) };
            return;
        }
        let candidate = |(key, secret)| Candidate { key, proof: Proof::of(secret), revoked: None };
        let mut candidates: Vec<_> = finding.matches.into_iter().map(candidate).collect();
        *self = match (candidates.len(), candidates.pop()) {
            (1, Some(only)) if leaked => Self::Drilling(Drill::of(only, now)),
            (_, last) => {
                candidates.extend(last);
                Self::Found { candidates, leaked }
            }
        };
    }

    /// This one of the keys has leaked.
    pub fn choose(&mut self, id: KeyId, now: Timestamp) {
        let Self::Found { candidates, .. } = self else {
            return;
        };
        if let Some(at) = candidates.iter().position(|it| it.key.id == id) {
            *self = Self::Drilling(Drill::of(candidates.swap_remove(at), now));
        }
    }

    /// The keys that were found, while it is asked which one is meant.
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Found { candidates, .. } => candidates,
            _ => &[],
        }
    }

    /// This key is revoked since `then`, by a dialog of its own or before it was found.
    pub fn see_revoked(&mut self, id: KeyId, then: Timestamp) {
        match self {
            Self::Found { candidates, .. } => {
                if let Some(it) = candidates.iter_mut().find(|it| it.key.id == id) {
                    it.revoked = Some(then);
                    it.proof.is_out_of_date();
                }
            }
            Self::Drilling(drill) if drill.key.id == id => {
                drill.end(Revoked { at: then, requests: None });
            }
            _ => {}
        }
    }

    /// Begins to ask whether the Key API still takes this key. Yields the whole key, to be sent
    /// once.
    #[must_use]
    pub fn prove(&mut self, id: KeyId) -> Option<Secret> {
        self.proof_of(id)?.begin()
    }

    /// What the Key API said of this key at the time `now`. If the dialog is about other keys by
    /// then, it says nothing of them.
    pub fn take_proof(&mut self, id: KeyId, trial: Trial, now: Timestamp) {
        let Some(proof) = self.proof_of(id) else {
            return;
        };
        proof.take(trial, now);
        if let Some(drill) = self.drill_mut() {
            drill.is_noted = false;
        }
    }

    fn proof_of(&mut self, id: KeyId) -> Option<&mut Proof> {
        match self {
            Self::Drilling(drill) if drill.key.id == id => Some(&mut drill.proof),
            Self::Found { candidates, .. } => {
                candidates.iter_mut().find(|it| it.key.id == id).map(|it| &mut it.proof)
            }
            _ => None,
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

    /// Closes the dialog and drops every pasted key. It stays while a request is under way, and
    /// asks first while something would be lost or left half done.
    pub fn leave(&mut self) {
        match self.drill_mut() {
            Some(drill) if drill.is_revoking() => {}
            Some(drill) if drill.is_unfinished() => drill.is_leaving = true,
            _ => *self = Self::Closed,
        }
    }

    /// The same, once its user was asked.
    pub fn leave_anyway(&mut self) {
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
    /// Begins: this key was found to have leaked at the time `noticed`.
    pub fn of(candidate: Candidate, noticed: Timestamp) -> Self {
        Self {
            key: candidate.key,
            proof: candidate.proof,
            noticed,
            replacement: Making::NotBegun,
            end: End::NotBegun,
            is_noted: false,
            is_leaving: false,
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
        self.is_noted = false;
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

    /// The key is revoked. What the Key API said of it before proves nothing any more.
    pub fn end(&mut self, revoked: Revoked) {
        self.end = End::Done(revoked);
        self.is_noted = false;
        self.proof.is_out_of_date();
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

    /// Somebody has the note as it stands.
    pub fn note_is_taken(&mut self) {
        self.is_noted = true;
    }

    /// Whether leaving now would lose the note of what was done, or leave the leaked key alive
    /// beside its replacement.
    pub fn is_unfinished(&self) -> bool {
        let is_revoked = self.revoked().is_some();
        match self.replacement().is_some() || is_revoked {
            true => !self.is_noted || !is_revoked,
            false => false,
        }
    }

    /// Whether its user has the note as it stands now.
    pub fn is_noted(&self) -> bool {
        self.is_noted
    }

    /// Whether a step was taken: what came of it is to be read and noted until its user closes the
    /// dialog, though the session may be over.
    pub fn has_begun(&self) -> bool {
        self.replacement != Making::NotBegun || self.end != End::NotBegun
    }

    /// Whether its user is asked about that.
    pub fn is_leaving(&self) -> bool {
        self.is_leaving
    }

    /// Its user wants to stay.
    pub fn stay(&mut self) {
        self.is_leaving = false;
    }

    /// What there is to be noted.
    pub fn incident(&self) -> Incident {
        Incident {
            key: self.key.clone(),
            noticed: self.noticed,
            replacement: self.replacement().cloned(),
            revoked: self.revoked(),
            rejected: self.proof.rejected(),
        }
    }
}

impl Proof {
    fn of(secret: Secret) -> Self {
        Self { secret, trial: Trial::default(), rejected: None }
    }

    fn begin(&mut self) -> Option<Secret> {
        self.trial.begin().then(|| Secret::new(self.secret.reveal().to_owned()))
    }

    fn take(&mut self, trial: Trial, now: Timestamp) {
        self.rejected = (trial == Trial::Refused).then_some(now);
        self.trial = trial;
    }

    fn is_out_of_date(&mut self) {
        self.rejected = None;
        // An answer that is under way is waited for: one question at a time.
        if self.trial != Trial::Asking {
            self.trial = Trial::NotAsked;
        }
    }

    /// What is known.
    pub fn trial(&self) -> &Trial {
        &self.trial
    }

    /// When the Key API refused the key.
    pub fn rejected(&self) -> Option<Timestamp> {
        self.rejected
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

    /// The drill for the key of this number.
    fn drilling(number: u8) -> Identification {
        let mut dialog = asking(true);
        dialog.find(finding(&[number]), NOW);
        dialog
    }

    fn drill(dialog: &mut Identification) -> &mut Drill {
        dialog.drill_mut().expect("a drill is on")
    }

    fn asking(leaked: bool) -> Identification {
        Identification::Asking { leaked, nothing: None }
    }

    #[test]
    fn one_leaked_key_begins_the_drill_and_two_ask_which() {
        assert!(drilling(1).drill().is_some());

        let mut dialog = asking(true);
        dialog.find(finding(&[1, 2]), NOW);
        let ids: Vec<_> = dialog.candidates().iter().map(|it| it.key.id).collect();
        assert_eq!(ids, [found(1).0.id, found(2).0.id]);
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
    fn a_text_that_nobody_waits_for_any_more_changes_nothing() {
        let mut dialog = Identification::Closed;
        dialog.find(finding(&[1]), NOW);
        assert!(!dialog.is_open());
        let mut dialog = drilling(1);
        dialog.find(finding(&[2]), NOW);
        assert_eq!(drill(&mut dialog).key.id, found(1).0.id);
    }

    #[test]
    fn every_step_can_be_repeated_until_it_has_worked_and_none_is_taken_twice() {
        let id = found(1).0.id;
        let mut dialog = drilling(1);
        let it = drill(&mut dialog);
        it.begin_replacing();
        it.end_replacing(None);
        assert!(it.replacement().is_none() && !it.is_replacing());
        it.begin_replacing();
        it.end_replacing(Some(Replacement { id: None, at: NOW }));
        it.begin_replacing();
        assert!(!it.is_replacing(), "one replacement is enough");

        assert!(it.revoke().is_some());
        assert!(it.revoke().is_none());
        it.fail_to_revoke("offline".to_owned());
        assert_eq!(it.why_not_revoked(), Some("offline"));
        assert!(it.revoke().is_some());
        it.end(Revoked { at: NOW, requests: Some(7) });
        assert!(it.revoke().is_none());

        assert!(dialog.prove(id).is_some_and(|secret| secret.reveal() == "occ_whole_1"));
        assert!(dialog.prove(id).is_none());
        dialog.take_proof(id, Trial::Works, NOW);
        assert_eq!(drill(&mut dialog).proof.rejected(), None);
        assert!(dialog.prove(id).is_some());
        dialog.take_proof(id, Trial::Refused, NOW);
        let incident = drill(&mut dialog).incident();
        assert_eq!(incident.rejected, Some(NOW));
        assert_eq!(incident.revoked.and_then(|it| it.requests), Some(7));
        assert!(incident.replacement.is_some());
    }

    #[test]
    fn an_answer_about_one_key_proves_nothing_of_another() {
        let mut dialog = drilling(1);
        assert!(dialog.prove(found(1).0.id).is_some());
        dialog.leave();
        let mut dialog = drilling(2);
        dialog.take_proof(found(1).0.id, Trial::Refused, NOW);
        assert_eq!(drill(&mut dialog).proof.rejected(), None);
        assert!(dialog.prove(found(1).0.id).is_none());
    }

    #[test]
    fn what_was_said_before_the_end_is_no_proof_of_it() {
        let id = found(1).0.id;
        let mut dialog = drilling(1);
        dialog.take_proof(id, Trial::Refused, NOW);
        let _ = drill(&mut dialog).revoke();
        drill(&mut dialog).end(Revoked { at: NOW, requests: None });
        assert_eq!(drill(&mut dialog).proof.rejected(), None);
        assert!(dialog.prove(id).is_some(), "it can be asked again");
        drill(&mut dialog).proof.is_out_of_date();
        assert!(dialog.prove(id).is_none(), "but not twice at once");

        let mut dialog = asking(false);
        dialog.find(finding(&[1, 2]), NOW);
        dialog.take_proof(id, Trial::Works, NOW);
        dialog.see_revoked(id, NOW);
        let [it, other] = dialog.candidates() else { panic!("two were found") };
        assert_eq!((it.revoked, it.proof.trial()), (Some(NOW), &Trial::NotAsked));
        assert_eq!(other.revoked, None);

        let mut dialog = drilling(1);
        dialog.see_revoked(found(2).0.id, NOW);
        assert_eq!(drill(&mut dialog).revoked(), None, "another key is");
        dialog.see_revoked(id, NOW);
        assert!(drill(&mut dialog).revoke().is_none(), "it is not revoked twice");
    }

    #[test]
    fn leaving_drops_every_key_but_waits_for_an_answer() {
        let mut dialog = drilling(1);
        let _ = dialog.drill_mut().and_then(Drill::revoke);
        dialog.leave();
        dialog.leave_anyway();
        assert!(dialog.is_open());
        drill(&mut dialog).fail_to_revoke("offline".to_owned());
        dialog.leave();
        assert!(!dialog.is_open(), "nothing was done, so nothing is lost");
    }

    #[test]
    fn it_has_begun_from_the_first_step_on_whatever_comes_of_it() {
        let mut dialog = drilling(1);
        let it = drill(&mut dialog);
        assert!(!it.has_begun(), "nothing was done");
        it.begin_replacing();
        assert!(it.has_begun(), "when that dialog is closed, this one goes on");
        it.end_replacing(None);
        assert!(!it.has_begun(), "nothing was done after all");
        it.end_replacing(Some(Replacement { id: None, at: NOW }));
        assert!(it.has_begun(), "the leaked key lives beside its replacement");

        let mut dialog = drilling(1);
        let it = drill(&mut dialog);
        assert!(it.revoke().is_some());
        assert!(it.has_begun(), "an answer is on its way");
        it.fail_to_revoke("offline".to_owned());
        assert!(it.has_begun(), "until that is read, its user believes the key dead");
        assert!(it.revoke().is_some());
        it.end(Revoked { at: NOW, requests: None });
        it.note_is_taken();
        assert!(it.has_begun(), "the note may be taken another way, too");
    }

    #[test]
    fn leaving_asks_while_something_would_be_lost_or_left_half_done() {
        let mut dialog = drilling(1);
        drill(&mut dialog).end(Revoked { at: NOW, requests: None });
        dialog.leave();
        dialog.leave();
        assert!(drill(&mut dialog).is_leaving(), "and goes on asking");
        drill(&mut dialog).stay();
        assert!(!drill(&mut dialog).is_leaving());
        drill(&mut dialog).note_is_taken();
        assert!(!drill(&mut dialog).is_unfinished());
        dialog.take_proof(found(1).0.id, Trial::Refused, NOW);
        assert!(drill(&mut dialog).is_unfinished(), "the note lacks the proof");
        dialog.leave();
        dialog.leave_anyway();
        assert!(!dialog.is_open());

        let mut dialog = drilling(1);
        drill(&mut dialog).end_replacing(Some(Replacement { id: None, at: NOW }));
        drill(&mut dialog).note_is_taken();
        assert!(drill(&mut dialog).is_unfinished(), "the leaked key is alive");
        drill(&mut dialog).end(Revoked { at: NOW, requests: None });
        drill(&mut dialog).note_is_taken();
        dialog.leave();
        assert!(!dialog.is_open());
    }
}
