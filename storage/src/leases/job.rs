//! The lease of a job that goes on in steps.

use std::time::Duration;

use ofd_protocol::types::UnixMillis;

use super::lease::{Lease, Taken, give_back, renew, take};
use super::rule::Holder;
use crate::store::{Store, StoreError};

/// For so long a job has its lease. When its process dies another one goes on after this time at the latest.
pub const JOB_TERM: Duration = Duration::from_secs(60);

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The job may take its next step.
    Ours,
    /// Another process does the job; it is asked again after so long.
    Others {
        /// What is left of its lease.
        left: Duration,
    },
}

/// The lease of a job, as one process has it or waits for it.
///
/// A store that no other process shares is asked for none: whoever held a lease there is dead.
#[derive(Debug)]
pub struct JobLease {
    name: String,
    holder: Holder,
    lease: Option<Lease>,
}

impl JobLease {
    /// The lease `name`, not taken yet.
    pub fn new(name: impl Into<String>, holder: Holder) -> Self {
        Self { name: name.into(), holder, lease: None }
    }

    /// Whether the job may take its next step. Asked before each: the store is only asked when half of the lease is over.
    ///
    /// # Errors
    /// Those of the store; the job waits then.
    pub async fn turn(&mut self, store: &impl Store, now: UnixMillis) -> Result<Turn, StoreError> {
        if !store.is_shared() {
            return Ok(Turn::Ours);
        }
        if let Some(lease) = &self.lease {
            let left = Duration::from_millis(lease.until().since(now));
            // More is left than it was taken for when the clock was set back.
            if left > JOB_TERM / 2 && left <= JOB_TERM {
                return Ok(Turn::Ours);
            }
        }
        let renewed = match self.lease.take() {
            Some(lease) => renew(store, &lease, now, JOB_TERM).await?,
            None => None,
        };
        if renewed.is_some() {
            self.lease = renewed;
            return Ok(Turn::Ours);
        }
        match take(store, &self.name, &self.holder, now, JOB_TERM).await? {
            Taken::Ours(lease) => {
                self.lease = Some(lease);
                Ok(Turn::Ours)
            }
            Taken::Others { left } => Ok(Turn::Others { left }),
        }
    }

    /// Whether this process had the lease when it last asked.
    pub fn is_held(&self) -> bool {
        self.lease.is_some()
    }

    /// The job has nothing to do for a while, or the process ends: whoever waits need not wait for the lease's end.
    ///
    /// # Errors
    /// Those of the store. The lease then ends by itself.
    pub async fn give_back(&mut self, store: &impl Store) -> Result<(), StoreError> {
        match self.lease.take() {
            Some(lease) => give_back(store, lease).await,
            None => Ok(()),
        }
    }
}
