//! What a lease's record says, and who may take it: pure.

use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

/// No lease is longer. One that has more than this left was written by a clock that ran ahead, and is not waited for.
pub const TERM_MAX: Duration = Duration::from_secs(600);

/// Who holds leases: a process, as long as it runs. Of drawn bytes, so that no two are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder(String);

impl Holder {
    /// A holder of drawn bytes.
    #[must_use]
    pub fn from_drawn(drawn: [u8; 16]) -> Self {
        Self(hex::encode(drawn))
    }
}

/// The content of a record of kind [`Lease`](crate::store::RecordKind::Lease).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// Who has it, or had it last.
    pub(super) holder: Holder,
    /// Until when; 0: it was given back.
    pub(super) until: UnixMillis,
}

impl Held {
    pub(super) fn by(holder: &Holder, now: UnixMillis, term: Duration) -> Self {
        let term = u64::try_from(term.min(TERM_MAX).as_millis()).unwrap_or(u64::MAX);
        Self { holder: holder.clone(), until: UnixMillis(now.0.saturating_add(term)) }
    }

    /// As before the first holder.
    pub(super) fn by_nobody() -> Self {
        Self { holder: Holder(String::new()), until: UnixMillis(0) }
    }

    pub(super) fn given_back(self) -> Self {
        Self { until: UnixMillis(0), ..self }
    }

    pub(super) fn encode(&self) -> Result<Bytes, StoreError> {
        serde_json::to_vec(self).map(Bytes::from).map_err(|error| StoreError::Corrupt {
            place: "a lease to write".to_owned(),
            reason: error.to_string(),
        })
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Whether somebody may take a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    Free,
    Others { left: Duration },
}

/// Rules on a lease that `found` tells of.
pub(super) fn rule(found: Option<&Held>, holder: &Holder, now: UnixMillis) -> Ruling {
    let Some(held) = found.filter(|held| held.holder != *holder) else { return Ruling::Free };
    let left = Duration::from_millis(held.until.since(now));
    if left.is_zero() || left > TERM_MAX { Ruling::Free } else { Ruling::Others { left } }
}

/// Whether bytes are what a lease's record holds.
///
/// # Errors
/// What does not fit, in words.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<Held>(bytes).map(drop).map_err(|error| error.to_string())
}
