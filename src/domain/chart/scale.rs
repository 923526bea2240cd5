//! From values to places.

use super::Tenths;

/// A linear scale. Whatever value comes in, the place lies between the ends of the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: f64,
    to: f64,
    start: Tenths,
    end: Tenths,
}

/// A box with a scale of times from left to right and one of values from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Times, in milliseconds.
    pub x: Scale,
    /// Values.
    pub y: Scale,
}

impl Scale {
    /// The scale that puts `values.0` at `places.0` and `values.1` at `places.1`. An end that is
    /// not a number is taken for 0, an infinite one for the largest number there is.
    pub fn new(values: (f64, f64), places: (Tenths, Tenths)) -> Self {
        let clean = |end: f64| {
            if end.is_nan() { 0.0 } else { end.clamp(f64::MIN, f64::MAX) }
        };
        Self { from: clean(values.0), to: clean(values.1), start: places.0, end: places.1 }
    }

    /// The scale of the times from the first to the last, in milliseconds.
    pub fn of_times(times: (i64, i64), places: (Tenths, Tenths)) -> Self {
        Self::new((times.0 as f64, times.1 as f64), places)
    }

    /// Where a value lies: beyond an end at that end, in the middle if the ends are equal, and
    /// where the scale begins if it is not a number.
    pub fn place(&self, value: f64) -> Tenths {
        if value.is_nan() {
            return self.start;
        }
        // Halves, because the distance of two numbers may be larger than any number.
        let span = self.to / 2.0 - self.from / 2.0;
        let share = if span == 0.0 { 0.5 } else { (value / 2.0 - self.from / 2.0) / span };
        let length = f64::from(self.end) - f64::from(self.start);
        (f64::from(self.start) + length * share.clamp(0.0, 1.0)).round() as Tenths
    }

    /// Where a time lies, in milliseconds.
    pub fn place_of_time(&self, time: i64) -> Tenths {
        self.place(time as f64)
    }
}

impl Frame {
    /// A box of this width and height that shows `times`, in milliseconds, and values from 0 to
    /// `top`.
    pub fn new(width: Tenths, height: Tenths, times: (i64, i64), top: f64) -> Self {
        Self {
            x: Scale::of_times(times, (0, width.max(0))),
            y: Scale::new((0.0, top.max(0.0)), (height.max(0), 0)),
        }
    }
}

/// The earliest and the latest of the times in any order; `None` if there are none.
pub fn extent(times: impl IntoIterator<Item = i64>) -> Option<(i64, i64)> {
    times.into_iter().fold(None, |extent, time| {
        Some(extent.map_or((time, time), |(from, to): (i64, i64)| (from.min(time), to.max(time))))
    })
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_lie_at_the_ends_and_equal_ends_in_the_middle() {
        let scale = Scale::new((0.0, 10.0), (100, 0));
        let places =
            [0.0, 2.5, 10.0, -1.0, 1e18, f64::NAN, f64::INFINITY].map(|at| scale.place(at));
        assert_eq!(places, [100, 75, 0, 100, 0, 100, 0]);
        assert_eq!(Scale::of_times((7, 7), (0, 100)).place_of_time(7), 50);
    }

    #[test]
    fn the_largest_numbers_have_places_too() {
        let scale = Scale::new((f64::NEG_INFINITY, f64::INFINITY), (0, 100));
        assert_eq!([f64::MIN, 0.0, f64::MAX].map(|at| scale.place(at)), [0, 50, 100]);
        assert_eq!(Scale::of_times((i64::MIN, i64::MAX), (0, 100)).place_of_time(0), 50);
    }

    #[test]
    fn the_extent_is_of_times_in_any_order() {
        assert_eq!(extent([5, -3, 4]), Some((-3, 5)));
        assert_eq!(extent([]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn a_place_is_inside_and_keeps_the_order(
            ends in any::<(f64, f64)>(), mut values in any::<[f64; 2]>(), length in 0..50_000,
        ) {
            let scale = Scale::new((ends.0.min(ends.1), ends.0.max(ends.1)), (0, length));
            values.sort_by(f64::total_cmp);
            let places = values.map(|value| scale.place(value));
            prop_assert!((0..=length).contains(&places[0]) && (0..=length).contains(&places[1]));
            prop_assert!(values.iter().any(|it| it.is_nan()) || places[0] <= places[1]);
        }
    }
}
