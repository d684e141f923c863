//! How many connections there may be, overall and per address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::budget::AddressKey;

/// Counts connections.
pub(super) struct Admission {
    all: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<AddressKey, usize>>>,
    per_address_max: usize,
}

/// Room for one more connection.
pub(super) struct Room<'a> {
    admission: &'a Admission,
    place: OwnedSemaphorePermit,
}

/// A connection that is counted until this is dropped.
pub(super) struct Permit {
    _place: OwnedSemaphorePermit,
    by_address: Arc<Mutex<HashMap<AddressKey, usize>>>,
    /// Whose share it is part of.
    address: Option<AddressKey>,
}

impl Admission {
    pub(super) fn new(connections_max: usize, per_address_max: usize) -> Self {
        let all = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
        Self { all, by_address: Arc::default(), per_address_max }
    }

    /// Waits until there is room; meanwhile the system keeps new connections in its queue.
    pub(super) async fn room(&self) -> Option<Room<'_>> {
        let place = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Room { admission: self, place })
    }
}

impl Room<'_> {
    /// Counts a connection from `address`; `None` when it has its share.
    pub(super) fn admit(self, address: IpAddr) -> Option<Permit> {
        let (admission, address) = (self.admission, AddressKey::from(address));
        // The map is bounded by the connections; a panic elsewhere leaves it whole.
        let mut open = admission.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_insert(0);
        if *count >= admission.per_address_max {
            return None;
        }
        *count = count.saturating_add(1);
        let by_address = Arc::clone(&admission.by_address);
        Some(Permit { _place: self.place, by_address, address: Some(address) })
    }

    /// Counts a connection among all alone: a proxy's carry the requests of many addresses.
    pub(super) fn admit_proxy(self) -> Permit {
        let by_address = Arc::clone(&self.admission.by_address);
        Permit { _place: self.place, by_address, address: None }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut open = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_has_its_share_and_gives_it_back() {
        let admission = Admission::new(10, 2);
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        let first = admission.room().await.unwrap().admit(address);
        let second = admission.room().await.unwrap().admit(address);
        assert!(first.is_some() && second.is_some());
        assert!(admission.room().await.unwrap().admit(address).is_none());
        assert!(admission.room().await.unwrap().admit("10.0.0.2".parse().unwrap()).is_some());
        drop(first);
        assert!(admission.room().await.unwrap().admit(address).is_some());
        drop(second);
        assert!(admission.by_address.lock().unwrap().is_empty());
        assert_eq!(admission.all.available_permits(), 10);
    }

    #[tokio::test]
    async fn a_proxy_has_no_share_but_takes_a_place_among_all() {
        let admission = Admission::new(3, 1);
        let first = admission.room().await.unwrap().admit_proxy();
        let second = admission.room().await.unwrap().admit_proxy();
        assert_eq!(admission.all.available_permits(), 1);
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        assert!(admission.room().await.unwrap().admit(address).is_some(), "proxies take nobody's share");
        drop((first, second));
        assert_eq!(admission.all.available_permits(), 3);
    }
}
