//! The device side of an open fiscal data operator, and the composition of the whole process.
//!
//! [`listen`] reads frames, [`service`] answers them over a store, [`server`] puts listeners, site and metrics
//! together.

pub mod backup;
pub mod books;
pub mod bootstrap;
pub mod budget;
pub mod causes;
pub mod charging;
pub mod charging_by_hand;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod codec;
pub mod config;
pub mod control;
mod control_talk;
pub mod copy;
#[cfg(feature = "demo")]
pub mod demo;
pub mod descriptors;
pub mod export;
pub mod feed;
pub mod fleet;
mod heard;
pub mod http;
pub mod invoicing;
pub mod job;
pub mod jobs;
pub mod lane;
pub mod ledger_watch;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod modes;
pub mod opening;
pub mod profile;
pub mod profile_news;
pub mod readiness;
pub mod sampled;
pub mod scrub;
pub mod server;
pub mod service;
pub mod shutdown;
pub mod site;
#[cfg(test)]
mod testing;
mod ticket_texts;
pub mod verify;
pub mod verify_signature;
pub mod walks;
pub mod world;

/// What the binary takes memory from. Here, since more than one is built from its source.
pub use mimalloc::MiMalloc as Allocator;
