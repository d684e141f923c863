//! Whose budget pays for a request, and whether there is enough in it.
//!
//! Registers that are known pay from budgets of their own. Whoever has not shown a good token pays from the budget of
//! the network he comes from, so that strangers can take nothing that belongs to a register. Pure: what is known, the
//! address and the time come in as arguments.

mod bucket;
mod ledger;

use std::net::IpAddr;
use std::time::Duration;

pub use bucket::{Allowance, Bucket};
pub use ledger::Ledger;

/// What memory says of a request's token, before the store is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was good when the register was last seen.
    Good,
    /// Nothing: the process has just started, another gateway handed it out, or it is made up.
    Nothing,
}

/// Whose budget and place a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// The register's own.
    Register,
    /// That of the address it came from, until the store has said whether the token is good.
    Address,
}

impl Known {
    /// Who pays. Memory decides no more than that: whether the token is still good is for the newest head to say.
    pub fn payer(self) -> Payer {
        match self {
            Self::Good => Payer::Register,
            Self::Nothing => Payer::Address,
        }
    }
}

/// What an address pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// The read of a head that tells whether a token is good.
    Judging,
    /// Being told that a token is wrong, whichever register it was tried on.
    WrongToken,
    /// Being told that an id was never given.
    UnknownId,
}

/// What addresses may spend.
#[derive(Clone, Copy, Debug)]
pub struct StrangerLimits {
    /// Tokens that have to be judged.
    pub unknown_tokens: Allowance,
    /// Tokens found wrong.
    pub wrong_tokens: Allowance,
    /// Ids found unknown.
    pub unknown_ids: Allowance,
}

impl StrangerLimits {
    /// No bound at all, for tests and simulations of other things.
    pub const UNLIMITED: Self = Self {
        unknown_tokens: Allowance::UNLIMITED,
        wrong_tokens: Allowance::UNLIMITED,
        unknown_ids: Allowance::UNLIMITED,
    };
}

/// The budgets of all addresses.
#[derive(Debug)]
pub struct Budgets {
    judging: Ledger,
    wrong_tokens: Ledger,
    unknown_ids: Ledger,
}

impl Budgets {
    /// Budgets that nobody has touched.
    pub fn new(limits: StrangerLimits) -> Self {
        Self {
            judging: Ledger::new(limits.unknown_tokens),
            wrong_tokens: Ledger::new(limits.wrong_tokens),
            unknown_ids: Ledger::new(limits.unknown_ids),
        }
    }

    /// Takes one from an address's budget; false: there is none left. `now` is counted from any moment, always the same.
    pub fn pays(&mut self, address: IpAddr, charge: Charge, now: Duration) -> bool {
        let ledger = match charge {
            Charge::Judging => &mut self.judging,
            Charge::WrongToken => &mut self.wrong_tokens,
            Charge::UnknownId => &mut self.unknown_ids,
        };
        ledger.take(address, now)
    }

    /// Forgets whoever has a whole budget again.
    pub fn sweep(&mut self, now: Duration) {
        for ledger in [&mut self.judging, &mut self.wrong_tokens, &mut self.unknown_ids] {
            ledger.sweep(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_known_pays_from_the_registers_budget_and_everybody_else_from_the_addresss() {
        assert_eq!(Known::Good.payer(), Payer::Register);
        assert_eq!(Known::Nothing.payer(), Payer::Address);
    }

    #[test]
    fn what_an_address_pays_for_one_thing_it_still_has_for_another() {
        let two = Allowance::per_second(1, 2);
        let limits = StrangerLimits { unknown_tokens: two, wrong_tokens: two, unknown_ids: two };
        let (mut budgets, now) = (Budgets::new(limits), Duration::from_secs(9));
        let address = IpAddr::from([203, 0, 113, 9]);
        for charge in [Charge::Judging, Charge::WrongToken, Charge::UnknownId] {
            let paid = [(); 3].map(|()| budgets.pays(address, charge, now));
            assert_eq!(paid, [true, true, false], "{charge:?}");
        }
        assert!(budgets.pays(address, Charge::WrongToken, now + Duration::from_secs(1)), "a second later");
        assert!(!budgets.pays(address, Charge::WrongToken, now + Duration::from_secs(1)));
        assert!(budgets.pays(IpAddr::from([203, 0, 113, 10]), Charge::WrongToken, now), "another address");
    }
}
