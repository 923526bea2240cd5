//! Signing in, refreshing, exchanging a key for a token, and revoking.
//!
//! A sign-in starts a session: a family of refresh tokens of which each is good for one use and
//! gives the next. The whole family expires at one fixed time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use contract::{AccessAndRefreshTokenResponse, AccessTokenResponse, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use crate::attempts::Who;
use crate::bearer::one_request;
use crate::body::{Form, JsonBody, body_fault, missing, missing_fault};
use crate::clock::millis;
use crate::error::ApiError;
use crate::secret::{ApiKey, Digest, Salt, Successor, Token};
use crate::server::{App, Peer};
use crate::store::{
    AccessToken, Origin, Records, RefreshToken, SessionId, StoreError, Succession, UserId,
};
use crate::user::Email;

/// How long tokens live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An access token, from a sign-in, a refresh or a key.
    pub access: Duration,
    /// A family of refresh tokens, from the sign-in on, however often it is refreshed.
    pub refresh: Duration,
    /// How long after its use the last refresh token is answered in the same way again, for a
    /// client that did not receive the answer or whose tabs refreshed at once.
    pub grace: Duration,
}

/// The grace of [`Lifetimes`]. The front end gives a refresh up after ten seconds and may begin
/// another at once, and one that waits for its turn may wait as long again: a client that lost an
/// answer must have several tries before it looks like a thief. RFC 6749 (section 10.4) and RFC
/// 9700 (section 4.14.2) ask that reuse be found out and name no time; a thief gains the same
/// answer that the client has, and nothing beyond it.
const GRACE: Duration = Duration::from_secs(60);

/// How long an expired session is remembered, so that its tokens are told to be expired and not
/// to be unknown.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const SPENT: ApiError = ApiError::BadRequest("Refresh token expired or is already used");
const UNKNOWN: ApiError = ApiError::NotFound("Refresh token does not exist");

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access: Duration::from_secs(10 * 60),
            refresh: Duration::from_secs(8 * 60 * 60),
            grace: GRACE,
        }
    }
}

/// What is to be done with a refresh token that somebody presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Its first use: give its successor.
    Rotate,
    /// Its answer may have been lost: give it again.
    Repeat,
    /// Somebody has a copy of it, and nobody can tell who is the thief: end the family.
    EndFamily,
    /// It is of no use any more.
    Refuse,
}

/// The access and the refresh token of one answer.
struct Pair {
    access: Token,
    access_expires: Timestamp,
    refresh: Token,
    refresh_expires: Timestamp,
}

/// `auth_login`: `POST /auth/access-token`, the password grant (RFC 6749, section 4.3).
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AccessAndRefreshTokenResponse>, ApiError> {
    let form = Form::parse(&headers, &body);
    let (email, password) = match (form.get("username"), form.get("password")) {
        (Some(username), Some(password)) => {
            (Email::as_presented(username.expose_secret()), password.clone())
        }
        (username, password) => {
            let fields = [("username", username), ("password", password)];
            let absent = fields.iter().filter(|(_, value)| value.is_none());
            return Err(ApiError::Invalid(
                absent.map(|(name, _)| missing_fault("body", name)).collect(),
            ));
        }
    };
    if form.get("grant_type").is_some_and(|grant| grant.expose_secret() != "password") {
        let msg = "String should match pattern '^password$'";
        return Err(body_fault("grant_type", "string_pattern_mismatch", msg));
    }

    let who = Who::new(&email, address);
    let attempt = app.attempts.begin(who, app.clock.elapsed());
    let attempt = attempt.map_err(ApiError::TooManyAttempts)?;
    let user = match check_password(&app, email, password).await {
        Ok(Some(user)) => user,
        Ok(None) => return Err(ApiError::BadRequest("Invalid email or password")),
        Err(error) => {
            attempt.not_made();
            return Err(error);
        }
    };
    attempt.succeeded();

    let now = app.clock.now();
    let expires = whole_seconds(now, app.lifetimes.refresh);
    let pair = Pair {
        access: Token::random()?,
        access_expires: whole_seconds(now, app.lifetimes.access).min(expires),
        refresh: Token::random()?,
        refresh_expires: expires,
    };
    app.write(move |records| {
        let session = records.add_session(user, expires)?;
        add_pair(records, &pair, user, session)?;
        Ok(Json(pair.into()))
    })
    .await
}

/// The user with this e-mail address and password. The work is the same whether there is one, the
/// password is wrong, or there is nobody of that name.
async fn check_password(
    app: &App,
    email: Email,
    password: SecretString,
) -> Result<Option<UserId>, ApiError> {
    let (user, hash) = app.read(move |records| records.user(&email)).await?.unzip();
    let matches = app.passwords.verify(password, hash).await?;
    Ok(user.filter(|_| matches))
}

/// `auth_refresh`: `POST /auth/refresh-token`.
pub(crate) async fn refresh(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AccessAndRefreshTokenResponse>, ApiError> {
    let body = JsonBody::parse(&headers, &body)?;
    let token = Token::presented(body.string("refresh_token")?);
    let (clock, lifetimes, salt) = (app.clock.clone(), app.lifetimes, Salt::random()?);
    app.write(move |records| {
        // When its turn has come: what a request waited is no part of anybody's grace.
        let now = clock.now();
        let digest = token.digest();
        let Some(kept) = records.refresh_token(digest)? else {
            return Ok(Err(UNKNOWN));
        };
        let succession = match (judge(&kept, now, lifetimes.grace), kept.succession) {
            (Verdict::Rotate, _) => {
                let access_expires = whole_seconds(now, lifetimes.access).min(kept.expires);
                let succession = Succession { salt, access_expires };
                records.use_refresh_token(digest, kept.session, &succession, now)?;
                let pair = successors(&token, &succession, kept.expires);
                add_pair(records, &pair, kept.user, kept.session)?;
                succession
            }
            (Verdict::Repeat, Some(succession)) => succession,
            (Verdict::Repeat | Verdict::EndFamily, _) => {
                records.end_session(kept.session, now)?;
                return Ok(Err(SPENT));
            }
            (Verdict::Refuse, _) => return Ok(Err(SPENT)),
        };
        Ok(Ok(Json(successors(&token, &succession, kept.expires).into())))
    })
    .await?
}

/// `auth_token_from_key`: `GET /auth/access-token?key=…`.
pub(crate) async fn token_from_key(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Json<AccessTokenResponse>, ApiError> {
    const WRONG: ApiError = ApiError::BadRequest("Invalid API key");
    let query = query.unwrap_or_default();
    let keys = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "key");
    let (_, key) = keys.last().ok_or_else(|| missing("query", "key"))?;
    let digest = ApiKey::parse(&key).ok_or(WRONG)?.digest();

    let token = Token::random()?;
    let usage = one_request(&app, true);
    let expires = whole_seconds(usage.last, app.lifetimes.access);
    app.write(move |records| {
        let Some((key, user)) = records.key(digest)? else {
            return Ok(Err(WRONG));
        };
        let kept = AccessToken { user, origin: Origin::Key(key), expires };
        records.add_access_token(token.digest(), &kept)?;
        records.add_usage(key, &usage)?;
        Ok(Ok(Json(AccessTokenResponse {
            token_type: "Bearer".to_owned(),
            access_token: token.expose().to_owned(),
            expires_at: expires.into(),
        })))
    })
    .await?
}

/// `auth_revoke`: `POST /auth/revoke` (RFC 7009). A token of a sign-in takes the whole session
/// with it, one of a key only itself. An unknown token is revoked already.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<serde_json::Value>, ApiError> {
    let form = Form::parse(&headers, &body);
    let token = form.get("token").ok_or_else(|| missing("body", "token"))?;
    let digest = Token::presented(token.expose_secret()).digest();
    let now = app.clock.now();
    app.write(move |records| revoke_digest(records, digest, now)).await?;
    Ok(Json(serde_json::json!({})))
}

/// Removes what time has made useless.
pub(crate) fn purge(
    records: &Records<'_>,
    now: Timestamp,
    lifetimes: &Lifetimes,
) -> Result<(), StoreError> {
    let before = |age: Duration| Timestamp::from_unix_millis(now.unix_millis() - millis(age));
    records.purge(now, before(lifetimes.grace), before(REMEMBERED))
}

fn judge(token: &RefreshToken, now: Timestamp, grace: Duration) -> Verdict {
    if token.ended || now >= token.expires {
        return Verdict::Refuse;
    }
    match (token.used, token.succession) {
        (None, _) => Verdict::Rotate,
        (Some(used), Some(_)) if now.unix_millis() - used.unix_millis() <= millis(grace) => {
            Verdict::Repeat
        }
        (Some(_), _) => Verdict::EndFamily,
    }
}

fn revoke_digest(records: &Records<'_>, digest: Digest, now: Timestamp) -> Result<(), StoreError> {
    if let Some(refresh) = records.refresh_token(digest)? {
        return records.end_session(refresh.session, now);
    }
    match records.access_token(digest)?.map(|access| access.origin) {
        Some(Origin::Session(session)) => records.end_session(session, now),
        Some(Origin::Key(_)) => records.remove_access_token(digest),
        None => Ok(()),
    }
}

fn successors(token: &Token, succession: &Succession, expires: Timestamp) -> Pair {
    Pair {
        access: token.successor(Successor::Access, &succession.salt),
        access_expires: succession.access_expires,
        refresh: token.successor(Successor::Refresh, &succession.salt),
        refresh_expires: expires,
    }
}

fn add_pair(
    records: &Records<'_>,
    pair: &Pair,
    user: UserId,
    session: SessionId,
) -> Result<(), StoreError> {
    let access =
        AccessToken { user, origin: Origin::Session(session), expires: pair.access_expires };
    records.add_access_token(pair.access.digest(), &access)?;
    records.add_refresh_token(pair.refresh.digest(), session)
}

impl From<Pair> for AccessAndRefreshTokenResponse {
    fn from(pair: Pair) -> Self {
        Self {
            token_type: "Bearer".to_owned(),
            access_token: pair.access.expose().to_owned(),
            expires_at: pair.access_expires.into(),
            refresh_token: pair.refresh.expose().to_owned(),
            refresh_token_expires_at: pair.refresh_expires.into(),
        }
    }
}

/// The instant `lifetime` after `now`, in whole seconds, because that is how it is told: a
/// token must not live longer or shorter than its answer says.
fn whole_seconds(now: Timestamp, lifetime: Duration) -> Timestamp {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_unix_seconds(now.unix_seconds().saturating_add(seconds))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::Poll;
    use std::thread;

    use axum::http::{HeaderValue, header};

    use super::*;
    use crate::clock::Clock;
    use crate::server::{Server, Settings};
    use crate::store::Store;

    #[tokio::test]
    async fn what_a_refresh_waits_for_its_turn_is_no_part_of_the_grace() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        let clock = Clock::manual(Timestamp::from_unix_seconds(0));
        let listen = ([127, 0, 0, 1], 0).into();
        let settings = Settings { listen, clock: clock.clone(), ..Settings::default() };
        let server = Server::bind(store.clone(), settings).await.expect("a free port");
        let token = Token::random().expect("random numbers");
        let email: Email = "ada@example.com".parse().expect("an e-mail address");
        let added = store.write(|records| {
            let user = records.add_user(&email, "hash", clock.now())?.expect("a new user");
            let session = records.add_session(user, Timestamp::from_unix_seconds(3600))?;
            records.add_refresh_token(token.digest(), session)
        });
        added.expect("the database works");
        let refreshed = async || {
            let json = HeaderValue::from_static("application/json");
            let body = serde_json::json!({ "refresh_token": token.expose() }).to_string();
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
            let answer = refresh(State(Arc::clone(&server.app)), headers, body.into()).await;
            answer.expect("an answer").0.refresh_token
        };

        let (begun, begins) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let holder = thread::spawn(move || {
            store.write(|_| {
                begun.send(()).expect("the test waits for it");
                let _ = released.recv();
                Ok(())
            })
        });
        begins.recv().expect("the database is held");
        let mut first = pin!(refreshed());
        let waits =
            std::future::poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending()));
        assert!(waits.await, "nobody can write now");
        clock.advance(GRACE);
        drop(release);
        holder.join().expect("no panic").expect("the database works");
        let first = first.await;
        clock.advance(GRACE);
        assert_eq!(refreshed().await, first);
    }
}
