//! The design system on one page: the tokens, and every component in every state. Release builds
//! leave it out: `cargo xtask shots` builds the site with it, and the build's gate refuses it
//! anywhere else.

mod dialogs;
mod over_time;

use std::sync::Arc;

use contract::Timestamp;
use leptos::prelude::*;

use crate::browser::text::lowered;
use crate::browser::{language, page};
use crate::components::foreign::Foreign;
use crate::components::key_facts::KeyFacts;
use crate::components::key_filters::{KeyFilters, KeyMenus};
use crate::components::key_table::{KeyTable, KeyTableSkeleton, Layout, Pager, UsageColumn};
use crate::components::mark::Mark;
use crate::components::notice::{Failure, Notice, Notices};
use crate::components::refresh::RefreshButton;
use crate::components::secret::SecretView;
use crate::components::selection_bar::SelectionBar;
use crate::components::submit::SubmitButton;
use crate::components::usage_chart::UsageChart;
use crate::components::waiting::Waiting;
use crate::domain::creation::Creation;
use crate::domain::key::{ApiKey, CreatedKey, EntryFault, KeyId, KeyList, KeyName, UnreadableKey};
use crate::domain::secret::Secret;
use crate::domain::table::arrangement::Index;
use crate::domain::table::query::Query;
use crate::domain::table::selection::Selection;
use crate::domain::trial::Trial;
use crate::domain::usage::{Quota, Usage};
use crate::domain::usage_board::UsageBoard;
use crate::remote::{Remote, Wait};

/// What the page is called. The build's gate knows it by this.
const TITLE: &str = "Design system of Occam Keys";

/// The address of the page.
const HASH: &str = "#/styleguide";

/// The time of everything on the page, which looks the same every day.
const NOW: Timestamp = Timestamp::from_unix_millis(1_793_600_000_000);

const HOUR: i64 = 3_600_000;

const COLOURS: [&str; 22] = [
    "paper",
    "surface",
    "surface-sunken",
    "line",
    "line-strong",
    "ink",
    "ink-soft",
    "accent",
    "accent-strong",
    "on-accent",
    "accent-wash",
    "danger",
    "danger-strong",
    "on-danger",
    "danger-wash",
    "warning-ink",
    "warning-wash",
    "warning-line",
    "mark-successful",
    "mark-near",
    "mark-failed",
    "track",
];
const SIZES: [&str; 4] = ["text-s", "text-m", "text-l", "text-xl"];
const SPACES: [&str; 4] = ["gap-s", "gap-m", "gap-l", "gap-xl"];

/// Whether the address asks for this page instead of the app.
pub fn is_asked_for() -> bool {
    window().location().hash().is_ok_and(|hash| hash == HASH)
}

/// The page.
#[component]
pub fn Styleguide() -> impl IntoView {
    language::install_numbers();
    page::set_title(TITLE);
    if let Some(form) = document().get_element_by_id("sign-in") {
        // Nobody signs in here. Setting an attribute of this name does not fail.
        let _ = form.set_attribute("hidden", "");
    }
    let sections = [
        ("Colour, space and type", tokens()),
        ("Buttons", buttons()),
        ("Fields", fields()),
        ("Messages", messages()),
        ("The table of keys", table()),
        ("Waiting for it", skeletons()),
        ("The secret, once", secrets()),
        ("Usage", charts()),
        ("Live mode", over_time::live()),
        ("Rotation", over_time::rotations()),
        ("Dialogs", dialogs::dialogs()),
    ];
    let section = |(title, content): (&'static str, AnyView)| {
        view! { <section class="panel usage-panel"><h2>{title}</h2>{content}</section> }.into_any()
    };
    let sections: Vec<AnyView> = sections.into_iter().map(section).collect();
    view! {
        <header class="top">
            <span class="brand"><Mark class="logo"/>{"Occam Keys"}</span>
        </header>
        <main class="page">
            <div class="page-head"><h1 tabindex="-1">{TITLE}</h1></div>
            {sections}
        </main>
    }
}

fn tokens() -> AnyView {
    let samples = |names: &'static [&'static str], property: &'static str, words: &'static str| {
        let sample = |name: &&'static str| {
            let value = format!("var(--{name})");
            let is = |it| property == it;
            // Properties that a script sets are not what the page's policy forbids.
            view! {
                <div class="figure">
                    <dt>{*name}</dt>
                    <dd
                        style:background-color=is("background-color").then(|| value.clone())
                        style:border-block-end=is("inline-size").then_some("1rem solid")
                        style:font-size=is("font-size").then(|| value.clone())
                        style:inline-size=is("inline-size").then(|| value.clone())
                        style:min-block-size="1.5rem"
                    >
                        {words}
                    </dd>
                </div>
            }
            .into_any()
        };
        names.iter().map(sample).collect::<Vec<AnyView>>()
    };
    view! {
        <dl class="figures">{samples(&COLOURS, "background-color", "")}</dl>
        <dl class="figures">{samples(&SPACES, "inline-size", "")}</dl>
        <dl class="figures">{samples(&SIZES, "font-size", "Revoke “ci-bot”?")}</dl>
    }
    .into_any()
}

fn buttons() -> AnyView {
    const CLASSES: [&str; 6] = [
        "button",
        "button primary",
        "button danger",
        "button danger-primary",
        "button quiet",
        "button quiet danger",
    ];
    let row = |class: &'static str| {
        view! {
            <div class="page-actions">
                <button type="button" class=class>{"Revoke key"}</button>
                <button type="button" class=class aria-disabled="true">{"Revoking…"}</button>
                <a class=class href=HASH>{"As a link"}</a>
            </div>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = CLASSES.into_iter().map(row).collect();
    let (idle, pending) = (Memo::new(|_| false), Memo::new(|_| true));
    let submit = |pending: Memo<bool>, left: Option<u32>| {
        view! {
            <SubmitButton
                class="button primary"
                label="Create"
                pending_label="Creating…"
                pending
                left=RwSignal::new(left).read_only()
            />
        }
        .into_any()
    };
    let on_refresh = Callback::new(|()| ());
    view! {
        {rows}
        <div class="page-actions">
            {submit(idle, None)} {submit(pending, None)} {submit(idle, Some(42))}
            <RefreshButton class="button quiet" pending=idle on_refresh/>
            <RefreshButton class="button quiet" pending on_refresh/>
        </div>
    }
    .into_any()
}

fn fields() -> AnyView {
    let field =
        |id: &'static str, label: &'static str, value: &'static str, error: &'static str| {
            let hint = format!("{id}-hint");
            let (class, words) = match error {
                "" => ("field-hint", "1 to 100 characters."),
                error => ("field-error", error),
            };
            view! {
                <div class="field">
                    <label for=id>{label}</label>
                    <input
                        id=id
                        type="text"
                        value=value
                        aria-describedby=hint.clone()
                        aria-invalid=(!error.is_empty()).then_some("true")
                        readonly=id == "field-fixed"
                    />
                    <p id=hint class=class>{words}</p>
                </div>
            }
            .into_any()
        };
    view! {
        <form class="form">
            {field("field-empty", "Name", "", "")}
            {field("field-filled", "Name, filled", "ci-bot", "")}
            {field("field-wrong", "Name, refused", "", "A name needs at least one character.")}
            {field("field-fixed", "Name, fixed", "ci-bot", "")}
            <p class="form-error">{"The email or the password is wrong."}</p>
        </form>
        <KeyFilters query=Memo::new(|_| Query::ALL) on_query=Callback::new(|_| ())/>
    }
    .into_any()
}

fn messages() -> AnyView {
    let notice = RwSignal::new(Some(Notice::about("Revoked “", "ci-bot".to_owned(), "”.")));
    view! {
        <Notices notice/>
        <p class="notice">{"Something to know."}</p>
        <p class="warning">{"Used 3 hours ago; something may still depend on it."}</p>
        <div class="offline">{"You are offline."}</div>
        <Failure
            title="Your keys could not be loaded"
            words=Signal::stored("The Key API did not answer in time.".to_owned())
            retry_after=Some(42)
            on_retry=Callback::new(|()| ())
        />
        <Waiting wait=Signal::stored(Some(Wait::Long))/>
        <p><span class="badge">{"Just now"}</span></p>
    }
    .into_any()
}

fn table() -> AnyView {
    let keys = vec![
        key(1, "just made", None),
        key(2, "chosen", Some(3)),
        key(3, "looked for", Some(30)),
        key(4, "never used", None),
        key(5, "used long ago", Some(24 * 200)),
        key(6, &"a name as long as names can be ".repeat(3), Some(1)),
        key(7, "invoice\u{202E}fdp.exe", Some(1)),
    ];
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let facts = key(2, "chosen", Some(3));
    let entry = |fault, name: &str| UnreadableKey {
        fault,
        name: Some(name.to_owned()),
        masked: Some("occ_TheW…0000".to_owned()),
    };
    let unreadable =
        vec![entry(EntryFault::Malformed, "no date"), entry(EntryFault::Repeated, "twice")];
    let list = KeyList { keys, unreadable };
    let rows = Index::new(lowered).arrange(&list, &Query::ALL, None, NOW);
    let selection = RwSignal::new(Selection::default());
    selection.update(|selection| selection.toggle(ids[1]));
    let now = Signal::stored(NOW);
    let mut board = UsageBoard::default();
    for (id, completed) in ids.iter().zip([12_408, 3_300, 250]) {
        let failed = completed / 9;
        let successful = completed - failed;
        let quota = Quota::Unlimited;
        board.see(*id, Usage { completed, successful, failed, quota, per_day: 12.5 });
    }
    board.settle(ids[3], Err("The Key API did not answer in time.".to_owned()));
    let usage = UsageColumn {
        is_shown: RwSignal::new(true),
        board: RwSignal::new(board),
        excuse: Signal::stored(String::new()),
        drawn: RwSignal::new(Vec::new()),
    };
    view! {
        <KeyMenus
            extent=Signal::stored("Takes the 7 keys on show.".to_owned())
            on_export=Callback::new(|_| ())
            on_layout=Callback::new(|_| ())
            on_usage=Callback::new(|_| ())
        />
        <SelectionBar
            counts=Memo::new(|_| (3, 1))
            on_revoke=Callback::new(|()| ())
            on_clear=Callback::new(|()| ())
        />
        <KeyTable
            keys=Signal::stored(Remote::Ready(Arc::new(list)))
            rows=Memo::new(move |_| rows.clone())
            layout=Memo::new(|_| Layout::Whole)
            query=Memo::new(|_| Query::ALL)
            selection
            fresh=Signal::stored(Some(ids[0]))
            highlighted=Signal::stored(vec![ids[2]])
            now
            usage
            on_act=Callback::new(|_| ())
        />
        <Pager page=2 pages=3 on_page=Callback::new(|_| ())/>
        <KeyFacts key=facts now more="Requests"><Foreign text={"1,204".to_owned()}/></KeyFacts>
    }
    .into_any()
}

/// A key that was made so many days ago and last used so many hours ago.
fn key(days: u8, name: &str, used: Option<i64>) -> ApiKey {
    let before = |hours: i64| Timestamp::from_unix_millis(NOW.unix_millis() - hours * HOUR);
    ApiKey {
        id: format!("00000000-0000-4000-8000-0000000000{days:02}").parse().expect("a uuid"),
        name: name.to_owned(),
        masked: "occ_TheW…0000".to_owned(),
        created: before(24 * i64::from(days)),
        last_used: used.map(before),
    }
}

fn skeletons() -> AnyView {
    view! {
        <KeyTableSkeleton/>
        <div class="skeleton" aria-hidden="true"><div class={"chart-skeleton"}></div></div>
    }
    .into_any()
}

fn secrets() -> AnyView {
    let secret = |trial: Trial| {
        // Revealing it is up to who looks.
        view! {
            <SecretView
                creation=RwSignal::new(created())
                api=StoredValue::new("https://keys.example.com".to_owned())
                trial=RwSignal::new(trial)
                on_try=Callback::new(|()| ())
            />
        }
        .into_any()
    };
    let offline = Trial::Unknown("You are offline.".to_owned());
    [Trial::NotAsked, Trial::Asking, Trial::Works, Trial::Refused, offline]
        .map(secret)
        .into_iter()
        .collect::<Vec<AnyView>>()
        .into_any()
}

/// A key that was just made.
fn created() -> Creation {
    let mut creation = Creation::default();
    creation.show(CreatedKey {
        id: None,
        name: KeyName::parse("ci-bot").expect("it is a name"),
        secret: Secret::new("occ_an_example_that_opens_nothing".to_owned()),
    });
    creation
}

fn charts() -> AnyView {
    const USAGES: [(u64, u64, Quota); 4] = [
        (90, 10, Quota::Within(40.0)),
        (10, 90, Quota::Within(92.0)),
        (100, 0, Quota::Over(140.0)),
        (0, 0, Quota::Unlimited),
    ];
    let chart = |(successful, failed, quota)| {
        let completed = successful + failed;
        let usage = Usage { completed, successful, failed, quota, per_day: 12.5 };
        view! { <UsageChart name={"ci-bot".to_owned()} usage/> }.into_any()
    };
    USAGES.into_iter().map(chart).collect::<Vec<AnyView>>().into_any()
}
