//! The rotation of a key as its page shows it: how far it is, what was seen, and what comes next.

pub mod banner;
pub mod reminding;
mod words;

use leptos::prelude::*;

use self::words::{end_in_words, looks_in_words, span_in_words, verdict_in_words};
use super::foreign::Foreign;
use super::live_usage::LiveState;
use crate::browser::{format, page};
use crate::domain::key::ApiKey;
use crate::domain::rotation::evidence::{Refusal, Seen};
use crate::domain::rotation::{End, Rotation, Step};
use crate::reactive::{Effect, heard};
use crate::route::Route;
use crate::words::{tr, tr_around, tr_with};

/// What its user may do.
#[derive(Clone, Copy)]
pub struct RotationActions {
    /// To make the successor.
    pub on_create: Callback<()>,
    /// To say that its secret is saved.
    pub on_saved: Callback<()>,
    /// To say that it is in the place of the old key.
    pub on_hand_over: Callback<()>,
    /// To look at both keys without waiting.
    pub on_look: Callback<()>,
    /// To take a reminder away.
    pub on_remind: Callback<()>,
    /// To revoke the old key.
    pub on_revoke: Callback<()>,
    /// To end it: both keys stay.
    pub on_stop: Callback<()>,
}

/// What the panel draws anew as a whole. What changes with each look is drawn within it, so that a
/// look takes the focus away from nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begun,
    Unsaved,
    HandingOver,
    Watching,
    Over(End),
}

impl Stage {
    fn of(rotation: &Rotation) -> Self {
        match rotation.step() {
            Step::Chosen | Step::Creating => Self::Begun,
            Step::Unsaved(_) => Self::Unsaved,
            Step::HandingOver(_) => Self::HandingOver,
            Step::Watching { .. } | Step::Revoking { .. } => Self::Watching,
            Step::Over(end) => Self::Over(*end),
        }
    }

    /// Which of the four steps it is, from 0 on; `None` if there is none left.
    fn place(self, is_offered: bool) -> Option<usize> {
        match self {
            Self::Begun => Some(0),
            Self::Unsaved | Self::HandingOver => Some(1),
            Self::Watching if !is_offered => Some(2),
            Self::Watching => Some(3),
            Self::Over(_) => None,
        }
    }
}

/// The panel of a rotation on the page of its old key.
#[component]
pub fn RotationPanel(
    /// The rotation; nothing is drawn without one.
    rotation: Memo<Option<Rotation>>,
    /// The successor, if it is in the list.
    successor: Memo<Option<ApiKey>>,
    /// Whether the old key is offered to be revoked, and if not, what is missing.
    verdict: Memo<Result<(), Refusal>>,
    /// How looking at both keys stands.
    looks: Memo<LiveState>,
    /// Whether the rotation outlives the page.
    is_kept: Signal<bool>,
    /// What its user may do.
    actions: RotationActions,
) -> impl IntoView {
    let stage = Memo::new(move |_| rotation.with(|it| it.as_ref().map(Stage::of)));
    let is_offered = Memo::new(move |_| verdict.with(Result::is_ok));
    let watching = Watching::of(rotation, verdict, is_offered, looks);
    // The button that had focus may be gone with the stage that it was for.
    Effect::new(move |before: Option<(Option<Stage>, bool)>| {
        let drawn = (stage.get(), is_offered.get());
        if before.is_some_and(|before| before != drawn) {
            page::rescue_focus("#rotation-title");
        }
        drawn
    });
    let body = move |stage| match stage {
        Stage::Begun => begun(actions),
        Stage::Unsaved => unsaved(successor, actions),
        Stage::HandingOver => handing_over(successor, actions),
        Stage::Watching => watching.view(successor, actions),
        Stage::Over(end) => over(end, actions),
    };
    let warning = move || {
        (!is_kept.get()).then(|| {
            view! {
                <p class="warning">
                    {tr("This browser keeps nothing for this site: the rotation is forgotten when \
                         you leave this page.")}
                </p>
            }
            .into_any()
        })
    };
    let panel = move |stage: Stage| {
        view! {
            <section class="panel rotation" aria-labelledby="rotation-title">
                <h2 id="rotation-title" tabindex="-1">{tr("Rotation")}</h2>
                {move || stage.place(is_offered.get()).map(steps)}
                {warning}
                {body(stage)}
            </section>
        }
        .into_any()
    };
    move || stage.get().map(panel)
}

/// What is seen while both keys are watched. A handle: copies name the same.
#[derive(Clone, Copy)]
struct Watching {
    verdict: Memo<Result<(), Refusal>>,
    is_offered: Memo<bool>,
    looks: Memo<LiveState>,
    seen: Memo<Option<Seen>>,
    /// Why the old key was not revoked.
    trouble: Memo<Option<String>>,
}

impl Watching {
    fn of(
        rotation: Memo<Option<Rotation>>,
        verdict: Memo<Result<(), Refusal>>,
        is_offered: Memo<bool>,
        looks: Memo<LiveState>,
    ) -> Self {
        let seen = Memo::new(move |_| {
            rotation.with(|it| it.as_ref().and_then(Rotation::watch).map(|watch| watch.seen()))
        });
        let trouble = Memo::new(move |_| {
            rotation.with(|it| match it.as_ref().map(Rotation::step) {
                Some(Step::Watching { trouble, .. }) => trouble.clone(),
                _ => None,
            })
        });
        Self { verdict, is_offered, looks, seen, trouble }
    }

    fn view(self, successor: Memo<Option<ApiKey>>, actions: RotationActions) -> AnyView {
        let Self { verdict, is_offered, looks, seen, trouble } = self;
        view! {
            {new_key(successor)}
            {move || seen.get().map(evidence)}
            <p class="rotation-verdict" role="status">
                {move || verdict_in_words(verdict.get(), seen.get())}
            </p>
            {move || trouble.get().map(|why| {
                let (before, after) = tr_around("The old key was not revoked: {why}");
                view! {
                    <p class="warning">{before}<Foreign text=why/>{after}</p>
                }
                .into_any()
            })}
            <div class="page-actions">
                {move || is_offered.get().then(|| {
                    button("button danger-primary", tr("Revoke the old key…"), actions.on_revoke)
                })}
                {button("button", tr("Look now"), actions.on_look)}
                {move || (!is_offered.get()).then(|| {
                    button("button", tr("Reminder for the calendar"), actions.on_remind)
                })}
                {stop(actions)}
            </div>
            <p class="muted">{move || looks_in_words(looks.get())}</p>
        }
        .into_any()
    }
}

fn begun(actions: RotationActions) -> AnyView {
    view! {
        <p>
            {tr("A new key takes the place of this one. This one keeps working until nothing uses \
                 it any more and you revoke it.")}
        </p>
        <div class="page-actions">
            {button("button primary", tr("Make the new key"), actions.on_create)}
            {button("button", tr("Do not rotate"), actions.on_stop)}
        </div>
    }
    .into_any()
}

fn unsaved(successor: Memo<Option<ApiKey>>, actions: RotationActions) -> AnyView {
    view! {
        {new_key(successor)}
        <p>
            {tr("Nobody has said that the secret of the new key is saved. Without it nothing can \
                 use the new key.")}
        </p>
        <div class="page-actions">
            {button("button primary", tr("It is saved"), actions.on_saved)}
            {stop(actions)}
        </div>
    }
    .into_any()
}

fn handing_over(successor: Memo<Option<ApiKey>>, actions: RotationActions) -> AnyView {
    view! {
        {new_key(successor)}
        <p>
            {tr("Put the new key wherever this one is used. Then this page watches both, and says \
                 when nothing uses the old one any more.")}
        </p>
        <div class="page-actions">
            {button("button primary", tr("It is in place: watch both"), actions.on_hand_over)}
            {stop(actions)}
        </div>
    }
    .into_any()
}

fn over(end: End, actions: RotationActions) -> AnyView {
    view! {
        <p>{end_in_words(end)}</p>
        <div class="page-actions">
            {button("button", tr("Close"), actions.on_stop)}
        </div>
    }
    .into_any()
}

fn steps(at: usize) -> AnyView {
    let words = [
        tr("Make the new key"),
        tr("Put it in place"),
        tr("Watch both keys"),
        tr("Revoke the old key"),
    ];
    let step = |(place, words): (usize, String)| {
        let current = (place == at).then_some("step");
        let is_done = place < at;
        let done = is_done.then(|| view! { <span class="unseen">{tr("Done:")}</span> }.into_any());
        view! {
            <li aria-current=current data-done=is_done.then_some("")>{done}{words}</li>
        }
        .into_any()
    };
    let items: Vec<AnyView> = words.into_iter().enumerate().map(step).collect();
    view! { <ol class="steps">{items}</ol> }.into_any()
}

fn new_key(successor: Memo<Option<ApiKey>>) -> AnyView {
    let name = move || {
        successor.get().map(|key| {
            let (before, after) = tr_around("New key: {name}");
            let address = Route::Key(key.id).to_string();
            view! {
                <p>{before}<a href=address><Foreign text=key.name/></a>{after}</p>
            }
            .into_any()
        })
    };
    view! { {name} }.into_any()
}

fn stop(actions: RotationActions) -> AnyView {
    button("button quiet", tr("Stop: keep both keys"), actions.on_stop)
}

fn button(class: &'static str, label: String, action: Callback<()>) -> AnyView {
    let act = move |_| action.run(());
    view! { <button type="button" class=class on:click=heard(act)>{label}</button> }.into_any()
}

/// What was seen of both keys.
fn evidence(seen: Seen) -> AnyView {
    let silent = span_in_words(seen.silent);
    let mut old = tr_with("0 new requests in {time}", &[("time", &silent)]);
    if seen.old_requests > 0 {
        let before = format::whole(seen.old_requests);
        old = [old, tr_with("{number} before that", &[("number", &before)])].join("; ");
    }
    let (requests, failed) = (format::whole(seen.new_requests), format::whole(seen.new_failed));
    let words = [("requests", &*requests), ("failed", &*failed)];
    let new = tr_with("{requests} new requests, {failed} failed", &words);
    let whole = span_in_words(seen.watch);
    let progress = tr_with("Silent for {time} of {whole}", &[("time", &silent), ("whole", &whole)]);
    let label = progress.clone();
    let expected = match seen.expected {
        None => Some(tr("How often the old key is used is not known.")),
        Some(0) => None,
        Some(expected) => Some(tr_with(
            "It would usually have had about {number} requests in this time.",
            &[("number", &format::whole(expected))],
        )),
    };
    view! {
        <dl class="rotation-evidence">
            <div><dt>{tr("Old key")}</dt><dd>{old}</dd></div>
            <div><dt>{tr("New key")}</dt><dd>{new}</dd></div>
        </dl>
        <div class="rotation-progress">
            <progress
                aria-label=label
                max=seen.watch.max(1).to_string()
                value=seen.silent.clamp(0, seen.watch.max(1)).to_string()
            ></progress>
            <span class="muted">{progress}</span>
        </div>
        {expected.map(|words| view! { <p class="muted">{words}</p> }.into_any())}
    }
    .into_any()
}
