//! Creating a key, from the first click to the secret in safe hands.
//!
//! The API tells a secret once. So the dialog may go only when its user has the secret, or has
//! said that they do not want it; and nothing else may close it meanwhile.

use super::form::Complaint;
use super::key::CreatedKey;

/// Where the dialog stands.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Creation {
    /// There is no dialog.
    #[default]
    Closed,
    /// A name is asked for; perhaps the last one was not accepted.
    Naming(Option<Complaint>),
    /// The key is being made. Leaving now could lose a secret that is on its way.
    Sending,
    /// The key is made and its secret is on show.
    Showing {
        /// The key, with its secret.
        key: CreatedKey,
        /// Who has the secret.
        custody: Custody,
        /// Whether the user wants to leave and is asked if they really do.
        asking: bool,
    },
    /// The answer was lost, for this reason: it is not known whether the key was made. What there
    /// is to know, an [`Inquiry`](super::inquiry::Inquiry) finds out.
    Unknown(String),
}

/// What is known about the user's hold on the secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Custody {
    /// Only this page has it, and has not even shown it.
    #[default]
    PageOnly,
    /// It was revealed: the user may have saved it by hand.
    Seen,
    /// It was put on the clipboard.
    Copied,
}

impl Creation {
    /// Opens the dialog, unless it is open.
    pub fn open(&mut self) {
        if *self == Self::Closed {
            *self = Self::Naming(None);
        }
    }

    /// Says what is wrong with the name, while one is asked for.
    pub fn complain(&mut self, complaint: Complaint) {
        if matches!(self, Self::Naming(_) | Self::Sending) {
            *self = Self::Naming(Some(complaint));
        }
    }

    /// Starts making the key. Yields whether the caller is to send the request: a second click or
    /// Enter meanwhile must not make a second key.
    #[must_use]
    pub fn send(&mut self) -> bool {
        let may_send = matches!(self, Self::Naming(_) | Self::Unknown(_));
        if may_send {
            *self = Self::Sending;
        }
        may_send
    }

    /// The answer is lost for this reason, now or before a reload.
    pub fn lose(&mut self, why: String) {
        if !self.is_showing() {
            *self = Self::Unknown(why);
        }
    }

    /// Goes back to asking for a name, when an answer was lost.
    pub fn rename(&mut self) {
        if self.is_unknown() {
            *self = Self::Naming(None);
        }
    }

    /// Shows the new key.
    pub fn show(&mut self, key: CreatedKey) {
        *self = Self::Showing { key, custody: Custody::PageOnly, asking: false };
    }

    /// Notes that the secret was revealed, or offered as a file: a browser does not say whether the
    /// file is kept, so its user may have saved it and is still asked.
    pub fn revealed(&mut self) {
        if let Self::Showing { custody: custody @ Custody::PageOnly, .. } = self {
            *custody = Custody::Seen;
        }
    }

    /// Notes that this secret is on the clipboard. The note may come late, when another secret is
    /// on show: then it is not about that one.
    pub fn copied(&mut self, secret: &str) {
        if let Self::Showing { key, custody, .. } = self
            && key.secret.reveal() == secret
        {
            *custody = Custody::Copied;
        }
    }

    /// Notes that the clipboard holds it no more. It may have been pasted before, so it counts as
    /// seen: its user can say that it is saved, and is asked if they just leave.
    pub fn cleared(&mut self) {
        if let Self::Showing { custody: custody @ Custody::Copied, .. } = self {
            *custody = Custody::Seen;
        }
    }

    /// The answer to Escape, Back and the like: closes where nothing can be lost, and asks where
    /// the secret would be.
    pub fn leave(&mut self) {
        match self {
            Self::Naming(_) | Self::Unknown(_) | Self::Showing { custody: Custody::Copied, .. } => {
                *self = Self::Closed
            }
            Self::Showing { asking, .. } => *asking = true,
            Self::Closed | Self::Sending => {}
        }
    }

    /// The user says that they saved the secret. One that was neither revealed nor copied cannot
    /// have been saved: that was the second half of a double click, or a mistake, and asks.
    pub fn acknowledge(&mut self) {
        match self {
            Self::Showing { custody: Custody::Seen | Custody::Copied, .. } => *self = Self::Closed,
            Self::Showing { asking, .. } => *asking = true,
            Self::Closed | Self::Naming(_) | Self::Sending | Self::Unknown(_) => {}
        }
    }

    /// The name is being typed anew: what was wrong with the last one no longer matters. A pause
    /// that the Key API asked for does.
    pub fn retype(&mut self) {
        if let Self::Naming(complaint) = self {
            complaint.take_if(|complaint| complaint.seconds().is_none());
        }
    }

    /// Takes the question back.
    pub fn stay(&mut self) {
        if let Self::Showing { asking, .. } = self {
            *asking = false;
        }
    }

    /// Closes for good and drops the secret: the user has said that they do not want it.
    pub fn close(&mut self) {
        *self = Self::Closed;
    }

    /// Whether a reload or a closed tab would lose a secret, so that the browser should ask.
    pub fn warns_on_unload(&self) -> bool {
        matches!(
            self,
            Self::Sending | Self::Showing { custody: Custody::PageOnly | Custody::Seen, .. }
        )
    }

    /// Whether the dialog is open.
    pub fn is_open(&self) -> bool {
        *self != Self::Closed
    }

    /// Whether the key is being made.
    pub fn is_sending(&self) -> bool {
        *self == Self::Sending
    }

    /// Whether it is not known if the key was made.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Why that is not known.
    pub fn why_unknown(&self) -> &str {
        match self {
            Self::Unknown(why) => why,
            _ => "",
        }
    }

    /// Whether a secret is on show.
    pub fn is_showing(&self) -> bool {
        matches!(self, Self::Showing { .. })
    }

    /// Whether the user is asked if they really want to leave.
    pub fn is_asking(&self) -> bool {
        matches!(self, Self::Showing { asking: true, .. })
    }

    /// Who has the secret on show.
    pub fn custody(&self) -> Option<Custody> {
        match self {
            Self::Showing { custody, .. } => Some(*custody),
            _ => None,
        }
    }

    /// Whether the secret on show is on the clipboard, so that saying so is the next thing to do.
    pub fn is_copied(&self) -> bool {
        self.custody() == Some(Custody::Copied)
    }

    /// The key on show.
    pub fn key(&self) -> Option<&CreatedKey> {
        match self {
            Self::Showing { key, .. } => Some(key),
            _ => None,
        }
    }

    /// What is wrong with the last attempt.
    pub fn complaint(&self) -> Option<&Complaint> {
        match self {
            Self::Naming(complaint) => complaint.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::KeyName;
    use crate::domain::secret::Secret;

    fn key() -> CreatedKey {
        CreatedKey {
            id: None,
            name: KeyName::parse("ci-bot").expect("a name"),
            secret: Secret::new("occ_secret".to_owned()),
        }
    }

    fn showing() -> Creation {
        let mut creation = Creation::default();
        creation.show(key());
        creation
    }

    #[test]
    fn a_second_submit_sends_nothing() {
        let mut creation = Creation::default();
        creation.open();
        assert!(creation.send());
        assert!(!creation.send());
        creation.show(key());
        assert!(!creation.send());
    }

    #[test]
    fn nothing_closes_the_dialog_while_a_secret_is_on_its_way() {
        let mut creation = Creation::Sending;
        creation.leave();
        creation.open();
        assert!(creation.is_sending());
        assert!(creation.warns_on_unload());
    }

    #[test]
    fn leaving_a_secret_that_only_the_page_has_asks_first() {
        let mut creation = showing();
        assert!(creation.warns_on_unload());
        creation.leave();
        assert!(creation.is_asking() && creation.key().is_some());
        creation.leave();
        assert!(creation.is_asking(), "a second Escape does not get past the question");
        creation.stay();
        assert!(!creation.is_asking() && creation.key().is_some());
        creation.close();
        assert_eq!(creation, Creation::Closed);
    }

    #[test]
    fn a_copied_secret_may_be_left_without_a_question() {
        let mut creation = showing();
        creation.copied("occ_secret");
        assert!(!creation.warns_on_unload());
        creation.leave();
        assert_eq!(creation, Creation::Closed);
    }

    #[test]
    fn a_secret_that_is_off_the_clipboard_again_is_asked_about_and_may_have_been_saved() {
        let mut creation = showing();
        creation.cleared();
        creation.acknowledge();
        assert!(creation.is_asking(), "it was never there");
        creation.stay();
        creation.copied("occ_secret");
        creation.cleared();
        assert!(creation.warns_on_unload());
        creation.leave();
        assert!(creation.is_asking());
        creation.acknowledge();
        assert_eq!(creation, Creation::Closed);
    }

    #[test]
    fn a_copy_of_another_secret_does_not_count() {
        let mut creation = showing();
        creation.copied("occ_of_the_key_before");
        assert!(creation.warns_on_unload());
    }

    #[test]
    fn a_secret_that_nobody_saw_cannot_have_been_saved() {
        let mut creation = showing();
        creation.acknowledge();
        assert!(creation.is_asking() && creation.key().is_some());

        let mut creation = showing();
        creation.revealed();
        assert!(creation.warns_on_unload(), "seen is not saved");
        creation.leave();
        assert!(creation.is_asking());
        creation.stay();
        creation.acknowledge();
        assert_eq!(creation, Creation::Closed);
    }

    #[test]
    fn a_lost_answer_leads_to_another_try_only_by_its_user() {
        let mut creation = Creation::Sending;
        creation.lose("lost".to_owned());
        assert!(creation.is_unknown() && !creation.warns_on_unload());
        assert!(creation.send(), "the same again");
        creation.lose("lost".to_owned());
        creation.rename();
        assert_eq!(creation, Creation::Naming(None));
        let mut creation = showing();
        creation.lose("lost".to_owned());
        assert!(creation.is_showing(), "a secret is never lost sight of");
    }

    #[test]
    fn typing_takes_the_complaint_away() {
        let mut creation = Creation::Naming(Some(Complaint::AtField("no".to_owned())));
        creation.retype();
        assert_eq!(creation.complaint(), None);
        let too_soon = Complaint::TooSoon { words: "wait".to_owned(), seconds: 9 };
        creation.complain(too_soon.clone());
        creation.retype();
        assert_eq!(creation.complaint(), Some(&too_soon));
    }

    #[test]
    fn opening_never_replaces_what_is_open() {
        let mut creation = showing();
        creation.open();
        assert!(creation.key().is_some());
    }

    #[test]
    fn a_refused_name_leads_back_to_the_form() {
        let mut creation = Creation::Sending;
        creation.complain(Complaint::AtField("too long".to_owned()));
        assert_eq!(creation.complaint().and_then(Complaint::at_field), Some("too long"));
        assert!(creation.send(), "and it can be sent again");

        let mut creation = showing();
        creation.complain(Complaint::Overall("late".to_owned()));
        assert!(creation.is_showing(), "a late complaint does not hide a secret");
    }
}
