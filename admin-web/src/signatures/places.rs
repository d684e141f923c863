//! Places: how many uploads and checks there are at once, and how many of them are whose.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::budget::AddressKey;

/// Places for uploads or checks, of which one address gets a few.
pub(super) struct Places {
    max: usize,
    per_address_max: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<AddressKey, usize>,
}

/// The right to have an upload read or checked, until the last clone is dropped.
#[derive(Clone)]
pub struct Upload {
    place: Arc<Taking>,
}

struct Taking {
    taken: Arc<Mutex<Taken>>,
    address: AddressKey,
}

impl Places {
    pub(super) fn new(max: usize, per_address_max: usize) -> Self {
        Self { max, per_address_max, taken: Arc::default() }
    }

    /// A place for somebody at `address`; `None` when all are taken, or the address has its share.
    pub(super) fn take(&self, address: IpAddr) -> Option<Upload> {
        let address = AddressKey::from(address);
        // The map is bounded by the places; a panic elsewhere leaves it whole.
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = taken.by_address.get(&address).copied().unwrap_or_default();
        if taken.all >= self.max || of_address >= self.per_address_max {
            return None;
        }
        taken.all = taken.all.saturating_add(1);
        taken.by_address.insert(address, of_address.saturating_add(1));
        let place = Taking { taken: Arc::clone(&self.taken), address };
        Some(Upload { place: Arc::new(place) })
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// The address of a client shows in no log.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clones = Arc::strong_count(&self.place);
        f.debug_struct("Upload").field("clones", &clones).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, number])
    }

    #[test]
    fn an_address_has_its_share_of_uploads_and_gives_it_back() {
        let places = Places::new(3, 2);
        let mine: Vec<Upload> = (0..2).map(|_| places.take(address(1)).unwrap()).collect();
        assert!(places.take(address(1)).is_none(), "that is its share");
        let other = places.take(address(2)).unwrap();
        assert!(places.take(address(3)).is_none(), "all are taken");
        drop(other);
        assert!(places.take(address(1)).is_none(), "its share is what it was");
        drop(mine);
        assert!(places.take(address(1)).is_some());
        assert!(places.taken.lock().unwrap().by_address.is_empty(), "nobody is remembered");
    }

    #[test]
    fn a_network_of_ipv6_has_one_share() {
        let places = Places::new(3, 1);
        let _first = places.take("2a00:1:2:3::1".parse().unwrap()).unwrap();
        assert!(places.take("2a00:1:2:3::2".parse().unwrap()).is_none());
        assert!(places.take("2a00:1:2:4::1".parse().unwrap()).is_some());
    }

    #[test]
    fn a_place_is_taken_until_the_last_clone_is_dropped() {
        let places = Places::new(1, 1);
        let upload = places.take(address(1)).unwrap();
        assert!(!format!("{upload:?}").contains("10.0"), "{upload:?}");
        let clone = upload.clone();
        drop(upload);
        assert!(places.take(address(2)).is_none());
        drop(clone);
        assert!(places.take(address(2)).is_some());
    }
}
