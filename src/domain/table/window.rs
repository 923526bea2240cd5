//! Which rows of a long table are mounted. A browser that draws ten thousand rows is slow and
//! large; it draws those in sight, and a few around them, and puts them to use again.

use std::ops::Range;

use super::arrangement::RowId;

/// The most rows that are drawn at once without a window over them, and the length of a page.
pub const PAGE_LENGTH: usize = 50;

/// Rows beyond the edges of the viewport that are mounted along with those in sight.
const NEAR: usize = 3;

/// Rows beyond the edges of the viewport that are mounted in the end, so that a quick scroll finds
/// them.
const MARGIN: usize = 8;

/// The most rows that are ever mounted, whatever the browser says of its viewport.
const MOST: usize = 100;

/// Where the viewport stands over the rows. Lengths are in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// The height of one row.
    pub row_height: f64,
    /// How far the first row lies above the upper edge; negative if it is below.
    pub offset: f64,
    /// The height of the viewport.
    pub height: f64,
}

/// A row of the document: an element that is put to use again and again, and what it shows now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The element.
    pub element: usize,
    /// The place of the row in the table.
    pub place: usize,
    /// What the row shows.
    pub shows: RowId,
}

/// A part of the table's body: a row, or the space of rows that are not mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Tells entries apart: an element's number, or one below zero for a space.
    pub id: i64,
    /// What stands there; nothing in a space.
    pub slot: Option<Slot>,
    /// The rows that a space is for.
    pub gap: usize,
}

impl Entry {
    /// A row that is mounted.
    pub fn row(slot: Slot) -> Self {
        Self { id: slot.element as i64, slot: Some(slot), gap: 0 }
    }
}

impl Viewport {
    /// The rows in sight of `total`.
    pub fn in_sight(&self, total: usize) -> Range<usize> {
        self.rows(total, 0)
    }

    /// The rows in sight of `total`, and the next ones.
    pub fn near(&self, total: usize) -> Range<usize> {
        self.rows(total, NEAR)
    }

    /// The rows in sight of `total`, and as many more as are worth mounting.
    pub fn around(&self, total: usize) -> Range<usize> {
        self.rows(total, MARGIN)
    }

    fn rows(&self, total: usize, margin: usize) -> Range<usize> {
        let in_rows = |length: f64| {
            let rows = length / self.row_height.max(1.0);
            // What is no number, or below zero, is no row.
            if rows.is_finite() { rows.clamp(0.0, total as f64) as usize } else { 0 }
        };
        let start = in_rows(self.offset).saturating_sub(margin);
        let end = (in_rows(self.offset + self.height) + 1 + margin).min(total);
        // A viewport beyond the last row still shows the last rows.
        let fewest = (in_rows(self.height) + 1 + margin).min(end);
        let start = start.min(end - fewest);
        start..end.min(start + MOST)
    }
}

/// Which rows to mount now, and whether that is all: those `near` the viewport, and `all` of them as
/// soon as each one `in_sight` is mounted. What somebody looks at does not wait for what they may
/// look at next.
pub fn stage(
    in_sight: Range<usize>,
    near: Range<usize>,
    all: Range<usize>,
    is_mounted: impl Fn(usize) -> bool,
) -> (Range<usize>, bool) {
    if near == all || in_sight.into_iter().all(is_mounted) {
        return (all, true);
    }
    (near, false)
}

/// The places to be mounted: `window`, and `pinned` wherever it is, because it has the focus.
pub fn with_pinned(window: Range<usize>, pinned: Option<usize>) -> Vec<usize> {
    let above = pinned.filter(|place| *place < window.start);
    let below = pinned.filter(|place| *place >= window.end);
    above.into_iter().chain(window).chain(below).collect()
}

/// Gives each of the `wanted` rows, in their order, an element. What has one keeps it, with the
/// focus that may be in it, also when it moves to another place: an element never shows another key
/// under a finger or a focus that stays. The elements of what is no longer wanted go to what is new.
pub fn assign(before: &[Slot], wanted: &[(usize, RowId)]) -> Vec<Slot> {
    let held =
        |shows: RowId| before.iter().find(|slot| slot.shows == shows).map(|slot| slot.element);
    let is_wanted = |slot: &&Slot| wanted.iter().any(|(_, shows)| *shows == slot.shows);
    // The element that stands first is given away first.
    let mut free: Vec<usize> =
        before.iter().rev().filter(|slot| !is_wanted(slot)).map(|slot| slot.element).collect();
    let mut next = before.iter().map(|slot| slot.element + 1).max().unwrap_or(0);
    wanted
        .iter()
        .map(|(place, shows)| {
            let element = held(*shows).or_else(|| free.pop()).unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            Slot { element, place: *place, shows: *shows }
        })
        .collect()
}

/// The rows that are not mounted before, between and after those of `slots`, as the number of rows
/// above each slot that nobody draws, and the number after the last one.
pub fn gaps(slots: &[Slot], total: usize) -> (Vec<usize>, usize) {
    let mut next = 0;
    let above = slots
        .iter()
        .map(|slot| {
            let gap = slot.place.saturating_sub(next);
            next = slot.place + 1;
            gap
        })
        .collect();
    (above, total.saturating_sub(next))
}

/// The entries of a body that is as high as all of the `total` rows: `slots`, with the spaces before,
/// between and after them.
pub fn with_gaps(slots: &[Slot], total: usize) -> Vec<Entry> {
    let (above, after) = gaps(slots, total);
    let mut entries = Vec::with_capacity(slots.len() + 3);
    let mut id = 0;
    let mut push_gap = |entries: &mut Vec<Entry>, gap: usize| {
        if gap > 0 {
            id -= 1;
            entries.push(Entry { id, slot: None, gap });
        }
    };
    for (slot, gap) in slots.iter().zip(above) {
        push_gap(&mut entries, gap);
        entries.push(Entry::row(*slot));
    }
    push_gap(&mut entries, after);
    entries
}

/// How many pages so many rows take; none of them is a page, too.
pub fn pages(total: usize) -> usize {
    total.div_ceil(PAGE_LENGTH).max(1)
}

/// The page, from 1 on, with the row at this place.
pub fn page_of(place: usize) -> usize {
    place / PAGE_LENGTH + 1
}

/// The rows of a page of this `number`, from 1 on, of `total` rows. Beyond the last page is the last
/// one.
pub fn page(number: usize, total: usize) -> Range<usize> {
    let start = (number.clamp(1, pages(total)) - 1) * PAGE_LENGTH;
    start..(start + PAGE_LENGTH).min(total)
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn at(offset: f64) -> Viewport {
        Viewport { row_height: 50.0, offset, height: 500.0 }
    }

    #[test]
    fn what_is_in_sight_is_mounted_and_a_few_rows_around_it() {
        assert_eq!(at(-300.0).around(10_000), 0..13, "the table begins below the edge");
        assert_eq!(at(-900.0).around(10_000), 0..9, "it begins below the other one");
        assert_eq!(at(0.0).around(10_000), 0..19);
        assert_eq!(at(5_000.0).around(10_000), 92..119);
        assert_eq!(at(5_000.0).near(10_000), 97..114);
        assert_eq!(at(5_000.0).in_sight(10_000), 100..111);
        assert_eq!(at(499_500.0).around(10_000), 9_981..10_000);
        assert_eq!(at(1e12).around(10_000), 9_981..10_000);
        assert_eq!(at(0.0).around(3), 0..3);
        assert_eq!(at(f64::NAN).around(0), 0..0);
    }

    #[test]
    fn what_is_in_sight_comes_first_and_the_rest_when_it_is_there() {
        let stage = |mounted: Range<usize>| stage(10..14, 8..16, 0..20, |at| mounted.contains(&at));
        assert_eq!(stage(0..0), (8..16, false));
        assert_eq!(stage(9..13), (8..16, false), "one is missing");
        assert_eq!(stage(8..16), (0..20, true));
        assert_eq!(stage(10..14), (0..20, true), "a scroll by a row or two shows nothing new");
        assert_eq!(super::stage(0..3, 0..3, 0..3, |_| false), (0..3, true), "there are no others");
    }

    fn mount(before: &[Slot], window: Range<usize>, pinned: Option<usize>) -> Vec<Slot> {
        let places = with_pinned(window, pinned);
        let wanted: Vec<_> = places.into_iter().map(|at| (at, RowId::Unreadable(at))).collect();
        assign(before, &wanted)
    }

    #[test]
    fn rows_that_stay_keep_their_elements_and_freed_ones_are_used_again() {
        let before = mount(&[], 0..4, None);
        assert_eq!(before.iter().map(|slot| slot.element).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let after = mount(&before, 2..6, None);
        let pairs: Vec<_> = after.iter().map(|slot| (slot.place, slot.element)).collect();
        assert_eq!(pairs, [(2, 2), (3, 3), (4, 0), (5, 1)]);
    }

    #[test]
    fn what_moves_to_another_place_takes_its_element_along() {
        let before = mount(&[], 0..3, None);
        let turned: Vec<_> = (0..3).map(|at| (at, RowId::Unreadable(2 - at))).collect();
        let after = assign(&before, &turned);
        assert_eq!(after.iter().map(|slot| slot.element).collect::<Vec<_>>(), [2, 1, 0]);
    }

    #[test]
    fn the_row_with_the_focus_stays_wherever_the_window_goes() {
        let before = mount(&[], 0..4, Some(1));
        let after = mount(&before, 100..104, Some(1));
        assert_eq!((after[0].element, after[0].place, after.len()), (1, 1, 5));
        assert_eq!(gaps(&after, 200), (vec![1, 98, 0, 0, 0], 96));
        assert_eq!(mount(&after, 0..4, Some(300)).last().map(|slot| slot.place), Some(300));
    }

    #[test]
    fn spaces_stand_where_rows_are_left_out_and_nowhere_else() {
        let entries = |window, pinned, total| -> Vec<_> {
            let entries = with_gaps(&mount(&[], window, pinned), total);
            entries.iter().map(|it| (it.id, it.slot.map(|slot| slot.place), it.gap)).collect()
        };
        assert_eq!(entries(0..2, None, 2), [(0, Some(0), 0), (1, Some(1), 0)]);
        assert_eq!(
            entries(5..6, Some(1), 9),
            [(-1, None, 1), (0, Some(1), 0), (-2, None, 3), (1, Some(5), 0), (-3, None, 3)],
        );
        assert_eq!(entries(0..0, None, 4), [(-1, None, 4)]);
        assert_eq!(entries(0..0, None, 0), []);
    }

    #[test]
    fn a_page_that_is_not_there_is_the_nearest_one() {
        assert_eq!(page(1, 120), 0..50);
        assert_eq!(page(3, 120), 100..120);
        assert_eq!(page(4, 120), 100..120);
        assert_eq!(page(0, 120), 0..50);
        assert_eq!(page(1, 0), 0..0);
        assert_eq!((pages(0), pages(50), pages(51)), (1, 1, 2));
        assert_eq!((page_of(0), page_of(49), page_of(50)), (1, 1, 2));
        assert_eq!(page(2, 100), 50..100, "no page is empty");
    }

    proptest! {
        #[test]
        fn no_row_in_sight_is_blank(
            total in 1_usize..20_000, row_height in 1.0..500.0, offset in -1e5..1e7, height in 1.0..4_000.0,
        ) {
            let viewport = Viewport { row_height, offset, height };
            let rows = viewport.around(total);
            let (first, last) = (offset / row_height, (offset + height) / row_height);
            prop_assert!(rows.end <= total && rows.len() <= MOST && !rows.is_empty());
            if height / row_height < (MOST - 2 * MARGIN - 2) as f64 {
                let in_sight = |row: usize| (row as f64 + 1.0) > first && (row as f64) < last;
                for row in (0..total).filter(|row| in_sight(*row)) {
                    prop_assert!(viewport.in_sight(total).contains(&row), "{row}");
                    prop_assert!(viewport.near(total).contains(&row), "{row}");
                    prop_assert!(rows.contains(&row), "{row} of {rows:?}");
                }
            }
        }

        #[test]
        fn no_two_rows_share_an_element(
            steps in prop::collection::vec(
                (0_usize..60, 1_usize..12, prop::option::of(0_usize..70)), 1..20,
            ),
        ) {
            let mut slots = Vec::new();
            for (start, length, pinned) in steps {
                let before = slots.clone();
                slots = mount(&slots, start..start + length, pinned);
                let elements: HashSet<_> = slots.iter().map(|slot| slot.element).collect();
                prop_assert_eq!(elements.len(), slots.len());
                prop_assert!(slots.is_sorted_by_key(|slot| slot.place));
                for slot in &slots {
                    if let Some(old) = before.iter().find(|old| old.shows == slot.shows) {
                        prop_assert_eq!(old.element, slot.element);
                    }
                }
                let (above, after) = gaps(&slots, 100);
                prop_assert_eq!(above.iter().sum::<usize>() + after + slots.len(), 100);
            }
        }
    }
}
