//! The device side of an open fiscal data operator, and the composition of the whole process.
//!
//! [`listen`] reads frames, [`service`] answers them over a store, [`server`] puts listeners, site and metrics
//! together.

pub mod bootstrap;
pub mod clock;
pub mod codec;
pub mod config;
pub mod fleet;
pub mod lane;
pub mod limit;
pub mod listen;
pub mod metrics;
pub mod profile;
pub mod service;
