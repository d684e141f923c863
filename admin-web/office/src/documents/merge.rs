//! Documents, or shifts, of many registers in one order: by acceptance, the newest first.
//!
//! Within a register they stand in the order of acceptance, so each is read backwards, a few at a time. Where its newest one
//! lies in time is known before it is read: registers are opened only once the others have come down to there.

use std::collections::BinaryHeap;
use std::future::Future;

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::UnixMillis;
use ofd_storage::store::{Store, StoreError};

/// Registers are opened so many at a time.
pub(super) const TOGETHER: usize = 32;

/// Where a document stands among those of all registers; what is greater comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) accepted_at: UnixMillis,
    pub(super) register: u32,
    pub(super) place: DocumentRef,
}

/// What one register has, on the way back through it.
pub(super) trait Source: Send + Sized {
    /// What is read.
    type Item: Send;

    /// Where something stands.
    fn rank(item: &Self::Item) -> Rank;

    /// Nothing that is left was accepted later; `None` when nothing is left to be read.
    fn bound(&self) -> Option<UnixMillis>;

    /// Reads until something is there to be taken, or nothing is left.
    fn fill(self, store: &impl Store) -> impl Future<Output = Result<Self, StoreError>> + Send;

    /// What was read and not taken, the newest last.
    fn buffer(&mut self) -> &mut Vec<Self::Item>;

    /// How much was read so far.
    fn read(&self) -> usize;
}

/// What many registers have, the newest first.
pub(super) struct Merge<'a, S, F> {
    store: &'a S,
    /// Those that were not read yet, or have to be read further, with what none of their documents is newer than; the newest
    /// last.
    waiting: Vec<(UnixMillis, F)>,
    /// Those whose newest document is at hand.
    open: BinaryHeap<(Rank, usize)>,
    sources: Vec<Option<F>>,
    read: usize,
}

impl<'a, S: Store, F: Source> Merge<'a, S, F> {
    /// What these have.
    pub(super) fn new(store: &'a S, sources: impl Iterator<Item = F>) -> Self {
        let mut waiting: Vec<(UnixMillis, F)> =
            sources.filter_map(|source| Some((source.bound()?, source))).collect();
        waiting.sort_by_key(|(bound, _)| *bound);
        Self { store, waiting, open: BinaryHeap::new(), sources: Vec::new(), read: 0 }
    }

    /// How much was read so far.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// Reads on in the registers whose next document may be the newest of all.
    async fn open_next(&mut self) -> Result<(), StoreError> {
        loop {
            let newest = self.open.peek().map(|(rank, _)| rank.accepted_at);
            let mut opening = Vec::new();
            while opening.len() < TOGETHER
                && self.waiting.last().is_some_and(|(bound, _)| newest.is_none_or(|newest| *bound >= newest))
            {
                opening.extend(self.waiting.pop());
            }
            if opening.is_empty() {
                return Ok(());
            }
            let before: usize = opening.iter().map(|(_, source)| source.read()).sum();
            let filling: Vec<_> = opening.into_iter().map(|(_, source)| source.fill(self.store)).collect();
            let filled: Vec<F> = stream::iter(filling).buffered(TOGETHER).try_collect().await?;
            let after: usize = filled.iter().map(|source| source.read()).sum();
            self.read = self.read.saturating_add(after.saturating_sub(before));
            for mut source in filled {
                if let Some(item) = source.buffer().last() {
                    self.open.push((F::rank(item), self.sources.len()));
                    self.sources.push(Some(source));
                }
            }
        }
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Result<Option<F::Item>, StoreError> {
        self.open_next().await?;
        let Some((rank, index)) = self.open.pop() else { return Ok(None) };
        let Some(mut source) = self.sources.get_mut(index).and_then(Option::take) else { return Ok(None) };
        let item = source.buffer().pop();
        match source.buffer().last().map(F::rank) {
            Some(next) => {
                self.open.push((next, index));
                if let Some(slot) = self.sources.get_mut(index) {
                    *slot = Some(source);
                }
            }
            // None that waits is newer: else it would have been opened.
            None if source.bound().is_some() => self.waiting.push((rank.accepted_at, source)),
            None => {}
        }
        Ok(item)
    }
}
