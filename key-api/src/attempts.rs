//! How often a password may be guessed: ten times in five minutes for one user from one address,
//! a hundred times from one address whatever the names, and a thousand times by everybody together.
//!
//! The first and the last number are those of PyPI. The one between them keeps who invents names
//! from using up what everybody has together: ten people behind one address still have all of their
//! ten attempts, and it takes ten addresses to keep others out. It is also as many as NIST SP
//! 800-63B (section 5.2.2) allows for one account at most. OWASP ASVS 5.0 (6.3.1) asks for a limit,
//! and its cheat sheet on authentication for one that locks nobody out for good:
//!
//! - **An attempt is entered before the password is looked at**, so any number of attempts at once
//!   cannot pass the limit.
//! - **A success strikes out** what its user has tried from its address.
//! - **A refused attempt is not entered.** Whoever goes on trying prolongs nothing, and five
//!   minutes after the last attempt that counted there is no trace of any.
//! - **A user who does not exist is counted like any other**, so that the limit tells nothing.
//!
//! What is entered is bounded by the limit for everybody together, and so is the memory.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::secret::Digest;
use crate::user::Email;

/// How long an attempt counts.
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// How many attempts count for one user from one address.
const OF_ONE: usize = 10;
/// How many attempts count for one address, whoever they are for.
const OF_ADDRESS: usize = 100;
/// How many attempts count for everybody together.
const OF_ALL: usize = 1000;

/// The attempts of the last five minutes that did not succeed, or are not decided yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts(Arc<Mutex<Ledger>>);

/// An attempt that is entered. If it is dropped it stays so: only a success undoes it, or that it
/// was not made after all.
#[derive(Debug)]
pub(crate) struct Attempt {
    all: Attempts,
    entry: Entry,
}

/// Who tries to sign in, and from where. Of who it is only a digest is kept: a password that was
/// typed into the wrong field stays nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    network: IpAddr,
    there: Digest,
}

#[derive(Debug, Default)]
struct Ledger {
    /// The oldest first.
    entries: VecDeque<Entry>,
    entered: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    number: u64,
    who: Who,
    /// When, by a clock that is never set back.
    at: Duration,
}

impl Who {
    /// A user at an address. One subscriber has a whole network of 64 bits in IPv6 (RFC 6177), so
    /// all of its addresses are one.
    pub(crate) fn new(user: &Email, address: IpAddr) -> Self {
        let network = match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            v4 => v4,
        };
        let hash = Sha256::new().chain_update(format!("{network}\0")).chain_update(user.as_str());
        Self { network, there: Digest(hash.finalize().into()) }
    }
}

impl Attempts {
    /// Enters an attempt at `now`, if it is within the limits.
    ///
    /// # Errors
    /// How long to wait until the next attempt may be made.
    pub(crate) fn begin(&self, who: Who, now: Duration) -> Result<Attempt, Duration> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.enter(who, now).map(|entry| Attempt { all: self.clone(), entry })
    }

    fn strike(&self, which: impl Fn(&Entry) -> bool) {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.entries.retain(|entry| !which(entry));
    }
}

impl Attempt {
    /// The password was right.
    pub(crate) fn succeeded(self) {
        self.all.strike(|entry| entry.who == self.entry.who);
    }

    /// The password was not looked at.
    pub(crate) fn not_made(self) {
        self.all.strike(|entry| entry.number == self.entry.number);
    }
}

impl Ledger {
    fn enter(&mut self, who: Who, now: Duration) -> Result<Entry, Duration> {
        self.entries.retain(|entry| now < entry.at + WINDOW);
        let of_address = self.entries.iter().filter(|entry| entry.who.network == who.network);
        let of_one = of_address.clone().filter(|entry| entry.who == who);
        let full = [
            of_one.rev().nth(OF_ONE - 1),
            of_address.rev().nth(OF_ADDRESS - 1),
            self.entries.iter().rev().nth(OF_ALL - 1),
        ];
        // Each limit is free again when the entry that filled it is too old.
        let wait = full.into_iter().flatten().map(|entry| entry.at + WINDOW - now).max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        self.entered += 1;
        let entry = Entry { number: self.entered, who, at: now };
        self.entries.push_back(entry);
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(user: &str, address: &str) -> Who {
        Who::new(&Email::as_presented(user), address.parse().expect("an address"))
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_eleventh_attempt_waits_for_the_first_to_be_forgotten() {
        let (attempts, ada) = (Attempts::default(), who("ada", "192.0.2.1"));
        for second in 0..10 {
            assert!(attempts.begin(ada, at(second)).is_ok(), "second {second}");
        }
        assert_eq!(attempts.begin(ada, at(10)).err(), Some(at(290)));
        assert_eq!(attempts.begin(ada, at(299)).err(), Some(at(1)), "a refusal is not entered");
        assert!(attempts.begin(ada, at(300)).is_ok());
        assert_eq!(attempts.begin(ada, at(300)).err(), Some(at(1)), "one was forgotten, not all");
    }

    #[test]
    fn users_and_addresses_are_counted_apart() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert!(attempts.begin(who("ada", "192.0.2.1"), at(0)).is_ok());
        }
        for (user, address, free) in [
            ("ada", "192.0.2.1", false),
            (" ADA ", "::ffff:192.0.2.1", false),
            ("ada", "192.0.2.2", true),
            ("bob", "192.0.2.1", true),
            ("", "192.0.2.1", true),
        ] {
            assert_eq!(attempts.begin(who(user, address), at(0)).is_ok(), free, "{user} {address}");
        }
        assert_eq!(who("ada", "2001:db8::1"), who("ada", "2001:db8::ffff:1"));
        assert_ne!(who("ada", "2001:db8::1"), who("ada", "2001:db8:0:1::1"));
    }

    #[test]
    fn who_invents_names_locks_out_their_own_address_only() {
        let attempts = Attempts::default();
        for number in 0..1000 {
            let invented = who(&format!("name {number}"), "192.0.2.1");
            assert_eq!(
                attempts.begin(invented, at(number)).is_ok(),
                number % 300 < 100,
                "{number}"
            );
        }
        assert_eq!(attempts.begin(who("ada", "192.0.2.1"), at(1000)).err(), Some(at(200)));
        assert!(attempts.begin(who("ada", "192.0.2.2"), at(1000)).is_ok());
    }

    #[test]
    fn everybody_together_has_a_thousand() {
        let attempts = Attempts::default();
        for number in 0..1000 {
            let invented = who(&number.to_string(), &format!("192.0.2.{}", number % 10));
            assert!(attempts.begin(invented, at(number / 10)).is_ok());
        }
        assert_eq!(attempts.begin(who("ada", "192.0.2.99"), at(100)).err(), Some(at(200)));
        assert!(attempts.begin(who("ada", "192.0.2.99"), at(300)).is_ok());
    }

    #[test]
    fn a_success_strikes_out_its_user_and_what_was_not_made_only_itself() {
        let (attempts, ada, bob) =
            (Attempts::default(), who("ada", "192.0.2.1"), who("bob", "192.0.2.1"));
        for who in [ada, bob] {
            for _ in 0..9 {
                assert!(attempts.begin(who, at(0)).is_ok());
            }
        }
        attempts.begin(ada, at(0)).expect("the tenth").succeeded();
        attempts.begin(bob, at(0)).expect("the tenth").not_made();
        for _ in 0..10 {
            assert!(attempts.begin(ada, at(1)).is_ok());
        }
        assert!(attempts.begin(bob, at(1)).is_ok(), "the tenth again");
        assert!(attempts.begin(bob, at(1)).is_err());
    }

    #[test]
    fn attempts_at_once_do_not_pass_the_limit() {
        let (attempts, ada) = (Attempts::default(), who("ada", "192.0.2.1"));
        let entered: usize = std::thread::scope(|scope| {
            let tries = || (0..50).filter(|_| attempts.begin(ada, at(0)).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(tries)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(entered, 10);
    }

    #[test]
    fn the_memory_is_bounded_and_empty_after_the_window() {
        let attempts = Attempts::default();
        for number in 0..5000 {
            let network = format!("2001:db8:0:{number:x}::1");
            drop(attempts.begin(who(&number.to_string(), &network), at(0)));
        }
        let kept = || attempts.0.lock().expect("no panic").entries.len();
        assert_eq!(kept(), 1000);
        assert!(attempts.begin(who("ada", "192.0.2.1"), at(300)).is_ok());
        assert_eq!(kept(), 1);
    }
}
