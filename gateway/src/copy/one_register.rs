//! A store of which one register alone is seen: what walks a whole store can then walk many registers at once.

use std::sync::Arc;

use ofd_storage::store::{Store, StoreError, StreamId, StreamKind};
use ofd_storage::through;

/// The list goes on with the streams of other owners, and what a page has of those is read in vain: pages are short.
const PAGE_MAX: usize = 32;

/// Lists the streams of one owner; everything else is the store's.
pub(super) struct OneRegister<S> {
    pub(super) store: Arc<S>,
    pub(super) owner: u64,
}

impl<S: Store> through::Through for OneRegister<S> {
    type Inner = S;

    fn inner(&self) -> &S {
        &self.store
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        // Ordinals begin at 1, so nothing lies between this and the owner's first stream.
        let before = StreamId { kind, owner: self.owner, ordinal: 0 };
        let from = after.unwrap_or(before).max(before);
        let mut page = Store::streams(&*self.store, kind, Some(from), limit.min(PAGE_MAX)).await?;
        page.retain(|stream| stream.owner == self.owner);
        Ok(page)
    }
}
