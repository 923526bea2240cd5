//! The types against the documented shapes, and against what the documents leave open.

use contract::{
    AccessAndRefreshTokenResponse, AccessTokenResponse, ApiKeyUsageResponse, Count, ErrorDetail,
    ErrorResponse, ExpiresAt, HiddenApiKeyResponse, LocationPart, Timestamp, VisibleApiKeyResponse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes a fixture and checks that encoding it again loses nothing.
#[track_caller]
fn round_trip<T: DeserializeOwned + Serialize>(fixture: &str) -> T {
    let wire: Value = serde_json::from_str(fixture).expect("the fixture is JSON");
    let decoded: T = serde_json::from_value(wire.clone()).expect("the fixture fits the type");
    assert_eq!(serde_json::to_value(&decoded).expect("it encodes"), wire);
    decoded
}

#[track_caller]
fn decode<T: DeserializeOwned>(wire: Value) -> T {
    serde_json::from_value(wire).expect("it fits the type")
}

#[test]
fn the_documented_shapes_round_trip() {
    round_trip::<AccessTokenResponse>(include_str!("../fixtures/access_token.json"));
    round_trip::<VisibleApiKeyResponse>(include_str!("../fixtures/visible_api_key.json"));
    round_trip::<Vec<HiddenApiKeyResponse>>(include_str!("../fixtures/hidden_api_keys.json"));
    round_trip::<ApiKeyUsageResponse>(include_str!("../fixtures/api_key_usage.json"));
    round_trip::<ErrorResponse>(include_str!("../fixtures/validation_error.json"));
    round_trip::<ErrorResponse>(include_str!("../fixtures/error_text.json"));
    let tokens: AccessAndRefreshTokenResponse =
        round_trip(include_str!("../fixtures/access_and_refresh_token.json"));
    assert_eq!(tokens.expires_at.instant(), Timestamp::from_unix_seconds(1_795_456_701));
}

#[test]
fn a_token_type_may_be_left_out() {
    let token: AccessTokenResponse = decode(json!({"access_token": "a", "expires_at": 1}));
    assert_eq!(token.token_type, "Bearer");
}

#[test]
fn an_expiry_in_milliseconds_is_told_apart_by_its_size() {
    assert_eq!(ExpiresAt(1_795_456_701_000).instant(), ExpiresAt(1_795_456_701).instant());
}

#[test]
fn a_key_may_have_no_last_use() {
    let row = |last_used: Option<Value>| {
        let mut row =
            json!({"uuid": "u", "name": "n", "api_key": "m", "created": "2026-11-01T09:30:00"});
        if let Some(last_used) = last_used {
            row["last_used"] = last_used;
        }
        decode::<HiddenApiKeyResponse>(row).last_used
    };
    assert_eq!(row(None), None);
    assert_eq!(row(Some(Value::Null)), None);
    assert_eq!(
        row(Some(json!("2026-11-01T09:30:00+00:00"))),
        Timestamp::parse("2026-11-01T09:30:00Z").ok(),
    );
}

#[test]
fn usage_takes_any_non_negative_numbers_and_no_quota() {
    let usage: ApiKeyUsageResponse = decode(json!({
        "completed_requests": 3, "successful_requests": 2.0, "failed_requests": 1e12,
        "quota_usage_percentage": null, "requests_per_day": 7,
    }));
    assert_eq!(usage.successful_requests, Count(2));
    assert_eq!(usage.failed_requests, Count(1_000_000_000_000));
    assert_eq!(usage.quota_usage_percentage, None);
    assert_eq!(usage.requests_per_day, 7.0);

    let negative = json!({
        "completed_requests": -3, "successful_requests": 0, "failed_requests": 0,
        "requests_per_day": 0,
    });
    assert!(serde_json::from_value::<ApiKeyUsageResponse>(negative).is_err());
}

#[test]
fn a_422_keeps_place_and_words_and_never_what_was_sent() {
    let error: ErrorResponse = decode(
        serde_json::from_str(include_str!("../fixtures/validation_error_with_input.json"))
            .expect("the fixture is JSON"),
    );
    let Some(ErrorDetail::Fields(fields)) = &error.detail else {
        panic!("a list of faults, not {error:?}");
    };
    assert_eq!(fields[0].loc, ["body".into(), "username".into(), LocationPart::Index(0)],);
    let kept = serde_json::to_string(&error).expect("it encodes");
    assert!(!kept.contains("correct horse"), "{kept}");
}

#[test]
fn credentials_do_not_show_in_debug_output() {
    let tokens: AccessAndRefreshTokenResponse =
        round_trip(include_str!("../fixtures/access_and_refresh_token.json"));
    let key: VisibleApiKeyResponse = round_trip(include_str!("../fixtures/visible_api_key.json"));
    let shown = format!("{tokens:?} {key:?}");
    assert!(!shown.contains("of-the-fixture") && !shown.contains("TheWholeSecret"), "{shown}");
}
