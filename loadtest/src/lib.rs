//! A fleet of simulated cash registers: for load, for the demo and for end-to-end tests.
//!
//! A [`Register`] is a state machine without IO that follows the protocol as a device does and keeps its own count
//! of all that a Z report holds. A [`Client`] is its link. A [`Till`] is both, for tests:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use ofd_loadtest::{Client, Endpoint, Fleet, Operation, Receipt, Register, Till};
//!
//! let fleet = Fleet::generate(1, 1, 1, 7);
//! let identity = fleet.registers().next().ok_or("an empty fleet")?;
//! let client = Client::new(Endpoint::plain("127.0.0.1:7777".parse()?));
//! let mut till = Till::new(Register::new(identity, 203, 7), client);
//! till.info().await?;
//! till.deposit(5_000_00).await?;
//! let receipt = Receipt::new(Operation::Sell).item("Нан", "1", 1_000, 180_00).taxed(16_000);
//! let answer = till.sale(receipt.pay_rest_in_cash(200_00)).await?;
//! println!("{:?}", answer.ticket);
//! till.close_shift(ofd_loadtest::Withdraw::Everything).await?;
//! assert_eq!(till.differences(), Vec::<String>::new());
//! # Ok(())
//! # }
//! ```
//!
//! [`run()`] drives a whole fleet and compares every Z with the registers' own counts.

#![allow(clippy::inconsistent_digit_grouping, reason = "sums read as tenge and tiyn: 180_00")]

pub mod client;
pub mod clock;
pub mod fleet;
pub mod identity;
pub mod random;
pub mod register;
pub mod run;
pub mod till;

pub use client::{Client, ClientError, Dribble, Endpoint, Fault};
pub use fleet::{Fleet, FleetError};
pub use identity::Identity;
pub use register::answer::{Answer, ServiceMemory};
pub use register::document::Document;
pub use register::kinds::{Command, Operation, PaymentKind, Placement, ReportKind};
pub use register::raw::{RawHeader, RawService};
pub use register::receipt::{Line, LineKind, Parent, Receipt};
pub use register::report::ZxReport;
pub use register::totals::Totals;
pub use register::verify::{About, verify};
pub use register::{Outcome, Register, RegisterError, Renumber};
pub use run::{Options, Pace, Progress, Report, RunError, run};
pub use till::{Till, TillError, Withdraw};
