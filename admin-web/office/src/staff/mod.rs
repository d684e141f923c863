//! The people of a company: their roles, their blocks, and who is invited.

mod changes;
pub mod ends;
pub mod rules;

pub use changes::{StaffOutcome, change_person, enter, invite, told, withdraw};
