//! What a store lacks that was acknowledged, found when it is opened.

use super::codec::{self, COUNT_KEY, Count};
use super::engine::{Engine, Table};
use crate::store::StoreError;

/// What is done with a store that lacks what it had acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLoss {
    /// Nothing is written into it until a person decided: what is still there may be read.
    Hold,
    /// It goes on without what is missing. The numbers of what is missing are given again.
    Accept,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Writes that were acknowledged and are gone (appends, records, claims and notes); `None` when nobody can tell how many.
    pub writes: Option<u64>,
    /// What shows it, in words for the operator.
    pub reason: String,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("acknowledged documents are missing: ")?;
        f.write_str(&self.reason)
    }
}

/// The number of the last batch that an engine holds.
pub(super) fn count_of(engine: &dyn Engine) -> Result<Count, StoreError> {
    let value = engine.get(Table::Records, COUNT_KEY)?;
    value.map_or(Ok(Count::default()), |value| codec::count(&value))
}

/// What is missing in an engine that was just opened, whose witness said so much; and where its count stands.
pub(super) fn find(engine: &dyn Engine, said: Count) -> (Count, Option<Loss>) {
    let found = match count_of(engine) {
        Ok(found) => found,
        Err(error) => {
            let reason = format!("it cannot be told how much was stored ({error})");
            return (said, Some(Loss { writes: None, reason }));
        }
    };
    if found < said {
        let batches = said.batches.saturating_sub(found.batches);
        let writes = said.writes.saturating_sub(found.writes);
        let reason = format!(
            "{writes} writes in {batches} batches, the last of {} batches; its journal ends before them, so it was cut \
             short, or files of an older copy were put in its place",
            said.batches
        );
        return (found, Some(Loss { writes: Some(writes), reason }));
    }
    let loss = engine.missing().map(|reason| Loss { writes: None, reason });
    (found, loss)
}
