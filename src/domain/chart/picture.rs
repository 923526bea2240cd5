//! A chart that leaves the page, as a picture of its own: all that is said beside the chart on the
//! page stands in it, and its colours are those of paper.

use super::{Tenths, pixels};

/// The size of a picture, in tenths of a pixel.
pub const SIZE: (Tenths, Tenths) = (6_400, 2_300);

/// Where the drawing begins in it, and how large it is.
pub const PLOT: (Tenths, Tenths) = (200, 700);
/// The width and the height of the drawing.
pub const PLOT_SIZE: (Tenths, Tenths) = (6_000, 1_000);

/// The paper.
pub const PAPER: &str = "#ffffff";
/// What is written.
pub const INK: &str = "#1d1b18";
/// What succeeded, and what failed: as in the light theme.
pub const SUCCESSFUL: &str = "#0f766e";
/// See [`SUCCESSFUL`].
pub const FAILED: &str = "#d9480f";
/// The lines above and below the drawing.
pub const LINE: &str = "#8a857b";

const TITLE_PIXELS: u32 = 16;
const TEXT_PIXELS: u32 = 12;

/// The side of the box beside the name of what it stands for.
pub const SWATCH: Tenths = 100;

/// From one name to the next.
const NAME_EVERY: Tenths = 2_000;

/// A chart with what is said beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The name of its file, without what tells its kind.
    pub file: &'static str,
    /// What it shows, of which key.
    pub title: String,
    /// What stands above the drawing: how much the top of it is.
    pub scale: String,
    /// What stands below its ends: when it begins and ends, with the zone.
    pub times: [String; 2],
    /// What is drawn, the lowest layer first.
    pub layers: Vec<Layer>,
}

/// What is drawn in one colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it is; empty if another layer of the same colour says it.
    pub name: String,
    /// Its colour, as CSS writes it.
    pub colour: &'static str,
    /// How much of it covers what is behind, in percent.
    pub cover: u8,
    /// Its path, from the corner of the drawing on.
    pub path: String,
}

/// A text in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Where it begins, or ends if `is_end`.
    pub x: Tenths,
    /// Its base line.
    pub y: Tenths,
    /// Whether it ends at `x`.
    pub is_end: bool,
    /// The height of its letters, in whole pixels.
    pub size: u32,
    /// What it says.
    pub text: &'a str,
}

impl Picture {
    /// All that is written in it.
    pub fn texts(&self) -> Vec<Text<'_>> {
        let (left, right) = (PLOT.0, PLOT.0 + PLOT_SIZE.0);
        let below = PLOT.1 + PLOT_SIZE.1 + 200;
        let text = |x, y, is_end, text| Text { x, y, is_end, size: TEXT_PIXELS, text };
        let mut texts = vec![
            Text { size: TITLE_PIXELS, ..text(left, 320, false, &*self.title) },
            text(left, PLOT.1 - 80, false, &*self.scale),
            text(left, below, false, &*self.times[0]),
            text(right, below, true, &*self.times[1]),
        ];
        for (layer, [x, _]) in self.named() {
            texts.push(text(x + SWATCH + 60, NAMES_BELOW, false, &*layer.name));
        }
        texts
    }

    /// The boxes that show the colours, with their layers: the left and the upper end of each.
    pub fn swatches(&self) -> Vec<(&Layer, [Tenths; 2])> {
        self.named().collect()
    }

    /// The picture as SVG, which needs nothing else.
    pub fn svg(&self) -> String {
        let [width, height] = [SIZE.0, SIZE.1].map(pixels);
        let mut svg = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
            &width,
            "\" height=\"",
            &height,
            "\" viewBox=\"0 0 ",
            &width,
            " ",
            &height,
            "\" role=\"img\"><title>",
        ]
        .concat();
        push_escaped(&mut svg, &self.title);
        svg += "</title>";
        push_box(&mut svg, [0, 0], [SIZE.0, SIZE.1], PAPER, 100);
        for layer in &self.layers {
            let [x, y] = [PLOT.0, PLOT.1].map(pixels);
            svg += &["<path transform=\"translate(", &x, " ", &y, ")\" d=\"", &layer.path].concat();
            push_colour(&mut svg, layer.colour, layer.cover);
        }
        for y in [PLOT.1, PLOT.1 + PLOT_SIZE.1] {
            push_box(&mut svg, [PLOT.0, y], [PLOT_SIZE.0, LINE_HEIGHT], LINE, 100);
        }
        for (layer, place) in self.named() {
            push_box(&mut svg, place, [SWATCH, SWATCH], layer.colour, layer.cover);
        }
        for Text { x, y, is_end, size, text } in self.texts() {
            let anchor = if is_end { "end" } else { "start" };
            svg += &[
                "<text x=\"",
                &pixels(x),
                "\" y=\"",
                &pixels(y),
                "\" text-anchor=\"",
                anchor,
                "\" font-family=\"sans-serif\" font-size=\"",
                &size.to_string(),
                "\" fill=\"",
                INK,
                "\">",
            ]
            .concat();
            push_escaped(&mut svg, text);
            svg += "</text>";
        }
        svg + "</svg>\n"
    }

    fn named(&self) -> impl Iterator<Item = (&Layer, [Tenths; 2])> {
        let named = self.layers.iter().filter(|layer| !layer.name.is_empty());
        (0..).zip(named).map(|(at, layer): (Tenths, _)| {
            (layer, [PLOT.0 + at * NAME_EVERY, NAMES_BELOW - SWATCH])
        })
    }
}

/// The height of the lines above and below the drawing.
pub const LINE_HEIGHT: Tenths = 10;

/// The base line of the names.
const NAMES_BELOW: Tenths = 2_140;

fn push_box(svg: &mut String, place: [Tenths; 2], size: [Tenths; 2], colour: &str, cover: u8) {
    let [x, y] = place.map(pixels);
    let [width, height] = size.map(pixels);
    *svg +=
        &["<rect x=\"", &x, "\" y=\"", &y, "\" width=\"", &width, "\" height=\"", &height].concat();
    push_colour(svg, colour, cover);
}

fn push_colour(svg: &mut String, colour: &str, cover: u8) {
    *svg += &["\" fill=\"", colour, "\" fill-opacity=\"", &cover.to_string(), "%\"/>"].concat();
}

/// The text as XML takes it (XML 1.0, 2.2 and 2.4). What XML has no place for is left out.
fn push_escaped(svg: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => *svg += "&amp;",
            '<' => *svg += "&lt;",
            '>' => *svg += "&gt;",
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => svg.push(other),
        }
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(title: &str) -> Picture {
        let layer = |name: &str, cover| Layer {
            name: name.to_owned(),
            colour: "#0f766e",
            cover,
            path: "M0 100V0H60V100Z".to_owned(),
        };
        Picture {
            file: "usage",
            title: title.to_owned(),
            scale: "7 an hour".to_owned(),
            times: ["noon UTC".to_owned(), "one UTC".to_owned()],
            layers: vec![layer("Successful", 100), layer("", 45)],
        }
    }

    #[test]
    fn a_picture_says_what_it_shows_and_needs_nothing_else() {
        let svg = picture("Requests of ci-bot").svg();
        for part in [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"230\"",
            "<title>Requests of ci-bot</title>",
            ">7 an hour</text>",
            ">noon UTC</text>",
            "text-anchor=\"end\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#1d1b18\">one",
            ">Successful</text>",
            "<path transform=\"translate(20 70)\" d=\"M0 100V0H60V100Z\" fill=\"#0f766e\" \
             fill-opacity=\"45%\"/>",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert_eq!(svg.matches("http").count(), 1, "{svg}");
    }

    #[test]
    fn each_layer_with_a_name_is_shown_once() {
        let picture = picture("");
        let places: Vec<_> = picture.swatches().iter().map(|(_, place)| *place).collect();
        assert_eq!(places, [[200, 2_040]]);
        assert_eq!(picture.texts().len(), 5);
    }

    #[test]
    fn a_name_stays_text() {
        let svg = picture("</title><script>&\u{0}\u{1b}\u{ffff}").svg();
        let expected = "<title>&lt;/title&gt;&lt;script&gt;&amp;</title>";
        assert!(svg.contains(expected), "{svg}");
        assert!(!svg.contains("<script"), "{svg}");
    }

    #[test]
    fn everything_lies_inside_the_picture() {
        let picture = picture("Requests of ci-bot");
        for Text { x, y, .. } in picture.texts() {
            assert!((0..=SIZE.0).contains(&x) && (0..=SIZE.1).contains(&y));
        }
        assert!(PLOT.0 + PLOT_SIZE.0 < SIZE.0 && PLOT.1 + PLOT_SIZE.1 < NAMES_BELOW - SWATCH);
    }

    /// The texts and titles between the tags, unescaped; panics where it is not well-formed.
    fn read_xml(mut xml: &str) -> Vec<String> {
        let (mut open, mut texts) = (Vec::new(), Vec::new());
        while let Some(rest) = xml.strip_prefix('<') {
            let (tag, after) = rest.split_once('>').expect("a tag ends");
            let name = tag.split([' ', '/']).find(|it| !it.is_empty()).expect("a tag has a name");
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) => assert_eq!(open.pop(), Some(name)),
                (false, true) => {}
                (false, false) => open.push(name),
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let (text, next) = after.split_at(after.find('<').unwrap_or(after.len()));
            for entity in text.split('&').skip(1) {
                assert!(["amp;", "lt;", "gt;"].iter().any(|it| entity.starts_with(it)), "{text}");
            }
            if matches!(open.last(), Some(&("title" | "text"))) && !tag.starts_with('/') {
                let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                texts.push(text);
            }
            xml = next;
        }
        assert!(xml.is_empty() && open.is_empty(), "{xml:?} and {open:?}");
        texts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn whatever_it_says_it_is_well_formed_and_says_it(
            title in r#"[\w <>&"'\]/=!-]{0,12}"#,
            name in "\\PC{0,8}",
            noise in any::<String>(),
        ) {
            let mut picture = picture(&title);
            picture.layers[0].name.clone_from(&name);
            picture.times[0] = noise;
            let texts = read_xml(&picture.svg());
            prop_assert!(texts.iter().filter(|it| **it == title).count() >= 2);
            prop_assert!(name.is_empty() || texts.contains(&name), "{:?}", texts);
        }
    }
}
