//! The client against the browser's own `Request` and `Response`.

use occam_keys::api::{Addresses, ApiError, Client};
use occam_keys::domain::key::KeyName;
use occam_keys::domain::secret::Secret;
use occam_keys::domain::tokens::Tokens;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::key_api::{Answer, KeyApi};

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
    api.answers("GET /keys/", 200, include_str!("../../contract/fixtures/hidden_api_keys.json"));
    api.answers("PUT /keys/", 200, include_str!("../../contract/fixtures/visible_api_key.json"));
    api.answers(&format!("DELETE /keys/{ID}"), 200, "{}");
    api.answers(
        &format!("GET /keys/{ID}/usage"),
        200,
        include_str!("../../contract/fixtures/api_key_usage.json"),
    );
    let authorized = Client::new("").authorized(&tokens());
    let id = ID.parse().expect("a uuid");

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
    assert_eq!(create.body, r#"{"name":"ci \"bot\""}"#);
    assert_eq!(create.content_type.as_deref(), Some("application/json"));
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
async fn a_fetch_that_fails_is_unreachable_and_never_a_panic() {
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Unreachable);
    let keys = Client::new("").authorized(&tokens()).keys().await;
    let site = leptos::prelude::window().location().origin().expect("a page has one");
    let error = keys.expect_err("nobody answers");
    assert_eq!(
        error,
        ApiError::Unreachable(Addresses { api: site.as_str().into(), site: site.into() }),
    );
    let nonsense = Client::new("http://[not a host").authorized(&tokens()).keys().await;
    let words = nonsense.expect_err("there is no such address").to_string();
    assert!(words.contains("at http://[not a host could not be reached from http"), "{words}");
}
