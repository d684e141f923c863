//! How many connections there may be, overall and per address, and which one is closed for a new one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ofd_edge::AddressKey;
use tokio::sync::oneshot;

use crate::limits::{Limits, SILENT_AFTER};

pub(super) struct Admission {
    table: Arc<Mutex<Table>>,
    max: usize,
    per_address_max: usize,
    silent_per_address_max: usize,
}

#[derive(Default)]
struct Table {
    /// Counts whatever happens, so that of two connections is known which is quiet for longer.
    now: u64,
    open: HashMap<u64, Entry>,
}

struct Entry {
    /// Whose share it is part of; `None`: a proxy's, which carries the requests of many addresses.
    address: Option<AddressKey>,
    /// Whether a request came over it ever.
    has_asked: bool,
    opened_at: Instant,
    /// Since when it has no request in flight; `None`: it has one.
    quiet_since: Option<u64>,
    /// Ends it when dropped.
    _ends: oneshot::Sender<()>,
}

/// A connection that is counted until the last clone is dropped.
#[derive(Clone)]
pub(super) struct Permit {
    inner: Arc<Inner>,
}

struct Inner {
    table: Arc<Mutex<Table>>,
    id: u64,
}

/// A request in flight over a connection: so long it is not closed for another.
pub(super) struct Asking(Permit);

impl Admission {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            table: Arc::default(),
            max: limits.connections_max,
            per_address_max: limits.connections_per_address_max,
            silent_per_address_max: limits.silent_per_address_max,
        }
    }

    /// Counts a connection from `address`, or from a proxy. Another that is quiet may be closed for it; `None` when there
    /// is none. What comes with it tells when it is to end itself.
    pub(super) fn admit(
        &self,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Option<(Permit, oneshot::Receiver<()>)> {
        let address = address.map(AddressKey::from);
        let mut table = lock(&self.table);
        if let Some(address) = address {
            let (own, silent) = table.of(address, now);
            if silent >= self.silent_per_address_max {
                table.close_quiet(|entry| entry.address == Some(address) && entry.is_silent(now));
            } else if own >= self.per_address_max
                && !table.close_quiet(|entry| entry.address == Some(address))
            {
                return None;
            }
        }
        if table.open.len() >= self.max && !table.close_quiet_of_most() {
            return None;
        }
        let (ends, ended) = oneshot::channel();
        let id = table.tick();
        let entry = Entry { address, has_asked: false, opened_at: now, quiet_since: Some(id), _ends: ends };
        table.open.insert(id, entry);
        Some((Permit { inner: Arc::new(Inner { table: Arc::clone(&self.table), id }) }, ended))
    }
}

/// A panic elsewhere leaves it whole.
fn lock(table: &Mutex<Table>) -> std::sync::MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Entry {
    /// Whether it has asked for nothing, though there was time for it. Many that come at once, such as those of an
    /// office behind one address, ask a moment later.
    fn is_silent(&self, now: Instant) -> bool {
        !self.has_asked && now.saturating_duration_since(self.opened_at) >= SILENT_AFTER
    }
}

impl Table {
    fn tick(&mut self) -> u64 {
        self.now = self.now.wrapping_add(1);
        self.now
    }

    /// Connections of an address, and those of them that are silent.
    fn of(&self, address: AddressKey, now: Instant) -> (usize, usize) {
        let own = self.open.values().filter(|entry| entry.address == Some(address));
        own.fold((0, 0), |(all, silent): (usize, usize), entry| {
            (all.saturating_add(1), silent.saturating_add(usize::from(entry.is_silent(now))))
        })
    }

    /// Closes the one among these that is quiet for longest. Whether there was one.
    fn close_quiet(&mut self, among: impl Fn(&Entry) -> bool) -> bool {
        let quiet = self.open.iter().filter(|(_, entry)| among(entry));
        let quiet = quiet.filter_map(|(id, entry)| Some((entry.quiet_since?, *id)));
        let Some((_, id)) = quiet.min() else { return false };
        self.open.remove(&id).is_some()
    }

    /// Closes a quiet one of who has most of them: first of those who have asked for nothing yet, and of proxies last.
    fn close_quiet_of_most(&mut self) -> bool {
        let mut quiet: HashMap<(bool, Option<AddressKey>), usize> = HashMap::new();
        for entry in self.open.values().filter(|entry| entry.quiet_since.is_some()) {
            let count = quiet.entry((entry.has_asked, entry.address)).or_default();
            *count = count.saturating_add(1);
        }
        let most = quiet
            .into_iter()
            .max_by_key(|((has_asked, address), count)| (address.is_some(), !has_asked, *count));
        let Some(((has_asked, address), _)) = most else { return false };
        self.close_quiet(|entry| entry.has_asked == has_asked && entry.address == address)
    }
}

impl Permit {
    /// A request came whole.
    pub(super) fn ask(&self) -> Asking {
        if let Some(entry) = lock(&self.inner.table).open.get_mut(&self.inner.id) {
            (entry.has_asked, entry.quiet_since) = (true, None);
        }
        Asking(self.clone())
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut table = lock(&self.0.inner.table);
        let now = table.tick();
        if let Some(entry) = table.open.get_mut(&self.0.inner.id) {
            entry.quiet_since = Some(now);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        lock(&self.table).open.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Open = (Permit, oneshot::Receiver<()>);

    fn admission(max: usize, per_address_max: usize, silent_per_address_max: usize) -> Admission {
        Admission::new(&Limits {
            connections_max: max,
            connections_per_address_max: per_address_max,
            silent_per_address_max,
            ..Limits::default()
        })
    }

    /// One that comes when all before it had time to ask.
    fn admit(admission: &Admission, address: Option<IpAddr>) -> Option<Open> {
        let now = Instant::now();
        let first = admission.table.lock().unwrap().open.values().map(|entry| entry.opened_at).max();
        admission.admit(address, first.map_or(now, |first| first + SILENT_AFTER))
    }

    fn address(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, number]))
    }

    fn is_open(open: &mut Open) -> bool {
        matches!(open.1.try_recv(), Err(oneshot::error::TryRecvError::Empty))
    }

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let admission = admission(10, 2, 2);
        let (first, second) =
            (admit(&admission, address(1)).unwrap(), admit(&admission, address(1)).unwrap());
        let asking = [first.0.ask(), second.0.ask()];
        assert!(admit(&admission, address(1)).is_none(), "both have requests in flight");
        assert!(admit(&admission, address(2)).is_some());
        drop((first, asking));
        assert!(admit(&admission, address(1)).is_some());
        drop(second);
        assert!(admission.table.lock().unwrap().open.is_empty());
    }

    #[test]
    fn an_address_that_only_opens_connections_loses_its_own_oldest() {
        let admission = admission(100, 50, 2);
        let mut open: Vec<Open> = (0..5).map(|_| admit(&admission, address(1)).unwrap()).collect();
        let are_open: Vec<bool> = open.iter_mut().map(is_open).collect();
        assert_eq!(are_open, [false, false, false, true, true]);
    }

    #[test]
    fn many_that_come_at_once_have_time_to_ask() {
        let admission = admission(100, 50, 2);
        let now = Instant::now();
        let mut open: Vec<Open> = (0..50).map(|_| admission.admit(address(1), now).unwrap()).collect();
        assert!(open.iter_mut().all(is_open));
        let mut later = admission.admit(address(1), now + SILENT_AFTER).unwrap();
        assert_eq!(open.iter_mut().filter_map(|open| is_open(open).then_some(())).count(), 49);
        assert!(is_open(&mut later));
    }

    #[test]
    fn silent_connections_from_many_addresses_shut_nobody_out() {
        let admission = admission(8, 4, 4);
        let mut honest = admit(&admission, address(100)).unwrap();
        drop(honest.0.ask());
        let mut attack: Vec<Open> =
            (0..28).map(|number| admit(&admission, address(number / 4)).unwrap()).collect();
        assert!(is_open(&mut honest), "one that has asked goes after all that have not");
        assert_eq!(attack.iter_mut().map(is_open).filter(|is_open| *is_open).count(), 7);
        let mut late = admit(&admission, address(101)).unwrap();
        let _asking = late.0.ask();
        for number in 0..28 {
            attack.push(admit(&admission, address(number)).unwrap());
        }
        assert!(is_open(&mut late) && is_open(&mut honest), "and one with a request in flight never");
    }

    #[test]
    fn proxies_have_no_share_and_are_closed_last() {
        let admission = admission(3, 1, 1);
        let mut proxies = [admit(&admission, None).unwrap(), admit(&admission, None).unwrap()];
        let mut silent = admit(&admission, address(1)).unwrap();
        assert!(admit(&admission, None).is_some());
        assert!(!is_open(&mut silent) && proxies.iter_mut().all(is_open));
        let asking: Vec<_> = proxies.iter().map(|proxy| proxy.0.ask()).collect();
        let third = admit(&admission, address(1)).unwrap();
        let _asking = third.0.ask();
        assert!(admit(&admission, None).is_none(), "all have requests in flight");
        drop(asking);
        assert!(admit(&admission, address(2)).is_some());
        assert!(!is_open(&mut proxies[0]) && is_open(&mut proxies[1]), "the one that is quiet for longest");
    }
}
