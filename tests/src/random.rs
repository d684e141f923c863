//! Randomness that can be had again: everything a test draws follows from one seed.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// The environment variable that repeats a failed run.
pub const SEED_VARIABLE: &str = "OFD_SEED";

/// A splitmix64 generator.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.draw() % end as u64) as usize
    }

    /// True `part` times of `whole`.
    pub fn chance(&mut self, part: usize, whole: usize) -> bool {
        self.below(whole) < part
    }

    /// One of the elements of a list, which is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// The seeds of a run: the one in `OFD_SEED` alone, or a fixed set and one that is new every time.
pub fn seeds() -> Vec<u64> {
    if let Ok(seed) = env::var(SEED_VARIABLE) {
        return vec![seed.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={seed} is not a number"))];
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    (1..=4).chain([now.as_micros() as u64]).collect()
}

/// Runs `test` with every seed of [`seeds`], and says which one failed and how to have it again.
pub fn with_seeds(test: impl Fn(&mut Random)) {
    struct Told(u64);
    impl Drop for Told {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("the seed was {0}; repeat with {SEED_VARIABLE}={0}", self.0);
            }
        }
    }
    for seed in seeds() {
        let _told = Told(seed);
        test(&mut Random::new(seed));
    }
}
