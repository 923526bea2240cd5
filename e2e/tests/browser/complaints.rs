//! What users of other pages for API keys complain of, numbered as in the feature research, and
//! that it does not happen here. Most of it is tried in depth elsewhere; here each complaint is
//! met once, by its name.

use e2e::api::Status;
use e2e::browser::{Browser, key};
use e2e::keys::KeysPage;
use e2e::proxy::operation::Operation;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use e2e::server::Server;
use e2e::sign_in::SignInPage;
use e2e::usage::UsagePage;
use serde_json::{Value, json};

/// A page that is not a secure context has no clipboard API.
const NO_CLIPBOARD_API: &str =
    "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })";
/// Notes which live regions say something, from now on.
const LISTEN: &str = "
    window.heard = [];
    new MutationObserver((changes) => changes.forEach(({ target }) => {
        const region = (target.nodeType === 1 ? target : target.parentElement)
            ?.closest('[role=status], [role=alert]');
        if (region?.innerText) window.heard.push(region.innerText);
    })).observe(document.body, { subtree: true, childList: true, characterData: true });";

#[test]
fn complaints_about_new_keys() {
    let scene = Scene::open();
    scene.browser().before_every_page(NO_CLIPBOARD_API);
    scene.sign_in();
    complaint_12_a_double_click_makes_two_keys(&scene);
    complaint_01_the_key_is_lost_because_the_dialog_closes(&scene);
    complaint_16_what_was_copied_is_not_announced_and_the_focus_is_lost(&scene);
    complaint_02_the_copy_button_does_nothing_over_plain_http(&scene);
    complaint_05_nobody_can_tell_which_key_is_which(&scene);
}

fn complaint_12_a_double_click_makes_two_keys(scene: &Scene) {
    let browser = scene.browser();
    let dialog = KeysPage::on(browser).open_creation();
    dialog.name().fill("by double click");
    dialog.submit().double_click();
    dialog.until_it_shows("by double click");
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();

    let dialog = KeysPage::on(browser).open_creation();
    dialog.name().fill("by Enter");
    browser.press(key::ENTER);
    browser.press(key::ENTER);
    dialog.until_it_shows("by Enter");
    scene.keep_secret(&dialog.reveal());
    browser.button("I have saved it").click();
    KeysPage::on(browser).until_names_are(&["by Enter", "by double click"]);
    assert_eq!(scene.server.requests("PUT /keys/"), 2, "one request for each");
}

fn complaint_01_the_key_is_lost_because_the_dialog_closes(scene: &Scene) {
    let browser = scene.browser();
    // So that Back leads somewhere.
    KeysPage::on(browser).open_usage("by Enter");
    browser.link("← API keys").click();
    let dialog = KeysPage::on(browser).open_creation();
    dialog.create("ci-bot");
    let losses: [fn(&Browser); 3] =
        [|it| it.click_at(3, 3), |it| it.press(key::ESCAPE), Browser::back];
    for lose in losses {
        lose(browser);
        dialog.concealed().wait();
        if browser.button("Keep open").is_there() {
            browser.button("Keep open").click();
            browser.see_no("Close anyway?");
        }
    }
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    let token = scene.server.api().exchange(&secret).expect("it is still the whole key");
    scene.keep_secret(&token);
    dialog.close_as_saved();
    // Back led to the page before, below the dialog.
    browser.link("← API keys").click();
    KeysPage::on(browser).until_names_are(&["ci-bot", "by Enter", "by double click"]);
}

fn complaint_16_what_was_copied_is_not_announced_and_the_focus_is_lost(scene: &Scene) {
    let browser = scene.browser();
    let dialog = KeysPage::on(browser).open_creation();
    browser.until_focus_is_on("Name");
    dialog.create("announced");
    browser.until_focus_is_on("Key, concealed");
    assert_eq!(browser.css("dialog[open]").role(), "alertdialog");
    browser.script(LISTEN);
    browser.button("Copy").click();
    let heard = || browser.script("return window.heard.join()").to_string();
    browser.until("the copy to be announced", || heard().contains("Copied to the clipboard."));
    browser.until_focus_is_on("Copy");
    browser.button("I have saved it").click();
    browser.until_focus_is_on("Create key");
}

fn complaint_02_the_copy_button_does_nothing_over_plain_http(scene: &Scene) {
    let browser = scene.browser();
    assert_eq!(browser.script("return typeof navigator.clipboard"), "undefined");
    let dialog = KeysPage::on(browser).open_creation();
    dialog.create("over plain HTTP");
    dialog.copy();
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    let search = KeysPage::on(browser).search();
    search.click();
    browser.press_together(&[key::CONTROL, "v"]);
    assert_eq!(search.value(), secret);
    search.fill("");
}

fn complaint_05_nobody_can_tell_which_key_is_which(scene: &Scene) {
    let browser = scene.browser();
    let dialog = KeysPage::on(browser).open_creation();
    dialog.create("told apart");
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    let mask = cell(browser, "told apart", ".col-key");
    let (start, end) = mask.split_once('…').expect("a mask has a beginning and an end");
    assert!(start.len() >= 6 && end.len() >= 4, "{mask} tells too little");
    assert!(secret.starts_with(start) && secret.ends_with(end), "{mask} is of another key");
    KeysPage::on(browser).search().fill(end);
    KeysPage::on(browser).until_names_are(&["told apart"]);
}

#[test]
fn complaints_about_long_lists() {
    let scene = Scene::open();
    scene.sign_in();
    for name in ["ci-10", "ci-2", "billing", "mail"] {
        let secret = scene.create(name);
        if name.starts_with("ci-") {
            let token = scene.server.api().exchange(&secret).expect("the API takes the key");
            scene.keep_secret(&token);
        }
    }
    // A key that was just made comes first, whatever the order, until the page is opened again.
    scene.browser().reload();
    complaint_03_nobody_can_see_when_a_key_was_last_used(&scene);
    complaint_04_long_lists_cannot_be_searched_filtered_and_sorted(&scene);
    complaint_18_filters_are_lost_on_reload_and_a_key_cannot_be_linked_to(&scene);
    complaint_17_it_cannot_be_used_on_a_phone(&scene);
}

fn complaint_03_nobody_can_see_when_a_key_was_last_used(scene: &Scene) {
    let browser = scene.browser();
    browser.until("the use to be in the table", || {
        cell(browser, "ci-2", ".col-last-used time") == "just now"
    });
    assert_eq!(cell(browser, "mail", ".col-last-used"), "Never used");
    browser.script(&format!("{ROW}('ci-2').querySelector('.col-last-used .when').focus()"));
    browser.css(".col-last-used .when-exact").wait();
    assert!(cell(browser, "ci-2", ".col-last-used .when-exact").contains("UTC"));
}

fn complaint_04_long_lists_cannot_be_searched_filtered_and_sorted(scene: &Scene) {
    let browser = scene.browser();
    let page = KeysPage::on(browser);
    browser.css(".col-name .sort").click();
    page.until_names_are(&["billing", "ci-2", "ci-10", "mail"]);
    browser.css("th.col-name[aria-sort=ascending]").wait();
    browser.css(".col-name .sort").click();
    page.until_names_are(&["mail", "ci-10", "ci-2", "billing"]);
    browser.css("th.col-name[aria-sort=descending]").wait();
    browser.css("select[name=used] option[value=never]").click();
    page.until_names_are(&["mail", "billing"]);
    assert_eq!(browser.css(".count").text(), "2 of 4 keys, 2 hidden by filters");
    page.search().fill("MAI");
    page.until_names_are(&["mail"]);
    assert_eq!(browser.css(".count").text(), "1 of 4 keys, 3 hidden by search and filters");
}

/// Goes on with the search and the filter of the complaint before.
fn complaint_18_filters_are_lost_on_reload_and_a_key_cannot_be_linked_to(scene: &Scene) {
    let browser = scene.browser();
    let page = KeysPage::on(browser);
    let address = browser.url();
    assert!(address.ends_with("#/keys?q=MAI&sort=-name&used=never"), "{address}");
    browser.reload();
    page.until_names_are(&["mail"]);
    assert_eq!(page.search().value(), "MAI");
    assert_eq!(browser.css("select[name=used]").value(), "never");

    page.open_usage("mail");
    let link = browser.url();
    browser.back();
    page.until_names_are(&["mail"]);
    assert_eq!(browser.url(), address);
    browser.goto(&link);
    UsagePage::on(browser, "mail");

    browser.goto(&format!("{}/#/keys?sort=name&used=24h", scene.origin()));
    page.until_names_are(&["ci-2", "ci-10"]);
    browser.goto(&format!("{}/#/keys", scene.origin()));
    page.until_names_are(&["mail", "billing", "ci-2", "ci-10"]);
}

fn complaint_17_it_cannot_be_used_on_a_phone(scene: &Scene) {
    let browser = scene.browser();
    browser.devtools(
        "Emulation.setDeviceMetricsOverride",
        json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true }),
    );
    browser.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": true }));
    let page = KeysPage::on(browser);
    let wrong = || {
        browser.script(
            "const page = document.scrollingElement;
             const wrong = page.scrollWidth > page.clientWidth ? ['the page is too wide'] : [];
             for (const it of document.querySelectorAll('.actions a, .actions button')) {
                const { width, height } = it.getBoundingClientRect();
                const isSeen =
                    it.checkVisibility({ opacityProperty: true, visibilityProperty: true });
                if (!isSeen || width < 44 || height < 44)
                    wrong.push(`${it.ariaLabel}: ${isSeen} ${width} × ${height}`);
             }
             return wrong;",
        )
    };
    browser.until("the rows to be fit for fingers", || wrong() == json!([]));
    page.open_revocation("billing").confirm();
    browser.see("Revoked “billing”.");
    page.open_usage("mail").chart();
    assert_eq!(wrong(), json!([]), "on the key's page");
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({}));
}

#[test]
fn complaints_about_revoking() {
    let scene = Scene::open();
    scene.sign_in();
    let old = scene.create("ci-bot");
    let token = scene.server.api().exchange(&old).expect("the API takes the key");
    scene.keep_secret(&token);
    KeysPage::on(scene.browser()).refresh();
    scene.browser().see_no("Never used");
    complaint_06_a_key_in_use_is_deleted_without_a_question(&scene, &old);
    let new = complaint_07_a_successor_cannot_work_beside_the_old_key(&scene, &old);
    complaint_08_replacing_a_key_looks_harmless_and_does_not_ask(&scene, &old, &new);
}

fn complaint_06_a_key_in_use_is_deleted_without_a_question(scene: &Scene, old: &str) {
    let browser = scene.browser();
    let dialog = KeysPage::on(browser).open_revocation("ci-bot");
    browser.until_focus_is_on("Cancel");
    browser.see("something may still depend on it");
    dialog.confirm();
    assert_eq!(dialog.complaint(), "Type ci-bot to confirm.");
    browser.press(key::ESCAPE);
    dialog.until_closed();
    works(scene, old);
    assert_eq!(scene.server.revocations(), 0);
}

/// There is no command that replaces a key and takes the old one away: a second key is made, both
/// work for as long as somebody likes, and then the old one is revoked.
fn complaint_07_a_successor_cannot_work_beside_the_old_key(scene: &Scene, old: &str) -> String {
    let browser = scene.browser();
    let new = scene.create("ci-bot 2");
    works(scene, old);
    works(scene, &new);
    KeysPage::on(browser).until_names_are(&["ci-bot 2", "ci-bot"]);
    new
}

/// The end of a replacement is a revocation, also of several keys at once: it asks.
fn complaint_08_replacing_a_key_looks_harmless_and_does_not_ask(
    scene: &Scene,
    old: &str,
    new: &str,
) {
    let browser = scene.browser();
    browser.css("input[data-action=choose-all]").click();
    browser.see("2 keys selected");
    browser.button("Revoke selected…").click();
    browser.heading("Revoke 2 keys?").wait();
    browser.until_focus_is_on("Cancel");
    browser.button("Revoke 2 keys").click();
    browser.see("Type 2 to confirm.");
    browser.button("Cancel").click();
    browser.css("dialog[open]").wait_gone();
    works(scene, old);
    browser.button("Clear selection").click();

    let dialog: RevokeDialog<'_> = KeysPage::on(browser).open_revocation("ci-bot");
    dialog.typed_name().fill("ci-bot");
    dialog.confirm();
    KeysPage::on(browser).until_names_are(&["ci-bot 2"]);
    assert_eq!(scene.server.api().exchange(old), Err(Status(400)));
    works(scene, new);
}

#[test]
fn complaints_about_usage() {
    let scene = Scene::open();
    scene.sign_in();
    for (name, fails) in [("ci-bot", 1), ("billing", 2)] {
        let secret = scene.create(name);
        let api = scene.server.api();
        let token = api.exchange(&secret).expect("the API takes the key");
        scene.keep_secret(&token);
        (0..fails).for_each(|_| api.delete_nothing(&token));
    }
    complaint_09_requests_and_errors_are_not_told_per_key(&scene);
    complaint_10_keys_cannot_be_compared(&scene);
    complaint_11_nobody_sees_the_quota_before_requests_are_refused(&scene);
}

fn complaint_09_requests_and_errors_are_not_told_per_key(scene: &Scene) {
    let page = KeysPage::on(scene.browser()).open_usage("ci-bot");
    page.refresh_until_chart_says("1 successful and 1 failed requests");
    assert_eq!(figures(scene.browser())[..3], ["2", "1", "1"]);
}

/// What the API tells of each key stands on its page, in the same order and the same units, so two
/// of them can be read side by side. There is no chart of both: the API keeps no history that it
/// could show.
fn complaint_10_keys_cannot_be_compared(scene: &Scene) {
    let browser = scene.browser();
    let names = "return [...document.querySelectorAll('.figure dt')].map((it) => it.innerText)";
    let of_one = browser.script(names);
    let first = browser.tab();
    let second = browser.duplicate_tab();
    browser.go_to_tab(&second);
    browser.link("← API keys").click();
    let page = KeysPage::on(browser).open_usage("billing");
    page.refresh_until_chart_says("1 successful and 2 failed requests");
    assert_eq!(browser.script(names), of_one);
    assert_eq!(figures(browser)[..3], ["3", "1", "2"]);
    browser.go_to_tab(&first);
    assert_eq!(figures(browser)[..3], ["2", "1", "1"]);
}

fn complaint_11_nobody_sees_the_quota_before_requests_are_refused(scene: &Scene) {
    let browser = scene.browser();
    let said = browser.css(".quota [role=meter], .quota-none").wait();
    match said.role().as_str() {
        "meter" => assert_eq!(said.name(), "Quota used today"),
        _ => assert_eq!(said.text(), "This key has no quota."),
    }
    assert!(UsagePage::on(browser, "ci-bot").chart().contains("quota used today: "));
}

#[test]
fn complaints_about_sessions() {
    let scene = Scene::behind_proxy(Server::start());
    scene.sign_in_and_create("ci-bot");
    scene.expect_in_console("status of 401");
    complaint_15_a_reload_loses_the_sign_in(&scene);
    complaint_14_tabs_log_each_other_out(&scene);
    complaint_13_the_end_of_a_session_freezes_the_page(&scene);
}

fn complaint_15_a_reload_loses_the_sign_in(scene: &Scene) {
    let browser = scene.browser();
    let renewals = scene.proxy().seen(Operation::Refresh);
    browser.reload();
    KeysPage::on(browser).until_names_are(&["ci-bot"]);
    // An access token that has run out is replaced without a word.
    scene.proxy().expire_tokens();
    browser.reload();
    KeysPage::on(browser).until_names_are(&["ci-bot"]);
    assert_eq!(scene.proxy().seen(Operation::Refresh), renewals + 1);
}

fn complaint_14_tabs_log_each_other_out(scene: &Scene) {
    let browser = scene.browser();
    let first = browser.tab();
    let tabs = [browser.duplicate_tab(), first];
    for tab in &tabs {
        browser.go_to_tab(tab);
        KeysPage::on(browser).until_names_are(&["ci-bot"]);
    }
    let renewals = scene.proxy().seen(Operation::Refresh);
    scene.proxy().expire_tokens();
    for tab in &tabs {
        browser.go_to_tab(tab);
        KeysPage::on(browser).refresh();
    }
    for tab in &tabs {
        browser.go_to_tab(tab);
        KeysPage::on(browser).until_names_are(&["ci-bot"]);
        KeysPage::on(browser).refresh();
        KeysPage::on(browser).until_names_are(&["ci-bot"]);
        assert!(!browser.css("#sign-in-form").is_there());
    }
    assert_eq!(scene.proxy().seen(Operation::Refresh), renewals + 1, "one renewal for both");
}

fn complaint_13_the_end_of_a_session_freezes_the_page(scene: &Scene) {
    let browser = scene.browser();
    scene.server.api().end_session(&scene.tokens().refresh);
    scene.expect_in_console("status of 400");
    KeysPage::on(browser).refresh();
    browser.see("Your session has ended. Sign in again to go on.");
    let form = SignInPage::on(browser);
    form.password().fill(&scene.server.account().password);
    form.submit().click();
    scene.signed_in().until_names_are(&["ci-bot"]);
}

/// Finds the row of the key of a name.
const ROW: &str = "((name) => [...document.querySelectorAll('tr[data-key]')]
    .find((row) => row.querySelector('.key-name bdi').innerText === name))";

/// The text in a part of the row of the key of this name.
fn cell(browser: &Browser, name: &str, selector: &str) -> String {
    let text =
        browser.script(&format!("return {ROW}('{name}')?.querySelector('{selector}')?.innerText"));
    text.as_str().unwrap_or_default().trim().to_owned()
}

/// The figures on the page of a key.
fn figures(browser: &Browser) -> Vec<String> {
    let figures = browser
        .script("return [...document.querySelectorAll('.figure dd')].map((it) => it.innerText)");
    let figures = figures.as_array().cloned().unwrap_or_default();
    figures.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn works(scene: &Scene, secret: &str) {
    let token = scene.server.api().exchange(secret).expect("the API takes the key");
    scene.keep_secret(&token);
}
