//! Charging: what an organisation's registers cost in a month, line by line and day by day.
//!
//! A line is a run of days of one basis: register, plan, version, price, rate of VAT. Its sum is rounded once; its days are posted as
//! differences of the sums that it had from day to day, so that they equal it. What becomes known later is posted beside what was.

mod charge;
mod difference;
mod due;
mod facts;
mod lines;

pub use charge::{ChargeError, Charges, Missing, Unpriced, charge};
pub use difference::{Comparison, RegisterChange, compare, corrections, difference, posting_month};
pub use due::{ClockWord, JUMP_DAYS_MAX, RunDue, is_near, run_due};
pub use facts::{KindChange, OrganisationMonth, RegisterFacts, Rules, Service, ServiceEnd};
pub use lines::{Basis, DayCharge, DayShare, Free, Item, Line, Origin, RateSums, by_rate};
