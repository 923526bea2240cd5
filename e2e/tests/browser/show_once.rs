//! A new key's secret: shown once, and not lost by a slip.

use e2e::browser::{Browser, key};
use e2e::hold::Hold;
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use e2e::tour::settle;

const NAME: &str = "ci-bot";
/// A page that is not a secure context has no clipboard API.
const NO_CLIPBOARD_API: &str =
    "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })";

/// The clipboard is refused when the test says so.
const LATE_REFUSAL: &str = "
    const writeText = () => new Promise((_, refuse) => { window.refuse = refuse; });
    Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => ({ writeText }) });
    Document.prototype.execCommand = () => false;";
/// A browser that refuses to copy, whichever way it is asked.
const NO_COPYING: &str = "
    Clipboard.prototype.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    Document.prototype.execCommand = () => false;";

/// A way to close the dialog.
type Close = fn(&Browser);

#[test]
fn neither_escape_nor_a_click_outside_nor_back_loses_a_secret_that_nobody_has() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    scene.create("first");
    page.open_usage("first");
    browser.link("← API keys").click();
    let dialog = KeysPage::on(browser).open_creation();
    dialog.create(NAME);

    browser.click_at(3, 3);
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.press(key::ESCAPE);
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.button("Keep open").click();
    browser.see_no("Close anyway?");

    browser.click_at(3, 3);
    browser.back();
    dialog.until_it_asks();
    browser.button("Keep open").click();
    browser.see_no("Close anyway?");

    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    assert!(scene.server.api().exchange(&secret).is_ok(), "it is still the whole secret");
    dialog.close_as_saved();
}

#[test]
fn the_browser_asks_before_a_reload_loses_a_secret_and_no_longer_once_it_is_copied() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);

    // By a timer, because a script that opens a prompt does not return before it is answered.
    browser.script("setTimeout(() => location.reload())");
    browser.until("the browser to ask before the reload", || browser.asks());
    browser.decline();
    dialog.concealed().wait();
    let secret = dialog.reveal();
    scene.keep_secret(&secret);

    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    browser.reload();
    KeysPage::on(browser).until_names_are(&[NAME]);
    assert_is_nowhere(browser, &secret);
}

#[test]
fn a_secret_is_gone_from_the_page_however_the_dialog_is_closed() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let ways: [(&str, Close); 3] = [
        ("as saved", |browser| browser.button("I have saved it").click()),
        ("after copying", |browser| {
            browser.button("Copy").click();
            browser.see("Copied to the clipboard.");
            browser.press(key::ESCAPE);
        }),
        ("without copying", |browser| {
            browser.press(key::ESCAPE);
            browser.button("Close without copying").click();
        }),
    ];
    for (name, close) in ways {
        let dialog = page.open_creation();
        dialog.create(name);
        let secret = dialog.reveal();
        scene.keep_secret(&secret);
        assert_eq!(places_of(browser, &secret), ["document"], "it is on show");
        browser.button("Hide").click();
        dialog.concealed().wait();
        assert_is_nowhere(browser, &secret);
        dialog.reveal();
        close(browser);
        dialog.until_closed();
        assert_is_nowhere(browser, &secret);
    }
    page.until_names_are(&["without copying", "after copying", "as saved"]);
}

#[test]
fn a_press_or_a_click_too_many_neither_copies_nor_closes() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    dialog.until_it_shows(NAME);
    browser.until_focus_is_on("Key, concealed");
    browser.press(key::ENTER);
    browser.button("I have saved it").click();
    dialog.until_it_asks();
    assert_eq!(browser.css("dialog[open] .secret-status").text(), "");
    scene.keep_secret(&dialog.reveal());
    browser.button("Keep open").click();
    dialog.close_as_saved();
}

#[test]
fn copying_works_where_there_is_no_clipboard_api() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.before_every_page(NO_CLIPBOARD_API);
    let dialog = scene.sign_in().open_creation();
    assert_eq!(browser.script("return typeof navigator.clipboard"), "undefined");
    dialog.create(NAME);
    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    browser.until_focus_is_on("Copy");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    assert_eq!(pasted(browser), secret);
}

#[test]
fn a_secret_that_cannot_be_copied_is_revealed_and_selected_to_be_copied_by_hand() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.before_every_page(NO_COPYING);
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    dialog.copy();
    assert_eq!(
        dialog.status(),
        "Your browser did not allow copying. The key is selected: press Ctrl+C or ⌘C."
    );
    let secret = dialog.secret().text();
    scene.keep_secret(&secret);
    assert_eq!(browser.script("return getSelection().toString()"), secret);
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.button("Keep open").click();

    dialog.copy();
    browser.until("the key to be selected again", || {
        browser.script("return getSelection().toString()") == secret
    });
    browser.press_together(&[key::CONTROL, "c"]);
    dialog.close_as_saved();
    assert_eq!(pasted(browser), secret);
}

/// A browser may ask its user first, who answers when the key is long closed.
#[test]
fn a_copy_that_is_refused_late_changes_nothing_of_the_key_that_is_on_show_by_then() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.before_every_page(LATE_REFUSAL);
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.create(NAME);
    scene.keep_secret(&dialog.reveal());
    dialog.copy();
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.button("Close without copying").click();
    dialog.until_closed();

    let dialog = page.open_creation();
    dialog.create("web");
    dialog.until_it_shows("web");
    browser.script("refuse()");
    settle(browser);
    dialog.concealed().wait();
    browser.see_no("something went wrong");
    scene.keep_secret(&dialog.reveal());
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.button("Keep open").click();
    dialog.close_as_saved();
    page.until_names_are(&["web", NAME]);
}

#[test]
fn a_second_submit_makes_no_second_key() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    let creation = Hold::here(browser, "PUT", "/keys/");
    dialog.name().fill(NAME);
    dialog.submit().double_click();
    creation.until_it_holds();
    browser.button("Creating…").click();
    dialog.name().press(key::ENTER);
    browser.press(key::ESCAPE);
    assert_eq!(creation.count(), 1);

    creation.let_go();
    dialog.until_it_shows(NAME);
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
    let tokens = scene.tokens();
    assert_eq!(scene.server.api().keys(&tokens.access).expect("the token works").len(), 1);
}

#[test]
fn a_name_that_cannot_be_is_said_at_the_field_and_makes_no_key() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.submit().click();
    browser.see("A name needs at least one character.");
    browser.until_focus_is_on("Name");
    dialog.name().fill(&"x".repeat(101));
    dialog.submit().click();
    browser.see("A name may have at most 100 characters.");
    assert_eq!(scene.server.requests("PUT /keys/"), 0);
    browser.press(key::ESCAPE);
    dialog.until_closed();
    browser.until_focus_is_on("Create key");
}

#[test]
fn a_secret_that_is_searched_for_does_not_get_into_the_address() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    page.search().fill(&secret);
    browser.see("No key matches");
    assert!(!browser.url().contains(&secret), "the history keeps addresses");
    // Whatever the address says, all keys are another page than what is searched for.
    browser.link("Occam Keys").click();
    page.until_names_are(&[NAME]);
    assert_eq!(page.search().value(), "");
}

#[test]
fn a_new_key_is_tried_for_real_which_counts_as_one_use_and_leaves_no_trace() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    browser.see("It counts as one use of the key.");
    assert_eq!(scene.server.requests("GET /auth/access-token"), 0, "never by itself");
    browser.button("Test this key").click();
    browser.see("The key works.");
    assert_eq!(scene.server.requests("GET /auth/access-token"), 1);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    let used = |name| {
        browser.script(&format!(
            "return [...document.querySelectorAll('[role=row]')].find(
            row => row.innerText.includes('{name}'))?.innerText ?? ''"
        ))
    };
    browser.until("the use to be in the table", || {
        used(NAME).as_str().is_some_and(|row| !row.contains("Never used"))
    });
}

#[test]
fn a_key_that_was_revoked_meanwhile_is_said_not_to_work() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    let access = scene.tokens().access;
    let keys = scene.server.api().keys(&access).expect("the token works");
    scene.server.api().delete(&access, &keys[0].uuid);
    scene.expect_in_console("status of 400");
    browser.button("Test this key").click();
    browser.see("The Key API does not take this key.");
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
}

#[test]
fn a_key_is_copied_in_the_chosen_form() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    browser.script(
        "const select = document.getElementById('snippet');
         select.selectedIndex = 1;
         select.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    browser.button("Reveal").click();
    let line = dialog.secret().text();
    let secret = line.strip_prefix("CI_BOT_KEY=").expect("it is an assignment").to_owned();
    scene.keep_secret(&secret);
    assert!(scene.server.api().exchange(&secret).is_ok(), "it is the whole key");
    dialog.close_as_saved();
    assert_eq!(pasted(browser), line);
}

/// What the clipboard holds, pasted as a user does.
fn pasted(browser: &Browser) -> String {
    let search = KeysPage::on(browser).search();
    search.click();
    browser.press_together(&[key::CONTROL, "v"]);
    let pasted = search.value();
    search.fill("");
    pasted
}

fn assert_is_nowhere(browser: &Browser, secret: &str) {
    assert_eq!(places_of(browser, secret), Vec::<String>::new());
}

/// Where in the page a secret stands.
fn places_of(browser: &Browser, secret: &str) -> Vec<String> {
    let places = browser.script(
        "const all = (storage) => JSON.stringify(Object.entries(storage));
         return {
            'document': document.documentElement.outerHTML,
            'fields': [...document.querySelectorAll('input')].map((input) => input.value).join(),
            'session storage': all(sessionStorage),
            'local storage': all(localStorage),
            'address': location.href,
            'title': document.title,
            'history': JSON.stringify(history.state),
            'window name': window.name,
            'cookie': document.cookie,
         }",
    );
    let places = places.as_object().cloned().unwrap_or_default();
    assert!(places["document"].as_str().is_some_and(|html| html.contains("</body>")));
    let holding = places
        .into_iter()
        .filter(|(_, text)| text.as_str().is_some_and(|text| text.contains(secret)));
    holding.map(|(place, _)| place).collect()
}
