//! In the colours of the system (Windows' contrast themes), where backgrounds and shadows are
//! dropped, every control can still be seen, and so can the focus.

use e2e::browser::{Browser, key};
use e2e::scene::Scene;
use serde_json::json;

/// What cannot be told apart: a control without a border that differs from what is behind it (a
/// link may be told by its colour or a line, a tick box is drawn by the browser, and the brand is a
/// picture), a text in the colour of its background, a focus without an outline.
const LOOK: &str = "
    const within = document.querySelector('dialog[open]') ?? document.body;
    const seen = (it) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const alpha = (colour) => colour.startsWith('rgba') ? Number(colour.split(/[,/)]/).at(-2)) : 1;
    const behind = (it) => {
        for (; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (alpha(colour) > 0) return colour;
        }
        return 'rgb(0, 0, 0)' === getComputedStyle(document.body).color
            ? 'rgb(255, 255, 255)' : 'rgb(0, 0, 0)';
    };
    const faults = [];
    const called = (it) => `${it.localName}.${it.className} ${it.ariaLabel ?? it.innerText}`;
    for (const it of within.querySelectorAll('button, select, input, textarea, a[href], summary,'
            + ' [role=button], [role=textbox], [role=meter]')) {
        if (!seen(it)) continue;
        const style = getComputedStyle(it);
        const sides = ['Top', 'Bottom', 'Left', 'Right'].map((side) => [
            style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) >= 1,
            style[`border${side}Color`]]);
        const around = behind(it.parentElement);
        const isFramed = sides.some(([is, colour]) => is && alpha(colour) > 0 && colour !== around);
        const isLink = style.textDecorationLine.includes('underline')
            || it.localName === 'a' && style.color !== getComputedStyle(document.body).color
            || it.matches('summary, .sort, .when, .brand');
        const isDrawn = ['checkbox', 'radio'].includes(it.type) && style.appearance !== 'none';
        const isReplaced = ['checkbox', 'radio'].includes(it.type) && it.nextElementSibling;
        if (!isFramed && !isLink && !isDrawn && !isReplaced && !it.matches('[role=meter]'))
            faults.push(`no edge: ${called(it)}`);
        if (it.innerText && style.color === behind(it)) faults.push(`no text: ${called(it)}`);
    }
    for (const it of within.querySelectorAll('p, h1, h2, dt, dd, th, td, label, text')) {
        const text = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const style = getComputedStyle(it);
        const colour = it.localName === 'text' ? style.fill : style.color;
        if (text && seen(it) && colour === behind(it)) faults.push(`no text: ${called(it)}`);
    }
    const focused = document.activeElement;
    if (focused && focused !== document.body && focused.matches(':focus-visible')) {
        // What stands for a hidden radio button wears its outline.
        const style = [focused, focused.nextElementSibling, focused.parentElement]
            .filter(Boolean).map((it) => getComputedStyle(it));
        if (!style.some((it) => it.outlineStyle !== 'none' && parseFloat(it.outlineWidth) >= 1))
            faults.push(`no focus: ${called(focused)}`);
    }
    return faults;";

#[test]
fn every_control_and_the_focus_can_be_seen_in_the_colours_of_the_system() {
    let scene = Scene::open();
    let browser = scene.browser();
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    browser.devtools("Emulation.setEmulatedMedia", forced);
    let form = scene.open_site();
    assert_eq!(browser.script("return matchMedia('(forced-colors: active)').matches"), true);
    looks_right(browser, "the sign-in form");
    form.sign_in(scene.server.account());
    let page = scene.signed_in();
    looks_right(browser, "the first use");

    let dialog = page.open_creation();
    looks_right(browser, "the form");
    dialog.create("ci-bot");
    looks_right(browser, "the concealed secret");
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    looks_right(browser, "the question before leaving");
    browser.button("Keep open").click();
    scene.keep_secret(&dialog.reveal());
    looks_right(browser, "the revealed secret");
    dialog.close_as_saved();
    page.until_names_are(&["ci-bot"]);
    // Through every control of the page, and what the focus looks like there.
    for _ in 0..24 {
        browser.press(key::TAB);
        looks_right(browser, "the list");
    }
    scene.create("billing");
    browser.css("input[data-action=choose-all]").click();
    browser.see("2 keys selected");
    looks_right(browser, "the list with chosen keys");
    the_chosen_row_differs(browser);
    browser.button("View").click();
    looks_right(browser, "the menu of looks");
    browser.press(key::ESCAPE);
    browser.button("Revoke selected…").click();
    browser.heading("Revoke 2 keys?").wait();
    looks_right(browser, "the question before revoking many");
    browser.button("Cancel").click();

    browser.press_together(&[key::CONTROL, "k"]);
    browser.until_focus_is_on("Search commands and keys");
    looks_right(browser, "the palette");
    browser.press(key::ESCAPE);
    page.open_revocation("ci-bot");
    looks_right(browser, "the question before revoking");
    browser.button("Cancel").click();
    page.open_usage("ci-bot").chart();
    looks_right(browser, "the usage");
}

#[track_caller]
fn looks_right(browser: &Browser, what: &str) {
    assert_eq!(browser.script(LOOK), json!([]), "{what}");
}

/// A tick tells a chosen row, whatever becomes of its background.
#[track_caller]
fn the_chosen_row_differs(browser: &Browser) {
    let tick = browser.script(
        "const it = document.querySelector('input[data-action=choose]');
         const { width, height } = it.getBoundingClientRect();
         return it.checked && width > 8 && height > 8
            && getComputedStyle(it).appearance !== 'none'",
    );
    assert_eq!(tick, true);
}
