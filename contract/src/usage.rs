use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// Answer of `get_key_usage_keys_uuid_usage_get`: five numbers over the key's life. The API
/// keeps no time series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyUsageResponse {
    /// Requests that were answered. Should be the sum of the next two, but is not promised to be.
    pub completed_requests: Count,
    /// Requests answered with success.
    pub successful_requests: Count,
    /// Requests answered with an error.
    pub failed_requests: Count,
    /// Share of the quota that is used up, in percent. May pass 100; null or missing means that
    /// there is no quota.
    #[serde(default)]
    pub quota_usage_percentage: Option<f64>,
    /// Mean number of requests a day.
    pub requests_per_day: f64,
}

/// A number of requests. Written as an integer; read from any non-negative JSON number, a
/// fraction rounded to the nearest whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Count(pub u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a non-negative number")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
                Ok(Count(number))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Count, E> {
                u64::try_from(number).map(Count).map_err(|_| E::custom("a negative count"))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Count, E> {
                if number < 0.0 || !number.is_finite() {
                    return Err(E::custom("a negative count"));
                }
                // Rust's float-to-integer conversion saturates, so 1e300 is a very large count.
                Ok(Count(number.round() as u64))
            }
        }
        deserializer.deserialize_any(Number)
    }
}
