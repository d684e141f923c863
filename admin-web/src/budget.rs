//! The rate budget of pages that anyone may open: per client address, and for all together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use axum::extract::Request;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::limits::Limits;

/// The address a request came from; through trusted proxies, the client's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl ClientAddress {
    /// Of a request that came through no socket, as in tests, all addresses are one.
    pub(crate) fn of(request: &Request) -> IpAddr {
        request.extensions().get::<Self>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Self(address)| *address)
    }
}

/// An address as it is limited: IPv6 by /64, since whoever has one such address has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AddressKey(IpAddr);

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

/// Addresses told apart at once, some 10 MiB. Beyond them only the budget of all holds.
const ADDRESSES_MAX: usize = 100_000;

/// Addresses whose budget is whole again are forgotten this often.
const PURGE_EVERY: Duration = Duration::from_secs(10);

/// What the budget says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is served.
    Within,
    /// The address asked too often.
    AddressSpent {
        /// After this many seconds it may again.
        wait_seconds: u64,
    },
    /// All together asked too often.
    AllSpent {
        /// After this many seconds it may be better.
        wait_seconds: u64,
    },
}

/// The budget of one site.
pub(crate) struct Budget {
    addresses: RateLimiter<AddressKey, DashMapStateStore<AddressKey>, DefaultClock>,
    all: DefaultDirectRateLimiter,
    purges: Option<DefaultDirectRateLimiter>,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        let by_address = Quota::per_second(limits.address_per_second).allow_burst(limits.address_burst);
        let of_all = Quota::per_second(limits.all_per_second).allow_burst(limits.all_burst);
        Self {
            addresses: RateLimiter::dashmap(by_address),
            all: RateLimiter::direct(of_all),
            purges: Quota::with_period(PURGE_EVERY).map(RateLimiter::direct),
        }
    }

    /// Counts a request. One over its address's budget takes nothing of that of all.
    pub(crate) fn take(&self, address: IpAddr) -> Verdict {
        if self.purges.as_ref().is_some_and(|purges| purges.check().is_ok()) {
            self.addresses.retain_recent();
            self.addresses.shrink_to_fit();
        }
        let clock = DefaultClock::default();
        let seconds = |wait: Duration| wait.as_secs().saturating_add(1);
        if self.addresses.len() < ADDRESSES_MAX
            && let Err(not_until) = self.addresses.check_key(&address.into())
        {
            return Verdict::AddressSpent { wait_seconds: seconds(not_until.wait_time_from(clock.now())) };
        }
        match self.all.check() {
            Ok(()) => Verdict::Within,
            Err(not_until) => {
                Verdict::AllSpent { wait_seconds: seconds(not_until.wait_time_from(clock.now())) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn budget(address: u32, all: u32) -> Budget {
        let number = |number| NonZeroU32::new(number).unwrap();
        let one = NonZeroU32::MIN;
        Budget::new(&Limits {
            address_burst: number(address),
            address_per_second: one,
            all_burst: number(all),
            all_per_second: one,
            ..Limits::default()
        })
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_budget() {
        let budget = budget(2, 100);
        assert_eq!(budget.take(address("2a00:1:2:3::1")), Verdict::Within);
        assert_eq!(budget.take(address("2a00:1:2:3:ffff::9")), Verdict::Within);
        assert!(matches!(budget.take(address("2a00:1:2:3::5")), Verdict::AddressSpent { wait_seconds: 1.. }));
        assert_eq!(budget.take(address("2a00:1:2:4::5")), Verdict::Within);
        assert_eq!(AddressKey::from(address("::ffff:10.0.0.1")), AddressKey::from(address("10.0.0.1")));
    }

    #[test]
    fn all_together_have_a_budget_that_one_address_cannot_spend() {
        let budget = budget(2, 3);
        for _ in 0..10 {
            budget.take(address("10.0.0.1"));
        }
        assert_eq!(budget.take(address("10.0.0.2")), Verdict::Within);
        assert!(matches!(budget.take(address("10.0.0.3")), Verdict::AllSpent { wait_seconds: 1.. }));
    }
}
