//! What can go wrong between the browser and the Key API, by what it means to the user.

use std::fmt;
use std::sync::Arc;

use crate::domain::retry::Setback;
use crate::words::{tr, tr_with};

/// Why a call has no result. Never holds a body, a credential or what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The browser knew that it is offline before anything was sent: nothing was.
    Offline,
    /// `fetch` failed: offline after all, a dead host or refused by CORS, which a browser cannot
    /// tell apart.
    Unreachable(Addresses),
    /// There was no whole answer in time.
    TimedOut,
    /// The answer is not what a Key API sends.
    NotAKeyApi,
    /// 401: the bearer token is not, or no longer, good.
    Unauthorized,
    /// 403: not for this user, with the server's sentence if it sent one.
    Forbidden(Option<String>),
    /// 404: there is no such key (any more).
    NotFound,
    /// 409: it does not fit what is there, with the server's sentence if it sent one.
    Conflict(Option<String>),
    /// 422: what was sent is not acceptable.
    Invalid(Vec<FieldError>),
    /// 429: too many requests.
    TooManyRequests {
        /// The seconds to wait, by the server's word; at most
        /// [`MOST_SECONDS`](crate::domain::retry::MOST_SECONDS).
        retry_after: Option<u32>,
    },
    /// Another 4xx, with the server's sentence if it sent one.
    Refused(Option<String>),
    /// 5xx, by its status.
    Server(u16),
}

/// Who could not reach whom. Clones share the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The origin of this page, for example `https://console.example.com`.
    pub site: Arc<str>,
    /// The address of the Key API, for example `https://keys.example.com`.
    pub api: Arc<str>,
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
        matches!(self, Self::Unreachable(_) | Self::TimedOut | Self::Server(_) | Self::NotAKeyApi)
    }

    /// Whether an API that was asked to exchange a key has said that the key is not good (any
    /// more). The documents have 400 and 422 for it; nothing else is to be read into a failure.
    pub fn is_refused_key(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Invalid(_) | Self::Unauthorized)
    }

    /// What the server says of one field of what was sent.
    pub fn about_field(&self, name: &str) -> Option<&str> {
        let Self::Invalid(faults) = self else {
            return None;
        };
        faults.iter().find(|fault| fault.field == name).map(|fault| fault.message.as_str())
    }

    /// What kind of passing trouble this is, if it is one: a read is worth repeating then. A
    /// timeout is none, because the user has waited for long already.
    pub fn setback(&self) -> Option<Setback> {
        match *self {
            Self::Unreachable(_) | Self::Server(502..=504) => Some(Setback::Outage),
            Self::TooManyRequests { retry_after } => Some(Setback::Throttled(retry_after)),
            _ => None,
        }
    }

    /// What happened, without what may have caused it: for where it is tried again anyway.
    pub fn in_short(&self) -> String {
        match self {
            Self::Unreachable(_) => tr("The Key API could not be reached."),
            Self::TooManyRequests { .. } => tr("Too many requests."),
            error => error.to_string(),
        }
    }

    /// Whether the way to the Key API was cut, so that being back online may heal it.
    pub fn is_disconnection(&self) -> bool {
        matches!(self, Self::Offline | Self::Unreachable(_) | Self::TimedOut)
    }

    /// The seconds that have to pass before the same is worth trying again, where the server
    /// named some.
    pub fn retry_after(&self) -> Option<u32> {
        match *self {
            Self::TooManyRequests { retry_after } => retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for ApiError {
    /// The sentence for the user: what happened, and what to do where something can be done.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Offline => tr("You are offline. Try again when you are back."),
            // What is at the site's own address, the browser does not ask whether it allows calls.
            Self::Unreachable(Addresses { site, api }) if site == api => tr(
                "The Key API could not be reached: you may be offline, or the service may be down.",
            ),
            Self::Unreachable(Addresses { site, api }) => tr_with(
                "The Key API at {api} could not be reached from {site}: you may be offline, the \
                 service may be down, or it may not allow this site to call it (CORS).",
                &[("api", api), ("site", site)],
            ),
            Self::TimedOut => tr("The Key API did not answer in time."),
            Self::NotAKeyApi => {
                tr("The answer did not come from a Key API. A proxy or a sign-in page of your \
                 network may have stepped in, or the address of the API is wrong.")
            }
            Self::Unauthorized => tr("Your session has ended. Sign in again."),
            Self::Forbidden(None) => tr("The Key API does not allow you to do this."),
            Self::NotFound => tr("There is no such key any more."),
            Self::Conflict(None) => {
                tr("What you asked for does not fit what the Key API holds by now.")
            }
            Self::Invalid(faults) => match faults.first() {
                Some(fault) => fault.message.clone(),
                None => tr("The Key API did not accept what was sent."),
            },
            Self::TooManyRequests { .. } => tr("Too many requests. Wait a moment, then try again."),
            Self::Refused(Some(sentence))
            | Self::Forbidden(Some(sentence))
            | Self::Conflict(Some(sentence)) => sentence.clone(),
            Self::Refused(None) => tr("The Key API refused the request."),
            Self::Server(status) => {
                tr_with("The Key API failed (status {status}).", &[("status", &status.to_string())])
            }
        };
        f.write_str(&sentence)
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> ApiError {
        ApiError::Unreachable(Addresses {
            site: "https://console.example".into(),
            api: "https://keys.example".into(),
        })
    }

    #[test]
    fn what_could_not_be_reached_is_said_with_both_addresses_and_the_likely_causes() {
        assert_eq!(
            unreachable().to_string(),
            "The Key API at https://keys.example could not be reached from \
             https://console.example: you may be offline, the service may be down, or it may not \
             allow this site to call it (CORS).",
        );
    }

    #[test]
    fn only_an_answer_or_being_offline_before_sending_settles_a_change() {
        let server = ApiError::Server(500);
        for unknown in [unreachable(), ApiError::TimedOut, ApiError::NotAKeyApi, server] {
            assert!(unknown.leaves_outcome_unknown(), "{unknown:?}");
        }
        for certain in [
            ApiError::Offline,
            ApiError::Unauthorized,
            ApiError::Forbidden(None),
            ApiError::Conflict(None),
            ApiError::Invalid(Vec::new()),
            ApiError::TooManyRequests { retry_after: None },
            ApiError::Refused(None),
        ] {
            assert!(!certain.leaves_outcome_unknown(), "{certain:?}");
        }
    }

    #[test]
    fn only_passing_trouble_is_worth_repeating() {
        let throttled = ApiError::TooManyRequests { retry_after: Some(7) };
        assert_eq!(throttled.setback(), Some(Setback::Throttled(Some(7))));
        assert_eq!(unreachable().setback(), Some(Setback::Outage));
        for status in [502, 503, 504] {
            assert_eq!(ApiError::Server(status).setback(), Some(Setback::Outage));
        }
        for lasting in [
            ApiError::Server(500),
            ApiError::Server(501),
            ApiError::Server(505),
            ApiError::Offline,
            ApiError::TimedOut,
            ApiError::NotAKeyApi,
            ApiError::Unauthorized,
            ApiError::NotFound,
        ] {
            assert_eq!(lasting.setback(), None, "{lasting:?}");
        }
    }
}
