//! What two keys' counters have shown since the successor was handed over, and whether that is
//! enough to revoke the old key.
//!
//! Time counts as silent only between two looks at the old key that saw the same counters; what
//! nobody looked at before or after is no evidence. Between two looks of one page, the time is that
//! of the slower clock: a wall clock that is set makes nothing of nothing, and an hour asleep may
//! not count. From one page to the next there is the wall clock alone: one that is set forward
//! while no page is open is believed, and one that goes back counts as no time.

use contract::Timestamp;

use super::habit::Habit;
use crate::domain::journal::change::Added;
use crate::domain::journal::entry::Figures;
use crate::domain::renewal::Moment;
use crate::domain::time::MINUTE_MILLIS;

/// A look that is older than this says nothing of now, in milliseconds: two minutes.
pub const RECENT_MILLIS: i64 = 2 * MINUTE_MILLIS;

/// Which of the two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that is to go.
    Old,
    /// Its successor.
    New,
}

/// The watch over both keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    pub(super) habit: Habit,
    pub(super) begun: Timestamp,
    pub(super) old: Option<OldKey>,
    pub(super) new: Option<NewKey>,
}

/// The old key, from the first look on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OldKey {
    /// The counters that it keeps as long as it is silent.
    pub(super) counters: Figures,
    /// When the silence began.
    pub(super) since: Timestamp,
    /// How long the silence was seen to be, in milliseconds.
    pub(super) silent: i64,
    /// The last look; `None` if the watch began anew after it, at a look at the other key.
    pub(super) last: Option<Moment>,
    /// Whether that was made by this page.
    pub(super) is_of_this_page: bool,
    /// Requests since the hand-over.
    pub(super) requests: u64,
    /// Why the silence began anew.
    pub(super) restart: Option<Restart>,
}

/// The new key, from the first look on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewKey {
    /// The counters at the first look, or after they went down.
    pub(super) start: Figures,
    /// The counters at the last look.
    pub(super) counters: Figures,
    /// How many successful requests were counted when the old key's silence began.
    pub(super) before_silence: u64,
    /// The last look, if it was made by this page.
    pub(super) last: Option<Moment>,
}

/// Why the watch began anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// The old key was used.
    Used,
    /// A counter of one of the keys went down: what it counted before says nothing any more.
    Reset,
}

/// What was seen, as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How long the old key has been silent, in milliseconds, as far as looks tell.
    pub silent: i64,
    /// How long it has to be.
    pub watch: i64,
    /// How many requests it would usually have had in the time that it was silent; `None` if that
    /// is not known.
    pub expected: Option<u64>,
    /// Requests on the old key since the hand-over; those before the silence.
    pub old_requests: u64,
    /// When the silence began anew, if it did, and why.
    pub restarted: Option<(Timestamp, Restart)>,
    /// Requests on the new key since the hand-over.
    pub new_requests: u64,
    /// Those of them that succeeded.
    pub new_successful: u64,
    /// Those of them that failed.
    pub new_failed: u64,
    /// Those that succeeded since the old key is silent. If there are none, whoever used the old
    /// key may have stopped altogether.
    pub new_since_silence: u64,
}

/// Why the old key is not to be revoked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is missing first.
    pub why: Why,
    /// How much longer the old key has to be silent, in milliseconds; not negative.
    pub left: i64,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing is watched.
    NotWatching,
    /// This page has not looked at both keys lately.
    LookFirst,
    /// The new key has not been used.
    NotInUseYet,
    /// All requests with the new key have failed.
    OnlyFailures,
    /// The old key was not silent for long enough.
    TooEarly,
}

impl Watch {
    /// The successor of a key with this `habit` was handed over at the time `begun`. The first
    /// look at each key, which is due now, tells the counters that it starts with.
    pub fn new(habit: Habit, begun: Timestamp) -> Self {
        Self { habit, begun, old: None, new: None }
    }

    /// When the successor was handed over.
    pub fn begun(&self) -> Timestamp {
        self.begun
    }

    /// Takes in the counters of one key, which were asked for `at` this moment. There is to be one
    /// look at a key at a time: an answer that is overtaken by another looks like a reset.
    pub fn see(&mut self, side: Side, figures: Figures, at: Moment) {
        // The quota starts anew every day, and the mean moves by itself.
        let counters = Figures { quota: None, per_day: 0, ..figures };
        match side {
            Side::Old => self.see_old(counters, at),
            Side::New => self.see_new(counters, at),
        }
    }

    fn see_old(&mut self, counters: Figures, at: Moment) {
        let Some(old) = &mut self.old else {
            self.old = Some(OldKey {
                counters,
                since: Timestamp::from_unix_millis(at.wall),
                silent: 0,
                last: Some(at),
                is_of_this_page: true,
                requests: 0,
                restart: None,
            });
            return;
        };
        let added = counters.added_since(&old.counters);
        if added == Added::default() {
            old.silent = old.silent.saturating_add(old.last.map_or(0, |last| elapsed(last, at)));
        } else if added.reset {
            self.restart(Restart::Reset, at);
        } else {
            old.requests = old.requests.saturating_add(requests(added));
            self.restart(Restart::Used, at);
        }
        if let Some(old) = &mut self.old {
            old.counters = counters;
            old.last = Some(at);
            old.is_of_this_page = true;
        }
    }

    fn see_new(&mut self, counters: Figures, at: Moment) {
        let before = self.new;
        let is_reset = before.is_some_and(|new| counters.added_since(&new.counters).reset);
        let new = match before {
            Some(new) if !is_reset => NewKey { counters, last: Some(at), ..new },
            _ => NewKey {
                start: counters,
                counters,
                before_silence: counters.successful,
                last: Some(at),
            },
        };
        self.new = Some(new);
        if is_reset {
            self.restart(Restart::Reset, at);
        }
    }

    fn restart(&mut self, why: Restart, at: Moment) {
        if let Some(old) = &mut self.old {
            old.silent = 0;
            old.since = Timestamp::from_unix_millis(at.wall);
            old.restart = Some(why);
            // Silence is seen from the next look at the old key on.
            old.last = None;
        }
        if let Some(new) = &mut self.new {
            new.before_silence = new.counters.successful;
        }
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        let mut seen = Seen { watch: self.habit.watch_millis(), ..Seen::default() };
        if let Some(old) = &self.old {
            seen.silent = old.silent;
            seen.old_requests = old.requests;
            seen.restarted = old.restart.map(|why| (old.since, why));
        }
        seen.expected = self.habit.expected(seen.silent);
        if let Some(new) = &self.new {
            let added = new.counters.added_since(&new.start);
            seen.new_requests = requests(added);
            seen.new_successful = added.successful;
            seen.new_failed = added.failed;
            seen.new_since_silence = new.counters.successful.saturating_sub(new.before_silence);
        }
        seen
    }

    /// Whether the evidence is enough, `now`, to offer that the old key be revoked.
    ///
    /// # Errors
    /// What is missing, and how much longer the old key has to be silent.
    pub fn verdict(&self, now: Moment) -> Result<(), Refusal> {
        let seen = self.seen();
        let left = seen.watch.saturating_sub(seen.silent).max(0);
        let old = self.old.filter(|old| old.is_of_this_page).and_then(|old| old.last);
        let new = self.new.and_then(|new| new.last);
        let is_recent = |look: Option<Moment>| look.is_some_and(|look| is_recent(look, now));
        let why = if !is_recent(old) || !is_recent(new) {
            Why::LookFirst
        } else if seen.new_requests == 0 {
            Why::NotInUseYet
        } else if seen.new_successful == 0 {
            Why::OnlyFailures
        } else if left > 0 {
            Why::TooEarly
        } else {
            return Ok(());
        };
        Err(Refusal { why, left })
    }

    /// What is left of it when its page goes: looks of another page are no looks of this one, and
    /// neither is that page's clock.
    pub fn leave(&mut self) {
        if let Some(old) = &mut self.old {
            old.last = old.last.map(|last| Moment { monotonic: None, ..last });
            old.is_of_this_page = false;
        }
        if let Some(new) = &mut self.new {
            new.last = None;
        }
    }
}

/// How many requests were added. The API does not promise that its counters add up.
fn requests(added: Added) -> u64 {
    added.completed.max(added.successful.saturating_add(added.failed))
}

/// The milliseconds from one look to the next, by the slower of the clocks that both have read.
fn elapsed(from: Moment, until: Moment) -> i64 {
    let (wall, monotonic) = from.until(until);
    wall.min(monotonic.unwrap_or(wall)).max(0)
}

/// Whether a look is recent by both clocks.
fn is_recent(look: Moment, now: Moment) -> bool {
    let (wall, monotonic) = look.until(now);
    [wall, monotonic.unwrap_or(wall)].into_iter().all(|age| (0..=RECENT_MILLIS).contains(&age))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rotation::habit::SHORTEST_MILLIS;

    const MINUTE: i64 = 60_000;
    const WEEK: i64 = 7 * 24 * 60 * MINUTE;
    const START: i64 = 1_795_456_101_000;

    /// So many milliseconds after the start, by both clocks.
    fn at(millis: i64) -> Moment {
        Moment { wall: START + millis, monotonic: Some(millis) }
    }

    fn counted(successful: u64, failed: u64) -> Figures {
        let completed = successful + failed;
        Figures { completed, successful, failed, quota: Some(7), per_day: completed }
    }

    /// A watch of 15 minutes in which both keys were looked at in the first moment.
    fn watch() -> Watch {
        let busy = Habit::new(100, 10 * MINUTE, 0);
        let mut watch = Watch::new(busy, Timestamp::from_unix_millis(START));
        watch.see(Side::Old, counted(1_000, 5), at(0));
        watch.see(Side::New, counted(1, 0), at(0));
        assert_eq!(watch.seen().watch, SHORTEST_MILLIS);
        watch
    }

    /// One in which the new key was used and the old one was silent for so many milliseconds.
    fn silent_for(millis: i64) -> Watch {
        let mut watch = watch();
        watch.see(Side::New, counted(43, 0), at(millis));
        watch.see(Side::Old, counted(1_000, 5), at(millis));
        watch
    }

    #[track_caller]
    fn refuses(watch: &Watch, now: i64, why: Why, left: i64) {
        assert_eq!(watch.verdict(at(now)), Err(Refusal { why, left }));
    }

    #[test]
    fn the_offer_comes_when_the_old_key_was_silent_for_the_whole_watch_and_the_new_one_is_used() {
        let watch = silent_for(15 * MINUTE);
        assert_eq!(watch.verdict(at(15 * MINUTE)), Ok(()));
        let seen = watch.seen();
        assert_eq!((seen.silent, seen.old_requests, seen.new_requests), (15 * MINUTE, 0, 42));
        assert_eq!((seen.new_successful, seen.new_failed, seen.restarted), (42, 0, None));
        assert_eq!(seen.expected, Some(150));
    }

    #[test]
    fn a_moment_before_it_is_refused_with_the_time_that_is_left() {
        refuses(&silent_for(15 * MINUTE - 1), 15 * MINUTE - 1, Why::TooEarly, 1);
        // Waiting alone is no evidence: time counts when somebody has looked.
        refuses(&silent_for(14 * MINUTE), 15 * MINUTE, Why::TooEarly, MINUTE);
    }

    #[test]
    fn a_request_on_the_old_key_restarts_the_watch_and_is_counted() {
        let mut watch = silent_for(14 * MINUTE);
        watch.see(Side::Old, counted(1_002, 6), at(16 * MINUTE));
        let seen = watch.seen();
        assert_eq!((seen.silent, seen.old_requests), (0, 3));
        let began = Timestamp::from_unix_millis(START + 16 * MINUTE);
        assert_eq!(seen.restarted, Some((began, Restart::Used)));
        assert_eq!(seen.new_since_silence, 0, "what came before the silence is not in it");
        watch.see(Side::Old, counted(1_002, 6), at(31 * MINUTE));
        watch.see(Side::New, counted(43, 0), at(31 * MINUTE));
        assert_eq!(watch.verdict(at(31 * MINUTE)), Ok(()), "and silence is what counts again");
        assert_eq!(watch.seen().old_requests, 3, "which is not forgotten");
    }

    #[test]
    fn a_failed_request_on_the_old_key_is_a_use_too_whichever_counter_says_so() {
        for figures in [
            Figures { failed: 6, ..counted(1_000, 5) },
            Figures { successful: 1_001, ..counted(1_000, 5) },
            Figures { completed: 1_006, ..counted(1_000, 5) },
        ] {
            let mut watch = silent_for(14 * MINUTE);
            watch.see(Side::Old, figures, at(15 * MINUTE));
            assert_eq!((watch.seen().silent, watch.seen().old_requests), (0, 1), "{figures:?}");
        }
    }

    #[test]
    fn quota_and_mean_may_move_while_a_key_is_silent() {
        let mut watch = silent_for(14 * MINUTE);
        let midnight = Figures { quota: None, per_day: 1, ..counted(1_000, 5) };
        watch.see(Side::Old, midnight, at(15 * MINUTE));
        assert_eq!(watch.seen().silent, 15 * MINUTE);
    }

    #[test]
    fn a_counter_that_goes_down_restarts_the_watch_whichever_key_it_is() {
        let mut watch = silent_for(15 * MINUTE);
        watch.see(Side::Old, counted(7, 0), at(16 * MINUTE));
        let began = Timestamp::from_unix_millis(START + 16 * MINUTE);
        assert_eq!(watch.seen().restarted, Some((began, Restart::Reset)));
        assert_eq!((watch.seen().silent, watch.seen().old_requests), (0, 0));
        refuses(&watch, 16 * MINUTE, Why::TooEarly, 15 * MINUTE);

        let mut watch = silent_for(15 * MINUTE);
        watch.see(Side::New, counted(42, 0), at(16 * MINUTE));
        assert_eq!(watch.seen().restarted, Some((began, Restart::Reset)));
        refuses(&watch, 16 * MINUTE, Why::LookFirst, 15 * MINUTE);
        watch.see(Side::Old, counted(1_000, 5), at(17 * MINUTE));
        refuses(&watch, 17 * MINUTE, Why::NotInUseYet, 15 * MINUTE);
        watch.see(Side::Old, counted(1_000, 5), at(18 * MINUTE));
        assert_eq!(watch.seen().silent, MINUTE, "from the first look after the reset on");
    }

    #[test]
    fn a_new_key_without_a_request_is_not_in_use_yet() {
        let mut watch = watch();
        watch.see(Side::Old, counted(1_000, 5), at(20 * MINUTE));
        watch.see(Side::New, counted(1, 0), at(20 * MINUTE));
        // The one request it has was there at the hand-over: its user has tried it.
        refuses(&watch, 20 * MINUTE, Why::NotInUseYet, 0);
    }

    #[test]
    fn failures_of_the_new_key_are_told_and_are_no_use_of_it() {
        let mut watch = watch();
        watch.see(Side::Old, counted(1_000, 5), at(20 * MINUTE));
        watch.see(Side::New, counted(1, 9), at(20 * MINUTE));
        refuses(&watch, 20 * MINUTE, Why::OnlyFailures, 0);
        assert_eq!((watch.seen().new_requests, watch.seen().new_failed), (9, 9));
        watch.see(Side::New, counted(2, 9), at(20 * MINUTE));
        assert_eq!(watch.verdict(at(20 * MINUTE)), Ok(()));
        assert_eq!((watch.seen().new_successful, watch.seen().new_failed), (1, 9));
    }

    #[test]
    fn nothing_is_offered_before_both_keys_were_looked_at_lately() {
        let mut watch = Watch::new(Habit::default(), Timestamp::from_unix_millis(START));
        refuses(&watch, 0, Why::LookFirst, 24 * 60 * MINUTE);
        watch.see(Side::Old, counted(1, 0), at(0));
        refuses(&watch, 0, Why::LookFirst, 24 * 60 * MINUTE);

        let watch = silent_for(15 * MINUTE);
        assert_eq!(watch.verdict(at(17 * MINUTE)), Ok(()));
        refuses(&watch, 17 * MINUTE + 1, Why::LookFirst, 0);
        refuses(&watch, 15 * MINUTE - 1, Why::LookFirst, 0);
        let mut other = watch;
        other.see(Side::New, counted(43, 0), at(18 * MINUTE));
        refuses(&other, 18 * MINUTE, Why::LookFirst, 0);
    }

    #[test]
    fn time_without_a_page_is_silent_if_the_counters_at_both_its_ends_are_the_same() {
        let mut left = silent_for(MINUTE);
        left.leave();
        refuses(&left, MINUTE, Why::LookFirst, 14 * MINUTE);
        // Another page has another clock that only goes forward.
        let later = Moment { wall: START + 15 * MINUTE, monotonic: Some(3) };
        let mut same = left;
        same.see(Side::Old, counted(1_000, 5), later);
        assert_eq!(same.verdict(later).map_err(|it| it.why), Err(Why::LookFirst));
        same.see(Side::New, counted(43, 0), later);
        assert_eq!(same.verdict(later), Ok(()));
        let mut used = left;
        used.see(Side::Old, counted(1_001, 5), later);
        used.see(Side::New, counted(43, 0), later);
        assert_eq!(used.verdict(later).map_err(|it| it.why), Err(Why::TooEarly));
    }

    #[test]
    fn a_clock_that_is_set_makes_no_silence() {
        for wall in [START + WEEK, START - WEEK, i64::MAX, i64::MIN] {
            let mut watch = silent_for(MINUTE);
            let jumped = Moment { wall, monotonic: Some(2 * MINUTE) };
            watch.see(Side::Old, counted(1_000, 5), jumped);
            watch.see(Side::New, counted(43, 0), jumped);
            assert!(watch.seen().silent <= 2 * MINUTE, "{wall}");
            assert_eq!(watch.verdict(jumped).map_err(|it| it.why), Err(Why::TooEarly), "{wall}");
            let later = Moment { wall, monotonic: Some(30 * MINUTE) };
            watch.see(Side::Old, counted(1_000, 5), later);
            assert!(watch.seen().silent <= 2 * MINUTE, "the wall clock stands still: {wall}");
        }
        let mut back = silent_for(MINUTE);
        back.leave();
        let earlier = Moment { wall: START - WEEK, monotonic: Some(0) };
        back.see(Side::Old, counted(1_000, 5), earlier);
        assert_eq!(back.seen().silent, MINUTE, "no time from one page to the next, and none lost");
    }

    #[test]
    fn an_hour_asleep_does_not_count_while_the_page_stays() {
        let mut watch = silent_for(MINUTE);
        let awake = Moment { wall: START + 61 * MINUTE, monotonic: Some(MINUTE + 500) };
        watch.see(Side::Old, counted(1_000, 5), awake);
        assert_eq!(watch.seen().silent, MINUTE + 500);
    }

    #[test]
    fn an_idle_use_of_the_new_key_before_the_silence_is_told_from_one_in_it() {
        let mut watch = watch();
        watch.see(Side::New, counted(2, 0), at(MINUTE));
        watch.see(Side::Old, counted(1_001, 5), at(MINUTE));
        watch.see(Side::Old, counted(1_001, 5), at(17 * MINUTE));
        watch.see(Side::New, counted(2, 0), at(17 * MINUTE));
        assert_eq!(watch.verdict(at(17 * MINUTE)), Ok(()));
        assert_eq!((watch.seen().new_successful, watch.seen().new_since_silence), (1, 0));
        watch.see(Side::New, counted(3, 0), at(17 * MINUTE));
        assert_eq!(watch.seen().new_since_silence, 1);
    }

    #[test]
    fn counters_of_any_size_do_not_overflow() {
        let mut watch = Watch::new(Habit::default(), Timestamp::from_unix_millis(i64::MAX));
        let most = Figures {
            completed: u64::MAX,
            successful: u64::MAX,
            failed: u64::MAX,
            ..Figures::default()
        };
        for (wall, figures) in [(i64::MIN, Figures::default()), (0, most), (i64::MAX, most)] {
            let at = Moment { wall, monotonic: None };
            watch.see(Side::Old, figures, at);
            watch.see(Side::New, figures, at);
        }
        assert_eq!((watch.seen().old_requests, watch.seen().new_requests), (u64::MAX, u64::MAX));
        assert_eq!(watch.seen().silent, i64::MAX);
    }
}
