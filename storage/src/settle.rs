//! Appends whose outcome is unknown.

use crate::store::{Append, Store, StoreError, Version};

/// How often an append whose outcome is unknown is repeated before the caller is told.
const REPEATS_MAX: usize = 2;

/// Appends, and repeats the identical append while its outcome is unknown: a read alone would not settle it.
pub(crate) async fn settle(store: &impl Store, append: Append) -> Result<Version, StoreError> {
    let mut unknown = None;
    for _ in 0..REPEATS_MAX {
        match store.append(append.clone()).await {
            Err(error @ StoreError::Unknown { .. }) => unknown = Some(error),
            settled => return in_view_of(unknown, settled),
        }
    }
    in_view_of(unknown, store.append(append).await)
}

/// That a repeat was not written does not say that an earlier try will not be.
fn in_view_of(
    unknown: Option<StoreError>,
    repeat: Result<Version, StoreError>,
) -> Result<Version, StoreError> {
    match (unknown, repeat) {
        (Some(unknown), Err(StoreError::Unavailable { .. })) => Err(unknown),
        (_, settled) => settled,
    }
}
