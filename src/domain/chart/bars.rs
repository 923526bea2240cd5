//! Bars side by side: how long each is.

/// The whole length, in tenths of a percent.
pub const WHOLE: i32 = 1_000;

/// What is not nothing is drawn at least this long, in tenths of a percent.
pub const VISIBLE: i32 = 5;

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
    fn one_request_beside_a_billion_can_be_seen_and_none_is_nothing() {
        assert_eq!(length(1.0, 1e9), VISIBLE);
        assert_eq!(length(0.0, 1e9), 0);
        assert_eq!(length(0.0, 0.0), 0);
        assert_eq!(length(1e18, f64::INFINITY), VISIBLE);
        assert_eq!((length(f64::NAN, 1.0), length(1.0, f64::NAN)), (0, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn a_bar_is_as_long_as_its_value_and_never_longer_than_the_longest(
            values in prop::collection::vec(any::<f64>(), 1..12),
        ) {
            let longest = values.iter().copied().fold(0.0, f64::max);
            let mut bars: Vec<_> = values.iter().map(|it| (*it, length(*it, longest))).collect();
            bars.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            for (value, length) in &bars {
                prop_assert_eq!(*length > 0, *value > 0.0, "{}", value);
                prop_assert!((0..=WHOLE).contains(length));
                prop_assert!(*value <= 0.0 || *value < longest || *length == WHOLE);
            }
            prop_assert!(bars.windows(2).all(|pair| pair[0].0 < 0.0 || pair[0].1 <= pair[1].1));
        }
    }
}
