//! Signing in again, over the page as it stands, when a session has lapsed. Only who has been signed
//! in needs it, so it comes with what is behind the sign-in.

use leptos::html;
use leptos::prelude::*;

use super::StaticForm;
use crate::access::{Access, Stake};
use crate::components::dialog::{Dialog, Urgency};
use crate::reactive::{Effect, heard};
use crate::session::Session;
use crate::words::tr;

/// The layer that the sign-in form moves into while a session has lapsed.
#[component]
pub fn SignInAgain(
    /// The access that has lapsed.
    access: Access,
) -> impl IntoView {
    // Without it nobody could have signed in.
    let form = StoredValue::new_local(StaticForm::find()?);
    let (session, stake) = (access.session(), access.stake());
    let lapsed = Memo::new(move |_| session.has_lapsed());
    // A secret on show, or what is half done or under way, may be seen to first.
    let put_off = access.put_off();
    let stake = Memo::new(move |_| stake.get());
    Effect::new(move |_| {
        if stake.get() == Stake::Nothing || !lapsed.get() {
            put_off.set(false);
        }
    });
    let open = Memo::new(move |_| lapsed.get() && !put_off.get());
    let on_leave = Callback::new(move |()| put_off.set(stake.get_untracked() != Stake::Nothing));
    Some(view! {
        <Dialog
            open
            urgency=Urgency::Form
            labelled_by="sign-in-title"
            described_by="sign-in-notice"
            on_leave
        >
            <Layer form session stake on_leave access=access.clone()/>
        </Dialog>
    })
}

/// What is in the layer: the form, and the ways out of it.
#[component]
fn Layer(
    form: StoredValue<StaticForm, LocalStorage>,
    session: Session,
    access: Access,
    stake: Memo<Stake>,
    on_leave: Callback<()>,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let title = document().title();
    Effect::new(move |_| {
        if let (Some(place), Some(owner)) = (place.get(), session.owner_untracked()) {
            form.with_value(|form| form.enter_layer(&place, &owner));
        }
    });
    on_cleanup(move || {
        form.try_with_value(StaticForm::leave_layer);
        document().set_title(&title);
    });
    // To sign out is offered when that drops neither a secret nor what is half done or under way: of
    // a key that is being made, nobody would ever see the secret.
    let ways_out = move || {
        let (warning, back) = match stake.get() {
            Stake::Secret => (
                tr("The key you have just made is still open behind this. Signing in as \
                    somebody else drops it."),
                tr("Back to the key"),
            ),
            Stake::Work => (
                tr("What you have begun is still open behind this. Signing in as somebody else \
                    drops it."),
                tr("Back to it"),
            ),
            Stake::Nothing => {
                let access = access.clone();
                let sign_out = heard(move |_| access.sign_out());
                return view! {
                    <button type="button" class="button quiet" on:click=sign_out>
                        {tr("Sign out instead")}
                    </button>
                }
                .into_any();
            }
        };
        view! {
            <p class="warning">{warning}</p>
            <button type="button" class="button" on:click=heard(move |_| on_leave.run(()))>
                {back}
            </button>
        }
        .into_any()
    };
    view! {
        <div node_ref=place></div>
        <div class="layer-actions">{ways_out}</div>
    }
}
