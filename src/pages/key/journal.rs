//! What this browser has seen of the usage of the key whose page is on show.

use leptos::prelude::*;

use super::subject::Subject;
use crate::components::usage_history::{Taking, UsageHistory};
use crate::domain::journal::change::{SinceVisit, since_last_visit};
use crate::domain::journal::export::{FILE_NAME, csv};
use crate::domain::journal::history::History;
use crate::domain::key::KeyId;
use crate::pages::workspace::Workspace;

/// What a journal is as a file.
const MEDIA_TYPE: &str = "text/csv;charset=utf-8";

/// The journal of one key. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct KeyJournal {
    /// What was seen, as soon as it was read.
    pub(super) history: Memo<Option<History>>,
    /// What came since the visit before, if there was one.
    since: Memo<Option<SinceVisit>>,
    /// Takes away what somebody wants to have.
    pub(super) on_take: Callback<Taking>,
}

impl KeyJournal {
    /// What was seen of the key `id`.
    pub(super) fn of(id: KeyId, workspace: &Workspace) -> Self {
        let seen = workspace.seen(id);
        let history =
            Memo::new(move |_| seen.with(|seen| seen.as_ref().map(|it| it.history.clone())));
        let since = Memo::new(move |_| {
            seen.with(|seen| {
                let seen = seen.as_ref()?;
                since_last_visit(&seen.history, seen.visit.previous?)
            })
        });
        let workspace = workspace.clone();
        let on_take = Callback::new(move |taking| match taking {
            Taking::Journal => {
                let text = history.with_untracked(|history| csv(history.iter().map(|it| (id, it))));
                workspace.offer(FILE_NAME, MEDIA_TYPE, &text);
            }
            Taking::Svg(picture) => workspace.offer_svg(&picture),
            Taking::Png(picture) => workspace.offer_png(picture),
        });
        Self { history, since, on_take }
    }

    /// Draws it. Whoever has it forgotten begins anew with `on_refresh`.
    pub(super) fn view(
        self,
        subject: Subject,
        on_refresh: Callback<()>,
        workspace: &Workspace,
    ) -> AnyView {
        let Self { history, since, on_take } = self;
        let Subject { id, name, .. } = subject;
        let (keeping, now) = (workspace.keeping(), workspace.front.now());
        let workspace = workspace.clone();
        let on_clear = Callback::new(move |all: bool| {
            workspace.clear_journal((!all).then_some(id), on_refresh);
        });
        view! { <UsageHistory name history since keeping now on_take on_clear/> }.into_any()
    }
}
