//! What a question costs, counted in steps of SQLite's virtual machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use contract::{DAY_MILLIS, Timestamp};
use uuid::Uuid;

use super::{DayUsage, KeyId, Records, Store, StoreError, UserId};
use crate::secret::ApiKey;

/// A database with one key that was used on each of so many days.
struct Used {
    _folder: tempfile::TempDir,
    store: Store,
    steps: Arc<AtomicU64>,
    user: UserId,
    uuid: Uuid,
    key: KeyId,
    today: Timestamp,
}

impl Used {
    fn on_days(days: i64) -> Self {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        let email = "ada@example.com".parse().expect("an e-mail address");
        let (uuid, secret) = (Uuid::new_v4(), ApiKey::random().expect("random numbers"));
        let at = |day| Timestamp::from_unix_millis(day * DAY_MILLIS);
        let made = store.write(|records| {
            let user = records.add_user(&email, "hash", at(0))?.expect("a new user");
            let key = records.add_key(user, uuid, "k", &secret, at(0))?;
            for day in 0..days {
                records.add_usage(key, &once(at(day)))?;
            }
            Ok((user, key))
        });
        let (user, key) = made.expect("the database works");
        let steps = Arc::new(AtomicU64::new(0));
        for connection in [&store.writer, &store.reader] {
            let steps = Arc::clone(&steps);
            let count = move || {
                steps.fetch_add(1, Ordering::Relaxed);
                false
            };
            let mut connection = connection.lock().expect("no panic");
            connection.progress_handler(1, Some(count)).expect("a handler");
        }
        Self { _folder: folder, store, steps, user, uuid, key, today: at(days - 1) }
    }

    fn cost<T>(&self, work: impl Fn(&Records<'_>) -> Result<T, StoreError>) -> u64 {
        let before = self.steps.load(Ordering::Relaxed);
        self.store.write(work).expect("the database works");
        self.steps.load(Ordering::Relaxed) - before
    }

    /// Listing, the usage of the key, a use on a day with others, and the first on a new day.
    fn costs(&self) -> [u64; 4] {
        let tomorrow = Timestamp::from_unix_millis(self.today.unix_millis() + DAY_MILLIS);
        [
            self.cost(|records| records.keys(self.user)),
            self.cost(|records| records.key_usage(self.user, self.uuid, self.today)),
            self.cost(|records| records.add_usage(self.key, &once(self.today))),
            self.cost(|records| records.add_usage(self.key, &once(tomorrow))),
        ]
    }
}

fn once(at: Timestamp) -> DayUsage {
    DayUsage { last: at, successful: 1, failed: 0 }
}

#[test]
fn ten_years_of_use_cost_no_more_than_a_day() {
    let (day, years) = (Used::on_days(1).costs(), Used::on_days(3650).costs());
    assert!(day.iter().all(|&steps| steps > 5), "{day:?}: nothing was counted");
    assert_eq!(day, years);
}
