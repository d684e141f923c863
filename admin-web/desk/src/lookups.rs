//! How many receipts an address may look up.
//!
//! All users of a mobile operator may come from one address, and somebody among them may try numbers through. So what
//! is found and what is not have budgets of their own: when that of the misses is spent, a miss is answered 429 instead
//! of 404 and says nothing any more, while receipts that people hold in their hands are still shown.

use std::net::IpAddr;

use governor::Quota;

use crate::budget::{AddressRates, OverBudget, SiteBudget};
use crate::limits::Limits;

/// The budgets of look-ups.
pub struct Lookups {
    all: AddressRates,
    missed: AddressRates,
}

impl Lookups {
    /// The budgets that the limits grant.
    pub fn new(limits: &Limits) -> Self {
        Self {
            all: AddressRates::new(Quota::per_minute(limits.lookups_found_per_minute)),
            missed: AddressRates::new(Quota::per_minute(limits.lookups_missed_per_minute)),
        }
    }

    /// Counts a look-up before it is made; `budget` is that of the whole site.
    pub fn begin(&self, address: IpAddr, budget: &SiteBudget) -> Result<(), OverBudget> {
        self.all.take(address).map_err(|wait_seconds| OverBudget::Address { wait_seconds })?;
        budget.take_of_all()
    }

    /// Counts a look-up that found nothing.
    pub fn missed(&self, address: IpAddr) -> Result<(), OverBudget> {
        self.missed.take(address).map_err(|wait_seconds| OverBudget::Address { wait_seconds })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn misses_are_spent_apart_from_what_is_found() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let limits = Limits {
            lookups_missed_per_minute: number(2),
            lookups_found_per_minute: number(6),
            ..Limits::default()
        };
        let (lookups, budget) = (Lookups::new(&limits), SiteBudget::new(&limits));
        let (here, there) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for spent in [false, false, true] {
            assert_eq!(lookups.begin(here, &budget), Ok(()));
            assert_eq!(
                matches!(lookups.missed(here), Err(OverBudget::Address { wait_seconds: 1..=31 })),
                spent
            );
        }
        for _ in 0..3 {
            assert_eq!(lookups.begin(here, &budget), Ok(()), "receipts are still found");
        }
        assert!(matches!(lookups.begin(here, &budget), Err(OverBudget::Address { wait_seconds: 1..=11 })));
        assert_eq!(lookups.begin(there, &budget), Ok(()));
        assert_eq!(lookups.missed(there), Ok(()));
    }
}
