//! The rotation of the key whose page is on show.

use contract::Timestamp;
use leptos::prelude::*;

use super::looks::Looks;
use crate::browser::{clock, format, page};
use crate::components::foreign::Foreign;
use crate::components::rotation::reminding::RotateReminder;
use crate::components::rotation::{RotationActions, RotationPanel};
use crate::domain::journal::history::History;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::names::visible;
use crate::domain::rotation::Rotation;
use crate::domain::rotation::evidence::{Refusal, Why};
use crate::domain::rotation::habit::Habit;
use crate::domain::rotation::reminder::{Day, Due, Purpose, Reminder};
use crate::domain::usage::Usage;
use crate::pages::workspace::Workspace;
use crate::reactive::Effect;
use crate::remote::Remote;
use crate::route::Route;
use crate::words::{tr, tr_around, tr_with};

/// What there is to know of the key, for its rotation.
#[derive(Clone, Copy)]
pub struct Known {
    /// The key, if it is in the list.
    pub key: Memo<Option<ApiKey>>,
    /// What this browser has seen of its usage.
    pub history: Memo<Option<History>>,
    /// Its usage now.
    pub usage: RwSignal<Remote<Usage>>,
}

/// Whether a rotation of this key can begin; `None` as long as that is not known.
pub(super) fn can_begin(id: KeyId, workspace: &Workspace) -> Memo<Option<bool>> {
    let rotations = workspace.rotations();
    Memo::new(move |_| {
        rotations.with(|all| Some(all.as_ref()?.of(id).is_none_or(Rotation::is_over)))
    })
}

/// The rotation that this key is part of: as the old key with all there is to it, as the new one by
/// a link to the old one.
#[component]
pub fn KeyRotation(
    /// The key.
    id: KeyId,
    /// What there is to know of it.
    known: Known,
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    let (now, rotations) = (workspace.front.now(), workspace.rotations());
    let rotation = Memo::new(move |_| {
        rotations.with(|all| all.as_ref()?.of(id).filter(|it| it.old() == id).cloned())
    });
    let find = Callback::new({
        let workspace = workspace.clone();
        move |id| workspace.front.listed(id)
    });
    let successor = Memo::new(move |_| {
        rotation.with(|it| it.as_ref()?.successor()).and_then(|id| find.run(id))
    });
    let verdict = Memo::new(move |_| {
        now.track();
        let missing = Err(Refusal { why: Why::NotWatching, left: 0 });
        rotation.with(|it| it.as_ref().map_or(missing, |it| it.verdict(clock::moment())))
    });
    let looks = Looks::by({
        let workspace = workspace.clone();
        move || {
            let workspace = workspace.clone();
            async move { workspace.look_at_both(id).await }
        }
    });
    let is_watching =
        Memo::new(move |_| rotation.with(|it| it.as_ref().is_some_and(|it| it.watch().is_some())));
    Effect::new(move |_| match is_watching.get() {
        true => looks.begin(),
        false => looks.end(),
    });

    let act = |action: fn(&Workspace, KeyId)| {
        let workspace = workspace.clone();
        Callback::new(move |()| action(&workspace, id))
    };
    let on_hand_over = Callback::new({
        let workspace = workspace.clone();
        move |()| workspace.hand_over(id, known.habit())
    });
    let on_remind = Callback::new({
        let workspace = workspace.clone();
        move |()| {
            let left = verdict.get_untracked().err().map_or(0, |refusal| refusal.left);
            let at = format::now().unix_millis().saturating_add(left);
            let due = Due::At(Timestamp::from_unix_millis(at));
            known.remind(&workspace, due);
        }
    });
    let actions = RotationActions {
        on_create: act(Workspace::create_successor),
        on_saved: act(|workspace, old| {
            let new =
                workspace.rotations().with_untracked(|all| all.as_ref()?.of(old)?.successor());
            new.into_iter().for_each(|new| workspace.confirm_saved(new));
            page::focus("#rotation-title");
        }),
        on_hand_over,
        on_look: Callback::new(move |()| looks.look_now()),
        on_remind,
        on_revoke: act(Workspace::revoke_old),
        on_stop: act(Workspace::stop_rotation),
    };
    // As the successor.
    let old = Memo::new(move |_| {
        let old = rotations.with(|all| {
            all.as_ref()?.of(id).filter(|it| it.old() != id && !it.is_over()).map(Rotation::old)
        });
        old.and_then(|id| find.run(id))
    });
    let link = move || {
        old.get().map(|old| {
            let (before, after) = tr_around("This key takes the place of {name}.");
            let address = Route::Key(old.id).to_string();
            view! {
                <div class="notice">
                    <p>{before}<a href=address><Foreign text=old.name/></a>{after}</p>
                </div>
            }
            .into_any()
        })
    };
    let is_kept = workspace.keeps_rotations();
    let state = looks.state();
    view! {
        {link}
        <RotationPanel rotation successor verdict looks=state is_kept actions/>
    }
}

/// The reminder to rotate this key on a day, for as long as it is not being rotated.
#[component]
pub fn KeyReminder(
    /// The key.
    id: KeyId,
    /// What there is to know of it.
    known: Known,
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    let is_free = can_begin(id, &workspace);
    let on_remind = Callback::new(move |day: Day| {
        known.remind(&workspace, Due::On(day));
    });
    move || (is_free.get() == Some(true)).then(|| view! { <RotateReminder on_remind/> }.into_any())
}

impl Known {
    /// How the key is usually used: what this browser has seen before what its counters tell.
    fn habit(self) -> Habit {
        let seen = self.history.with_untracked(|history| {
            history.as_ref().map(|it| Habit::of_journal(it.entries())).unwrap_or_default()
        });
        let life = self.key.with_untracked(|key| {
            self.usage.with_untracked(|usage| {
                key.as_ref().map(|key| Habit::of_life(key, usage.value(), format::now()))
            })
        });
        seen.or(life.unwrap_or_default())
    }

    /// Offers a reminder to finish the rotation at an instant, or to begin with one on a day.
    fn remind(self, workspace: &Workspace, due: Due) {
        let Some(key) = self.key.get_untracked() else {
            return;
        };
        let name = visible(&key.name);
        let (purpose, file_name, summary, description) = match due {
            Due::At(_) => (
                Purpose::Finish,
                "finish-rotation.ics",
                tr_with("Finish rotating the API key {name}", &[("name", &name)]),
                tr("If nothing has used the old key since, it can be revoked."),
            ),
            Due::On(_) => (
                Purpose::Rotate,
                "rotate-key.ics",
                tr_with("Rotate the API key {name}", &[("name", &name)]),
                tr(
                    "Make a new key, put it in place of this one, and revoke this one when nothing \
                    uses it any more.",
                ),
            ),
        };
        let url = page::address_of(&Route::Key(key.id));
        let (summary, description, url) = (&*summary, &*description, &*url);
        let reminder = Reminder { of: key.id, purpose, due, summary, description, url };
        workspace.remind(file_name, &reminder);
    }
}
