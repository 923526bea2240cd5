//! Every state of the tour can be used by everybody: seen light and dark, wide and narrow, from left
//! to right and from right to left, with colours that the system forces, and at a zoom of 400 %.
//! And the main page tells assistive technology what it told when it was last looked at.

use std::path::Path;
use std::{env, fs, thread};

use e2e::browser::Browser;
use e2e::inspection;
use e2e::scene::Scene;
use e2e::tour::CHAPTERS;

/// If this is set, the accessibility tree is written into its file instead of compared with it.
const UPDATE: &str = "OCCAM_KEYS_UPDATE";

#[test]
fn no_state_breaks_a_rule_of_axe_or_loses_anything_to_zoom_or_forced_colours() {
    let faults: Vec<String> = thread::scope(|scope| {
        // As many walk at once as browsers may run.
        let walks = CHAPTERS.map(|chapter| {
            let walk = move || inspection::faults(&Browser::start(), chapter);
            let thread = thread::Builder::new().name(format!("tour-{}", chapter.0));
            (chapter.0, thread.spawn_scoped(scope, walk).expect("a thread can be started"))
        });
        let ends = walks.into_iter().map(|(chapter, walk)| {
            // What kept it from its end, it has said itself.
            walk.join().unwrap_or_else(|_| vec![format!("{chapter} did not come to its end")])
        });
        ends.flatten().collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_main_page_tells_assistive_technology_what_its_snapshot_holds() {
    let scene = Scene::open();
    let page = scene.sign_in();
    let token = scene.tokens().access;
    for name in ["ci-bot", "Production backend", "مفتاح"] {
        scene.server.api().create(&token, name);
    }
    scene.browser().reload();
    page.until_names_are(&["مفتاح", "Production backend", "ci-bot"]);
    // The focus is where a new page has it.
    scene.browser().script("document.querySelector('#app h1').focus()");
    let tree = without_chance(&inspection::accessibility_tree(scene.browser()));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/keys_page.txt");
    if env::var_os(UPDATE).is_some() {
        fs::write(&file, &tree).expect("the snapshot can be written");
    }
    let before = fs::read_to_string(&file).expect("there is a snapshot");
    let difference = difference(&before, &tree);
    assert!(
        difference.is_empty(),
        "the accessibility tree has changed; if it is meant to, {UPDATE}=1 keeps it:\n{difference}"
    );
}

#[test]
fn what_differs_between_two_trees_is_said_line_by_line() {
    assert_eq!(difference("a\nb\nc\n", "a\nb\nc\n"), "");
    assert_eq!(difference("a\nb\nc\n", "a\nx\nc\nd\n"), "  a\n- b\n+ x\n  c\n+ d\n");
}

/// The tree without what is another one each time: the masked keys.
fn without_chance(tree: &str) -> String {
    let lines = tree.lines().map(|line| match line.split_once("occ_") {
        Some((before, _)) => format!("{before}occ_…\"\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// The lines of both texts, those of one alone marked; empty if the texts are the same.
fn difference(before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // The length of the longest common subsequence from each place on.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            common[at][to] = match old[at] == new[to] {
                true => common[at + 1][to + 1] + 1,
                false => common[at + 1][to].max(common[at][to + 1]),
            };
        }
    }
    let (mut at, mut to, mut lines) = (0, 0, String::new());
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            lines += &format!("  {}\n", old[at]);
            (at, to) = (at + 1, to + 1);
        } else if at < old.len() && (to == new.len() || common[at + 1][to] >= common[at][to + 1]) {
            lines += &format!("- {}\n", old[at]);
            at += 1;
        } else {
            lines += &format!("+ {}\n", new[to]);
            to += 1;
        }
    }
    lines
}
