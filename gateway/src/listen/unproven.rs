//! Connections that have not shown a good token yet: when there are too many, the oldest one of the network that has
//! the most of them is closed. So whoever opens connections without end loses his own.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ofd_edge::AddressKey;
use tokio_util::sync::CancellationToken;

/// Those of one listener.
#[derive(Clone, Debug)]
pub(super) struct Unproven {
    open_max: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The connections of each network, oldest first.
    networks: HashMap<AddressKey, BTreeMap<u64, CancellationToken>>,
    /// The networks by number of connections and then by age of their oldest: the last one is the next to lose one.
    ranks: BTreeSet<(usize, Reverse<u64>, AddressKey)>,
    open: usize,
    next: u64,
}

impl State {
    fn change(
        &mut self,
        network: AddressKey,
        act: impl FnOnce(&mut BTreeMap<u64, CancellationToken>) -> Option<CancellationToken>,
    ) -> Option<CancellationToken> {
        let connections = self.networks.entry(network).or_default();
        let rank = |connections: &BTreeMap<u64, CancellationToken>| {
            let (oldest, _) = connections.first_key_value()?;
            Some((connections.len(), Reverse(*oldest), network))
        };
        let (len, before) = (connections.len(), rank(connections));
        let removed = act(connections);
        let (new_len, after) = (connections.len(), rank(connections));
        if after.is_none() {
            self.networks.remove(&network);
        }
        self.open = self.open.saturating_sub(len).saturating_add(new_len);
        if let Some(before) = before {
            self.ranks.remove(&before);
        }
        self.ranks.extend(after);
        removed
    }

    /// Ends the oldest connection of the network that has the most.
    fn evict(&mut self) -> bool {
        let Some((_, Reverse(oldest), network)) = self.ranks.last().copied() else { return false };
        let removed = self.change(network, |connections| connections.remove(&oldest));
        removed.inspect(CancellationToken::cancel).is_some()
    }
}

/// Held by a connection until it has shown a good token.
#[derive(Debug)]
pub(super) struct Newcomer {
    network: AddressKey,
    number: u64,
    evicted: CancellationToken,
    state: Arc<Mutex<State>>,
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.change(self.network, |connections| connections.remove(&self.number));
    }
}

impl Newcomer {
    /// Done when the connection must make room for others.
    pub(super) fn evicted(&self) -> CancellationToken {
        self.evicted.clone()
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    // A panic elsewhere leaves counts that are off by one connection at most.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Unproven {
    pub(super) fn new(open_max: usize) -> Self {
        Self { open_max: open_max.max(1), state: Arc::default() }
    }

    /// Lets a connection in, and says whether another one had to go for it.
    pub(super) fn enter(&self, address: IpAddr) -> (Newcomer, bool) {
        let (network, evicted) = (AddressKey::from(address), CancellationToken::new());
        let mut state = lock(&self.state);
        let has_evicted = state.open >= self.open_max && state.evict();
        let number = state.next;
        state.next = number.saturating_add(1);
        state.change(network, |connections| connections.insert(number, evicted.clone()));
        drop(state);
        (Newcomer { network, number, evicted, state: Arc::clone(&self.state) }, has_evicted)
    }

    /// Ends one of them, for whoever needs what it holds.
    pub(super) fn evict(&self) -> bool {
        lock(&self.state).evict()
    }

    /// How many there are.
    pub(super) fn open(&self) -> usize {
        lock(&self.state).open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(unproven: &Unproven, last: u8) -> Newcomer {
        unproven.enter(IpAddr::from([10, 0, 0, last])).0
    }

    fn are_evicted(all: &[Newcomer]) -> Vec<bool> {
        all.iter().map(|one| one.evicted.is_cancelled()).collect()
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let unproven = Unproven::new(3);
        let all: Vec<_> = (1..=5).map(|last| enter(&unproven, last)).collect();
        assert_eq!(are_evicted(&all), [true, true, false, false, false]);
        assert_eq!(unproven.open(), 3);
    }

    #[test]
    fn a_network_that_opens_many_ends_its_own() {
        let unproven = Unproven::new(4);
        let honest = [enter(&unproven, 1), enter(&unproven, 2)];
        let many: Vec<_> = (0..50).map(|_| enter(&unproven, 9)).collect();
        assert_eq!(are_evicted(&honest), [false, false]);
        assert_eq!(many.iter().filter(|one| !one.evicted.is_cancelled()).count(), 2);
        assert!(!enter(&unproven, 3).evicted.is_cancelled());
        assert_eq!(are_evicted(&honest), [false, false], "the third one took a place of the many");
    }

    #[test]
    fn who_shows_a_token_or_leaves_gives_his_place_back() {
        let unproven = Unproven::new(2);
        let (first, second) = (enter(&unproven, 1), enter(&unproven, 1));
        drop(first);
        let third = enter(&unproven, 2);
        assert!(!second.evicted.is_cancelled() && !third.evicted.is_cancelled());
        let fourth = enter(&unproven, 3);
        assert!(second.evicted.is_cancelled());
        drop((second, third, fourth));
        let state = lock(&unproven.state);
        assert!(state.networks.is_empty() && state.ranks.is_empty() && state.open == 0);
    }

    #[test]
    fn one_may_be_asked_to_go_without_another_coming() {
        let unproven = Unproven::new(2);
        assert!(!unproven.evict());
        let one = enter(&unproven, 1);
        assert!(unproven.evict() && one.evicted.is_cancelled() && unproven.open() == 0);
    }
}
