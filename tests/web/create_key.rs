//! The dialog that makes a key and shows its secret once.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use leptos::prelude::*;
use leptos::wasm_bindgen::prelude::*;
use occam_keys::browser::text::UNICODE;
use occam_keys::components::create_key::{CreateActions, CreateKeyDialog};
use occam_keys::components::inquiry::InquiryActions;
use occam_keys::domain::creation::Creation;
use occam_keys::domain::form::Complaint;
use occam_keys::domain::key::{CreatedKey, KeyName};
use occam_keys::domain::lookalike::Names;
use occam_keys::domain::secret::Secret;
use occam_keys::domain::trial::Trial;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::screen::{Replaced, click, press, type_into, until, until_text};
use crate::support::{NOW, Stage, key, screen};

const SECRET: &str = "occ_TheWholeSecret";

/// The dialog on a stage of its own, with a page above it that only counts submits.
struct Fixture {
    _stage: Stage,
    creation: RwSignal<Creation>,
    submitted: RwSignal<Vec<String>>,
    trial: RwSignal<Trial>,
    /// How often the key was to be tried.
    tried: RwSignal<usize>,
}

fn fixture() -> Fixture {
    // The signals live as long as the page: nothing here disposes of them.
    let owner = Owner::new();
    let (creation, submitted) =
        owner.with(|| (RwSignal::new(Creation::Closed), RwSignal::new(Vec::new())));
    let (trial, tried) = owner.with(|| (RwSignal::new(Trial::NotAsked), RwSignal::new(0)));
    std::mem::forget(owner);
    let stage = Stage::of(move || {
        let keys = [key("taken", None), key("ｐｒｏｄ é", None)];
        let names = Names::of(&keys, UNICODE);
        let likeness = Callback::new(move |name: String| names.likeness(&name, &keys, UNICODE));
        let on_submit = Callback::new(move |name: KeyName| {
            if creation.try_update(Creation::send).unwrap_or(false) {
                submitted.update(|submitted| submitted.push(name.as_str().to_owned()));
            }
        });
        let actions = CreateActions {
            on_submit,
            on_discard: Callback::new(move |()| creation.update(Creation::close)),
            on_try: Callback::new(move |()| {
                if trial.try_update(Trial::begin) == Some(true) {
                    tried.update(|tried| *tried += 1);
                }
            }),
        };
        let nothing = Callback::new(|()| ());
        let inquiry_actions = InquiryActions {
            on_again: nothing,
            on_another: nothing,
            on_look: nothing,
            on_leave: nothing,
            on_revoke: Callback::new(|_| ()),
        };
        view! {
            <CreateKeyDialog
                creation
                likeness
                next=Callback::new(|()| vec!["ci-bot-3".to_owned()])
                suggestion=Signal::stored(String::new())
                replaces=Memo::new(|_| false)
                api=StoredValue::new("https://keys.example".to_owned())
                trial
                actions
                inquiry=RwSignal::new(None)
                inquiry_actions
                now=Signal::stored(NOW)
            />
        }
    });
    Fixture { _stage: stage, creation, submitted, trial, tried }
}

async fn open() -> Fixture {
    let fixture = fixture();
    fixture.creation.update(Creation::open);
    until_text("Create an API key").await;
    fixture
}

async fn showing() -> Fixture {
    let fixture = fixture();
    fixture.creation.update(|creation| {
        creation.show(CreatedKey {
            id: Some(key("", None).id),
            name: KeyName::parse("ci-bot").expect("a name"),
            secret: Secret::new(SECRET.to_owned()),
        });
    });
    until_text("Copy the key “ci-bot” now").await;
    fixture
}

/// A clipboard that takes the secret, or nothing.
fn clipboard(takes: bool) -> (Replaced, Closure<dyn Fn(String) -> Promise>) {
    clipboard_that(move |text| takes && text == SECRET)
}

/// A clipboard that takes everything, and keeps it here.
fn clipboard_into(
    written: Rc<RefCell<Vec<String>>>,
) -> (Replaced, Closure<dyn Fn(String) -> Promise>) {
    clipboard_that(move |text| {
        written.borrow_mut().push(text);
        true
    })
}

fn clipboard_that(
    takes: impl Fn(String) -> bool + 'static,
) -> (Replaced, Closure<dyn Fn(String) -> Promise>) {
    let write = Closure::<dyn Fn(String) -> Promise>::new(move |text: String| match takes(text) {
        true => Promise::resolve(&JsValue::UNDEFINED),
        false => Promise::reject(&js_sys::Error::new("refused")),
    });
    let clipboard = js_sys::Object::new();
    js_sys::Reflect::set(&clipboard, &"writeText".into(), write.as_ref()).expect("a plain object");
    (Replaced::new(&window().navigator(), "clipboard", &clipboard), write)
}

/// Whatever the older way of copying is asked, it says that it did not work.
fn no_copy_command() -> Replaced {
    let refuse = js_sys::Function::new_no_args("return false");
    Replaced::new(&document(), "execCommand", &refuse)
}

#[wasm_bindgen_test]
async fn a_name_that_cannot_be_is_said_at_the_field_and_sent_nowhere() {
    let dialog = open().await;
    until("the name has focus", || screen::focused().id() == "key-name").await;
    click("Create");
    until_text("at least one character").await;
    assert_eq!(screen::field("Name").get_attribute("aria-invalid").as_deref(), Some("true"));

    type_into("Name", &"x".repeat(101));
    click("Create");
    until_text("at most 100 characters").await;
    assert!(dialog.submitted.get_untracked().is_empty());

    type_into("Name", "  ci-bot ");
    click("Create");
    assert_eq!(dialog.submitted.get_untracked(), ["ci-bot"], "trimmed");
}

#[wasm_bindgen_test]
async fn a_double_click_makes_one_key() {
    let dialog = open().await;
    type_into("Name", "ci-bot");
    let create = screen::button("Create");
    create.click();
    create.click();
    assert_eq!(dialog.submitted.get_untracked(), ["ci-bot"]);
    until_text("Creating…").await;
    press("Escape");
    screen::next_frame().await;
    assert!(dialog.creation.with_untracked(Creation::is_sending), "and cannot be left meanwhile");
}

#[wasm_bindgen_test]
async fn a_taken_name_is_warned_about_and_still_accepted() {
    let dialog = open().await;
    type_into("Name", "taken");
    until_text("You already have a key called “taken”").await;
    click("Create");
    assert_eq!(dialog.submitted.get_untracked(), ["taken"]);
}

#[wasm_bindgen_test]
async fn a_name_that_looks_like_another_is_warned_about_and_still_accepted() {
    let dialog = open().await;
    for name in ["PROD e\u{301}", "рrоd é", "prod\u{A0}é\u{200B}"] {
        type_into("Name", name);
        until_text("This looks like your key “ｐｒｏｄ é”, but is not the same.").await;
        assert!(screen::one("#key-name-hint").class_list().contains("flagged"));
        type_into("Name", "prod e");
        until_text("Say where the key is used").await;
    }
    type_into("Name", "рrоd é");
    click("Create");
    assert_eq!(dialog.submitted.get_untracked(), ["рrоd é"]);
}

#[wasm_bindgen_test]
async fn a_name_that_hides_characters_is_shown_with_them_while_it_is_typed() {
    let _dialog = open().await;
    type_into("Name", "ci\u{202E}tob");
    until_text("Not all of this name can be seen. It reads “ci⟨U+202E⟩tob”.").await;
}

#[wasm_bindgen_test]
async fn typing_takes_the_complaint_away() {
    let _dialog = open().await;
    click("Create");
    until_text("at least one character").await;
    type_into("Name", "c");
    until("it is gone", || !screen::text().contains("at least one character")).await;
}

#[wasm_bindgen_test]
async fn escape_while_a_character_is_composed_leaves_the_dialog_alone() {
    let dialog = open().await;
    let init = web_sys::KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_key("Escape");
    init.set_is_composing(true);
    let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init)
        .expect("an event can be made");
    screen::field("Name").dispatch_event(&event).expect("it can be sent");
    screen::next_frame().await;
    assert!(dialog.creation.with_untracked(Creation::is_open));
}

#[wasm_bindgen_test]
async fn a_click_that_saves_what_nobody_saw_asks() {
    let dialog = showing().await;
    click("I have saved it");
    until_text("You have not copied this key. Close anyway?").await;
    assert!(dialog.creation.with_untracked(Creation::is_showing));
}

#[wasm_bindgen_test]
async fn the_key_that_submitted_the_form_copies_nothing() {
    let _dialog = showing().await;
    until("the secret has focus", || screen::focused().class_name() == "secret-field").await;
}

#[wasm_bindgen_test]
async fn copying_by_hand_counts_if_it_is_the_whole_key_that_is_copied() {
    let dialog = showing().await;
    click("Reveal");
    until_text(SECRET).await;
    let field = screen::one("[data-testid=secret]");
    let text = field.first_child().expect("the key is text");
    let selection = window().get_selection().expect("a page has one").expect("a page has one");
    let is_saved = || !dialog.creation.with_untracked(Creation::warns_on_unload);

    selection.set_base_and_extent(&text, 0, &text, 3).expect("there are as many characters");
    assert_eq!(copied_at(&field), "", "the browser copies what is selected");
    assert!(!is_saved(), "three characters are no key");

    selection.remove_all_ranges().expect("there was one");
    assert_eq!(copied_at(&field), SECRET, "where nothing is selected, all of it is copied");
    assert!(is_saved());

    dialog.creation.update(Creation::cleared);
    assert!(!is_saved());
    selection.select_all_children(&field).expect("it holds text");
    assert_eq!(copied_at(&field), "");
    assert!(is_saved());
}

/// Presses Ctrl+C there, and gives what the page itself put on the clipboard.
fn copied_at(field: &web_sys::Element) -> String {
    let event = js_sys::eval(
        "new ClipboardEvent('copy', { bubbles: true, cancelable: true, clipboardData: new \
         DataTransfer() })",
    );
    let event: web_sys::ClipboardEvent = event.expect("an event").unchecked_into();
    field.dispatch_event(&event).expect("it can be sent");
    let data = event.clipboard_data().expect("it was given some");
    data.get_data("text/plain").expect("it can be read")
}

#[wasm_bindgen_test]
async fn a_refused_name_stays_typed() {
    let dialog = open().await;
    type_into("Name", "ci-bot");
    click("Create");
    dialog.creation.update(|creation| {
        creation.complain(Complaint::AtField("Not this one.".to_owned()));
    });
    until_text("Not this one.").await;
    assert_eq!(screen::field("Name").value(), "ci-bot");
}

#[wasm_bindgen_test]
async fn a_concealed_secret_is_nowhere_in_the_document() {
    let _dialog = showing().await;
    assert!(!screen::markup().contains(SECRET));
    assert!(screen::text().contains("••••"));

    click("Reveal");
    until_text(SECRET).await;
    assert_eq!(screen::one("[data-testid=secret]").text_content().as_deref(), Some(SECRET));
    let inputs = screen::all(".stage input, .stage textarea");
    assert!(inputs.is_empty(), "no input holds a secret");

    click("Hide");
    until("it is concealed again", || !screen::markup().contains(SECRET)).await;
}

#[wasm_bindgen_test]
async fn copying_says_that_it_worked_and_works_while_concealed() {
    let dialog = showing().await;
    let _clipboard = clipboard(true);
    click("Copy");
    until_text("Copied to the clipboard.").await;
    assert!(!screen::markup().contains(SECRET));
    assert!(!dialog.creation.with_untracked(Creation::warns_on_unload));

    press("Escape");
    until("it closes", || dialog.creation.with_untracked(|it| *it == Creation::Closed)).await;
}

/// Puts the page out of sight, or back.
fn look_away(hidden: bool) -> Replaced {
    let replaced = Replaced::new(&document(), "hidden", &hidden.into());
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    let event = web_sys::Event::new_with_event_init_dict("visibilitychange", &init);
    document().dispatch_event(&event.expect("an event")).expect("it can be sent");
    replaced
}

#[wasm_bindgen_test]
async fn a_secret_is_concealed_when_its_page_is_out_of_sight() {
    let dialog = showing().await;
    click("Reveal");
    until_text(SECRET).await;
    let _in_sight = look_away(false);
    screen::next_frame().await;
    assert!(screen::markup().contains(SECRET));
    let _out_of_sight = look_away(true);
    until("it is concealed", || !screen::markup().contains(SECRET)).await;
    assert!(dialog.creation.with_untracked(Creation::is_showing), "and not lost");
    click("Reveal");
    until_text(SECRET).await;
}

#[wasm_bindgen_test]
async fn the_clipboard_can_be_cleared_and_what_that_does_is_said() {
    let dialog = showing().await;
    let written = Rc::new(RefCell::new(Vec::new()));
    let _clipboard = clipboard_into(written.clone());
    assert!(screen::find_button("Clear clipboard").is_none(), "it is not ours to clear");
    click("Copy");
    until_text("Clearing overwrites whatever the clipboard holds by then.").await;
    click("Clear clipboard");
    until_text("The clipboard was overwritten.").await;
    assert_eq!(*written.borrow(), [SECRET, " "]);
    assert!(dialog.creation.with_untracked(Creation::warns_on_unload), "only the page has it");
}

#[wasm_bindgen_test]
async fn a_clipboard_that_cannot_be_cleared_is_said_to_be() {
    let _dialog = showing().await;
    let _clipboard = clipboard(true);
    let _command = no_copy_command();
    click("Copy");
    until_text("Copied to the clipboard.").await;
    click("Clear clipboard");
    until_text("Your browser did not allow clearing the clipboard.").await;
}

#[wasm_bindgen_test]
async fn copying_that_fails_says_so_and_selects_the_key() {
    let dialog = showing().await;
    let _clipboard = clipboard(false);
    let _command = no_copy_command();
    click("Copy");
    until_text("did not allow copying").await;
    let selection = window().get_selection().expect("allowed").expect("there is one");
    until("the key is selected", move || selection.to_string() == *SECRET).await;
    assert!(dialog.creation.with_untracked(Creation::warns_on_unload), "it is not saved");
}

#[wasm_bindgen_test]
async fn escape_asks_before_the_secret_is_lost_however_often_it_is_pressed() {
    let dialog = showing().await;
    for _ in 0..3 {
        press("Escape");
        until_text("You have not copied this key. Close anyway?").await;
    }
    until("the safe answer has focus", || {
        screen::focused().text_content().as_deref() == Some("Keep open")
    })
    .await;
    click("Keep open");
    until("the question is gone", || !screen::text().contains("Close anyway?")).await;
    assert!(dialog.creation.with_untracked(Creation::is_showing));
}

#[wasm_bindgen_test]
async fn a_dialog_that_the_browser_closes_opens_again_and_asks() {
    let dialog = showing().await;
    screen::one("dialog").unchecked_into::<web_sys::HtmlDialogElement>().close();
    until_text("You have not copied this key. Close anyway?").await;
    assert!(screen::one("dialog").unchecked_into::<web_sys::HtmlDialogElement>().open());
    assert!(dialog.creation.with_untracked(Creation::is_showing));
}

/// Chooses the form of this name.
fn choose(name: &str) {
    let select: web_sys::HtmlSelectElement = screen::one("#snippet").unchecked_into();
    let options = screen::all("#snippet option");
    let is_it = |it: &web_sys::Element| it.text_content().as_deref() == Some(name);
    let at = options.iter().position(is_it).expect("it is offered");
    select.set_selected_index(i32::try_from(at).expect("a small number"));
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    let event = web_sys::Event::new_with_event_init_dict("change", &init).expect("an event");
    select.dispatch_event(&event).expect("it can be sent");
}

#[wasm_bindgen_test]
async fn what_is_copied_is_in_the_chosen_form_and_concealed_like_the_key() {
    let dialog = showing().await;
    let written = Rc::new(RefCell::new(Vec::new()));
    let _clipboard = clipboard_into(written.clone());
    for (form, text) in [
        ("CI_BOT_KEY=…", format!("CI_BOT_KEY={SECRET}")),
        (".env file", format!("CI_BOT_KEY='{SECRET}'")),
    ] {
        choose(form);
        until("it is concealed", || screen::text().contains("••••")).await;
        click("Copy");
        until("it is copied", || written.borrow().last() == Some(&text)).await;
        assert!(!screen::markup().contains(SECRET));
    }
    until("that counts", || !dialog.creation.with_untracked(Creation::warns_on_unload)).await;
    click("Reveal");
    until_text("CI_BOT_KEY='occ_TheWholeSecret'").await;
    click("Hide");
    until("it is concealed again", || !screen::markup().contains(SECRET)).await;
}

#[wasm_bindgen_test]
async fn copying_what_does_not_hold_the_key_saves_nothing_and_says_so() {
    let dialog = showing().await;
    let written = Rc::new(RefCell::new(Vec::new()));
    let _clipboard = clipboard_into(written.clone());
    choose("Python that reads CI_BOT_KEY");
    until_text("key = os.environ[\"CI_BOT_KEY\"]").await;
    click("Copy");
    until_text("Copied. The key itself is not in it: save that, too.").await;
    assert!(written.borrow().last().is_some_and(|text| text.contains("CI_BOT_KEY")));
    assert!(dialog.creation.with_untracked(Creation::warns_on_unload), "nobody has the key");
    click("I have saved it");
    until_text("You have not copied this key. Close anyway?").await;
    choose("The key alone");
    until("the key is concealed", || screen::text().contains("••••")).await;
}

#[wasm_bindgen_test]
async fn a_file_holds_the_key_but_nobody_knows_whether_it_was_kept() {
    let dialog = showing().await;
    let saved = Rc::new(RefCell::new(Vec::new()));
    let link = js_sys::Reflect::get(&window(), &"HTMLAnchorElement".into()).expect("a class");
    let prototype = js_sys::Reflect::get(&link, &"prototype".into()).expect("it has one");
    let take = Closure::<dyn Fn()>::new({
        let saved = saved.clone();
        move || saved.borrow_mut().push(())
    });
    let original = js_sys::Reflect::get(&prototype, &"click".into()).expect("it is inherited");
    js_sys::Reflect::set(&prototype, &"click".into(), take.as_ref()).expect("it can be replaced");
    click("Download");
    until_text("Handed to your browser as a file.").await;
    js_sys::Reflect::set(&prototype, &"click".into(), &original).expect("it can be put back");
    assert_eq!(saved.borrow().len(), 1);
    assert!(dialog.creation.with_untracked(Creation::warns_on_unload), "it may not have arrived");
    assert!(!screen::markup().contains(SECRET));
    click("I have saved it");
    until("it closes", || dialog.creation.with_untracked(|it| *it == Creation::Closed)).await;
}

#[wasm_bindgen_test]
async fn a_key_is_tried_by_a_click_only_and_the_result_is_said() {
    let dialog = showing().await;
    until_text("It counts as one use of the key.").await;
    assert_eq!(dialog.tried.get_untracked(), 0, "never by itself");
    click("Test this key");
    click("Test this key");
    assert_eq!(dialog.tried.get_untracked(), 1, "once at a time");
    until_text("Asking the Key API…").await;
    for (trial, words) in [
        (Trial::Works, "The key works."),
        (Trial::Refused, "The Key API does not take this key."),
        (Trial::Unknown("Offline.".to_owned()), "The key could not be tested. Offline."),
    ] {
        dialog.trial.set(trial);
        until_text(words).await;
    }
    assert!(dialog.creation.with_untracked(Creation::warns_on_unload), "a test saves nothing");
}

#[wasm_bindgen_test]
async fn two_people_can_compare_a_key_by_its_checksum() {
    let _dialog = showing().await;
    // By `printf %s occ_TheWholeSecret | sha256sum`.
    until_text("5897e363").await;
    assert!(!screen::markup().contains(SECRET));
}

#[wasm_bindgen_test]
async fn without_a_secure_context_there_is_no_checksum_and_nothing_else_is_missing() {
    let crypto = window().crypto().expect("there is one");
    let _no_subtle = Replaced::new(&crypto, "subtle", &JsValue::UNDEFINED);
    let _dialog = showing().await;
    until_text("Test this key").await;
    screen::next_frame().await;
    assert!(!screen::text().contains("SHA-256"));
    click("Reveal");
    until_text(SECRET).await;
}

#[wasm_bindgen_test]
async fn the_rules_of_a_name_are_said_before_they_bite() {
    let _dialog = open().await;
    type_into("Name", &"x".repeat(79));
    screen::next_frame().await;
    assert!(!screen::text().contains("characters left"));
    type_into("Name", &"x".repeat(88));
    until_text("12 characters left").await;
    type_into("Name", &"x".repeat(103));
    until_text("3 characters too many: a name may have at most 100.").await;
    type_into("Name", "a\u{1}b");
    until_text("There is ⟨U+0001⟩ in it, which a name may not contain.").await;
    type_into("Name", "a\tb");
    until_text("There is a tab in it").await;
}

#[wasm_bindgen_test]
async fn the_next_name_of_a_series_is_taken_by_a_click() {
    let dialog = open().await;
    click("ci-bot-3");
    assert_eq!(screen::field("Name").value(), "ci-bot-3");
    until("the name has focus", || screen::focused().id() == "key-name").await;
    click("Create");
    assert_eq!(dialog.submitted.get_untracked(), ["ci-bot-3"]);
}

#[wasm_bindgen_test]
async fn closing_drops_the_secret() {
    let dialog = showing().await;
    click("Reveal");
    until_text(SECRET).await;
    click("I have saved it");
    until("the dialog is closed", || !screen::one("dialog").has_attribute("open")).await;
    assert!(!screen::markup().contains(SECRET));
    assert!(dialog.creation.with_untracked(|it| it.key().is_none()));
}
