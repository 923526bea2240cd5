//! What is wrong with a state of the page for those who do not see it as most do.

use std::cell::RefCell;
use std::fs;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::environment;
use crate::tour::{self, Chapter, View};

/// What finds text that is cut, pages that scroll sideways, and actions that cannot be reached.
const LAYOUT: &str = include_str!("inspection/layout.js");

/// The views in which the rules of axe-core are applied.
const VIEWS: [View; 4] =
    [View::desktop("light"), View::desktop("dark"), View::phone("light"), View::phone("dark")];
/// The colours are the system's.
const FORCED: View = View { forced_colors: true, ..View::desktop("light") };

/// What is wrong in the states of a chapter of the tour, each with the state and the view.
///
/// Each state is seen as it is, in every view and in both directions of writing; with colours that
/// the system forces; and at a zoom of 400 %.
pub fn faults(browser: &Browser, chapter: Chapter) -> Vec<String> {
    let axe = fs::read_to_string(environment::axe()).expect("axe-core is there");
    let found = RefCell::new(Vec::new());
    tour::walk(browser, chapter, &|state| {
        let mut found = found.borrow_mut();
        let own = browser.script("return document.dir");
        for direction in ["ltr", "rtl"] {
            browser.script(&format!("document.dir = '{direction}'"));
            for view in VIEWS {
                view.take(browser);
                let View { scheme, width, .. } = view;
                let place = format!("{state}, {scheme}, {width} px, {direction}");
                found.extend(named(&place, broken_rules(browser, &axe)));
                found.extend(named(&place, layout(browser)));
            }
            View::ZOOMED.take(browser);
            found.extend(named(&format!("{state}, zoomed, {direction}"), layout(browser)));
        }
        browser.script(&format!("document.dir = {own}"));
        FORCED.take(browser);
        let place = format!("{state}, forced colours");
        found.extend(named(&place, broken_rules(browser, &axe)));
        found.extend(named(&place, layout(browser)));
    });
    found.into_inner()
}

/// The rules of axe-core that the page on show breaks, each with the element.
pub fn broken_rules(browser: &Browser, axe: &str) -> Vec<String> {
    if browser.script("return typeof axe") == "undefined" {
        // A script of the driver's is not held to the page's policy.
        browser.script(&format!("{axe}; window.axe = axe"));
    }
    // The browser draws a page without a style in the colours of its scheme, which axe takes for
    // white.
    let report = browser.script(
        "const { colorScheme } = getComputedStyle(document.documentElement);
        const contrast = { enabled: colorScheme !== 'normal' };
        return axe
            .run(document, {
                resultTypes: ['violations'], preload: false,
                rules: { 'color-contrast': contrast },
            })
            .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) =>
                `${id}: ${node.target.join(' ')}: ${node.html.slice(0, 120)}: ${[
                    ...node.any, ...node.all, ...node.none,
                ].map((check) => check.message).join('; ')}`)))",
    );
    texts(&report)
}

/// What cannot be read or reached in the page on show.
pub fn layout(browser: &Browser) -> Vec<String> {
    texts(&browser.script(LAYOUT))
}

fn named(place: &str, faults: Vec<String>) -> impl Iterator<Item = String> {
    faults.into_iter().map(move |fault| format!("{place}: {fault}"))
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list was awaited, not {list}"));
    list.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

/// The accessibility tree of the page on show, one line for each thing that assistive technology
/// is told of: its role, its name, what is in it, its description and its states, indented by
/// where it stands.
pub fn accessibility_tree(browser: &Browser) -> String {
    browser.devtools("Accessibility.enable", json!({}));
    let tree = browser.devtools("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
    let root = nodes.iter().find(|node| node["parentId"].is_null()).expect("a tree has a root");
    let mut lines = String::new();
    write_node(root, &nodes, 0, "", &mut lines);
    lines
}

/// States that make a difference to who is told of them.
const STATES: [&str; 13] = [
    "checked", "disabled", "expanded", "focused", "hasPopup", "invalid", "level", "live", "modal",
    "pressed", "required", "selected", "busy",
];

/// Writes a node and what is in it. What tells of it is called `above`: a text that says the same
/// once more is left out.
fn write_node(node: &Value, nodes: &[Value], depth: usize, above: &str, lines: &mut String) {
    let role = node["role"]["value"].as_str().unwrap_or_default();
    let name = node["name"]["value"].as_str().unwrap_or_default();
    // The popup of a closed list is there or not as the browser happens to have got it ready.
    let is_told = node["ignored"] != true
        && !["none", "generic", "InlineTextBox", "MenuListPopup"].contains(&role)
        && !(role == "StaticText" && (name.trim().is_empty() || name == above));
    if is_told {
        lines.push_str(&"  ".repeat(depth));
        lines.push_str(role);
        if !name.is_empty() {
            lines.push_str(&format!(" {name:?}"));
        }
        for more in ["value", "description"] {
            let text = node[more]["value"].as_str().unwrap_or_default();
            if !text.is_empty() && text != name {
                lines.push_str(&format!(" {more}={text:?}"));
            }
        }
        let properties = node["properties"].as_array().into_iter().flatten();
        for property in properties {
            let name = property["name"].as_str().unwrap_or_default();
            let value = &property["value"]["value"];
            if STATES.contains(&name) && *value != false && value != "false" && value != "off" {
                lines.push_str(&format!(" {name}={}", value.to_string().replace('"', "")));
            }
        }
        lines.push('\n');
    }
    let told = if is_told { name } else { above };
    for child in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = nodes.iter().find(|node| node["nodeId"] == *child) {
            write_node(child, nodes, depth + usize::from(is_told), told, lines);
        }
    }
}
