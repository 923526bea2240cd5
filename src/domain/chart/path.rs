//! Lines, areas, stacked bands and columns over time, as the `d` of an SVG path.
//!
//! Points may come in any order. A value that is not a number has no place: it breaks the line, as
//! a gap in time does.

use super::scale::Frame;
use super::{Tenths, push_pixels};
use crate::domain::order::sorted;

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, in milliseconds.
    pub at: i64,
    /// How much.
    pub value: f64,
}

/// What lies between two values at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// When, in milliseconds.
    pub at: i64,
    /// The lower edge.
    pub low: f64,
    /// The upper edge.
    pub high: f64,
}

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

/// How two points are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// By the shortest way.
    Straight,
    /// The value holds until the next one is there.
    Step,
}

/// A line through the points, broken where two lie further apart than `gap`, in milliseconds. A
/// point alone is a line of no length, which a round cap makes a dot.
pub fn line(points: &[Point], frame: &Frame, gap: i64, shape: Shape) -> String {
    let band = |it: &Point| Band { at: it.at, low: it.value, high: it.value };
    let bands: Vec<_> = points.iter().map(band).collect();
    let mut text = String::new();
    for run in runs(&bands, frame, gap) {
        push_edge(&mut text, 'M', &run, |it| it.high, shape);
        if run.len() == 1 {
            text.push_str("h0");
        }
    }
    text
}

/// What lies between the edges of the bands, broken where two lie further apart than `gap`, in
/// milliseconds.
pub fn area(bands: &[Band], frame: &Frame, gap: i64, shape: Shape) -> String {
    let mut text = String::new();
    for mut run in runs(bands, frame, gap) {
        push_edge(&mut text, 'M', &run, |it| it.high, shape);
        if shape == Shape::Step {
            // On the way back, the value that holds until a point is the one of the next.
            for at in (1..run.len()).rev() {
                let held = Spot { low: run[at - 1].low, ..run[at] };
                run.insert(at, held);
            }
        }
        run.reverse();
        push_edge(&mut text, 'L', &run, |it| it.low, Shape::Straight);
        text.push('Z');
    }
    text
}

/// Bands one upon the other: the first stands on 0, each other on the one below. A value that is
/// negative or not a number is nothing.
pub fn stack<const N: usize>(rows: &[(i64, [f64; N])]) -> [Vec<Band>; N] {
    let mut bands = [const { Vec::new() }; N];
    for (at, values) in rows {
        let mut low = 0.0;
        for (value, bands) in values.iter().zip(&mut bands) {
            let high = (low + value.max(0.0)).min(f64::MAX);
            bands.push(Band { at: *at, low, high });
            low = high;
        }
    }
    bands
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

/// Upright boxes one upon the other, for each value of a time that goes `from` one to another. For
/// nothing there is no box, which even without height would be seen by its outline.
pub fn stacked_columns<const N: usize>(
    spans: &[(i64, i64, [f64; N])],
    frame: &Frame,
) -> [String; N] {
    let rows: Vec<_> = spans.iter().map(|&(from, _, values)| (from, values)).collect();
    stack(&rows).map(|bands| {
        let boxes = bands.iter().zip(spans).filter(|(band, _)| band.high > band.low);
        let boxes: Vec<_> = boxes
            .map(|(&Band { at, low, high }, &(_, until, _))| Column { from: at, until, low, high })
            .collect();
        columns(&boxes, frame)
    })
}

/// A band as places.
#[derive(Clone, Copy)]
struct Spot {
    x: Tenths,
    low: Tenths,
    high: Tenths,
}

/// The bands in the order of time, cut where the line is broken.
fn runs(bands: &[Band], frame: &Frame, gap: i64) -> Vec<Vec<Spot>> {
    let sorted = sorted(bands.to_vec(), |a, b| a.at.cmp(&b.at));
    let spot = |it: &Band| Spot {
        x: frame.x.place_of_time(it.at),
        low: frame.y.place(it.low),
        high: frame.y.place(it.high),
    };
    let mut runs: Vec<Vec<Spot>> = Vec::new();
    let mut last: Option<i64> = None;
    for band in &sorted {
        if band.low.is_nan() || band.high.is_nan() {
            last = None;
            continue;
        }
        match runs.last_mut() {
            Some(run) if last.is_some_and(|last| band.at.saturating_sub(last) <= gap) => {
                run.push(spot(band));
            }
            _ => runs.push(vec![spot(band)]),
        }
        last = Some(band.at);
    }
    runs
}

fn push_edge(
    text: &mut String,
    begin: char,
    run: &[Spot],
    height: impl Fn(&Spot) -> Tenths,
    shape: Shape,
) {
    for (at, spot) in run.iter().enumerate() {
        if at == 0 {
            push_place(text, begin, spot.x, height(spot));
        } else if shape == Shape::Straight {
            push_place(text, 'L', spot.x, height(spot));
        } else {
            push_length(text, 'H', spot.x);
            push_length(text, 'V', height(spot));
        }
    }
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

    fn points<const N: usize>(points: [(i64, f64); N]) -> Vec<Point> {
        points.map(|(at, value)| Point { at, value }).to_vec()
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
    fn a_line_goes_from_point_to_point_and_a_step_holds_the_value() {
        let three = points([(0, 0.0), (50, 5.0), (100, 10.0)]);
        assert_eq!(line(&three, &frame(), 50, Shape::Straight), "M0 50L50 25L100 0");
        assert_eq!(line(&three, &frame(), 50, Shape::Step), "M0 50H50V25H100V0");
    }

    #[test]
    fn a_line_is_broken_at_a_gap_and_at_what_is_no_number() {
        let far = points([(0, 0.0), (10, 0.0), (61, 10.0)]);
        assert_eq!(line(&far, &frame(), 50, Shape::Straight), "M0 50L10 50M61 0h0");
        let no_number = points([(0, 0.0), (10, f64::NAN), (20, 10.0)]);
        assert_eq!(line(&no_number, &frame(), 50, Shape::Straight), "M0 50h0M20 0h0");
        assert_eq!(line(&[], &frame(), 50, Shape::Straight), "");
    }

    #[test]
    fn an_area_comes_back_along_its_lower_edge() {
        let bands = [Band { at: 0, low: 0.0, high: 5.0 }, Band { at: 100, low: 2.0, high: 10.0 }];
        assert_eq!(area(&bands, &frame(), 100, Shape::Straight), "M0 25L100 0L100 40L0 50Z");
        assert_eq!(area(&bands, &frame(), 100, Shape::Step), "M0 25H100V0L100 40L100 50L0 50Z");
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
    fn each_band_stands_on_the_one_below() {
        let [good, bad] = stack(&[(0, [3.0, 1.0]), (1, [f64::NAN, -1.0])]);
        assert_eq!(good[0], Band { at: 0, low: 0.0, high: 3.0 });
        assert_eq!(bad[0], Band { at: 0, low: 3.0, high: 4.0 });
        assert_eq!((good[1].high, bad[1].high), (0.0, 0.0));
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

    fn shape() -> impl Strategy<Value = Shape> {
        prop_oneof![Just(Shape::Straight), Just(Shape::Step)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn whatever_comes_every_path_is_made_of_numbers_inside_the_box(
            rows in prop::collection::vec((time(), value(), value()), 0..12),
            (from, until) in (time(), time()),
            top in value(),
            (width, height) in (0..20_000, 0..20_000),
            gap: i64,
            shape in shape(),
        ) {
            let frame = Frame::new(width, height, (from, until), top);
            let points: Vec<_> =
                rows.iter().map(|&(at, value, _)| Point { at, value }).collect();
            let table: Vec<_> = rows.iter().map(|&(at, one, two)| (at, [one, two])).collect();
            let boxes: Vec<_> = rows
                .iter()
                .map(|&(at, low, high)| Column { from: at, until: at.wrapping_add(9), low, high })
                .collect();
            let [below, above] = stack(&table);
            for path in [
                line(&points, &frame, gap, shape),
                area(&below, &frame, gap, shape),
                area(&above, &frame, gap, shape),
                columns(&boxes, &frame),
            ] {
                for (x, y) in corners(&path).concat() {
                    prop_assert!((0..=width).contains(&x) && (0..=height).contains(&y), "{path}");
                }
            }
        }

        #[test]
        fn what_only_grows_is_drawn_as_what_only_grows(
            mut values in prop::collection::vec(0_u64..=1_000_000_000_000_000_000, 1..12),
            mut times in prop::collection::vec(any::<i64>(), 12),
            shape in shape(),
        ) {
            values.sort_unstable();
            times.sort_unstable();
            let top = values[values.len() - 1] as f64;
            let frame = Frame::new(9_000, 3_000, (times[0], times[11]), top);
            let mut points: Vec<_> = times
                .iter()
                .zip(&values)
                .map(|(&at, &value)| Point { at, value: value as f64 })
                .collect();
            let path = line(&points, &frame, i64::MAX, shape);
            let corners = corners(&path).concat();
            prop_assert!(corners.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{}", &path);
            prop_assert!(corners.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{}", &path);
            // Points of one time keep their order, so only different times may be mixed.
            if times.windows(2).all(|pair| pair[0] != pair[1]) {
                points.reverse();
                prop_assert_eq!(line(&points, &frame, i64::MAX, shape), path);
            }
        }

        #[test]
        fn the_top_of_a_stack_is_the_sum_and_no_two_bands_overlap(
            rows in prop::collection::vec(prop::array::uniform3(0_u64..1_000_000_000_000), 1..12),
        ) {
            let table: Vec<_> = rows
                .iter()
                .enumerate()
                .map(|(at, row)| (at as i64, row.map(|value| value as f64)))
                .collect();
            let bands = stack(&table);
            for (at, row) in rows.iter().enumerate() {
                prop_assert_eq!(bands[2][at].high, row.iter().sum::<u64>() as f64);
                prop_assert_eq!(bands[0][at].low, 0.0);
                prop_assert_eq!(bands[1][at].low, bands[0][at].high);
                prop_assert_eq!(bands[2][at].low, bands[1][at].high);
            }
            let frame = Frame::new(9_000, 3_000, (0, rows.len() as i64), 3e12);
            let upper = |path: &str| corners(path)[0][..rows.len()].to_vec();
            let lower = |path: &str| {
                let mut edge = corners(path)[0][rows.len()..].to_vec();
                edge.reverse();
                edge
            };
            let paths = bands.map(|bands| area(&bands, &frame, i64::MAX, Shape::Straight));
            prop_assert_eq!(upper(&paths[0]), lower(&paths[1]));
            prop_assert_eq!(upper(&paths[1]), lower(&paths[2]));
        }
    }
}
