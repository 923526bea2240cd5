//! From an answer to a value or an [`ApiError`]: pure, and the only reader of the wire types.
//!
//! Architecture Invariant: a body that is not understood is dropped, never quoted: it may echo
//! what was sent (FastAPI's `input` does) or be a page of somebody else.

use contract::{ApiKeyUsageResponse, Count, ExpiresAt, Timestamp};

use super::error::{ApiError, FieldError};
use crate::domain::key::{ApiKey, CreatedKey, EntryFault, KeyList, KeyName, UnreadableKey};
use crate::domain::secret::Secret;
use crate::domain::tokens::{Tokens, believable_life, is_sendable};
use crate::domain::usage::Usage;
use crate::json::{self, Value};

/// The most characters of a server's sentence that are shown. A longer one is no sentence.
const LONGEST_SENTENCE: usize = 300;

/// What came back from one exchange. It has no `Debug`: the body may hold a credential.
pub struct Answer {
    /// The status; 0 for a redirect, which is not followed.
    pub status: u16,
    /// Whether the body is declared to be JSON.
    pub is_json: bool,
    /// When it came: by the server's clock where it can be read, else by this machine's.
    pub at: Timestamp,
    /// The seconds that the server asks to wait, if it does.
    pub retry_after: Option<u32>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Whether a `Content-Type` says JSON: `application/json` or a type ending in `+json`.
pub fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// The tokens of a sign-in or of a refresh, as far as they are needed.
/// [`contract::AccessAndRefreshTokenResponse`] is what the documents promise; a session is worth
/// having without its hints, so what does not fit of them is as good as missing.
pub fn tokens(answer: &Answer) -> Result<Tokens, ApiError> {
    let names = ["access_token", "expires_at", "refresh_token"];
    let [access, expires_at, refresh] = object(answer, names)?;
    let token = |value: Option<Value<'_>>| value?.text().filter(|token| is_sendable(token));
    // Conversion saturates, so a number that is no time ends far from now and is not believed.
    let expires_at = expires_at.and_then(Value::number);
    let expires_at = expires_at.map(|number| ExpiresAt(number as i64).instant());
    Ok(Tokens {
        access: token(access).map(Secret::new).ok_or(ApiError::NotAKeyApi)?,
        life_millis: expires_at.and_then(|expires_at| believable_life(expires_at, answer.at)),
        refresh: token(refresh).map(Secret::new),
    })
}

/// An answer to a key that was exchanged for a token: the token itself is dropped.
/// That the operation is not there (404, 405) says nothing of the key, nor does a 401 with a page of
/// whoever stands before the API.
pub fn exchanged(answer: &Answer) -> Result<(), ApiError> {
    match answer.status {
        404 | 405 => Err(ApiError::NotAKeyApi),
        401 if refusal(answer).is_none() => Err(ApiError::NotAKeyApi),
        _ => tokens(answer).map(|_| ()),
    }
}

/// The list of keys. A row that makes no key is kept as an unreadable one.
pub fn keys(answer: &Answer) -> Result<KeyList, ApiError> {
    let rows = success(answer).map_err(nothing_to_be_missed)?.items();
    Ok(KeyList::from_entries(rows.ok_or(ApiError::NotAKeyApi)?.map(entry)))
}

/// The new key, which was asked for under `name`.
pub fn created_key(answer: &Answer, name: KeyName) -> Result<CreatedKey, ApiError> {
    let made = object(answer, ["uuid", "api_key"]).map_err(nothing_to_be_missed)?;
    let [Some(id), Some(secret)] = made.map(|value| value.and_then(Value::text)) else {
        return Err(ApiError::NotAKeyApi);
    };
    if secret.is_empty() {
        return Err(ApiError::NotAKeyApi);
    }
    Ok(CreatedKey { id: id.parse().ok(), name, secret: Secret::new(secret) })
}

/// The usage of a key.
pub fn usage(answer: &Answer) -> Result<Usage, ApiError> {
    let names = [
        "completed_requests",
        "successful_requests",
        "failed_requests",
        "quota_usage_percentage",
        "requests_per_day",
    ];
    usage_of(object(answer, names)?).map(Usage::from).ok_or(ApiError::NotAKeyApi)
}

/// An answer whose body says nothing more than that it worked.
pub fn done(answer: &Answer) -> Result<(), ApiError> {
    match answer.status {
        204 => Ok(()),
        _ => success(answer).map(|_| ()),
    }
}

/// The body of a success.
fn success(answer: &Answer) -> Result<Value<'_>, ApiError> {
    match answer.status {
        200..300 if !answer.is_json => Err(ApiError::NotAKeyApi),
        200..300 => json::parse(&answer.body).ok_or(ApiError::NotAKeyApi),
        _ => Err(failure(answer)),
    }
}

/// The members of these names of a success that is an object.
fn object<'a, const N: usize>(
    answer: &'a Answer,
    names: [&str; N],
) -> Result<[Option<Value<'a>>; N], ApiError> {
    success(answer)?.members(names).ok_or(ApiError::NotAKeyApi)
}

fn failure(answer: &Answer) -> ApiError {
    match answer.status {
        401 => ApiError::Unauthorized,
        429 => ApiError::TooManyRequests { retry_after: answer.retry_after },
        // A proxy's page, a static host that takes no POST: not a word of a Key API.
        400..500 => refusal(answer).unwrap_or(ApiError::NotAKeyApi),
        500.. => ApiError::Server(answer.status),
        // Redirects are not followed and 1xx never reaches a page: neither is a Key API's answer.
        ..400 => ApiError::NotAKeyApi,
    }
}

/// What a Key API says with a 4xx ([`contract::ErrorResponse`]); `None` if it is no Key API's.
fn refusal(answer: &Answer) -> Option<ApiError> {
    let [detail] = json::parse(&answer.body)?.members(["detail"])?;
    let text = match unless_null(detail) {
        None => None,
        Some(detail) => match detail.items() {
            None => sentence(&detail.text()?),
            Some(faults) => {
                let faults = faults.map(field_error).collect::<Option<Vec<_>>>()?;
                if !matches!(answer.status, 403 | 404 | 409) {
                    return Some(ApiError::Invalid(faults));
                }
                None
            }
        },
    };
    Some(match answer.status {
        403 => ApiError::Forbidden(text),
        404 => ApiError::NotFound,
        409 => ApiError::Conflict(text),
        _ => ApiError::Refused(text),
    })
}

/// 404 where no single key was asked for means that the operation itself is not there.
fn nothing_to_be_missed(error: ApiError) -> ApiError {
    match error {
        ApiError::NotFound => ApiError::NotAKeyApi,
        error => error,
    }
}

/// One fault ([`contract::ValidationError`]), without what newer servers echo with it.
fn field_error(fault: Value<'_>) -> Option<FieldError> {
    let [path, message, kind] = fault.members(["loc", "msg", "type"])?;
    let mut field = String::new();
    for step in optional(path, Value::items)?.into_iter().flatten() {
        match step.text() {
            Some(name) => field = name,
            // A place in an array.
            None => drop(step.whole()?),
        }
    }
    // It is not shown, but what has another is no Key API's.
    optional(kind, Value::text)?;
    let message = sentence(&message?.text()?);
    let message = message.unwrap_or_else(|| "This is not accepted.".to_owned());
    Some(FieldError { field, message })
}

/// A server's words as they can be shown: `None` if there are none, cut if they do not end.
fn sentence(text: &str) -> Option<String> {
    let text = text.trim();
    let mut sentence: String = text.chars().take(LONGEST_SENTENCE).collect();
    if sentence.len() < text.len() {
        sentence.push('…');
    }
    (!text.is_empty()).then_some(sentence)
}

fn entry(row: Value<'_>) -> Result<ApiKey, UnreadableKey> {
    api_key(row).ok_or_else(|| {
        let [name, masked] = row.members(["name", "api_key"]).unwrap_or_default();
        let [name, masked] = [name, masked].map(|value| value.and_then(Value::text));
        UnreadableKey { fault: EntryFault::Malformed, name, masked }
    })
}

/// One row of the list ([`contract::HiddenApiKeyResponse`]).
fn api_key(row: Value<'_>) -> Option<ApiKey> {
    let names = ["uuid", "name", "api_key", "created", "last_used"];
    let [id, name, masked, created, last_used] = row.members(names)?;
    let time = |value: Value<'_>| Timestamp::parse(&value.text()?).ok();
    let created = time(created?)?;
    Some(ApiKey {
        id: id?.text()?.parse().ok()?,
        name: name?.text()?,
        masked: masked?.text()?,
        created,
        // The documents require a `last_used` of every key, so one that was never used repeats
        // the time it was made.
        last_used: optional(unless_null(last_used), time)?.filter(|at| *at != created),
    })
}

fn usage_of(members: [Option<Value<'_>>; 5]) -> Option<ApiKeyUsageResponse> {
    let [completed, successful, failed, quota, per_day] = members;
    Some(ApiKeyUsageResponse {
        completed_requests: count(completed?)?,
        successful_requests: count(successful?)?,
        failed_requests: count(failed?)?,
        quota_usage_percentage: optional(unless_null(quota), Value::number)?,
        requests_per_day: per_day?.number()?,
    })
}

/// What may be missing: `None` only if it is there and cannot be read.
fn optional<'a, T>(
    value: Option<Value<'a>>,
    read: impl FnOnce(Value<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match value {
        Some(value) => read(value).map(Some),
        None => Some(None),
    }
}

/// Null is as good as missing.
fn unless_null(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| !value.is_null())
}

/// As [`Count`] says.
fn count(value: Value<'_>) -> Option<Count> {
    match value.whole().map(u64::try_from) {
        Some(whole) => whole.ok().map(Count),
        // Rust's float-to-integer conversion saturates, so 1e300 is a very large count.
        None => value.number().filter(|it| *it >= 0.0).map(|it| Count(it.round() as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[u8] = include_bytes!("../../contract/fixtures/hidden_api_keys.json");
    const TOKENS: &str = include_str!("../../contract/fixtures/access_and_refresh_token.json");
    const CREATED: &[u8] = include_bytes!("../../contract/fixtures/visible_api_key.json");
    const USAGE: &[u8] = include_bytes!("../../contract/fixtures/api_key_usage.json");
    const ECHO: &[u8] = include_bytes!("../../contract/fixtures/validation_error_with_input.json");
    const HTML: &str = "<!doctype html><title>Sign in to the airport</title>";

    /// Ten minutes before the tokens of the fixture end.
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

    fn answer(status: u16, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref().to_owned();
        Answer { status, is_json: true, at: NOW, retry_after: None, body }
    }

    #[test]
    fn the_documented_answers_become_values() {
        let list = keys(&answer(200, KEYS)).expect("a list");
        assert_eq!(list.keys[0].name, "Never used");
        assert_eq!(list.keys[0].last_used, None, "equal to created means never");
        assert!(list.keys[1].last_used.is_some());
        assert_eq!(list.unreadable, []);

        let tokens = tokens(&answer(200, TOKENS)).expect("tokens");
        assert_eq!(tokens.access.reveal(), "access-token-of-the-fixture");
        assert_eq!(tokens.life_millis, Some(600_000));
        let refresh = tokens.refresh.expect("it is in the fixture");
        assert_eq!(refresh.reveal(), "refresh-token-of-the-fixture");

        let name = KeyName::parse("ci-bot").expect("a name");
        let created = created_key(&answer(200, CREATED), name).expect("a key");
        assert!(created.secret.reveal().starts_with("occ_TheWhole"));
        assert_eq!(created.name.as_str(), "ci-bot");

        assert_eq!(usage(&answer(200, USAGE)).expect("usage").completed, 1284);
        assert_eq!(done(&answer(200, "{}")), Ok(()));
        assert_eq!(done(&answer(204, "")), Ok(()));
    }

    #[test]
    fn each_failure_says_what_it_means() {
        let read = |status, body: &str| keys(&answer(status, body)).expect_err("a failure");
        assert_eq!(read(200, HTML), ApiError::NotAKeyApi);
        assert_eq!(read(200, ""), ApiError::NotAKeyApi);
        assert_eq!(read(204, ""), ApiError::NotAKeyApi);
        assert_eq!(read(200, r#"{"keys": []}"#), ApiError::NotAKeyApi);
        assert_eq!(read(307, ""), ApiError::NotAKeyApi);
        assert_eq!(read(0, ""), ApiError::NotAKeyApi);
        assert_eq!(read(401, r#"{"detail": "Not authenticated"}"#), ApiError::Unauthorized);
        assert_eq!(read(401, HTML), ApiError::Unauthorized);
        assert_eq!(read(404, HTML), ApiError::NotAKeyApi);
        assert_eq!(read(404, r#"{"detail": "Not Found"}"#), ApiError::NotAKeyApi);
        let gone = answer(404, r#"{"detail": "API key not found"}"#);
        assert_eq!(done(&gone), Err(ApiError::NotFound));
        assert_eq!(done(&answer(404, HTML)), Err(ApiError::NotAKeyApi));
        assert_eq!(read(405, HTML), ApiError::NotAKeyApi);
        assert_eq!(read(503, HTML), ApiError::Server(503));
        assert_eq!(
            read(400, r#"{"detail": "Invalid email or password"}"#),
            ApiError::Refused(Some("Invalid email or password".to_owned())),
        );
        assert_eq!(read(422, r#"{"detail": "no"}"#), ApiError::Refused(Some("no".to_owned())));
        assert_eq!(read(422, "{}"), ApiError::Refused(None));
        assert_eq!(read(422, r#"{"detail": "  "}"#), ApiError::Refused(None));
    }

    #[test]
    fn only_a_token_says_that_a_key_works_and_only_the_apis_own_word_that_it_does_not() {
        assert_eq!(exchanged(&answer(200, TOKENS)), Ok(()));
        assert_eq!(exchanged(&answer(200, "{}")), Err(ApiError::NotAKeyApi));
        let of = |status, body: &str| exchanged(&answer(status, body)).expect_err("a failure");
        let detail = r#"{"detail": "Invalid API key"}"#;
        for status in [400, 401, 422] {
            assert!(of(status, detail).is_refused_key(), "{status}");
        }
        for status in [200, 400, 401, 422] {
            assert!(!of(status, HTML).is_refused_key(), "a proxy's {status}");
        }
        for status in [403, 404, 405, 409, 429, 500] {
            assert!(!of(status, detail).is_refused_key(), "{status}");
        }
    }

    #[test]
    fn a_403_and_a_409_keep_the_servers_sentence_and_need_one_to_be_believed() {
        let read = |status, body: &str| done(&answer(status, body)).expect_err("a failure");
        let sentence = || Some("Not yours.".to_owned());
        assert_eq!(read(403, r#"{"detail": "Not yours."}"#), ApiError::Forbidden(sentence()));
        assert_eq!(read(409, r#"{"detail": "Not yours."}"#), ApiError::Conflict(sentence()));
        assert_eq!(read(403, "{}"), ApiError::Forbidden(None));
        assert_eq!(read(409, r#"{"detail": []}"#), ApiError::Conflict(None));
        assert_eq!(read(403, HTML), ApiError::NotAKeyApi);
        assert_eq!(read(409, ""), ApiError::NotAKeyApi);
    }

    #[test]
    fn a_429_is_one_whatever_its_body_is() {
        for body in ["", HTML, r#"{"detail": "slow down"}"#] {
            let asks = Answer { retry_after: Some(42), is_json: false, ..answer(429, body) };
            assert_eq!(done(&asks), Err(ApiError::TooManyRequests { retry_after: Some(42) }));
        }
    }

    #[test]
    fn data_that_is_not_declared_as_json_is_never_read() {
        let page = |status, body: &[u8]| Answer { is_json: false, ..answer(status, body) };
        assert_eq!(keys(&page(200, KEYS)), Err(ApiError::NotAKeyApi));
        assert_eq!(usage(&page(200, USAGE)), Err(ApiError::NotAKeyApi));
        assert_eq!(done(&page(200, b"{}")), Err(ApiError::NotAKeyApi));
        assert_eq!(done(&page(204, b"")), Ok(()), "there is nothing to declare");

        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8"));
        assert!(is_json("application/problem+json ;v=1"));
        for other in ["", "text/html", "text/plain", "application/jsonp", "text/x; a=+json"] {
            assert!(!is_json(other), "{other}");
        }
    }

    #[test]
    fn a_bad_row_is_kept_as_an_unreadable_one_and_the_others_as_keys() {
        let id = |last: u8| format!("5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c0{last}");
        let row = |id: &str, name: &str, created: &str| {
            format!(r#"{{"uuid":"{id}","name":{name},"api_key":"m","created":{created}}}"#)
        };
        let date = r#""2026-11-01T09:30:00Z""#;
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let rows = [
            row(&id(1), r#""first""#, date),
            row(&id(1), r#""second""#, date),
            row("key_1", r#""no uuid""#, date),
            row(&id(2), "null", date),
            row(&id(3), "[1]", date),
            row(&id(4), r#""never""#, r#""2026-13-45T99:30:00Z""#),
            row(&id(5), r#""in seconds""#, "1e999"),
            r#"{"name": "half", "api_key": 5}"#.to_owned(),
            "null".to_owned(),
            deep.clone(),
            row(&id(6), &format!(r#""deep", "extra": {deep}"#), date),
        ];
        let list = keys(&answer(200, format!("[{}]", rows.join(",")))).expect("a list");
        let names: Vec<_> = list.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["first", "deep"], "what is not looked at does no harm");
        let left: Vec<_> = list.unreadable.iter().map(|it| it.name.as_deref()).collect();
        let (never, seconds) = (Some("never"), Some("in seconds"));
        let (twice, no_uuid, half) = (Some("second"), Some("no uuid"), Some("half"));
        assert_eq!(left, [twice, no_uuid, None, None, never, seconds, half, None, None]);
        assert_eq!(list.unreadable[0].fault, EntryFault::Repeated);
        assert_eq!(list.unreadable[1].fault, EntryFault::Malformed);
        assert_eq!(list.unreadable[1].masked.as_deref(), Some("m"));
        assert_eq!(list.unreadable[6].masked, None);
    }

    #[test]
    fn tokens_are_worth_having_without_their_hints() {
        let read = |from: &str, to: &str| {
            let body = TOKENS.replace(from, to);
            assert_ne!(body, TOKENS, "{from}");
            tokens(&answer(200, body)).expect("tokens")
        };
        for hint in ["null", "\"soon\"", "[]", "-1", "0", "1e999", "1e300", "1795456102"] {
            assert_eq!(read("1795456701", hint).life_millis, None, "{hint}");
        }
        assert_eq!(read("1795456701", "1795456701000").life_millis, Some(600_000));
        assert_eq!(read("1795456701", "1795456701.5").life_millis, Some(600_000));
        assert_eq!(read("expires_at", "other").life_millis, None);
        for refresh in ["null", "5", "\"\"", "\"with space\""] {
            let tokens = read("\"refresh-token-of-the-fixture\"", refresh);
            assert_eq!(tokens.refresh, None, "{refresh}");
        }
        let bare = tokens(&answer(200, r#"{"access_token": "a"}"#)).expect("tokens");
        assert_eq!((bare.life_millis, bare.refresh), (None, None));
    }

    #[test]
    fn a_422_is_said_at_its_field_and_never_echoes_what_was_sent() {
        let error = tokens(&answer(422, ECHO)).expect_err("a failure");
        assert_eq!(error.about_field("username"), Some("Field required"));
        assert_eq!(error.about_field("password"), None);
        assert!(!format!("{error:?}").contains("correct horse"));
    }

    #[test]
    fn a_servers_sentence_ends() {
        let long = format!(r#"{{"detail": "{}"}}"#, "é".repeat(1_000_000));
        let shown = done(&answer(400, long)).expect_err("a failure").to_string();
        assert_eq!(shown.chars().count(), LONGEST_SENTENCE + 1);
    }

    #[test]
    fn a_secret_is_kept_whatever_the_key_is_called_and_no_secret_is_no_key() {
        let read = |body: &str| {
            let name = KeyName::parse("n").expect("a name");
            created_key(&answer(200, body), name)
        };
        let odd = read(r#"{"uuid": "key_123", "api_key": "occ_x"}"#).expect("a key");
        assert_eq!((odd.id, odd.secret.reveal()), (None, "occ_x"));
        assert_eq!(read(r#"{"uuid": "u", "api_key": ""}"#), Err(ApiError::NotAKeyApi));
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_no_token() {
        let body = TOKENS.replace("access-token-of", "tök€n of");
        assert_eq!(tokens(&answer(200, body)), Err(ApiError::NotAKeyApi));
    }
}
