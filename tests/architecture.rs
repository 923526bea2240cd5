//! The direction of the modules, as `docs/ARCHITECTURE.md` draws it: who may name whom.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};

/// In the files below this path, none of these may be named.
struct Rule {
    below: &'static str,
    never: &'static [&'static str],
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        below: "src/domain",
        never: &[
            "leptos",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "gloo_net",
            "crate::access",
            "crate::api",
            "crate::app",
            "crate::browser",
            "crate::components",
            "crate::pages",
            "crate::reactive",
            "crate::remote",
            "crate::route",
            "crate::session",
        ],
        because: "the rules are pure, so that they are tested natively",
    },
    Rule {
        below: "src/words.rs",
        never: &["leptos", "web_sys", "js_sys", "wasm_bindgen", "crate::"],
        because: "every module may speak, so this one stands below them all",
    },
    Rule {
        below: "src/components",
        never: &[
            "crate::access",
            "crate::api",
            "crate::session",
            "crate::pages",
            "crate::app",
            "gloo_net",
        ],
        because: "a component takes props and gives callbacks",
    },
    Rule {
        below: "src/api",
        never: &[
            "leptos",
            "crate::access",
            "crate::session",
            "crate::pages",
            "crate::components",
            "crate::app",
            "crate::browser",
            "crate::remote",
        ],
        because: "the client knows neither who is signed in nor what is on show",
    },
    Rule {
        below: "src/api/decode.rs",
        never: &["gloo_net", "web_sys", "js_sys", "wasm_bindgen"],
        because: "decoding is pure",
    },
    Rule {
        below: "src/session",
        never: &[
            "crate::access",
            "crate::api",
            "crate::pages",
            "crate::components",
            "crate::app",
            "gloo_net",
        ],
        because: "the session does not fetch",
    },
    Rule {
        below: "src/access",
        never: &["crate::pages", "crate::components", "crate::app", "gloo_net"],
        because: "access knows tokens and calls, and not what is on show",
    },
    Rule {
        below: "src/remote.rs",
        never: &["crate::access", "crate::session", "crate::pages", "crate::components"],
        because: "whatever is fetched, it is repeated by the same rules",
    },
    Rule {
        below: "src/route.rs",
        never: &["leptos", "web_sys", "js_sys"],
        because: "parsing and printing an address is pure",
    },
    Rule {
        below: "src/pages",
        never: &["crate::app", "gloo_net"],
        because: "pages are chosen by the app and fetch through the client",
    },
    Rule {
        below: "src/browser",
        never: &[
            "crate::access",
            "crate::api",
            "crate::session",
            "crate::pages",
            "crate::components",
            "crate::app",
        ],
        because: "an adapter holds no rules",
    },
    Rule {
        below: "contract/src",
        never: &["leptos", "web_sys", "js_sys", "axum", "rusqlite"],
        because: "both sides of the wire share it",
    },
];

/// A name that only these files may use.
struct Reserved {
    name: &'static str,
    only: &'static [&'static str],
    because: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved { name: "gloo_net", only: &["src/api/exchange.rs"], because: "one module fetches" },
    Reserved {
        name: "indexed_db",
        only: &["src/browser/journal.rs"],
        because: "one module knows what outlives the tab",
    },
    Reserved {
        name: "session_storage",
        only: &["src/session/store.rs"],
        because: "one module knows what outlives a reload",
    },
    Reserved {
        name: "logging::",
        only: &["src/browser/last_resort.rs"],
        because: "what is logged may be secret; only the place of a panic is not",
    },
    Reserved {
        name: "prelude::Effect",
        only: &["src/reactive.rs"],
        because: "all effects are made of one",
    },
    Reserved { name: "inner_html", only: &[], because: "text is text" },
    Reserved { name: "local_storage", only: &[], because: "tokens end with the tab" },
];

#[test]
fn modules_name_only_what_they_may() {
    let mut faults = Vec::new();
    for rule in RULES {
        let files = sources(rule.below);
        assert!(!files.is_empty(), "{} holds no sources any more", rule.below);
        for (path, code) in files {
            for name in rule.never.iter().filter(|name| code.contains(**name)) {
                faults.push(format!("{}: {name}: {}", path.display(), rule.because));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn reserved_names_stay_where_they_belong_and_are_in_use_there() {
    let mut faults = Vec::new();
    for Reserved { name, only, .. } in RESERVED {
        for file in *only {
            let is_used = sources(file).iter().any(|(_, code)| code.contains(name));
            if !is_used {
                faults.push(format!("{file}: {name}: nothing is kept from anybody by this rule"));
            }
        }
    }
    for (path, code) in sources("src") {
        for reserved in RESERVED {
            let allowed = reserved.only.iter().any(|only| path.ends_with(only));
            if !allowed && code.contains(reserved.name) {
                faults.push(format!("{}: {}: {}", path.display(), reserved.name, reserved.because));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn an_effect_is_never_that_of_leptos_by_mistake() {
    // The prelude has one of the same name, which a forgotten import would take silently.
    let ours = |code: &str| {
        let mut imports = code.split("use crate::reactive::").skip(1);
        imports.any(|rest| rest.split(';').next().is_some_and(|names| names.contains("Effect")))
    };
    let makes_one = |(path, code): &(PathBuf, String)| {
        code.contains(" Effect::new(") && !path.ends_with("src/reactive.rs")
    };
    let makers: Vec<_> = sources("src").into_iter().filter(makes_one).collect();
    assert!(!makers.is_empty(), "nobody makes an effect any more");
    for (path, code) in makers {
        assert!(ours(&code), "{} makes an effect of Leptos", path.display());
    }
}

#[test]
fn the_style_does_not_look_into_elements() {
    // A browser takes what all `:has()` look for together. If one looks for a `button`, each that
    // comes or goes anywhere makes it work out anew all that any of them may change: at the opening
    // of a dialog, every cell of the table. A class of the element itself says the same.
    for file in ["style/first.css", "style/main.css"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let style = fs::read_to_string(path).expect("the style is text");
        assert!(!style.contains(":has("), "{file}");
    }
}

/// The code below a path, without its comments: a file, or a module's file and its folder.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join(below), &mut files);
    collect(&root.join(format!("{below}.rs")), &mut files);
    files
}

fn collect(path: &Path, files: &mut Vec<(PathBuf, String)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder can be listed") {
            collect(&entry.expect("an entry").path(), files);
        }
    } else if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
        let text = fs::read_to_string(path).expect("a source is text");
        let code: Vec<_> =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        files.push((path.to_owned(), code.join("\n")));
    }
}
