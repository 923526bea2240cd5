//! Data that comes from the Key API, with all it can be while it is on its way, and the loop that
//! gets it there: a read that fails for a passing reason is repeated, a change never is.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Duration;

use contract::Timestamp;
use futures_util::future::{AbortHandle, Abortable};
use js_sys::Math;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::browser::timer::{self, Later};
use crate::browser::{format, online};
use crate::domain::retry::pause_millis;

/// After this long without an answer, the page says that it takes longer than usual.
const LONG: Duration = Duration::from_secs(3);

/// A value that is fetched, and fetched again.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    /// The first answer is awaited.
    Loading(Wait),
    /// The last answer was this.
    Ready(T),
    /// The last good answer was this; a newer one is awaited.
    Refreshing(T, Wait),
    /// The last call failed; before it, there may have been a good answer, which is kept.
    Failed(ApiError, Option<T>),
}

/// Which answer it is: one and the same value, whatever is awaited meanwhile.
#[derive(Clone, Debug)]
pub struct Identity<T>(Weak<T>);

/// How the wait for an answer goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// As long as answers take.
    Usual,
    /// For longer than that.
    Long,
    /// The last try failed for a passing reason, and is or will be repeated.
    Again {
        /// Why it failed.
        error: ApiError,
        /// When it is repeated, by this machine's clock.
        at: Timestamp,
    },
}

/// Which fetch into a [`Remote`] counts: the one that was begun last. When it goes, and with it
/// the page that owns it, every exchange that is under way is cancelled.
#[derive(Default)]
pub struct Latest {
    turn: u32,
    under_way: Vec<(u32, AbortHandle)>,
}

impl<T> Remote<T> {
    /// Nothing has come yet.
    pub const LOADING: Self = Self::Loading(Wait::Usual);

    /// The last good answer.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Loading(_) | Self::Failed(_, None) => None,
            Self::Ready(value) | Self::Refreshing(value, _) | Self::Failed(_, Some(value)) => {
                Some(value)
            }
        }
    }

    /// What went wrong with the last call.
    pub fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Failed(error, _) => Some(error),
            _ => None,
        }
    }

    /// How the wait for an answer goes, if one is awaited.
    pub fn wait(&self) -> Option<&Wait> {
        match self {
            Self::Loading(wait) | Self::Refreshing(_, wait) => Some(wait),
            Self::Ready(_) | Self::Failed(..) => None,
        }
    }

    /// Whether an answer is awaited.
    pub fn is_pending(&self) -> bool {
        self.wait().is_some()
    }

    /// Changes the last good answer in place, if there is one.
    pub fn change(&mut self, change: impl FnOnce(&mut T)) {
        match self {
            Self::Loading(_) | Self::Failed(_, None) => {}
            Self::Ready(value) | Self::Refreshing(value, _) | Self::Failed(_, Some(value)) => {
                change(value);
            }
        }
    }

    /// The state while another answer is awaited: the old one stays in sight.
    pub fn waiting(self, wait: Wait) -> Self {
        match self.into_value() {
            Some(value) => Self::Refreshing(value, wait),
            None => Self::Loading(wait),
        }
    }

    /// The state after a failure, which keeps the old answer in sight.
    pub fn failed(self, error: ApiError) -> Self {
        Self::Failed(error, self.into_value())
    }

    /// Takes in an answer. One that says the same as the one before is not taken for another.
    pub fn answer(&mut self, value: T)
    where
        T: PartialEq,
    {
        let old = mem::replace(self, Self::LOADING).into_value();
        *self = Self::Ready(old.filter(|old| *old == value).unwrap_or(value));
    }

    fn into_value(self) -> Option<T> {
        match self {
            Self::Loading(_) => None,
            Self::Ready(value) | Self::Refreshing(value, _) => Some(value),
            Self::Failed(_, value) => value,
        }
    }
}

impl<T> Remote<Arc<T>> {
    /// Which answer the last good one is.
    pub fn identity(&self) -> Identity<T> {
        Identity(self.value().map(Arc::downgrade).unwrap_or_default())
    }
}

impl<T> Default for Identity<T> {
    fn default() -> Self {
        Self(Weak::new())
    }
}

// A `Weak` keeps the allocation of its value from being used again, so that a later answer never has
// the address of an earlier one (the ABA problem).
impl<T> PartialEq for Identity<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

/// Which answer is the last good one. Whoever works something out of a long answer [follows](follow)
/// this, and not the answer itself, which each step of a wait wakes up.
pub fn which_answer<T: Send + Sync + 'static>(
    remote: impl Into<Signal<Remote<Arc<T>>>>,
) -> Memo<Identity<T>> {
    let remote = remote.into();
    Memo::new(move |_| remote.with(Remote::identity))
}

/// Wakes up who calls it whenever another answer is the last good one.
pub fn follow<T: Send + Sync + 'static>(answer: Memo<Identity<T>>) {
    // It is read and not only tracked: what nobody has read does not know what it depends on.
    answer.with(|_| ());
}

/// Fetches into `remote`, with a read: one that fails for a passing reason is repeated, by the
/// rules of [`crate::domain::retry`]. If the same is fetched again meanwhile, the answer that was
/// asked for last is the one that counts; if the page that owns `latest` is gone, no answer does.
pub fn fetch_into<T>(
    remote: RwSignal<Remote<T>>,
    latest: StoredValue<Latest>,
    call: impl AsyncFn() -> Result<T, ApiError> + 'static,
) where
    T: PartialEq + Send + Sync + 'static,
{
    let call = Rc::new(call);
    let attempt = move |turn| {
        let call = call.clone();
        Box::pin(async move {
            let value = call().await?;
            if is_latest(latest, turn) {
                remote.try_update(|state| state.answer(value));
            }
            Ok(())
        }) as Pin<Box<dyn Future<Output = _>>>
    };
    let advance = move |step| {
        remote.try_update(|state| {
            let old = mem::replace(state, Remote::LOADING);
            *state = match step {
                Step::Wait(wait) => old.waiting(wait),
                Step::Fail(error) => old.failed(error),
            };
        });
    };
    begin(latest, Box::new(attempt), Rc::new(advance));
}

/// Lets no answer count that is under way: it is of a time before something was changed. Whoever says
/// so fetches again.
pub fn supersede(latest: StoredValue<Latest>) {
    latest.update_value(|latest| latest.turn = latest.turn.wrapping_add(1));
}

/// Fetches again what failed because the way to the Key API was cut, whenever the browser comes
/// back online, for as long as the current owner lives.
pub fn resume_online<T>(remote: RwSignal<Remote<T>>, fetch_again: impl Fn() + 'static)
where
    T: Send + Sync + 'static,
{
    online::on_return(move || {
        if remote.with_untracked(|state| state.error().is_some_and(ApiError::is_disconnection)) {
            fetch_again();
        }
    });
}

impl Latest {
    /// One in the care of the current owner: when that is cleaned up, what is under way stops.
    pub fn stored() -> StoredValue<Self> {
        StoredValue::new(Self::default())
    }
}

impl Drop for Latest {
    fn drop(&mut self) {
        for (_, exchange) in &self.under_way {
            exchange.abort();
        }
    }
}

// From here on nothing depends on what is fetched, so that it is compiled once.

/// What changes while an answer is awaited.
enum Step {
    Wait(Wait),
    Fail(ApiError),
}

/// One try of the turn that is given. It puts the answer where it belongs.
type Attempt = Box<dyn Fn(u32) -> Pin<Box<dyn Future<Output = Result<(), ApiError>>>>>;

fn is_latest(latest: StoredValue<Latest>, turn: u32) -> bool {
    latest.try_with_value(|latest| latest.turn == turn).unwrap_or(false)
}

fn begin(latest: StoredValue<Latest>, attempt: Attempt, advance: Rc<dyn Fn(Step)>) {
    let (handle, registration) = AbortHandle::new_pair();
    let Some(turn) = latest.try_update_value(|latest| {
        latest.turn = latest.turn.wrapping_add(1);
        latest.under_way.push((latest.turn, handle));
        latest.turn
    }) else {
        return;
    };
    advance(Step::Wait(Wait::Usual));
    let read = Abortable::new(read(latest, turn, attempt, advance), registration);
    spawn_local(async move {
        if read.await.is_ok() {
            latest.try_update_value(|latest| latest.under_way.retain(|(other, _)| *other != turn));
        }
    });
}

/// Tries until there is an answer, a lasting failure or a newer turn.
async fn read(latest: StoredValue<Latest>, turn: u32, attempt: Attempt, advance: Rc<dyn Fn(Step)>) {
    let mut repeats = 0;
    loop {
        let late = Later::after(LONG, {
            let advance = advance.clone();
            move || {
                if is_latest(latest, turn) {
                    advance(Step::Wait(Wait::Long));
                }
            }
        });
        let Err(error) = attempt(turn).await else {
            return;
        };
        drop(late);
        if !is_latest(latest, turn) {
            return;
        }
        let error = match error {
            // The browser knows better by now. It may be wrong about a Key API on this machine,
            // which is why that one was asked all the same.
            ApiError::Unreachable(_) if !online::is_online() => ApiError::Offline,
            error => error,
        };
        let pause = error.setback().and_then(|it| pause_millis(it, repeats, Math::random()));
        let Some(pause) = pause else {
            return advance(Step::Fail(error));
        };
        let at = Timestamp::from_unix_millis(format::now().unix_millis() + i64::from(pause));
        advance(Step::Wait(Wait::Again { error, at }));
        timer::sleep(pause).await;
        if !is_latest(latest, turn) {
            return;
        }
        repeats += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_keeps_the_old_answer_in_sight_whatever_comes() {
        let refreshing = Remote::Ready(1).waiting(Wait::Usual);
        assert_eq!(refreshing, Remote::Refreshing(1, Wait::Usual));
        let long = refreshing.waiting(Wait::Long);
        assert_eq!((long.value(), long.wait()), (Some(&1), Some(&Wait::Long)));
        let failed = long.failed(ApiError::TimedOut);
        assert_eq!(failed, Remote::Failed(ApiError::TimedOut, Some(1)));
        assert_eq!((failed.value(), failed.is_pending()), (Some(&1), false));
        assert_eq!(failed.waiting(Wait::Usual), Remote::Refreshing(1, Wait::Usual));
    }

    #[test]
    fn a_first_failure_has_nothing_to_show() {
        let failed = Remote::<u8>::LOADING.failed(ApiError::TimedOut);
        assert_eq!(failed, Remote::Failed(ApiError::TimedOut, None));
        assert_eq!(failed.waiting(Wait::Usual), Remote::LOADING);
    }

    #[test]
    fn an_answer_stays_the_same_as_long_as_it_says_the_same() {
        let mut remote = Remote::<Arc<u8>>::LOADING;
        remote.answer(Arc::new(1));
        let first = remote.identity();
        assert_ne!(first, Identity::default());
        remote = remote.waiting(Wait::Usual);
        remote.answer(Arc::new(1));
        assert_eq!(remote.identity(), first);
        remote.change(|it| *Arc::make_mut(it) = 2);
        let changed = remote.identity();
        assert_ne!(changed, first);
        remote.answer(Arc::new(3));
        assert_ne!(remote.identity(), changed);
    }

    #[test]
    fn only_an_answer_that_is_there_can_be_changed() {
        let mut ready = Remote::Failed(ApiError::TimedOut, Some(1));
        ready.change(|it| *it += 1);
        assert_eq!(ready.value(), Some(&2));
        let mut nothing = Remote::<u8>::LOADING;
        nothing.change(|it| *it += 1);
        assert_eq!(nothing, Remote::LOADING);
    }
}
