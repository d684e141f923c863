//! Backups of real stores: whole, incremental, disturbed, refused; restored at their end and at every moment.

mod disturbed;
mod moments;
mod socket;
mod whole;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use ofd_edge::{DRAWN_LEN, World};
use ofd_protocol::types::UnixMillis;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::store::{RecordKind, Stamp, Store, StreamId, StreamKind};
use tempfile::TempDir;

use super::{BackupError, BackupKind, BackupOptions, Made, Restored, Source, back_up, restore};
use crate::world::SystemWorld;

/// A page for looking at everything.
const ALL: usize = 100_000;

/// A store, and a folder for its backups.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self, name: &str) -> Arc<EmbeddedStore> {
        Arc::new(EmbeddedStore::open(EmbeddedOptions::new(self.path(name))).unwrap())
    }

    /// Backs up into the folder `to`.
    fn back_up(&self, store: &EmbeddedStore) -> Result<Made, BackupError> {
        self.back_up_at(store, crate::clock::now())
    }

    fn back_up_at(&self, store: &EmbeddedStore, now: UnixMillis) -> Result<Made, BackupError> {
        back_up_source(&self.path("to"), now, || Ok(store.moment()?))
    }

    async fn restore(&self, name: &str, until: Option<UnixMillis>) -> Result<Restored, BackupError> {
        restore(&self.path("to"), &self.path(name), until, &SystemWorld).await
    }
}

fn back_up_source<S: Source>(
    to: &Path,
    now: UnixMillis,
    open: impl FnOnce() -> Result<S, BackupError>,
) -> Result<Made, BackupError> {
    back_up(to, &usual(), open, || now, (&AtomicBool::new(false), &mut |_| {}))
}

fn usual() -> BackupOptions {
    BackupOptions {
        bytes_per_second: u64::MAX,
        is_full: false,
        full_after: Duration::from_secs(30 * 24 * 3600),
    }
}

/// All that a store holds but versions, which begin anew in a restored one.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    records: BTreeMap<(RecordKind, Bytes), Bytes>,
    streams: BTreeMap<StreamId, StreamContent>,
}

/// Stamp, head and rows.
type StreamContent = (Stamp, Bytes, Vec<(Bytes, Bytes)>);

async fn content(store: &impl Store) -> Content {
    let mut content = Content { records: BTreeMap::new(), streams: BTreeMap::new() };
    for kind in RecordKind::ALL {
        for record in store.records(*kind, b"", None, ALL).await.unwrap() {
            content.records.insert((*kind, record.key), record.bytes);
        }
    }
    for kind in StreamKind::ALL {
        for stream in store.streams(*kind, None, ALL).await.unwrap() {
            let head = store.head(stream).await.unwrap().unwrap();
            let rows = store.rows(stream, b"", None, ALL).await.unwrap();
            let rows = rows.into_iter().map(|row| (row.key, row.value)).collect();
            content.streams.insert(stream, (head.stamp, head.bytes, rows));
        }
    }
    content
}

/// A world whose time is set by hand, and whose chance is the system's.
#[derive(Clone)]
struct Given(Arc<AtomicU64>);

impl Given {
    fn at(now: u64) -> Self {
        Self(Arc::new(AtomicU64::new(now)))
    }

    fn pass(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl World for Given {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        SystemWorld.draw()
    }
}
