//! Charging as it is kept: what registers cost is worked out day by day by the rules of [`ofd_billing::charging`], and what of it is not
//! posted yet is posted.
//!
//! **What is known.** Of each register that an organisation had there is a record of its service: when the first receipt was
//! accepted and what ended it, how it was connected, how many receipts were accepted on which day. Whoever charges brings it up to
//! date from what the register stored. The plans that people chose stand in the register's registration.
//!
//! **What is posted.** Each posting says which charges it is of, so the ledger itself knows what was posted. A run posts the difference
//! between that and what is planned by all that is known now: what was interrupted is finished by the next run, and a second run over the
//! same posts nothing. Its source is the day and a number behind those that the day has already.

mod by_hand;
mod clock;
mod costs;
mod error;
mod gather;
mod organisation;
mod owed;
mod posted;
mod run;
mod service;
#[cfg(test)]
mod tests;

pub use by_hand::{
    Changed, Counted, HandRun, HandStep, NAMED_MAX, RunRefused, Said, Stage, begin_hand_run, bring_hand_run,
    hand_run, hand_runs, hand_step,
};
pub use clock::Clock;
pub use costs::costs;
pub use error::ChargingError;
pub use organisation::{Charged, Preview, charge_organisation, preview, take_back};
pub use owed::{ChargeOwed, owed};
pub use posted::{CHARGES_PER_POSTING, Why};
pub use run::{AT_ONCE, CHARGING_KEY, Pace, Ran, Step, all_charged_until, charged_until, step};
pub use service::{ServiceRecord, services_of};
