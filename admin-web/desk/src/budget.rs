//! The rate budget of pages that anyone may open: per client address, and for all together.

use std::collections::HashSet;
use std::convert::Infallible;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use governor::clock::{Clock, DefaultClock, QuantaInstant};
use governor::state::keyed::DashMapStateStore;
use governor::{DefaultDirectRateLimiter, NotUntil, Quota, RateLimiter};
use ofd_edge::AddressKey;
use sha2::{Digest, Sha256};

use crate::limits::{Limits, count};

/// The address a request came from; through trusted proxies, the client's.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Of a request that came through no socket, as in tests, all addresses are one.
    pub fn of(request: &Request) -> IpAddr {
        request.extensions().get::<Self>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Self(address)| *address)
    }
}

impl<T: Send + Sync> FromRequestParts<T> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &T) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().copied();
        Ok(known.unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// Addresses told apart at once, some 10 MiB. Beyond them only the budget of all holds.
const ADDRESSES_MAX: usize = 100_000;

/// Addresses whose budget is whole again are forgotten this often.
const PURGE_EVERY: Duration = Duration::from_secs(10);

/// Why a request is not served: a budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverBudget {
    /// The address asked too often.
    Address {
        /// After this many seconds it may again.
        wait_seconds: u64,
    },
    /// All together asked too often.
    All {
        /// After this many seconds it may be better.
        wait_seconds: u64,
    },
}

/// One rate for each of many.
pub struct Rates<K: Hash + Eq + Clone> {
    rates: RateLimiter<K, DashMapStateStore<K>, DefaultClock>,
    purges: Option<DefaultDirectRateLimiter>,
}

/// One rate for each address.
pub type AddressRates = Rates<AddressKey>;

/// The budget of one site.
pub struct SiteBudget {
    addresses: AddressRates,
    all: DefaultDirectRateLimiter,
}

fn seconds_until(not_until: &NotUntil<QuantaInstant>) -> u64 {
    not_until.wait_time_from(DefaultClock::default().now()).as_secs().saturating_add(1)
}

impl<K: Hash + Eq + Clone> Rates<K> {
    /// A budget of so much for each key.
    pub fn new(quota: Quota) -> Self {
        let purges = Quota::with_period(PURGE_EVERY).map(RateLimiter::direct);
        Self { rates: RateLimiter::dashmap(quota), purges }
    }

    /// Counts something of one of them; one that is over its rate is told after how many seconds it may again.
    pub fn take(&self, of: impl Into<K>) -> Result<(), u64> {
        if self.purges.as_ref().is_some_and(|purges| purges.check().is_ok()) {
            self.rates.retain_recent();
            self.rates.shrink_to_fit();
        }
        if self.rates.len() >= ADDRESSES_MAX {
            return Ok(());
        }
        self.rates.check_key(&of.into()).map_err(|not_until| seconds_until(&not_until))
    }
}

/// The budget of programs that come with a secret in place of a session: by the secret, since they come from anywhere.
pub struct SecretBudget {
    rates: Rates<[u8; 32]>,
}

impl SecretBudget {
    /// So many calls by one secret while it lasts.
    pub fn new(calls: NonZeroU32, while_it_lasts: Duration) -> Self {
        // One more each time that it could have lasted: by then it has not.
        let quota = Quota::with_period(while_it_lasts).unwrap_or(Quota::per_hour(NonZeroU32::MIN));
        Self { rates: Rates::new(quota.allow_burst(calls)) }
    }

    /// Counts a call by a secret that is ours; told by its digest.
    pub fn take(&self, secret: [u8; 32]) -> Result<(), u64> {
        self.rates.take(secret)
    }
}

/// Requests of one token of an organisation in a second: a program that walks through a year of a chain takes minutes.
const PROGRAM_PER_SECOND: NonZeroU32 = count(20);

/// Requests at once: what a program asks for at the beginning of a day.
const PROGRAM_BURST: NonZeroU32 = count(100);

/// Sessions that are remembered as good, in each of two generations: some megabytes.
const SESSIONS_MAX: usize = 50_000;

/// A session, by a digest of its cookie: whoever has not its secret cannot spend what is its.
type SessionName = [u8; 16];

/// The budget of people who are signed in: by session, since an office, or all users of a mobile operator, have one
/// address. Only sessions that were found good have one; what only says that it is a session counts by its address.
pub struct SessionBudget {
    rates: Rates<SessionName>,
    /// How often one address may have it looked up whether a session is good, once its own budget is spent.
    proofs: AddressRates,
    proven: Mutex<[HashSet<SessionName>; 2]>,
}

fn session_name(cookie: &str) -> SessionName {
    Sha256::digest(cookie).first_chunk().copied().unwrap_or_default()
}

impl SessionBudget {
    /// The budget that the limits grant.
    pub fn new(limits: &Limits) -> Self {
        let quota = Quota::per_second(limits.address_per_second).allow_burst(limits.address_burst);
        Self::of(quota)
    }

    /// The budget of programs with tokens of their organisations.
    pub fn of_programs() -> Self {
        Self::of(Quota::per_second(PROGRAM_PER_SECOND).allow_burst(PROGRAM_BURST))
    }

    fn of(quota: Quota) -> Self {
        Self { rates: Rates::new(quota), proofs: Rates::new(quota), proven: Mutex::default() }
    }

    /// Forgets that it was good: from now on who comes with it pays by the address.
    pub fn forget(&self, cookie: &str) {
        let name = session_name(cookie);
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        proven.iter_mut().for_each(|generation| {
            generation.remove(&name);
        });
    }

    /// Remembers that the session of a cookie is good.
    pub fn prove(&self, cookie: &str) {
        let name = session_name(cookie);
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = &mut *proven;
        if young.len() >= SESSIONS_MAX {
            *old = std::mem::take(young);
        }
        young.insert(name);
    }

    /// Counts a request with a session that was good; `None` where that is not known.
    pub fn take(&self, cookie: &str) -> Option<Result<(), u64>> {
        self.is_proven(cookie).then(|| self.rates.take(session_name(cookie)))
    }

    /// Whether the session of a cookie was good.
    pub fn is_proven(&self, cookie: &str) -> bool {
        let name = session_name(cookie);
        let proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        proven.iter().any(|generation| generation.contains(&name))
    }

    /// Whether it may be looked up now if a session is good, for an address that has no other budget left.
    pub fn may_look_up(&self, address: IpAddr) -> bool {
        self.proofs.take(address).is_ok()
    }
}

impl SiteBudget {
    /// Budgets of sessions as the limits grant them.
    pub fn new(limits: &Limits) -> Self {
        let by_address = Quota::per_second(limits.address_per_second).allow_burst(limits.address_burst);
        let of_all = Quota::per_second(limits.all_per_second).allow_burst(limits.all_burst);
        Self { addresses: AddressRates::new(by_address), all: RateLimiter::direct(of_all) }
    }

    /// Counts a request. One over its address's budget takes nothing of that of all.
    pub fn take(&self, address: IpAddr) -> Result<(), OverBudget> {
        self.addresses.take(address).map_err(|wait_seconds| OverBudget::Address { wait_seconds })?;
        self.take_of_all()
    }

    /// Counts a request that has another budget than its address's one here.
    pub fn take_of_all(&self) -> Result<(), OverBudget> {
        self.all.check().map_err(|not_until| OverBudget::All { wait_seconds: seconds_until(&not_until) })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn budget(address: u32, all: u32) -> SiteBudget {
        let number = |number| NonZeroU32::new(number).unwrap();
        let one = NonZeroU32::MIN;
        SiteBudget::new(&Limits {
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
        assert_eq!(budget.take(address("2a00:1:2:3::1")), Ok(()));
        assert_eq!(budget.take(address("2a00:1:2:3:ffff::9")), Ok(()));
        assert!(matches!(
            budget.take(address("2a00:1:2:3::5")),
            Err(OverBudget::Address { wait_seconds: 1.. })
        ));
        assert_eq!(budget.take(address("2a00:1:2:4::5")), Ok(()));
    }

    #[test]
    fn a_session_has_a_budget_only_once_it_was_found_good() {
        let limits = Limits {
            address_burst: NonZeroU32::new(2).unwrap(),
            address_per_second: NonZeroU32::MIN,
            ..Limits::default()
        };
        let sessions = SessionBudget::new(&limits);
        assert_eq!(sessions.take("7.a.secret"), None, "anybody may say so");
        sessions.prove("7.a.secret");
        assert_eq!(sessions.take("7.a.secret"), Some(Ok(())));
        assert_eq!(sessions.take("7.a.secret"), Some(Ok(())));
        assert!(matches!(sessions.take("7.a.secret"), Some(Err(1..))));
        assert_eq!(sessions.take("7.a.guessed"), None, "whoever has not the secret spends nothing of it");
        sessions.prove("7.b.secret");
        assert_eq!(sessions.take("7.b.secret"), Some(Ok(())), "each session has its own");
    }

    #[test]
    fn sessions_in_use_are_remembered_and_not_without_bound() {
        let sessions = SessionBudget::new(&Limits::default());
        for number in 0..SESSIONS_MAX * 2 + 1 {
            sessions.prove(&number.to_string());
        }
        assert_eq!(sessions.take("0"), None, "it was not seen for long");
        assert_eq!(sessions.take(&(SESSIONS_MAX * 2).to_string()), Some(Ok(())));
        let kept: usize = sessions.proven.lock().unwrap().iter().map(HashSet::len).sum();
        assert!(kept <= SESSIONS_MAX * 2, "{kept}");
    }

    #[test]
    fn all_together_have_a_budget_that_one_address_cannot_spend() {
        let budget = budget(2, 3);
        for _ in 0..10 {
            let _ = budget.take(address("10.0.0.1"));
        }
        assert_eq!(budget.take(address("10.0.0.2")), Ok(()));
        assert!(matches!(budget.take(address("10.0.0.3")), Err(OverBudget::All { wait_seconds: 1.. })));
    }
}
