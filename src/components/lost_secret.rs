//! The offer on the page for a key that was made and that nobody has confirmed to have saved.

use leptos::prelude::*;

use super::foreign::Foreign;
use crate::browser::page;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::lost_secret::Offer;
use crate::reactive::heard;
use crate::words::{tr, tr_around};

/// What its user may decide.
#[derive(Clone, Copy)]
pub struct GuardActions {
    /// To make another key in its place.
    pub on_replace: Callback<ApiKey>,
    /// To revoke it.
    pub on_revoke: Callback<ApiKey>,
    /// To leave it as it is: it is saved, or somebody needs it.
    pub on_keep: Callback<KeyId>,
}

/// Asks about one key at a time. The live region is always mounted, so that the question is
/// announced.
#[component]
pub fn LostSecretOffer(
    /// What is offered, if anything is.
    offer: Memo<Option<Offer>>,
    /// What its user may decide.
    actions: GuardActions,
) -> impl IntoView {
    view! {
        <div role="status">{move || offer.get().map(|offer| draw(offer, actions))}</div>
    }
}

fn draw(offer: Offer, actions: GuardActions) -> AnyView {
    let Offer { key, trouble } = offer;
    let id = key.id;
    let (before, after) = match trouble {
        None => tr_around("You created “{name}” and never confirmed saving its key. Replace it?"),
        Some(_) => tr_around("The new “{name}” is saved, but the old key still works."),
    };
    let is_replaced = trouble.is_some();
    let words = match (trouble, key.last_used) {
        (Some(why), _) => why,
        (None, None) => tr("It was never used. Replacing makes a new key of the same name; once \
                            that is saved, this one is revoked."),
        (None, Some(_)) => tr("It was used since, so somebody may have it. Replacing makes a new \
                               key of the same name; then you are asked about this one."),
    };
    let name = key.name.clone();
    let keep = if is_replaced { tr("Keep it") } else { tr("It is saved") };
    let keep = button("button quiet", keep, move || {
        actions.on_keep.run(id);
        page::rescue_focus("#app h1");
    });
    let revoke = button("button", tr("Revoke it"), {
        let key = key.clone();
        move || actions.on_revoke.run(key.clone())
    });
    let replace = match is_replaced {
        true => ().into_any(),
        false => {
            button("button primary", tr("Replace"), move || actions.on_replace.run(key.clone()))
        }
    };
    view! {
        <div class="notice warning guard">
            <div>
                <p class="guard-question">{before}<Foreign text=name/>{after}</p>
                <p><Foreign text=words/></p>
            </div>
            <div class="guard-actions">{keep}{revoke}{replace}</div>
        </div>
    }
    .into_any()
}

fn button(class: &'static str, label: String, act: impl Fn() + 'static) -> AnyView {
    let act: Box<dyn Fn()> = Box::new(act);
    view! { <button type="button" class=class on:click=heard(move |_| act())>{label}</button> }
        .into_any()
}
