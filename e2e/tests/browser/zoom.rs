//! At 400 % (WCAG 2.2, 1.4.10): a window of 1280 by 1024 pixels is 320 wide and 256 high then.

use e2e::browser::{Browser, key};
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use serde_json::json;

/// What is wrong on the page: it scrolls sideways, or a text is cut off.
const LOOK: &str = "
    const page = document.scrollingElement;
    const within = document.querySelector('dialog[open]') ?? document.body;
    const faults = [];
    if (page.scrollWidth > page.clientWidth) faults.push(`the page is ${page.scrollWidth} wide`);
    if (within.scrollWidth > within.clientWidth) faults.push(`it is ${within.scrollWidth} wide`);
    for (const it of within.querySelectorAll('*')) {
        if (!it.checkVisibility() || !['p', 'span', 'button', 'a', 'h1', 'h2', 'label', 'th', 'td',
            'dt', 'dd', 'code', 'bdi', 'time', 'li'].includes(it.localName)) continue;
        const { left, right, width } = it.getBoundingClientRect();
        // What is for screen readers alone is a pixel large.
        if (width <= 1 || !it.innerText.trim()) continue;
        const called = `${it.localName}.${it.className} ${it.innerText}`;
        if (left < -1 || right > innerWidth + 1) faults.push(`${called} is ${left} to ${right}`);
        const style = getComputedStyle(it);
        const cuts = (axis) => ['hidden', 'clip'].includes(style[`overflow${axis}`]);
        if (cuts('X') && it.scrollWidth > it.clientWidth + 1) faults.push(`${called} is cut off`);
        if (cuts('Y') && it.scrollHeight > it.clientHeight + 1) faults.push(`${called} is cut off`);
    }
    return faults;";

/// Whether what has the focus can be seen: WCAG 2.2, 2.4.11. A dialog that is open is in front.
const FOCUS: &str = "
    const it = document.activeElement;
    if (it === document.body) return '';
    const { left, right, top, bottom } = it.getBoundingClientRect();
    const xs = [left + 3, (left + right) / 2, right - 3];
    const ys = [top + 3, (top + bottom) / 2, bottom - 3];
    const isHit = xs.some((x) => ys.some((y) => {
        const hit = document.elementFromPoint(x, y);
        return hit && (it.contains(hit) || hit.contains(it) && hit !== document.body
            && hit.localName !== 'html' && hit.closest('label, .theme') !== null);
    }));
    return isHit ? '' : `${it.localName}.${it.className} ${it.ariaLabel ?? it.innerText}`;";

#[test]
fn at_four_times_the_size_a_key_can_be_created_copied_and_revoked() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.resize(320, 256);
    let form = scene.open_site();
    fits(browser, "the sign-in form");
    form.sign_in(scene.server.account());
    let page = scene.signed_in();
    fits(browser, "the page without keys");

    let dialog = page.open_creation();
    fits(browser, "the form");
    dialog.create("a name that is longer than the window is wide");
    fits(browser, "the concealed secret");
    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    scene.keep_secret(&dialog.reveal());
    fits(browser, "the revealed secret");
    dialog.close_as_saved();
    scene.create("ci-bot");
    page.until_names_are(&["ci-bot", "a name that is longer than the window is wide"]);
    fits(browser, "the list");

    browser.script("document.querySelector('#app h1').focus()");
    for _ in 0..30 {
        browser.press(key::TAB);
        browser.until("what has the focus to be seen", || browser.script(FOCUS) == "");
    }

    page.search().fill("ci");
    page.until_names_are(&["ci-bot"]);
    page.filter("used", "never");
    fits(browser, "the list with a search and a filter");
    browser.button("View").click();
    fits(browser, "the menu of looks");
    browser.press(key::ESCAPE);
    browser.css("input[data-action=choose]").click();
    browser.see("1 key selected");
    fits(browser, "the list with a chosen key");
    browser.button("Clear selection").click();

    page.open_usage("ci-bot").chart();
    fits(browser, "the usage");
    browser.link("← API keys").click();
    let dialog = KeysPage::on(browser).open_revocation("ci-bot");
    fits(browser, "the question before revoking");
    dialog.confirm();
    browser.see("Revoked “ci-bot”.");
    page.sign_out();
    browser.see("You are signed out.");
}

#[track_caller]
fn fits(browser: &Browser, what: &str) {
    assert_eq!(browser.script(LOOK), json!([]), "{what}");
}
