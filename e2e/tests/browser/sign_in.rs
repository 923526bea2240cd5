//! Signing in.

use e2e::browser::key;
use e2e::hold::Hold;
use e2e::scene::Scene;
use e2e::server::Account;
use e2e::sign_in::SignInPage;
use e2e::sweep::Kind;
use serde_json::json;

#[test]
fn a_wrong_password_is_said_at_the_form_and_only_it_has_to_be_typed_again() {
    let scene = Scene::open();
    let right = scene.server.account().clone();
    let wrong = Account { password: "hunter2-but-wrong".to_owned(), ..right.clone() };
    scene.keep(Kind::Password, &wrong.password);

    let page = scene.open_site();
    page.sign_in(&wrong);
    assert_eq!(page.complaint(), "The email or the password is wrong.");
    assert_eq!(page.email().value(), right.email);
    assert_eq!(page.password().value(), "");
    scene.browser().until_focus_is_on("Password");
    scene.expect_in_console("status of 400");

    scene.browser().write(&right.password);
    page.submit().click();
    scene.signed_in();
}

#[test]
fn without_scripts_the_page_says_what_it_needs_and_takes_no_password() {
    let scene = Scene::open();
    let browser = scene.browser();
    let set_scripts = |allowed: bool| {
        let value = json!({ "value": !allowed });
        browser.devtools("Emulation.setScriptExecutionDisabled", value);
    };
    set_scripts(false);
    browser.goto(&scene.origin());
    browser.see("needs JavaScript and WebAssembly");
    // What a driver says of what is displayed takes scripts of the page.
    for field in ["username", "password"] {
        let shown = format!("return document.getElementById('{field}').checkVisibility()");
        assert_eq!(browser.script(&shown), false, "{field} can be typed into");
    }

    set_scripts(true);
    scene.open_site();
}

#[test]
fn a_form_that_was_submitted_before_the_app_was_there_signs_in_when_it_is() {
    let scene = Scene::open();
    let wasm = Hold::from_the_next_page_on(scene.browser(), "GET", ".wasm");
    let page = scene.open_site();
    wasm.until_it_holds();
    page.sign_in(scene.server.account());
    scene.browser().button("Signing in…").wait();
    assert_eq!(scene.server.requests("POST /auth/access-token"), 0, "nobody can send it yet");

    wasm.let_go();
    scene.signed_in();
    assert_eq!(scene.server.requests("POST /auth/access-token"), 1);
}

#[test]
fn a_second_submit_while_signing_in_sends_nothing() {
    let scene = Scene::open();
    let page = scene.open_site();
    scene.browser().until("the app to take over the form", || {
        scene.browser().css("form[data-adopted]").is_there()
    });
    let sign_in = Hold::here(scene.browser(), "POST", "/auth/access-token");
    page.email().fill(&scene.server.account().email);
    page.password().fill(&scene.server.account().password);
    page.submit().double_click();
    scene.browser().button("Signing in…").click();
    page.password().press(key::ENTER);
    assert_eq!(sign_in.count(), 1);

    sign_in.let_go();
    scene.signed_in();
    assert_eq!(scene.server.requests("POST /auth/access-token"), 1);
}

#[test]
fn an_address_of_a_key_waits_behind_the_sign_in_form() {
    let scene = Scene::open();
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    let created = api.create(&token, "ci-bot");
    for secret in [&token, &created.api_key] {
        scene.keep_secret(secret);
    }
    scene.browser().goto(&format!("{}/#/keys/{}", scene.server.origin(), created.uuid));
    let page = SignInPage::on(scene.browser());
    scene.browser().see_no("ci-bot");
    page.sign_in(scene.server.account());
    scene.browser().heading("ci-bot").wait();
    scene.browser().see(&created.uuid);
    scene.tokens();
}
