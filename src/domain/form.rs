//! What a form says when it cannot go on.

/// A fault, and where it is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// At the form's one text field.
    AtField(String),
    /// About the whole attempt.
    Overall(String),
}

impl Complaint {
    /// The words, if they belong to the field.
    pub fn at_field(&self) -> Option<&str> {
        match self {
            Self::AtField(words) => Some(words),
            Self::Overall(_) => None,
        }
    }

    /// The words, if they belong to the whole attempt.
    pub fn overall(&self) -> Option<&str> {
        match self {
            Self::AtField(_) => None,
            Self::Overall(words) => Some(words),
        }
    }
}
