//! What is known of one key, as a list of names and values.

use contract::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

use super::foreign::Foreign;
use super::when::When;
use crate::domain::key::ApiKey;

/// Mask, creation and last use of a key, and one more fact.
#[component]
pub fn KeyFacts(
    /// The key.
    key: ApiKey,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The name of the fact that the children give.
    more: &'static str,
    /// The value of that fact.
    children: Children,
) -> impl IntoView {
    let last_used = match key.last_used {
        Some(at) => Either::Left(view! { <When at now/> }),
        None => Either::Right("Never used"),
    };
    view! {
        <dl class="facts">
            <div>
                <dt>{"Key"}</dt>
                <dd><code translate="no"><Foreign text=key.masked/></code></dd>
            </div>
            <div>
                <dt>{"Created"}</dt>
                <dd><When at=key.created now/></dd>
            </div>
            <div>
                <dt>{"Last used"}</dt>
                <dd>{last_used}</dd>
            </div>
            <div>
                <dt>{more}</dt>
                <dd>{children()}</dd>
            </div>
        </dl>
    }
}
