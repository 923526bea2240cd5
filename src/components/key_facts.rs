//! What is known of one key, as a list of names and values.

use contract::Timestamp;
use leptos::prelude::*;

use super::foreign::Foreign;
use super::when::When;
use crate::browser::format;
use crate::domain::key::ApiKey;
use crate::words::{tr, tr_with};

/// Mask, creation and last use of a key, and one more fact.
#[component]
pub fn KeyFacts(
    /// The key.
    key: ApiKey,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The name of the fact that the children give.
    #[prop(into)]
    more: String,
    /// The value of that fact.
    children: Children,
) -> impl IntoView {
    let last_used = match key.last_used {
        Some(at) => view! { <When at now/> }.into_any(),
        None => tr("Never used").into_any(),
    };
    view! {
        <dl class="facts">
            <div>
                <dt>{tr("Key")}</dt>
                <dd><code translate="no"><Foreign text=key.masked/></code></dd>
            </div>
            <div>
                <dt>{tr("Created")}</dt>
                <dd><When at=key.created now/></dd>
            </div>
            <div>
                <dt>{tr("Last used")}</dt>
                <dd>{last_used}</dd>
            </div>
            <div>
                <dt>{more}</dt>
                <dd>{children()}</dd>
            </div>
        </dl>
    }
}

/// When a key was last used, in words.
pub fn last_use_in_words(key: &ApiKey, now: Timestamp) -> String {
    match key.last_used {
        None => tr("Never used"),
        Some(at) => tr_with("Used {time}", &[("time", &format::relative(at, now))]),
    }
}
