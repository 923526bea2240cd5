//! What lies behind the rows, in the chunk of the details: the modal dialogs, and the watchers of keys
//! that are made and revoked. What a user asks for before that chunk has loaded is noted, and done as
//! soon as it has.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::listing::in_time;
use super::{Front, Workspace, act_on};
use crate::browser::text::UNICODE;
use crate::browser::{page, table};
use crate::components::inquiry::InquiryReminder;
use crate::components::key_table::Part;
use crate::components::lost_secret::{GuardActions, LostSecretOffer};
use crate::components::rotation::banner::RotationBanner;
use crate::components::shortcuts::is_in_field;
use crate::domain::key::ApiKey;
use crate::domain::lookalike::Names;
use crate::domain::shortcut::types_ahead;
use crate::domain::table::export::Format;
use crate::pages::chunk::Instead;
use crate::remote::{follow, which_answer};
use crate::route::{Page, Route};

/// What somebody wants that takes the file of the details.
#[derive(Clone, Debug)]
pub(in crate::pages) enum Wish {
    /// To make a key, of the name that was typed so far.
    Create(String),
    /// To revoke this key.
    Revoke(ApiKey),
    /// To revoke the keys that are chosen in the table.
    RevokeChosen,
    /// To know which key a text holds.
    Identify,
    /// To be rid of a key that has leaked.
    EndLeaked,
    /// To see what can be done.
    Palette,
    /// To see the shortcuts.
    Shortcuts,
    /// To have this part of a key on the clipboard.
    Copy(ApiKey, Part),
    /// To have the chosen keys as a file, or these, which are on show, if none is.
    Export(Vec<ApiKey>, Format),
}

/// What is wanted, and who sees to it. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Wishes {
    /// What waits for the file.
    waiting: RwSignal<Option<Wish>>,
    /// Who sees to it, since the file is there.
    grant: StoredValue<Option<Callback<Wish>>>,
}

impl Wishes {
    pub(super) fn new() -> Self {
        Self { waiting: RwSignal::new(None), grant: StoredValue::new(None) }
    }

    /// Nothing is wanted any more that is not begun.
    pub(super) fn forget(self) {
        self.waiting.set(None);
    }
}

impl Front {
    /// Sees to what somebody wants, now or when the file for it is there.
    pub(in crate::pages) fn want(&self, wish: Wish) {
        match self.wishes.grant.get_value() {
            Some(grant) => grant.run(wish),
            None => {
                self.details.ask();
                self.wishes.waiting.set(Some(wish));
            }
        }
    }

    /// The dialog in the place of all others, for as long as something waits for their file. Whoever
    /// types the name of a new key before there is a field for it finds it there: what came too late
    /// for the field, and Enter after it, would make a key of half a name.
    pub(super) fn waiting_dialog(&self) -> AnyView {
        let Wishes { waiting, .. } = self.wishes;
        let typing = window_event_listener(ev::keydown, move |event| {
            // Not what is for a field, such as a password in the layer of a lapsed session, nor what
            // presses a button.
            if event.is_composing()
                || !page::is_dialog_in_front("#instead-title")
                || is_in_field(&event)
                || (table::closest(&event, "button").is_some()
                    && [" ", "Enter"].contains(&&*event.key()))
            {
                return;
            }
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            waiting.maybe_update(|wish| {
                let Some(Wish::Create(name)) = wish else { return false };
                let is_typed = types_ahead(name, &event.key(), modified);
                if is_typed {
                    event.prevent_default();
                }
                is_typed
            });
        });
        on_cleanup(move || typing.remove());
        let open = Memo::new(move |_| waiting.with(Option::is_some));
        let on_leave = Callback::new(move |()| waiting.set(None));
        view! { <Instead chunk=self.details open on_leave/> }.into_any()
    }
}

impl Workspace {
    /// What is said above each page, for who has its file. For as long as that is drawn, keys that
    /// are made, replaced and revoked are seen to.
    pub(in crate::pages) fn attend(&self) -> AnyView {
        self.resume_inquiry();
        self.resume_look_online();
        self.guard_secrets();
        self.follow_replacements();
        self.follow_doubts();
        self.follow_last_uses();
        self.follow_the_list();
        self.follow_rotations();
        self.follow_clean_up();
        self.follow_the_column();
        self.follow_what_is_at_stake();

        let (creation, inquiry, route) = (self.creation, self.inquiry, self.front.route);
        let on_reopen = act_on(self, |workspace, ()| workspace.reopen_inquiry());
        let offer = self.lost_secret_offer();
        let actions = GuardActions {
            on_replace: act_on(self, Workspace::replace),
            on_revoke: act_on(self, Workspace::open_revocation),
            on_keep: act_on(self, Workspace::confirm_saved),
        };
        let on_show = Memo::new(move |_| match route.with(Route::page) {
            Page::Key(id) => Some(id),
            Page::Keys | Page::Usage => None,
        });
        let workspace = self.clone();
        let find = Callback::new(move |id| workspace.front.listed(id));
        view! {
            <InquiryReminder creation inquiry on_open=on_reopen/>
            <LostSecretOffer offer actions/>
            <RotationBanner rotations=self.rotations() find on_show/>
        }
        .into_any()
    }

    /// The names of the list, ready to be compared with that of another key.
    fn names(&self) -> Memo<Names> {
        let keys = self.front.keys;
        let answer = which_answer(keys);
        let names = Memo::new(move |_| {
            follow(answer);
            keys.with_untracked(|keys| {
                let keys = keys.value().map(|list| list.keys.as_slice());
                Names::of(keys.unwrap_or_default(), UNICODE)
            })
        });
        let prepare = move || {
            names.try_with_untracked(|_| ());
        };
        in_time(move || follow(answer), prepare);
        names
    }

    /// The dialogs, for who has their file. They stand in the order in which they may cover each
    /// other.
    pub(in crate::pages) fn dialogs(&self) -> AnyView {
        let (palette, sheet) = (RwSignal::new(false), RwSignal::new(false));
        let names = self.names();
        let dialogs = [
            self.command_dialogs(palette, sheet),
            self.identify_dialog(),
            self.creation_dialog(names),
            self.clean_up_dialog(),
            self.revocation_dialog(names),
            self.revoke_many_dialog(),
        ];
        let workspace = self.clone();
        let grant = Callback::new(move |wish| match wish {
            Wish::Create(name) => workspace.open_creation(name),
            Wish::Revoke(key) => workspace.open_revocation(key),
            Wish::RevokeChosen => workspace.open_bulk_revocation(),
            Wish::Identify => workspace.open_identification(),
            Wish::EndLeaked => workspace.open_leak_drill(),
            Wish::Palette => palette.set(true),
            Wish::Shortcuts => sheet.set(true),
            Wish::Copy(key, part) => workspace.copy(key, part),
            Wish::Export(keys, format) => workspace.export(&keys, format),
        });
        self.front.wishes.grant.set_value(Some(grant));
        if let Some(wish) = self.front.wishes.waiting.try_update(Option::take).flatten() {
            // The dialog that said so closes first, and gives the focus back to where it was.
            spawn_local(async move {
                grant.try_run(wish);
            });
        }
        dialogs.collect_view().into_any()
    }
}
