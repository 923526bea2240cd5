//! What can go wrong between the browser and the Key API, by what it means to the user.

use std::fmt;

/// Why a call has no result. Never holds a body, a credential or what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// `fetch` failed: offline, a dead host or refused by CORS, which a browser cannot tell apart.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// 401: the bearer token is not, or no longer, good.
    Unauthorized,
    /// 404: there is no such key (any more).
    NotFound,
    /// 422: what was sent is not acceptable.
    Invalid(Vec<FieldError>),
    /// 429: too many requests.
    TooManyRequests,
    /// Another 4xx, with the server's sentence if it sent one.
    Refused(Option<String>),
    /// 5xx, by its status.
    Server(u16),
    /// A success whose body is not what a Key API sends.
    NotAKeyApi,
}

/// One fault of what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The last name on the path to the faulty value, for example `name`; empty if there is none.
    pub field: String,
    /// What is wrong, in the server's words.
    pub message: String,
}

impl ApiError {
    /// Whether a change may have been carried out although this came back: the request may have
    /// arrived and its answer been lost.
    pub fn leaves_outcome_unknown(&self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Server(_) | Self::NotAKeyApi)
    }

    /// What the server says of one field of what was sent.
    pub fn about_field(&self, name: &str) -> Option<&str> {
        let Self::Invalid(faults) = self else {
            return None;
        };
        faults.iter().find(|fault| fault.field == name).map(|fault| fault.message.as_str())
    }
}

impl fmt::Display for ApiError {
    /// The sentence for the user: what happened, and what to do where something can be done.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Unreachable => {
                "The Key API could not be reached. You may be offline, the service may be down, \
                 or it may not allow this site to call it."
            }
            Self::TimedOut => "The Key API did not answer in time.",
            Self::Unauthorized => "Your session has ended. Sign in again.",
            Self::NotFound => "There is no such key any more.",
            Self::Invalid(faults) => match faults.first() {
                Some(fault) => &fault.message,
                None => "The Key API did not accept what was sent.",
            },
            Self::TooManyRequests => "Too many requests. Wait a moment, then try again.",
            Self::Refused(Some(sentence)) => sentence,
            Self::Refused(None) => "The Key API refused the request.",
            Self::Server(status) => {
                f.write_str("The Key API failed (status ")?;
                status.fmt(f)?;
                return f.write_str(").");
            }
            Self::NotAKeyApi => {
                "The answer did not come from a Key API. A proxy or a sign-in page of your \
                 network may have stepped in, or the address of the API is wrong."
            }
        };
        f.write_str(sentence)
    }
}

impl std::error::Error for ApiError {}
