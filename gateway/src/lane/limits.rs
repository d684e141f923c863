//! What bounds lanes and what one register may spend.

use std::num::NonZeroU32;

use governor::Quota;

use crate::budget::Allowance;

/// What bounds lanes.
#[derive(Clone, Copy, Debug)]
pub struct LaneLimits {
    /// Lanes kept, overall.
    pub lanes_max: usize,
    /// Requests that may wait in one lane, the one served included.
    pub depth_max: u32,
    /// Requests per second and in a burst of one register.
    pub requests: Quota,
    /// Bytes of one register that may be stored in an hour.
    pub stored: Allowance,
}

impl LaneLimits {
    /// Lanes and places as given, all else without bound: for tests and simulations of other things.
    pub fn unlimited(lanes_max: usize, depth_max: u32) -> Self {
        let requests = quota(NonZeroU32::MAX, NonZeroU32::MAX);
        Self { lanes_max, depth_max, requests, stored: Allowance::UNLIMITED }
    }
}

/// So many per second, and as many seconds' worth at once.
pub fn quota(per_second: NonZeroU32, burst: NonZeroU32) -> Quota {
    Quota::per_second(per_second).allow_burst(burst)
}
