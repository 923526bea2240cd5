//! Tabs that share a session because one is a copy of the other.

use std::collections::BTreeSet;
use std::io::{self, Write};

use e2e::api::Status;
use e2e::browser::{Browser, Tab};
use e2e::create_dialog::CreateDialog;
use e2e::hold::Hold;
use e2e::keys::KeysPage;
use e2e::proxy::Calls;
use e2e::proxy::fault::Fault;
use e2e::proxy::operation::Operation;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;

const NAME: &str = "ci-bot";
/// How many times as fast the time of pages runs.
const FACTOR: u32 = 10;
/// How often the tokens are replaced.
const ROTATIONS: usize = 50;
/// How many calls each tab makes meanwhile.
const CALLS: usize = 30;
/// More than the five seconds that lie between two renewals, in milliseconds.
const BETWEEN_RENEWALS: u32 = 6 * 1000;
/// More than four fifths of the ten minutes for which a token is good, in milliseconds.
const MOST_OF_A_LIFE: u32 = 9 * 60 * 1000;

/// Asks for the list as often as `CALLS` says, each time as soon as the answer before has come.
const CALL: &str = "
    const button = [...document.querySelectorAll('button')].find((it) => it.innerText === 'Refresh');
    window.callsLeft = CALLS;
    const isWaiting = () => button.ariaDisabled === 'true';
    const call = () => {
        if (isWaiting()) return;
        if (window.callsLeft === 0) return observer.disconnect();
        window.callsLeft -= 1;
        button.click();
    };
    const observer = new MutationObserver(call);
    observer.observe(button, { attributes: true, attributeFilter: ['aria-disabled'] });
    window.isCalling = () => window.callsLeft > 0 || isWaiting();
    call();";

/// Signs in, and copies the tab until there are so many.
fn sign_in_to_tabs(scene: &Scene, count: usize) -> Vec<Tab> {
    let browser = scene.browser();
    scene.sign_in_and_create(NAME);
    let mut tabs = vec![browser.tab()];
    while tabs.len() < count {
        let tab = browser.duplicate_tab();
        browser.go_to_tab(&tab);
        KeysPage::on(browser).until_names_are(&[NAME]);
        tabs.push(tab);
    }
    tabs
}

/// Lets time run fast in all of them.
fn hasten(scene: &Scene, tabs: &[Tab]) {
    for tab in tabs {
        scene.browser().go_to_tab(tab);
        scene.hasten(FACTOR);
    }
}

/// Signs out in the second of two tabs, and goes back to the first, which has heard of it.
fn sign_out_in_the_other(browser: &Browser, tabs: &[Tab]) {
    browser.go_to_tab(&tabs[1]);
    KeysPage::on(browser).sign_out();
    browser.see("You are signed out.");
    browser.go_to_tab(&tabs[0]);
    browser.until("the session to be over", || {
        browser.script("return sessionStorage.getItem('occam-keys.session')").is_null()
    });
}

fn shows_the_form(browser: &Browser) -> bool {
    browser.css("#sign-in-form").is_there()
}

#[test]
fn tabs_that_share_a_session_renew_it_once_for_all_of_them() {
    let scene = Scene::behind_proxy_in_whole_browser();
    let (browser, proxy) = (scene.browser(), scene.proxy());
    scene.expect_in_console("status of 401");
    let tabs = sign_in_to_tabs(&scene, 3);
    let everywhere = |action: &dyn Fn()| {
        for tab in &tabs {
            browser.go_to_tab(tab);
            action();
        }
    };
    let mut false_sign_outs = 0;
    for rotation in 1..=ROTATIONS {
        // Time jumps, and does not run fast: on a busy machine, a tab in haste would not wait for what
        // another one has to say.
        let by = if rotation % 2 == 1 { BETWEEN_RENEWALS } else { MOST_OF_A_LIFE };
        everywhere(&|| drop(browser.script(&format!("__probe.jump({by})"))));
        if rotation % 2 == 1 {
            proxy.expire_tokens();
        }
        let calls = CALL.replace("CALLS", &CALLS.to_string());
        everywhere(&|| drop(browser.script(&calls)));
        everywhere(&|| {
            browser.until("all calls to be answered or the form to be shown", || {
                browser.script("return window.isCalling()") == false || shows_the_form(browser)
            });
        });
        for tab in &tabs {
            browser.go_to_tab(tab);
            false_sign_outs += usize::from(shows_the_form(browser));
        }
        assert_eq!(false_sign_outs, 0, "after rotation {rotation}");
        assert_eq!(proxy.seen(Operation::Refresh), rotation, "token calls so far");
    }
    let token_calls = proxy.seen(Operation::Refresh);
    // Past the capture of the test's output: these figures are to be seen when all is well.
    let _ = writeln!(
        io::stdout(),
        "refresh storm: {} tabs, {CALLS} calls each, {ROTATIONS} rotations: {} lists, \
         {token_calls} token calls, {false_sign_outs} false sign-outs",
        tabs.len(),
        proxy.answered(Operation::List),
    );
    assert!(proxy.answered(Operation::List) >= tabs.len() * CALLS * ROTATIONS);
    let spent: BTreeSet<_> = proxy
        .requests()
        .into_iter()
        .filter(|seen| seen.operation == Operation::Refresh)
        .map(|seen| seen.request.body)
        .collect();
    assert_eq!(spent.len(), token_calls, "no refresh token is used twice");
}

#[test]
fn signing_out_in_one_tab_signs_out_all_of_them() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 3);
    browser.go_to_tab(&tabs[1]);
    KeysPage::on(browser).sign_out();
    browser.see("You are signed out.");
    for tab in [&tabs[0], &tabs[2]] {
        browser.go_to_tab(tab);
        SignInPage::on(browser);
        browser.see("You signed out in another tab.");
        browser.see_no(NAME);
        assert_eq!(browser.script("return sessionStorage.length"), 0);
    }
}

#[test]
fn signing_in_again_in_one_tab_lets_all_of_them_go_on_as_they_were() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    let dialog = KeysPage::on(browser).open_creation();
    dialog.name().fill("billing");
    browser.go_to_tab(&tabs[1]);
    scene.server.api().end_session(&scene.tokens().refresh);
    KeysPage::on(browser).refresh();
    let form = SignInPage::on(browser);
    browser.go_to_tab(&tabs[0]);
    dialog.submit().click();
    browser.see("Your session has ended. Sign in again to go on.");
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");

    browser.go_to_tab(&tabs[1]);
    form.password().fill(&scene.server.account().password);
    form.submit().click();
    let renewed = scene.signed_in();
    let tokens = scene.tokens();
    browser.go_to_tab(&tabs[0]);
    browser.see_no("Your session has ended. Sign in again to go on.");
    assert_eq!(scene.tokens().refresh, tokens.refresh);
    assert_eq!(dialog.name().value(), "billing");
    dialog.submit().click();
    dialog.until_it_shows("billing");
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();

    browser.go_to_tab(&tabs[1]);
    renewed.sign_out();
    browser.see("You are signed out.");
    browser.go_to_tab(&tabs[0]);
    browser.see("You signed out in another tab.");
}

#[test]
fn a_tab_that_follows_a_sign_out_ends_a_session_of_its_own_at_the_server() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    // As after a sign-in that the other tab has not heard of.
    let (access, refresh) = scene.server.api().sign_in_for_long(scene.server.account());
    browser.script(&format!(
        "const session = JSON.parse(sessionStorage.getItem('occam-keys.session'));
        session.access_token = '{access}';
        session.refresh_token = '{refresh}';
        sessionStorage.setItem('occam-keys.session', JSON.stringify(session));"
    ));
    browser.reload();
    KeysPage::on(browser).until_names_are(&[NAME]);
    assert_eq!(scene.tokens().access, access);
    assert!(scene.server.api().keys(&access).is_ok());
    sign_out_in_the_other(browser, &tabs);
    browser.see("You signed out in another tab.");
    browser.until("the server to refuse the token", || {
        scene.server.api().keys(&access) == Err(Status(401))
    });
}

#[test]
fn a_page_that_back_brings_back_shows_nothing_of_a_session_that_another_tab_has_ended() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    browser.goto("about:blank");
    browser.go_to_tab(&tabs[1]);
    KeysPage::on(browser).sign_out();
    browser.see("You are signed out.");

    browser.go_to_tab(&tabs[0]);
    browser.back();
    SignInPage::on(browser);
    browser.see_no(NAME);
    browser.until("the tokens to be forgotten", || {
        browser.script("return sessionStorage.length") == 0
    });
    scene.expect_in_console("status of 40");
}

#[test]
fn a_secret_on_show_outlives_a_sign_out_in_another_tab() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    let dialog = KeysPage::on(browser).open_creation();
    dialog.create("billing");
    sign_out_in_the_other(browser, &tabs);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    SignInPage::on(browser);
    browser.see("You signed out in another tab.");
}

#[test]
fn a_drill_outlives_a_sign_out_in_another_tab_until_its_user_closes_it() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    let leaked = scene.create("leaked");
    KeysPage::on(browser).begin_drill(&leaked);
    browser.button("Revoke without a replacement").click();
    browser.see("Revoked at ");
    sign_out_in_the_other(browser, &tabs);
    browser.button("Close").click();
    browser.see("You have not taken the note as it stands now. Close anyway?");
    browser.button("Keep open").click();
    browser.button("Download the note").click();
    browser.button("Close").click();
    SignInPage::on(browser);
    browser.see("You signed out in another tab.");
}

#[test]
fn a_replacement_that_is_saved_after_a_sign_out_in_another_tab_leads_back_to_the_leaked_key() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    let leaked = scene.create("leaked");
    KeysPage::on(browser).begin_drill(&leaked);
    browser.button("Create the replacement").click();
    let dialog = CreateDialog::on(browser);
    dialog.submit().click();
    dialog.until_it_shows("leaked-2");
    sign_out_in_the_other(browser, &tabs);
    scene.keep_secret(&dialog.reveal());
    browser.button("I have saved it").click();
    browser.see("Saved at ");
    browser.button("Revoke the leaked key").click();
    browser.see("Your session was no longer good, so nothing was revoked.");
    browser.button("Close").click();
    browser.see("The leaked key is not revoked yet. Close anyway?");
    browser.button("Close anyway").click();
    SignInPage::on(browser);
    browser.see("You signed out in another tab.");
}

#[test]
fn keys_that_a_sign_out_in_another_tab_left_unrevoked_are_told_until_their_user_is_done() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let tabs = sign_in_to_tabs(&scene, 2);
    browser.go_to_tab(&tabs[0]);
    scene.create("billing");
    let page = KeysPage::on(browser);
    for name in [NAME, "billing"] {
        page.choose(name);
    }
    browser.button("Revoke selected…").click();
    browser.field("Type 2 to confirm").fill("2");
    let requests = Hold::here(browser, "DELETE", "");
    browser.button("Revoke 2 keys").click();
    requests.until_it_holds();
    sign_out_in_the_other(browser, &tabs);
    requests.let_go();
    browser.see("Revoked 0 of 2 keys");
    browser.see("Your session was no longer good, so nothing was revoked.");
    scene.expect_in_console("status of 401");
    browser.button("Done").click();
    SignInPage::on(browser);
    browser.see("You signed out in another tab.");
}

#[test]
fn a_tab_whose_renewal_is_lost_goes_on_with_the_tokens_of_another() {
    let scene = Scene::behind_proxy_in_whole_browser();
    let (browser, proxy) = (scene.browser(), scene.proxy());
    scene.expect_in_console("net::ERR_");
    scene.expect_in_console("status of 401");
    let tabs = sign_in_to_tabs(&scene, 2);
    hasten(&scene, &tabs);
    // The server has replaced the tokens, and the tab does not learn of it.
    proxy.expire_tokens();
    proxy.inject(Operation::Refresh, Calls::Nth(1), Fault::LoseAnswer);
    browser.go_to_tab(&tabs[0]);
    let page = KeysPage::on(browser);
    page.refresh();
    browser.until("the token call to be lost", || proxy.seen(Operation::Refresh) > 0);
    browser.go_to_tab(&tabs[1]);
    page.refresh();
    for tab in &tabs {
        browser.go_to_tab(tab);
        browser.until("the list to be fresh", || {
            browser.button("Try again").try_click();
            browser.css("main [aria-busy=false] [role=rowheader]").is_there()
                && !browser.page_text().contains("may be out of date")
        });
        assert!(!shows_the_form(browser));
    }
}
