//! How two pictures (PNG) differ.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Transformations};

/// How a picture differs from the last one of its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Difference {
    /// Not at all.
    None,
    /// There was none.
    New,
    /// There is none any more.
    Gone,
    /// In some pixels.
    Changed {
        /// How many of a hundred pixels.
        percent: f64,
        /// The new picture, pale but for what has changed, which is red.
        marked: Vec<u8>,
    },
}

/// A picture with a byte for red, green, blue and opacity of each pixel.
struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// Compares two pictures. Where one is larger than the other, all of that has changed.
pub(super) fn between(before: &[u8], after: &[u8]) -> Result<Difference, String> {
    if before == after {
        return Ok(Difference::None);
    }
    let (before, after) = (decode(before)?, decode(after)?);
    let (width, height) = (before.width.max(after.width), before.height.max(after.height));
    let mut marked = Vec::with_capacity(width as usize * height as usize * 4);
    let mut changed = 0_u64;
    for y in 0..height {
        for x in 0..width {
            let (old, new) = (before.pixel(x, y), after.pixel(x, y));
            if old == new {
                let pale = |part: u8| 255 - (255 - part) / 3;
                let [red, green, blue, _] = new.unwrap_or([255; 4]);
                marked.extend([pale(red), pale(green), pale(blue), 255]);
            } else {
                changed += 1;
                marked.extend([214, 20, 60, 255]);
            }
        }
    }
    if changed == 0 {
        return Ok(Difference::None);
    }
    let percent = changed as f64 * 100.0 / (f64::from(width) * f64::from(height));
    Ok(Difference::Changed { percent, marked: encode(width, height, &marked)? })
}

impl Picture {
    fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = (y as usize * self.width as usize + x as usize) * 4;
        self.pixels.get(at..at + 4)?.try_into().ok()
    }
}

fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let size = reader.output_buffer_size().ok_or("the picture is too large")?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels).map_err(|error| error.to_string())?;
    if info.color_type != ColorType::Rgba {
        return Err(format!("a picture of {:?} is not understood", info.color_type));
    }
    Ok(Picture { width: info.width, height: info.height, pixels })
}

/// A picture of these pixels, four bytes each.
pub(super) fn encode(width: u32, height: u32, pixels: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut it| it.write_image_data(pixels));
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 4] = [255; 4];
    const BLACK: [u8; 4] = [0, 0, 0, 255];

    fn picture(width: u32, pixels: &[[u8; 4]]) -> Vec<u8> {
        let height = pixels.len() as u32 / width;
        encode(width, height, &pixels.concat()).expect("a picture")
    }

    #[test]
    fn what_has_changed_is_counted_and_marked() {
        let before = picture(2, &[WHITE, WHITE, WHITE, WHITE]);
        let after = picture(2, &[WHITE, BLACK, WHITE, WHITE]);
        assert_eq!(between(&before, &before), Ok(Difference::None));
        let Ok(Difference::Changed { percent, marked }) = between(&before, &after) else {
            panic!("they differ");
        };
        assert_eq!(percent, 25.0);
        let marked = decode(&marked).expect("a picture");
        assert_eq!(marked.pixel(1, 0), Some([214, 20, 60, 255]));
        assert_eq!(marked.pixel(0, 0), Some(WHITE));
    }

    #[test]
    fn what_is_beyond_the_other_picture_has_changed() {
        let before = picture(1, &[WHITE, WHITE]);
        let after = picture(2, &[WHITE, WHITE, WHITE, WHITE]);
        let Ok(Difference::Changed { percent, .. }) = between(&before, &after) else {
            panic!("they differ");
        };
        assert_eq!(percent, 50.0);
    }

    #[test]
    fn what_is_no_picture_is_said() {
        assert!(between(b"one", b"another").is_err());
    }
}
