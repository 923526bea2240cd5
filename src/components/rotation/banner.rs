//! The rotations that are under way, above every page: nobody is to forget half of one.

use leptos::prelude::*;

use crate::components::foreign::Foreign;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::rotation::record::Rotations;
use crate::domain::rotation::{Rotation, Step};
use crate::route::Route;
use crate::words::{tr, tr_around};

/// A line for each rotation that is under way, with a link to its page. Not for one of whose two
/// keys the page is on show.
#[component]
pub fn RotationBanner(
    /// What is under way.
    rotations: Signal<Option<Rotations>>,
    /// The old key of a rotation, as the list has it.
    find: Callback<KeyId, Option<ApiKey>>,
    /// The key whose page is on show, if it is one.
    on_show: Memo<Option<KeyId>>,
) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let on_show = on_show.get();
        let line = |it: &Rotation| {
            let is_here = on_show.is_some_and(|id| id == it.old() || it.successor() == Some(id));
            (!is_here && !it.is_over()).then(|| find.run(it.old()))?.map(|key| (key, place(it)))
        };
        let all = |all: &Rotations| all.all().iter().filter_map(line).collect::<Vec<_>>();
        rotations.with(|it| it.as_ref().map(all)).unwrap_or_default()
    });
    move || {
        let lines = lines.get();
        (!lines.is_empty()).then(|| {
            let items: Vec<AnyView> = lines.into_iter().map(line).collect();
            view! {
                <nav class="notice rotations" aria-label=tr("Rotations under way")>
                    <ul>{items}</ul>
                </nav>
            }
            .into_any()
        })
    }
}

/// What a rotation waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Begun,
    Unsaved,
    HandingOver,
    Watching,
}

fn place(rotation: &Rotation) -> Place {
    match rotation.step() {
        Step::Chosen | Step::Creating | Step::Over(_) => Place::Begun,
        Step::Unsaved(_) => Place::Unsaved,
        Step::HandingOver(_) => Place::HandingOver,
        Step::Watching { .. } | Step::Revoking { .. } => Place::Watching,
    }
}

fn line((key, place): (ApiKey, Place)) -> AnyView {
    let (before, after) = match place {
        Place::Begun => tr_around("You began to rotate {name}: it has no successor yet."),
        Place::Unsaved => tr_around("You are rotating {name}: is the new key saved?"),
        Place::HandingOver => {
            tr_around("You are rotating {name}: the new key is to be put in its place.")
        }
        Place::Watching => tr_around("You are rotating {name}: both keys are watched."),
    };
    let address = Route::Key(key.id).to_string();
    view! {
        <li>{before}<a href=address><Foreign text=key.name/></a>{after}</li>
    }
    .into_any()
}
