//! What an organisation has: its registers and its trade points.
//!
//! Lists by BIN lead to records, and what counts is what a record says now: an entry that leads to another organisation or
//! to nothing is passed over. A store of before has no lists until a walk has made them; until then whoever reads is told
//! so, since what is not listed yet may be there all the same.

mod page;
mod stage;
#[cfg(test)]
mod tests;

pub use page::{Holdings, Listing, may_have_registers, registers_of, trade_points_of};
pub(crate) use stage::Stage;
