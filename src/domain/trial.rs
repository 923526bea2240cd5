//! Whether a key works: what is known after the Key API was asked.

/// Where the trial of one key stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trial {
    /// Nobody has asked.
    #[default]
    NotAsked,
    /// The Key API is being asked.
    Asking,
    /// It takes the key.
    Works,
    /// It does not take the key.
    Refused,
    /// It could not be asked, for this reason: nothing is known of the key.
    Unknown(String),
}

impl Trial {
    /// Begins to ask. Yields whether the caller is to do so: one question at a time, because each
    /// counts as a use of the key.
    #[must_use]
    pub fn begin(&mut self) -> bool {
        let may_ask = *self != Self::Asking;
        *self = Self::Asking;
        may_ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_tried_once_at_a_time() {
        let mut trial = Trial::default();
        assert!(trial.begin());
        assert!(!trial.begin());
        trial = Trial::Unknown("offline".to_owned());
        assert!(trial.begin(), "and again, when there was an answer or none");
    }
}
