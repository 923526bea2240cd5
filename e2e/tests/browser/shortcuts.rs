//! Everything can be done from the keyboard: by shortcuts, and from the palette.

use e2e::browser::{Browser, key};
use e2e::create_dialog::CreateDialog;
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;
use e2e::usage::UsagePage;

const PALETTE: &str = "Search commands and keys";
const ARROW_DOWN: &str = "\u{E015}";
const ARROW_UP: &str = "\u{E013}";

#[test]
fn the_palette_does_everything_by_keyboard_alone() {
    let scene = Scene::open();
    scene.sign_in_and_create("ci-bot");
    let browser = scene.browser();
    browser.until_focus_is_on("Create key");

    open_palette(browser);
    assert_eq!(selected(browser), "Search keys");
    browser.press(ARROW_DOWN);
    assert_eq!(selected(browser), "Create key");
    browser.press(ARROW_UP);
    browser.press(ARROW_UP);
    assert_eq!(selected(browser), "Sign out", "the list has no end");
    browser.press(key::ESCAPE);
    browser.until_focus_is_on("Create key");

    open_palette(browser);
    browser.write("KEY cre");
    browser.until("one command to be left", || options(browser) == ["Create key"]);
    browser.press(key::ENTER);
    CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    browser.press(key::ESCAPE);
    browser.until_focus_is_on("Create key");

    open_palette(browser);
    browser.write("ci-b");
    browser.until("the key to be found", || options(browser) == ["Go to “ci-bot”"]);
    browser.press(key::ENTER);
    UsagePage::on(browser, "ci-bot");
    browser.until_focus_is_on("ci-bot");

    open_palette(browser);
    browser.write("nothing of this name");
    browser.see("No command and no key matches.");
    browser.press(key::ENTER);
    browser.until_focus_is_on(PALETTE);
    browser.press(key::ESCAPE);

    open_palette(browser);
    browser.write("dark");
    browser.press(key::ENTER);
    browser.until("the dark theme", || {
        browser.script("return getComputedStyle(document.documentElement).colorScheme") == "dark"
    });
    open_palette(browser);
    browser.write("sign out");
    browser.press(key::ENTER);
    SignInPage::on(browser);
}

#[test]
fn a_single_key_does_what_the_sheet_says() {
    let scene = Scene::open();
    scene.sign_in_and_create("ci-bot");
    let browser = scene.browser();

    browser.press("?");
    browser.heading("Keyboard shortcuts").wait();
    browser.see("Create key");
    browser.press("c");
    browser.until_focus_is_on("Close");
    browser.press(key::ENTER);
    browser.heading("Keyboard shortcuts").wait_gone();

    browser.press("c");
    CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    browser.write("c?/");
    assert_eq!(browser.field("Name").value(), "c?/", "who types does not command");
    browser.press(key::ESCAPE);
    browser.until_focus_is_on("Create key");

    KeysPage::on(browser).open_usage("ci-bot");
    browser.until_focus_is_on("ci-bot");
    browser.press("/");
    KeysPage::on(browser);
    browser.until("the focus to be in the search", || is_in_search(browser));
    browser.write("c");
    assert_eq!(KeysPage::on(browser).search().value(), "c");

    KeysPage::on(browser).open_usage("ci-bot");
    browser.until_focus_is_on("ci-bot");
    browser.press("g");
    browser.press("k");
    browser.until_focus_is_on("API keys");
}

#[test]
fn single_keys_can_be_switched_off_for_good() {
    let scene = Scene::open();
    scene.sign_in();
    let browser = scene.browser();
    browser.press("?");
    browser.css("[data-preference=switched-off] input").click();
    browser.button("Close").click();
    browser.reload();
    KeysPage::on(browser);
    browser.until_focus_is_on("API keys");
    for key in ["?", "c", "/"] {
        browser.press(key);
    }
    // The palette, which takes more than one key, opens after all of them have been ignored.
    open_palette(browser);
    browser.write("keyboard");
    browser.press(key::ENTER);
    browser.heading("Keyboard shortcuts").wait();
    assert!(!browser.css("[data-preference=switched-off] input").is_chosen());
    browser.css("[data-preference=switched-off] input").click();
    browser.press(key::ESCAPE);
    browser.heading("Keyboard shortcuts").wait_gone();
    browser.press("c");
    CreateDialog::on(browser);
}

fn open_palette(browser: &Browser) {
    browser.press_together(&[key::CONTROL, "k"]);
    browser.until_focus_is_on(PALETTE);
}

/// What the arrows have chosen, by the words of assistive technology.
fn selected(browser: &Browser) -> String {
    let label = browser.script(
        "const id = document.activeElement.getAttribute('aria-activedescendant');
         const option = document.getElementById(id);
         return option.ariaSelected === 'true' ? option.firstElementChild.textContent : ''",
    );
    label.as_str().unwrap_or_default().to_owned()
}

fn options(browser: &Browser) -> Vec<String> {
    let labels = browser.script(
        "return [...document.querySelectorAll('[role=option]')]
            .map((it) => it.firstElementChild.textContent)",
    );
    let labels = labels.as_array().cloned().unwrap_or_default();
    labels.iter().filter_map(|label| label.as_str().map(str::to_owned)).collect()
}

fn is_in_search(browser: &Browser) -> bool {
    browser.script("return document.activeElement.type === 'search'") == true
}
