//! The only module that fetches. [`Client`] can sign in; what needs a bearer token stands on
//! [`Authorized`], which only exists with one.
//!
//! Architecture Invariant: this module knows neither who is signed in nor where tokens are kept.
//! It turns each exchange into a value or one [`ApiError`], and repeats nothing by itself.

pub mod decode;
pub mod error;
mod exchange;
// Where a test runs for seconds, it does so natively.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod fuzz;
pub mod site;

use std::sync::Arc;

use uuid::Uuid;
use wasm_bindgen::JsValue;
use web_sys::{Url, UrlSearchParams};

use self::decode::Answer;
pub use self::error::{Addresses, ApiError, FieldError};
use self::exchange::{Call, Cut, Sending, exchange};
use crate::domain::key::{CreatedKey, KeyId, KeyList, KeyName};
use crate::domain::secret::Secret;
use crate::domain::tokens::Tokens;
use crate::domain::usage::Usage;
use crate::json::Object;

/// How long a read may take, in milliseconds, over the whole exchange.
const READ_DEADLINE: u32 = 10_000;

/// How long a change may take. Longer than a read, because giving up on one leaves its outcome
/// unknown.
const CHANGE_DEADLINE: u32 = 30_000;

/// The Key API at one address.
#[derive(Clone, Debug)]
pub struct Client {
    origin: Arc<str>,
    addresses: Addresses,
    locality: Locality,
}

/// The Key API at one address, on behalf of somebody who signed in.
#[derive(Debug)]
pub struct Authorized {
    client: Client,
    /// What is sent in the header: the scheme and the token.
    authorization: Secret,
}

/// How far away the Key API is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Locality {
    /// It shares the page's origin.
    same_origin: bool,
    /// It runs on this machine, which is reached without any network.
    loopback: bool,
}

/// What a request carries.
enum Body<'a> {
    Nothing,
    /// The form that OAuth 2.0 asks for.
    Form(&'a [(&'a str, &'a str)]),
    Json(String),
}

impl Client {
    /// A client for the Key API at `origin`, for example `https://keys.example.com`. An empty
    /// origin means the page's own.
    pub fn new(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/');
        let location = web_sys::window().map(|window| window.location());
        let site = location.and_then(|location| location.origin().ok()).unwrap_or_default();
        let url = Url::new_with_base(origin, &site).ok();
        let host = url.as_ref().map(Url::hostname).unwrap_or_default();
        let locality = Locality {
            same_origin: url.is_some_and(|url| url.origin() == site),
            loopback: matches!(host.as_str(), "localhost" | "[::1]")
                || host.ends_with(".localhost")
                || host.starts_with("127."),
        };
        let api = if origin.is_empty() { site.as_str() } else { origin };
        let addresses = Addresses { api: api.into(), site: site.as_str().into() };
        Self { origin: origin.into(), addresses, locality }
    }

    /// Where the Key API is, for example `https://keys.example.com`.
    pub fn address(&self) -> &str {
        &self.addresses.api
    }

    /// `auth_login`: the OAuth 2.0 password grant (RFC 6749, section 4.3).
    ///
    /// # Errors
    /// [`ApiError::Refused`] if the user name or the password is wrong.
    pub async fn sign_in(&self, username: &str, password: &Secret) -> Result<Tokens, ApiError> {
        let form = Body::Form(&[
            ("grant_type", "password"),
            ("username", username),
            ("password", password.reveal()),
        ]);
        let call =
            self.send("POST", "/auth/access-token", READ_DEADLINE, form, &[], Sending::Usual);
        decode::tokens(&call.await?)
    }

    /// `auth_refresh`: new tokens for a refresh token, which is good for one use.
    ///
    /// # Errors
    /// [`ApiError::Refused`], [`ApiError::NotFound`] or [`ApiError::Unauthorized`] if the API does
    /// not take the token (any more); after any other error the same token may still be good.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens, ApiError> {
        let body = Object::default().text("refresh_token", refresh_token.reveal());
        let body = Body::Json(body.end());
        let call =
            self.send("POST", "/auth/refresh-token", READ_DEADLINE, body, &[], Sending::Usual);
        decode::tokens(&call.await?)
    }

    /// Revokes a refresh token and with it the whole session (RFC 7009), where the API offers it.
    /// The request is carried out even if the page is left or reloaded right away.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] or [`ApiError::Refused`] where the API has no such operation.
    pub async fn revoke_token(&self, refresh_token: &Secret) -> Result<(), ApiError> {
        let form =
            Body::Form(&[("token", refresh_token.reveal()), ("token_type_hint", "refresh_token")]);
        let call = self.send("POST", "/auth/revoke", READ_DEADLINE, form, &[], Sending::Outliving);
        decode::done(&call.await?)
    }

    /// `auth_token_from_key`: asks whether the API takes `key`, by exchanging it for a token, which
    /// is dropped at once. The key travels in the address of the request (the API has no other
    /// way), and the exchange counts as one use of it. To be called for a click only.
    ///
    /// # Errors
    /// See [`ApiError::is_refused_key`] for those that say that the key is not good.
    pub async fn exchange_key(&self, key: &Secret) -> Result<(), ApiError> {
        let key = js_sys::encode_uri_component(key.reveal());
        let path = Secret::new(format!("/auth/access-token?key={}", String::from(key)));
        // The browser notes the address of each request for whoever asks in this page; from here on
        // it has no room for that.
        if let Some(notes) = web_sys::window().and_then(|window| window.performance()) {
            notes.set_resource_timing_buffer_size(0);
            notes.clear_resource_timings();
        }
        let nothing = Body::Nothing;
        let answer =
            self.send("GET", path.reveal(), READ_DEADLINE, nothing, &[], Sending::Usual).await;
        decode::exchanged(&answer?)
    }

    /// The client on behalf of the holder of `tokens`.
    pub fn authorized(&self, tokens: &Tokens) -> Authorized {
        Authorized {
            client: self.clone(),
            authorization: Secret::new(format!("Bearer {}", tokens.access.reveal())),
        }
    }

    /// Sends one request and waits for the whole answer, `deadline` milliseconds at most.
    async fn send(
        &self,
        method: &'static str,
        path: &str,
        deadline: u32,
        body: Body<'_>,
        headers: &[(&'static str, &str)],
        sending: Sending,
    ) -> Result<Answer, ApiError> {
        let unreachable = || ApiError::Unreachable(self.addresses.clone());
        // A browser without a network still reaches its own machine.
        if !self.locality.loopback && is_offline() {
            return Err(ApiError::Offline);
        }
        let mut headers = headers.to_vec();
        let body = match body {
            Body::Nothing => JsValue::UNDEFINED,
            Body::Form(fields) => {
                let form = UrlSearchParams::new().map_err(|_| unreachable())?;
                for (name, value) in fields {
                    form.append(name, value);
                }
                form.into()
            }
            Body::Json(text) => {
                headers.push(("Content-Type", "application/json"));
                text.into()
            }
        };
        let url = format!("{}{path}", self.origin);
        let call = Call { method, url: &url, deadline, headers: &headers, body, sending };
        exchange(call).await.map_err(|cut| match cut {
            Cut::Failed => unreachable(),
            Cut::TimedOut => ApiError::TimedOut,
            Cut::TooLong => ApiError::NotAKeyApi,
        })
    }
}

impl Authorized {
    /// `list_keys_keys_get`: all keys of the user, newest first, and what could not be read.
    ///
    /// # Errors
    /// Any [`ApiError`].
    pub async fn keys(&self) -> Result<KeyList, ApiError> {
        decode::keys(&self.listing().await?)
    }

    /// The answer from which [`decode::keys`] makes all keys of the user.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`], and whatever kept an answer from coming; what else an answer says
    /// is found when it is decoded.
    pub async fn listing(&self) -> Result<Answer, ApiError> {
        let begun = exchange::begun_listing(self.authorization.reveal());
        let sending = begun.map_or(Sending::Usual, Sending::Begun);
        let call = self.send("GET", "/keys/", READ_DEADLINE, Body::Nothing, &[], sending);
        let answer = call.await?;
        match answer.status {
            401 => Err(ApiError::Unauthorized),
            _ => Ok(answer),
        }
    }

    /// `create_key_keys_put`: makes a key. It must not be repeated blindly: after an error that
    /// [leaves the outcome unknown](ApiError::leaves_outcome_unknown) the key may exist.
    /// `idempotency_key` names the attempt: an API that honours it makes one key for it, however
    /// often it is asked.
    ///
    /// # Errors
    /// Any [`ApiError`]; [`ApiError::Invalid`] about the field `name` if the name is refused.
    pub async fn create(
        &self,
        name: KeyName,
        idempotency_key: Uuid,
    ) -> Result<CreatedKey, ApiError> {
        let body = Body::Json(Object::default().text("name", name.as_str()).end());
        let attempt = idempotency_key.to_string();
        // Only to the page's own origin: another one is asked first (CORS preflight) whether it
        // takes this header, and where it does not, the key could not be made at all.
        let headers: &[_] = match self.client.locality.same_origin {
            true => &[("Idempotency-Key", attempt.as_str())],
            false => &[],
        };
        let answer =
            self.send("PUT", "/keys/", CHANGE_DEADLINE, body, headers, Sending::Usual).await?;
        decode::created_key(&answer, name)
    }

    /// `delete_key_keys_uuid_delete`: revokes a key for good.
    ///
    /// # Errors
    /// Any [`ApiError`]; [`ApiError::NotFound`] if it is gone already.
    pub async fn revoke(&self, id: KeyId) -> Result<(), ApiError> {
        let path = format!("/keys/{id}");
        decode::done(
            &self
                .send("DELETE", &path, CHANGE_DEADLINE, Body::Nothing, &[], Sending::Usual)
                .await?,
        )
    }

    /// `get_key_usage_keys_uuid_usage_get`: a key's usage.
    ///
    /// # Errors
    /// Any [`ApiError`]; [`ApiError::NotFound`] if the key is gone.
    pub async fn usage(&self, id: KeyId) -> Result<Usage, ApiError> {
        let path = format!("/keys/{id}/usage");
        decode::usage(
            &self.send("GET", &path, READ_DEADLINE, Body::Nothing, &[], Sending::Usual).await?,
        )
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        deadline: u32,
        body: Body<'_>,
        headers: &[(&'static str, &str)],
        sending: Sending,
    ) -> Result<Answer, ApiError> {
        let mut all = vec![("Authorization", self.authorization.reveal())];
        all.extend_from_slice(headers);
        self.client.send(method, path, deadline, body, &all, sending).await
    }
}

/// Whether the browser knows that it has no network.
fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}
