//! Trying a key: whether the Key API takes it. It is tried when its user asks for it, once each
//! time, and never otherwise: the key travels in the address of the request.

use contract::Timestamp;

/// What the Key API says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Accepted,
    /// It does not, or no longer.
    Rejected,
}

/// The last trial of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trial {
    /// There was none.
    #[default]
    NotTried,
    /// The answer is awaited.
    UnderWay,
    /// The Key API said this, at this time by its clock.
    Answered(Verdict, Timestamp),
    /// It said nothing of the key, for this reason in words.
    Failed(String),
}

impl Trial {
    /// Begins a trial. Yields whether the caller is to send the request: a double click tries once.
    #[must_use]
    pub fn begin(&mut self) -> bool {
        let may_send = *self != Self::UnderWay;
        *self = Self::UnderWay;
        may_send
    }

    /// Whether the answer is awaited.
    pub fn is_under_way(&self) -> bool {
        *self == Self::UnderWay
    }

    /// When the key was rejected, if the last trial showed that.
    pub fn rejected_at(&self) -> Option<Timestamp> {
        match self {
            Self::Answered(Verdict::Rejected, at) => Some(*at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_click_tries_once_and_a_failure_can_be_repeated() {
        let mut trial = Trial::default();
        assert!(trial.begin());
        assert!(!trial.begin());
        trial = Trial::Failed("unreachable".to_owned());
        assert_eq!(trial.rejected_at(), None, "no answer proves nothing");
        assert!(trial.begin());
    }

    #[test]
    fn only_a_rejection_proves_that_a_key_is_dead() {
        let at = Timestamp::from_unix_seconds(1);
        assert_eq!(Trial::Answered(Verdict::Rejected, at).rejected_at(), Some(at));
        assert_eq!(Trial::Answered(Verdict::Accepted, at).rejected_at(), None);
    }
}
