//! Rotation by evidence, whose rules are those of [`Rotations`]: this tells them what happens to
//! the keys, and keeps in this browser what is under way.

use leptos::prelude::*;

use super::Workspace;
use crate::api::ApiError;
use crate::browser::channel::Channel;
use crate::browser::{clock, format, page};
use crate::components::notice::Notice;
use crate::domain::creation::Creation;
use crate::domain::journal::entry::Figures;
use crate::domain::key::KeyId;
use crate::domain::rotation::habit::Habit;
use crate::domain::rotation::record::{CannotBegin, Rotations};
use crate::domain::rotation::reminder::{MEDIA_TYPE, Reminder};
use crate::domain::rotation::{End, Rotation, Step};
use crate::reactive::Effect;
use crate::remote::Remote;
use crate::words::tr;

/// The name of the note that holds what is under way.
const NOTE: &str = "rotations";

/// On this channel a tab says that a rotation has taken a step.
const CHANNEL: &str = "occam-keys.rotations";

/// The rotations of the workspace. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Rotating {
    /// `None` until it is known what is under way.
    all: RwSignal<Option<Rotations>>,
    /// Whether it outlives the page.
    is_kept: RwSignal<bool>,
    /// What the note says.
    note: StoredValue<String>,
    /// Those of their keys that the last list had.
    listed: StoredValue<Vec<KeyId>>,
    channel: StoredValue<Option<Channel>, LocalStorage>,
}

impl Rotating {
    pub(super) fn new() -> Self {
        Self {
            all: RwSignal::new(None),
            is_kept: RwSignal::new(true),
            note: StoredValue::new(String::new()),
            listed: StoredValue::new(Vec::new()),
            channel: StoredValue::new_local(None),
        }
    }

    /// Goes on with what the note says, unless this tab is amid a step that the note knows nothing
    /// of. `None` if the browser keeps no notes. Whether the note says that the successor which was
    /// about to be made here was made in another tab.
    fn resume(self, note: Option<String>) -> bool {
        let is_first = self.all.try_with_untracked(Option::is_none) == Some(true);
        let is_amid_a_step =
            |it: &Rotation| matches!(it.step(), Step::Creating | Step::Revoking { .. });
        let is_busy = self.all.try_with_untracked(|all| {
            all.as_ref().is_some_and(|all| all.all().iter().any(is_amid_a_step))
        });
        if is_first {
            self.is_kept.set(note.is_some());
        }
        let Some(note) = note.or(is_first.then(String::new)) else {
            return false;
        };
        let rotations = Rotations::read(&note);
        let is_overtaken = self.all.try_with_untracked(|all| {
            all.as_ref().is_some_and(|all| all.is_overtaken_by(&rotations))
        }) == Some(true);
        let is_known = || self.note.try_with_value(|known| *known == note) != Some(false);
        if !is_first && (is_busy != Some(false) && !is_overtaken || is_known()) {
            return false;
        }
        self.listed.set_value(keys_of(&rotations));
        self.note.set_value(note);
        self.all.set(Some(rotations));
        is_overtaken
    }

    /// What is under way is kept, or is not. Tells the other tabs, if it is a step.
    fn was_kept(self, is_kept: bool, is_step: bool) {
        if is_step {
            self.channel.try_with_value(|it| it.iter().for_each(|it| it.post("step")));
        }
        self.is_kept.try_maybe_update(|kept| {
            let is_news = *kept != is_kept;
            *kept = is_kept;
            (is_news, ())
        });
    }
}

impl Workspace {
    /// What is under way; `None` as long as that is not known.
    pub(in crate::pages) fn rotations(&self) -> Signal<Option<Rotations>> {
        self.rotating.all.into()
    }

    /// Whether what is under way outlives the page.
    pub(in crate::pages) fn keeps_rotations(&self) -> Signal<bool> {
        self.rotating.is_kept.into()
    }

    /// Begins with the rotation of a key, or says why not.
    pub(in crate::pages) fn begin_rotation(&self, old: KeyId) {
        let begun = self.change_rotations(|all| all.begin(old).map(|_| ()));
        if begun == Some(Err(CannotBegin::TooMany)) {
            let words = tr("There are 20 rotations under way. Finish one first.");
            self.front.notice.set(Some(Notice::of(words)));
        }
    }

    /// Opens the dialog that makes the successor of a key, once.
    pub(in crate::pages) fn create_successor(&self, old: KeyId) {
        if self.asks_about_another(old) {
            return;
        }
        let may_create = self.change_rotations(|all| all.of_mut(old).is_some_and(Rotation::create));
        if may_create == Some(true) {
            let name =
                untrack(|| self.front.listed(old)).map(|old| self.successor_name_of(&old.name));
            self.open_creation_for(Some(old), name.unwrap_or_default());
        }
    }

    /// The successor of a key, whose `habit` is this, was put in its place.
    pub(in crate::pages) fn hand_over(&self, old: KeyId, habit: Habit) {
        self.change_rotation(old, |it| it.hand_over(habit, format::now()));
    }

    /// Looks at both keys of a rotation, one after the other.
    pub(in crate::pages) async fn look_at_both(&self, old: KeyId) -> Result<(), ApiError> {
        let successor =
            self.rotating.all.try_with_untracked(|all| all.as_ref()?.of(old)?.successor());
        for id in [Some(old), successor.flatten()].into_iter().flatten() {
            let at = clock::moment();
            let looked = self.usage_of(id).await;
            if looked == Err(ApiError::NotFound) && !self.front.keys.is_disposed() {
                // The list says which of the two is gone.
                self.front.refresh_keys();
            }
            let figures = Figures::from(&looked?);
            self.change_rotations(|all| all.see(id, figures, at));
        }
        Ok(())
    }

    /// Asks whether the old key is to be revoked, if what was seen is enough for that.
    pub(in crate::pages) fn revoke_old(&self, old: KeyId) {
        let asked =
            self.change_rotations(|all| Some(all.of_mut(old)?.revoke(clock::moment()).is_ok()));
        if asked.flatten() == Some(true)
            && let Some(key) = untrack(|| self.front.listed(old))
        {
            self.open_revocation(key);
        }
    }

    /// Ends a rotation: both keys stay.
    pub(in crate::pages) fn stop_rotation(&self, old: KeyId) {
        self.change_rotations(|all| {
            if let Some(rotation) = all.of_mut(old) {
                rotation.keep();
            }
            all.dismiss(old);
        });
        page::rescue_focus("#app h1");
    }

    /// Offers a calendar file.
    pub(in crate::pages) fn remind(&self, file_name: &str, reminder: &Reminder<'_>) {
        self.offer(file_name, MEDIA_TYPE, &reminder.write(format::now()));
    }

    /// The user says that the secret of this key is saved.
    pub(super) fn successor_is_saved(&self, id: KeyId) {
        self.change_rotation(id, |it| it.save(id));
    }

    /// The secret of a new key is on show, which takes the place of `replaced` if that was lost.
    pub(super) fn successor_is_shown(&self, id: Option<KeyId>, replaced: Option<KeyId>) {
        let is_meant = |it: &&Rotation| match it.step() {
            Step::Creating => true,
            Step::Unsaved(new) => replaced == Some(*new),
            _ => false,
        };
        self.change_rotations(|all| {
            let old = all.all().iter().find(is_meant).map(Rotation::old);
            if let Some(rotation) = old.and_then(|old| all.of_mut(old)) {
                rotation.show(id);
            }
        });
    }

    /// The user does not want the secret of this key.
    pub(super) fn successor_is_discarded(&self, id: KeyId) {
        self.change_rotation(id, Rotation::discard);
    }

    /// Keeps the rotations in step with what happens to their keys, for as long as the workspace is
    /// mounted.
    pub(super) fn follow_rotations(&self) {
        self.follow_successors();
        self.follow_old_keys();
        let (workspace, rotating) = (self.clone(), self.rotating);
        let is_known = Memo::new(move |_| rotating.all.with(Option::is_some));
        Effect::new(move |_| {
            is_known.track();
            workspace.front.keys.with(|keys| {
                if let Remote::Ready(list) = keys {
                    // A list that tells not all of its keys does not tell that one is gone.
                    let is_whole = list.unreadable.is_empty();
                    workspace
                        .see_listed(|id| !is_whole || list.keys.iter().any(|key| key.id == id));
                }
            });
        });

        let workspace = self.clone();
        page::on_sight_change(move || {
            if !document().hidden() && rotating.all.with_untracked(Option::is_some) {
                workspace.read_rotations();
            }
        });
        let workspace = self.clone();
        rotating.channel.set_value(Channel::open(CHANNEL, move |_| workspace.read_rotations()));
    }

    /// Sees how the dialog ends in which a successor is made.
    fn follow_successors(&self) {
        let workspace = self.clone();
        self.on_creation_end(move |custody| {
            let made = workspace.front.fresh.get_untracked().zip(custody);
            workspace.change_rotations(|all| {
                if let Some((id, custody)) = made
                    && let Some(rotation) = all.of_mut(id)
                {
                    rotation.close(custody);
                }
                all.give_up();
            });
        });
    }

    /// Sees what comes of revoking an old key.
    fn follow_old_keys(&self) {
        let workspace = self.clone();
        self.on_revocation_end(move |id, why| {
            // What is gone is no longer in the list.
            let is_there = untrack(|| workspace.front.listed(id)).is_some();
            workspace.change_rotation(id, |it| match why {
                _ if !is_there || it.old() != id => {}
                Some(why) => it.fail(why),
                None => it.stay(),
            });
        });
    }

    /// Takes in which keys there are: one that was in the list before and is not now is gone.
    fn see_listed(&self, is_there: impl Fn(KeyId) -> bool) {
        let rotating = self.rotating;
        let Some(keys) = rotating.all.with_untracked(|all| all.as_ref().map(keys_of)) else {
            // The start of the app does not wait for what is under way.
            return self.read_rotations();
        };
        let before = rotating.listed.get_value();
        let (listed, missing): (Vec<_>, Vec<_>) = keys.into_iter().partition(|id| is_there(*id));
        rotating.listed.set_value(listed);
        let gone: Vec<_> = missing.into_iter().filter(|id| before.contains(id)).collect();
        if gone.is_empty() {
            return;
        }
        let ended = self.change_rotations(|all| {
            gone.iter().for_each(|id| all.gone(*id));
            let end = |it: &Rotation| match it.step() {
                Step::Over(end @ (End::Revoked | End::OldIsGone)) => Some((it.old(), *end)),
                _ => None,
            };
            // The page on which it could be read went with the old key.
            let ended: Vec<_> = all.all().iter().filter_map(end).collect();
            ended.iter().for_each(|(old, _)| all.dismiss(*old));
            ended
        });
        if ended.is_some_and(|ended| ended.iter().any(|(_, end)| *end == End::OldIsGone)) {
            let words = tr("A key that was being rotated is gone. Its successor stays.");
            self.front.notice.set(Some(Notice::of(words)));
        }
    }

    fn read_rotations(&self) {
        let workspace = self.clone();
        self.journaling.read_note(NOTE, move |note| {
            if workspace.rotating.resume(note) {
                workspace.leave_to_another_tab();
            }
        });
    }

    /// Closes the form for a successor that was made in another tab: with two of them, nobody could
    /// tell which one takes the place of the old key.
    fn leave_to_another_tab(&self) {
        self.creation.update(|creation| {
            if matches!(creation, Creation::Naming(_)) {
                creation.leave();
            }
        });
        self.front.notice.set(Some(Notice::of(tr("The new key was made in another tab."))));
    }

    fn change_rotation(&self, id: KeyId, change: impl FnOnce(&mut Rotation)) {
        let is_part = self
            .rotating
            .all
            .try_with_untracked(|all| all.as_ref().is_some_and(|all| all.of(id).is_some()));
        if is_part == Some(true) {
            self.change_rotations(|all| all.of_mut(id).map(change));
        }
    }

    /// Changes what is under way, keeps it, and tells the other tabs of each step.
    fn change_rotations<T>(&self, change: impl FnOnce(&mut Rotations) -> T) -> Option<T> {
        let rotating = self.rotating;
        let (changed, is_step) = rotating.all.try_maybe_update(|all| {
            let before = all.clone();
            let changed = all.as_mut().map(change);
            (before != *all, changed.zip(Some(steps(before.as_ref()) != steps(all.as_ref()))))
        })??;
        let note = rotating.all.with_untracked(|all| all.as_ref().map(Rotations::write))?;
        if rotating.note.with_value(|known| *known != note) {
            rotating.note.set_value(note.clone());
            let then = move |is_kept| rotating.was_kept(is_kept, is_step);
            self.journaling.keep_note(NOTE, note, then);
        }
        Some(changed)
    }
}

/// The keys of all rotations.
fn keys_of(rotations: &Rotations) -> Vec<KeyId> {
    rotations.all().iter().flat_map(|it| [Some(it.old()), it.successor()]).flatten().collect()
}

/// How far each of them is. Counters that move are no step.
fn steps(rotations: Option<&Rotations>) -> Vec<(KeyId, std::mem::Discriminant<Step>)> {
    let step = |it: &Rotation| (it.old(), std::mem::discriminant(it.step()));
    rotations.map(|it| it.all().iter().map(step).collect()).unwrap_or_default()
}
