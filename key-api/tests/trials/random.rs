//! Choices that follow from a number, so that a failure can be repeated.

use fastrand::Rng;

/// What follows from the number in `OCCAM_KEYS_SEED`, or from another one each time; it is
/// printed, which the test harness shows if the test fails.
pub(crate) fn from_environment() -> Rng {
    let seed = crate::amount::amount("OCCAM_KEYS_SEED", fastrand::u64(..));
    println!("repeat with OCCAM_KEYS_SEED={seed}");
    Rng::with_seed(seed)
}
