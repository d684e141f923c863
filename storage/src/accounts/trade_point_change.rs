//! What people change of a trade point, on its way from the company's stream into the trade point's record.
//!
//! A trade point is a record and the audit lies in the stream of its company, so no append writes both. The append that
//! decides the change writes the row of the audit, and with it, in the company's head, what the record becomes. Then the
//! record is written; then the head forgets it. Wherever that ends, the head says what is left to do.

use serde::{Deserialize, Serialize};

use crate::model::TradePoint;
use crate::store::Version;

/// A change that is decided, and may not be in its record yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradePointChange {
    /// The version of the record that it was decided on; none of one that is new. A record of a later version has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<u64>,
    /// What the record becomes.
    pub point: TradePoint,
}

impl TradePointChange {
    /// A change of what was read.
    #[must_use]
    pub fn of(on: Option<Version>, point: TradePoint) -> Self {
        Self { on: on.map(|Version(version)| version), point }
    }
}
