//! What is shared out among addresses: all together have one bound, and each has its own within it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::AddressKey;

/// Places, bytes or whatever else is given out and comes back.
pub struct AddressShares {
    max: usize,
    per_address_max: usize,
    /// Told the amount that is given out after each change, in the order of the changes.
    on_change: Box<dyn Fn(usize) + Send + Sync>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<AddressKey, usize>,
}

/// Why nothing more is given out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// All of it is out.
    All,
    /// The address has its share.
    Address,
}

/// An amount that an address has taken; it comes back when this is dropped.
pub struct Held {
    shares: Arc<AddressShares>,
    address: AddressKey,
    amount: usize,
}

/// As for [`Held`].
impl fmt::Debug for AddressShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max, per_address_max, .. } = self;
        let mut shown = f.debug_struct("AddressShares");
        shown.field("max", max).field("per_address_max", per_address_max).finish_non_exhaustive()
    }
}

/// The address of a client shows in no log.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("amount", &self.amount).finish_non_exhaustive()
    }
}

impl AddressShares {
    /// `max` to give out, of which one address gets at most `per_address_max`.
    pub fn new(
        max: usize,
        per_address_max: usize,
        on_change: impl Fn(usize) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let on_change = Box::new(on_change);
        Arc::new(Self { max, per_address_max, on_change, taken: Mutex::default() })
    }

    /// All there is to give out.
    pub fn max(&self) -> usize {
        self.max
    }

    /// The most that one address gets.
    pub fn per_address_max(&self) -> usize {
        self.per_address_max
    }

    /// Gives an address `amount` of what is left.
    ///
    /// # Errors
    /// [`Spent`]; nothing was taken.
    pub fn take(self: &Arc<Self>, address: AddressKey, amount: usize) -> Result<Held, Spent> {
        let mut held = Held { shares: Arc::clone(self), address, amount: 0 };
        held.grow(amount)?;
        Ok(held)
    }

    /// The map is bounded by who holds something; a panic elsewhere leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Taken) -> T) -> T {
        let mut taken = self.lock();
        let changed = change(&mut taken);
        (self.on_change)(taken.all);
        changed
    }

    /// How much is out.
    pub fn out(&self) -> usize {
        self.lock().all
    }
}

impl Held {
    /// Takes `amount` more for the same address.
    ///
    /// # Errors
    /// [`Spent`]; nothing more was taken.
    pub fn grow(&mut self, amount: usize) -> Result<(), Spent> {
        let shares = &self.shares;
        shares.change(|taken| {
            let own = taken.by_address.get(&self.address).copied().unwrap_or_default();
            let (all, own) = (taken.all.saturating_add(amount), own.saturating_add(amount));
            // An address that may have everything has no share that could be spent before the whole is.
            if own > shares.per_address_max && shares.per_address_max < shares.max {
                return Err(Spent::Address);
            }
            if all > shares.max {
                return Err(Spent::All);
            }
            taken.all = all;
            if own > 0 {
                taken.by_address.insert(self.address, own);
            }
            Ok(())
        })?;
        self.amount = self.amount.saturating_add(amount);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shares.change(|taken| {
            taken.all = taken.all.saturating_sub(self.amount);
            if let Some(own) = taken.by_address.get_mut(&self.address) {
                *own = own.saturating_sub(self.amount);
                if *own == 0 {
                    taken.by_address.remove(&self.address);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(number: u8) -> AddressKey {
        IpAddr::from([10, 0, 0, number]).into()
    }

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let shares = AddressShares::new(3, 2, |_| {});
        let mine: Vec<Held> = (0..2).map(|_| shares.take(address(1), 1).unwrap()).collect();
        assert_eq!(shares.take(address(1), 1).unwrap_err(), Spent::Address);
        let other = shares.take(address(2), 1).unwrap();
        assert_eq!(shares.take(address(3), 1).unwrap_err(), Spent::All);
        drop(other);
        assert_eq!(shares.take(address(1), 1).unwrap_err(), Spent::Address, "its share is what it was");
        drop(mine);
        assert_eq!(shares.out(), 0);
        assert!(shares.lock().by_address.is_empty(), "nobody is remembered");
    }

    #[test]
    fn what_grows_beyond_a_bound_stays_as_it_was() {
        let shares = AddressShares::new(10, 6, |_| {});
        let mut mine = shares.take(address(1), 4).unwrap();
        mine.grow(2).unwrap();
        assert_eq!(mine.grow(1), Err(Spent::Address));
        let mut other = shares.take(address(2), 4).unwrap();
        assert_eq!(other.grow(1), Err(Spent::All));
        assert_eq!(shares.out(), 10);
        drop(mine);
        assert_eq!(shares.out(), 4);
    }

    #[test]
    fn whoever_has_its_share_is_told_so_even_when_nothing_is_left_for_others_either() {
        let shares = AddressShares::new(2, 1, |_| {});
        let _both = [shares.take(address(1), 1).unwrap(), shares.take(address(2), 1).unwrap()];
        assert_eq!(shares.take(address(1), 1).unwrap_err(), Spent::Address);
        assert_eq!(shares.take(address(3), 1).unwrap_err(), Spent::All);
        let shares = AddressShares::new(1, 1, |_| {});
        let _all = shares.take(address(1), 1).unwrap();
        assert_eq!(shares.take(address(1), 1).unwrap_err(), Spent::All, "one address may have everything");
    }

    #[test]
    fn a_network_of_ipv6_has_one_share() {
        let shares = AddressShares::new(3, 1, |_| {});
        let of = |text: &str| AddressKey::from(text.parse::<IpAddr>().unwrap());
        let _first = shares.take(of("2a00:1:2:3::1"), 1).unwrap();
        assert_eq!(shares.take(of("2a00:1:2:3::2"), 1).unwrap_err(), Spent::Address);
        assert!(shares.take(of("2a00:1:2:4::1"), 1).is_ok());
    }

    #[test]
    fn every_change_is_told() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let shares = AddressShares::new(9, 9, {
            let told = Arc::clone(&told);
            move |out| told.lock().unwrap().push(out)
        });
        let mut held = shares.take(address(1), 2).unwrap();
        held.grow(3).unwrap();
        drop(held);
        assert_eq!(*told.lock().unwrap(), [2, 5, 0]);
    }
}
