//! What the tests over the whole system share.

pub mod generate;
pub mod oracle;
pub mod random;
pub mod tidy;
pub mod views;
