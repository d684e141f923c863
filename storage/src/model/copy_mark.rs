//! The mark of a copy: a store that `ofd copy` fills says so, and must not serve before it is whole.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::store_facts::TICKET_NUMBER_KEY;
use super::{Model, encode};
use crate::store::{RecordKind, Store, StoreError, Version};

/// The key of the mark among the facts of the store. It belongs to the store and is never copied itself.
pub const COPY_MARK_KEY: &[u8] = b"copy";

/// Says that a store is, or was, filled from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyMark {
    /// Tells this copy from every other.
    pub id: String,
    /// Tells the process that works on it from every other.
    pub run: String,
    /// The store it comes from, as people call it.
    pub from: String,
    /// [`ticket_number_key_digest`] of that store.
    pub key_digest: String,
    /// What continues it.
    pub command: String,
    /// When it was begun.
    pub began_at: UnixMillis,
    /// When this was written.
    pub written_at: UnixMillis,
    /// How far it is.
    pub progress: CopyProgress,
}

/// How far a copy is. Records come before streams, each in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum CopyProgress {
    /// Nothing is known to be there.
    Begun,
    /// All records up to this one were there.
    Records {
        /// The number of its kind.
        kind: u8,
        /// Its key in hex.
        key: String,
    },
    /// All records, and all streams up to this one, were there.
    Streams {
        /// The number of its kind.
        kind: u8,
        /// Whose it is.
        owner: u64,
        /// Which of the owner's.
        ordinal: u32,
    },
    /// All was written once; it is being compared.
    Comparing,
    /// Both stores were equal.
    Complete,
}

impl Model for CopyMark {
    const KIND: RecordKind = RecordKind::Store;

    fn key(&self) -> Vec<u8> {
        COPY_MARK_KEY.to_vec()
    }
}

impl CopyMark {
    /// The mark of a store, if it has one.
    ///
    /// # Errors
    /// Those of the store, and [`StoreError::Corrupt`] when the mark cannot be read.
    pub async fn load(store: &impl Store) -> Result<Option<(Version, Self)>, StoreError> {
        super::load(store, COPY_MARK_KEY).await
    }

    /// Writes the mark if the one that is there is at the expected version.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn put(&self, store: &impl Store, expected: Option<Version>) -> Result<Version, StoreError> {
        store.put_record(RecordKind::Store, COPY_MARK_KEY, expected, encode(self)?).await
    }

    /// Whether the store holds all that it was to get.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.progress == CopyProgress::Complete
    }
}

/// Why a store must not be used.
#[derive(Debug, thiserror::Error)]
pub enum NotWhole {
    /// It is being filled, or was and did not get all.
    #[error(
        "it is a copy of {from} that is not finished, so receipts are missing in it; finish it by `{command}`, and use it then"
    )]
    HalfCopied {
        /// The store it comes from.
        from: String,
        /// What continues the copy.
        command: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Refuses a store that a copy has not finished. Whoever serves from a store, or judges it, asks this first.
///
/// # Errors
/// [`NotWhole`].
pub async fn check_whole(store: &impl Store) -> Result<(), NotWhole> {
    match CopyMark::load(store).await? {
        Some((_, mark)) if !mark.is_complete() => {
            Err(NotWhole::HalfCopied { from: mark.from, command: mark.command })
        }
        Some(_) | None => Ok(()),
    }
}

/// A digest of the store's key of ticket numbers: equal for a store and its copies, different for any two others.
/// `None` when the store has no key, since nobody ever served from it.
///
/// # Errors
/// Those of the store.
pub async fn ticket_number_key_digest(store: &impl Store) -> Result<Option<String>, StoreError> {
    let key = store.record(RecordKind::Store, TICKET_NUMBER_KEY).await?;
    Ok(key.map(|key| key_digest(&key.bytes)))
}

/// Digits of a digest that are kept: half of them, which is more than enough to tell stores apart.
const DIGEST_LEN: usize = 32;

/// What tells a store from every other: a digest of its key of ticket numbers, from which nobody learns the key.
#[must_use]
pub fn key_digest(key: &[u8]) -> String {
    let digest = Sha256::new().chain_update(b"ofd copy").chain_update(key).finalize();
    let mut text = hex::encode(digest);
    text.truncate(DIGEST_LEN);
    text
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::memory::MemoryStore;

    fn mark(progress: CopyProgress) -> CopyMark {
        CopyMark {
            id: "1".into(),
            run: "2".into(),
            from: "the store at old".into(),
            key_digest: "3".into(),
            command: "ofd copy --from a.toml --to b.toml".into(),
            began_at: UnixMillis(1),
            written_at: UnixMillis(2),
            progress,
        }
    }

    #[test]
    fn a_store_is_whole_without_a_mark_and_with_that_of_a_complete_copy_alone() {
        block_on(async {
            let store = MemoryStore::new();
            check_whole(&store).await.unwrap();
            let stages = [
                CopyProgress::Begun,
                CopyProgress::Records { kind: 4, key: "00ff".into() },
                CopyProgress::Streams { kind: 1, owner: u64::MAX, ordinal: 3 },
                CopyProgress::Comparing,
            ];
            let mut version = None;
            for stage in stages {
                let mark = mark(stage);
                version = Some(mark.put(&store, version).await.unwrap());
                assert_eq!(CopyMark::load(&store).await.unwrap(), version.map(|version| (version, mark)));
                let refused = check_whole(&store).await.unwrap_err().to_string();
                assert!(refused.contains("ofd copy --from a.toml --to b.toml"), "{refused}");
            }
            mark(CopyProgress::Complete).put(&store, version).await.unwrap();
            check_whole(&store).await.unwrap();
        });
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_no_leave_to_serve() {
        block_on(async {
            let store = MemoryStore::new();
            store.put_record(RecordKind::Store, COPY_MARK_KEY, None, "{}".into()).await.unwrap();
            assert!(matches!(check_whole(&store).await, Err(NotWhole::Store(StoreError::Corrupt { .. }))));
        });
    }

    #[test]
    fn the_digest_is_that_of_the_key() {
        block_on(async {
            let stores = [MemoryStore::new(), MemoryStore::new(), MemoryStore::new()];
            assert_eq!(ticket_number_key_digest(&stores[0]).await.unwrap(), None);
            let mut digests = Vec::new();
            for (store, drawn) in stores.iter().zip([[1; 32], [1; 32], [2; 32]]) {
                crate::model::ticket_number_key(store, drawn).await.unwrap();
                digests.push(ticket_number_key_digest(store).await.unwrap().unwrap());
            }
            assert_eq!(digests[0], digests[1]);
            assert_ne!(digests[0], digests[2]);
        });
    }
}
