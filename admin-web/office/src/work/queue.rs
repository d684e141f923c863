//! A queue in which nobody waits behind all of somebody else's.

use std::collections::{HashMap, VecDeque};

use ofd_edge::AddressKey;

/// Waiting places, shared out over addresses: each has a line of its own, and the lines take turns.
pub(super) struct FairQueue<T> {
    max: usize,
    per_address_max: usize,
    len: usize,
    lines: HashMap<AddressKey, VecDeque<T>>,
    /// Whose turn is next; each address with a line stands here once.
    turns: VecDeque<AddressKey>,
}

/// What became of somebody who came to wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed<T> {
    Waits,
    /// It waits, and the last one of the longest line was sent away for it.
    InsteadOf(T),
    /// Nobody else waits here with more than this address has.
    Full(T),
    /// The address has its share.
    AddressFull(T),
}

impl<T> FairQueue<T> {
    pub(super) fn new(max: usize, per_address_max: usize) -> Self {
        Self { max, per_address_max, len: 0, lines: HashMap::new(), turns: VecDeque::new() }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts somebody at the end of the line of its address.
    pub(super) fn push(&mut self, address: AddressKey, item: T) -> Pushed<T> {
        let own = self.lines.get(&address).map_or(0, VecDeque::len);
        if own >= self.per_address_max {
            return Pushed::AddressFull(item);
        }
        let mut pushed = Pushed::Waits;
        if self.len >= self.max {
            match self.take_last_of_longest(own.saturating_add(1)) {
                Some(last) => pushed = Pushed::InsteadOf(last),
                None => return Pushed::Full(item),
            }
        }
        if own == 0 {
            self.turns.push_back(address);
        }
        self.lines.entry(address).or_default().push_back(item);
        self.len = self.len.saturating_add(1);
        pushed
    }

    /// The last one of the longest line, if that is longer than `than`.
    fn take_last_of_longest(&mut self, than: usize) -> Option<T> {
        let (address, line) = self.lines.iter_mut().max_by_key(|(_, line)| line.len())?;
        if line.len() <= than {
            return None;
        }
        let (address, last) = (*address, line.pop_back()?);
        self.len = self.len.saturating_sub(1);
        self.forget_if_empty(address);
        Some(last)
    }

    fn forget_if_empty(&mut self, address: AddressKey) {
        if self.lines.get(&address).is_some_and(VecDeque::is_empty) {
            self.lines.remove(&address);
            self.turns.retain(|other| *other != address);
        }
    }

    /// The next one: the first of the line whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        let address = self.turns.pop_front()?;
        let item = self.lines.get_mut(&address)?.pop_front()?;
        self.len = self.len.saturating_sub(1);
        self.turns.push_back(address);
        self.forget_if_empty(address);
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(number: u8) -> AddressKey {
        IpAddr::from([10, 0, 0, number]).into()
    }

    fn drain(queue: &mut FairQueue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn addresses_take_turns() {
        let mut queue = FairQueue::new(8, 4);
        for item in ["a1", "a2", "a3"] {
            assert_eq!(queue.push(address(1), item), Pushed::Waits);
        }
        queue.push(address(2), "b1");
        queue.push(address(3), "c1");
        assert_eq!(drain(&mut queue), ["a1", "b1", "c1", "a2", "a3"]);
        assert!(queue.is_empty() && queue.lines.is_empty() && queue.turns.is_empty(), "nobody is remembered");
    }

    #[test]
    fn an_address_has_its_share_of_the_places() {
        let mut queue = FairQueue::new(8, 2);
        queue.push(address(1), "a1");
        queue.push(address(1), "a2");
        assert_eq!(queue.push(address(1), "a3"), Pushed::AddressFull("a3"));
        assert_eq!(queue.push(address(2), "b1"), Pushed::Waits);
    }

    #[test]
    fn where_all_places_are_taken_the_longest_line_gives_one_up() {
        let mut queue = FairQueue::new(4, 3);
        for item in ["a1", "a2", "a3"] {
            queue.push(address(1), item);
        }
        queue.push(address(2), "b1");
        assert_eq!(queue.push(address(3), "c1"), Pushed::InsteadOf("a3"));
        assert_eq!(queue.push(address(4), "d1"), Pushed::InsteadOf("a2"));
        assert_eq!(queue.push(address(5), "e1"), Pushed::Full("e1"), "everybody has one");
        assert_eq!(queue.push(address(1), "a4"), Pushed::Full("a4"));
        assert_eq!(drain(&mut queue), ["a1", "b1", "c1", "d1"]);
    }
}
