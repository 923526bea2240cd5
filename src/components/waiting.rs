//! How the wait for an answer goes, in words.

use leptos::prelude::*;

use super::countdown::countdown;
use crate::browser::format;
use crate::reactive::redrawn;
use crate::remote::Wait;
use crate::words::{tr, tr_with};

/// Says when an answer takes long, or when it is asked for again. What is said once is announced
/// once: the seconds that go by stand outside the live region.
#[component]
pub fn Waiting(
    /// How the wait goes; `None` if there is none.
    #[prop(into)]
    wait: Signal<Option<Wait>>,
) -> impl IntoView {
    let says_nothing =
        Memo::new(move |_| wait.with(|wait| matches!(wait, None | Some(Wait::Usual))));
    view! {
        <p class="waiting" class:silent=move || says_nothing.get()>
            <span role="status">{move || wait.with(|wait| words(wait.as_ref()))}</span>
            {move || wait.with(|wait| seconds_left(wait.as_ref())).map(|seconds| {
                let left = countdown(seconds);
                redrawn(move || {
                    let words = match left.get() {
                        Some(seconds) => {
                            let seconds = seconds.to_string();
                            tr_with("Trying again in {seconds} s.", &[("seconds", &seconds)])
                        }
                        None => tr("Trying again…"),
                    };
                    words.into_any()
                })
            })}
        </p>
    }
}

fn words(wait: Option<&Wait>) -> String {
    match wait {
        None | Some(Wait::Usual) => String::new(),
        Some(Wait::Long) => tr("This is taking longer than usual."),
        Some(Wait::Again { error, .. }) => match error.retry_after() {
            // The seconds go on from here.
            Some(_) => format!("{} ", error.in_short()),
            None => format!("{} {}", error.in_short(), tr("Trying again…")),
        },
    }
}

/// The seconds until the repeat, where the server named them.
fn seconds_left(wait: Option<&Wait>) -> Option<u32> {
    let Some(Wait::Again { error, at }) = wait else {
        return None;
    };
    error.retry_after()?;
    let millis = at.unix_millis().saturating_sub(format::now().unix_millis()).max(0);
    u32::try_from(millis.saturating_add(999) / 1000).ok()
}
