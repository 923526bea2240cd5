//! Revoking a key.

use e2e::browser::key;
use e2e::proxy::Calls;
use e2e::proxy::edit::Edit;
use e2e::proxy::fault::Fault;
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::scene::Scene;
use e2e::server::Server;
use serde_json::json;

const NAME: &str = "ci-bot";

#[test]
fn a_key_that_was_never_used_is_revoked_by_one_click() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    let dialog = page.open_revocation(NAME);
    browser.see("Requests with this key fail at once. This cannot be undone.");
    assert!(!dialog.typed_name().is_there());
    dialog.confirm();
    dialog.until_closed();
    browser.see("Revoked “ci-bot”.");
    browser.until_focus_is_on("API keys");
    assert!(scene.server.api().exchange(&secret).is_err());
    browser.reload();
    browser.heading("No API keys yet").wait();
}

#[test]
fn a_key_in_use_is_revoked_only_by_its_name() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    let api = scene.server.api();
    let token = api.exchange(&secret).expect("the API takes the secret");
    scene.keep_secret(&token);
    browser.see("Never used");
    page.refresh();
    browser.see_no("Never used");

    let dialog = page.open_revocation(NAME);
    browser.see("something may still depend on it");
    dialog.confirm();
    assert_eq!(dialog.complaint(), "Type ci-bot to confirm.");
    dialog.typed_name().fill("CI-bot");
    dialog.confirm();
    assert_eq!(dialog.complaint(), "Type ci-bot to confirm.");
    browser.until_focus_is_on("Type ci-bot to confirm");
    assert!(api.exchange(&secret).is_ok(), "nothing was revoked");

    dialog.typed_name().fill(NAME);
    dialog.confirm();
    dialog.until_closed();
    page.until_names_are(&[]);
    assert!(api.exchange(&secret).is_err());
}

/// The list may be minutes old: a pointer on its rows keeps a newer one waiting.
#[test]
fn a_key_that_was_used_since_the_list_was_read_is_not_revoked_by_one_click() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    let other = scene.create("web");
    page.until_names_are(&["web", NAME]);
    scene.use_key(&secret, 3);
    let dialog = page.open_revocation(NAME);
    browser.see("something may still depend on it");
    assert!(!browser.css("dialog[open] .facts").text().contains("Never used"));
    dialog.confirm();
    assert_eq!(dialog.complaint(), "Type ci-bot to confirm.");
    browser.press(key::ESCAPE);
    dialog.until_closed();

    scene.use_key(&other, 1);
    browser.checkbox("Select all 2 keys").click();
    browser.button("Revoke selected…").click();
    browser.see("2 of them were used in the last 7 days");
}

/// Holds back what the Key API answers when the list is asked for, and notes if a row comes.
const HOLD_LISTS: &str = r"
    const send = window.fetch;
    window.lists = [];
    window.fetch = async (what, ...rest) => {
        const answer = await send(what, ...rest);
        const { pathname } = new URL(what.url ?? what, location);
        if (!pathname.endsWith('/keys/') || (what.method ?? 'GET') !== 'GET') return answer;
        const list = { isRead: false };
        const { readable, writable } = new TransformStream({ flush: () => { list.isRead = true; } });
        window.lists.push(list);
        await new Promise((go) => { list.letGo = go; });
        answer.body.pipeTo(writable);
        return new Response(readable, answer);
    };
    window.hasCome = false;
    new MutationObserver((changes) => {
        window.hasCome ||= changes.some(({ addedNodes }) => addedNodes.length > 0);
    }).observe(document.querySelector('table.keys tbody'), { childList: true });";

#[test]
fn a_list_from_before_a_revocation_does_not_bring_the_key_back() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    scene.create("web");
    page.until_names_are(&["web", NAME]);
    browser.script(HOLD_LISTS);
    let lists = |count| {
        browser.until("a list to be held", || browser.script("return lists.length") == count);
    };
    let let_go = |at| {
        browser.script(&format!("lists[{at}].letGo()"));
        let is_read = format!("return lists[{at}].isRead");
        browser.until("a list to be read", || browser.script(&is_read) == true);
    };
    let dialog = page.open_revocation(NAME);
    lists(1);
    // The browser has no time to read the list anew.
    browser.script("window.idle = []; window.requestIdleCallback = (act) => idle.push(act);");
    dialog.confirm();
    dialog.until_closed();
    page.until_names_are(&["web"]);
    let_go(0);
    browser.until("the list to be asked for", || {
        browser.script("for (const act of idle.splice(0)) act(); return lists.length") == 2
    });
    let_go(1);
    page.until_names_are(&["web"]);
    assert_eq!(browser.script("return hasCome"), false, "no row came back");
}

/// The list cannot be read, and what the key has done is not known yet.
#[test]
fn one_click_waits_until_it_is_known_whether_the_key_was_used() {
    let scene = Scene::behind_proxy(Server::start());
    let (browser, proxy) = (scene.browser(), scene.proxy());
    scene.expect_in_console("status of 500");
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.use_key(&secret, 1);
    proxy.inject(Operation::List, Calls::From(1), Fault::Answer(Answer::json(500, "{}")));
    proxy.inject(Operation::Usage, Calls::Nth(1), Fault::StallBody(0));
    let dialog = page.open_revocation(NAME);
    browser.until("the usage to be held", || proxy.held() > 0);
    dialog.confirm();
    browser.see("It was used, so something may still depend on it.");
    dialog.typed_name().wait();
    assert_eq!(proxy.seen(Operation::Revoke), 0);
    proxy.heal();
    dialog.typed_name().fill(NAME);
    dialog.confirm();
    dialog.until_closed();
    assert!(scene.server.api().exchange(&secret).is_err());
}

/// All lists since long are those of a time when the key was idle.
#[test]
fn one_click_on_an_idle_key_looks_once_more_whether_it_still_is() {
    let scene = Scene::behind_proxy(Server::start());
    let (browser, proxy) = (scene.browser(), scene.proxy());
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.use_key(&secret, 1);
    let long_ago = Edit::Put("last_used", json!("2020-02-02T00:00:00Z").to_string());
    proxy.inject(Operation::List, Calls::From(1), Fault::Edit(long_ago));
    page.refresh();
    browser.see_no("Never used");
    let before = proxy.answered(Operation::List);
    let dialog = page.open_revocation(NAME);
    browser.until("the list to be read anew", || proxy.answered(Operation::List) > before);
    assert!(!dialog.typed_name().is_there(), "one click is enough");
    proxy.heal();
    dialog.confirm();
    browser.see("something may still depend on it");
    dialog.typed_name().wait();
    assert_eq!(proxy.seen(Operation::Revoke), 0);
    dialog.typed_name().fill(NAME);
    dialog.confirm();
    dialog.until_closed();
    assert!(scene.server.api().exchange(&secret).is_err());
}

/// With a space in the name, that would press Cancel, and the rest would be shortcuts.
#[test]
fn a_name_that_is_typed_at_once_goes_into_the_field() {
    const SPACED: &str = "billing, production";
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(SPACED);
    scene.use_key(&secret, 1);
    page.refresh();
    browser.see_no("Never used");

    let dialog = page.open_revocation(SPACED);
    browser.until_focus_is_on("Cancel");
    browser.write(SPACED);
    assert_eq!(dialog.typed_name().value(), SPACED);
    browser.press(key::ENTER);
    dialog.until_closed();
    page.until_names_are(&[]);
}

#[test]
fn a_key_that_is_gone_already_leaves_the_list_and_that_is_said() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    let tokens = scene.tokens();
    let api = scene.server.api();
    let uuid = api.keys(&tokens.access).expect("the token works").remove(0).uuid;

    let dialog = page.open_revocation(NAME);
    api.delete(&tokens.access, &uuid);
    dialog.confirm();
    dialog.until_closed();
    browser.see("“ci-bot” was gone already.");
    page.until_names_are(&[]);
    scene.expect_in_console("status of 404");
}

#[test]
fn several_keys_are_asked_about_in_the_order_of_the_table() {
    let scene = Scene::open();
    let browser = scene.browser();
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    for name in ["billing", "web", "admin"] {
        api.create(&token, name);
    }
    let page = scene.sign_in();
    browser.goto(&format!("{}/#/keys?sort=name", scene.origin()));
    page.until_names_are(&["admin", "billing", "web"]);
    browser.css("input[data-action=choose-all]").click();
    browser.button("Revoke selected…").click();
    browser.heading("Revoke 3 keys?").wait();
    let names = browser.script(
        "return [...document.querySelectorAll('dialog[open] .bulk li')]
            .map((item) => item.querySelector('bdi').textContent)",
    );
    assert_eq!(names, json!(["admin", "billing", "web"]));
    browser.until_focus_is_on("Cancel");
    browser.write("3");
    assert_eq!(browser.field("Type 3 to confirm").value(), "3");
    // Pressed twice, Enter does not stop what it has begun, nor closes what is to be read.
    browser.press(key::ENTER);
    browser.css("#revoke-many-title:focus").wait();
    browser.press(key::ENTER);
    browser.see("All 3 keys are revoked");
    browser.button("Done").click();
    page.until_names_are(&[]);
}
