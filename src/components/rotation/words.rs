//! What a rotation says in words.

use crate::components::live_usage::LiveState;
use crate::domain::rotation::End;
use crate::domain::rotation::evidence::{Refusal, Restart, Seen, Why};
use crate::domain::rotation::habit::{ENOUGH_EXPECTED, LONGEST_MILLIS};
use crate::domain::time::{DAY_MILLIS, HOUR_MILLIS, MINUTE_MILLIS};
use crate::words::{tr, tr_count};

/// Whether the old key can be revoked, and what is worth knowing of that.
pub(super) fn verdict_in_words(verdict: Result<(), Refusal>, seen: Option<Seen>) -> String {
    let seen = seen.unwrap_or_default();
    let mut words = vec![match verdict.map_err(|refusal| refusal.why) {
        Ok(()) => tr("Nothing has used the old key for long enough. You can revoke it."),
        Err(Why::LookFirst | Why::NotWatching) => {
            tr("Both keys are to be looked at before anything can be said.")
        }
        Err(Why::NotInUseYet) => {
            tr("The new key has not been used yet. Is it in the place of the old one?")
        }
        Err(Why::OnlyFailures) => {
            tr("All requests with the new key have failed. Was it copied as a whole?")
        }
        Err(Why::TooEarly) => tr("It is too early to revoke the old key."),
    }];
    match seen.restarted {
        Some((_, Restart::Used)) => {
            words.push(tr("The old key was used after the new one was in place, so the watch \
                           began anew: something still has it."));
        }
        Some((_, Restart::Reset)) => {
            words.push(tr("A counter was set back, so the watch began anew."));
        }
        None => {}
    }
    if verdict.is_ok() {
        if seen.new_since_silence == 0 {
            words
                .push(tr("The new key was not used since either: what used the old one may have \
                           stopped altogether."));
        }
        let is_weak = seen.expected.is_none_or(|expected| expected < ENOUGH_EXPECTED);
        if is_weak && seen.watch >= LONGEST_MILLIS {
            words.push(tr("The old key is used so seldom that a week of silence says little."));
        }
    }
    words.join(" ")
}

/// How looking at both keys stands.
pub(super) fn looks_in_words(state: LiveState) -> String {
    match state {
        LiveState::Off | LiveState::Watching => {
            tr("Both keys are looked at every 10 seconds while this page is open. You may leave, \
                and come back when the time is over.")
        }
        LiveState::Hidden => tr("Paused while this page is out of sight."),
        LiveState::Offline => tr("Paused while you are offline."),
        LiveState::Failing => tr("The last look failed. The next ones wait longer."),
    }
}

/// How it ended.
pub(super) fn end_in_words(end: End) -> String {
    match end {
        End::NewIsGone => tr("The new key is gone, so this one stays in use."),
        End::Unnamed => {
            tr("The Key API gave the new key no identity of its own, so it cannot be watched. \
                Revoke this key by hand once the new one is in its place.")
        }
        End::Revoked | End::OldIsGone => tr("The old key is revoked."),
        End::Kept => tr("Both keys stay."),
    }
}

/// A length of time in words, rounded down to minutes, hours or days.
pub(super) fn span_in_words(millis: i64) -> String {
    let count = |unit: i64| usize::try_from(millis / unit).unwrap_or_default();
    if millis < 2 * HOUR_MILLIS {
        tr_count(count(MINUTE_MILLIS), "{n} minute", "{n} minutes")
    } else if millis < 2 * DAY_MILLIS {
        tr_count(count(HOUR_MILLIS), "{n} hour", "{n} hours")
    } else {
        tr_count(count(DAY_MILLIS), "{n} day", "{n} days")
    }
}
