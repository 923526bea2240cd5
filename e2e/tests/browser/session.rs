//! Who is signed in, for how long, and what is left afterwards.

use e2e::api::Status;
use e2e::hold::Hold;
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;

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
fn a_new_tab_is_not_signed_in() {
    let scene = Scene::open();
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
fn a_session_that_the_server_has_ended_leads_to_the_form_with_the_reason() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    scene.server.api().end_session(&scene.tokens().refresh);
    page.refresh();
    let form = SignInPage::on(browser);
    browser.see("Your session has ended. Sign in again to go on.");
    browser.see_no(NAME);
    assert_eq!(form.email().value(), scene.server.account().email);
    browser.until_focus_is_on("Password");
    assert_eq!(browser.script("return sessionStorage.length"), 0);
    scene.expect_in_console("status of 401");

    browser.write(&scene.server.account().password);
    form.submit().click();
    scene.signed_in().until_names_are(&[NAME]);
}

#[test]
fn a_session_that_ends_does_not_take_an_open_secret_with_it() {
    let scene = Scene::open();
    let browser = scene.browser();
    let dialog = scene.sign_in().open_creation();
    let list = Hold::here(browser, "GET", "/keys/");
    dialog.create(NAME);
    list.until_it_holds();
    scene.server.api().end_session(&scene.tokens().refresh);
    list.let_go();
    browser.until("the server to refuse the list", || scene.server.requests("GET /keys/ 401") > 0);
    scene.expect_in_console("status of 401");

    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    assert!(scene.server.api().exchange(&secret).is_ok());
    dialog.close_as_saved();
    SignInPage::on(browser);
    browser.see("Your session has ended. Sign in again to go on.");
    browser.see_no(&secret);
}
