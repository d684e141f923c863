//! Of all appends with the same expected version at most one ever succeeds, and what is acknowledged is there.

use std::collections::HashMap;

use ofd_storage::store::{Stamp, Store, StreamId};

use super::ledger::Checked;
use super::observed::Applied;

/// Whose append won each version of each stream.
#[derive(Debug, Default)]
pub(super) struct Stamps(HashMap<(StreamId, u64), Stamp>);

impl Stamps {
    /// Notes a write that was acknowledged.
    pub(super) fn note(&mut self, applied: Applied) -> Checked {
        let Applied { stream, version, stamp } = applied;
        let first = *self.0.entry((stream, version.0)).or_insert(stamp);
        if first == stamp {
            return Ok(());
        }
        Err(format!("two appends won version {} of {stream}", version.0))
    }

    /// Checks that a write that was acknowledged is there.
    pub(super) async fn check(&self, store: &impl Store, applied: Applied) -> Checked {
        let Applied { stream, version, stamp } = applied;
        let head = store.head(stream).await.map_err(|error| error.to_string())?;
        let is_there = head
            .is_some_and(|head| head.version > version || (head.version == version && head.stamp == stamp));
        if is_there {
            Ok(())
        } else {
            Err(format!("the append to {stream} was acknowledged and is not there"))
        }
    }
}
