//! Noting which registers were heard, beside the way of their requests.
//!
//! A request leaves the id of its register here, once in some minutes, and goes on; a task writes the notes. Where the store
//! is slower than registers are heard, or fails, notes are lost: the next one of the same register makes up for it.

use std::sync::{Arc, Mutex, PoisonError};

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::registers::heard_note;
use ofd_storage::store::Store;
use tokio::task::JoinSet;
use tracing::debug;

/// Registers that wait to be noted: a minute of a quarter of a million of them, each of which is noted every five minutes.
const WAITING_MAX: usize = 50_000;

/// So many notes are under way at once, beside what registers ask of the store.
const AT_ONCE: usize = 16;

/// What was heard and is not noted yet.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Vec<(RegisterId, UnixMillis)>>);

impl Heard {
    /// A register was heard. Takes no longer than to write that down.
    pub(crate) fn at(&self, id: RegisterId, now: UnixMillis) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX {
            waiting.push((id, now));
        }
    }

    /// Writes notes of all that wait. What cannot be written is lost.
    pub(crate) async fn note(&self, store: &Arc<impl Store>) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut under_way = JoinSet::new();
        for (id, at) in waiting {
            if under_way.len() >= AT_ONCE {
                under_way.join_next().await;
            }
            let store = Arc::clone(store);
            under_way.spawn(async move {
                if let Err(error) = store.note(heard_note(id, at)).await {
                    debug!(%error, "it was not noted that register {id} was heard: {error}");
                }
            });
        }
        while under_way.join_next().await.is_some() {}
    }
}
