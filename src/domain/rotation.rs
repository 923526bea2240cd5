//! Rotation by evidence: a key gets a successor, the successor is put in its place, and only when
//! the old key's silence says that nobody uses it any more is it offered to be revoked (issue 6).
//!
//! [`habit`] says how long the silence has to be, [`evidence`] what was seen of it, [`record`] what
//! of a rotation outlives its page, and [`reminder`] writes a calendar file for whoever leaves.
//!
//! Architecture Invariant: the successor's secret is none of a rotation's business. It is shown by
//! [`Creation`](super::creation::Creation) and owed by
//! [`Unconfirmed`](super::lost_secret::Unconfirmed); a rotation learns which key it is and whether
//! the secret is in safe hands, and does not go on before that.

pub mod evidence;
pub mod habit;
pub mod record;
pub mod reminder;

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties;

use contract::Timestamp;

use self::evidence::{Refusal, Side, Watch, Why};
use self::habit::Habit;
use super::creation::Custody;
use super::journal::entry::Figures;
use super::key::KeyId;
use super::renewal::Moment;

/// The rotation of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    old: KeyId,
    step: Step,
}

/// How far a rotation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The old key was chosen.
    Chosen,
    /// The dialog that makes the successor is open.
    Creating,
    /// The successor was made, and nobody has said that its secret is saved.
    Unsaved(KeyId),
    /// Its secret is saved, and to be put where the old one is.
    HandingOver(KeyId),
    /// It was handed over, and both keys' counters are watched.
    Watching {
        /// The successor.
        new: KeyId,
        /// What was seen.
        watch: Watch,
        /// Why the old key could not be revoked when that was tried.
        trouble: Option<String>,
    },
    /// The user is asked whether the old key is to be revoked, or it is being revoked.
    Revoking {
        /// The successor.
        new: KeyId,
        /// What was seen.
        watch: Watch,
    },
    /// Nothing is to be done any more.
    Over(End),
}

/// How a rotation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The old key was revoked as the last step.
    Revoked,
    /// The old key went in another way.
    OldIsGone,
    /// The successor was revoked, so that the old key is the one in use.
    NewIsGone,
    /// The successor has no identity of its own that its usage could be asked by.
    Unnamed,
    /// Its user has kept the old key.
    Kept,
}

impl Rotation {
    /// The rotation of this key, which begins.
    pub fn of(old: KeyId) -> Self {
        Self { old, step: Step::Chosen }
    }

    /// The key that is to go.
    pub fn old(&self) -> KeyId {
        self.old
    }

    /// Its successor, once it is made.
    pub fn successor(&self) -> Option<KeyId> {
        match self.step {
            Step::Unsaved(new)
            | Step::HandingOver(new)
            | Step::Watching { new, .. }
            | Step::Revoking { new, .. } => Some(new),
            Step::Chosen | Step::Creating | Step::Over(_) => None,
        }
    }

    /// How far it is.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// What was seen, once the successor is handed over.
    pub fn watch(&self) -> Option<&Watch> {
        match &self.step {
            Step::Watching { watch, .. } | Step::Revoking { watch, .. } => Some(watch),
            _ => None,
        }
    }

    /// Whether nothing is to be done any more.
    pub fn is_over(&self) -> bool {
        matches!(self.step, Step::Over(_))
    }

    /// Makes the successor. Yields whether the caller is to open the dialog for it.
    #[must_use]
    pub fn create(&mut self) -> bool {
        let may_create = self.step == Step::Chosen;
        if may_create {
            self.step = Step::Creating;
        }
        may_create
    }

    /// The dialog was closed, and made no key.
    pub fn give_up(&mut self) {
        if self.step == Step::Creating {
            self.step = Step::Chosen;
        }
    }

    /// The successor's secret is on show: that of the key that was asked for, or of one that takes
    /// its place because its secret was lost. `None` if the API has not named it.
    pub fn show(&mut self, new: Option<KeyId>) {
        if matches!(self.step, Step::Creating | Step::Unsaved(_)) {
            self.step = match new {
                Some(new) if new != self.old => Step::Unsaved(new),
                _ => Step::Over(End::Unnamed),
            };
        }
    }

    /// The dialog with the secret was closed when it stood so with the secret. Only one that is in
    /// safe hands can be handed over.
    pub fn close(&mut self, custody: Custody) {
        if let Step::Unsaved(new) = self.step
            && custody != Custody::PageOnly
        {
            self.step = Step::HandingOver(new);
        }
    }

    /// The user says, after a reload perhaps, that they have saved the secret of this key.
    pub fn save(&mut self, id: KeyId) {
        if self.step == Step::Unsaved(id) {
            self.step = Step::HandingOver(id);
        }
    }

    /// The user does not want the secret on show: another successor can be made.
    pub fn discard(&mut self) {
        if matches!(self.step, Step::Unsaved(_)) {
            self.step = Step::Chosen;
        }
    }

    /// The user says that the successor is where the old key was, of which this `habit` is known.
    /// From `now` on both keys are watched.
    pub fn hand_over(&mut self, habit: Habit, now: Timestamp) {
        if let Step::HandingOver(new) = self.step {
            self.step = Step::Watching { new, watch: Watch::new(habit, now), trouble: None };
        }
    }

    /// Takes in the counters of one of the keys, as [`Watch::see`] says. Those of other keys are
    /// none of its business.
    pub fn see(&mut self, id: KeyId, figures: Figures, at: Moment) {
        let side = if id == self.old { Side::Old } else { Side::New };
        if let Step::Watching { new, watch, .. } | Step::Revoking { new, watch } = &mut self.step
            && (side == Side::Old || *new == id)
        {
            watch.see(side, figures, at);
        }
    }

    /// Whether it is to be offered, `now`, that the old key be revoked.
    ///
    /// # Errors
    /// What is missing.
    pub fn verdict(&self, now: Moment) -> Result<(), Refusal> {
        let missing = Refusal { why: Why::NotWatching, left: 0 };
        self.watch().ok_or(missing)?.verdict(now)
    }

    /// Asks, `now`, for the old key to be revoked. Yields the key; the caller has it confirmed as
    /// any other, and says what came of it by [`gone`](Self::gone), [`fail`](Self::fail) or
    /// [`stay`](Self::stay).
    ///
    /// # Errors
    /// What is missing. Nothing is asked then.
    pub fn revoke(&mut self, now: Moment) -> Result<KeyId, Refusal> {
        self.verdict(now)?;
        if let Step::Watching { new, watch, .. } = self.step {
            self.step = Step::Revoking { new, watch };
        }
        Ok(self.old)
    }

    /// The old key was not revoked, for this reason.
    pub fn fail(&mut self, why: String) {
        self.watch_on(Some(why));
    }

    /// The user does not want the old key to be revoked now.
    pub fn stay(&mut self) {
        self.watch_on(None);
    }

    /// This key is gone, revoked here or elsewhere.
    pub fn gone(&mut self, id: KeyId) {
        if self.is_over() {
            return;
        }
        if self.successor() == Some(id) {
            self.step = Step::Over(End::NewIsGone);
        } else if self.old == id {
            let was_asked_for = matches!(self.step, Step::Revoking { .. });
            let end = if was_asked_for { End::Revoked } else { End::OldIsGone };
            self.step = Step::Over(end);
        }
    }

    /// The old key is to stay, and so is its successor. Not while the old key may be being revoked.
    pub fn keep(&mut self) {
        if !self.is_over() && !matches!(self.step, Step::Revoking { .. }) {
            self.step = Step::Over(End::Kept);
        }
    }

    fn watch_on(&mut self, trouble: Option<String>) {
        if let Step::Revoking { new, watch } = self.step {
            self.step = Step::Watching { new, watch, trouble };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rotation::record::tests::id;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_456_101_000);
    const QUARTER: i64 = 15 * 60_000;

    fn at(millis: i64) -> Moment {
        Moment { wall: NOW.unix_millis() + millis, monotonic: Some(millis) }
    }

    fn counted(successful: u64) -> Figures {
        Figures { completed: successful, successful, ..Figures::default() }
    }

    fn unsaved() -> Rotation {
        let mut rotation = Rotation::of(id(1));
        assert!(rotation.create());
        rotation.show(Some(id(2)));
        rotation
    }

    fn watching() -> Rotation {
        let mut rotation = unsaved();
        rotation.close(Custody::Copied);
        rotation.hand_over(Habit::new(100, QUARTER, 0), NOW);
        rotation
    }

    fn offered() -> Rotation {
        let mut rotation = watching();
        for (millis, used) in [(0, 0), (QUARTER, 42)] {
            rotation.see(id(1), counted(1_000), at(millis));
            rotation.see(id(2), counted(used), at(millis));
        }
        rotation
    }

    #[test]
    fn a_rotation_goes_from_the_old_key_to_its_end() {
        let mut rotation = offered();
        assert_eq!((rotation.old(), rotation.successor()), (id(1), Some(id(2))));
        assert_eq!(rotation.verdict(at(QUARTER)), Ok(()));
        assert_eq!(rotation.revoke(at(QUARTER)), Ok(id(1)));
        assert!(matches!(rotation.step(), Step::Revoking { .. }));
        rotation.gone(id(1));
        assert_eq!(rotation.step(), &Step::Over(End::Revoked));
    }

    #[test]
    fn one_successor_is_made_however_often_it_is_asked_for() {
        let mut rotation = Rotation::of(id(1));
        assert!(rotation.create());
        assert!(!rotation.create());
        rotation.give_up();
        assert!(rotation.create(), "nothing was made");
        rotation.show(Some(id(2)));
        rotation.give_up();
        assert!(!rotation.create(), "something was");
        assert_eq!(rotation.successor(), Some(id(2)));
    }

    #[test]
    fn nothing_goes_on_before_the_secret_is_saved() {
        let mut rotation = unsaved();
        rotation.hand_over(Habit::default(), NOW);
        rotation.close(Custody::PageOnly);
        rotation.hand_over(Habit::default(), NOW);
        rotation.save(id(3));
        assert_eq!(rotation.step(), &Step::Unsaved(id(2)));

        let mut said = rotation.clone();
        said.save(id(2));
        assert_eq!(said.step(), &Step::HandingOver(id(2)));
        for custody in [Custody::Seen, Custody::Copied] {
            let mut closed = rotation.clone();
            closed.close(custody);
            assert_eq!(closed.step(), &Step::HandingOver(id(2)), "{custody:?}");
        }
    }

    #[test]
    fn a_lost_secret_gets_another_successor() {
        let mut replaced = unsaved();
        replaced.show(Some(id(3)));
        assert_eq!(replaced.step(), &Step::Unsaved(id(3)));
        let mut discarded = unsaved();
        discarded.discard();
        assert_eq!((discarded.step(), discarded.successor()), (&Step::Chosen, None));
    }

    #[test]
    fn a_successor_that_cannot_be_watched_ends_the_rotation() {
        for new in [None, Some(id(1))] {
            let mut rotation = Rotation::of(id(1));
            assert!(rotation.create());
            rotation.show(new);
            assert_eq!(rotation.step(), &Step::Over(End::Unnamed));
        }
        let mut other = Rotation::of(id(1));
        other.show(Some(id(2)));
        assert_eq!(other.step(), &Step::Chosen, "a key that somebody else made is none of it");
    }

    #[test]
    fn revoking_is_refused_before_the_evidence_is_there() {
        let refused = |why, left| Err(Refusal { why, left });
        let mut early = unsaved();
        assert_eq!(early.revoke(at(0)), refused(Why::NotWatching, 0));
        let mut rotation = watching();
        assert_eq!(rotation.revoke(at(0)), refused(Why::LookFirst, QUARTER));
        rotation.see(id(1), counted(1_000), at(0));
        rotation.see(id(2), counted(0), at(0));
        rotation.see(id(2), counted(1), at(9));
        assert_eq!(rotation.revoke(at(9)), refused(Why::TooEarly, QUARTER));
        assert!(matches!(rotation.step(), Step::Watching { .. }), "and changes nothing");
    }

    #[test]
    fn what_is_seen_of_other_keys_is_no_evidence() {
        let mut rotation = watching();
        let before = rotation.clone();
        rotation.see(id(3), counted(9), at(0));
        assert_eq!(rotation, before);
        let mut chosen = Rotation::of(id(1));
        chosen.see(id(1), counted(9), at(0));
        assert_eq!(chosen, Rotation::of(id(1)));
    }

    #[test]
    fn a_revocation_that_failed_or_was_taken_back_leaves_the_watch_as_it_was() {
        let trouble = |rotation: &Rotation| match rotation.step() {
            Step::Watching { trouble, .. } => trouble.clone(),
            step => panic!("{step:?}"),
        };
        let mut rotation = offered();
        assert_eq!(rotation.revoke(at(QUARTER)), Ok(id(1)));
        rotation.keep();
        rotation.fail("offline".to_owned());
        assert_eq!(trouble(&rotation), Some("offline".to_owned()));
        assert_eq!(rotation.revoke(at(QUARTER)), Ok(id(1)));
        rotation.stay();
        assert_eq!(trouble(&rotation), None);
        assert_eq!(rotation, offered());
    }

    #[test]
    fn the_watch_goes_on_while_its_user_is_asked() {
        let mut rotation = offered();
        assert_eq!(rotation.revoke(at(QUARTER)), Ok(id(1)));
        rotation.see(id(1), counted(1_001), at(QUARTER + 9));
        assert_eq!(
            rotation.verdict(at(QUARTER + 9)),
            Err(Refusal { why: Why::TooEarly, left: QUARTER })
        );
    }

    #[test]
    fn a_key_that_goes_in_another_way_ends_the_rotation() {
        for (gone, end) in [(1, End::OldIsGone), (2, End::NewIsGone)] {
            let mut rotation = offered();
            rotation.gone(id(3));
            assert_eq!(rotation, offered(), "another key");
            rotation.gone(id(gone));
            assert_eq!(rotation.step(), &Step::Over(end));
            rotation.gone(id(1));
            rotation.keep();
            assert_eq!(rotation.step(), &Step::Over(end), "the end is the end");
        }
        let mut asked = offered();
        assert_eq!(asked.revoke(at(QUARTER)), Ok(id(1)));
        asked.gone(id(2));
        assert_eq!(asked.step(), &Step::Over(End::NewIsGone));
    }

    #[test]
    fn the_old_key_can_be_kept_at_any_step() {
        for mut rotation in [Rotation::of(id(1)), unsaved(), watching(), offered()] {
            rotation.keep();
            assert_eq!(rotation.step(), &Step::Over(End::Kept));
            assert!(rotation.is_over());
        }
    }
}
