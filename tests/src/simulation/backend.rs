//! The stores that a simulation runs on.

use std::sync::Arc;

use ofd_storage::cql::{CqlOptions, CqlStore, Extent, migrate};
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::Store;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::blocking::{Blocking, wait};

/// A kind of store that a simulation can open, lose all processes of, and open again.
pub trait SimBackend {
    /// What the gateways stand on.
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

/// The store in a keyspace of a real cluster.
pub struct InCluster {
    options: CqlOptions,
    runtime: Arc<Runtime>,
}

impl InCluster {
    /// In the keyspace of these options, which is created when it is first opened.
    pub fn new(options: CqlOptions) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { options, runtime: Arc::new(runtime.expect("a runtime for the cluster's driver")) }
    }

    fn connect(&self) -> Blocking<CqlStore> {
        let options = self.options.clone();
        let store = wait(&self.runtime, CqlStore::open(options)).expect("the cluster's store opens");
        Blocking::new(store, Arc::clone(&self.runtime))
    }
}

impl SimBackend for InCluster {
    type Store = Blocking<CqlStore>;

    fn open(&mut self) -> Blocking<CqlStore> {
        let options = self.options.clone();
        wait(&self.runtime, async move { migrate(&options, Extent::Expand, |_| ()).await.map(|_| ()) })
            .expect("the keyspace is created");
        self.connect()
    }

    fn reopen(&mut self, dead: Blocking<CqlStore>) -> Blocking<CqlStore> {
        drop(dead);
        self.connect()
    }
}
