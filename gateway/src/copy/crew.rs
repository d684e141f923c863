//! Works on several pieces of an ordered list at once, and tells up to which piece all are done.

use std::collections::VecDeque;
use std::future::Future;

use tokio::task::JoinSet;

use super::error::CopyError;

/// Behind one slow piece this many are remembered at most, so that memory stays bounded.
const AHEAD_MAX: usize = 4096;

/// Work under way. Dropped, it is given up where it is.
pub(super) struct Crew<K, V> {
    tasks: JoinSet<(u64, Result<V, CopyError>)>,
    at_once: usize,
    /// Begun pieces in order, without those that are done together with all before them.
    begun: VecDeque<(K, bool)>,
    /// The number of the first of them.
    first: u64,
    done_up_to: Option<K>,
}

impl<K, V: Send + 'static> Crew<K, V> {
    pub(super) fn new(at_once: usize) -> Self {
        Self { tasks: JoinSet::new(), at_once, begun: VecDeque::new(), first: 0, done_up_to: None }
    }

    pub(super) fn has_room(&self) -> bool {
        self.tasks.len() < self.at_once && self.begun.len() < AHEAD_MAX
    }

    /// Begins a piece, which comes after all that were begun before.
    pub(super) fn begin(
        &mut self,
        key: K,
        task: impl Future<Output = Result<V, CopyError>> + Send + 'static,
    ) {
        let number = self.first.saturating_add(u64::try_from(self.begun.len()).unwrap_or(u64::MAX));
        self.begun.push_back((key, false));
        self.tasks.spawn(async move { (number, task.await) });
    }

    /// A piece that needs no work.
    pub(super) fn pass(&mut self, key: K) {
        self.begun.push_back((key, true));
        self.settle();
    }

    /// Waits for a piece; `None` when none is under way.
    pub(super) async fn next(&mut self) -> Result<Option<V>, CopyError> {
        let (number, value) = match self.tasks.join_next().await {
            None => return Ok(None),
            Some(Ok(done)) => done,
            Some(Err(error)) => return Err(CopyError::BrokeOff(error.to_string())),
        };
        let value = value?;
        let at = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        if let Some((_, is_done)) = self.begun.get_mut(at) {
            *is_done = true;
        }
        self.settle();
        Ok(Some(value))
    }

    fn settle(&mut self) {
        while self.begun.front().is_some_and(|(_, is_done)| *is_done) {
            self.first = self.first.saturating_add(1);
            self.done_up_to = self.begun.pop_front().map(|(key, _)| key);
        }
    }

    /// The last piece that is done together with all before it.
    pub(super) fn done_up_to(&self) -> Option<&K> {
        self.done_up_to.as_ref()
    }
}
