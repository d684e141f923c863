//! Numbers that a seed makes, for tests that draw what they try.

/// A row of numbers, the same for the same seed.
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..below`.
    pub(super) fn below(&mut self, below: u64) -> u64 {
        self.next() % below
    }

    /// Whether one of so many cases is drawn.
    pub(super) fn one_in(&mut self, cases: u64) -> bool {
        self.below(cases) == 0
    }

    /// The same things in a drawn order.
    pub(super) fn shuffled<T>(&mut self, mut things: Vec<T>) -> Vec<T> {
        for at in (1..things.len()).rev() {
            let other = usize::try_from(self.below(at as u64 + 1)).expect("an index");
            things.swap(at, other);
        }
        things
    }
}

/// The seeds that a test goes through: `OFD_BILLING_SEED` alone where it is set, to try again what failed.
pub(super) fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("OFD_BILLING_SEED") {
        Ok(seed) => vec![seed.parse().expect("OFD_BILLING_SEED is a number")],
        Err(_) => (1..=count).collect(),
    }
}
