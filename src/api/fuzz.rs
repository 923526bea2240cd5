//! The decoders against answers that no Key API would send: the documented ones, damaged.
//!
//! The damage is drawn from a fixed seed, so that a failure can be had again.

use std::collections::HashSet;

use contract::{
    ApiKeyUsageResponse, ErrorDetail, ErrorResponse, HiddenApiKeyResponse, LocationPart, Timestamp,
    VisibleApiKeyResponse,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;

use super::ApiError;
use super::decode::{self, Answer};
use crate::domain::key::{EntryFault, KeyId, KeyList, KeyName};
use crate::domain::tokens::{Tokens, is_sendable};
use crate::domain::usage::Usage;

/// Answers that are decoded, each by every decoder.
const ANSWERS: usize = 100_000;

/// What the fixtures hold where a server echoes what was sent: no error may keep it.
const CANARY: &str = "correct horse";

/// The fixtures; the list twice, because most can go wrong with it.
const FIXTURES: [&[u8]; 8] = [
    include_bytes!("../../contract/fixtures/hidden_api_keys.json"),
    include_bytes!("../../contract/fixtures/hidden_api_keys.json"),
    include_bytes!("../../contract/fixtures/access_and_refresh_token.json"),
    include_bytes!("../../contract/fixtures/visible_api_key.json"),
    include_bytes!("../../contract/fixtures/api_key_usage.json"),
    include_bytes!("../../contract/fixtures/validation_error.json"),
    include_bytes!("../../contract/fixtures/validation_error_with_input.json"),
    include_bytes!("../../contract/fixtures/error_text.json"),
];

const STATUSES: [u16; 20] = [
    200, 200, 200, 200, 200, 200, 200, 200, 201, 204, 0, 307, 400, 401, 403, 404, 409, 422, 429,
    503,
];

/// What a value may be replaced by: other types, and numbers that no type holds.
const VALUES: [&str; 18] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
    "0",
    "-1",
    "-0.0",
    "1e999",
    "-1e-999",
    "1e308",
    "9223372036854775808",
    "18446744073709551616",
    "0.1",
    "[[]]",
    "\"\\ud800\"",
    "\"9999-12-31T23:59:60+23:59\"",
];

/// A small generator (SplitMix64): the same numbers everywhere, and no dependency.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Damages a body once.
fn damage(body: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(body.len() + 1);
    match dice.below(14) {
        0 => {
            if let Some(byte) = body.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        1 => body.truncate(at),
        2 => {
            let other = dice.pick(&FIXTURES);
            let from = dice.below(other.len());
            let to = from + dice.below(other.len() - from + 1);
            body.splice(at..at, other[from..to].iter().copied());
        }
        3 => {
            let end = at + dice.below(body.len() - at + 1);
            body.drain(at..end);
        }
        4 => body.insert(at, dice.below(256) as u8),
        5 => {
            let depth = dice.pick(&[1, 100, 127, 128, 129, 5_000]);
            let (open, close) = dice.pick(&[("[", "]"), ("{\"a\":", "}")]);
            let nest = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            replace_value(body, at, &nest);
        }
        // A list of many, one of them damaged later.
        6 if body.first() == Some(&b'[') => {
            let row = String::from_utf8_lossy(&body[1..body.len() - 1]).into_owned();
            *body = format!("[{row},{row},{}]", dice.pick(&VALUES)).into_bytes();
        }
        _ => replace_value(body, at, dice.pick(&VALUES)),
    }
}

/// Puts `value` in place of the scalar after the next colon, comma or bracket from `at` on.
fn replace_value(body: &mut Vec<u8>, at: usize, value: &str) {
    let is_start = |byte: &u8| matches!(byte, b':' | b',' | b'[');
    let Some(start) = body[at..].iter().position(is_start).map(|found| at + found + 1) else {
        return;
    };
    let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']');
    let end = body[start..].iter().position(is_end).map_or(body.len(), |found| start + found);
    body.splice(start..end, value.bytes());
}

fn answer(dice: &mut Dice) -> Answer {
    let mut body = dice.pick(&FIXTURES).to_vec();
    for _ in 0..dice.below(4) {
        damage(&mut body, dice);
    }
    let at = dice.pick(&[0, 1_795_456_101_000, 1_795_456_101_000, i64::MAX, i64::MIN]);
    Answer {
        status: dice.pick(&STATUSES),
        is_json: dice.below(16) != 0,
        at: Timestamp::from_unix_millis(at),
        retry_after: dice.pick(&[None, Some(0), Some(300)]),
        body,
    }
}

/// How often each kind of outcome was met. A test that meets none of a kind says nothing of it.
#[derive(Debug, Default)]
struct Met {
    lists: usize,
    unreadable: usize,
    tokens: usize,
    lives: usize,
    created: usize,
    usages: usize,
    foreign: usize,
    invalid: usize,
    sentences: usize,
    echoes: usize,
}

impl Met {
    fn list(&mut self, list: &KeyList, body: &[u8]) {
        let rows: Vec<IgnoredAny> = serde_json::from_slice(body).expect("it was a list");
        assert_eq!(list.len(), rows.len(), "every row is there once");
        let ids: HashSet<_> = list.keys.iter().map(|key| key.id).collect();
        assert_eq!(ids.len(), list.keys.len(), "no identity comes twice");
        assert!(list.keys.is_sorted_by(|a, b| a.created >= b.created), "the newest comes first");
        self.lists += 1;
        self.unreadable += usize::from(!list.unreadable.is_empty());
    }

    fn tokens(&mut self, tokens: &Tokens) {
        assert!(is_sendable(tokens.access.reveal()));
        assert!(tokens.refresh.as_ref().is_none_or(|token| is_sendable(token.reveal())));
        assert!(tokens.life_millis.is_none_or(|life| (10_000..=86_400_000).contains(&life)));
        self.tokens += 1;
        self.lives += usize::from(tokens.life_millis.is_some());
    }

    fn error(&mut self, error: &ApiError, answer: &Answer) {
        match error {
            ApiError::NotAKeyApi => self.foreign += 1,
            ApiError::Invalid(_) => self.invalid += 1,
            ApiError::Refused(Some(_)) => self.sentences += 1,
            _ => {}
        }
        if is_only_echoed(&answer.body) {
            self.echoes += 1;
            let kept = format!("{error:?} {error}");
            assert!(!kept.contains(CANARY), "{kept}");
        }
    }
}

/// Whether the canary is in the body, and in no place that is meant for the user.
fn is_only_echoed(body: &[u8]) -> bool {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    let holds = |value: &Value| value.to_string().contains(CANARY);
    let faults = body["detail"].as_array().map(Vec::as_slice).unwrap_or_default();
    let said = body["detail"].is_string() && holds(&body["detail"]);
    holds(&body) && !said && !faults.iter().any(|it| holds(&it["msg"]) || holds(&it["loc"]))
}

/// What serde makes of a success, by the types of the contract; `None` for what is no object.
fn by_contract<T: DeserializeOwned>(answer: &Answer) -> Option<T> {
    let is_object = answer.body.trim_ascii_start().starts_with(b"{");
    let is_read = (200..300).contains(&answer.status) && answer.is_json && is_object;
    // Text that is not UTF-8 is no JSON, wherever in it that is; serde does not look everywhere.
    let text = str::from_utf8(&answer.body).ok().filter(|_| is_read)?;
    serde_json::from_str(text).ok()
}

/// What serde makes of the words of a refusal; `None` where the answer says nothing by its body.
fn refusal_by_contract(answer: &Answer) -> Option<Option<ErrorDetail>> {
    let is_read = (400..500).contains(&answer.status) && !matches!(answer.status, 401 | 429);
    // An object stands for an object only, and half of a surrogate pair for no name.
    let value: Value = serde_json::from_slice(&answer.body).ok().filter(|_| is_read)?;
    let faults = value.get("detail").and_then(Value::as_array);
    if !value.is_object() || faults.is_some_and(|faults| !faults.iter().all(Value::is_object)) {
        return None;
    }
    serde_json::from_slice::<ErrorResponse>(&answer.body).ok().map(|error| error.detail)
}

/// Holds the decoders to what the types of the contract say of the same answer.
fn hold_to_contract(answer: &Answer) {
    let name = KeyName::parse("ci-bot").expect("a name");
    let shown = || String::from_utf8_lossy(&answer.body);
    let created = by_contract(answer).filter(|key: &VisibleApiKeyResponse| !key.api_key.is_empty());
    let read = decode::created_key(answer, name).ok();
    assert_eq!(
        read.map(|key| key.secret.reveal().to_owned()),
        created.map(|key| key.api_key),
        "{}",
        shown()
    );
    let usage = by_contract::<ApiKeyUsageResponse>(answer).map(Usage::from);
    assert_eq!(decode::usage(answer).ok().map(|it| it.completed), usage.map(|it| it.completed));
    if let Ok(list) = decode::keys(answer) {
        let rows: Vec<Box<RawValue>> = serde_json::from_slice(&answer.body).expect("a list");
        let is_key = |row: &HiddenApiKeyResponse| row.uuid.parse::<KeyId>().is_ok();
        let row = |row: &RawValue| serde_json::from_str(row.get()).ok().filter(is_key);
        let keys = rows.iter().filter(|it| it.get().starts_with('{')).filter_map(|it| row(it));
        let repeated = list.unreadable.iter().filter(|it| it.fault == EntryFault::Repeated);
        assert_eq!(list.keys.len() + repeated.count(), keys.count(), "{}", shown());
    }
    let error = decode::done(answer).err();
    match refusal_by_contract(answer) {
        Some(Some(ErrorDetail::Fields(faults))) if !matches!(answer.status, 403 | 404 | 409) => {
            let name = |part: &LocationPart| match part {
                LocationPart::Field(name) => Some(name.clone()),
                LocationPart::Index(_) => None,
            };
            let field = |fault: &contract::ValidationError| fault.loc.iter().rev().find_map(name);
            let fields = faults.iter().map(|fault| field(fault).unwrap_or_default());
            let Some(ApiError::Invalid(read)) = error else { panic!("{error:?}: {}", shown()) };
            assert!(read.into_iter().map(|it| it.field).eq(fields), "{}", shown());
        }
        Some(_) => assert_ne!(error, Some(ApiError::NotAKeyApi), "{}", shown()),
        None => {}
    }
}

#[test]
fn no_damaged_answer_makes_a_decoder_panic_lose_a_row_or_keep_an_echo() {
    let mut dice = Dice(0x0cca);
    let mut met = Met::default();
    for _ in 0..ANSWERS {
        let answer = answer(&mut dice);
        hold_to_contract(&answer);
        let name = KeyName::parse("ci-bot").expect("a name");
        let list = decode::keys(&answer).inspect(|list| met.list(list, &answer.body));
        let tokens = decode::tokens(&answer).inspect(|tokens| met.tokens(tokens));
        let created = decode::created_key(&answer, name).inspect(|key| {
            assert!(!key.secret.reveal().is_empty());
            met.created += 1;
        });
        let usage = decode::usage(&answer).inspect(|usage| {
            assert!(usage.per_day.is_finite());
            met.usages += 1;
        });
        let done = decode::done(&answer);
        let errors = [list.err(), tokens.err(), created.err(), usage.err(), done.err()]
            .into_iter()
            .flatten();
        errors.for_each(|error| met.error(&error, &answer));
    }
    println!("{ANSWERS} damaged answers, each to five decoders: {met:?}");
    let kinds = [met.lists, met.unreadable, met.tokens, met.lives, met.created, met.usages];
    for count in kinds.into_iter().chain([met.foreign, met.invalid, met.sentences, met.echoes]) {
        assert!(count >= ANSWERS / 200, "a kind of outcome was hardly met: {met:?}");
    }
}
