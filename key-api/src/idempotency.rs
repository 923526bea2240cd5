//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a client that did not
//! receive the answer to a creation may send the request again without a second key being made.
//!
//! - **Only what was committed is remembered**, in the transaction that makes the API key. A
//!   request that was refused or failed has changed nothing, so its repetition is simply done:
//!   a remembered 422 or 503 would keep a client from putting its request right.
//! - **An answer is remembered [sealed](IdempotencyKey::seal)**, because it holds the secret of
//!   the API key: whoever has the database but not the header's value cannot open it. The seal
//!   is as strong as that value is hard to guess; a UUID of version 4 has 122 random bits.
//! - **The body is part of the seal**, so an answer opens for the request it was given to and
//!   for no other, and no hash of the body is kept.
//! - **With the API key goes its answer**, and the idempotency key stays until it expires: to
//!   repeat the answer would hand out a dead secret, to make another API key would bring back
//!   what somebody has just deleted. Such a request is refused in words.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use contract::Timestamp;
use hkdf::Hkdf;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

use crate::body::fault;
use crate::error::ApiError;
use crate::secret::{Digest, random_bytes};
use crate::store::UserId;

/// How long after its answer a request may be repeated.
const REPEATABLE_MILLIS: i64 = 10 * 60 * 1000;

/// The header's name, in lower case as `http` wants it.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

const MAX_LENGTH: usize = 255;
const NONCE_LENGTH: usize = 24;

/// The value of an `Idempotency-Key` header. It opens the sealed answer, so it is kept as a
/// secret and neither stored nor logged.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey(SecretString);

/// The requests with an idempotency key that this server is working on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running(Arc<Mutex<HashSet<(UserId, Digest)>>>);

/// One request of [`Running`], until it is dropped.
#[derive(Debug)]
pub(crate) struct RunningRequest {
    all: Running,
    this: (UserId, Digest),
}

impl IdempotencyKey {
    /// The key of a request, if it has one.
    ///
    /// # Errors
    /// 422 if the header is there twice, or is not 1 to 255 visible ASCII characters. The limit
    /// is Stripe's; the draft sets none.
    pub(crate) fn presented(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(refuse("value_error", "There should be only one Idempotency-Key"));
        }
        if value.is_empty() {
            let msg = "The Idempotency-Key should have at least 1 character";
            return Err(refuse("string_too_short", msg));
        }
        if value.len() > MAX_LENGTH {
            let msg = "The Idempotency-Key should have at most 255 characters";
            return Err(refuse("string_too_long", msg));
        }
        let visible = value.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
        visible.map(|text| Some(Self(text.into()))).ok_or_else(|| {
            let msg = "The Idempotency-Key should have visible ASCII characters only";
            refuse("value_error", msg)
        })
    }

    /// What the key is found by. The label keeps it apart from every other digest of the same
    /// text, should a client send one of its tokens here.
    pub(crate) fn digest(&self) -> Digest {
        let hash = Sha256::new().chain_update(b"occam-keys idempotency-key lookup v1\0");
        Digest(hash.chain_update(self.0.expose_secret()).finalize().into())
    }

    /// Seals the answer to a request of `user` with this `body`: a random nonce, and what
    /// XChaCha20-Poly1305 makes of the answer.
    ///
    /// # Errors
    /// 500 if there are no random numbers.
    pub(crate) fn seal(
        &self,
        user: UserId,
        body: &[u8],
        answer: &[u8],
    ) -> Result<Vec<u8>, ApiError> {
        let nonce: [u8; NONCE_LENGTH] = random_bytes()?;
        let binding = binding(user, body);
        let payload = Payload { msg: answer, aad: &binding };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed =
            sealed.map_err(|_| ApiError::internal("an answer is too long to be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens an answer that was sealed with this key for this user and this body.
    ///
    /// # Errors
    /// 422 if it was sealed for another body. A damaged answer is refused in the same way.
    pub(crate) fn open(
        &self,
        user: UserId,
        body: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, ApiError> {
        let binding = binding(user, body);
        let answer = sealed.split_first_chunk::<NONCE_LENGTH>().and_then(|(nonce, sealed)| {
            let payload = Payload { msg: sealed, aad: &binding };
            self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()
        });
        answer.ok_or_else(|| {
            let msg = "This Idempotency-Key was used for another request in the last 10 minutes, \
                       send a new one";
            refuse("idempotency_key_reused", msg)
        })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let mut key = Zeroizing::new([0; 32]);
        let source = Hkdf::<Sha256>::new(None, self.0.expose_secret().as_bytes());
        #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8,160 bytes")]
        source
            .expand(b"occam-keys idempotency-key sealed answer v1", &mut *key)
            .expect("HKDF-SHA-256 gives up to 8,160 bytes");
        XChaCha20Poly1305::new((&*key).into())
    }
}

impl Running {
    /// Begins to work on a request, or gives `None` if another one of the same user with the
    /// same idempotency key is not finished.
    ///
    /// That only one API key is made is not this set's merit but the database's: this only
    /// spares the second client the wait for the first one's answer.
    pub(crate) fn begin(&self, user: UserId, key: Digest) -> Option<RunningRequest> {
        let this = (user, key);
        let is_first = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(this);
        is_first.then(|| RunningRequest { all: self.clone(), this })
    }
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.this);
    }
}

/// Until when a request that is answered at `now` may be repeated.
pub(crate) const fn expiry(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis().saturating_add(REPEATABLE_MILLIS))
}

/// 422 for the header.
fn refuse(kind: &str, msg: &str) -> ApiError {
    fault(&["header".into(), "Idempotency-Key".into()], kind, msg)
}

/// What a sealed answer is bound to. Both parts have a fixed length, so no two pairs give the
/// same bytes.
fn binding(user: UserId, body: &[u8]) -> Vec<u8> {
    [&user.to_bytes()[..], &Sha256::digest(body)].concat()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::store::Store;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey(text.into())
    }

    /// Two users of a database.
    fn users() -> [UserId; 2] {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        ["ada@example.com", "bob@example.com"].map(|email| {
            let email = email.parse().expect("an e-mail address");
            let now = Timestamp::from_unix_millis(0);
            let added = store.write(|records| records.add_user(&email, "hash", now));
            added.expect("the database works").expect("a new user")
        })
    }

    #[test]
    fn an_answer_opens_for_its_key_its_user_and_its_body_only() {
        let [ada, bob] = users();
        let sealed = key("k").seal(ada, b"body", b"answer").expect("random numbers");
        assert!(key("k").open(ada, b"body", &sealed).is_ok_and(|answer| answer == b"answer"));
        assert!(key("l").open(ada, b"body", &sealed).is_err());
        assert!(key("k").open(bob, b"body", &sealed).is_err());
        assert!(key("k").open(ada, b"Body", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(key("k").open(ada, b"body", &damaged).is_err(), "byte {place}");
            assert!(key("k").open(ada, b"body", &sealed[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn no_two_seals_are_alike() {
        let [ada, _] = users();
        let seal = || key("k").seal(ada, b"body", b"answer").expect("random numbers");
        assert_ne!(seal(), seal());
    }

    #[test]
    fn the_look_up_tells_nothing_about_the_seal() {
        let plain: [u8; 32] = Sha256::digest(b"k").into();
        assert_ne!(key("k").digest(), Digest(plain), "it has a label");
        assert_ne!(key("k").digest(), key("l").digest());
        let [ada, _] = users();
        let sealed = key("k").seal(ada, b"body", b"answer").expect("random numbers");
        let cipher = XChaCha20Poly1305::new(&key("k").digest().0.into());
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LENGTH>().expect("a nonce");
        let binding = binding(ada, b"body");
        let payload = Payload { msg: rest, aad: &binding };
        assert!(cipher.decrypt(&XNonce::from(*nonce), payload).is_err());
    }

    #[test]
    fn a_header_is_1_to_255_visible_ascii_characters() {
        let presented = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_bytes(value).expect("a header"));
            }
            IdempotencyKey::presented(&headers)
        };
        assert!(presented(&[]).is_ok_and(|key| key.is_none()));
        for right in [&b"!"[..], b"8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02", b"\"~\"", &[b'x'; 255]] {
            assert!(presented(&[right]).is_ok_and(|key| key.is_some()), "{right:?}");
        }
        for wrong in [&b""[..], b"a b", b"a\tb", b" ", "é".as_bytes(), b"\xff", &[b'x'; 256]] {
            assert!(presented(&[wrong]).is_err(), "{wrong:?}");
        }
        assert!(presented(&[b"a", b"a"]).is_err(), "twice");
    }

    #[test]
    fn a_request_runs_until_it_is_dropped() {
        let ([ada, bob], running) = (users(), Running::default());
        let first = running.begin(ada, key("k").digest()).expect("the first");
        assert!(running.begin(ada, key("k").digest()).is_none());
        assert!(running.begin(ada, key("l").digest()).is_some());
        assert!(running.begin(bob, key("k").digest()).is_some());
        drop(first);
        assert!(running.begin(ada, key("k").digest()).is_some());
    }

    #[test]
    fn a_key_does_not_print() {
        assert!(!format!("{:?}", key("canary")).contains("canary"));
    }
}
