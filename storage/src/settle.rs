//! Appends whose outcome is unknown.

use crate::store::{Append, Store, StoreError, Version};

/// How often an append whose outcome is unknown is repeated before the caller is told.
const REPEATS_MAX: usize = 2;

/// Appends, and repeats the identical append while its outcome is unknown: a read alone would not settle it.
pub(crate) async fn settle(store: &impl Store, append: Append) -> Result<Version, StoreError> {
    settle_telling(store, append).await.0
}

/// The same, and whether an earlier try was left unknown: a conflict may then be with whoever wrote on top of it.
pub(crate) async fn settle_telling(
    store: &impl Store,
    append: Append,
) -> (Result<Version, StoreError>, bool) {
    let mut unknown = None;
    for _ in 0..REPEATS_MAX {
        match store.append(append.clone()).await {
            Err(error @ StoreError::Unknown { .. }) => unknown = Some(error),
            settled => {
                let was_unknown = unknown.is_some();
                return (in_view_of(unknown, settled), was_unknown);
            }
        }
    }
    (in_view_of(unknown, store.append(append).await), true)
}

/// The outcome of a repeat after an earlier try whose outcome is unknown: that the repeat was not written does not say
/// that the earlier try never will be.
fn in_view_of(
    unknown: Option<StoreError>,
    repeat: Result<Version, StoreError>,
) -> Result<Version, StoreError> {
    match (unknown, repeat) {
        (Some(unknown), Err(StoreError::Unavailable { .. })) => Err(unknown),
        (_, settled) => settled,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn unknown() -> StoreError {
        StoreError::Unknown { waited: Duration::from_secs(1) }
    }

    fn unavailable() -> StoreError {
        StoreError::Unavailable { reason: "no quorum".into() }
    }

    #[test]
    fn a_refused_repeat_leaves_the_outcome_of_the_first_try_unknown() {
        let told = in_view_of(Some(unknown()), Err(unavailable()));
        assert!(matches!(told, Err(StoreError::Unknown { .. })), "{told:?}");
    }

    #[test]
    fn a_refused_first_try_is_refused() {
        let told = in_view_of(None, Err(unavailable()));
        assert!(matches!(told, Err(StoreError::Unavailable { .. })), "{told:?}");
    }

    #[test]
    fn a_repeat_that_lands_settles_it() {
        assert!(matches!(in_view_of(Some(unknown()), Ok(Version(2))), Ok(Version(2))));
    }
}
