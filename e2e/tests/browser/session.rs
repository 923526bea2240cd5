//! Who is signed in, for how long, and what is left afterwards.

use e2e::api::Status;
use e2e::create_dialog::CreateDialog;
use e2e::hold::Hold;
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;
use e2e::sweep::Kind;

const NAME: &str = "ci-bot";
/// Counts the frames that are drawn, and those in which the sign-in form can be seen.
const COUNT_FRAMES: &str = "
    window.frames = 0;
    window.framesWithForm = 0;
    const look = () => {
        window.frames += 1;
        if (document.getElementById('sign-in')?.checkVisibility()) window.framesWithForm += 1;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);";

#[test]
fn a_reload_keeps_the_session_and_never_shows_the_sign_in_form() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    let before = scene.tokens();
    browser.before_every_page(COUNT_FRAMES);
    let wasm = Hold::from_the_next_page_on(browser, "GET", ".wasm");
    let count = |what: &str| browser.script(&format!("return window.{what}")).as_u64();
    browser.reload();
    wasm.until_it_holds();
    browser.until("some frames without the app", || count("frames") > Some(3));
    wasm.let_go();
    page.until_names_are(&[NAME]);
    assert_eq!(count("framesWithForm"), Some(0));
    assert_eq!(scene.tokens().access, before.access);

    KeysPage::on(browser).sign_out();
    browser.until("the form to be counted", || count("framesWithForm") > Some(0));
}

#[test]
fn after_a_reload_the_keys_are_asked_for_before_the_app_is_there_and_once() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    let asked = scene.server.requests("GET /keys/");
    let wasm = Hold::from_the_next_page_on(browser, "GET", ".wasm");
    browser.reload();
    wasm.until_it_holds();
    browser.until("the keys to be asked for", || scene.server.requests("GET /keys/") > asked);
    wasm.let_go();
    page.until_names_are(&[NAME]);
    assert_eq!(scene.server.requests("GET /keys/"), asked + 1);
    assert_eq!(browser.script("return typeof window.occamKeysListing"), "undefined");
}

#[test]
fn keys_that_were_asked_for_with_another_token_are_shown_to_nobody() {
    let scene = Scene::open();
    let browser = scene.browser();
    scene.sign_in_and_create(NAME);
    let bob = scene.server.add_account("bob@example.com", "a-password-of-his-own");
    scene.keep(Kind::Password, &bob.password);
    let token = scene.server.api().sign_in(&bob);
    let asked = scene.server.requests("GET /keys/");
    let wasm = Hold::from_the_next_page_on(browser, "GET", ".wasm");
    browser.reload();
    wasm.until_it_holds();
    browser.until("the keys to be asked for", || scene.server.requests("GET /keys/") > asked);
    browser.script(&format!(
        "const session = JSON.parse(sessionStorage.getItem('occam-keys.session'));
        session.access_token = '{token}';
        sessionStorage.setItem('occam-keys.session', JSON.stringify(session));"
    ));
    wasm.let_go();
    browser.heading("No API keys yet").wait();
    browser.see_no(NAME);
    assert_eq!(scene.server.requests("GET /keys/"), asked + 2);
    scene.tokens();
}

#[test]
fn a_new_tab_is_not_signed_in() {
    let scene = Scene::open_in_whole_browser();
    scene.sign_in_and_create(NAME);
    scene.browser().open_tab();
    scene.open_site();
    scene.browser().see_no(NAME);
}

#[test]
fn signing_out_ends_the_session_here_and_at_the_server() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    let tokens = scene.tokens();
    let api = scene.server.api();
    assert!(api.keys(&tokens.access).is_ok());

    // The same site once more, so that Back leads to a page with the list on it.
    browser.goto(&format!("{}/?again", scene.server.origin()));
    KeysPage::on(browser).until_names_are(&[NAME]);
    page.sign_out();
    browser.see("You are signed out.");
    assert_eq!(browser.script("return sessionStorage.length + localStorage.length"), 0);
    browser
        .until("the server to refuse the token", || api.keys(&tokens.access) == Err(Status(401)));

    browser.back();
    SignInPage::on(browser);
    browser.see_no(NAME);
    assert_eq!(browser.script("return sessionStorage.length"), 0);
}

#[test]
fn a_session_that_the_server_has_ended_is_asked_for_over_the_page_and_goes_on_there() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    scene.create("billing");
    page.search().fill("ci-");
    scene.server.api().end_session(&scene.tokens().refresh);
    page.refresh();
    let form = SignInPage::on(browser);
    browser.see("Your session has ended. Sign in again to go on.");
    assert_eq!(form.email().value(), scene.server.account().email);
    browser.until_focus_is_on("Password");
    assert_eq!(browser.script("return sessionStorage.length"), 0);
    assert_eq!(page.names(), [NAME], "the page stays as it was");
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");

    let lists = scene.server.requests("GET /keys/ 200");
    browser.write(&scene.server.account().password);
    form.submit().click();
    browser.css("dialog[open]").wait_gone();
    browser.until("the refused list to be asked for again", || {
        scene.server.requests("GET /keys/ 200") > lists
    });
    scene.signed_in().until_names_are(&[NAME]);
    assert_eq!(page.search().value(), "ci-");
}

#[test]
fn who_signs_in_over_the_page_of_somebody_else_finds_nothing_of_it() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    page.search().fill("ci-");
    let stranger = scene.server.add_account("bob@example.com", "a-password-of-his-own");
    scene.keep(Kind::Password, &stranger.password);
    scene.server.api().end_session(&scene.tokens().refresh);
    page.refresh();
    browser.see("Your session has ended. Sign in again to go on.");
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");

    SignInPage::on(browser).sign_in(&stranger);
    browser.heading("No API keys yet").wait();
    browser.see(&stranger.email);
    browser.see_no(NAME);
    assert!(!browser.css("input[type=search]").is_there(), "there is nothing to be searched");
    assert!(!browser.url().contains("ci-"), "{}", browser.url());
    assert!(!browser.script("return JSON.stringify(sessionStorage)").to_string().contains(NAME));
    scene.tokens();
}

/// The session ends while the secret of a new key is on show.
fn lose_session(scene: &Scene) -> CreateDialog<'_> {
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    let list = Hold::here(browser, "GET", "/keys/");
    dialog.create(NAME);
    list.until_it_holds();
    scene.server.api().end_session(&scene.tokens().refresh);
    list.let_go();
    browser.see("Your session has ended. Sign in again to go on.");
    browser.see("The key you have just made is still open behind this.");
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");
    dialog
}

#[test]
fn a_secret_that_went_with_the_page_after_its_session_is_asked_about_at_the_next_sign_in() {
    let scene = Scene::open();
    lose_session(&scene);
    // As a browser does that has no room for the tab.
    scene.browser().reload_against_advice();
    SignInPage::on(scene.browser()).sign_in(scene.server.account());
    scene.browser().see("You created “ci-bot” and never confirmed saving its key. Replace it?");
    scene.tokens();
}

#[test]
fn what_went_with_the_page_after_its_session_is_told_to_nobody_else() {
    let scene = Scene::open();
    let browser = scene.browser();
    let stranger = scene.server.add_account("bob@example.com", "a-password-of-his-own");
    scene.keep(Kind::Password, &stranger.password);
    lose_session(&scene);
    browser.reload_against_advice();
    SignInPage::on(browser).sign_in(&stranger);
    browser.heading("No API keys yet").wait();
    browser.see_no(NAME);
    assert_eq!(browser.script("return sessionStorage.length"), 1, "the session alone");
    scene.tokens();
}

#[test]
fn a_session_that_ends_does_not_take_an_open_secret_with_it() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = lose_session(&scene);
    assert!(!browser.button("Sign out instead").is_there(), "one click would drop the key");

    browser.button("Back to the key").click();
    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    assert!(scene.server.api().exchange(&secret).is_ok());
    // Without the secret, nothing is left to wait for.
    browser.button("I have saved it").click();
    browser.see_no(&secret);
    browser.button("Sign out instead").wait();
    let form = SignInPage::on(browser);
    form.password().fill(&scene.server.account().password);
    form.submit().click();
    scene.signed_in().until_names_are(&[NAME]);
}

#[test]
fn a_session_that_ends_during_a_drill_is_asked_for_when_the_drill_needs_it_and_drops_nothing() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (_, leaked) = scene.sign_in_and_create(NAME);
    KeysPage::on(browser).begin_drill(&leaked);
    browser.button("Create the replacement").click();
    let dialog = CreateDialog::on(browser);
    let list = Hold::here(browser, "GET", "/keys/");
    dialog.submit().click();
    dialog.until_it_shows(&format!("{NAME}-2"));
    list.until_it_holds();
    scene.keep_secret(&dialog.reveal());
    browser.button("I have saved it").click();
    browser.see("Saved at ");
    scene.server.api().end_session(&scene.tokens().refresh);
    list.let_go();
    browser.see("What you have begun is still open behind this.");
    assert!(!browser.button("Sign out instead").is_there(), "one click would drop the drill");
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");

    browser.button("Back to it").click();
    browser.button("Download the note").click();
    browser.button("Revoke the leaked key").click();
    let form = SignInPage::on(browser);
    form.password().fill(&scene.server.account().password);
    form.submit().click();
    browser.see("Your session was no longer good, so nothing was revoked.");
    browser.button("Revoke the leaked key").click();
    browser.see("Revoked at ");
    assert!(scene.server.api().exchange(&leaked).is_err(), "it is dead");
    browser.button("Download the note").click();
    browser.button("Close").click();
    browser.css("dialog[open]").wait_gone();
}

#[test]
fn the_question_before_an_unsaved_secret_is_left_is_not_asked_of_who_signs_in_over_it() {
    let scene = Scene::open();
    let browser = scene.browser();
    lose_session(&scene);
    let stranger = scene.server.add_account("bob@example.com", "a-password-of-his-own");
    scene.keep(Kind::Password, &stranger.password);
    SignInPage::on(browser).sign_in(&stranger);
    browser.heading("No API keys yet").wait();
    scene.tokens();

    KeysPage::on(browser).sign_out();
    browser.see("You are signed out.");
}

#[test]
fn who_is_kept_from_leaving_at_a_sign_out_has_the_form_before_them() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    browser.script("addEventListener('beforeunload', (event) => event.preventDefault())");
    page.sign_out();
    browser.until("the browser to ask", || browser.asks());
    browser.decline();
    let form = SignInPage::on(browser);
    browser.see("You are signed out.");
    form.sign_in(scene.server.account());
    scene.signed_in().until_names_are(&[NAME]);
}

#[test]
fn a_half_filled_form_outlives_the_session_and_is_sent_after_it_goes_on() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.name().fill(NAME);
    scene.server.api().end_session(&scene.tokens().refresh);
    dialog.submit().click();
    browser.see("Your session has ended. Sign in again to go on.");
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");

    let form = SignInPage::on(browser);
    form.password().fill(&scene.server.account().password);
    form.submit().click();
    browser.see("so no key was made. Try again.");
    assert_eq!(dialog.name().value(), NAME);
    dialog.submit().click();
    dialog.until_it_shows(NAME);
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
    page.until_names_are(&[NAME]);
}

#[test]
fn signing_out_without_a_network_ends_the_session_here_and_says_what_it_could_not_do() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    let tokens = scene.tokens();
    browser.set_offline(true);
    browser.see("You are offline.");
    page.sign_out();
    browser.see("You are signed out in this browser. The Key API could not be told");
    browser.see_no(NAME);
    assert_eq!(browser.script("return sessionStorage.length"), 0);
    scene.expect_in_console("ERR_INTERNET_DISCONNECTED");

    browser.set_offline(false);
    SignInPage::on(browser).sign_in(scene.server.account());
    scene.signed_in().until_names_are(&[NAME]);
    assert_ne!(scene.tokens().refresh, tokens.refresh);
}
