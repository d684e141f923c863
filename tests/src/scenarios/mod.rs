//! Scenarios that end alike wherever the store is: in the folder of one server, or in a keyspace of a cluster.
//!
//! Each runs the server of a [`Setup`](crate::process::Setup) and leaves a store that `ofd verify` finds whole.

// Sums read as tenge and tiyn: 180_00.
#![allow(clippy::inconsistent_digit_grouping)]

pub mod figures;
pub mod first_release;
pub mod life;
pub mod live;
pub mod retries;
