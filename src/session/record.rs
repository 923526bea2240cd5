//! A session as it is written down: for this tab after a reload, and for the other tabs that
//! share it.
//!
//! What is read is treated as somebody else's input: whatever does not fit is no session.

use contract::Timestamp;
use uuid::Uuid;

use super::{Account, Owner};
use crate::domain::renewal::Moment;
use crate::domain::secret::Secret;
use crate::domain::tokens::{Tokens, is_sendable};
use crate::json::{Object, Value};

/// The written form. Times are in milliseconds, the instant since the Unix epoch.
pub struct Record {
    id: Uuid,
    username: String,
    generation: u32,
    came: i64,
    life: Option<u64>,
    access_token: String,
    refresh_token: Option<String>,
}

impl Record {
    /// Writes a session down.
    pub fn of(account: &Account) -> Self {
        let tokens = &account.tokens;
        Self {
            id: account.owner.id,
            username: account.owner.username.clone(),
            generation: account.generation,
            came: account.came.wall,
            life: tokens.life_millis,
            access_token: tokens.access.reveal().to_owned(),
            refresh_token: tokens.refresh.as_ref().map(|token| token.reveal().to_owned()),
        }
    }

    /// The written form as JSON.
    pub fn to_json(&self) -> String {
        Object::default()
            .text("id", &self.id.to_string())
            .text("username", &self.username)
            .raw("generation", &i64::from(self.generation).to_string())
            .raw("came", &self.came.to_string())
            .raw("life", &self.life.map_or_else(|| "null".to_owned(), |it| it.to_string()))
            .text("access_token", &self.access_token)
            .optional_text("refresh_token", self.refresh_token.as_deref())
            .end()
    }

    /// Reads the written form.
    pub fn from_json(record: Value<'_>) -> Option<Self> {
        let names =
            ["id", "username", "generation", "came", "life", "access_token", "refresh_token"];
        let [id, username, generation, came, life, access_token, refresh_token] =
            record.members(names)?;
        Some(Self {
            id: Uuid::try_parse(&id?.text()?).ok()?,
            username: username?.text()?,
            generation: generation?.whole()?.try_into().ok()?,
            came: came?.whole()?,
            life: life.and_then(Value::whole).and_then(|life| life.try_into().ok()),
            access_token: access_token?.text()?,
            refresh_token: refresh_token.and_then(Value::text),
        })
    }

    /// The session, unless its token cannot be one.
    pub fn into_account(self) -> Option<Account> {
        if !is_sendable(&self.access_token) {
            return None;
        }
        Some(Account {
            owner: Owner { username: self.username, id: self.id },
            generation: self.generation,
            came: Moment::of_another_page(Timestamp::from_unix_millis(self.came)),
            tokens: Tokens {
                access: Secret::new(self.access_token),
                life_millis: self.life,
                refresh: self.refresh_token.map(Secret::new),
            },
        })
    }
}
