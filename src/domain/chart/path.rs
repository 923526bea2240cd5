//! Columns over time, as the `d` of an SVG path. A value that is not a number has no place, and so
//! no column.

use super::scale::Frame;
use super::{Tenths, push_pixels};

/// What lies between two values from one time to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// From when, in milliseconds.
    pub from: i64,
    /// Until when, in milliseconds.
    pub until: i64,
    /// The lower edge.
    pub low: f64,
    /// The upper edge.
    pub high: f64,
}

/// Upright boxes, such as what was added from one look to the next.
pub fn columns(columns: &[Column], frame: &Frame) -> String {
    let mut text = String::new();
    for column in columns.iter().filter(|it| !it.low.is_nan() && !it.high.is_nan()) {
        let place = |time| frame.x.place_of_time(time);
        let (left, right) = (place(column.from), place(column.until));
        push_place(&mut text, 'M', left, frame.y.place(column.low));
        push_length(&mut text, 'V', frame.y.place(column.high));
        push_length(&mut text, 'H', right);
        push_length(&mut text, 'V', frame.y.place(column.low));
        text.push('Z');
    }
    text
}

/// Upright boxes one upon the other, for each value of a time that goes `from` one to another: the
/// first stands on 0, each other on the one below. A value that is negative or not a number is
/// nothing, and for nothing there is no box, which even without height would be seen by its outline.
pub fn stacked_columns<const N: usize>(
    spans: &[(i64, i64, [f64; N])],
    frame: &Frame,
) -> [String; N] {
    let mut stacks = [const { Vec::new() }; N];
    for &(from, until, values) in spans {
        let mut low = 0.0;
        for (value, boxes) in values.iter().zip(&mut stacks) {
            let high = (low + value.max(0.0)).min(f64::MAX);
            if high > low {
                boxes.push(Column { from, until, low, high });
            }
            low = high;
        }
    }
    stacks.map(|boxes| columns(&boxes, frame))
}

fn push_place(text: &mut String, command: char, x: Tenths, y: Tenths) {
    push_length(text, command, x);
    text.push(' ');
    push_pixels(text, y);
}

fn push_length(text: &mut String, command: char, length: Tenths) {
    text.push(command);
    push_pixels(text, length);
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame() -> Frame {
        Frame::new(1_000, 500, (0, 100), 10.0)
    }

    /// The corners that a path runs through, in tenths of a pixel, run by run.
    fn corners(path: &str) -> Vec<Vec<(Tenths, Tenths)>> {
        let length = |text: &str| {
            let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
            assert_eq!(tenth.len(), 1, "{text}");
            whole.parse::<Tenths>().expect("a whole number") * 10
                + tenth.parse::<Tenths>().expect("a digit")
        };
        let mut runs: Vec<Vec<(Tenths, Tenths)>> = Vec::new();
        let starts: Vec<_> = path.match_indices(|it: char| it.is_ascii_alphabetic()).collect();
        for (index, (at, command)) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(path.len(), |next| next.0);
            let numbers: Vec<_> = path[at + 1..end].split(' ').collect();
            let here = runs.last().and_then(|run| run.last()).copied().unwrap_or_default();
            let next = match *command {
                "M" | "L" => (length(numbers[0]), length(numbers[1])),
                "H" => (length(numbers[0]), here.1),
                "V" => (here.0, length(numbers[0])),
                "h" | "Z" => continue,
                other => panic!("{other} in {path}"),
            };
            if *command == "M" {
                runs.push(Vec::new());
            }
            runs.last_mut().expect("M comes first").push(next);
        }
        runs
    }

    #[test]
    fn a_column_stands_where_its_time_is() {
        let column = Column { from: 10, until: 20, low: 2.0, high: 4.0 };
        assert_eq!(columns(&[column], &frame()), "M10 40V30H20V40Z");
        assert_eq!(columns(&[Column { low: f64::NAN, ..column }], &frame()), "");
    }

    #[test]
    fn columns_of_one_time_stand_one_upon_the_other() {
        let spans = [(10, 20, [2.0, 4.0]), (20, 30, [10.0, 0.0])];
        let [below, above] = stacked_columns(&spans, &frame());
        assert_eq!(below, "M10 50V40H20V50ZM20 50V0H30V50Z");
        assert_eq!(above, "M10 40V20H20V40Z");
    }

    #[test]
    fn what_is_negative_or_no_number_is_no_column_and_holds_up_nothing() {
        let [below, above] = stacked_columns(&[(10, 20, [f64::NAN, 2.0])], &frame());
        assert_eq!((&*below, &*above), ("", "M10 50V40H20V50Z"));
        let [below, above] = stacked_columns(&[(10, 20, [-1.0, -1.0])], &frame());
        assert_eq!((&*below, &*above), ("", ""));
    }

    /// Numbers as the wire and a wrong clock may bring them.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => 0.0..1e6,
            1 => Just(0.0),
            1 => Just(f64::NAN),
            1 => Just(1e18),
            1 => Just(f64::INFINITY),
            1 => any::<f64>(),
        ]
    }

    fn time() -> impl Strategy<Value = i64> {
        prop_oneof![
            6 => 0..1_000_000_i64,
            1 => Just(7),
            1 => Just(1_000_000_000_000_000_000),
            1 => any::<i64>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn whatever_comes_every_path_is_made_of_numbers_inside_the_box(
            rows in prop::collection::vec((time(), value(), value()), 0..12),
            (from, until) in (time(), time()),
            top in value(),
            (width, height) in (0..20_000, 0..20_000),
        ) {
            let frame = Frame::new(width, height, (from, until), top);
            let boxes: Vec<_> = rows
                .iter()
                .map(|&(at, low, high)| Column { from: at, until: at.wrapping_add(9), low, high })
                .collect();
            let spans: Vec<_> = boxes.iter().map(|it| (it.from, it.until, [it.low, it.high])).collect();
            let [below, above] = stacked_columns(&spans, &frame);
            for path in [columns(&boxes, &frame), below, above] {
                for (x, y) in corners(&path).concat() {
                    prop_assert!((0..=width).contains(&x) && (0..=height).contains(&y), "{path}");
                }
            }
        }

        #[test]
        fn each_column_begins_where_the_one_below_ends_and_the_top_is_the_sum(
            rows in prop::collection::vec(prop::array::uniform3(1_u64..1_000_000_000_000), 1..12),
        ) {
            let spans: Vec<_> = rows
                .iter()
                .zip(0..)
                .map(|(row, at)| (at, at + 1, row.map(|value| value as f64)))
                .collect();
            let frame = Frame::new(9_000, 3_000, (0, rows.len() as i64), 3e12);
            let [low, middle, high] = stacked_columns(&spans, &frame).map(|path| corners(&path));
            for (at, row) in rows.iter().enumerate() {
                // The first corner is the lower left one, the second the upper left one.
                let edges = [&low[at], &middle[at], &high[at]].map(|it| (it[0].1, it[1].1));
                prop_assert_eq!(edges[0].0, frame.y.place(0.0));
                prop_assert_eq!((edges[1].0, edges[2].0), (edges[0].1, edges[1].1));
                prop_assert_eq!(edges[2].1, frame.y.place(row.iter().sum::<u64>() as f64));
            }
        }
    }
}
