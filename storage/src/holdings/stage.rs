//! The walk over registers and trade points, which adds what leads to them from their organisations.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::entries::lead;
use crate::model::{self, Holding, RegisterRecord, TradePoint, list_entry};
use crate::store::{Store, StoreError};
use crate::walk::{self, Looked};

/// So many records are looked at in one step: each costs a read, and a write when its entry is missing.
const STEP: usize = 32;

/// Registers come first, then trade points. Keys are in hex, as they may be of any bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Those up to this key were looked at.
    Registers { after: Option<String> },
    /// Those up to this key were looked at.
    TradePoints { after: Option<String> },
}

impl Default for Stage {
    fn default() -> Self {
        Self::Registers { after: None }
    }
}

impl walk::Stage for Stage {
    const NAME: &'static str = "holdings-walk";

    async fn look(self, store: &impl Store, _: UnixMillis) -> Result<Looked<Self>, StoreError> {
        match self {
            Self::Registers { after } => {
                let (last, added) = records::<RegisterRecord>(store, after).await?;
                let next = last
                    .map_or(Self::TradePoints { after: None }, |last| Self::Registers { after: Some(last) });
                Ok(Looked { next: Some(next), added })
            }
            Self::TradePoints { after } => {
                let (last, added) = records::<TradePoint>(store, after).await?;
                Ok(Looked { next: last.map(|last| Self::TradePoints { after: Some(last) }), added })
            }
        }
    }
}

/// Looks at the next records; the key of the last one, or `None` when there was none, and how many entries were added.
async fn records<M: Holding>(
    store: &impl Store,
    after: Option<String>,
) -> Result<(Option<String>, usize), StoreError> {
    // A place that is none begins anew.
    let after = after.and_then(|after| hex::decode(after).ok());
    let records = store.records(M::KIND, b"", after.as_deref(), STEP).await?;
    // One that cannot be read is told by who reads it.
    let read = records.iter().filter_map(|record| model::decode::<M>(record).ok());
    let added = lead(store, read.map(|(_, holding)| list_entry(&holding))).await?;
    Ok((records.last().map(|last| hex::encode(&last.key)), added))
}
