//! What assistive technology is told of the page of all keys stands in `e2e/snapshots`, so that
//! whoever changes it sees what they change. `OCCAM_KEYS_UPDATE=1` writes it anew.

use std::path::Path;
use std::{env, fs};

use e2e::browser::Browser;
use e2e::inspection;
use e2e::scene::Scene;
use e2e::tour::View;

/// Set to write the snapshot anew instead of comparing with it.
const UPDATE: &str = "OCCAM_KEYS_UPDATE";
/// The keys, from the oldest.
const NAMES: [&str; 3] = ["ci-bot", "billing, production", "nightly-job"];

/// Writes the same instead of what is another one each time: times and keys. It is done in the
/// page, because names are made of them too.
const STEADY: &str = r"
    for (const key of document.querySelectorAll('[role=row] code bdi')) key.textContent = 'KEY';
    for (const time of document.querySelectorAll('time')) {
        time.textContent = 'TIME';
        time.dateTime = '';
        time.removeAttribute('title');
    }";

#[test]
fn the_page_of_all_keys_tells_assistive_technology_what_the_snapshot_holds() {
    let scene = Scene::open();
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    let secrets = NAMES.map(|name| api.create(&token, name).api_key);
    for secret in &secrets {
        scene.keep_secret(secret);
    }
    api.exchange(&secrets[1]).expect("the key works");
    let page = scene.sign_in();
    page.until_names_are(&["nightly-job", "billing, production", "ci-bot"]);
    View::desktop("light").take(scene.browser());
    compare("keys_page.txt", scene.browser());
}

fn tree(browser: &Browser) -> String {
    browser.script(STEADY);
    inspection::accessibility_tree(browser)
}

/// Waits until the page is as the snapshot of this name has it, or says line by line what differs.
/// It is looked at more than once because focus and counts come a moment after the keys.
fn compare(snapshot: &str, browser: &Browser) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(snapshot);
    if env::var_os(UPDATE).is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(&path, tree(browser)).expect("the snapshot can be written");
        return;
    }
    let awaited = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. {UPDATE}=1 writes it.", path.display()));
    let compare = || {
        let changes = changes(&awaited, &tree(browser));
        if changes.is_empty() { Ok(()) } else { Err(changes) }
    };
    browser.until_or(
        compare,
        &format!(
            "the page to hold the lines of {snapshot}. If it is right without those with - and \
             with those with +, run the test with {UPDATE}=1"
        ),
    );
}

/// The lines that are only in `before` (-) and those that are only in `after` (+), in their order,
/// each with its number there; nothing if the texts are the same.
fn changes(before: &str, after: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    // How long the longest common subsequence of the rest from here is.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            common[at][to] = if old[at] == new[to] {
                common[at + 1][to + 1] + 1
            } else {
                common[at + 1][to].max(common[at][to + 1])
            };
        }
    }
    let (mut at, mut to) = (0, 0);
    let mut changes = String::new();
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            (at, to) = (at + 1, to + 1);
        } else if to == new.len() || (at < old.len() && common[at + 1][to] >= common[at][to + 1]) {
            changes.push_str(&format!("-{:4} {}\n", at + 1, old[at]));
            at += 1;
        } else {
            changes.push_str(&format!("+{:4} {}\n", to + 1, new[to]));
            to += 1;
        }
    }
    changes
}

#[test]
fn changes_between_trees_are_said_line_by_line() {
    assert_eq!(changes("a\nb\nc\n", "a\nb\nc\n"), "");
    assert_eq!(changes("a\nb\nc\n", "a\nB\nc\nd\n"), "-   2 b\n+   2 B\n+   4 d\n");
    assert_eq!(changes("", "a\n"), "+   1 a\n");
    assert_eq!(changes("a\n", ""), "-   1 a\n");
}
