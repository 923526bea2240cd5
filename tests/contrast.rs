//! Every pair of colours that stand on each other in `style/` can be told apart, in the
//! light theme and in the dark one (WCAG 2.2, 1.4.3 and 1.4.11, level AA).
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const TEXT: f64 = 4.5;
/// Borders of controls, focus rings and the marks of charts.
const GRAPHICS: f64 = 3.0;

/// What stands on what, and how much they have to differ.
const PAIRS: [(f64, &str, &[&str]); 18] = [
    (TEXT, "ink", &["paper", "surface", "surface-sunken", "accent-wash", "warning-wash"]),
    (TEXT, "ink-soft", &["paper", "surface", "surface-sunken"]),
    // Links and quiet buttons, also those in notices.
    (TEXT, "accent", &["paper", "surface", "surface-sunken", "accent-wash", "warning-wash"]),
    (TEXT, "accent-strong", &["paper", "surface", "accent-wash"]),
    (TEXT, "on-accent", &["accent", "accent-strong"]),
    (TEXT, "danger", &["paper", "surface", "surface-sunken", "danger-wash"]),
    (TEXT, "danger-strong", &["paper", "surface"]),
    (TEXT, "on-danger", &["danger", "danger-strong"]),
    (TEXT, "warning-ink", &["warning-wash", "surface"]),
    // The exact time in its bubble.
    (TEXT, "paper", &["ink"]),
    (GRAPHICS, "line-strong", &["paper", "surface", "surface-sunken"]),
    (GRAPHICS, "accent", &["paper", "surface", "surface-sunken", "accent-wash", "warning-wash"]),
    (GRAPHICS, "danger", &["paper", "surface"]),
    (GRAPHICS, "mark-successful", &["surface", "track"]),
    (GRAPHICS, "mark-failed", &["surface", "track"]),
    (GRAPHICS, "mark-near", &["surface", "track"]),
    (GRAPHICS, "ink-soft", &["paper"]),
    (GRAPHICS, "warning-ink", &["warning-wash"]),
];

/// The light and the dark value of a colour.
type Colour = [[u8; 3]; 2];

#[test]
fn what_stands_on_a_colour_can_be_told_from_it_in_both_themes() {
    let style = style();
    let colours = colours(&style);
    let mut faults = Vec::new();
    for (least, above, below) in PAIRS {
        for below in below {
            for (theme, name) in ["light", "dark"].iter().enumerate() {
                let [above_colour, below_colour] = [above, below].map(|name| {
                    colours.get(name).unwrap_or_else(|| panic!("there is no colour --{name}"))
                });
                let contrast = contrast(above_colour[theme], below_colour[theme]);
                if contrast < least {
                    faults.push(format!("{above} on {below}, {name}: {contrast:.2} < {least}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_colour_has_a_name() {
    let style = style();
    let (_, rules) = style.split_once("/* Elements").expect("the tokens come first");
    let (screen, _) = rules.split_once("@media print").expect("there is a style for paper");
    let unnamed: Vec<&str> = screen
        .lines()
        .filter(|line| {
            let digits = line.split('#').skip(1).any(|rest| {
                let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                let ended = !rest.as_bytes().get(digits).is_some_and(u8::is_ascii_alphanumeric);
                [3, 6].contains(&digits) && ended
            });
            digits && line.contains(": ")
        })
        .collect();
    assert!(unnamed.is_empty(), "colours without a name have no contrast to hold: {unnamed:#?}");
}

/// From the examples of <https://www.w3.org/WAI/WCAG22/Techniques/general/G18>: the extremes, and
/// the grey that is just enough on white.
#[test]
fn contrast_is_what_wcag_says() {
    assert_eq!(contrast([0; 3], [255; 3]).round(), 21.0);
    assert_eq!(contrast([9; 3], [9; 3]), 1.0);
    assert!(contrast([0x76; 3], [255; 3]) > TEXT && contrast([0x77; 3], [255; 3]) < TEXT);
}

fn colours(style: &str) -> BTreeMap<&str, Colour> {
    style
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
            Some((name, [hex(light)?, hex(dark)?]))
        })
        .collect()
}

fn hex(colour: &str) -> Option<[u8; 3]> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn style() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
    let read = |name| fs::read_to_string(folder.join(name)).expect("there is a style");
    read("first.css") + &read("main.css")
}
