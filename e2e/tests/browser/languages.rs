//! The page speaks the language of its user, and is whole in each.

use e2e::browser::Browser;
use e2e::proxy::Proxy;
use e2e::proxy::message::Answer;
use e2e::scene::Scene;
use e2e::server::Server;
use serde_json::json;

/// What the browser asks for, and what the form's button then says, in which direction.
const SPOKEN: [(&str, &str, &str, &str); 8] = [
    ("de-AT,de", "de", "ltr", "Anmelden"),
    ("fr-CA", "fr", "ltr", "Se connecter"),
    ("es-MX,es", "es", "ltr", "Iniciar sesión"),
    ("ja", "ja", "ltr", "サインイン"),
    ("ar-EG,ar", "ar", "rtl", "تسجيل الدخول"),
    ("en-GB,de", "en", "ltr", "Sign in"),
    // The first one that there is; and English if there is none.
    ("it,pt-BR,de", "de", "ltr", "Anmelden"),
    ("it", "en", "ltr", "Sign in"),
];

#[test]
fn the_language_is_that_of_the_browser() {
    let scene = Scene::open();
    let browser = scene.browser();
    for (accepted, language, direction, words) in SPOKEN {
        accept(browser, accepted);
        browser.goto(&scene.origin());
        browser.button(words).wait();
        let root = browser.script("return [document.documentElement.lang, document.dir]");
        assert_eq!(root, json!([language, direction]), "{accepted}");
        assert_eq!(browser.css("#language").value(), language, "{accepted}");
        let loaded = browser.script(
            "return performance.getEntriesByType('resource').map((it) => it.name)
                .filter((name) => name.endsWith('.json')).length",
        );
        assert_eq!(loaded, i32::from(language != "en"), "files of words for {accepted}");
    }
}

#[test]
fn a_language_that_is_chosen_stays_and_changes_nothing_else() {
    let scene = Scene::open();
    let (page, _) = scene.sign_in_and_create("ci-bot");
    let browser = scene.browser();
    page.search().fill("ci");
    browser.until("the search to be in the address", || browser.url().contains("q=ci"));
    let address = browser.url();
    choose(browser, "de");
    browser.button("Abmelden").wait();
    browser.heading("API-Schlüssel").wait();
    assert_eq!(browser.title(), "API-Schlüssel · Occam Keys");
    assert_eq!(browser.url(), address);
    assert_eq!(page.names(), ["ci-bot"]);
    browser.link("Nutzung von ci-bot").click();
    browser.heading("Nutzung").wait();
    browser.reload();
    browser.button("Abmelden").wait();
    browser.link("← API-Schlüssel").click();
    browser.heading("API-Schlüssel").wait();
    choose(browser, "en");
    browser.button("Sign out").wait();
    assert_eq!(browser.title(), "API keys · Occam Keys");
}

#[test]
fn numbers_of_things_are_said_as_arabic_says_them() {
    let scene = Scene::open();
    let browser = scene.browser();
    accept(browser, "ar");
    scene_signs_in(&scene);
    let token = scene.tokens().access;
    // One, two, three to ten, and eleven to ninety-nine have forms of their own.
    let mut made = 0;
    for (count, words) in [(1, "مفتاح واحد"), (2, "مفتاحان"), (3, "مفاتيح"), (11, "مفتاحًا")]
    {
        while made < count {
            made += 1;
            let key = scene.server.api().create(&token, &format!("key-{made}"));
            scene.keep_secret(&key.api_key);
        }
        browser.reload();
        browser.until(&format!("{count} to be said as {words:?}"), || {
            browser.css(".count").text().contains(words)
        });
    }
}

#[test]
fn a_page_from_right_to_left_is_the_mirror_image_and_fits() {
    let scene = Scene::open();
    let browser = scene.browser();
    scene.sign_in_and_create("ci-bot");
    let is_mirrored = "const left = (part) => document.querySelector(part)
        .getBoundingClientRect().left;
        return left('.brand') > left('.account')";
    assert_eq!(browser.script(is_mirrored), false);
    choose(browser, "ar");
    browser.button("تسجيل الخروج").wait();
    for (width, height) in [(1280, 900), (390, 844), (320, 568)] {
        browser.resize(width, height);
        assert_eq!(browser.script(is_mirrored), true, "{width}");
        let wide = "return document.documentElement.scrollWidth - innerWidth";
        assert!(browser.script(wide).as_i64() <= Some(0), "it scrolls sideways at {width}");
    }
}

#[test]
fn without_the_file_of_its_words_a_page_is_english_and_nothing_is_wrong() {
    let missing = |answer: &mut Answer| *answer = Answer::html(404, "no such file");
    let changed = |answer: &mut Answer| answer.body.push(b' ');
    for (change, complaints) in
        [(missing as fn(&mut Answer), &["404", "integrity"][..]), (changed, &["integrity"])]
    {
        let scene = Scene::behind_proxy(Server::start());
        complaints.iter().for_each(|complaint| scene.expect_in_console(complaint));
        change_words(scene.proxy(), change);
        let browser = scene.browser();
        accept(browser, "ar");
        scene.open_site();
        let root = browser.script("return [document.documentElement.lang, document.dir]");
        assert_eq!(root, json!(["en", "ltr"]));
        assert_eq!(browser.css("#language").value(), "en");
        assert!(!browser.css("#failure").is_there());
        scene.open_site().sign_in(scene.server.account());
        scene.signed_in();
    }
}

fn change_words(proxy: &Proxy, change: fn(&mut Answer)) {
    proxy.change(move |path, answer| {
        if path.ends_with(".json") && path.starts_with("/ar-") {
            change(answer);
        }
    });
}

/// Lets the browser ask for these languages from the next page on.
fn accept(browser: &Browser, languages: &str) {
    let agent = browser.script("return navigator.userAgent");
    browser.devtools(
        "Emulation.setUserAgentOverride",
        json!({ "userAgent": agent, "acceptLanguage": languages }),
    );
}

fn choose(browser: &Browser, language: &str) {
    browser.css(&format!("#language option[value={language}]")).click();
}

/// Signs in whatever the words of the form are.
fn scene_signs_in(scene: &Scene) {
    let browser = scene.browser();
    browser.goto(&scene.origin());
    browser.css("form[data-adopted]").wait();
    browser.css("#username").fill(&scene.server.account().email);
    browser.css("#password").fill(&scene.server.account().password);
    browser.css("#sign-in-submit").click();
    browser.css("main [aria-busy=false]").wait();
}
