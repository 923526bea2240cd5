//! The wire types of the Key API, as its documents describe them.
//!
//! The local server encodes these, and the front end's own small reader is held to them by its
//! tests, so that both have one description. Decoding is tolerant exactly where the documents leave
//! a question open (a missing `last_used`, a datetime without an offset, milliseconds for seconds);
//! everything else that does not fit is an error.
//!
//! Architecture Invariant: this crate knows JSON shapes and nothing else: no HTTP, no DOM, no
//! database, no clock.

mod auth;
mod error;
mod key;
mod timestamp;
mod usage;

pub use auth::{
    AccessAndRefreshTokenResponse, AccessTokenResponse, ExpiresAt, RefreshTokenRequest,
};
pub use error::{ErrorDetail, ErrorResponse, LocationPart, ValidationError};
pub use key::{
    HiddenApiKeyResponse, NAME_MAX_CHARS, NameFault, PutApiKeyRequest, VisibleApiKeyResponse,
    check_name,
};
pub use timestamp::{DAY_MILLIS, InvalidTimestamp, Timestamp};
pub use usage::{ApiKeyUsageResponse, Count};
