//! Putting things in order.

use std::cmp::Ordering;

/// Puts `places` into the order of what stands there, by `compare`, which tells any two apart. One
/// sort for all lists: sorting is compiled anew for each type and each order.
pub(super) fn sort(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_unstable_by(|a, b| compare(*a, *b));
}

/// The items in the order of `compare`; what is equal by it, as it was given.
pub(super) fn sorted<T>(items: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut places: Vec<usize> = (0..items.len()).collect();
    sort(&mut places, &|a, b| compare(&items[a], &items[b]).then(a.cmp(&b)));
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places.into_iter().filter_map(|at| items[at].take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_stays_in_the_order_in_which_it_was_given() {
        let words = ["pear", "fig", "plum", "date", "kiwi", "nut"];
        let by_length = |a: &&str, b: &&str| a.len().cmp(&b.len());
        let sorted = sorted(words.to_vec(), by_length);
        assert_eq!(sorted, ["fig", "nut", "pear", "plum", "date", "kiwi"]);
    }
}
