//! The Key API as a program uses it: by plain HTTP, without a browser.

use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use contract::{
    AccessAndRefreshTokenResponse, AccessTokenResponse, HiddenApiKeyResponse, PutApiKeyRequest,
    VisibleApiKeyResponse,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

use crate::http;
use crate::server::Account;

/// A client of the Key API.
#[derive(Clone, Debug)]
pub struct Api {
    agent: Agent,
    origin: String,
}

/// A status that is not 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Api {
    pub(crate) fn at(origin: &str) -> Self {
        Self { agent: http::agent(), origin: origin.to_owned() }
    }

    /// Signs in, apart from any browser, and gives an access token.
    pub fn sign_in(&self, account: &Account) -> String {
        self.sign_in_for_long(account).0
    }

    /// The same with the refresh token.
    pub fn sign_in_for_long(&self, account: &Account) -> (String, String) {
        let form = [("username", &account.email), ("password", &account.password)];
        let body = form.map(|(name, value)| format!("{name}={}", percent_encoded(value))).join("&");
        let request = Request::post(self.url("/auth/access-token"))
            .header("Content-Type", "application/x-www-form-urlencoded");
        let tokens: AccessAndRefreshTokenResponse = self.ask(request, &body).expect("it signs in");
        (tokens.access_token, tokens.refresh_token)
    }

    /// Exchanges a key's secret for an access token.
    ///
    /// # Errors
    /// The status with which the API refuses the secret.
    pub fn exchange(&self, secret: &str) -> Result<String, Status> {
        let path = format!("/auth/access-token?key={}", percent_encoded(secret));
        let token: AccessTokenResponse = self.ask(Request::get(self.url(&path)), "")?;
        Ok(token.access_token)
    }

    /// The keys of whom the token belongs to.
    ///
    /// # Errors
    /// The status with which the API refuses the token.
    pub fn keys(&self, access_token: &str) -> Result<Vec<HiddenApiKeyResponse>, Status> {
        self.ask(bearing(access_token, Request::get(self.url("/keys/"))), "")
    }

    /// Makes a key.
    pub fn create(&self, access_token: &str, name: &str) -> VisibleApiKeyResponse {
        let body = serde_json::to_string(&PutApiKeyRequest { name: name.to_owned() })
            .expect("a name is JSON");
        let request = bearing(access_token, Request::put(self.url("/keys/")))
            .header("Content-Type", "application/json");
        let made = self.ask(request, &body).expect("it makes a key");
        // Keys are listed in the order of the milliseconds in which they were made: the next one is
        // made in a later one.
        let millis = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
        let then = millis();
        while millis() == then {
            thread::yield_now();
        }
        made
    }

    /// Asks for the API's description of itself, as anybody may.
    pub(crate) fn describe(&self) {
        let _: Value = self.ask(Request::get(self.url("/openapi.json")), "").expect("it has one");
    }

    /// Deletes a key.
    pub fn delete(&self, access_token: &str, uuid: &str) {
        let request = Request::delete(self.url(&format!("/keys/{uuid}")));
        let _: Value = self.ask(bearing(access_token, request), "").expect("it deletes the key");
    }

    /// Asks for the deletion of a key that does not exist, which counts as a failed request.
    pub fn delete_nothing(&self, access_token: &str) {
        let request = Request::delete(self.url("/keys/00000000-0000-4000-8000-000000000000"));
        let answer: Result<Value, Status> = self.ask(bearing(access_token, request), "");
        assert_eq!(answer, Err(Status(404)), "there is no such key");
    }

    /// Ends a session by its refresh token: the API takes none of its tokens any more.
    pub fn end_session(&self, refresh_token: &str) {
        let request = Request::post(self.url("/auth/revoke"))
            .header("Content-Type", "application/x-www-form-urlencoded");
        let body = format!("token={}", percent_encoded(refresh_token));
        let _: Value = self.ask(request, &body).expect("it ends the session");
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn ask<T: DeserializeOwned>(
        &self,
        request: ureq::http::request::Builder,
        body: &str,
    ) -> Result<T, Status> {
        let request = request.body(body.to_owned()).expect("a request that is well-formed");
        let path = request.uri().path().to_owned();
        let (status, answer) = http::send(&self.agent, request)
            .unwrap_or_else(|error| panic!("the Key API does not answer at {path}: {error}"));
        match status {
            200 => Ok(serde_json::from_value(answer)
                .unwrap_or_else(|error| panic!("{path} answers otherwise than agreed: {error}"))),
            _ => Err(Status(status)),
        }
    }
}

fn bearing(
    access_token: &str,
    request: ureq::http::request::Builder,
) -> ureq::http::request::Builder {
    request.header("Authorization", format!("Bearer {access_token}"))
}

/// Percent-encodes all but letters, digits and what RFC 3986 calls unreserved.
pub(crate) fn percent_encoded(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
}
