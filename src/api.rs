//! The only module that fetches. [`Client`] can sign in; what needs a bearer token stands on
//! [`Authorized`], which only exists with one.
//!
//! Architecture Invariant: this module knows neither who is signed in nor where tokens are kept.
//! It turns each exchange into a value or one [`ApiError`], and repeats nothing by itself.

pub mod decode;
pub mod error;

use std::sync::Arc;

use contract::PutApiKeyRequest;
use gloo_net::http::{Request, RequestBuilder};
use web_sys::{
    AbortSignal, ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect, UrlSearchParams,
};

pub use self::error::{ApiError, FieldError};
use crate::domain::key::{ApiKey, CreatedKey, KeyId, KeyName};
use crate::domain::secret::Secret;
use crate::domain::tokens::Tokens;
use crate::domain::usage::Usage;

/// How long a read may take, in milliseconds, over the whole exchange.
const READ_DEADLINE: u32 = 10_000;

/// How long a change may take. Longer than a read, because giving up on one leaves its outcome
/// unknown.
const CHANGE_DEADLINE: u32 = 30_000;

/// The Key API at one address.
#[derive(Clone, Debug)]
pub struct Client {
    origin: Arc<str>,
}

/// The Key API at one address, on behalf of somebody who signed in.
#[derive(Debug)]
pub struct Authorized {
    client: Client,
    authorization: String,
}

impl Client {
    /// A client for the Key API at `origin`, for example `https://keys.example.com`. An empty
    /// origin means the page's own.
    pub fn new(origin: &str) -> Self {
        Self { origin: origin.trim_end_matches('/').into() }
    }

    /// `auth_login`: the OAuth 2.0 password grant (RFC 6749, section 4.3).
    ///
    /// # Errors
    /// [`ApiError::Refused`] if the user name or the password is wrong.
    pub async fn sign_in(&self, username: &str, password: &Secret) -> Result<Tokens, ApiError> {
        let form = form_body(&[
            ("grant_type", "password"),
            ("username", username),
            ("password", password.reveal()),
        ])?;
        let request = self.request(Request::post, "/auth/access-token", READ_DEADLINE).body(form);
        exchange(request, decode::tokens).await
    }

    /// Revokes a refresh token and with it the whole session (RFC 7009), where the API offers it.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] or [`ApiError::Refused`] where the API has no such operation.
    pub async fn revoke_token(&self, refresh_token: &Secret) -> Result<(), ApiError> {
        let form =
            form_body(&[("token", refresh_token.reveal()), ("token_type_hint", "refresh_token")])?;
        let request = self.request(Request::post, "/auth/revoke", READ_DEADLINE).body(form);
        exchange(request, decode::done).await
    }

    /// The client on behalf of the holder of `tokens`.
    pub fn authorized(&self, tokens: &Tokens) -> Authorized {
        Authorized {
            client: self.clone(),
            authorization: format!("Bearer {}", tokens.access.reveal()),
        }
    }

    /// The start of every request. `deadline`, in milliseconds, holds for the whole exchange.
    fn request(
        &self,
        method: fn(&str) -> RequestBuilder,
        path: &str,
        deadline: u32,
    ) -> RequestBuilder {
        method(&format!("{}{path}", self.origin))
            .header("Accept", "application/json")
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::Omit)
            // Following one would drop the bearer header, or carry it somewhere else.
            .redirect(RequestRedirect::Manual)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .abort_signal(Some(&AbortSignal::timeout_with_u32(deadline)))
    }
}

impl Authorized {
    /// `list_keys_keys_get`: all keys of the user, newest first.
    ///
    /// # Errors
    /// Any [`ApiError`].
    pub async fn keys(&self) -> Result<Vec<ApiKey>, ApiError> {
        let request = self.request(Request::get, "/keys/", READ_DEADLINE).build();
        exchange(request, decode::keys).await
    }

    /// `create_key_keys_put`: makes a key. It must not be repeated blindly: after an error that
    /// [leaves the outcome unknown](ApiError::leaves_outcome_unknown) the key may exist.
    ///
    /// # Errors
    /// Any [`ApiError`]; [`ApiError::Invalid`] about the field `name` if the name is refused.
    pub async fn create(&self, name: KeyName) -> Result<CreatedKey, ApiError> {
        let body = PutApiKeyRequest { name: name.as_str().to_owned() };
        let request = self.request(Request::put, "/keys/", CHANGE_DEADLINE).json(&body);
        exchange(request, |status, body| decode::created_key(status, body, name)).await
    }

    /// `delete_key_keys_uuid_delete`: revokes a key for good.
    ///
    /// # Errors
    /// Any [`ApiError`]; [`ApiError::NotFound`] if it is gone already.
    pub async fn revoke(&self, id: KeyId) -> Result<(), ApiError> {
        let request =
            self.request(Request::delete, &format!("/keys/{id}"), CHANGE_DEADLINE).build();
        exchange(request, decode::done).await
    }

    /// `get_key_usage_keys_uuid_usage_get`: a key's usage.
    ///
    /// # Errors
    /// Any [`ApiError`]; [`ApiError::NotFound`] if the key is gone.
    pub async fn usage(&self, id: KeyId) -> Result<Usage, ApiError> {
        let request =
            self.request(Request::get, &format!("/keys/{id}/usage"), READ_DEADLINE).build();
        exchange(request, decode::usage).await
    }

    fn request(
        &self,
        method: fn(&str) -> RequestBuilder,
        path: &str,
        deadline: u32,
    ) -> RequestBuilder {
        self.client.request(method, path, deadline).header("Authorization", &self.authorization)
    }
}

/// A body in the form that OAuth 2.0 asks for, with its content type.
fn form_body(fields: &[(&str, &str)]) -> Result<UrlSearchParams, ApiError> {
    let form = UrlSearchParams::new().map_err(|_| ApiError::Unreachable)?;
    for (name, value) in fields {
        form.append(name, value);
    }
    Ok(form)
}

/// Sends `request`, reads the whole answer and hands it to `decode`.
async fn exchange<T>(
    request: Result<Request, gloo_net::Error>,
    decode: impl FnOnce(u16, &[u8]) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let response = request.map_err(transport_error)?.send().await.map_err(transport_error)?;
    let body = response.binary().await.map_err(transport_error)?;
    decode(response.status(), &body)
}

fn transport_error(error: gloo_net::Error) -> ApiError {
    match error {
        gloo_net::Error::JsError(error) if error.name == "TimeoutError" => ApiError::TimedOut,
        _ => ApiError::Unreachable,
    }
}
