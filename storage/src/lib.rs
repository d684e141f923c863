//! What is kept: streams, records and documents. Knows nothing of sockets or pages.

pub mod accounts;
pub mod any;
mod arc;
mod calls;
pub mod claims;
mod conditions;
pub mod conformance;
pub mod cql;
pub mod embedded;
pub mod entries;
pub mod erased;
pub mod faulty;
pub mod holdings;
mod kinds;
pub mod leases;
pub mod memory;
pub mod model;
pub mod note;
pub mod registers;
pub mod samples;
mod settle;
pub mod store;
pub mod through;
mod title_walk;
pub mod titles;
mod walk;
pub mod walks;
