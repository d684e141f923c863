//! How many connections may be open, overall and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limit::AddressKey;

/// Counts open connections.
#[derive(Debug)]
pub struct ConnectionCaps {
    all: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    per_address_max: usize,
    /// One entry per address with open connections, so as many as there are connections at most.
    by_address: Arc<Mutex<HashMap<AddressKey, usize>>>,
}

/// Whether a connection is let in.
#[derive(Debug)]
pub(super) enum Admission {
    /// It is served.
    Served(Permit),
    /// It is over a cap; the reserve still reads its header and answers 254.
    Reserve(Permit),
    /// The reserve is full too.
    Dropped,
}

/// Held while a connection is open.
#[derive(Debug)]
pub(super) struct Permit {
    _all: OwnedSemaphorePermit,
    _address: Option<AddressPermit>,
}

#[derive(Debug)]
struct AddressPermit {
    key: AddressKey,
    by_address: Arc<Mutex<HashMap<AddressKey, usize>>>,
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = by_address.get_mut(&self.key) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                by_address.remove(&self.key);
            }
        }
    }
}

impl ConnectionCaps {
    /// Caps with nobody in.
    pub fn new(all_max: usize, per_address_max: usize, reserve_max: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all_max.min(Semaphore::MAX_PERMITS))),
            reserve: Arc::new(Semaphore::new(reserve_max.min(Semaphore::MAX_PERMITS))),
            per_address_max,
            by_address: Arc::default(),
        }
    }

    pub(super) fn admit(&self, address: IpAddr) -> Admission {
        if let Some(address) = self.address(address.into())
            && let Ok(all) = Arc::clone(&self.all).try_acquire_owned()
        {
            return Admission::Served(Permit { _all: all, _address: Some(address) });
        }
        match Arc::clone(&self.reserve).try_acquire_owned() {
            Ok(reserve) => Admission::Reserve(Permit { _all: reserve, _address: None }),
            Err(_) => Admission::Dropped,
        }
    }

    fn address(&self, key: AddressKey) -> Option<AddressPermit> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let open = by_address.entry(key).or_insert(0);
        if *open >= self.per_address_max {
            return None;
        }
        *open = open.saturating_add(1);
        Some(AddressPermit { key, by_address: Arc::clone(&self.by_address) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    #[test]
    fn over_a_cap_the_reserve_takes_and_then_nobody() {
        let caps = ConnectionCaps::new(2, 1, 1);
        let first = caps.admit(address(1));
        assert!(matches!(first, Admission::Served(_)));
        let second = caps.admit(address(1));
        assert!(matches!(second, Admission::Reserve(_)), "one address has one");
        assert!(matches!(caps.admit(address(1)), Admission::Dropped));
        drop(second);
        let other = caps.admit(address(2));
        assert!(matches!(other, Admission::Served(_)));
        assert!(matches!(caps.admit(address(3)), Admission::Reserve(_)), "two are all");
        drop(first);
        assert!(matches!(caps.admit(address(1)), Admission::Served(_)));
        drop(other);
        assert!(caps.by_address.lock().unwrap().is_empty());
    }
}
