//! What the tests over the whole system share.

pub mod api;
pub mod browser;
pub mod cabinet;
pub mod cassandra;
pub mod debtors;
pub mod device;
pub mod generate;
pub mod hostile;
pub mod http;
pub mod oracle;
pub mod process;
pub mod random;
pub mod raw;
pub mod scenarios;
pub mod settled;
pub mod simulation;
pub mod tap;
pub mod totp;
pub mod trace;
pub mod tree;
pub mod views;
