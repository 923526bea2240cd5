//! The client against the browser's own `Request` and `Response`.

use js_sys::Function;
use leptos::prelude::window;
use occam_keys::api::{Addresses, ApiError, Client};
use occam_keys::domain::key::KeyName;
use occam_keys::domain::secret::Secret;
use occam_keys::domain::tokens::Tokens;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{Replaced, until};

/// Two keys.
const LIST: &str = include_str!("../../contract/fixtures/hidden_api_keys.json");
const ID: &str = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";

fn tokens() -> Tokens {
    Tokens {
        access: Secret::new("the-access-token".to_owned()),
        life_millis: None,
        refresh: Some(Secret::new("the-refresh-token".to_owned())),
    }
}

#[wasm_bindgen_test]
async fn every_call_is_sent_as_documented() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, LIST);
    api.answers("PUT /keys/", 200, include_str!("../../contract/fixtures/visible_api_key.json"));
    api.answers(&format!("DELETE /keys/{ID}"), 200, "{}");
    api.answers(
        &format!("GET /keys/{ID}/usage"),
        200,
        include_str!("../../contract/fixtures/api_key_usage.json"),
    );
    let authorized = Client::new("").authorized(&tokens());
    let id = ID.parse().expect("a uuid");

    assert!(!format!("{authorized:?}").contains("the-access-token"));
    assert_eq!(authorized.keys().await.expect("a list").keys.len(), 2);
    let name = KeyName::parse("ci \"bot\"").expect("a name");
    assert_eq!(authorized.create(name, Uuid::from_u128(7)).await.expect("a key").id, Some(id));
    authorized.revoke(id).await.expect("gone");
    assert_eq!(authorized.usage(id).await.expect("usage").failed, 14);

    for call in [
        "GET /keys/",
        "PUT /keys/",
        &format!("DELETE /keys/{ID}"),
        &format!("GET /keys/{ID}/usage"),
    ] {
        let received = &api.received(call)[0];
        assert_eq!(received.authorization.as_deref(), Some("Bearer the-access-token"), "{call}");
    }
    let create = &api.received("PUT /keys/")[0];
    let attempt = create.idempotency_key.as_deref();
    assert_eq!(attempt, Some("00000000-0000-0000-0000-000000000007"));
    assert_eq!(create.body, r#"{"name":"ci \"bot\""}"#);
    assert_eq!(create.content_type.as_deref(), Some("application/json"));
}

/// Puts in place what `boot.js` leaves when it has asked for the keys: it gives `answer` to who asks
/// with the header of [`tokens`].
fn boot_has_asked(answer: &str) {
    let body = format!("wanted => wanted === 'Bearer the-access-token' ? {answer} : null");
    let place = Function::new_no_args(&format!("window.occamKeysListing = {body}"));
    place.call0(&JsValue::UNDEFINED).expect("it sets a property");
}

#[wasm_bindgen_test]
async fn an_answer_that_was_asked_for_before_the_app_was_there_is_taken_once() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, LIST);
    let authorized = Client::new("").authorized(&tokens());
    let headers = "{ headers: { 'Content-Type': 'application/json' } }";
    boot_has_asked(&format!("Promise.resolve(new Response('[]', {headers}))"));
    assert_eq!(authorized.keys().await.expect("a list").keys.len(), 0);
    assert_eq!(api.received("GET /keys/").len(), 0);
    assert_eq!(authorized.keys().await.expect("a list").keys.len(), 2, "it is asked for anew");
    assert_eq!(api.received("GET /keys/").len(), 1);
}

#[wasm_bindgen_test]
async fn the_app_asks_itself_for_what_was_asked_for_in_vain_or_for_somebody_else() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, LIST);
    let authorized = Client::new("").authorized(&tokens());
    // Its own deadline passes while the app is on its way.
    let broken = "Promise.resolve(new Response(new ReadableStream({ start(it) { it.error(1) } })))";
    for answer in ["Promise.resolve(null)", "Promise.reject(1)", "null", "12", broken] {
        boot_has_asked(answer);
        assert_eq!(authorized.keys().await.expect("a list").keys.len(), 2, "{answer}");
    }
    let other = Tokens { access: Secret::new("another".to_owned()), ..tokens() };
    boot_has_asked("Promise.resolve(new Response('[]'))");
    let keys = Client::new("").authorized(&other).keys().await;
    assert_eq!(keys.expect("a list").keys.len(), 2);
    assert_eq!(api.received("GET /keys/").len(), 6);
    let authorization = api.received("GET /keys/").pop().and_then(|it| it.authorization);
    assert_eq!(authorization.as_deref(), Some("Bearer another"));
}

#[wasm_bindgen_test]
async fn a_sign_in_is_a_form_and_carries_no_bearer_token() {
    let api = KeyApi::in_place();
    api.answers(
        "POST /auth/access-token",
        200,
        include_str!("../../contract/fixtures/access_and_refresh_token.json"),
    );
    let password = Secret::new("a&b=c ü".to_owned());
    Client::new("").sign_in("me@example.com", &password).await.expect("tokens");

    let received = &api.received("POST /auth/access-token")[0];
    assert_eq!(received.authorization, None);
    assert_eq!(
        received.content_type.as_deref(),
        Some("application/x-www-form-urlencoded;charset=UTF-8"),
    );
    assert_eq!(
        received.body,
        "grant_type=password&username=me%40example.com&password=a%26b%3Dc+%C3%BC",
    );
}

#[wasm_bindgen_test]
async fn a_key_is_exchanged_without_a_bearer_token_and_gets_into_no_error() {
    let api = KeyApi::in_place();
    let call = "GET /auth/access-token?key=occ_%26%3D%20%C3%BC";
    let key = Secret::new("occ_&= ü".to_owned());
    let exchange = async || Client::new("").exchange_key(&key).await;
    api.answers(call, 200, r#"{"token_type":"Bearer","access_token":"t","expires_at":1}"#);
    assert_eq!(exchange().await, Ok(()));
    assert_eq!(api.received(call)[0].authorization, None);

    api.answers(call, 400, r#"{"detail":"Invalid API key"}"#);
    assert!(exchange().await.expect_err("it is refused").is_refused_key());
    api.on(call, Answer::Unreachable);
    let error = exchange().await.expect_err("nobody answers");
    assert!(!error.is_refused_key() && !format!("{error} {error:?}").contains("occ_"));
}

#[wasm_bindgen_test]
async fn a_fetch_that_fails_is_unreachable_and_never_a_panic() {
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Unreachable);
    let keys = Client::new("").authorized(&tokens()).keys().await;
    let site = window().location().origin().expect("a page has one");
    let error = keys.expect_err("nobody answers");
    assert_eq!(
        error,
        ApiError::Unreachable(Addresses { api: site.as_str().into(), site: site.into() }),
    );
    let nonsense = Client::new("http://[not a host").authorized(&tokens()).keys().await;
    let words = nonsense.expect_err("there is no such address").to_string();
    assert!(words.contains("at http://[not a host could not be reached from http"), "{words}");
}

#[wasm_bindgen_test]
async fn another_origin_is_not_sent_a_header_that_it_may_not_allow() {
    let api = KeyApi::in_place();
    api.answers("PUT /keys/", 200, include_str!("../../contract/fixtures/visible_api_key.json"));
    let authorized = Client::new("https://keys.example").authorized(&tokens());
    let name = KeyName::parse("n").expect("a name");
    authorized.create(name, Uuid::from_u128(7)).await.expect("a key");
    assert_eq!(api.received("PUT /keys/")[0].idempotency_key, None);
}

#[wasm_bindgen_test]
async fn tokens_are_renewed_by_json_and_live_from_the_servers_clock() {
    let api = KeyApi::in_place();
    let at = ("Date", "Mon, 23 Nov 2026 17:48:21 GMT".to_owned());
    let body = include_str!("../../contract/fixtures/access_and_refresh_token.json");
    api.on("POST /auth/refresh-token", Answer::Full(200, vec![at], body.to_owned()));
    let secret = Secret::new("the \"refresh\" token".to_owned());
    let renewed = Client::new("").refresh(&secret).await.expect("tokens");
    assert_eq!(renewed.life_millis, Some(600_000), "whatever this machine's clock says");
    let received = &api.received("POST /auth/refresh-token")[0];
    assert_eq!(received.authorization, None);
    assert_eq!(received.content_type.as_deref(), Some("application/json"));
    assert_eq!(received.body, r#"{"refresh_token":"the \"refresh\" token"}"#);
}

#[wasm_bindgen_test]
async fn a_revocation_outlives_the_page_and_what_waits_for_it() {
    let api = KeyApi::in_place();
    api.on("POST /auth/revoke", Answer::Held(200, "{}".to_owned()));
    api.on("GET /keys/", Answer::Held(200, "[]".to_owned()));
    let client = Client::new("");
    let secret = Secret::new("r".to_owned());
    let (mut revoke, api_keys) =
        (Box::pin(client.revoke_token(&secret)), client.authorized(&tokens()));
    let mut read = Box::pin(api_keys.keys());
    poll(&mut revoke).await;
    poll(&mut read).await;
    until("both are sent", || !api.received("POST /auth/revoke").is_empty()).await;
    until("both are sent", || !api.received("GET /keys/").is_empty()).await;
    drop((revoke, read));
    let (revocation, list) =
        (&api.received("POST /auth/revoke")[0], &api.received("GET /keys/")[0]);
    assert_eq!((revocation.keepalive, revocation.signal.aborted()), (true, false));
    assert_eq!((list.keepalive, list.signal.aborted()), (false, true));
}

#[wasm_bindgen_test]
async fn a_deadline_that_passes_is_a_timeout() {
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Held(200, "[]".to_owned()));
    let passed = js_sys::Function::new_no_args(
        "return AbortSignal.abort(new DOMException('late', 'TimeoutError'))",
    );
    let class = js_sys::Reflect::get(&window(), &"AbortSignal".into()).expect("a browser has it");
    let real = js_sys::Reflect::get(&class, &"timeout".into()).expect("it has one");
    js_sys::Reflect::set(&class, &"timeout".into(), &passed).expect("it can be replaced");
    let late = Client::new("").authorized(&tokens()).keys().await;
    js_sys::Reflect::set(&class, &"timeout".into(), &real).expect("it can be replaced");
    assert_eq!(late, Err(ApiError::TimedOut));
}

#[wasm_bindgen_test]
async fn a_body_that_does_not_end_is_given_up() {
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Endless);
    let endless = Client::new("").authorized(&tokens()).keys().await;
    assert_eq!(endless, Err(ApiError::NotAKeyApi));
    assert!(api.received("GET /keys/")[0].signal.aborted());
}

#[wasm_bindgen_test]
async fn what_is_no_json_is_no_data() {
    let api = KeyApi::in_place();
    let html = vec![("Content-Type", "text/html".to_owned())];
    api.on("GET /keys/", Answer::Full(200, html, "[]".to_owned()));
    let authorized = Client::new("").authorized(&tokens());
    assert_eq!(authorized.keys().await, Err(ApiError::NotAKeyApi));
    api.answers("GET /keys/", 204, "");
    assert_eq!(authorized.keys().await, Err(ApiError::NotAKeyApi));
}

#[wasm_bindgen_test]
async fn who_is_offline_sends_nothing_except_to_this_machine() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, "[]");
    let _offline = Replaced::new(&window().navigator(), "onLine", &false.into());
    let far = Client::new("https://keys.example").authorized(&tokens()).keys().await;
    assert_eq!(far, Err(ApiError::Offline));
    assert!(api.received("GET /keys/").is_empty());
    for near in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"] {
        let list = Client::new(near).authorized(&tokens()).keys().await;
        assert!(list.expect("a list").is_empty(), "{near}");
    }
}

/// Lets a future go on until it waits.
async fn poll(future: &mut (impl Future + Unpin)) {
    std::future::poll_fn(|context| {
        let _ = std::pin::Pin::new(&mut *future).poll(context);
        std::task::Poll::Ready(())
    })
    .await;
}
