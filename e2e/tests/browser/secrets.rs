//! Where a secret is, and where it is no more.

use e2e::browser::{Browser, key};
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;
use e2e::sweep::Kind;
use serde_json::json;

use crate::hostile::HANDS;

const NAME: &str = "ci-bot";
/// Makes keys, one after the other: their secrets, and how often each stood in the linear memory
/// while its dialog was open and once it was closed.
const CREATE_AND_CLOSE: &str = r##"
    return (async () => {
        const cycles = [];
        for (let number = 0; number < CYCLES; number += 1) {
            await press("Create key");
            const name = await until("the form", () => one("#key-name"));
            type(name, `key ${number}`);
            await press("Create");
            await press("Reveal");
            const secret = (await until("the secret", () => one("[data-testid=secret]"))).textContent;
            const whileOpen = __watch.inMemory(secret);
            await press("I have saved it");
            await closed();
            cycles.push([secret, whileOpen, __watch.inMemory(secret)]);
        }
        return cycles;
    })();"##;

#[test]
fn twenty_new_keys_leave_no_secret_in_the_linear_memory_once_their_dialog_is_closed() {
    const CYCLES: usize = 20;
    let scene = Scene::open();
    let browser = scene.browser();
    scene.sign_in();
    let cycles = browser.script(&format!("const CYCLES = {CYCLES};\n{HANDS}{CREATE_AND_CLOSE}"));
    let cycles: Vec<(String, usize, usize)> = serde_json::from_value(cycles).expect("cycles");
    assert_eq!(cycles.len(), CYCLES);
    for (secret, while_open, once_closed) in &cycles {
        assert!(secret.starts_with("occ_"), "{secret:?} is no secret");
        scene.keep_secret(secret);
        assert!(*while_open > 0, "while it is on show, it is in the memory");
        assert_eq!(*once_closed, 0, "it is left in the memory");
    }
    // None of them comes back, and the document has let go of them, too: the end of the scene
    // looks for all twenty everywhere.
    assert!(cycles.iter().all(|(secret, ..)| in_memory(browser, secret) == 0));
}

#[test]
fn neither_a_password_nor_the_tokens_of_a_session_that_has_ended_stay_in_the_linear_memory() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let password = &scene.server.account().password;
    browser.until("the password to leave the memory", || in_memory(browser, password) == 0);
    let tokens = scene.tokens();
    for token in [&tokens.access, &tokens.refresh] {
        assert!(in_memory(browser, token) > 0, "who is signed in needs them");
    }
    scene.server.api().end_session(&tokens.refresh);
    page.refresh();
    browser.see("Your session has ended. Sign in again to go on.");
    for token in [&tokens.access, &tokens.refresh] {
        browser.until("a token to leave the memory", || in_memory(browser, token) == 0);
    }
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");
}

#[test]
fn a_revealed_secret_is_concealed_while_another_tab_is_on_show() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    let tab = browser.tab();
    browser.open_tab();
    browser.go_to_tab(&tab);
    dialog.concealed().wait();
    browser.see_no(&secret);
    assert_eq!(dialog.reveal(), secret, "it is not lost");
    dialog.close_as_saved();
}

#[test]
fn neither_a_secret_nor_a_dialog_is_printed() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    scene.keep_secret(&dialog.reveal());
    let in_sight = |selector: &str| {
        let script = format!("return document.querySelector('{selector}').checkVisibility()");
        browser.script(&script) == true
    };
    assert!(in_sight(".dialog[open]") && in_sight("[data-testid=secret]"));
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert!(
        !in_sight(".dialog[open]") && !in_sight(".secret") && !in_sight("[data-testid=secret]")
    );
    // Each of the two rules is enough.
    let display = "return getComputedStyle(document.querySelector('.secret')).display";
    assert_eq!(browser.script(display), "none");
    assert!(in_sight("#app h1"), "the page itself can be printed");
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" }));
    dialog.close_as_saved();
}

#[test]
fn a_clipboard_that_was_cleared_does_not_hold_the_key() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    dialog.copy();
    browser.see("Clearing overwrites whatever the clipboard holds by then.");
    browser.button("Clear clipboard").click();
    browser.see("The clipboard was overwritten.");
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
    let search = KeysPage::on(browser).search();
    search.click();
    browser.press_together(&[key::CONTROL, "v"]);
    assert_eq!(search.value(), " ");
}

#[test]
fn no_field_that_a_browser_could_save_ever_holds_a_secret() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.copy();
    let holders = "return [...document.querySelectorAll('*')]
        .filter((it) => it.isContentEditable || 'value' in it && it.matches('input, textarea'))
        .filter((it) => `${it.value}${it.textContent}`.includes(arguments[0]) || it.closest('dialog'))
        .length";
    let script = holders.replace("arguments[0]", &json!(secret).to_string());
    assert_eq!(browser.script(&script), 0);
    let element = "const it = document.querySelector('[data-testid=secret]');
        return [it.localName, it.translate, it.isContentEditable]";
    assert_eq!(browser.script(element), json!(["code", false, false]));
    dialog.close_as_saved();
}

#[test]
fn a_page_that_comes_back_after_its_session_has_ended_shows_nothing_of_it() {
    const COME_BACK: &str =
        "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    browser.script("window.isTheOldPage = true");
    browser.script(COME_BACK);
    page.until_names_are(&[NAME]);
    assert_eq!(browser.script("return window.isTheOldPage"), true, "a good session stays");

    browser.script("sessionStorage.clear()");
    browser.script(COME_BACK);
    SignInPage::on(browser);
    browser.see_no(NAME);
    assert_eq!(browser.script("return window.isTheOldPage ?? null"), json!(null));
}

#[test]
fn a_panic_tells_its_place_only_and_leaves_a_page_that_nothing_can_wake() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    dialog.create(NAME);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    scene.keep(Kind::Echo, "tell-tale-payload");
    // Whatever the app draws next makes it panic, with the secret in the words of the panic.
    let fail = format!(
        "const fail = () => {{ throw new Error('tell-tale-payload {secret}') }};
         Document.prototype.createElement = fail;
         Node.prototype.cloneNode = fail;"
    );
    browser.script(&fail);
    browser.press(key::ESCAPE);
    browser.see("The page cannot go on.");
    browser.until_focus_is_on("Reload the page");
    let told = browser.script("return __watch.console.map((line) => line.text)");
    let told: Vec<String> = serde_json::from_value(told).expect("texts");
    let [place] = told.as_slice() else { panic!("it says {told:?}") };
    let place = place.strip_prefix("Stopped at ").and_then(|rest| rest.strip_suffix('.'));
    let (file, line) = place.and_then(|place| place.split_once(".rs:")).expect("a place");
    assert!(line.bytes().all(|byte| byte.is_ascii_digit()) && !file.starts_with('/'), "{told:?}");

    let errors = || browser.script("return __watch.events");
    let before = errors();
    let buttons = browser.script(
        "return [...document.querySelectorAll('#app button, #app a')].map((button) => {
            const { x, y, width, height } = button.getBoundingClientRect();
            return [Math.round(x + width / 2), Math.round(y + height / 2)];
         }).filter(([x, y]) => x > 0 && y > 0 && y < innerHeight)",
    );
    let points: Vec<(u32, u32)> = serde_json::from_value(buttons).expect("points");
    assert!(points.len() > 5, "{points:?}");
    for (x, y) in points {
        browser.click_at(x, y);
    }
    browser.press(key::ESCAPE);
    browser.script("location.hash = '#/keys/x'; window.dispatchEvent(new Event('offline'))");
    assert_eq!(errors(), before, "nothing is woken");
    // What the app could not finish is still in sight: nobody shows it again.
    browser.see(&secret);

    // The browser asks first, because the secret was not copied.
    browser.script("setTimeout(() => document.querySelector('#failure a').click())");
    browser.until("the browser to ask before the reload", || browser.asks());
    browser.accept();
    KeysPage::on(browser).until_names_are(&[NAME]);
    scene.expect_in_console("Stopped at ");
    scene.expect_in_console("unreachable");
}

/// How often a text stands in the linear memory of the app.
fn in_memory(browser: &Browser, text: &str) -> usize {
    let count = browser.script(&format!("return __watch.inMemory({})", json!(text)));
    usize::try_from(count.as_u64().expect("a number")).expect("a small one")
}
