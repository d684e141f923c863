//! One kind of budget of all networks, bounded in memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use ofd_edge::AddressKey;

use super::{Allowance, Bucket};

/// Networks that are told apart; some 4 MiB.
const NETWORKS_MAX: usize = 65_536;

/// A ledger that is full is looked through for whole budgets this often at most: it takes a millisecond or more.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The budgets that networks have spent of.
#[derive(Debug)]
pub struct Ledger {
    allowance: Allowance,
    buckets: HashMap<AddressKey, Bucket>,
    /// The one budget of all who come when the ledger is full.
    others: Bucket,
    swept_at: Duration,
    networks_max: usize,
}

impl Ledger {
    /// A ledger that has seen nobody.
    pub fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            buckets: HashMap::new(),
            others: Bucket::default(),
            swept_at: Duration::ZERO,
            networks_max: NETWORKS_MAX,
        }
    }

    /// Takes one from the budget of an address and, for IPv6, from that of the /48 around it.
    ///
    /// The near one first: who has spent his own takes nothing from his neighbours.
    pub fn take(&mut self, address: IpAddr, now: Duration) -> bool {
        let allowance = self.allowance;
        self.take_of(address.into(), allowance, now)
            && AddressKey::around(address).is_none_or(|around| self.take_of(around, allowance.wider(), now))
    }

    fn take_of(&mut self, network: AddressKey, allowance: Allowance, now: Duration) -> bool {
        if let Some(bucket) = self.buckets.get_mut(&network) {
            return bucket.take(allowance, 1, now);
        }
        if self.buckets.len() >= self.networks_max && now.saturating_sub(self.swept_at) >= SWEEP_EVERY {
            self.sweep(now);
        }
        if self.buckets.len() >= self.networks_max {
            return self.others.take(self.allowance.wider(), 1, now);
        }
        self.buckets.entry(network).or_default().take(allowance, 1, now)
    }

    /// Forgets networks whose budget is whole again.
    pub fn sweep(&mut self, now: Duration) {
        self.swept_at = now;
        self.buckets.retain(|_, bucket| !bucket.is_whole(now));
        // Room for as many as there are now; an attack of yesterday holds no memory.
        self.buckets.shrink_to(self.buckets.len().saturating_mul(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v6(network: u16, host: u16) -> IpAddr {
        IpAddr::from([0x2a00, 1, 2, network, 0, 0, 0, host])
    }

    fn taken(ledger: &mut Ledger, address: impl Fn(u16) -> IpAddr, tries: u16, now: Duration) -> usize {
        (0..tries).filter(|host| ledger.take(address(*host), now)).count()
    }

    #[test]
    fn whoever_has_an_ipv6_network_has_one_budget_and_its_48_has_sixteen() {
        let (mut ledger, now) = (Ledger::new(Allowance::per_second(1, 5)), Duration::ZERO);
        assert_eq!(taken(&mut ledger, |host| v6(7, host), 100, now), 5, "one /64");
        assert_eq!(taken(&mut ledger, |network| v6(network, 1), 1000, now), 75, "all others of the /48");
        assert!(ledger.take(IpAddr::from([0x2a00, 1, 3, 0, 0, 0, 0, 1]), now), "another /48");
        assert!(ledger.take(IpAddr::from([203, 0, 113, 9]), now));
    }

    #[test]
    fn whoever_spends_beyond_his_own_budget_takes_nothing_from_his_neighbours() {
        let (mut ledger, now) = (Ledger::new(Allowance::per_second(1, 5)), Duration::ZERO);
        taken(&mut ledger, |host| v6(7, host), 10_000, now);
        assert_eq!(taken(&mut ledger, |host| v6(8, host), 5, now), 5);
    }

    #[test]
    fn a_ledger_that_is_full_gives_all_others_one_budget_and_forgets_whom_it_can() {
        let mut ledger = Ledger::new(Allowance::per_second(1, 2));
        ledger.networks_max = 3;
        let (address, now) = (|last: u16| IpAddr::from([10, 0, 0, last as u8]), Duration::from_secs(50));
        assert_eq!(taken(&mut ledger, address, 3, now), 3);
        assert_eq!(taken(&mut ledger, |last| address(last + 10), 100, now), 32);
        assert_eq!(ledger.buckets.len(), 3);
        assert!(ledger.take(address(0), now), "whoever was there before keeps his own");
        // Sooner than a second nothing is swept, later all who are whole again are forgotten.
        assert_eq!(taken(&mut ledger, |last| address(last + 10), 100, now + Duration::from_millis(900)), 14);
        assert_eq!(taken(&mut ledger, |last| address(last + 10), 2, now + Duration::from_secs(2)), 2);
        assert!(ledger.buckets.len() <= 3);
        ledger.sweep(now + Duration::from_secs(60));
        assert!(ledger.buckets.is_empty());
    }
}
