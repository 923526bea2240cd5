//! Putting things in order.

use std::cmp::Ordering;

/// Puts `places` into the order of what stands there, by `compare`, which tells any two apart. One
/// sort for all lists: sorting is compiled anew for each type and each order.
pub(super) fn sort(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_unstable_by(|a, b| compare(*a, *b));
}
