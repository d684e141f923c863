//! How many connections may be open: of all listeners, of each, of one address, and of those that have shown nothing.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ofd_edge::{AddressShares, Held};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::unproven::{Newcomer, Unproven};

/// This part of all connections is shared out evenly to the listeners; the rest goes to whoever comes.
const SHARED_OUT: usize = 2;

/// Connections that have shown no good token are at most this part of all.
const UNPROVEN_PART: usize = 4;

/// However few connections there may be, so many of a listener's are let in to show a token.
const UNPROVEN_MIN: usize = 2;

/// After the system had no file for a connection, readiness tells of it for so long.
const SHORT_OF_FILES_FOR: Duration = Duration::from_secs(10);

/// What connections are bounded by.
#[derive(Clone, Copy, Debug)]
pub struct CapLimits {
    /// Connections of all addresses together.
    pub connections_max: usize,
    /// How many connections one address may have.
    pub per_address_max: usize,
    /// Over a cap, to be told so.
    pub reserve_max: usize,
    /// How many connections may have shown no good token.
    pub unproven_max: usize,
}

/// Counts open connections.
#[derive(Debug)]
pub struct ConnectionCaps {
    /// Places that any listener may take.
    common: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    /// What each address may have open. All together are bounded by the places.
    by_address: Arc<AddressShares>,
    listeners: Vec<Share>,
    short_of_files: Mutex<Option<Instant>>,
}

/// What no other listener can take.
#[derive(Debug)]
struct Share {
    places: Arc<Semaphore>,
    unproven: Unproven,
}

/// Whether a connection is let in.
#[derive(Debug)]
pub(super) enum Admission {
    /// It is served, once it shows a good token.
    Served {
        /// What it holds while it lives.
        permit: Permit,
        /// Held until it has shown one.
        newcomer: Newcomer,
        /// Another connection had to go for it.
        has_evicted: bool,
    },
    /// It is over a cap; the reserve still reads its header and answers 254.
    Reserve(Permit),
    /// The reserve is full too.
    Dropped,
}

/// Held while a connection is open.
#[derive(Debug)]
pub(super) struct Permit {
    _place: OwnedSemaphorePermit,
    _address: Option<Held>,
}

fn places(count: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
}

fn take(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(places).try_acquire_owned().ok()
}

impl ConnectionCaps {
    /// Caps with nobody in, for so many listeners.
    pub fn new(limits: CapLimits, listeners: usize) -> Self {
        let of_each = limits.connections_max / SHARED_OUT / listeners.max(1);
        let common = limits.connections_max.saturating_sub(of_each.saturating_mul(listeners));
        let unproven = limits.unproven_max.min(limits.connections_max / UNPROVEN_PART) / listeners.max(1);
        let share = || Share {
            places: places(of_each),
            unproven: Unproven::new(unproven.max(UNPROVEN_MIN.min(limits.connections_max))),
        };
        Self {
            common: places(common),
            reserve: places(limits.reserve_max),
            by_address: AddressShares::new(usize::MAX, limits.per_address_max, |_| {}),
            listeners: (0..listeners).map(|_| share()).collect(),
            short_of_files: Mutex::default(),
        }
    }

    /// Asks for a place of a listener, by its number.
    pub(super) fn admit(&self, listener: usize, address: IpAddr) -> Admission {
        if let Some(share) = self.listeners.get(listener)
            && let Ok(of_address) = self.by_address.take(address.into(), 1)
            && let Some(place) = take(&share.places).or_else(|| take(&self.common))
        {
            let (newcomer, has_evicted) = share.unproven.enter(address);
            let permit = Permit { _place: place, _address: Some(of_address) };
            return Admission::Served { permit, newcomer, has_evicted };
        }
        match take(&self.reserve) {
            Some(reserve) => Admission::Reserve(Permit { _place: reserve, _address: None }),
            None => Admission::Dropped,
        }
    }

    /// How many connections of a listener have shown no good token.
    pub fn unproven(&self, listener: usize) -> usize {
        self.listeners.get(listener).map_or(0, |share| share.unproven.open())
    }

    /// Whether a connection that comes now would be told to come later, on every listener.
    pub fn are_full(&self) -> bool {
        let are_taken = |places: &Semaphore| places.available_permits() == 0;
        are_taken(&self.common) && self.listeners.iter().all(|share| are_taken(&share.places))
    }

    /// The system had no file for a connection: one that has shown nothing makes room for it.
    pub(super) fn file_is_missing(&self, listener: usize) {
        *self.short_of_files.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let own_first = self.listeners.get(listener).into_iter().chain(&self.listeners);
        let _ = own_first.into_iter().any(|share| share.unproven.evict());
    }

    /// Whether the system had no file for a connection a moment ago.
    pub fn is_short_of_files(&self) -> bool {
        let since = *self.short_of_files.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < SHORT_OF_FILES_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    fn caps(connections_max: usize, per_address_max: usize, listeners: usize) -> ConnectionCaps {
        let limits = CapLimits { connections_max, per_address_max, reserve_max: 1, unproven_max: 1000 };
        ConnectionCaps::new(limits, listeners)
    }

    #[test]
    fn over_a_cap_the_reserve_takes_and_then_nobody() {
        let caps = caps(2, 1, 1);
        let first = caps.admit(0, address(1));
        assert!(matches!(first, Admission::Served { .. }));
        let second = caps.admit(0, address(1));
        assert!(matches!(second, Admission::Reserve(_)), "one address has one");
        assert!(matches!(caps.admit(0, address(1)), Admission::Dropped));
        drop(second);
        let other = caps.admit(0, address(2));
        assert!(matches!(other, Admission::Served { .. }) && caps.are_full());
        assert!(matches!(caps.admit(0, address(3)), Admission::Reserve(_)), "two are all");
        drop(first);
        assert!(matches!(caps.admit(0, address(1)), Admission::Served { .. }));
        drop(other);
        assert_eq!(caps.by_address.out(), 0);
    }

    #[test]
    fn each_listener_has_places_that_others_cannot_take() {
        let caps = caps(12, 100, 3);
        let is_served = |admission: &Admission| matches!(admission, Admission::Served { .. });
        let mut greedy: Vec<_> = (0..20).map(|last| caps.admit(2, address(last))).collect();
        greedy.retain(is_served);
        assert_eq!(greedy.len(), 8, "its own two, and the common six");
        for listener in [0, 1] {
            let held = [caps.admit(listener, address(50)), caps.admit(listener, address(50))];
            assert!(held.iter().all(is_served), "listener {listener}");
            assert!(!is_served(&caps.admit(listener, address(50))));
        }
    }

    #[test]
    fn those_that_have_shown_nothing_have_a_cap_of_their_own_on_each_listener() {
        let caps = caps(48, 100, 3);
        let silent: Vec<_> = (0..10).map(|last| caps.admit(2, address(last))).collect();
        assert_eq!(caps.unproven(2), 4, "a quarter of all, shared out");
        let has_evicted = |admission: &&Admission| matches!(admission, Admission::Served { has_evicted, .. } if *has_evicted);
        assert_eq!(silent.iter().filter(has_evicted).count(), 6);
        assert!(!has_evicted(&&caps.admit(0, address(1))), "others are not touched");
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_file_costs_one_that_has_shown_nothing_and_is_told_for_a_while() {
        let caps = caps(48, 100, 2);
        let Admission::Served { newcomer, permit: _permit, .. } = caps.admit(1, address(1)) else {
            panic!("there is room");
        };
        assert!(!caps.is_short_of_files());
        caps.file_is_missing(0);
        assert!(newcomer.evicted().is_cancelled() && caps.is_short_of_files());
        tokio::time::advance(SHORT_OF_FILES_FOR).await;
        assert!(!caps.is_short_of_files());
    }
}
