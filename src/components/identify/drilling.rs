//! The drill of a key that has leaked.

use leptos::prelude::*;

use super::{IdentifyActions, Step, button_of, in_words, leave_button, revoked_at, trial_in_words};
use crate::browser::format;
use crate::components::foreign::Foreign;
use crate::domain::drill::{Drill, Identification};
use crate::domain::incident;
use crate::words::{tr, tr_around, tr_with};

/// What is shown while somebody goes through its steps.
pub(super) fn drilling(
    identification: RwSignal<Identification>,
    said: RwSignal<String>,
    actions: IdentifyActions,
) -> AnyView {
    let name = identification
        .with_untracked(|it| it.drill().map(|drill| drill.key.name.clone()))
        .unwrap_or_default();
    let (before, after) = tr_around("“{name}” has leaked");
    let steps =
        move || identification.with(|it| it.drill().map(|drill| steps(drill, actions))).into_any();
    // The steps are drawn anew when one changes: what has changed is said once, here.
    let news = Memo::new(move |_| {
        identification.with(|it| it.drill().map(news_of_drill)).unwrap_or_default()
    });
    let leaving =
        Memo::new(move |_| identification.with(|it| it.drill().is_some_and(Drill::is_leaving)));
    let end = move || match leaving.get() {
        true => leaving_question(identification, actions),
        false => view! { <div class="dialog-actions">{leave_button(actions, tr("Close"))}</div> }
            .into_any(),
    };
    view! {
        <h2 id="identify-title" tabindex="-1">{before}<Foreign text=name/>{after}</h2>
        <p id="identify-description">
            {tr("Four steps. You can leave at any of them; what was done stays done.")}
        </p>
        <ol class="drill">{steps}</ol>
        <p class="unseen" role="status">{move || news.get()}</p>
        <p class="muted" role="status">{move || said.get()}</p>
        {end}
    }
    .into_any()
}

fn news_of_drill(drill: &Drill) -> String {
    let revoked = drill.revoked().map(|it| revoked_at(it.at));
    let failed = drill.why_not_revoked().map(str::to_owned);
    in_words(&drill.proof).or(revoked).or(failed).unwrap_or_default()
}

fn leaving_question(identification: RwSignal<Identification>, actions: IdentifyActions) -> AnyView {
    let is_revoked = identification
        .with_untracked(|it| it.drill().is_some_and(|drill| drill.revoked().is_some()));
    let words = match is_revoked {
        true => tr("You have not taken the note as it stands now. Close anyway?"),
        false => tr("The leaked key is not revoked yet. Close anyway?"),
    };
    let on = |step| Callback::new(move |()| actions.on_step.run(step));
    view! {
        <div class="leaving">
            <p class="warning" role="alert">{words}</p>
            <div class="dialog-actions">
                {button_of("button danger", tr("Close anyway"), None, false, on(Step::LeaveAnyway))}
                {button_of("button primary", tr("Keep open"), None, false, on(Step::Stay))}
            </div>
        </div>
    }
    .into_any()
}

fn steps(drill: &Drill, actions: IdentifyActions) -> AnyView {
    let button = |step: Step, class: &'static str, words: String, is_first: bool| {
        button_of(class, words, None, is_first, Callback::new(move |()| actions.on_step.run(step)))
    };
    let safe_since = |at| tr_with("Saved at {time}", &[("time", &format::utc(at))]);
    let item = |is_done: bool, title: String, state: String, controls: AnyView| {
        view! {
            <li data-done=is_done.then_some("")>
                <strong>{title}</strong>
                <Foreign class="muted" text=state/>
                <div class="drill-actions">{controls}</div>
            </li>
        }
        .into_any()
    };
    let (is_replaced, is_revoked) = (drill.replacement().is_some(), drill.revoked().is_some());
    let replace = match drill.replacement() {
        Some(replacement) => {
            item(true, tr("Replacement"), safe_since(replacement.at), ().into_any())
        }
        None => item(
            false,
            tr("Replacement"),
            tr("Make the new key first if a program needs one, so that it can go on."),
            button(Step::Replace, "button", tr("Create the replacement"), !is_revoked),
        ),
    };
    let revoke = match (drill.revoked(), drill.is_revoking()) {
        (Some(revoked), _) => item(true, tr("Revocation"), revoked_at(revoked.at), ().into_any()),
        (None, true) => item(false, tr("Revocation"), tr("Revoking…"), ().into_any()),
        (None, false) => {
            let words = match is_replaced {
                true => tr("Revoke the leaked key"),
                false => tr("Revoke without a replacement"),
            };
            let why = drill.why_not_revoked().map(str::to_owned).unwrap_or_else(|| {
                tr("Requests with this key fail at once. This cannot be undone.")
            });
            let class = if is_replaced { "button danger-primary" } else { "button danger" };
            item(false, tr("Revocation"), why, button(Step::Revoke, class, words, is_replaced))
        }
    };
    let proof = in_words(&drill.proof).unwrap_or_else(trial_in_words);
    let is_rejected = drill.proof.rejected().is_some();
    let prove = match (is_rejected, is_revoked) {
        (true, _) => ().into_any(),
        (false, true) => button(Step::Prove, "button", tr("Prove it is dead"), true),
        (false, false) => button(Step::Prove, "button", tr("Does it still work?"), false),
    };
    let note = view! {
        <details class="data">
            <summary>{tr("Read the note")}</summary>
            <pre class="note" dir="auto">{incident::note(&drill.incident())}</pre>
        </details>
        {button(Step::Copy, "button", tr("Copy the note"), is_rejected)}
        {button(Step::Download, "button", tr("Download the note"), false)}
    }
    .into_any();
    let about_note = tr("A timeline in Markdown, for those who have to know.");
    view! {
        {replace}
        {revoke}
        {item(is_rejected, tr("Proof"), proof, prove)}
        {item(drill.is_noted(), tr("Note"), about_note, note)}
    }
    .into_any()
}
