//! Choices that follow from a number, so that a failure can be repeated.

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// What follows from the number in `OCCAM_KEYS_SEED`, or from another one each time; it is
    /// printed, which the test harness shows if the test fails.
    pub(crate) fn from_environment() -> Self {
        let by_chance = std::process::id().into();
        let seed = crate::amount::amount("OCCAM_KEYS_SEED", by_chance);
        println!("repeat with OCCAM_KEYS_SEED={seed}");
        Self(seed)
    }

    /// Another source of choices, which follows from this one.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// One of them, if there is one.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }
}
