//! Which point of a chart is read out: the one nearest to a pointer, or the next one by keyboard.

/// Where to, along the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To the one before.
    Previous,
    /// To the one after.
    Next,
    /// To the earliest.
    First,
    /// To the latest.
    Last,
}

/// The place, among `times` in any order, of the one nearest to `at`; of two, the earlier one.
pub fn nearest(times: &[i64], at: i64) -> Option<usize> {
    (0..times.len()).min_by_key(|&index| (times[index].abs_diff(at), times[index]))
}

/// The place, among `times` in any order, that `current` leads to; none if there are no times.
/// Without a current one, backwards begins at the latest, forwards at the earliest. At the ends it
/// stays.
pub fn moved(times: &[i64], current: Option<usize>, to: Move) -> Option<usize> {
    // Of equal times the one that was given first is the earlier one.
    let key = |index: usize| (times[index], index);
    let current = current.filter(|index| *index < times.len());
    let all = 0..times.len();
    let first = || (0..times.len()).min_by_key(|&index| key(index));
    let last = || (0..times.len()).max_by_key(|&index| key(index));
    match (to, current) {
        (Move::First, _) | (Move::Next, None) => first(),
        (Move::Last, _) | (Move::Previous, None) => last(),
        (Move::Next, Some(here)) => {
            all.filter(|it| key(*it) > key(here)).min_by_key(|it| key(*it)).or(current)
        }
        (Move::Previous, Some(here)) => {
            all.filter(|it| key(*it) < key(here)).max_by_key(|it| key(*it)).or(current)
        }
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pointer_reads_the_nearest_of_times_in_any_order() {
        let times = [30, 10, 20];
        let found = [-5, 12, 15, 16, 99].map(|at| nearest(&times, at));
        assert_eq!(found, [Some(1), Some(1), Some(1), Some(2), Some(0)]);
        assert_eq!(nearest(&[], 7), None);
        assert_eq!(nearest(&[i64::MAX], i64::MIN), Some(0));
    }

    #[test]
    fn keys_go_along_the_time_and_stay_at_its_ends() {
        let times = [30, 10, 20];
        assert_eq!(moved(&times, None, Move::Next), Some(1));
        assert_eq!(moved(&times, Some(1), Move::Next), Some(2));
        assert_eq!(moved(&times, Some(0), Move::Next), Some(0));
        assert_eq!(moved(&times, None, Move::Previous), Some(0));
        assert_eq!(moved(&times, Some(1), Move::Previous), Some(1));
        assert_eq!(moved(&times, Some(2), Move::First), Some(1));
        assert_eq!(moved(&times, Some(9), Move::Last), Some(0));
        assert_eq!(moved(&[], Some(0), Move::Next), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_point_is_read_once_on_the_way_from_end_to_end(
            times in prop::collection::vec(-9..9_i64, 1..12),
        ) {
            let mut at = moved(&times, None, Move::First);
            let mut read = Vec::new();
            for _ in 0..times.len() {
                read.extend(at);
                at = moved(&times, at, Move::Next);
            }
            prop_assert!(read.windows(2).all(|pair| times[pair[0]] <= times[pair[1]]));
            prop_assert_eq!(at, read.last().copied());
            read.sort_unstable();
            prop_assert_eq!(read, (0..times.len()).collect::<Vec<_>>());
        }
    }
}
