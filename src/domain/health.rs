//! What is worth a look at a key: what its list entry and its usage say together.

pub mod clean_up;

use contract::Timestamp;

use super::key::ApiKey;
use super::table::query::Use;
use super::time::DAY_MILLIS;
use super::usage::{QuotaLevel, Usage};
use super::usage_board::permille;

/// A key whose requests fail more often than this, in percent, is failing.
const FAILING_PERCENT: u64 = 20;

/// Fewer requests than this say nothing about how often they fail.
const ENOUGH_REQUESTS: u64 = 20;

/// A key that was never used is new for this long, in milliseconds: 7 days.
const NEW_MILLIS: i64 = 7 * DAY_MILLIS;

/// Something about a key that somebody should know, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// More of today's quota is used than there is.
    OverQuota,
    /// Many of its requests fail.
    Failing,
    /// Today's quota is nearly used up.
    NearQuota,
    /// The list says that it was never used, and it has requests.
    Disagreement,
    /// It was not used for long.
    Stale,
    /// It was never used, and is not new.
    NeverUsed,
}

/// What is to be found about a key at the time `now`, the weightiest first; without its usage, what
/// the list tells.
pub fn findings(key: &ApiKey, usage: Option<&Usage>, now: Timestamp) -> Vec<Finding> {
    let level = usage.and_then(|usage| usage.quota.level());
    let has_requests = usage.is_some_and(|usage| usage.completed > 0);
    let is_new = now.unix_millis() - key.created.unix_millis() < NEW_MILLIS;
    let is_unused = key.last_used.is_none();
    [
        (Finding::OverQuota, level == Some(QuotaLevel::Over)),
        (Finding::Failing, usage.is_some_and(is_failing)),
        (Finding::NearQuota, level == Some(QuotaLevel::Near)),
        (Finding::Disagreement, is_unused && has_requests),
        (Finding::Stale, !is_unused && Use::Stale.admits(key, now)),
        (Finding::NeverUsed, is_unused && !has_requests && !is_new),
    ]
    .into_iter()
    .filter_map(|(finding, is_so)| is_so.then_some(finding))
    .collect()
}

fn is_failing(usage: &Usage) -> bool {
    let outcomes = usage.outcomes();
    outcomes >= ENOUGH_REQUESTS && permille(usage.failed, outcomes) > FAILING_PERCENT * 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usage::Quota;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_456_101_000);

    fn key(created: i64, used: Option<i64>) -> ApiKey {
        let before = |days: i64| Timestamp::from_unix_millis(NOW.unix_millis() - days * DAY_MILLIS);
        ApiKey {
            id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
            name: "ci-bot".to_owned(),
            masked: "occ_TheW…0000".to_owned(),
            created: before(created),
            last_used: used.map(before),
        }
    }

    fn usage(successful: u64, failed: u64, quota: Quota) -> Usage {
        Usage { completed: successful + failed, successful, failed, quota, per_day: 0.0 }
    }

    #[track_caller]
    fn check(key: &ApiKey, usage: Option<Usage>, expected: &[Finding]) {
        assert_eq!(findings(key, usage.as_ref(), NOW), expected);
    }

    #[test]
    fn a_healthy_key_gives_no_reason_to_look() {
        check(&key(200, Some(1)), Some(usage(80, 20, Quota::Within(79.0))), &[]);
        check(&key(200, Some(1)), None, &[]);
        check(&key(1, None), Some(usage(0, 0, Quota::Unlimited)), &[]);
    }

    #[test]
    fn many_failures_are_said_when_there_were_enough_requests() {
        check(&key(9, Some(1)), Some(usage(79, 21, Quota::Unlimited)), &[Finding::Failing]);
        check(&key(9, Some(1)), Some(usage(0, 19, Quota::Unlimited)), &[]);
        let huge = usage(u64::MAX / 4, u64::MAX / 2, Quota::Unlimited);
        check(&key(9, Some(1)), Some(huge), &[Finding::Failing]);
    }

    #[test]
    fn the_quota_is_said_from_eighty_percent_on() {
        check(&key(9, Some(1)), Some(usage(1, 0, Quota::Within(80.0))), &[Finding::NearQuota]);
        check(&key(9, Some(1)), Some(usage(1, 0, Quota::Over(101.0))), &[Finding::OverQuota]);
    }

    #[test]
    fn a_key_that_nobody_uses_is_said_to_be_unless_it_is_new() {
        check(&key(400, Some(91)), None, &[Finding::Stale]);
        check(&key(8, None), None, &[Finding::NeverUsed]);
        check(&key(6, None), None, &[]);
    }

    #[test]
    fn a_list_and_a_usage_that_disagree_are_not_made_to_agree() {
        let used = usage(3, 0, Quota::Unlimited);
        check(&key(400, None), Some(used), &[Finding::Disagreement]);
    }

    #[test]
    fn the_weightiest_comes_first() {
        let worst = usage(0, 100, Quota::Over(200.0));
        let all = [Finding::OverQuota, Finding::Failing, Finding::Disagreement];
        check(&key(400, None), Some(worst), &all);
    }
}
