//! What a cash register and the operator say to each other.
//!
//! Pure: no sockets, no clock, no randomness. [`frame`] and [`wire`] read and write bytes, [`message`] gives them
//! names, [`register`] decides. [`explain`] tells people what stands in a frame.

#![deny(clippy::as_conversions, clippy::arithmetic_side_effects, clippy::wildcard_enum_match_arm)]
#![cfg_attr(test, allow(clippy::as_conversions, clippy::arithmetic_side_effects))]

pub mod explain;
pub mod frame;
pub mod message;
pub mod refusal;
pub mod register;
pub mod ticket_number;
pub mod types;
pub mod version;
pub mod warning;
pub mod wire;
