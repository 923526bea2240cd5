//! What a form says when it cannot go on.

/// A fault, and where it is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// At the form's one text field.
    AtField(String),
    /// About the whole attempt.
    Overall(String),
    /// It came too soon: the Key API asked to wait.
    TooSoon {
        /// What is said of the whole attempt.
        words: String,
        /// For how many seconds.
        seconds: u32,
    },
}

impl Complaint {
    /// The words, if they belong to the field.
    pub fn at_field(&self) -> Option<&str> {
        match self {
            Self::AtField(words) => Some(words),
            Self::Overall(_) | Self::TooSoon { .. } => None,
        }
    }

    /// The words, if they belong to the whole attempt.
    pub fn overall(&self) -> Option<&str> {
        match self {
            Self::AtField(_) => None,
            Self::Overall(words) | Self::TooSoon { words, .. } => Some(words),
        }
    }

    /// For how many seconds the Key API asked to wait.
    pub fn seconds(&self) -> Option<u32> {
        match self {
            Self::TooSoon { seconds, .. } => Some(*seconds),
            Self::AtField(_) | Self::Overall(_) => None,
        }
    }
}
