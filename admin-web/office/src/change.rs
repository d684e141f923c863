//! Changes of what is kept: read, decide, write; decided anew when somebody else was faster. No request is known here
//! and no page, so that pages, the API and work in the background change things in the same way.

use std::marker::PhantomData;

use ofd_storage::accounts::{AuditEntry, Kept, Subject, load, save};
use ofd_storage::erased::DynStore;
use ofd_storage::model::{self, Model};
use ofd_storage::store::{Stamp, StoreError, StreamId, Version};

/// So often a change is decided. Few people change one account or company at once, and a register takes its documents
/// one after the other: whoever meets this many changes in a row had better come back.
const DECISIONS_MAX: usize = 10;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// What was to be changed is not there.
    #[error("what was to be changed is not there")]
    NotFound,
    /// Others changed it again and again.
    #[error("others changed the same {DECISIONS_MAX} times in a row")]
    Busy,
    /// The store failed, or what it keeps is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something in the store that is read, decided on, and written where nobody wrote it since.
pub trait Changeable: Sync {
    /// What a decision looks at; after a change, what is kept then.
    type Found: Send + Sync;
    /// What a decision has written.
    type Next: Send;

    /// Reads it; `None` when there is nothing to change.
    fn read(&self, store: &DynStore) -> impl Future<Output = Result<Option<Self::Found>, StoreError>> + Send;

    /// Writes it, unless somebody else did since it was read: then [`StoreError::Conflict`].
    fn write(
        &self,
        store: &DynStore,
        found: Self::Found,
        next: Self::Next,
        stamp: Stamp,
    ) -> impl Future<Output = Result<Self::Found, StoreError>> + Send;
}

/// What a decision leads to: what is written, or nothing, and what else the caller learns.
pub type Decided<N, R, E> = Result<(Option<N>, R), E>;

/// Changes something. `decide` is called again with what somebody else made of it meanwhile; each try has a
/// stamp of its own.
pub async fn change<P: Changeable, R, E: From<ChangeError>>(
    (store, stamp): (&DynStore, impl Fn() -> Stamp),
    what: &P,
    decide: impl FnMut(&P::Found) -> Decided<P::Next, R, E>,
) -> Result<(P::Found, R), E> {
    change_read((store, stamp), what, None, decide).await
}

/// The same where the caller has read it already: it is read anew only after a conflict.
pub async fn change_read<P: Changeable, R, E: From<ChangeError>>(
    (store, stamp): (&DynStore, impl Fn() -> Stamp),
    what: &P,
    mut read: Option<P::Found>,
    mut decide: impl FnMut(&P::Found) -> Decided<P::Next, R, E>,
) -> Result<(P::Found, R), E> {
    for _ in 0..DECISIONS_MAX {
        // Boxed: what a change reads and writes lies deep under a page, and would be part of each future above it.
        let found = match read.take() {
            Some(found) => found,
            None => {
                Box::pin(what.read(store)).await.map_err(ChangeError::Store)?.ok_or(ChangeError::NotFound)?
            }
        };
        let (next, result) = decide(&found)?;
        let Some(next) = next else { return Ok((found, result)) };
        match Box::pin(what.write(store, found, next, stamp())).await {
            Ok(after) => return Ok((after, result)),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(ChangeError::Store(error).into()),
        }
    }
    Err(ChangeError::Busy.into())
}

/// An account or a company, by its stream. What is written is its next state with the rows of its audit.
pub struct Stream<T>(StreamId, PhantomData<fn() -> T>);

impl<T> Stream<T> {
    /// What lies in a stream.
    pub fn new(stream: StreamId) -> Self {
        Self(stream, PhantomData)
    }
}

impl<T: Subject> Changeable for Stream<T> {
    type Found = Kept<T>;
    type Next = (T, Vec<AuditEntry>);

    async fn read(&self, store: &DynStore) -> Result<Option<Kept<T>>, StoreError> {
        load(store, self.0).await
    }

    async fn write(
        &self,
        store: &DynStore,
        found: Kept<T>,
        (next, audit): (T, Vec<AuditEntry>),
        stamp: Stamp,
    ) -> Result<Kept<T>, StoreError> {
        save(store, &found, next, audit, stamp).await
    }
}

/// A record that is there, by its key.
pub struct Record<'a, M>(&'a [u8], PhantomData<fn() -> M>);

impl<'a, M> Record<'a, M> {
    /// What lies under a key.
    pub fn new(key: &'a [u8]) -> Self {
        Self(key, PhantomData)
    }
}

impl<M: Model> Changeable for Record<'_, M> {
    type Found = (Version, M);
    type Next = M;

    async fn read(&self, store: &DynStore) -> Result<Option<(Version, M)>, StoreError> {
        model::load(store, self.0).await
    }

    async fn write(
        &self,
        store: &DynStore,
        (version, _): (Version, M),
        next: M,
        _: Stamp,
    ) -> Result<(Version, M), StoreError> {
        Ok((model::replace(store, version, &next).await?, next))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ofd_storage::memory::MemoryStore;

    use super::*;

    /// A number that others count up so many times before a change gets through.
    struct Contested {
        number: AtomicUsize,
        others: AtomicUsize,
    }

    impl Changeable for Contested {
        type Found = usize;
        type Next = usize;

        async fn read(&self, _: &DynStore) -> Result<Option<usize>, StoreError> {
            let number = self.number.load(Ordering::Relaxed);
            Ok((number != usize::MAX).then_some(number))
        }

        async fn write(&self, _: &DynStore, _: usize, next: usize, _: Stamp) -> Result<usize, StoreError> {
            let left = self.others.load(Ordering::Relaxed);
            if left > 0 {
                self.others.store(left - 1, Ordering::Relaxed);
                self.number.fetch_add(1, Ordering::Relaxed);
                return Err(StoreError::Conflict { what: "number".into(), expected: None, found: None });
            }
            self.number.store(next, Ordering::Relaxed);
            Ok(next)
        }
    }

    fn contested(number: usize, others: usize) -> Contested {
        Contested { number: AtomicUsize::new(number), others: AtomicUsize::new(others) }
    }

    /// What comes of counting by a hundred, and the numbers that were decided on.
    async fn counted(place: &Contested, read: Option<usize>) -> (Result<usize, ChangeError>, Vec<usize>) {
        let store = DynStore::from(Arc::new(MemoryStore::new()));
        let mut seen = Vec::new();
        let decide = |found: &usize| -> Decided<usize, (), ChangeError> {
            seen.push(*found);
            Ok((Some(found + 100), ()))
        };
        let result = change_read((&store, || Stamp([7; 16])), place, read, decide).await;
        (result.map(|(after, ())| after), seen)
    }

    #[tokio::test]
    async fn whoever_was_slower_decides_on_what_the_others_made_of_it() {
        let (result, seen) = counted(&contested(0, 3), None).await;
        assert_eq!((result.unwrap(), seen), (103, vec![0, 1, 2, 3]));
    }

    #[tokio::test]
    async fn what_was_read_before_is_read_again_only_after_a_conflict() {
        let (result, seen) = counted(&contested(5, 0), Some(1)).await;
        assert_eq!((result.unwrap(), seen), (101, vec![1]));
        let (result, seen) = counted(&contested(5, 1), Some(1)).await;
        assert_eq!((result.unwrap(), seen), (106, vec![1, 6]));
    }

    #[tokio::test]
    async fn whoever_is_overtaken_without_end_is_told_to_come_back() {
        let (result, seen) = counted(&contested(0, usize::MAX), None).await;
        assert!(matches!(result, Err(ChangeError::Busy)), "{result:?}");
        assert_eq!(seen.len(), DECISIONS_MAX);
        let (result, _) = counted(&contested(0, DECISIONS_MAX - 1), None).await;
        assert!(result.is_ok(), "the last decision counts");
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_decided_on() {
        let (result, seen) = counted(&contested(usize::MAX, 0), None).await;
        assert!(matches!(result, Err(ChangeError::NotFound)) && seen.is_empty(), "{result:?}");
    }
}
