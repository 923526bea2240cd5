//! What holds a secret cannot be printed, written down or copied by accident.
#![cfg(not(target_arch = "wasm32"))]

use std::fmt::{Debug, Display};
use std::ops::Deref;

use contract::{
    AccessAndRefreshTokenResponse, AccessTokenResponse, RefreshTokenRequest, VisibleApiKeyResponse,
};
use occam_keys::api::Authorized;
use occam_keys::api::decode::Answer;
use occam_keys::domain::creation::Creation;
use occam_keys::domain::key::{CreatedKey, KeyName};
use occam_keys::domain::renewal::Moment;
use occam_keys::domain::secret::Secret;
use occam_keys::domain::tokens::Tokens;
use occam_keys::session::record::Record;
use occam_keys::session::{Account, Owner, SessionState};
use serde::Serialize;

/// Does not compile if a type has one of these traits: then it is not clear which implementation
/// is meant.
macro_rules! lacks {
    ($($type:ty: $($bound:path),+;)+) => {
        $($(const _: fn() = || {
            trait Ambiguous<Case> {
                fn case() {}
            }
            struct Present;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $bound> Ambiguous<Present> for T {}
            <$type as Ambiguous<_>>::case();
        };)+)+
    };
}

lacks! {
    Secret: Clone, Display, Serialize, Deref, AsRef<str>, Into<String>;
    CreatedKey: Clone, Display, Serialize;
    Creation: Clone, Display, Serialize;
    Tokens: Clone, Display, Serialize;
    Account: Clone, Display, Serialize;
    SessionState: Clone, Display, Serialize;
    Authorized: Clone, Display, Serialize;
    // It is made to be written down, to session storage and to the tabs that share the session.
    Record: Clone, Debug, Display;
    // Its body may hold anything.
    Answer: Clone, Debug, Display, Serialize;
    AccessTokenResponse: Display;
    AccessAndRefreshTokenResponse: Display;
    VisibleApiKeyResponse: Display;
    RefreshTokenRequest: Display;
}

const SECRET: &str = "tell-tale";

#[test]
fn what_holds_a_secret_tells_nothing_of_it_when_it_is_debugged() {
    let secret = || Secret::new(SECRET.to_owned());
    let tokens = || Tokens { access: secret(), life_millis: None, refresh: Some(secret()) };
    let key = || CreatedKey {
        id: None,
        name: KeyName::parse("ci-bot").expect("a name"),
        secret: secret(),
    };
    let account = || Account {
        owner: Owner { username: "ada".to_owned(), id: uuid::Uuid::nil() },
        generation: 0,
        came: Moment { wall: 0, monotonic: None },
        tokens: tokens(),
    };
    let mut creation = Creation::default();
    creation.show(key());
    let visible = r#"{"uuid": "u", "api_key": "tell-tale"}"#;
    let visible: VisibleApiKeyResponse = serde_json::from_str(visible).expect("a key");
    let both = r#"{"access_token": "tell-tale", "expires_at": 0,
        "refresh_token": "tell-tale", "refresh_token_expires_at": 0}"#;
    let both: AccessAndRefreshTokenResponse = serde_json::from_str(both).expect("tokens");
    let one: AccessTokenResponse =
        serde_json::from_str(r#"{"access_token": "tell-tale", "expires_at": 0}"#).expect("a token");
    for debugged in [
        format!("{:?}", secret()),
        format!("{:#?}", Some(secret())),
        format!("{:?}", tokens()),
        format!("{:?}", key()),
        format!("{creation:#?}"),
        format!("{:?}", account()),
        format!("{:?}", SessionState::SignedIn(account())),
        format!("{visible:?}"),
        format!("{both:?}"),
        format!("{one:?}"),
        format!("{:?}", RefreshTokenRequest { refresh_token: SECRET.to_owned() }),
    ] {
        assert!(!debugged.contains(SECRET), "{debugged}");
    }
}
