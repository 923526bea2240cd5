//! Where the marks of a chart lie: scales, ticks, paths, bars and what is nearest, as plain numbers
//! and texts for SVG.
//!
//! Lengths are whole tenths of a pixel ([`Tenths`]), so that no float is ever printed, and whatever
//! came over the wire, what is drawn lies inside the box and is a number.

pub mod bars;
pub mod outcome;
pub mod path;
pub mod picture;
pub mod readout;
pub mod scale;
pub mod ticks;

use std::fmt::Write as _;

/// A length or a place in tenths of a pixel.
pub type Tenths = i32;

/// A length as an SVG attribute takes it, in pixels: `-0.5`, `12`, `12.3`.
pub fn pixels(length: Tenths) -> String {
    let mut text = String::new();
    push_pixels(&mut text, length);
    text
}

fn push_pixels(text: &mut String, length: Tenths) {
    if length < 0 {
        text.push('-');
    }
    let tenths = length.unsigned_abs();
    // Writing into a string cannot fail.
    let _ = write!(text, "{}", tenths / 10);
    if !tenths.is_multiple_of(10) {
        let _ = write!(text, ".{}", tenths % 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_reads_in_pixels_with_a_digit_only_where_it_needs_one() {
        let said = [0, 5, -5, 10, -123, 1_005, i32::MIN].map(pixels);
        assert_eq!(said, ["0", "0.5", "-0.5", "1", "-12.3", "100.5", "-214748364.8"]);
    }
}
