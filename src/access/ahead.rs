//! The list of keys, asked for before the code that shows it is there: whoever signs in waits for
//! the list and for that code together, and not for one after the other.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::FutureExt;
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::Access;
use crate::api::ApiError;
use crate::api::decode::Answer;
use crate::browser::clock;
use crate::domain::key::KeyList;

/// An answer that has waited for longer than this, in milliseconds, is not the list as it is now.
const FRESH_FOR: i64 = 10_000;

/// The look that is under way, or whose answer nobody has taken.
#[derive(Clone, Copy)]
pub(super) struct Ahead(StoredValue<Option<Look>, LocalStorage>);

struct Look {
    began: i64,
    /// Resolved when the answer is there, or why there is none.
    end: Promise,
    answer: Rc<RefCell<Option<Result<Answer, ApiError>>>>,
}

impl Ahead {
    /// Nothing was asked for.
    pub(super) fn new() -> Self {
        Self(StoredValue::new_local(None))
    }
}

impl Access {
    /// Asks for the list of keys on behalf of who is signed in. Whoever asks next by
    /// [`Access::keys`] gets the answer.
    pub fn look_ahead(&self) {
        let access = self.clone();
        let answer = Rc::new(RefCell::new(None));
        let place = answer.clone();
        let mut look = Box::pin(async move {
            let listing = access.read(async |api| api.listing().await).await;
            place.replace(Some(listing));
            Ok(JsValue::UNDEFINED)
        });
        // The request goes out now. A task would begin when what has been drawn meanwhile is.
        let end = match look.as_mut().now_or_never() {
            Some(_) => Promise::resolve(&JsValue::UNDEFINED),
            None => future_to_promise(look),
        };
        self.ahead.0.try_set_value(Some(Look { began: clock::millis(), end, answer }));
    }

    /// All keys of who is signed in; see [`Authorized::keys`](crate::api::Authorized::keys). As long
    /// as they are what they were, it is the same list, and that of `shown`, the list on show.
    ///
    /// # Errors
    /// Those of [`Access::read`].
    pub async fn keys(
        &self,
        shown: impl FnOnce() -> Option<Arc<KeyList>>,
    ) -> Result<Arc<KeyList>, ApiError> {
        let answer = match self.take_ahead().await {
            Some(answer) => answer?,
            None => self.read(async |api| api.listing().await).await?,
        };
        self.known.list(&answer, shown())
    }

    async fn take_ahead(&self) -> Option<Result<Answer, ApiError>> {
        let Look { began, end, answer } = self.ahead.0.try_update_value(Option::take).flatten()?;
        // It is only ever resolved.
        let _ = JsFuture::from(end).await;
        let is_fresh = clock::millis() - began < FRESH_FOR;
        answer.take().filter(|_| is_fresh)
    }
}
