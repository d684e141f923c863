//! Tells registers that what their answers name was changed, where whoever changed it could not tell them all.

use std::time::Duration;

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::profile_news::Telling;
use ofd_storage::store::{Stamp, Store, StoreError};

use crate::job::{Job, Next};

/// A change is to be felt at the port within 2 s, however many registers an organisation has.
const STEP_EVERY: Duration = Duration::from_secs(1);

/// Looks for what was announced to registers and not told.
#[derive(Debug)]
pub struct ProfileNews<W> {
    telling: Telling,
    world: W,
}

impl<W: World> ProfileNews<W> {
    /// Nothing was seen yet.
    pub fn new(world: W) -> Self {
        Self { telling: Telling::default(), world }
    }
}

impl<W: World> Job for ProfileNews<W> {
    fn name(&self) -> &'static str {
        "profile-news"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        let world = &self.world;
        self.telling.step(store, now, &|| Stamp(world.bytes())).await?;
        Ok(Next::In(STEP_EVERY))
    }
}
