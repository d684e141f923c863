//! The conversation between a register and the server, rule by rule: WIRE section 13, and the counters, reports and
//! answers of sections 10 to 12. Modules are named after the rules; tests are named after their sentences.

#![allow(clippy::inconsistent_digit_grouping, reason = "696_90 is 696.90 in tiyn")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must say so"
)]

mod answers;
mod counters;
mod coverage;
mod harness;
mod lost;
mod properties;
mod random;
mod reports;
mod rule_01;
mod rule_02;
mod rule_03;
mod rule_04;
mod rule_05;
mod rule_06;
mod rule_07;
mod rule_08;
mod rule_09;
mod rule_10;
mod rule_11;
mod rule_12;
mod rule_13;
mod rule_14;
