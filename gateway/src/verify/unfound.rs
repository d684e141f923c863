//! Whether organisations are found by the words of their titles.

use ofd_storage::store::{Store, StoreError};
use ofd_storage::title_walk;
use ofd_storage::titles::{self, Titled};

/// Says by which words of its title an organisation is not found. In a store whose index is still being made none is
/// missing yet.
pub(super) async fn unfound(
    store: &impl Store,
    titled: Option<Titled<'_>>,
) -> Result<Vec<String>, StoreError> {
    let Some(titled) = titled else { return Ok(Vec::new()) };
    let missing = titles::missing_words(store, titled).await?;
    if missing.is_empty() || !title_walk::is_complete(store).await? {
        return Ok(Vec::new());
    }
    let told =
        |word: String| format!("it is not found by {word:?}: a gateway that serves adds that within a day");
    Ok(missing.into_iter().map(told).collect())
}
