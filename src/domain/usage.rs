//! What the five numbers of a key's usage say, and what may be drawn of them.
//!
//! The API keeps no history: every figure is over the key's life, but for the quota, which is of
//! today.

use contract::ApiKeyUsageResponse;

/// A key's usage, cleaned of what cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Requests that were answered, as the API counts them.
    pub completed: u64,
    /// Requests answered with success.
    pub successful: u64,
    /// Requests answered with an error.
    pub failed: u64,
    /// How far the quota is used up.
    pub quota: Quota,
    /// Mean number of requests a day; finite and not negative.
    pub per_day: f64,
}

/// How far a quota is used up, in percent; finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quota {
    /// The key has none.
    Unlimited,
    /// At most 100 percent.
    Within(f64),
    /// More than 100 percent.
    Over(f64),
}

/// How close a quota is to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaLevel {
    /// Below 80 percent.
    Fine,
    /// From 80 percent on.
    Near,
    /// Above 100 percent.
    Over,
}

impl Usage {
    /// Successful and failed requests together: what the outcome chart divides. It can differ
    /// from [`Usage::completed`], which the API does not promise to be the sum.
    pub fn outcomes(&self) -> u64 {
        self.successful.saturating_add(self.failed)
    }

    /// Whether the three counts add up.
    pub fn adds_up(&self) -> bool {
        self.completed == self.outcomes()
    }

    /// The share of successful requests, from 0 to 1; `None` if there were none at all.
    pub fn success_rate(&self) -> Option<f64> {
        let all = self.outcomes();
        (all > 0).then(|| self.successful as f64 / all as f64)
    }

    /// The same as it is to be said in percent with one digit: only all requests are 100 %, and
    /// only none are 0 %.
    pub fn success_rate_to_say(&self) -> Option<f64> {
        const ALMOST_ALL: f64 = 0.999;
        let rate = self.success_rate()?;
        match (self.successful, self.failed) {
            (0, _) | (_, 0) => Some(rate),
            _ => Some(rate.clamp(1.0 - ALMOST_ALL, ALMOST_ALL)),
        }
    }
}

impl Quota {
    /// The quota in percent, if there is one.
    pub fn percent(self) -> Option<f64> {
        match self {
            Self::Unlimited => None,
            Self::Within(percent) | Self::Over(percent) => Some(percent),
        }
    }

    /// How close it is to its end, if there is one.
    pub fn level(self) -> Option<QuotaLevel> {
        match self {
            Self::Unlimited => None,
            Self::Within(percent) if percent < 80.0 => Some(QuotaLevel::Fine),
            Self::Within(_) => Some(QuotaLevel::Near),
            Self::Over(_) => Some(QuotaLevel::Over),
        }
    }
}

impl From<ApiKeyUsageResponse> for Usage {
    fn from(wire: ApiKeyUsageResponse) -> Self {
        Self {
            completed: wire.completed_requests.0,
            successful: wire.successful_requests.0,
            failed: wire.failed_requests.0,
            quota: match wire.quota_usage_percentage.map(drawable).map(to_one_digit) {
                None => Quota::Unlimited,
                Some(percent) if percent > 100.0 => Quota::Over(percent),
                Some(percent) => Quota::Within(percent),
            },
            per_day: drawable(wire.requests_per_day),
        }
    }
}

/// Rounded as it is shown, so that no figure reads "100 %" and is over.
fn to_one_digit(percent: f64) -> f64 {
    let rounded = (percent * 10.0).round() / 10.0;
    if rounded.is_finite() { rounded } else { percent }
}

/// The number, or 0 for what has no place on a scale: negative, infinite, not a number.
fn drawable(number: f64) -> f64 {
    if number.is_finite() && number > 0.0 { number } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use contract::Count;

    use super::*;

    fn usage(completed: u64, successful: u64, failed: u64, quota: Option<f64>) -> Usage {
        Usage::from(ApiKeyUsageResponse {
            completed_requests: Count(completed),
            successful_requests: Count(successful),
            failed_requests: Count(failed),
            quota_usage_percentage: quota,
            requests_per_day: 0.0,
        })
    }

    #[test]
    fn a_key_without_requests_has_no_rate() {
        assert_eq!(usage(0, 0, 0, None).success_rate(), None);
        assert_eq!(usage(1, 1, 0, None).success_rate(), Some(1.0));
        assert_eq!(usage(4, 3, 1, None).success_rate(), Some(0.75));
        assert_eq!(usage(0, u64::MAX, u64::MAX, None).outcomes(), u64::MAX);
    }

    #[test]
    fn almost_all_is_not_said_to_be_all_nor_almost_none_to_be_none() {
        assert_eq!(usage(0, 9_999, 1, None).success_rate_to_say(), Some(0.999));
        assert!(usage(0, 1, 9_999, None).success_rate_to_say() >= Some(0.000_999));
        assert_eq!(usage(0, 3, 1, None).success_rate_to_say(), Some(0.75));
        assert_eq!(usage(0, 3, 0, None).success_rate_to_say(), Some(1.0));
        assert_eq!(usage(0, 0, 3, None).success_rate_to_say(), Some(0.0));
        assert_eq!(usage(0, 0, 0, None).success_rate_to_say(), None);
    }

    #[test]
    fn counts_that_do_not_add_up_are_noticed() {
        assert!(usage(4, 3, 1, None).adds_up());
        assert!(!usage(5, 3, 1, None).adds_up());
    }

    #[test]
    fn the_quota_may_be_missing_near_or_passed() {
        assert_eq!(usage(0, 0, 0, None).quota.level(), None);
        for (percent, level) in [
            (0.0, QuotaLevel::Fine),
            (79.9, QuotaLevel::Fine),
            (80.0, QuotaLevel::Near),
            (100.0, QuotaLevel::Near),
            (100.04, QuotaLevel::Near),
            (100.1, QuotaLevel::Over),
            (1e300, QuotaLevel::Over),
            (-5.0, QuotaLevel::Fine),
            (f64::NAN, QuotaLevel::Fine),
        ] {
            assert_eq!(usage(0, 0, 0, Some(percent)).quota.level(), Some(level), "{percent}");
        }
    }
}
