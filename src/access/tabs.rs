//! The other tabs that share the session: those that were made by duplicating this one.
//!
//! Each tab says by a shared lock, which the browser takes back when the tab goes, of which
//! generation its tokens are. So a tab that is about to renew can tell whether another one has
//! done so: only then does it ask for the tokens, and wait for the answer. A refresh token is good
//! for one use, and using it twice would end the session for all of them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::api::Client;
use crate::browser::channel::Channel;
use crate::browser::locks::{self, Lock, Mode};
use crate::browser::timer;
use crate::json::{self, Object, Value};
use crate::reactive::Effect;
use crate::session::Session;
use crate::session::record::Record;

/// How long another tab may take to hand over its tokens, in milliseconds.
const ANSWER_DEADLINE: u32 = 1_000;

/// The tabs that share a session. A handle.
#[derive(Clone, Copy)]
pub(super) struct Tabs {
    session: Session,
    client: StoredValue<Client>,
    line: StoredValue<Option<Line>, LocalStorage>,
}

/// The line to the tabs of one session.
struct Line {
    id: Uuid,
    channel: Option<Channel>,
    /// What says of which generation the tokens are.
    presence: Option<(u32, Lock)>,
}

/// What tabs say to each other: the name of the only member of an object.
mod message {
    /// These, a record, are the newest tokens.
    pub(super) const RENEWED: &str = "Renewed";
    /// Who has tokens newer than this generation?
    pub(super) const NEWER: &str = "Newer";
    /// The user has signed out. A string of its own.
    pub(super) const LEFT: &str = "Left";
}

/// The name of the lock under which the tokens of a session are renewed.
pub(super) fn renewal_lock(id: Uuid) -> String {
    format!("occam-keys.renewal.{id}")
}

/// How the names of the locks begin that say of which generation a tab's tokens are.
fn presence_prefix(id: Uuid) -> String {
    format!("occam-keys.tab.{id}.")
}

impl Tabs {
    /// The tabs that share `session`, whoever's it becomes, at the Key API that `client` knows.
    pub(super) fn of(session: Session, client: Client) -> Self {
        let client = StoredValue::new(client);
        let tabs = Self { session, client, line: StoredValue::new_local(None) };
        Effect::new(move |_| {
            let id = session.owner().map(|owner| owner.id);
            tabs.connect(id);
            spawn_local(tabs.be_present());
        });
        tabs
    }

    /// Makes sure that these tokens are the newest that any tab has, if they are of this
    /// generation.
    pub(super) async fn catch_up(self, generation: u32) {
        let Some(id) = self.id() else {
            return;
        };
        let (names, prefix) = (locks::held().await, presence_prefix(id));
        let newest = names.iter().filter_map(|name| name.strip_prefix(&prefix)?.parse().ok()).max();
        // Two tabs that miss each other are saved by the API's own patience with the token before.
        if newest.is_none_or(|newest: u32| newest <= generation) {
            return;
        }
        let generation_said = i64::from(generation).to_string();
        self.post(&Object::default().raw(message::NEWER, &generation_said).end());
        let session = self.session;
        let newer = async move {
            while session.generation() == Some(generation) {
                session.changed().await;
            }
        };
        timer::at_most(ANSWER_DEADLINE, newer).await;
    }

    /// Hands the tokens of this tab to the others, and says of which generation they are.
    pub(super) async fn tell_renewed(self) {
        self.be_present().await;
        self.post_tokens();
    }

    /// Tells the others that the user has signed out.
    pub(super) fn tell_left(self) {
        self.post(&json::quoted(message::LEFT));
    }

    fn id(self) -> Option<Uuid> {
        self.line.try_with_value(|line| line.as_ref().map(|line| line.id))?
    }

    /// Opens the line of the session `id`, and closes another.
    fn connect(self, id: Option<Uuid>) {
        if self.id() == id {
            return;
        }
        self.line.set_value(id.map(|id| Line {
            id,
            channel: Channel::open(&format!("occam-keys.{id}"), move |text| self.hear(text)),
            presence: None,
        }));
    }

    /// Holds the lock that says of which generation the tokens are, if there are any.
    async fn be_present(self) {
        let account = self.session.with_account(|account| (account.owner.id, account.generation));
        let Some((id, generation)) = account else {
            return;
        };
        let is_said = self.line.try_with_value(|line| {
            let presence = line.as_ref().and_then(|line| line.presence.as_ref());
            presence.is_some_and(|(said, _)| *said == generation)
        });
        if is_said == Some(true) {
            return;
        }
        let name = format!("{}{generation}", presence_prefix(id));
        if let Some(lock) = locks::hold(&name, Mode::Shared).await {
            self.line.try_update_value(|line| {
                // A newer one may have been granted before.
                let is_newer = |line: &&mut Line| {
                    line.id == id
                        && line.presence.as_ref().is_none_or(|(said, _)| *said < generation)
                };
                if let Some(line) = line.as_mut().filter(is_newer) {
                    line.presence = Some((generation, lock));
                }
            });
        }
    }

    fn hear(self, text: &str) {
        // What this version does not understand is not for it.
        let Some(said) = json::parse(text.as_bytes()) else {
            return;
        };
        if said.text().as_deref() == Some(message::LEFT) {
            return self.leave();
        }
        let [renewed, newer] = said.members([message::RENEWED, message::NEWER]).unwrap_or_default();
        if let Some(account) = renewed.and_then(Record::from_json).and_then(Record::into_account) {
            self.session.adopt(account);
        }
        if let Some(generation) = newer.and_then(Value::whole) {
            let is_newer = self.session.with_account(|it| i64::from(it.generation) > generation);
            if is_newer == Some(true) {
                self.post_tokens();
            }
        }
    }

    /// The user has signed out in another tab, which revoked the token that it had. If this one has
    /// one of its own, that would stay good.
    fn leave(self) {
        let refresh = self.session.leave();
        if let (Some(refresh), Some(client)) = (refresh, self.client.try_get_value()) {
            spawn_local(async move {
                // Nobody is there any more who could be told.
                let _ = client.revoke_token(&refresh).await;
            });
        }
    }

    fn post_tokens(self) {
        let line = self.id();
        let record = self.session.with_account(|account| {
            // The line may still be that of the session before, whose tabs are not of this one.
            (line == Some(account.owner.id)).then(|| Record::of(account))
        });
        if let Some(record) = record.flatten() {
            self.post(&Object::default().raw(message::RENEWED, &record.to_json()).end());
        }
    }

    fn post(self, text: &str) {
        self.line.try_with_value(|line| {
            if let Some(channel) = line.as_ref().and_then(|line| line.channel.as_ref()) {
                channel.post(text);
            }
        });
    }
}
