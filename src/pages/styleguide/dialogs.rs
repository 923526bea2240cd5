//! Every dialog in its main states. They stand in the page one below the other, not over it.

use std::sync::Arc;

use leptos::prelude::*;

use super::{NOW, created, key};
use crate::components::clean_up::{CleanUpActions, CleanUpDialog};
use crate::components::command::Command;
use crate::components::create_key::{CreateActions, CreateKeyDialog};
use crate::components::dialog::InPlace;
use crate::components::identify::{IdentifyActions, IdentifyDialog};
use crate::components::inquiry::InquiryActions;
use crate::components::lost_secret::{GuardActions, LostSecretOffer};
use crate::components::palette::CommandPalette;
use crate::components::revoke_key::RevokeKeyDialog;
use crate::components::revoke_many::{BulkActions, RevokeManyDialog};
use crate::components::shortcuts::ShortcutSheet;
use crate::domain::bulk_revocation::{BulkRevocation, Outcome};
use crate::domain::creation::Creation;
use crate::domain::drill::Identification;
use crate::domain::form::Complaint;
use crate::domain::health::clean_up::{self, CleanUp};
use crate::domain::identify::Finding;
use crate::domain::inquiry::{Attempt, Inquiry};
use crate::domain::key::{KeyId, KeyList, KeyName};
use crate::domain::lost_secret::Offer;
use crate::domain::revocation::Revocation;
use crate::domain::secret::Secret;
use crate::domain::trial::Trial;
use crate::domain::usage::{Quota, Usage};
use crate::domain::usage_board::UsageBoard;
use crate::remote::Remote;

pub(super) fn dialogs() -> AnyView {
    provide_context(InPlace);
    let now = Signal::stored(NOW);
    [creating(now), asking_what_became(now), revoking(now), revoking_many(now), identifying(now)]
        .into_iter()
        .chain([cleaning_up(now), guarding(), commanding()])
        .collect::<Vec<AnyView>>()
        .into_any()
}

/// Nothing is done by the buttons of this page.
fn idle<T: 'static>() -> Callback<T> {
    Callback::new(|_| ())
}

fn inquiry_actions() -> InquiryActions {
    InquiryActions {
        on_again: idle(),
        on_another: idle(),
        on_look: idle(),
        on_revoke: idle(),
        on_leave: idle(),
    }
}

fn creation_dialog(
    creation: Creation,
    inquiry: Option<Inquiry>,
    now: Signal<contract::Timestamp>,
) -> AnyView {
    let actions = CreateActions { on_submit: idle(), on_discard: idle(), on_try: idle() };
    view! {
        <CreateKeyDialog
            creation=RwSignal::new(creation)
            likeness=Callback::new(|_| None)
            next=Callback::new(|()| vec!["worker-3".to_owned(), "worker-4".to_owned()])
            suggestion=Signal::stored(String::new())
            replaces=Memo::new(|_| false)
            api=StoredValue::new("https://keys.example.com".to_owned())
            trial=RwSignal::new(Trial::NotAsked)
            actions
            inquiry=RwSignal::new(inquiry)
            inquiry_actions=inquiry_actions()
            now
        />
    }
    .into_any()
}

fn creating(now: Signal<contract::Timestamp>) -> AnyView {
    let mut form = Creation::default();
    form.open();
    let mut wrong = Creation::default();
    wrong.open();
    let _ = wrong.send();
    wrong.complain(Complaint::Overall("The Key API failed (status 500).".to_owned()));
    let mut leaving = created();
    leaving.leave();
    [form, wrong, created(), leaving]
        .map(|it| creation_dialog(it, None, now))
        .collect_view()
        .into_any()
}

fn asking_what_became(now: Signal<contract::Timestamp>) -> AnyView {
    let name = KeyName::parse("ci-bot").expect("it is a name");
    let attempt = || Attempt::new(uuid::Uuid::nil(), &name, Some(&[]));
    let lost = || {
        let mut creation = Creation::default();
        creation.open();
        let _ = creation.send();
        creation.lose("The Key API did not answer in time.".to_owned());
        creation
    };
    let looking = Inquiry::into(attempt());
    let mut found = Inquiry::into(attempt());
    found.look(Some(&[key(1, "ci-bot", None)]));
    [looking, found].map(|it| creation_dialog(lost(), Some(it), now)).collect_view().into_any()
}

fn revoking(now: Signal<contract::Timestamp>) -> AnyView {
    let usage = Usage {
        completed: 100,
        successful: 90,
        failed: 10,
        quota: Quota::Unlimited,
        per_day: 12.5,
    };
    let dialog = |used: Option<i64>| {
        let revocation = Revocation::of(key(9, "ci-bot", used), NOW);
        view! {
            <RevokeKeyDialog
                revocation=RwSignal::new(Some(revocation))
                usage=Signal::stored(Remote::Ready(usage))
                now
                lookalikes=Signal::stored(vec![key(8, "ci-b0t", None)])
                on_confirmed=idle()
            />
        }
        .into_any()
    };
    [None, Some(24 * 40), Some(3)].map(dialog).collect_view().into_any()
}

fn revoking_many(now: Signal<contract::Timestamp>) -> AnyView {
    let keys = || vec![key(1, "web", Some(3)), key(2, "worker", None), key(3, "cron", None)];
    let asking = BulkRevocation::of(keys(), NOW);
    let mut running = BulkRevocation::of(keys(), NOW);
    let _ = running.confirm("3");
    let mut over = BulkRevocation::of(keys(), NOW);
    let _ = over.confirm("3");
    let outcomes = [
        Outcome::Revoked,
        Outcome::Gone,
        Outcome::Failed("The Key API failed (status 500).".into()),
    ];
    if let Some(id) = running.begin_next() {
        running.settle(id, Outcome::Revoked);
        let _ = running.begin_next();
    }
    for outcome in outcomes {
        if let Some(id) = over.begin_next() {
            over.settle(id, outcome);
        }
    }
    let _ = over.begin_next();
    let dialog = |bulk| {
        let actions =
            BulkActions { on_confirm: idle(), on_stop: idle(), on_go_on: idle(), on_leave: idle() };
        view! { <RevokeManyDialog bulk=RwSignal::new(Some(bulk)) now actions/> }.into_any()
    };
    [asking, running, over].map(dialog).collect_view().into_any()
}

fn identifying(now: Signal<contract::Timestamp>) -> AnyView {
    let asking = |leaked| Identification::Asking { leaked, nothing: None };
    let found = |leaked, days: &[u8]| {
        let mut state = asking(leaked);
        let secret = || Secret::new("occ_an_example_that_opens_nothing".to_owned());
        let matches = days.iter().map(|day| (key(*day, "ci-bot", None), secret())).collect();
        state.find(Finding { matches, strangers: 0 }, NOW);
        state
    };
    let mut nothing = asking(false);
    nothing.find(Finding { matches: Vec::new(), strangers: 1 }, NOW);
    let dialog = |state| {
        let actions = IdentifyActions {
            on_text: idle(),
            on_file: idle(),
            on_show: idle(),
            on_open: idle(),
            on_revoke: idle(),
            on_prove: idle(),
            on_leaked: idle(),
            on_step: idle(),
            on_leave: idle(),
        };
        let said = RwSignal::new(String::new());
        view! { <IdentifyDialog identification=RwSignal::new(state) said now actions/> }.into_any()
    };
    [asking(false), nothing, found(false, &[1, 2]), found(true, &[1])]
        .map(dialog)
        .collect_view()
        .into_any()
}

fn cleaning_up(now: Signal<contract::Timestamp>) -> AnyView {
    let keys = vec![key(1, "ci-bot", None), key(2, "staging", None), key(3, "backup", None)];
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let mut asking = CleanUp::new(&ids, "");
    asking.keep();
    let _ = asking.revoke();
    asking.settle(clean_up::Outcome::Failed("The Key API failed (status 500).".into()));
    let mut over = asking.clone();
    over.later();
    over.later();
    let list = Signal::stored(Remote::Ready(Arc::new(KeyList { keys, unreadable: Vec::new() })));
    let dialog = move |round| {
        let actions = CleanUpActions {
            on_keep: idle(),
            on_revoke: idle(),
            on_later: idle(),
            on_back: idle(),
            on_remind: idle(),
            on_leave: idle(),
        };
        let (round, said) = (RwSignal::new(Some(round)), RwSignal::new(String::new()));
        let board = RwSignal::new(UsageBoard::default());
        view! { <CleanUpDialog round said keys=list board now actions/> }.into_any()
    };
    [CleanUp::default(), asking, over].map(dialog).collect_view().into_any()
}

fn guarding() -> AnyView {
    let offer = |trouble: Option<&str>| {
        let actions = GuardActions { on_replace: idle(), on_revoke: idle(), on_keep: idle() };
        let offer = Offer { key: key(1, "ci-bot", None), trouble: trouble.map(str::to_owned) };
        view! { <LostSecretOffer offer=Memo::new(move |_| Some(offer.clone())) actions/> }
            .into_any()
    };
    [None, Some("The Key API failed (status 500).")].map(offer).collect_view().into_any()
}

fn commanding() -> AnyView {
    let commands = StoredValue::new(vec![
        Command::new("Create key".to_owned(), "c", idle()),
        Command::new("Show all keys".to_owned(), "g k", idle()),
    ]);
    view! {
        <CommandPalette
            open=RwSignal::new(true)
            commands
            find_keys=Callback::new(|_| Vec::new())
            on_open=idle()
        />
        <ShortcutSheet open=RwSignal::new(true) commands/>
    }
    .into_any()
}
