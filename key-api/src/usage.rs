//! The two rules about usage that the documents name but do not define.

use contract::{ApiKeyUsageResponse, Count, DAY_MILLIS, Timestamp};

use crate::store::KeyUsage;

/// The answer about a key that was used as `usage` says.
pub(crate) fn summary(usage: &KeyUsage, daily_quota: u32, now: Timestamp) -> ApiKeyUsageResponse {
    let completed = usage.successful + usage.failed;
    ApiKeyUsageResponse {
        completed_requests: Count(completed),
        successful_requests: Count(usage.successful),
        failed_requests: Count(usage.failed),
        quota_usage_percentage: Some(quota_percentage(usage.today, daily_quota)),
        requests_per_day: requests_per_day(completed, usage.created, now),
    }
}

/// The share of today's quota that is used up. It may pass 100: the quota is told, not enforced.
fn quota_percentage(today: u64, daily_quota: u32) -> f64 {
    today as f64 * 100.0 / f64::from(daily_quota.max(1))
}

/// The mean over the days since the key was made, of which there is at least one.
fn requests_per_day(completed: u64, created: Timestamp, now: Timestamp) -> f64 {
    let age = now.unix_millis().saturating_sub(created.unix_millis());
    completed as f64 / (age as f64 / DAY_MILLIS as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_may_be_passed() {
        assert_eq!(quota_percentage(0, 1000), 0.0);
        assert_eq!(quota_percentage(3, 1000), 0.3);
        assert_eq!(quota_percentage(1000, 1000), 100.0);
        assert_eq!(quota_percentage(7, 2), 350.0);
    }

    #[test]
    fn the_mean_counts_at_least_one_day() {
        let created = Timestamp::from_unix_millis(1_000);
        let after =
            |days: f64| Timestamp::from_unix_millis(1_000 + (days * DAY_MILLIS as f64) as i64);
        assert_eq!(requests_per_day(5, created, created), 5.0);
        assert_eq!(requests_per_day(5, created, after(0.5)), 5.0);
        assert_eq!(requests_per_day(6, created, after(1.5)), 4.0);
        assert_eq!(requests_per_day(5, created, after(10.0)), 0.5);
        // A clock that was set back must not give a negative or enormous rate.
        assert_eq!(requests_per_day(5, created, after(-3.0)), 5.0);
    }
}
