//! Files that are not what they should be, or not there: the page says so and offers a way out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2e::browser::{Browser, Engine, key};
use e2e::create_dialog::CreateDialog;
use e2e::hold::Hold;
use e2e::keys::KeysPage;
use e2e::proxy::fault::Fault;
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::proxy::{Calls, Proxy};
use e2e::scene::Scene;
use e2e::server::Server;
use e2e::sign_in::SignInPage;

const SENTENCE: &str = "The page cannot go on.";
const WAY_OUT: &str = "Reload the page";
const MISSING: &str = "The app could not be loaded";
const PLAIN: &str = "looks plain behind the sign-in";

/// Whether a file is refused because of its hash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hashes {
    Checked,
    /// Taken out of the page, which shows that the changed file would have worked.
    TakenOut,
}

#[test]
fn a_changed_byte_in_what_stands_in_the_page_is_refused_and_the_files_take_its_place() {
    let server = Server::start();
    for engine in [Engine::Chromium, Engine::Firefox] {
        let proxy = Proxy::before(&server);
        proxy.change(change_what_stands_in_the_page);
        let browser = patient(engine);
        browser.goto(&proxy.origin());
        until_the_app_is_there(&browser);
        let refused = browser.violations();
        for directive in ["script-src-elem", "style-src-elem"] {
            assert!(refused.contains(directive), "{refused}");
        }
        let text = text(&browser);
        assert!(!text.contains(SENTENCE) && !text.contains(PLAIN), "{text}");
        sign_in(&browser, &proxy, &server);
        KeysPage::on(&browser);
    }
}

#[test]
fn a_changed_byte_in_boot_js_is_refused() {
    // Where the script in the page runs, nobody misses the file.
    let server = Server::start();
    let proxy = tampering_with(&server, "/boot-", ".js", Hashes::Checked);
    let browser = patient(Engine::Chromium);
    sign_in(&browser, &proxy, &server);
    KeysPage::on(&browser);
    assert!(!text(&browser).contains(SENTENCE));
    drop(browser);

    in_both_browsers_through(
        |server, hashes| {
            let proxy = tampering_with(server, "/boot-", ".js", hashes);
            proxy.change(change_what_stands_in_the_page);
            proxy
        },
        |browser| see(browser, &[SENTENCE, WAY_OUT]),
    );
}

#[test]
fn a_changed_byte_in_the_glue_is_refused() {
    in_both_browsers("/occam-keys-", ".js", |browser| see(browser, &[SENTENCE, WAY_OUT]));
}

#[test]
fn a_changed_byte_in_the_webassembly_is_refused() {
    in_both_browsers("/occam-keys-", ".wasm", |browser| see(browser, &[SENTENCE, WAY_OUT]));
}

#[test]
fn a_changed_byte_in_what_is_behind_the_sign_in_is_refused_and_a_whole_file_is_taken_afterwards() {
    let server = Server::start();
    for engine in [Engine::Chromium, Engine::Firefox] {
        let is_broken = Arc::new(AtomicBool::new(true));
        let proxy = Proxy::before(&server);
        proxy.change({
            let is_broken = is_broken.clone();
            move |path, answer| {
                if path.starts_with("/workspace-") && is_broken.load(Ordering::Relaxed) {
                    change_a_byte(answer);
                }
            }
        });
        let browser = patient(engine);
        sign_in(&browser, &proxy, &server);
        see(&browser, &[MISSING, WAY_OUT, "Sign out"]);
        // The keys do not wait for the file that shows them.
        assert_eq!(proxy.seen(Operation::List), 1);
        // The browser has kept the broken one, whose name is that of the whole one.
        is_broken.store(false, Ordering::Relaxed);
        browser.button("Try again").click();
        KeysPage::on(&browser);
        drop(browser);

        let proxy = tampering_with(&server, "/workspace-", ".wasm", Hashes::TakenOut);
        let browser = patient(engine);
        sign_in(&browser, &proxy, &server);
        KeysPage::on(&browser);
    }
}

#[test]
fn webassembly_that_a_server_calls_something_else_works_all_the_same() {
    let server = Server::start();
    for (engine, called) in [
        (Engine::Chromium, "application/octet-stream"),
        (Engine::Firefox, "application/wasm; charset=binary"),
    ] {
        let proxy = Proxy::before(&server);
        proxy.change(move |path, answer| {
            if path.ends_with(".wasm") {
                answer.headers.retain(|(name, _)| name != "content-type");
                answer.headers.push(("content-type".to_owned(), called.to_owned()));
            }
        });
        let browser = patient(engine);
        sign_in(&browser, &proxy, &server);
        KeysPage::on(&browser).open_creation();
    }
}

fn sign_in(browser: &Browser, proxy: &Proxy, server: &Server) {
    browser.goto(&proxy.origin());
    until_the_app_is_there(browser);
    let page = SignInPage::on(browser);
    page.email().fill(&server.account().email);
    // Firefox gives a field for passwords no role by which it could be found.
    browser.press(key::TAB);
    browser.write(&server.account().password);
    page.submit().click();
}

#[test]
fn an_app_whose_file_does_not_come_says_so_and_goes_on_when_it_does() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.block("*/workspace-*.wasm");
    let page = scene.open_site();
    page.email().fill("half of an addr");
    browser.until("the app to take over the form", || browser.css("form[data-adopted]").is_there());
    // It was asked for ahead of time, of which nobody hears.
    browser.see_no(MISSING);
    assert_eq!(page.email().value(), "half of an addr");

    page.sign_in(scene.server.account());
    browser.see(MISSING);
    browser.until("the focus to be at the heading", || {
        browser.script("return document.activeElement.localName") == "h1"
    });
    browser.button("Try again").click();
    browser.see(MISSING);
    let before = scene.tokens();
    browser.button("Reload the page").click();
    browser.see(MISSING);
    browser.see_no("Password");

    browser.block_nothing();
    browser.button("Try again").click();
    scene.signed_in();
    assert_eq!(scene.tokens().access, before.access);

    browser.block("*/workspace-*.wasm");
    browser.reload();
    browser.see(MISSING);
    browser.button("Sign out").click();
    browser.see("You are signed out.");
}

#[test]
fn what_the_rows_do_not_need_may_come_late_or_never() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.block("*/details-*.wasm");
    let page = scene.sign_in();
    let token = scene.tokens().access;
    for name in ["ci-bot", "web"] {
        scene.keep_secret(&scene.server.api().create(&token, name).api_key);
    }
    page.refresh();
    page.until_names_are(&["web", "ci-bot"]);
    browser.link("Usage of ci-bot").click();
    browser.see(MISSING);
    browser.until("the focus to be at the heading", || {
        browser.script("return document.activeElement.localName") == "h1"
    });
    browser.button("Try again").click();
    browser.see(MISSING);
    browser.link("← API keys").click();
    page.until_names_are(&["web", "ci-bot"]);
    let unknown = || browser.script("return document.querySelectorAll('td.failed').length");
    browser.button("View").click();
    browser.checkbox("Usage").click();
    browser.press(key::ESCAPE);
    browser.until("the column to say that nobody asks for it", || unknown() == 2);

    browser.button("Identify a key").click();
    browser.css("dialog[open] [role=alert]").wait();
    browser.button("Close").click();
    browser.css("dialog[open]").wait_gone();
    browser.button("Identify a key").click();
    get_the_file_and_focus(browser, "Paste here");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    browser.until("the usage to be asked for", || unknown() == 0);
    page.open_usage("web");

    // A key whose page is asked for at once.
    browser.block("*/details-*.wasm");
    browser.reload();
    browser.see(MISSING);
    browser.block_nothing();
    browser.button("Try again").click();
    browser.heading("web").wait();
}

#[test]
fn a_key_is_made_and_revoked_when_the_file_for_it_comes() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.block("*/details-*.wasm");
    let page = scene.sign_in();
    let create = browser.button("Create key");
    create.click();
    browser.css("dialog[open] [role=alert]").wait();
    browser.button("Try again").click();
    browser.css("dialog[open] [role=alert]").wait();
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    browser.until_focus_is_on("Create key");
    // What was left is not done when the file comes.
    browser.block_nothing();
    browser.press("g");
    browser.press("u");
    browser.heading("Usage of all keys").wait();
    browser.link("← API keys").click();
    page.until_names_are(&[]);
    browser.css("dialog[open]").wait_gone();

    browser.block("*/details-*.wasm");
    browser.reload();
    scene.signed_in();
    // What is typed before there is a field for it is in the field.
    browser.press("c");
    browser.css("dialog[open] [role=alert]").wait();
    browser.write("old one");
    for _ in "old one".chars() {
        browser.press(key::BACKSPACE);
    }
    browser.write("CI bot 7");
    browser.press(key::ENTER);
    // Its buttons are pressed as ever.
    browser.block_nothing();
    browser.tab_to("Try again");
    browser.press(key::ENTER);
    browser.until_focus_is_on("Name");
    let dialog = CreateDialog::on(browser);
    assert_eq!(dialog.name().value(), "CI bot 7", "and Enter made no key of it");
    browser.write("!");
    assert_eq!(dialog.name().value(), "CI bot 7!");
    dialog.create("ci-bot");
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
    page.until_names_are(&["ci-bot"]);

    browser.block("*/details-*.wasm");
    browser.reload();
    scene.signed_in();
    page.until_names_are(&["ci-bot"]);
    browser.button("Revoke ci-bot").click();
    get_the_file_and_focus(browser, "Cancel");
    browser.button("Revoke key").click();
    browser.see("Revoked “ci-bot”.");
    page.until_names_are(&[]);
}

/// The layer of a lapsed session is in front of the dialog that takes what is typed ahead.
#[test]
fn a_password_that_is_typed_while_a_name_is_waited_for_goes_to_its_own_field() {
    let scene = Scene::behind_proxy(Server::start());
    let (browser, proxy) = (scene.browser(), scene.proxy());
    browser.block("*/details-*.wasm");
    scene.sign_in();
    proxy.inject(Operation::List, Calls::Next(1), Fault::StallHeaders);
    browser.button("Refresh").click();
    browser.until("the list to be waited for", || proxy.held() > 0);
    browser.press("c");
    browser.css("dialog[open] [role=alert]").wait();
    browser.write("ci");
    scene.server.api().end_session(&scene.tokens().refresh);
    scene.expect_in_console("status of 401");
    scene.expect_in_console("status of 400");
    proxy.heal();
    browser.until_focus_is_on("Password");
    let form = SignInPage::on(browser);
    browser.write(&scene.server.account().password);
    assert_eq!(form.password().value(), scene.server.account().password);
    form.submit().click();
    form.password().wait_gone();
    get_the_file_and_focus(browser, "Name");
    assert_eq!(CreateDialog::on(browser).name().value(), "ci");
}

#[test]
fn a_secret_that_a_reload_took_is_asked_about_when_the_file_for_it_comes() {
    let scene = Scene::open();
    let browser = scene.browser();
    scene.sign_in();
    let dialog = KeysPage::on(browser).open_creation();
    dialog.create("ci-bot");
    scene.keep_secret(&dialog.reveal());
    browser.block("*/details-*.wasm");
    browser.reload_against_advice();
    scene.signed_in();
    browser.button("Identify a key").click();
    get_the_file_and_focus(browser, "Paste here");
    browser.press(key::ESCAPE);
    browser.button("Replace").wait();
}

#[test]
fn a_changed_byte_in_the_style_is_refused_and_the_app_works_without_it() {
    in_both_browsers("/main-", ".css", |browser| {
        see(browser, &[PLAIN, WAY_OUT]);
        until_the_app_is_there(browser);
    });
}

/// The dialog says that its file is missing; now the file can come, and the focus is there then.
#[track_caller]
fn get_the_file_and_focus(browser: &Browser, focused: &str) {
    browser.css("dialog[open] [role=alert]").wait();
    browser.block_nothing();
    browser.button("Try again").click();
    browser.until_focus_is_on(focused);
}

fn in_both_browsers(start: &'static str, end: &'static str, refused: impl Fn(&Browser)) {
    in_both_browsers_through(|server, hashes| tampering_with(server, start, end, hashes), refused);
}

fn in_both_browsers_through(proxy: impl Fn(&Server, Hashes) -> Proxy, refused: impl Fn(&Browser)) {
    let server = Server::start();
    for engine in [Engine::Chromium, Engine::Firefox] {
        let tampering = proxy(&server, Hashes::Checked);
        let browser = patient(engine);
        browser.goto(&tampering.origin());
        refused(&browser);
        drop(browser);

        let tampering = proxy(&server, Hashes::TakenOut);
        let browser = patient(engine);
        browser.goto(&tampering.origin());
        until_the_app_is_there(&browser);
        assert!(!text(&browser).contains(SENTENCE) && !text(&browser).contains(PLAIN));
    }
}

/// A proxy that changes one byte of one file, such that the file still works.
fn tampering_with(
    server: &Server,
    start: &'static str,
    end: &'static str,
    hashes: Hashes,
) -> Proxy {
    let proxy = Proxy::before(server);
    proxy.change(move |path, answer| {
        if path.starts_with(start) && path.ends_with(end) {
            change_a_byte(answer);
        } else if path == "/" && hashes == Hashes::TakenOut {
            answer.headers.retain(|(name, _)| name != "integrity-policy");
            let html = String::from_utf8_lossy(&answer.body).into_owned();
            answer.body = html.replace("integrity=\"", "title=\"").into_bytes();
        }
    });
    proxy
}

/// White space for white space in the style and the script that stand in the page.
fn change_what_stands_in_the_page(path: &str, answer: &mut Answer) {
    if path != "/" {
        return;
    }
    let mut html = String::from_utf8_lossy(&answer.body).into_owned();
    for element in ["<style>", "<script>"] {
        let (before, content) = html.split_once(element).expect("it stands in the page");
        html = format!("{before}{element}{}", content.replacen(' ', "\t", 1));
    }
    answer.body = html.into_bytes();
}

/// White space for white space in a text; in a WebAssembly module, a letter of one of its words.
fn change_a_byte(answer: &mut Answer) {
    let wasm = answer.body.starts_with(b"\0asm");
    let at = match wasm {
        // The first such words are names of imports; the last ones are data.
        true => [b"occam", b"pages"].into_iter().find_map(|it| {
            answer.body.windows(it.len()).rposition(|word| word.eq_ignore_ascii_case(it))
        }),
        false => answer.body.iter().position(|byte| *byte == b' '),
    };
    let at = at.expect("a byte that can be another one");
    // Of a letter, the case.
    answer.body[at] ^= if wasm { 0x20 } else { b' ' ^ b'\t' };
}

/// A browser that may take its time: starting one, and the app in it, is most of what these tests
/// do.
fn patient(engine: Engine) -> Browser {
    let browser = Browser::start_as(engine);
    browser.set_patience(Duration::from_secs(60));
    browser
}

fn see(browser: &Browser, texts: &[&str]) {
    for text in texts {
        browser.until(&format!("to see {text:?}"), || self::text(browser).contains(text));
    }
}

/// What can be read, once there is something.
fn text(browser: &Browser) -> String {
    let text = browser.try_script("return document.body?.innerText ?? ''");
    text.as_str().unwrap_or_default().to_owned()
}

fn until_the_app_is_there(browser: &Browser) {
    browser.until("the app to take over the form", || {
        browser.try_script("return document.querySelector('form[data-adopted]') !== null") == true
    });
}

#[test]
fn every_file_is_fetched_once() {
    let server = Server::start();
    for engine in [Engine::Chromium, Engine::Firefox] {
        let proxy = Proxy::before(&server);
        let browser = patient(engine);
        browser.goto(&proxy.origin());
        let asked = || -> Vec<String> {
            proxy.requests().into_iter().map(|seen| seen.request.target).collect()
        };
        // The app is there before all of them are, some of which it asks for itself.
        let starts = ["/main-", "/boot-", "/occam-keys-", "/shared-", "/workspace-"];
        browser.until("the files to be asked for", || {
            let asked = asked();
            starts.iter().all(|start| asked.iter().any(|path| path.starts_with(start)))
        });
        until_the_app_is_there(&browser);
        let mut paths = asked();
        paths.retain(|path| !path.ends_with(".ico"));
        let all = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), all, "{engine:?} fetched one of {paths:?} twice");
    }
}

#[test]
fn a_browser_without_webassembly_is_told_so() {
    let scene = Scene::open();
    scene.browser().before_every_page("delete window.WebAssembly");
    scene.browser().goto(&scene.origin());
    see(scene.browser(), &[SENTENCE, WAY_OUT, "does not run WebAssembly"]);
}

#[test]
fn a_held_submit_that_nobody_will_take_over_does_not_go_on_claiming_to_sign_in() {
    let scene = Scene::open();
    let browser = scene.browser();
    let wasm = Hold::from_the_next_page_on(browser, "GET", ".wasm");
    let page = scene.open_site();
    wasm.until_it_holds();
    page.sign_in(scene.server.account());
    browser.button("Signing in…").wait();
    browser.block("*.wasm");
    wasm.let_go();
    see(browser, &[SENTENCE, WAY_OUT]);
    let button = browser.script(
        "const button = document.getElementById('sign-in-submit');
        return [button.textContent, button.disabled, 'held' in button.form.dataset]",
    );
    assert_eq!(button, serde_json::json!(["Sign in", true, false]));
}

#[test]
fn an_address_of_the_api_that_was_changed_by_hand_is_told_in_words() {
    let words = "do not fit together";
    let server = Server::start();
    let proxy = Proxy::before(&server);
    proxy.change(|path, answer| {
        if path == "/" {
            let html = String::from_utf8_lossy(&answer.body).into_owned();
            let changed = html.replacen("content=\"\"", "content=\"https://keys.example\"", 1);
            assert_ne!(html, changed, "the page names its Key API");
            answer.body = changed.into_bytes();
        }
    });
    let browser = patient(Engine::Chromium);
    browser.goto(&proxy.origin());
    see(&browser, &[SENTENCE, words]);
    drop(browser);

    // With the page's policy right, but not the one that the server sends.
    let proxy = Proxy::before(&server);
    proxy.change(|path, answer| {
        if path == "/" {
            let html = String::from_utf8_lossy(&answer.body).into_owned();
            let changed = html.replacen("content=\"\"", "content=\"https://keys.example\"", 1);
            let changed =
                changed.replace("connect-src 'self'", "connect-src 'self' https://keys.example");
            answer.body = changed.into_bytes();
        }
    });
    let browser = patient(Engine::Chromium);
    browser.goto(&proxy.origin());
    until_the_app_is_there(&browser);
    SignInPage::on(&browser).sign_in(server.account());
    see(&browser, &[SENTENCE, words]);
}
