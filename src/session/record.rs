//! A session as it is written down: for this tab after a reload, and for the other tabs that
//! share it.
//!
//! What is read is treated as somebody else's input: whatever does not fit is no session.

use contract::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Account, Owner};
use crate::domain::renewal::Moment;
use crate::domain::secret::Secret;
use crate::domain::tokens::{Tokens, is_sendable};

/// The written form. Times are in milliseconds, the instant since the Unix epoch.
#[derive(Serialize, Deserialize)]
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
