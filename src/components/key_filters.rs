//! What is asked of the table: its search, its filters, and how it looks.

use leptos::ev;
use leptos::prelude::*;

use crate::browser::{popover, preference, table};
use crate::domain::table::export::Format;
use crate::domain::table::query::{Age, Column, Query, Sort, Use};
use crate::reactive::heard;
use crate::words::tr;

/// The ids of the menus.
const LOOKS: &str = "looks-menu";
const EXPORT: &str = "export-menu";

/// The search and the filters. Each change is told as the query that is wanted then.
#[component]
pub fn KeyFilters(
    /// What is asked now.
    query: Memo<Query>,
    /// The user asks this; the flag tells whether it is on the way to it, letter by letter.
    on_query: Callback<(Query, bool)>,
) -> impl IntoView {
    let ask =
        move |query: Query, is_typing: bool| on_query.run((Query { page: 1, ..query }, is_typing));
    let search = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        ask(Query { search: event.target().value(), ..query.get_untracked() }, true);
    };
    // Not with each letter of a search.
    let chosen = Memo::new(move |_| query.with(|query| (query.used, query.created, query.sort)));
    // On a phone they would keep the keys off the first screen: they are folded away until somebody
    // wants them, unless one of them hides keys.
    let unfolded = RwSignal::new(false);
    let choose = move |event: ev::Event| {
        // They stay under the finger that takes the last filter away.
        unfolded.set(true);
        let Some(select) = table::closest(&event, "select") else {
            return;
        };
        let select: web_sys::HtmlSelectElement = wasm_bindgen::JsCast::unchecked_into(select);
        let (before, value) = (query.get_untracked(), select.value());
        let query = match select.name().as_str() {
            "used" => Query { used: Use::parse(&value), ..before },
            "created" => Query { created: Age::parse(&value), ..before },
            _ => Query { sort: Sort::parse(&value).unwrap_or(before.sort), ..before },
        };
        ask(query, false);
    };
    let filters = Memo::new(move |_| query.with(Query::filters));
    let is_open = move || unfolded.get() || filters.get();
    view! {
        <div class="filters" role="search" data-open=move || is_open().then_some("")>
            <input
                type="search"
                class="search"
                aria-label=tr("Search keys")
                placeholder=tr("Search by name, key or uuid")
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                prop:value=move || query.with(|query| query.search.clone())
                on:input:target=search
            />
            <button
                type="button"
                class="button fold"
                hidden=move || filters.get()
                aria-expanded=move || is_open().to_string()
                on:click=heard(move |_| unfolded.update(|it| *it = !*it))
            >
                {tr("Filters")}
            </button>
            <div class="choices" on:change=heard(choose)>
                {move || {
                    let (used, created, sort) = chosen.get();
                    let used = used.map_or("", Use::as_str);
                    let created = created.map_or("", Age::as_str);
                    let sort = sort.to_text();
                    [
                        select("used", tr("Used"), used, used_options()),
                        select("created", tr("Created"), created, created_options()),
                        select("sort", tr("Order"), &sort, sort_options()),
                    ]
                    .collect_view()
                    .into_any()
                }}
            </div>
        </div>
    }
}

/// How the table looks, which `boot.js` remembers, and the ways to take the list away.
#[component]
pub fn KeyMenus(
    /// What an export takes, in words.
    #[prop(into)]
    extent: Signal<String>,
    /// The user wants the list as a file.
    on_export: Callback<Format>,
    /// The user wants pages, or one long table.
    on_layout: Callback<bool>,
    /// The user wants the column of usage, or does not.
    on_usage: Callback<bool>,
) -> impl IntoView {
    let open = move |event: ev::MouseEvent| {
        if let Some(button) = table::closest(&event, "[popovertarget]") {
            let id = button.get_attribute("popovertarget").unwrap_or_default();
            popover::place_beside(&id, &button);
        }
    };
    view! {
        <div class="menus" on:click=heard(open)>
            <button type="button" class="button quiet" popovertarget=LOOKS aria-haspopup="dialog">
                {tr("View")}
            </button>
            <button type="button" class="button quiet" popovertarget=EXPORT aria-haspopup="dialog">
                {tr("Export")}
            </button>
        </div>
        {looks_menu(on_layout, on_usage)}
        {export_menu(extent, on_export)}
    }
}

/// Whether the column of usage was chosen: each of its figures costs a call, so it is not there
/// by itself.
pub fn shows_usage() -> bool {
    preference::chosen("shownColumns").split(' ').any(|it| it == "usage")
}

/// A labelled select of this name, with the value and the words of each option.
pub fn select(
    name: &'static str,
    label: String,
    chosen: &str,
    options: Vec<(String, String)>,
) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected prop:selected=selected>{words}</option> }
                .into_any()
        })
        .collect();
    view! {
        <label class=format!("choose-{name}")>
            <span>{label}</span>
            <select name=name>{options}</select>
        </label>
    }
    .into_any()
}

/// How the table looks. `boot.js` remembers what is chosen here; the app is told what it draws.
fn looks_menu(on_layout: Callback<bool>, on_usage: Callback<bool>) -> AnyView {
    let change = move |event: ev::Event| {
        if let Some(choice) = table::closest(&event, "[name=layout]") {
            let choice: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(choice);
            on_layout.run(choice.value() == "pages");
        }
        if let Some(choice) = table::closest(&event, "[value=usage]") {
            let choice: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(choice);
            on_usage.run(choice.checked());
        }
    };
    let hidden = preference::chosen("hiddenColumns");
    let is_shown = |column: &str| hidden.split(' ').all(|it| it != column);
    let (density, layout) = (preference::chosen("density"), preference::chosen("layout"));
    let radio = |name, value, words, checked| choice("radio", name, value, words, checked);
    let column = |column: Column, words: String| {
        choice("checkbox", "column", column.as_str(), words, is_shown(column.as_str()))
    };
    view! {
        <div
            id=LOOKS
            class="menu"
            popover="auto"
            role="dialog"
            aria-label=tr("View")
            on:change=heard(change)
        >
            <fieldset>
                <legend>{tr("Columns")}</legend>
                <div data-preference="hidden-columns">
                    {column(Column::Key, tr("Key"))}
                    {column(Column::Created, tr("Created"))}
                    {column(Column::LastUsed, tr("Last used"))}
                </div>
                <div data-preference="shown-columns">
                    {choice("checkbox", "column", "usage", tr("Usage"), shows_usage())}
                </div>
            </fieldset>
            <fieldset data-preference="density">
                <legend>{tr("Density")}</legend>
                {radio("density", "comfortable", tr("Comfortable"), density != "compact")}
                {radio("density", "compact", tr("Compact"), density == "compact")}
            </fieldset>
            <fieldset data-preference="layout">
                <legend>{tr("Long lists")}</legend>
                {radio("layout", "scroll", tr("Scroll"), layout != "pages")}
                {radio("layout", "pages", tr("Pages of 50"), layout == "pages")}
            </fieldset>
        </div>
    }
    .into_any()
}

/// The ways to take the list away.
fn export_menu(extent: Signal<String>, on_export: Callback<Format>) -> AnyView {
    let export = move |event: ev::MouseEvent| {
        let control = table::closest(&event, "[data-format]");
        let format = match control.and_then(|it| it.dataset().get("format")).as_deref() {
            Some("csv") => Format::Csv,
            Some("json") => Format::Json,
            _ => return,
        };
        popover::close(EXPORT);
        on_export.run(format);
    };
    let file = |format: &'static str, words: String| {
        view! {
            <button type="button" class="button quiet" data-format=format>{words}</button>
        }
        .into_any()
    };
    view! {
        <div
            id=EXPORT
            class="menu"
            popover="auto"
            role="dialog"
            aria-label=tr("Export")
            on:click=heard(export)
        >
            <p>{extent}</p>
            {file("csv", tr("As CSV, for spreadsheets"))}
            {file("json", tr("As JSON"))}
            <p class="muted">{tr("The list holds no secrets.")}</p>
        </div>
    }
    .into_any()
}

fn choice(
    kind: &'static str,
    name: &'static str,
    value: &'static str,
    words: String,
    checked: bool,
) -> AnyView {
    view! {
        <label class="choice">
            <input type=kind name=name value=value checked=checked/>
            <span>{words}</span>
        </label>
    }
    .into_any()
}

fn used_options() -> Vec<(String, String)> {
    let words = |used: Use| match used {
        Use::Within(Age::Day) => tr("In the last 24 hours"),
        Use::Within(Age::Week) => tr("In the last 7 days"),
        Use::Within(Age::Month) => tr("In the last 30 days"),
        Use::Stale => tr("Not for 90 days"),
        Use::Never => tr("Never"),
    };
    let any = (String::new(), tr("Whenever"));
    [any].into_iter().chain(Use::ALL.map(|it| (it.as_str().to_owned(), words(it)))).collect()
}

fn created_options() -> Vec<(String, String)> {
    let words = |age: Age| match age {
        Age::Day => tr("In the last 24 hours"),
        Age::Week => tr("In the last 7 days"),
        Age::Month => tr("In the last 30 days"),
    };
    let any = (String::new(), tr("Whenever"));
    [any].into_iter().chain(Age::ALL.map(|it| (it.as_str().to_owned(), words(it)))).collect()
}

fn sort_options() -> Vec<(String, String)> {
    let words = |sort: Sort| match (sort.by, sort.descending) {
        (Column::Name, false) => tr("Name, A to Z"),
        (Column::Name, true) => tr("Name, Z to A"),
        (Column::Key, false) => tr("Key, A to Z"),
        (Column::Key, true) => tr("Key, Z to A"),
        (Column::Created, true) => tr("Newest first"),
        (Column::Created, false) => tr("Oldest first"),
        (Column::LastUsed, true) => tr("Used lately first"),
        (Column::LastUsed, false) => tr("Unused for longest first"),
    };
    let sorts = Column::ALL
        .into_iter()
        .flat_map(|by| [false, true].map(|descending| Sort { by, descending }));
    sorts.map(|sort| (sort.to_text(), words(sort))).collect()
}
