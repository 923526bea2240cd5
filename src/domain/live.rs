//! Live mode: when the next look at a key's usage is due, and what was seen since it began.
//!
//! Times are milliseconds of a clock that only goes forward, such as the one since the page was
//! opened. Nothing breaks if it does not; a wait is only ever as long as it was meant to be.

use super::journal::change::Added;
use super::journal::entry::Figures;
use super::retry::MOST_SECONDS;

/// From the beginning of a look to that of the next, in milliseconds.
pub const EVERY_MILLIS: i64 = 10_000;

/// However often the page comes and goes, looks begin at least this far apart, in milliseconds.
pub const SHORTEST_MILLIS: i64 = 1_000;

/// The longest wait, in milliseconds: what a server is believed.
pub const LONGEST_MILLIS: i64 = MOST_SECONDS as i64 * 1_000;

/// So many stretches are kept; an even number.
pub const MOST_STRETCHES: usize = 120;

/// When to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    is_visible: bool,
    is_online: bool,
    is_looking: bool,
    /// When the last look began.
    began: Option<i64>,
    /// When the next is due, and how long that was to wait when it was decided.
    due: Wait,
    /// Until when the server wants to be left alone.
    barred: Option<Wait>,
    errors: u32,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A look is to be made: tell it by [`Pacing::began`].
    Look,
    /// Nothing for so many milliseconds.
    Wait(u32),
    /// A look is under way.
    Looking,
    /// Nothing until the page is seen again.
    Hidden,
    /// Nothing until there is a network again.
    Offline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wait {
    from: i64,
    millis: i64,
}

impl Wait {
    /// What is left of it. A clock that went back does not make it longer than it was.
    fn left(self, now: i64) -> i64 {
        let left = self.from.saturating_add(self.millis).saturating_sub(now);
        left.clamp(0, self.millis)
    }
}

impl Pacing {
    /// Live mode that begins `now`, with a look at once.
    pub fn new(now: i64, is_visible: bool, is_online: bool) -> Self {
        Self {
            is_visible,
            is_online,
            is_looking: false,
            began: None,
            due: Wait { from: now, millis: 0 },
            barred: None,
            errors: 0,
        }
    }

    /// What is to be done at the time `now`.
    pub fn next(&self, now: i64) -> Next {
        let left = self.due.left(now).max(self.barred.map_or(0, |it| it.left(now)));
        match self {
            Self { is_looking: true, .. } => Next::Looking,
            Self { is_visible: false, .. } => Next::Hidden,
            Self { is_online: false, .. } => Next::Offline,
            _ if left > 0 => Next::Wait(u32::try_from(left).unwrap_or(u32::MAX)),
            _ => Next::Look,
        }
    }

    /// How many looks have failed one after the other.
    pub fn errors(&self) -> u32 {
        self.errors
    }

    /// A look begins.
    pub fn began(&mut self, now: i64) {
        self.is_looking = true;
        self.began = Some(now);
    }

    /// The look was answered: the next is due ten seconds after it began.
    pub fn succeeded(&mut self, now: i64) {
        self.is_looking = false;
        self.errors = 0;
        self.barred = None;
        let took = now.saturating_sub(self.began.unwrap_or(now)).clamp(0, EVERY_MILLIS);
        self.due = Wait { from: now, millis: (EVERY_MILLIS - took).max(SHORTEST_MILLIS) };
    }

    /// The look failed: the next waits 10, 20, 40 … seconds, five minutes at most, and as long as
    /// the server asks for (`Retry-After`), in seconds.
    pub fn failed(&mut self, now: i64, retry_after: Option<u32>) {
        self.is_looking = false;
        let millis = (EVERY_MILLIS << self.errors.min(5)).min(LONGEST_MILLIS);
        self.errors = self.errors.saturating_add(1);
        self.due = Wait { from: now, millis };
        self.barred = retry_after.map(|seconds| Wait {
            from: now,
            millis: i64::from(seconds.min(MOST_SECONDS)) * 1_000,
        });
    }

    /// The page is seen from now on, or no more. Seen again, it looks at once, unless the server
    /// wants to be left alone.
    pub fn visible(&mut self, now: i64, is_visible: bool) {
        let is_back = is_visible && !self.is_visible;
        self.is_visible = is_visible;
        if is_back {
            self.resume(now);
        }
    }

    /// There is a network from now on, or no more. With one again, it looks at once, as above.
    pub fn online(&mut self, now: i64, is_online: bool) {
        let is_back = is_online && !self.is_online;
        self.is_online = is_online;
        if is_back {
            self.resume(now);
        }
    }

    /// Looks as soon as may be, unless the server wants to be left alone.
    pub fn resume(&mut self, now: i64) {
        let shortest =
            self.began.map_or(0, |from| Wait { from, millis: SHORTEST_MILLIS }.left(now));
        self.due = Wait { from: now, millis: shortest };
    }
}

/// What was added since live mode began, bounded in length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    last: Option<(i64, Figures)>,
    stretches: Vec<Stretch>,
    /// How many looks a stretch stands for, once it is full.
    looks: u32,
    /// How many the last one stands for.
    filled: u32,
}

/// What was added from one look to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The earlier look, in milliseconds.
    pub from: i64,
    /// The later look, in milliseconds; not before `from`.
    pub until: i64,
    /// What was added.
    pub added: Added,
}

impl Series {
    /// Takes a look made at `now`. The first is what the others are counted from. When there are
    /// more than [`MOST_STRETCHES`], each two neighbours become one, and so does what comes.
    pub fn push(&mut self, now: i64, figures: Figures) {
        let Some((before, last)) = self.last.replace((now, figures)) else { return };
        let added = figures.added_since(&last);
        let until = now.max(before);
        self.last = Some((until, figures));
        match self.stretches.last_mut() {
            Some(stretch) if self.filled < self.looks => {
                stretch.until = until;
                stretch.added = stretch.added.and(added);
                self.filled += 1;
            }
            _ => {
                self.stretches.push(Stretch { from: before, until, added });
                self.filled = 1;
            }
        }
        if self.stretches.len() > MOST_STRETCHES {
            self.halve();
        }
    }

    /// The stretches, in order and without gaps between them.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// All that was added since the first look.
    pub fn total(&self) -> Added {
        self.stretches.iter().fold(Added::default(), |sum, it| sum.and(it.added))
    }

    fn halve(&mut self) {
        // One more than an even number: the last finds no partner and stays as full as it is.
        self.looks = self.looks.max(1).saturating_mul(2);
        let merged = self.stretches.chunks(2).map(|pair| {
            pair[1..].iter().fold(pair[0], |one, other| Stretch {
                from: one.from,
                until: other.until,
                added: one.added.and(other.added),
            })
        });
        self.stretches = merged.collect();
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Live mode whose first look began at 0 and was answered at 100.
    fn answered() -> Pacing {
        let mut pacing = Pacing::new(0, true, true);
        assert_eq!(pacing.next(0), Next::Look);
        pacing.began(0);
        assert_eq!(pacing.next(50), Next::Looking);
        pacing.succeeded(100);
        pacing
    }

    #[test]
    fn a_look_is_made_every_ten_seconds() {
        let pacing = answered();
        assert_eq!(pacing.next(100), Next::Wait(9_900));
        assert_eq!(pacing.next(9_999), Next::Wait(1));
        assert_eq!(pacing.next(10_000), Next::Look);
        let mut slow = pacing;
        slow.began(10_000);
        slow.succeeded(60_000);
        assert_eq!(slow.next(60_000), Next::Wait(1_000), "a slow server is not asked at once");
    }

    #[test]
    fn nothing_is_asked_while_the_page_is_hidden_or_offline_and_at_once_after() {
        let mut pacing = answered();
        pacing.visible(2_000, false);
        assert_eq!(pacing.next(99_000), Next::Hidden);
        pacing.visible(3_000, true);
        assert_eq!(pacing.next(3_000), Next::Look);
        pacing.online(3_000, false);
        assert_eq!(pacing.next(99_000), Next::Offline);
        pacing.online(4_000, true);
        assert_eq!(pacing.next(4_000), Next::Look);
        pacing.began(4_000);
        pacing.succeeded(4_100);
        pacing.visible(4_200, true);
        assert_eq!(pacing.next(4_200), Next::Wait(9_800), "it was seen all the time");
        pacing.visible(4_300, false);
        pacing.visible(4_400, true);
        assert_eq!(pacing.next(4_400), Next::Wait(600), "a flickering page asks once a second");
    }

    #[test]
    fn each_error_doubles_the_wait_up_to_five_minutes_and_success_ends_that() {
        let mut pacing = answered();
        let mut waits = Vec::new();
        for _ in 0..7 {
            pacing.began(0);
            pacing.failed(0, None);
            waits.push(pacing.next(0));
        }
        let seconds = [10, 20, 40, 80, 160, 300, 300];
        assert_eq!(waits, seconds.map(|it| Next::Wait(it * 1_000)));
        assert_eq!(pacing.errors(), 7);
        pacing.began(0);
        pacing.succeeded(0);
        assert_eq!((pacing.next(0), pacing.errors()), (Next::Wait(10_000), 0));
    }

    #[test]
    fn the_servers_wish_is_honoured_even_when_seen_again() {
        let mut pacing = answered();
        pacing.began(0);
        pacing.failed(0, Some(60));
        assert_eq!(pacing.next(0), Next::Wait(60_000));
        pacing.visible(1_000, false);
        pacing.visible(30_000, true);
        assert_eq!(pacing.next(30_000), Next::Wait(30_000));
        pacing.failed(0, Some(u32::MAX));
        assert_eq!(pacing.next(0), Next::Wait(300_000));
        pacing.failed(0, Some(0));
        assert_eq!(pacing.next(0), Next::Wait(40_000), "its own pause is not cut short");
    }

    #[test]
    fn the_series_tells_differences_and_takes_a_reset_for_a_new_beginning() {
        let count = |completed| Figures { completed, failed: completed / 2, ..Figures::default() };
        let mut series = Series::default();
        for (now, completed) in [(0, 100), (10, 104), (20, 104), (15, 3)] {
            series.push(now, count(completed));
        }
        let said: Vec<_> = series
            .stretches()
            .iter()
            .map(|it| (it.from, it.until, it.added.completed, it.added.failed, it.added.reset))
            .collect();
        assert_eq!(said, [(0, 10, 4, 2, false), (10, 20, 0, 0, false), (20, 20, 3, 1, true)]);
        assert_eq!(series.total().completed, 7);
    }

    #[test]
    fn a_long_series_stays_short_and_its_stretches_alike() {
        let mut series = Series::default();
        for look in 0..=100_000 {
            series.push(look, Figures { completed: look as u64, ..Figures::default() });
        }
        assert!((MOST_STRETCHES / 2..=MOST_STRETCHES).contains(&series.stretches().len()));
        let (_, full) = series.stretches().split_last().expect("some");
        let length = full[0].until - full[0].from;
        assert!(full.iter().all(|it| it.until - it.from == length));
        assert_eq!(series.total().completed, 100_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn no_wait_is_longer_than_five_minutes_whatever_the_clock(
            steps in prop::collection::vec((any::<i64>(), 0..7, any::<Option<u32>>()), 0..20),
            now: i64,
        ) {
            let mut pacing = Pacing::new(now, true, true);
            for (now, step, seconds) in steps {
                match step {
                    0 => pacing.began(now),
                    1 => pacing.succeeded(now),
                    2 => pacing.failed(now, seconds),
                    3 | 4 => pacing.visible(now, step == 4),
                    _ => pacing.online(now, step == 6),
                }
            }
            if let Next::Wait(millis) = pacing.next(now) {
                prop_assert!((1..=LONGEST_MILLIS as u32).contains(&millis));
            }
        }

        #[test]
        fn merging_loses_nothing_and_leaves_no_gap(
            looks in prop::collection::vec((0..20_000_i64, 0_u64..100), 2..900),
        ) {
            let (mut now, mut completed) = (0, 0);
            let mut series = Series::default();
            for &(later, more) in &looks {
                now += later;
                completed += more;
                series.push(now, Figures { completed, ..Figures::default() });
                prop_assert!(series.stretches().len() <= MOST_STRETCHES);
            }
            let stretches = series.stretches();
            prop_assert_eq!(series.total().completed, completed - looks[0].1);
            prop_assert_eq!(stretches[0].from, looks[0].0);
            prop_assert_eq!(stretches[stretches.len() - 1].until, now);
            prop_assert!(stretches.windows(2).all(|pair| pair[0].until == pair[1].from));
        }
    }
}
