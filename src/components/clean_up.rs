//! The dialog of the clean-up round: one key that nobody uses at a time.

use std::sync::Arc;

use contract::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::dialog::{Dialog, Urgency};
use super::foreign::Foreign;
use super::key_facts::KeyFacts;
use super::shortcuts::{are_off, is_in_field};
use crate::browser::{format, page};
use crate::domain::health::clean_up::{CleanUp, Tally};
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::names::visible;
use crate::domain::shortcut::{Meaning, Press, latin, meaning};
use crate::domain::time::DAY_MILLIS;
use crate::domain::usage_board::{Look, UsageBoard};
use crate::reactive::{Effect, heard};
use crate::remote::Remote;
use crate::words::{number, tr, tr_around, tr_count, tr_with};

/// The reminder is for so many days later unless its user chooses another day.
const REMIND_IN_DAYS: i64 = 30;

/// What the user may want of it.
#[derive(Clone, Copy, Debug)]
pub struct CleanUpActions {
    /// The key is to stay.
    pub on_keep: Callback<()>,
    /// The key is to be revoked, which is confirmed elsewhere.
    pub on_revoke: Callback<()>,
    /// To be asked about the key another time.
    pub on_later: Callback<()>,
    /// To decide anew about the one before.
    pub on_back: Callback<()>,
    /// A calendar file that reminds of the keys for another time. This is the day, as a date field
    /// has it.
    pub on_remind: Callback<String>,
    /// To leave. What was decided is kept.
    pub on_leave: Callback<()>,
}

/// What is on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A key.
    Asking,
    /// What came of it.
    Over,
    /// That there is no key to ask about.
    Nothing,
}

/// The dialog. Its rules are those of [`CleanUp`]; this draws them.
#[component]
pub fn CleanUpDialog(
    /// The round, if there is one.
    round: RwSignal<Option<CleanUp>>,
    /// What is said of the last action.
    said: RwSignal<String>,
    /// The list of keys, for what is known of one.
    keys: Signal<Remote<Arc<KeyList>>>,
    /// What is known of their usage.
    board: RwSignal<UsageBoard>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// What the user may want.
    actions: CleanUpActions,
) -> impl IntoView {
    let open = Memo::new(move |_| round.with(Option::is_some));
    let part = Memo::new(move |_| {
        round.with(|round| {
            let round = round.as_ref()?;
            Some(match round.current() {
                Some(_) => Part::Asking,
                None if round.is_empty() => Part::Nothing,
                None => Part::Over,
            })
        })
    });
    // The parts replace each other inside an open dialog, where the browser moves no focus.
    Effect::new(move |before: Option<Option<Part>>| {
        let part = part.get();
        if before.flatten().is_some() && part.is_some() {
            page::focus("dialog[open] [data-first]");
        }
        part
    });
    view! {
        <Dialog
            open
            urgency=Urgency::Form
            labelled_by="clean-up-title"
            described_by="clean-up-description"
            on_leave=actions.on_leave
        >
            {move || match part.get() {
                Some(Part::Asking) => view! { <Asking round keys board now actions/> }.into_any(),
                Some(Part::Over) => over(round, said, now.get_untracked(), actions),
                Some(Part::Nothing) => nothing(actions),
                None => ().into_any(),
            }}
        </Dialog>
    }
}

/// A key, and the question. It stays while one key follows another, and so does the focus.
#[component]
fn Asking(
    round: RwSignal<Option<CleanUp>>,
    keys: Signal<Remote<Arc<KeyList>>>,
    board: RwSignal<UsageBoard>,
    now: Signal<Timestamp>,
    actions: CleanUpActions,
) -> impl IntoView {
    let here = NodeRef::<html::Div>::new();
    let keydown = window_event_listener(ev::keydown, move |event| {
        let is_in_front = here
            .get_untracked()
            .and_then(|here| here.closest("dialog").ok().flatten())
            .is_some_and(|dialog| page::is_in_front(&dialog));
        // A key that is held down decides of one key, not of all that follow.
        let is_slip = event.repeat() || event.is_composing() || event.default_prevented();
        if !is_in_front || is_slip || are_off() {
            return;
        }
        let key = latin(event.key(), &event.code());
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        let press = Press { key: &key, modified, in_field: is_in_field(&event) };
        let steps = steps(actions);
        let shortcuts = steps.map(|(_, key, _)| key);
        if let Meaning::Runs(at) = meaning(&shortcuts, "", press) {
            event.prevent_default();
            if let Some((_, _, act)) = steps.get(at) {
                act.run(());
            }
        }
    });
    on_cleanup(move || keydown.remove());

    let id = Memo::new(move |_| round.with(|it| Some(it.as_ref()?.current()?.id)));
    let key = Memo::new(move |_| {
        let id = id.get()?;
        keys.with(|keys| keys.value()?.keys.iter().find(|key| key.id == id).cloned())
    });
    let trouble = Memo::new(move |_| {
        let trouble = round.with(|it| it.as_ref()?.current()?.trouble.clone());
        trouble.unwrap_or_default()
    });
    let place = Memo::new(move |_| round.with(place_in_words));
    let title = move || {
        let (before, after) = tr_around("Do you still need “{name}”?");
        let name = name_of(key.get().as_ref(), id.get());
        view! { {before}<Foreign text=name/>{after} }.into_any()
    };
    let facts = move || match key.get() {
        Some(key) => facts(key, board, now),
        None => view! { <p class="warning">{tr("Your list does not show this key now.")}</p> }
            .into_any(),
    };
    let reason = move || key.get().map(|key| reason_in_words(&key));
    let warning = move || {
        let trouble = trouble.get();
        (!trouble.is_empty())
            .then(|| view! { <p class="warning"><Foreign text=trouble/></p> }.into_any())
    };
    // Not with the first key, which the dialog itself says when it opens.
    let news = Memo::new(move |before: Option<&(bool, String)>| {
        let name = visible(&name_of(key.get().as_ref(), id.get())).into_owned();
        let words = [place.get(), name, trouble.get()];
        let words = words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>();
        (before.is_some(), words.join(". "))
    });
    let news = move || news.with(|(is_news, words)| is_news.then(|| words.clone()));
    let can_go_back =
        Memo::new(move |_| round.with(|it| it.as_ref().is_some_and(CleanUp::can_go_back)));
    let is_listed = Memo::new(move |_| key.with(Option::is_some));
    let [keep, revoke, later, back] = steps(actions);
    view! {
        <div class="form clean-up" node_ref=here>
            <h2 id="clean-up-title" tabindex="-1" autofocus data-first="">{title}</h2>
            <p id="clean-up-description" class="muted">
                <span>{move || place.get()}</span>{" · "}{reason}
            </p>
            {facts}
            {warning}
            <p class="unseen" role="status">{news}</p>
            <div class="dialog-actions">
                <div class="ways">
                    {step_button(back, "button quiet", can_go_back.into())}
                    <button
                        type="button"
                        class="button quiet"
                        on:click=heard(move |_| actions.on_leave.run(()))
                    >
                        {tr("Go on another time")}
                    </button>
                </div>
                {step_button(later, "button", Signal::stored(true))}
                {step_button(revoke, "button danger", is_listed.into())}
                {step_button(keep, "button primary", Signal::stored(true))}
            </div>
        </div>
    }
}

/// What can be done with a key: how that is called, its shortcut, and the doing.
type Step = (fn() -> String, &'static str, Callback<()>);

/// To keep, to revoke, to be reminded, and to go back.
fn steps(actions: CleanUpActions) -> [Step; 4] {
    [
        (|| tr("Keep it"), "k", actions.on_keep),
        (|| tr("Revoke…"), "r", actions.on_revoke),
        (|| tr("Remind me later"), "l", actions.on_later),
        (|| tr("Back"), "b", actions.on_back),
    ]
}

fn step_button((words, key, act): Step, class: &'static str, can: Signal<bool>) -> AnyView {
    let shortcut = (!are_off()).then_some(key);
    let kbd = shortcut.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> }.into_any());
    view! {
        <button
            type="button"
            class=class
            aria-keyshortcuts=shortcut
            aria-disabled=move || (!can.get()).then_some("true")
            on:click=heard(move |_| act.run(()))
        >
            {words()}
            {kbd}
        </button>
    }
    .into_any()
}

fn facts(key: ApiKey, board: RwSignal<UsageBoard>, now: Signal<Timestamp>) -> AnyView {
    let id = key.id;
    let look = Memo::new(move |_| board.with(|board| board.look(id).clone()));
    let requests = move || {
        look.with(|look| match look {
            Look::Known(usage) => format::whole(usage.completed),
            Look::Waiting | Look::Loading => "…".to_owned(),
            Look::Failed(_) => tr("unknown"),
        })
    };
    view! { <KeyFacts key now more=tr("Requests")>{requests}</KeyFacts> }.into_any()
}

/// Why the round is about a key.
fn reason_in_words(key: &ApiKey) -> String {
    match key.last_used {
        None => tr("Never used"),
        Some(_) => tr("Not used for 90 days"),
    }
}

/// The name of a key, or what identifies it if the list does not have it.
fn name_of(key: Option<&ApiKey>, id: Option<KeyId>) -> String {
    let identity = || id.map(|id| id.to_string()).unwrap_or_default();
    key.map_or_else(identity, |key| key.name.clone())
}

fn place_in_words(round: &Option<CleanUp>) -> String {
    let Some(progress) = round.as_ref().and_then(CleanUp::progress) else {
        return String::new();
    };
    let (place, of) = (number(progress.place), number(progress.of));
    tr_with("{place} of {of}", &[("place", &place), ("of", &of)])
}

/// What came of the round.
fn over(
    round: RwSignal<Option<CleanUp>>,
    said: RwSignal<String>,
    now: Timestamp,
    actions: CleanUpActions,
) -> AnyView {
    let tally = round.with_untracked(|it| it.as_ref().map(CleanUp::tally)).unwrap_or_default();
    let rows = tally_in_words(tally)
        .into_iter()
        .map(|words| view! { <li>{words}</li> }.into_any())
        .collect::<Vec<_>>();
    let remind = (tally.later > 0).then(|| remind(now, actions));
    let back =
        round.with_untracked(|it| it.as_ref().is_some_and(CleanUp::can_go_back)).then(|| {
            let act = actions.on_back;
            view! {
            <button type="button" class="button" on:click=heard(move |_| act.run(()))>{tr("Back")}</button>
        }
        .into_any()
        });
    view! {
        <h2 id="clean-up-title" tabindex="-1" autofocus data-first="">
            {tr("The clean-up is done")}
        </h2>
        <ul id="clean-up-description" class="tally">{rows}</ul>
        {remind}
        <p class="muted" role="status">{move || said.get()}</p>
        <div class="dialog-actions">
            {back}
            <button
                type="button"
                class="button primary"
                on:click=heard(move |_| actions.on_leave.run(()))
            >
                {tr("Done")}
            </button>
        </div>
    }
    .into_any()
}

/// The offer to be reminded by a calendar.
fn remind(now: Timestamp, actions: CleanUpActions) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let in_days =
        |days: i64| Timestamp::from_unix_millis(now.unix_millis() + days * DAY_MILLIS).to_string();
    // A date field has the day as an instant begins with it.
    let day = |instant: String| instant.split('T').next().unwrap_or_default().to_owned();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            actions.on_remind.run(field.value());
        }
    };
    view! {
        <form class="form" on:submit=heard(submit)>
            <div class="field">
                <label for="clean-up-day">{tr("Look at these again on")}</label>
                <input
                    id="clean-up-day"
                    type="date"
                    required
                    min=day(in_days(0))
                    value=day(in_days(REMIND_IN_DAYS))
                    node_ref=field
                    aria-describedby="clean-up-day-hint"
                />
                <p id="clean-up-day-hint" class="field-hint">
                    {tr("The file for your calendar holds the names of these keys, and no secret.")}
                </p>
            </div>
            <button type="submit" class="button">{tr("Save for the calendar")}</button>
        </form>
    }
    .into_any()
}

fn nothing(actions: CleanUpActions) -> AnyView {
    view! {
        <h2 id="clean-up-title" tabindex="-1" autofocus data-first="">
            {tr("There is no unused key")}
        </h2>
        <p id="clean-up-description">
            {tr(
                "Every key was used within 90 days, or is so new that it may still have its first \
                 use before it.",
            )}
        </p>
        <div class="dialog-actions">
            <button
                type="button"
                class="button primary"
                on:click=heard(move |_| actions.on_leave.run(()))
            >
                {tr("Close")}
            </button>
        </div>
    }
    .into_any()
}

fn tally_in_words(tally: Tally) -> Vec<String> {
    let Tally { kept, later, revoked, gone, in_use, failed, open } = tally;
    let undecided = failed + open;
    [
        (kept, tr_count(kept, "{n} key is kept", "{n} keys are kept")),
        (later, tr_count(later, "{n} key is left for later", "{n} keys are left for later")),
        (revoked, tr_count(revoked, "{n} key was revoked", "{n} keys were revoked")),
        (gone, tr_count(gone, "{n} key was gone already", "{n} keys were gone already")),
        (in_use, tr_count(in_use, "{n} key is in use after all", "{n} keys are in use after all")),
        (undecided, tr_count(undecided, "{n} key is undecided", "{n} keys are undecided")),
    ]
    .into_iter()
    .filter_map(|(count, words)| (count > 0).then_some(words))
    .collect()
}
