//! What can be done with the chosen keys.

use leptos::prelude::*;

use crate::reactive::heard;
use crate::words::{tr, tr_count};

/// A bar that is there while keys are chosen.
#[component]
pub fn SelectionBar(
    /// How many keys are chosen, and how many of them are hidden by search or filters.
    counts: Memo<(usize, usize)>,
    /// The user wants to revoke them.
    on_revoke: Callback<()>,
    /// The user chooses none.
    on_clear: Callback<()>,
) -> impl IntoView {
    let words = move || {
        let (chosen, hidden) = counts.get();
        let chosen = match chosen {
            0 => return String::new(),
            chosen => tr_count(chosen, "{n} key selected", "{n} keys selected"),
        };
        match hidden {
            0 => chosen,
            hidden => {
                let hidden =
                    tr_count(hidden, "{n} of them is out of sight", "{n} of them are out of sight");
                format!("{chosen}, {hidden}")
            }
        }
    };
    let is_empty = Memo::new(move |_| counts.get().0 == 0);
    view! {
        <div
            class="selection"
            class:idle=move || is_empty.get()
            role="region"
            aria-label=tr("Selected keys")
        >
            <p role="status">{move || words()}</p>
            {move || {
                (!is_empty.get())
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button quiet"
                                on:click=heard(move |_| on_clear.run(()))
                            >
                                {tr("Clear selection")}
                            </button>
                            <button
                                type="button"
                                class="button danger"
                                on:click=heard(move |_| on_revoke.run(()))
                            >
                                {tr("Revoke selected…")}
                            </button>
                        }
                            .into_any()
                    })
            }}
        </div>
    }
}
