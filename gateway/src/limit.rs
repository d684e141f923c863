//! Limits by source address. Bounded: addresses that were not seen lately are forgotten.

use std::net::{IpAddr, Ipv6Addr};

use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// An address as it is limited: IPv6 by /64, since whoever has one such address has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressKey(IpAddr);

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
        }
    }
}

/// More addresses than this are not told apart: the limiter then forgets, which errs on the side of service.
const ADDRESSES_MAX: usize = 100_000;

/// So many per address and second.
pub struct AddressLimiter(RateLimiter<AddressKey, DashMapStateStore<AddressKey>, DefaultClock>);

impl AddressLimiter {
    /// A limiter that has seen nobody.
    pub fn new(quota: Quota) -> Self {
        Self(RateLimiter::dashmap(quota))
    }

    /// Counts one and says whether it is within the limit.
    pub fn allows(&self, address: IpAddr) -> bool {
        if self.0.len() >= ADDRESSES_MAX {
            self.purge();
        }
        self.0.check_key(&address.into()).is_ok()
    }

    /// Forgets addresses whose limit is whole again.
    pub fn purge(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let key = |text: &str| AddressKey::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(key("2a00:1:2:3::1"), key("2a00:1:2:3:ffff::9"));
        assert_ne!(key("2a00:1:2:3::1"), key("2a00:1:2:4::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
        assert_ne!(key("10.0.0.1"), key("10.0.0.2"));
    }
}
