//! Looking at the figures again and again for as long as somebody sees the page, as [`Pacing`]
//! says. There is one look at a time.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::browser::timer::Later;
use crate::browser::{clock, online, page};
use crate::components::live_usage::LiveState;
use crate::domain::live::{Next, Pacing};
use crate::reactive::Effect;

/// A look at whatever it is.
type Look = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), ApiError>>>>>;

/// Looks that can be begun and ended. A handle: copies name the same. They end with the current
/// owner.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    /// `None` while nobody watches.
    pacing: RwSignal<Option<Pacing>>,
    look: StoredValue<Look, LocalStorage>,
    next: StoredValue<Option<Later>, LocalStorage>,
}

impl Looks {
    /// Looks by `look`, which nobody watches yet. They end by themselves when what is looked at is
    /// gone.
    pub(super) fn by<F>(look: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<(), ApiError>> + 'static,
    {
        let looks = Self {
            pacing: RwSignal::new(None),
            look: StoredValue::new_local(Rc::new(move || Box::pin(look()) as Pin<Box<_>>)),
            next: StoredValue::new_local(None),
        };
        let has_network = online::signal();
        let on_change = move || {
            let (now, is_seen) = (clock::millis(), !document().hidden());
            let is_online = has_network.get_untracked();
            looks.change(|pacing| {
                pacing.visible(now, is_seen);
                pacing.online(now, is_online);
            });
            looks.go_on();
        };
        page::on_sight_change(on_change);
        Effect::new(move |_| {
            has_network.track();
            on_change();
        });
        looks
    }

    /// How they stand.
    pub(super) fn state(self) -> Memo<LiveState> {
        Memo::new(move |_| {
            self.pacing.with(|pacing| match pacing {
                None => LiveState::Off,
                Some(pacing) => match pacing.next(0) {
                    Next::Hidden => LiveState::Hidden,
                    Next::Offline => LiveState::Offline,
                    _ if pacing.errors() > 0 => LiveState::Failing,
                    _ => LiveState::Watching,
                },
            })
        })
    }

    /// Whether somebody watches.
    pub(super) fn is_on(self) -> bool {
        self.pacing.with_untracked(Option::is_some)
    }

    /// Begins anew, with a look at once.
    pub(super) fn begin(self) {
        let pacing = Pacing::new(clock::millis(), !document().hidden(), online::is_online());
        self.pacing.set(Some(pacing));
        self.go_on();
    }

    /// Ends.
    pub(super) fn end(self) {
        self.next.set_value(None);
        self.pacing.set(None);
    }

    /// Does not wait for the next look any longer than it has to.
    pub(super) fn look_now(self) {
        self.change(|pacing| pacing.resume(clock::millis()));
        self.go_on();
    }

    fn change(self, change: impl FnOnce(&mut Pacing)) {
        // The page may be gone.
        let _ = self.pacing.try_update(|pacing| pacing.as_mut().map(change));
    }

    /// Does what is to be done now.
    fn go_on(self) {
        let now = clock::millis();
        let pacing = self.pacing.try_with_untracked(|pacing| *pacing).flatten();
        match pacing.map(|pacing| pacing.next(now)) {
            Some(Next::Look) => {
                if let Some(look) = self.look.try_get_value() {
                    self.change(|pacing| pacing.began(now));
                    spawn_local(async move {
                        let result = look().await;
                        self.looked(result);
                    });
                }
            }
            Some(Next::Wait(millis)) => {
                let wait = Duration::from_millis(millis.into());
                self.next.try_set_value(Some(Later::after(wait, move || self.go_on())));
            }
            Some(Next::Looking | Next::Hidden | Next::Offline) | None => {}
        }
    }

    fn looked(self, result: Result<(), ApiError>) {
        if self.pacing.is_disposed() {
            return;
        }
        let now = clock::millis();
        match result {
            Ok(()) => self.change(|pacing| pacing.succeeded(now)),
            Err(ApiError::NotFound) => self.end(),
            Err(error) => self.change(|pacing| pacing.failed(now, error.retry_after())),
        }
        self.go_on();
    }
}
