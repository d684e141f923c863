//! Places: how many uploads and checks there are at once, and how many of them are whose.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ofd_eds::Purpose;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::budget::AddressKey;

/// Places for uploads, of which one address gets a few.
pub(super) struct UploadPlaces {
    max: usize,
    per_address_max: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<AddressKey, usize>,
}

/// The right to read an upload into memory, until the last clone is dropped.
#[derive(Clone)]
pub struct Upload {
    place: Arc<UploadPlace>,
}

struct UploadPlace {
    taken: Arc<Mutex<Taken>>,
    address: AddressKey,
}

/// The content of an upload, with the right to hold it.
struct Held {
    bytes: Bytes,
    _upload: Upload,
}

impl UploadPlaces {
    pub(super) fn new(max: usize, per_address_max: usize) -> Self {
        Self { max, per_address_max, taken: Arc::default() }
    }

    /// A place for an upload from `address`; `None` when all are taken, or the address has its share.
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
        let place = UploadPlace { taken: Arc::clone(&self.taken), address };
        Some(Upload { place: Arc::new(place) })
    }
}

impl Drop for UploadPlace {
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

impl Upload {
    /// The same bytes, which keep the place until they are dropped: a check goes on when its client hangs up.
    pub(crate) fn hold(&self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held { bytes, _upload: self.clone() })
    }
}

/// The address of a client shows in no log.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clones = Arc::strong_count(&self.place);
        f.debug_struct("Upload").field("clones", &clones).finish_non_exhaustive()
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Places for checks, of which documents get a part: anybody may send documents, and logins must go on meanwhile.
pub(super) struct CheckPlaces {
    all: Arc<Semaphore>,
    documents: Arc<Semaphore>,
}

/// A place for a check, until it is dropped.
pub(super) struct CheckPlace {
    pub(super) purpose: Purpose,
    _place: OwnedSemaphorePermit,
    _as_document: Option<OwnedSemaphorePermit>,
}

impl CheckPlaces {
    pub(super) fn new(max: usize, documents_max: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(max)), documents: Arc::new(Semaphore::new(documents_max)) }
    }

    /// A place that is free now.
    pub(super) fn try_take(&self, purpose: Purpose) -> Option<CheckPlace> {
        let as_document = match purpose {
            Purpose::Document => Some(Arc::clone(&self.documents).try_acquire_owned().ok()?),
            Purpose::Login => None,
        };
        let place = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(CheckPlace { purpose, _place: place, _as_document: as_document })
    }

    /// The next place that is free. There is always one sooner or later: places are never abolished.
    pub(super) async fn take(&self, purpose: Purpose) -> Option<CheckPlace> {
        let as_document = match purpose {
            Purpose::Document => Some(Arc::clone(&self.documents).acquire_owned().await.ok()?),
            Purpose::Login => None,
        };
        let place = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(CheckPlace { purpose, _place: place, _as_document: as_document })
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
        let places = UploadPlaces::new(3, 2);
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
        let places = UploadPlaces::new(3, 1);
        let _first = places.take("2a00:1:2:3::1".parse().unwrap()).unwrap();
        assert!(places.take("2a00:1:2:3::2".parse().unwrap()).is_none());
        assert!(places.take("2a00:1:2:4::1".parse().unwrap()).is_some());
    }

    #[test]
    fn what_was_uploaded_keeps_its_place_until_the_last_part_is_dropped() {
        let places = UploadPlaces::new(1, 1);
        let upload = places.take(address(1)).unwrap();
        assert!(!format!("{upload:?}").contains("10.0"), "{upload:?}");
        let held = upload.hold(Bytes::from_static(b"signature"));
        drop(upload);
        let part = held.slice(..4);
        assert_eq!((&held[..], &part[..]), (&b"signature"[..], &b"sign"[..]));
        drop(held);
        assert!(places.take(address(2)).is_none());
        drop(part);
        assert!(places.take(address(2)).is_some());
    }

    #[test]
    fn documents_leave_places_for_logins() {
        let places = CheckPlaces::new(3, 2);
        let documents: Vec<_> = (0..2).map(|_| places.try_take(Purpose::Document).unwrap()).collect();
        assert!(places.try_take(Purpose::Document).is_none());
        let login = places.try_take(Purpose::Login).unwrap();
        assert!(places.try_take(Purpose::Login).is_none(), "all are taken");
        drop(login);
        assert!(places.try_take(Purpose::Document).is_none(), "this one is for logins");
        drop(documents);
        let logins: Vec<_> = (0..3).map(|_| places.try_take(Purpose::Login)).collect();
        assert!(logins.iter().all(Option::is_some), "logins may take them all");
    }
}
