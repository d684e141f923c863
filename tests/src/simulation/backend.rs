//! The stores that a simulation runs on.

use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::Store;
use tempfile::TempDir;

/// A kind of store that a simulation can open, lose all processes of, and open again.
pub trait SimBackend {
    /// The store.
    type Store: Store;

    /// Opens it, empty.
    fn open(&mut self) -> Self::Store;

    /// Opens it again after every process that used it died.
    fn reopen(&mut self, dead: Self::Store) -> Self::Store;
}

/// The store in memory.
#[derive(Debug, Default)]
pub struct InMemory;

impl SimBackend for InMemory {
    type Store = MemoryStore;

    fn open(&mut self) -> MemoryStore {
        MemoryStore::new()
    }

    fn reopen(&mut self, dead: MemoryStore) -> MemoryStore {
        dead.another_handle()
    }
}

/// The embedded store in a directory that goes when the run is over.
#[derive(Debug)]
pub struct Embedded(TempDir);

impl Default for Embedded {
    fn default() -> Self {
        Self(tempfile::tempdir().expect("the system has a place for temporary files"))
    }
}

impl SimBackend for Embedded {
    type Store = EmbeddedStore;

    fn open(&mut self) -> EmbeddedStore {
        let options = EmbeddedOptions::new(self.0.path());
        EmbeddedStore::open(options).expect("a store can be opened in a temporary directory")
    }

    fn reopen(&mut self, dead: EmbeddedStore) -> EmbeddedStore {
        drop(dead);
        self.open()
    }
}
