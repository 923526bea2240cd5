//! The main job, from the first visit to the last.

use e2e::api::Status;
use e2e::browser::key;
use e2e::keys::KeysPage;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;
use e2e::usage::UsagePage;

const NAME: &str = "ci-bot";

#[test]
fn a_key_lives_from_its_creation_to_its_revocation() {
    let scene = Scene::open_in_whole_browser();
    signing_in_leads_to_an_empty_list(&scene);
    let secret = a_new_key_shows_its_secret_once(&scene);
    the_copied_secret_is_on_the_clipboard(&scene, &secret);
    let token = the_secret_works(&scene, &secret);
    its_use_is_counted_in_the_chart(&scene, &token);
    a_reload_keeps_the_user_signed_in(&scene);
    a_revoked_key_leaves_the_list(&scene);
    the_secret_is_refused(&scene, &secret, &token);
    signing_out_leaves_nothing_to_go_back_to(&scene);
}

fn signing_in_leads_to_an_empty_list(scene: &Scene) {
    scene.sign_in();
    let browser = scene.browser();
    browser.heading("No API keys yet").wait();
    browser.until_focus_is_on("API keys");
    assert_eq!(browser.title(), "API keys · Occam Keys");
}

fn a_new_key_shows_its_secret_once(scene: &Scene) -> String {
    let browser = scene.browser();
    let dialog = KeysPage::on(browser).open_creation();
    browser.until_focus_is_on("Name");
    dialog.create(NAME);
    browser.until_focus_is_on("Key, concealed");
    dialog.concealed().wait();
    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    KeysPage::on(browser).until_names_are(&[NAME]);
    browser.see_no(&secret);
    secret
}

fn the_copied_secret_is_on_the_clipboard(scene: &Scene, secret: &str) {
    let search = KeysPage::on(scene.browser()).search();
    search.click();
    scene.browser().press_together(&[key::CONTROL, "v"]);
    assert_eq!(search.value(), secret);
    search.fill("");
}

fn the_secret_works(scene: &Scene, secret: &str) -> String {
    let api = scene.server.api();
    let token = api.exchange(secret).expect("the API takes the secret");
    scene.keep_secret(&token);
    assert_eq!(api.keys(&token).expect("the API takes its token").len(), 1);
    token
}

fn its_use_is_counted_in_the_chart(scene: &Scene, token: &str) {
    let page = KeysPage::on(scene.browser()).open_usage(NAME);
    // One request was the exchange of the secret, the other one used the token.
    assert!(page.chart().contains("2 successful and 0 failed requests"), "{}", page.chart());
    scene.server.api().keys(token).expect("the API takes the token again");
    page.refresh_until_chart_says("3 successful and 0 failed requests");
    scene.server.api().delete_nothing(token);
    page.refresh_until_chart_says("3 successful and 1 failed requests");
}

fn a_reload_keeps_the_user_signed_in(scene: &Scene) {
    scene.browser().reload();
    UsagePage::on(scene.browser(), NAME).chart();
    scene.browser().link("← API keys").click();
    KeysPage::on(scene.browser()).until_names_are(&[NAME]);
}

fn a_revoked_key_leaves_the_list(scene: &Scene) {
    let browser = scene.browser();
    let dialog: RevokeDialog<'_> = KeysPage::on(browser).open_revocation(NAME);
    browser.until_focus_is_on("Cancel");
    dialog.typed_name().fill(NAME);
    dialog.confirm();
    dialog.until_closed();
    browser.see("Revoked “ci-bot”.");
    browser.heading("No API keys yet").wait();
}

fn the_secret_is_refused(scene: &Scene, secret: &str, token: &str) {
    let api = scene.server.api();
    assert_eq!(api.exchange(secret), Err(Status(400)));
    assert_eq!(api.keys(token), Err(Status(401)));
}

fn signing_out_leaves_nothing_to_go_back_to(scene: &Scene) {
    let browser = scene.browser();
    KeysPage::on(browser).sign_out();
    let page = SignInPage::on(browser);
    browser.see("You are signed out.");
    browser.back();
    page.email().wait();
    browser.see_no(NAME);
    assert_eq!(browser.script("return sessionStorage.length"), 0);
}
