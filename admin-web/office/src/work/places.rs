//! Places: how many uploads and checks there are at once, and how many of them are whose.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ofd_edge::{AddressShares, Held};

/// Places for uploads or checks, of which one address gets a few.
pub struct Places(Arc<AddressShares>);

/// The right to have an upload read or checked, until the last clone is dropped.
#[derive(Clone)]
pub struct Upload {
    place: Arc<Held>,
}

impl Places {
    /// So many places, of which one address gets at most so many.
    pub fn new(max: usize, per_address_max: usize) -> Self {
        Self(AddressShares::new(max, per_address_max, |_| {}))
    }

    /// A place for somebody at `address`; `None` when all are taken, or the address has its share.
    pub fn take(&self, address: IpAddr) -> Option<Upload> {
        let place = self.0.take(address.into(), 1).ok()?;
        Some(Upload { place: Arc::new(place) })
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
