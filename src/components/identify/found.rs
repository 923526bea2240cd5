//! The keys that a text holds, and what can be done about each.

use contract::Timestamp;
use leptos::prelude::*;

use super::{IdentifyActions, button_of, in_words, leave_button, revoked_at, trial_in_words};
use crate::components::foreign::Foreign;
use crate::components::key_facts::last_use_in_words;
use crate::domain::drill::{Candidate, Identification};
use crate::domain::names::visible;
use crate::domain::trial::Trial;
use crate::reactive::heard;
use crate::words::{tr, tr_around, tr_count, tr_with};

/// What is shown when the text holds keys of the list.
pub(super) fn found(
    identification: RwSignal<Identification>,
    now: Signal<Timestamp>,
    actions: IdentifyActions,
) -> AnyView {
    let mut names: Vec<String> = identification
        .with_untracked(|it| it.candidates().iter().map(|it| it.key.name.clone()).collect());
    let title = match names.len() {
        1 => {
            let (before, after) = tr_around("This is likely “{name}”");
            let name = names.remove(0);
            view! { {before}<Foreign text=name/>{after} }.into_any()
        }
        count => tr_count(count, "{n} of your keys matches", "{n} of your keys match").into_any(),
    };
    let rows = move || {
        let now = now.get_untracked();
        identification.with(|it| {
            let rows = it.candidates().iter().map(|it| candidate(it, now, actions));
            rows.collect::<Vec<_>>().into_any()
        })
    };
    let news = Memo::new(move |_| {
        identification.with(|it| {
            let news = it.candidates().iter().filter_map(|it| in_words(&it.proof));
            news.collect::<Vec<_>>().join(" ")
        })
    });
    let any_is = move |is: fn(&Candidate) -> bool| {
        Memo::new(move |_| identification.with(|it| it.candidates().iter().any(is)))
    };
    let may_ask = any_is(|candidate| candidate.proof.rejected().is_none());
    let any_left = any_is(|candidate| candidate.revoked.is_none());
    let trial =
        move || may_ask.get().then(|| view! { <p class="muted">{trial_in_words()}</p> }.into_any());
    let show = move |_| {
        let ids = identification
            .with_untracked(|it| it.candidates().iter().map(|it| it.key.id).collect::<Vec<_>>());
        actions.on_show.run(ids);
    };
    view! {
        <h2 id="identify-title">{title}</h2>
        <p id="identify-description">
            {tr("What you pasted begins and ends the same way.")}
        </p>
        <ul class="matches">{rows}</ul>
        {trial}
        <p class="unseen" role="status">{move || news.get()}</p>
        <div class="dialog-actions">{move || match any_left.get() {
            false => button_of("button", tr("Close"), None, true, actions.on_leave),
            true => view! {
                {leave_button(actions, tr("Close"))}
                // It gets the focus, and with it says what was found. (A live region within the
                // heading would leave the heading, and the dialog, without a name.)
                <button
                    type="button"
                    class="button primary"
                    data-first=""
                    aria-describedby="identify-title"
                    on:click=heard(show)
                >
                    {tr("Show in the table")}
                </button>
            }
            .into_any(),
        }}</div>
    }
    .into_any()
}

/// A key that a text holds, and what can be done about it. One that is revoked can only be asked
/// about.
fn candidate(candidate: &Candidate, now: Timestamp, actions: IdentifyActions) -> AnyView {
    let Candidate { key, proof, revoked } = candidate;
    let id = key.id;
    let name = visible(&key.name).into_owned();
    let label = |words: &'static str| tr_with(words, &[("name", &name)]);
    // What is written on a button is in its name (WCAG 2.2, 2.5.3).
    let about_it = |words: &str| format!("{words} ({name})");
    let labelled = |words: String, label: String, class: &'static str, act| {
        button_of(class, words, Some(label), false, act)
    };
    let state = match (in_words(proof), revoked) {
        (Some(words), _) => words,
        (None, Some(time)) => revoked_at(*time),
        (None, None) => last_use_in_words(key, now),
    };
    let may_ask = proof.rejected().is_none() && *proof.trial() != Trial::Asking;
    let ask = may_ask.then(|| {
        let act = Callback::new(move |()| actions.on_prove.run(id));
        match revoked {
            Some(_) => button_of("button", tr("Prove it is dead"), None, true, act),
            None => {
                let words = tr("Does it still work?");
                let label = about_it(&words);
                labelled(words, label, "button", act)
            }
        }
    });
    let others = revoked.is_none().then(|| {
        let whole = key.clone();
        let open = Callback::new(move |()| actions.on_open.run(id));
        let revoke = Callback::new(move |()| actions.on_revoke.run(whole.clone()));
        let leaked = Callback::new(move |()| actions.on_leaked.run(id));
        let drill = tr("I leaked this key");
        let of_drill = about_it(&drill);
        let buttons = [
            labelled(tr("Usage"), label("Usage of {name}"), "button", open),
            labelled(tr("Revoke"), label("Revoke {name}"), "button", revoke),
            labelled(drill, of_drill, "button danger", leaked),
        ];
        buttons.collect_view().into_any()
    });
    view! {
        <li class="candidate">
            <strong><Foreign text=key.name.clone()/></strong>
            <code translate="no"><Foreign text=key.masked.clone()/></code>
            <Foreign class="muted" text=state/>
            <div class="drill-actions">{ask}{others}</div>
        </li>
    }
    .into_any()
}
