//! Telling which key a text holds. Nothing of the text is shown, sent or kept: each test declares
//! what it pastes, and the end of its scene looks for it in the page, in every request, in the
//! server's log and database, and in the browser's profile.

use std::fs;

use e2e::browser::{Browser, key};
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use serde_json::json;

const NAME: &str = "ci-bot";

#[test]
fn a_pasted_key_is_found_in_the_table_and_neither_shown_nor_sent() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.create("web");
    browser.button("Identify a key").click();
    browser.until_focus_is_on("Paste here");
    browser.write("typed");
    browser.paste(&secret);
    browser.heading("This is likely “ci-bot”").wait();
    browser.until_focus_is_on("Show in the table");
    assert_eq!(browser.css("dialog[open]").name(), "This is likely “ci-bot”");
    browser.see_no(&secret);
    assert!(!browser.css("dialog[open]").text().contains("web"), "the other key does not match");
    assert_eq!(scene.server.requests("GET /auth/access-token"), 0, "nothing is asked by itself");
    browser.press(key::ENTER);
    browser.css("dialog[open]").wait_gone();
    browser.css("tr.highlighted").wait();
    assert!(browser.css("tr.highlighted").text().contains("Match"));
    page.until_names_are(&["web", NAME]);
}

#[test]
fn what_is_typed_or_pasted_never_stands_in_the_field() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (_, secret) = scene.sign_in_and_create(NAME);
    let stranger = secret.replace("occ_", "occ_0");
    scene.keep_secret(&stranger);
    browser.press("i");
    browser.until_focus_is_on("Paste here");
    browser.write("occ_typed");
    browser.paste(&stranger);
    browser.see("This looks like a key, but none of your keys matches it.");
    assert_eq!(browser.field("Paste here").value(), "");
    browser.paste("only words");
    browser.see("There is no key in this text.");
    assert_eq!(browser.field("Paste here").value(), "");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
}

#[test]
fn a_file_is_looked_through_for_all_keys() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (_, first) = scene.sign_in_and_create(NAME);
    let second = scene.create("web");
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("app.env");
    let text = format!("# keys\nexport A=\"{first}\"\nB={second}\nPATH=/usr/bin\n");
    fs::write(&file, text).expect("it can be written");
    browser.button("Identify a key").click();
    browser.css("#identify-file").press(&file.display().to_string());
    browser.heading("2 of your keys match").wait();
    browser.button("Close").click();
    browser.css("dialog[open]").wait_gone();
}

#[test]
fn a_file_that_is_dropped_beside_the_field_does_not_replace_the_page() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (_, secret) = scene.sign_in_and_create(NAME);
    browser.button("Identify a key").click();
    browser.until_focus_is_on("Paste here");
    browser.script(&format!(
        "const data = new DataTransfer();
         data.items.add(new File([{}], 'a.log', {{ type: 'text/plain' }}));
         const drop = new DragEvent('drop',
             {{ dataTransfer: data, bubbles: true, cancelable: true }});
         window.wasTaken = !document.body.dispatchEvent(drop);",
        json!(format!("key={secret}\n"))
    ));
    browser.heading("This is likely “ci-bot”").wait();
    assert_eq!(browser.script("return window.wasTaken"), true);
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
}

#[test]
fn a_key_that_was_found_is_tried_revoked_and_proved_dead_only_when_its_user_says_so() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    browser.button("Identify a key").click();
    browser.until_focus_is_on("Paste here");
    browser.paste(&secret);
    browser.button("Does it still work? (ci-bot)").click();
    browser.see("The Key API still takes this key.");
    assert_eq!(scene.server.requests("GET /auth/access-token 200"), 1);

    // The trial was a use, and the revocation is asked about as that of a key in use.
    browser.see_no("Never used");
    browser.button("Revoke ci-bot").click();
    let dialog = RevokeDialog::on(browser, NAME);
    browser.see("something may still depend on it");
    dialog.typed_name().fill(NAME);
    dialog.confirm();
    browser.until_focus_is_on("Prove it is dead");
    browser.see("Revoked at ");
    browser.press(key::ENTER);
    browser.see("The Key API rejected it at ");
    browser.see(" UTC");
    assert!(scene.server.api().exchange(&secret).is_err(), "the server says the same");
    assert_eq!(scene.server.requests("GET /auth/access-token 200"), 1);
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    page.until_names_are(&[]);
    scene.expect_in_console("status of 400");
}

#[test]
fn a_key_that_was_revoked_in_the_table_is_still_known_and_can_be_proved_dead() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    page.open_revocation(NAME).confirm();
    browser.see("Revoked “ci-bot”.");
    page.until_names_are(&[]);
    for (shortcut, title) in [("i", "This is likely “ci-bot”"), ("l", "“ci-bot” has leaked")]
    {
        browser.press(shortcut);
        browser.until_focus_is_on("Paste here");
        browser.paste(&secret);
        browser.heading(title).wait();
        browser.see("Revoked at ");
        browser.button("Prove it is dead").click();
        browser.see("The Key API rejected it at ");
        browser.button("Close").click();
        if browser.button("Close anyway").is_there() {
            browser.button("Close anyway").click();
        }
        browser.css("dialog[open]").wait_gone();
    }
    assert_eq!(scene.server.revocations(), 1, "nothing is revoked twice");
    scene.expect_in_console("status of 400");
}

#[test]
fn the_page_of_a_key_that_was_found_is_one_step_away() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    browser.button("Identify a key").click();
    browser.until_focus_is_on("Paste here");
    browser.paste(&secret);
    browser.button("Usage of ci-bot").click();
    browser.css("dialog[open]").wait_gone();
    browser.heading(NAME).wait();
    browser.back();
    page.until_names_are(&[NAME]);
}

/// Makes this key, and so many after it. Gives its secret.
fn make_before_others(scene: &Scene, others: usize) -> String {
    let token = scene.tokens().access;
    let make = |name: &str| {
        let secret = scene.server.api().create(&token, name).api_key;
        scene.keep_secret(&secret);
        secret
    };
    let secret = make(NAME);
    for number in 0..others {
        make(&format!("service {number}"));
    }
    secret
}

#[test]
fn who_looks_for_a_key_is_led_to_its_page_once() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let secret = make_before_others(&scene, 70);
    page.refresh();
    browser.see("71 keys");
    browser.button("View").click();
    browser.css("[name=layout][value=pages]").click();
    browser.press(key::ESCAPE);
    browser.see("Page 1 of 2");
    show_in_table(browser, &secret);
    browser.see("Page 2 of 2");
    // Neither a list that comes later nor a page that was left takes anybody back.
    browser.button("Previous page").click();
    browser.see("Page 1 of 2");
    scene.keep_secret(&scene.server.api().create(&scene.tokens().access, "newer").api_key);
    page.refresh();
    browser.see("72 keys");
    browser.see("Page 1 of 2");
    page.open_usage("newer");
    browser.back();
    browser.see("72 keys");
    browser.see("Page 1 of 2");
}

#[test]
fn who_looks_for_a_key_is_led_to_its_row_wherever_it_stands() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    // All of these are drawn, the ones out of sight a moment later.
    let secret = make_before_others(&scene, 45);
    page.refresh();
    browser.see("46 keys");
    show_in_table(browser, &secret);
    page.open_usage("service 44");
    show_in_table(browser, &secret);

    // Only those in sight are drawn, and at first one that is found by a search.
    let secret = make_before_others(&scene, 60);
    page.refresh();
    browser.see("107 keys");
    page.search().fill(NAME);
    browser.see("2 of 107 keys");
    browser.heading("API keys").click();
    show_in_table(browser, &secret);
    browser.see_no("2 of 107 keys");
}

/// Has the key of this secret shown in the table, and waits until it is in sight.
#[track_caller]
fn show_in_table(browser: &Browser, secret: &str) {
    browser.press("i");
    browser.until_focus_is_on("Paste here");
    browser.paste(secret);
    browser.until_focus_is_on("Show in the table");
    browser.press(key::ENTER);
    browser.until("the row to be in sight", || {
        browser.script(
            "const box = document.querySelector('tr.highlighted')?.getBoundingClientRect();
             return Boolean(box) && box.top >= 0 && box.bottom <= innerHeight;",
        ) == true
    });
}
