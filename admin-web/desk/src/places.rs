//! Places for requests in flight.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use ofd_edge::{AddressKey, AddressShares, Held, Spent};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::limits::{API_REQUESTS_MAX, HEALTH_REQUESTS_MAX, Limits};
use crate::metrics::{self, RequestKind, RequestRefused};

/// A body that has been coming for so long may have to give its place up to somebody who asks now.
const GIVES_WAY_AFTER: Duration = Duration::from_secs(1);

/// The places of one site.
pub struct Places {
    rooms: [Arc<Room>; 3],
}

/// The places of one kind.
struct Room {
    shares: Arc<AddressShares>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    taken: HashMap<u64, Entry>,
}

struct Entry {
    address: AddressKey,
    _share: Held,
    /// While its body comes: since when, and how to have it end.
    receiving: Option<(Instant, oneshot::Sender<()>)>,
}

/// A place that is taken until this is dropped.
pub struct Place {
    room: Arc<Room>,
    id: u64,
    is_too_slow: Arc<AtomicBool>,
}

/// The body of a request as its place knows it, until it has come or nobody reads it any more.
pub struct Receiving {
    room: Arc<Room>,
    id: u64,
    is_too_slow: Arc<AtomicBool>,
    /// Told when the place is needed; `None` once nobody can tell any more.
    give_way: Option<oneshot::Receiver<()>>,
}

impl Places {
    pub fn new(limits: &Limits) -> Self {
        let room = |kind| {
            let (max, per_address_max) = match kind {
                RequestKind::Health => (HEALTH_REQUESTS_MAX, HEALTH_REQUESTS_MAX / 2),
                // Whoever has the token is the operator, perhaps with all programs at one address.
                RequestKind::Api => (API_REQUESTS_MAX, API_REQUESTS_MAX),
                RequestKind::Page => (limits.requests_max, limits.requests_per_address_max),
            };
            let in_flight = move |count| metrics::requests_in_flight(kind, count);
            let shares = AddressShares::new(max, per_address_max, in_flight);
            Arc::new(Room { shares, table: Mutex::default() })
        };
        RequestKind::ALL.into_iter().for_each(metrics::no_request_refused);
        Self { rooms: RequestKind::ALL.map(room) }
    }

    /// A place for a request, perhaps that of a body which has been coming for long.
    pub fn take(&self, kind: RequestKind, address: AddressKey) -> Result<Place, Spent> {
        let [health, api, page] = &self.rooms;
        let room = match kind {
            RequestKind::Health => health,
            RequestKind::Api => api,
            RequestKind::Page => page,
        };
        let taken = room.take(address);
        if let Err(spent) = taken {
            let reason = match spent {
                Spent::Address => RequestRefused::Address,
                Spent::All => RequestRefused::All,
            };
            metrics::request_refused(kind, reason);
        }
        taken.map(|id| Place { room: Arc::clone(room), id, is_too_slow: Arc::default() })
    }
}

impl Room {
    /// A panic elsewhere leaves it whole.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, address: AddressKey) -> Result<u64, Spent> {
        let mut table = self.table();
        let share = self.shares.take(address, 1).or_else(|spent| {
            let of = match spent {
                Spent::Address => Some(address),
                Spent::All => None,
            };
            if table.give_way(of) { self.shares.take(address, 1) } else { Err(spent) }
        })?;
        let id = table.next;
        table.next = table.next.wrapping_add(1);
        table.taken.insert(id, Entry { address, _share: share, receiving: None });
        Ok(id)
    }
}

impl Table {
    /// Ends the body that has been coming longest: of this address, or of the address with most of them. Whether there was
    /// one.
    fn give_way(&mut self, of: Option<AddressKey>) -> bool {
        let mut slow: HashMap<AddressKey, (usize, Instant, u64)> = HashMap::new();
        for (id, entry) in &self.taken {
            let Some((since, _)) = &entry.receiving else { continue };
            if since.elapsed() < GIVES_WAY_AFTER || of.is_some_and(|of| of != entry.address) {
                continue;
            }
            let (count, oldest, oldest_id) = slow.entry(entry.address).or_insert((0, *since, *id));
            *count = count.saturating_add(1);
            if *since < *oldest {
                (*oldest, *oldest_id) = (*since, *id);
            }
        }
        let Some((_, _, id)) = slow.into_values().max_by_key(|(count, oldest, _)| (*count, oldest.elapsed()))
        else {
            return false;
        };
        if let Some(Entry { receiving: Some((_, told)), .. }) = self.taken.remove(&id) {
            // Its body may have come this moment; then it goes on without a place.
            let _ = told.send(());
        }
        true
    }
}

impl Place {
    /// The body of this request begins to be read.
    pub fn receive(&self) -> Receiving {
        let (told, give_way) = oneshot::channel();
        if let Some(entry) = self.room.table().taken.get_mut(&self.id) {
            entry.receiving = Some((Instant::now(), told));
        }
        let (room, is_too_slow) = (Arc::clone(&self.room), Arc::clone(&self.is_too_slow));
        Receiving { room, id: self.id, is_too_slow, give_way: Some(give_way) }
    }

    /// Whether its body was ended because it came too slowly.
    pub fn was_too_slow(&self) -> bool {
        self.is_too_slow.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.table().taken.remove(&self.id);
    }
}

impl Receiving {
    /// Whether somebody else needs the place; if not, the task is woken when somebody does.
    pub fn must_give_way(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(told) = &mut self.give_way else { return false };
        let Poll::Ready(told) = Pin::new(told).poll(cx) else { return false };
        self.give_way = None;
        told.is_ok()
    }

    /// It comes too slowly, or is in somebody's way.
    pub fn too_slow(&self) {
        self.is_too_slow.store(true, Ordering::Relaxed);
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if let Some(entry) = self.room.table().taken.get_mut(&self.id) {
            entry.receiving = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(number: u8) -> AddressKey {
        IpAddr::from([10, 0, 0, number]).into()
    }

    fn places(max: usize, per_address_max: usize) -> Places {
        Places::new(&Limits {
            requests_max: max,
            requests_per_address_max: per_address_max,
            ..Limits::default()
        })
    }

    fn is_told(receiving: &mut Receiving) -> bool {
        receiving.must_give_way(&mut Context::from_waker(std::task::Waker::noop()))
    }

    #[tokio::test]
    async fn an_address_has_its_share_and_takes_nobody_elses() {
        let places = places(3, 2);
        let mine: Vec<_> = (0..2).map(|_| places.take(RequestKind::Page, address(1)).unwrap()).collect();
        assert_eq!(places.take(RequestKind::Page, address(1)).err(), Some(Spent::Address));
        let other = places.take(RequestKind::Page, address(2)).unwrap();
        assert_eq!(places.take(RequestKind::Page, address(3)).err(), Some(Spent::All));
        assert!(
            places.take(RequestKind::Health, address(1)).is_ok()
                && places.take(RequestKind::Api, address(1)).is_ok()
        );
        drop(mine);
        assert!(places.take(RequestKind::Page, address(1)).is_ok());
        drop(other);
        assert!(places.rooms.iter().all(|room| room.table.lock().unwrap().taken.is_empty()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_body_that_has_been_coming_longest_gives_way() {
        let places = places(4, 2);
        let hold = |number| {
            let place = places.take(RequestKind::Page, address(number)).unwrap();
            let receiving = place.receive();
            (place, receiving)
        };
        let mut slow = Vec::new();
        for number in [1, 1, 2, 3] {
            slow.push(hold(number));
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        assert_eq!(places.take(RequestKind::Page, address(4)).err(), Some(Spent::All), "none is slow yet");
        tokio::time::advance(GIVES_WAY_AFTER).await;
        let fourth = places.take(RequestKind::Page, address(4)).unwrap();
        assert!(is_told(&mut slow[0].1), "the oldest of who has most");
        for (_, other) in &mut slow[1..] {
            assert!(!is_told(other));
        }
        // Within one address as well: neighbours behind one address are not shut out by a slow one.
        let _mine = places.take(RequestKind::Page, address(4)).unwrap();
        drop(fourth);
        let again = hold(2);
        tokio::time::advance(2 * GIVES_WAY_AFTER).await;
        assert!(places.take(RequestKind::Page, address(2)).is_ok());
        assert!(is_told(&mut slow[2].1));
        drop((slow, again));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_being_answered_gives_way_to_nobody() {
        let places = places(1, 1);
        let place = places.take(RequestKind::Page, address(1)).unwrap();
        let receiving = place.receive();
        tokio::time::advance(2 * GIVES_WAY_AFTER).await;
        drop(receiving);
        assert_eq!(places.take(RequestKind::Page, address(2)).err(), Some(Spent::All));
        drop(place);
        assert!(places.take(RequestKind::Page, address(2)).is_ok());
    }
}
