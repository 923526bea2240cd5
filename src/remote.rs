//! Data that comes from the Key API, with all it can be while it is on its way.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;

/// A value that is fetched, and fetched again.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    /// The first answer is awaited.
    Loading,
    /// The last answer was this.
    Ready(T),
    /// The last good answer was this; a newer one is awaited.
    Refreshing(T),
    /// The last call failed; before it, there may have been a good answer, which is kept.
    Failed(ApiError, Option<T>),
}

impl<T> Remote<T> {
    /// The last good answer.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Loading | Self::Failed(_, None) => None,
            Self::Ready(value) | Self::Refreshing(value) | Self::Failed(_, Some(value)) => {
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

    /// Whether an answer is awaited.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Loading | Self::Refreshing(_))
    }

    /// Changes the last good answer in place, if there is one.
    pub fn change(&mut self, change: impl FnOnce(&mut T)) {
        match self {
            Self::Loading | Self::Failed(_, None) => {}
            Self::Ready(value) | Self::Refreshing(value) | Self::Failed(_, Some(value)) => {
                change(value);
            }
        }
    }

    /// The state while another answer is awaited: the old one stays in sight.
    pub fn started(self) -> Self {
        match self {
            Self::Ready(value) | Self::Refreshing(value) | Self::Failed(_, Some(value)) => {
                Self::Refreshing(value)
            }
            Self::Loading | Self::Failed(_, None) => Self::Loading,
        }
    }

    /// The state once an answer is there: a failure keeps the old answer in sight.
    pub fn finished(self, result: Result<T, ApiError>) -> Self {
        match (result, self) {
            (Ok(value), _) => Self::Ready(value),
            (
                Err(error),
                Self::Ready(value) | Self::Refreshing(value) | Self::Failed(_, Some(value)),
            ) => Self::Failed(error, Some(value)),
            (Err(error), Self::Loading | Self::Failed(_, None)) => Self::Failed(error, None),
        }
    }
}

/// Fetches into `remote`. If the same is fetched again meanwhile, the answer that was asked for
/// last is the one that counts; if the page that owns `remote` is gone, no answer does.
pub fn fetch_into<T>(
    remote: RwSignal<Remote<T>>,
    latest: StoredValue<u32>,
    call: impl Future<Output = Result<T, ApiError>> + 'static,
) where
    T: Send + Sync + 'static,
{
    let Some(turn) = latest.try_update_value(|latest| {
        *latest = latest.wrapping_add(1);
        *latest
    }) else {
        return;
    };
    let advance = move |step: Box<dyn FnOnce(Remote<T>) -> Remote<T>>| {
        remote.try_update(|state| *state = step(std::mem::replace(state, Remote::Loading)));
    };
    advance(Box::new(Remote::started));
    spawn_local(async move {
        let result = call.await;
        if latest.try_get_value() == Some(turn) {
            advance(Box::new(|state| state.finished(result)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_keeps_the_old_answer_in_sight_whatever_comes() {
        let ready = Remote::Loading.finished(Ok(1));
        assert_eq!(ready, Remote::Ready(1));
        let refreshing = ready.started();
        assert_eq!(refreshing, Remote::Refreshing(1));
        let failed = refreshing.finished(Err(ApiError::TimedOut));
        assert_eq!(failed, Remote::Failed(ApiError::TimedOut, Some(1)));
        assert_eq!(failed.value(), Some(&1));
        assert_eq!(failed.started().finished(Ok(2)), Remote::Ready(2));
    }

    #[test]
    fn a_first_failure_has_nothing_to_show() {
        let failed = Remote::<u8>::Loading.finished(Err(ApiError::TimedOut));
        assert_eq!(failed, Remote::Failed(ApiError::TimedOut, None));
        assert_eq!(failed.started(), Remote::Loading);
    }
}
