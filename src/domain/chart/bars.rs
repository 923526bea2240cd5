//! Bars side by side: who comes first, and how long each is.

/// The whole length, in tenths of a percent.
pub const WHOLE: i32 = 1_000;

/// What is not nothing is drawn at least this long, in tenths of a percent.
pub const VISIBLE: i32 = 5;

/// One of the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The place of its value among those that were given.
    pub index: usize,
    /// Its length in tenths of a percent of the longest bar.
    pub length: i32,
}

/// A bar for each value, the largest first, equal ones as they were given. What is negative or not
/// a number is nothing and comes last.
pub fn ranked(values: &[f64]) -> Vec<Bar> {
    let longest = values.iter().copied().map(drawable).fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| drawable(values[other]).total_cmp(&drawable(values[one])));
    order.into_iter().map(|index| Bar { index, length: length(values[index], longest) }).collect()
}

/// The length of a bar in tenths of a percent of the longest, which is [`WHOLE`].
pub fn length(value: f64, longest: f64) -> i32 {
    let (value, longest) = (drawable(value), drawable(longest));
    if value == 0.0 || longest == 0.0 {
        return 0;
    }
    ((value / longest * f64::from(WHOLE)).round() as i32).clamp(VISIBLE, WHOLE)
}

fn drawable(value: f64) -> f64 {
    // The comparison is false for what is not a number.
    if value > 0.0 { value.min(f64::MAX) } else { 0.0 }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_comes_first_and_equals_keep_their_order() {
        let bars = ranked(&[5.0, f64::NAN, 10.0, 5.0, 0.0, -3.0]);
        let said: Vec<_> = bars.iter().map(|bar| (bar.index, bar.length)).collect();
        assert_eq!(said, [(2, 1_000), (0, 500), (3, 500), (1, 0), (4, 0), (5, 0)]);
    }

    #[test]
    fn one_request_beside_a_billion_can_be_seen_and_none_is_nothing() {
        assert_eq!(length(1.0, 1e9), VISIBLE);
        assert_eq!(length(0.0, 1e9), 0);
        assert_eq!(ranked(&[0.0])[0].length, 0);
        assert_eq!(ranked(&[f64::INFINITY, 1e18])[1].length, VISIBLE);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_value_has_one_bar_and_none_is_longer_than_the_one_above(
            values in prop::collection::vec(any::<f64>(), 0..12),
        ) {
            let bars = ranked(&values);
            let mut indices: Vec<_> = bars.iter().map(|bar| bar.index).collect();
            indices.sort_unstable();
            prop_assert_eq!(indices, (0..values.len()).collect::<Vec<_>>());
            prop_assert!(bars.iter().all(|bar| (0..=WHOLE).contains(&bar.length)));
            prop_assert!(bars.windows(2).all(|pair| pair[0].length >= pair[1].length));
            let any = values.iter().any(|value| *value > 0.0);
            prop_assert_eq!(bars.first().is_some_and(|bar| bar.length == WHOLE), any);
        }
    }
}
