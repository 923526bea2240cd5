//! Hashing and checking passwords with Argon2id.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::password_hash::{self, PasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use crate::error::ApiError;
use crate::queue::Queue;
use crate::secret;

/// OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many sign-ins may wait for their turn. At a fiftieth of a second for each, the last of them
/// has its turn before the queue's patience ends.
const WAITING: usize = 64;

/// A password could not be hashed.
#[derive(Debug)]
pub struct HashError(password_hash::Error);

/// Checks passwords, few at a time: each check takes 19 MiB and a processor for tens of
/// milliseconds, and a burst of sign-ins must not take the machine down.
///
/// The memory is kept for the next check. Given back each time, it would stay with the allocator
/// once for every thread that ever checked a password, and there are dozens of them.
#[derive(Clone)]
pub(crate) struct Passwords {
    queue: Queue,
    memory: Arc<Mutex<Vec<Memory>>>,
}

/// What Argon2 works in.
type Memory = Vec<Block>;

/// The hash of `password` with a random salt, as a PHC string that names its parameters.
///
/// # Errors
/// [`HashError`] if the system has no random numbers or memory.
pub fn hash(password: &SecretString) -> Result<String, HashError> {
    let salt: [u8; 16] =
        secret::random_bytes().map_err(|_| HashError(password_hash::Error::Internal))?;
    argon2()
        .and_then(|argon2| {
            argon2.hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
        })
        .map(|hash| hash.to_string())
        .map_err(HashError)
}

/// Whether `password` is the one that was hashed. Without a hash, because there is no such
/// user, it does the same work and says no.
fn verify(password: &SecretString, hash: Option<&str>, memory: &mut Memory) -> bool {
    verify_by(password, hash, |password, hash| matches(password, hash, memory).unwrap_or(false))
}

/// Whether `password` is the one of a PHC string, by the parameters that it names. A string that
/// is none is no password's.
fn matches(password: &[u8], hash: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let params = Params::try_from(&hash).ok()?;
    memory.resize(params.block_count(), Block::new());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = vec![0; expected.len()];
    let done = argon2.hash_password_into_with_memory(password, salt, &mut output, &mut *memory);
    // What was made of a password is nobody else's.
    memory.fill(Block::new());
    done.ok()?;
    // Two outputs are compared in constant time.
    Some(Output::new(&output).ok()? == *expected)
}

/// [`verify`] by `check`, which is called once, whoever asks and whatever the answer.
fn verify_by(
    password: &SecretString,
    hash: Option<&str>,
    check: impl FnOnce(&[u8], &str) -> bool,
) -> bool {
    let nobody = nobodys_hash();
    let matches = check(password.expose_secret().as_bytes(), hash.unwrap_or(&nobody));
    matches && hash.is_some()
}

impl Passwords {
    /// Checks that have their turn by this number at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { queue: Queue::new("passwords", at_once, WAITING), memory: Arc::default() }
    }

    /// [`verify`] on a thread of its own, when its turn has come.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let memories = Arc::clone(&self.memory);
        let check = move || {
            let kept = || memories.lock().unwrap_or_else(PoisonError::into_inner);
            // As many are made as have their turn at once.
            let mut memory = kept().pop().unwrap_or_default();
            let matches = verify(&password, hash.as_deref(), &mut memory);
            kept().push(memory);
            matches
        };
        self.queue.run(check).await
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the password could not be hashed: {}", self.0)
    }
}

impl std::error::Error for HashError {}

fn argon2() -> Result<Argon2<'static>, password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A well-formed hash with the current parameters that no password has.
fn nobodys_hash() -> String {
    let (salt, output) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hashed_password_matches() {
        let right = SecretString::from("correct horse");
        let hash = hash(&right).expect("hashing works");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let memory = &mut Memory::new();
        assert!(verify(&right, Some(&hash), memory));
        assert!(!verify(&SecretString::from("correct horse "), Some(&hash), memory));
        assert!(!verify(&right, None, memory));
        assert!(!verify(&right, Some("no hash"), memory));
        assert!(memory.iter().all(|block| block.as_ref().iter().all(|&word| word == 0)));
    }

    #[tokio::test]
    async fn the_memory_of_as_many_checks_is_kept_as_are_done_at_once() {
        let passwords = Passwords::new(2);
        let checks: Vec<_> = (0..8)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.verify("x".into(), None).await })
            })
            .collect();
        for check in checks {
            assert!(!check.await.expect("no panic").expect("its turn comes"));
        }
        let kept = passwords.memory.lock().expect("no panic");
        let sizes: Vec<_> = kept.iter().map(Vec::len).collect();
        assert!(sizes == [MEMORY_KIB as usize; 2] || sizes == [MEMORY_KIB as usize], "{sizes:?}");
    }

    #[test]
    fn an_unknown_user_costs_the_same_work() {
        let salt_output_and_params = |hash: &str| -> Vec<usize> {
            let parts: Vec<_> = hash.split('$').collect();
            assert_eq!(parts[..4], ["", "argon2id", "v=19", "m=19456,t=2,p=1"]);
            parts.iter().map(|part| part.len()).collect()
        };
        let real = hash(&SecretString::from("x")).expect("hashing works");
        assert_eq!(salt_output_and_params(&real), salt_output_and_params(&nobodys_hash()));
        argon2::password_hash::phc::PasswordHash::new(&nobodys_hash()).expect("well formed");
    }

    #[test]
    fn every_sign_in_checks_one_hash_of_the_same_cost() {
        let password = SecretString::from("x");
        let real = hash(&password).expect("hashing works");
        for (hash, result) in [(Some(real.as_str()), true), (None, true), (None, false)] {
            let mut checked = Vec::new();
            verify_by(&password, hash, |password, hash| {
                assert_eq!(password, b"x");
                checked.push(hash.split('$').take(4).collect::<Vec<_>>().join("$"));
                result
            });
            assert_eq!(checked, ["$argon2id$v=19$m=19456,t=2,p=1"], "{hash:?}");
        }
        assert!(!verify_by(&password, None, |_, _| true), "nobody has a password");
    }
}
