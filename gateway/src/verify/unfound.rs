//! Whether what leads to organisations, and to what they have, is there.
//!
//! In a store whose indexes are still being made nothing is missing yet.

use ofd_storage::entries;
use ofd_storage::model::{Holding, Model as _, RegisterRecord, list_entry};
use ofd_storage::store::{Store, StoreError};
use ofd_storage::titles::{self, Titled};
use ofd_storage::walks::Walk;

/// What a gateway does about it.
const ADDED_WITHIN: &str = "a gateway that serves adds that within a day";

/// Says by which words of its title an organisation is not found.
pub(super) async fn unfound(
    store: &impl Store,
    titled: Option<Titled<'_>>,
) -> Result<Vec<String>, StoreError> {
    let Some(titled) = titled else { return Ok(Vec::new()) };
    let missing = titles::missing_words(store, titled).await?;
    if missing.is_empty() || !Walk::Titles.is_complete(store).await? {
        return Ok(Vec::new());
    }
    Ok(missing.into_iter().map(|word| format!("it is not found by {word:?}: {ADDED_WITHIN}")).collect())
}

/// Says when something is not in the list of its organisation.
pub(super) async fn unlisted(store: &impl Store, of: &impl Holding) -> Result<Option<String>, StoreError> {
    let is_missing = entries::is_missing(store, &list_entry(of)).await?;
    let is_told = is_missing && Walk::Holdings.is_complete(store).await?;
    Ok(is_told.then(|| format!("nothing leads to it from its organisation {}: {ADDED_WITHIN}", of.bin())))
}

/// Says when a register is not found by its factory number.
pub(super) async fn unnumbered(
    store: &impl Store,
    of: &RegisterRecord,
) -> Result<Option<String>, StoreError> {
    let Some(entry) = of.found_by() else { return Ok(None) };
    let is_missing = entries::is_missing(store, &entry).await?;
    let is_told = is_missing && Walk::Serials.is_complete(store).await?;
    Ok(is_told.then(|| format!("nothing leads to it from its factory number: {ADDED_WITHIN}")))
}
