//! Makes the steps of charging runs that people begin, post and take back.

use std::time::Duration;

use ofd_billing::PersonalAccount;
use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::charging::{Clock, HandStep, hand_step};
use ofd_storage::store::{Stamp, Store, StoreError};

use crate::job::{Job, Next};

/// Between two steps: registers come first.
const STEP_EVERY: Duration = Duration::from_millis(50);

/// The runs that people make.
#[derive(Debug)]
pub struct ChargingByHand<W> {
    world: W,
    zone_offset_seconds: i32,
}

impl<W: World> ChargingByHand<W> {
    /// Days are those of a wall clock that is so many seconds ahead of UTC.
    pub fn new(world: W, zone_offset_seconds: i32) -> Self {
        Self { world, zone_offset_seconds }
    }
}

impl<W: World> Job for ChargingByHand<W> {
    fn name(&self) -> &'static str {
        "charging-by-hand"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        let clock = Clock { now, zone_offset_seconds: self.zone_offset_seconds };
        let world = &self.world;
        Ok(
            match hand_step(store, clock, || PersonalAccount::of_drawn(world.bytes()), &|| {
                Stamp(world.bytes())
            })
            .await?
            {
                HandStep::More => Next::In(STEP_EVERY),
                HandStep::Wait(rest) => Next::Rest(rest),
            },
        )
    }
}
