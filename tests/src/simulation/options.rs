//! What a simulation is made of, and how often what happens in it.

use ofd_storage::faulty::FaultRates;

use crate::random::Random;

/// What one run is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimOptions {
    /// All chance follows from it.
    pub seed: u64,
    /// How many registers take part.
    pub registers: u32,
    /// Gateways over the one store, 1 to 3; a lone one has the store for itself.
    pub gateways: usize,
    /// Steps before the faults stop and every register settles.
    pub steps: u32,
    /// Whether every fiscal command hands out a new token.
    pub rotate_tokens: bool,
    /// How often what happens.
    pub rates: Rates,
}

/// How often what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// What a store in a storm does, in thousandths of its calls.
    pub storm: FaultRates,
    /// Of a thousand steps so many change the world: weather, crashes, clocks, people, strangers.
    pub disturbances: u16,
    /// Of a thousand storms so many last until the faults stop.
    pub long_storms: u16,
    /// Of a thousand answers so many never reach the device.
    pub answers_lost: u16,
    /// Of a thousand requests so many are sent to two gateways at the same moment.
    pub duplicates: u16,
    /// Of a thousand requests so many take seconds to arrive.
    pub slow_links: u16,
    /// Of a thousand requests so many go to another gateway than the one before.
    pub switches: u16,
    /// Of a thousand times when a register could make a document so many begin a spell without a link.
    pub offline_spells: u16,
    /// The longest that a step usually takes, in milliseconds.
    pub step_ms_max: u16,
}

impl Rates {
    /// Rates as a seed draws them: some runs are calm, some are wild.
    pub fn draw(random: &mut Random) -> Self {
        let is_late = random.chance(1, 5);
        let mut up_to = |most: usize| u16::try_from(random.below(most + 1)).expect("rates are below 1000");
        Self {
            storm: FaultRates {
                refused: up_to(80),
                lost_before: up_to(120),
                lost_after: up_to(120),
                late: up_to(if is_late { 500 } else { 120 }),
                delayed: up_to(150),
                read_refused: up_to(60),
                landing: up_to(80),
            },
            disturbances: up_to(60),
            long_storms: up_to(700),
            answers_lost: up_to(250),
            duplicates: up_to(200),
            slow_links: up_to(150),
            switches: up_to(600),
            offline_spells: up_to(60),
            step_ms_max: 1 + up_to(12),
        }
    }

    /// Nothing goes wrong.
    pub fn calm() -> Self {
        Self {
            storm: FaultRates::default(),
            disturbances: 0,
            long_storms: 0,
            answers_lost: 0,
            duplicates: 0,
            slow_links: 0,
            switches: 0,
            offline_spells: 0,
            step_ms_max: 4,
        }
    }
}

impl SimOptions {
    /// The run of a seed: its rates, and mostly two gateways, are drawn from it.
    pub fn of_seed(seed: u64, steps: u32) -> Self {
        let mut random = Random::new(seed);
        Self {
            seed,
            registers: 1 + u32::try_from(random.below(8)).expect("it is below 8"),
            gateways: if random.chance(1, 6) { 1 } else { 2 },
            steps,
            rotate_tokens: !random.chance(1, 8),
            rates: Rates::draw(&mut random),
        }
    }
}
