//! Leases: who does a job of the background at present.
//!
//! A lease is thrift and never correctness. It keeps two gateways from doing the same work beside each other, as long as
//! their clocks are about right; it does not promise that only one of them works. A holder that stood still for a while goes
//! on after its lease has run out, and a clock that is ahead ends a lease too soon. So every step of a job is idempotent,
//! and whoever writes under a lease writes on a condition of its own, as if there were no lease.

mod job;
mod lease;
mod rule;
#[cfg(test)]
mod tests;

pub use job::{JOB_TERM, JobLease, Turn};
pub use lease::{Lease, Taken, give_back, renew, take};
pub use rule::{Holder, TERM_MAX, check};
