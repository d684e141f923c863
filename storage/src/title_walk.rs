//! The walk over organisations and companies, which adds what leads to them from the words of their titles.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, Company};
use crate::model::{self, Organisation};
use crate::store::{RecordKind, Store, StoreError, StreamId, StreamKind};
use crate::titles::{Titled, lead};
use crate::walk::{self, Looked};

/// So many organisations are looked at in one step: each costs some ten reads.
const STEP: usize = 16;

/// Records of organisations come first, then companies on the site.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Those up to this BIN were looked at.
    Organisations { after: Option<String> },
    /// Those up to this number were looked at.
    Companies { after: Option<u64> },
}

impl Default for Stage {
    fn default() -> Self {
        Self::Organisations { after: None }
    }
}

impl walk::Stage for Stage {
    const NAME: &'static str = "title-walk";

    async fn look(self, store: &impl Store, _: UnixMillis) -> Result<Looked<Self>, StoreError> {
        let mut added = 0;
        let next = match self {
            Self::Organisations { after } => {
                let last = organisations(store, after.as_deref(), &mut added).await?;
                Some(last.map_or(Self::Companies { after: None }, |last| Self::Organisations {
                    after: Some(last),
                }))
            }
            Self::Companies { after } => {
                let last = companies(store, after, &mut added).await?;
                last.map(|last| Self::Companies { after: Some(last) })
            }
        };
        Ok(Looked { next, added })
    }
}

/// Looks at the next records; the BIN of the last one, or `None` when there was none.
async fn organisations(
    store: &impl Store,
    after: Option<&str>,
    added: &mut usize,
) -> Result<Option<String>, StoreError> {
    let after = after.map(str::as_bytes);
    let records = store.records(RecordKind::Organisation, b"", after, STEP).await?;
    for record in &records {
        // One that cannot be read is told by who reads it.
        if let Ok((_, Organisation { bin, title, .. })) = model::decode(record) {
            *added = added.saturating_add(lead(store, Titled { bin: &bin, title: &title }).await?);
        }
    }
    Ok(records.last().map(|last| String::from_utf8_lossy(&last.key).into_owned()))
}

/// Looks at the next companies; the number of the last one, or `None` when there was none.
async fn companies(
    store: &impl Store,
    after: Option<u64>,
    added: &mut usize,
) -> Result<Option<u64>, StoreError> {
    let after = after.map(|owner| StreamId { kind: StreamKind::Company, owner, ordinal: 1 });
    let streams = store.streams(StreamKind::Company, after, STEP).await?;
    for stream in &streams {
        match accounts::load::<Company>(store, *stream).await {
            Ok(Some(company)) => {
                let Company { bin, title, .. } = &company.state;
                *added = added.saturating_add(lead(store, Titled { bin, title }).await?);
            }
            Ok(None) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(streams.last().map(|last| last.owner))
}
