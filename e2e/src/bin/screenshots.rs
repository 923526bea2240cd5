//! Takes a picture of every state of the tour, in light and dark, narrow and wide, into a folder:
//! `cargo xtask shots` runs it.

use std::path::PathBuf;
use std::{env, fs, thread};

use e2e::browser::Browser;
use e2e::tour::{self, CHAPTERS, Chapter, STYLEGUIDE, View};
use serde_json::json;

const VIEWS: [View; 4] =
    [View::desktop("light"), View::desktop("dark"), View::phone("light"), View::phone("dark")];

/// Writes the same instead of what is another one each time: keys, ids and ports. The pictures of
/// two tours can be compared then.
const STEADY: &str = r"
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const before = texts.currentNode.data;
        const after = before
            .replace(/occ_[^\s…•*]*|[^\s…•*]*(?<=[…•*])\w{4}\b/g, (key) => 'k'.repeat(key.length))
            .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => id.replace(/\w/g, '0'))
            .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080');
        if (after !== before) texts.currentNode.data = after;
    }";

fn main() {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        panic!("usage: screenshots FOLDER")
    };
    fs::create_dir_all(&folder).expect("the folder can be made");
    thread::scope(|scope| {
        // As many walk at once as browsers may run.
        for chapter in CHAPTERS.into_iter().chain([STYLEGUIDE]) {
            let folder = &folder;
            scope.spawn(move || photograph(chapter, folder));
        }
    });
}

fn photograph(chapter: Chapter, folder: &std::path::Path) {
    let browser = Browser::start_whole();
    browser.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
    tour::walk(&browser, chapter, &|state| {
        for view in VIEWS {
            view.take(&browser);
            browser.script(STEADY);
            let View { scheme, width, .. } = view;
            let path = folder.join(format!("{state}-{scheme}-{width}.png"));
            fs::write(&path, browser.picture()).expect("the picture can be written");
        }
    });
}
