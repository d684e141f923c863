//! The device side of an open fiscal data operator, and the composition of the whole process.
//!
//! [`listen`] reads frames, [`service`] answers them over a store, [`server`] puts listeners, site and metrics
//! together.

pub mod bootstrap;
pub mod cli;
pub mod clock;
pub mod codec;
pub mod config;
pub mod demo;
pub mod export;
pub mod fleet;
pub mod http;
pub mod lane;
pub mod limit;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod profile;
pub mod readiness;
pub mod server;
pub mod service;
pub mod shutdown;
pub mod site;
pub mod verify;
