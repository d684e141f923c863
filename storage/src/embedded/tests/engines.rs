//! Engines for tests.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::PATIENCE;
use crate::embedded::engine::{Engine, Page, Put, Reach, Table, View, Way, WriteError};
use crate::embedded::witness::Witness;
use crate::embedded::{EmbeddedOptions, EmbeddedStore, FreeSpaceProbe, Opener};
use crate::store::StoreError;

type Entries = BTreeMap<(Table, Bytes), Bytes>;
type Unsynced = BTreeMap<(Table, Bytes), Option<Bytes>>;

/// What survives a crash.
#[derive(Clone, Default)]
pub(super) struct Disk {
    durable: Arc<Mutex<Entries>>,
    /// What the next apply and the next sync come to.
    pub(super) next_apply: Arc<Mutex<Option<WriteError>>>,
    pub(super) next_sync: Arc<Mutex<Option<WriteError>>>,
    /// What the next opening comes to.
    pub(super) next_open: Arc<Mutex<Option<StoreError>>>,
    /// Syncs announce themselves and wait here, if set.
    gate: Arc<Mutex<Option<Gate>>>,
    pub(super) panics: Arc<Mutex<bool>>,
}

struct Gate {
    entered: SyncSender<()>,
    release: Receiver<()>,
}

/// The test's side of a gate.
pub(super) struct Hold {
    entered: Receiver<()>,
    release: SyncSender<()>,
}

impl Hold {
    /// Waits until a sync is under way.
    pub(super) fn sync_begins(&self) {
        self.entered.recv_timeout(PATIENCE).expect("no sync came");
    }

    /// Lets the sync that is under way end.
    pub(super) fn sync_ends(&self) {
        self.release.send(()).unwrap();
    }
}

impl Disk {
    pub(super) fn has(&self, table: Table, key: &[u8]) -> bool {
        self.durable.lock().unwrap().contains_key(&(table, Bytes::copy_from_slice(key)))
    }

    /// How many entries of a table are durable.
    pub(super) fn count(&self, table: Table) -> usize {
        self.durable.lock().unwrap().keys().filter(|(of, _)| *of == table).count()
    }

    /// Makes every sync wait until told, from now on until the hold is dropped.
    pub(super) fn hold_syncs(&self) -> Hold {
        let ((entered_at, entered), (release, released)) = (sync_channel(100), sync_channel(100));
        *self.gate.lock().unwrap() = Some(Gate { entered: entered_at, release: released });
        Hold { entered, release }
    }

    pub(super) fn start(&self) -> EmbeddedStore {
        self.start_with_space(FreeSpaceProbe::from_fn(|_| Ok(u64::MAX)))
    }

    pub(super) fn start_with_space(&self, free_space: FreeSpaceProbe) -> EmbeddedStore {
        self.start_with(free_space, Witness::default())
    }

    pub(super) fn start_with_witness(&self, witness: Witness) -> EmbeddedStore {
        self.start_with(FreeSpaceProbe::from_fn(|_| Ok(u64::MAX)), witness)
    }

    fn start_with(&self, free_space: FreeSpaceProbe, witness: Witness) -> EmbeddedStore {
        let disk = self.clone();
        let opener: Opener = Box::new(move || {
            if let Some(error) = disk.next_open.lock().unwrap().take() {
                return Err(error);
            }
            let engine: Arc<dyn Engine> =
                Arc::new(DroppingEngine { disk: disk.clone(), unsynced: Mutex::default() });
            Ok(engine)
        });
        let mut options = EmbeddedOptions::new("/nowhere");
        options.free_space = free_space;
        options.free_space_check_every = std::time::Duration::ZERO;
        EmbeddedStore::start(&options, opener, witness, ()).unwrap()
    }
}

/// Shows at once what was applied, as a page cache does, and forgets at its end what was not synced.
struct DroppingEngine {
    disk: Disk,
    unsynced: Mutex<Unsynced>,
}

impl Engine for DroppingEngine {
    fn apply(&self, puts: Vec<Put>) -> Result<(), WriteError> {
        assert!(!*self.disk.panics.lock().unwrap(), "told to panic");
        if let Some(error) = self.disk.next_apply.lock().unwrap().take() {
            return Err(error);
        }
        self.unsynced.lock().unwrap().extend(puts.into_iter().map(|put| ((put.table, put.key), put.value)));
        Ok(())
    }

    fn sync(&self) -> Result<(), WriteError> {
        if let Some(gate) = &*self.disk.gate.lock().unwrap() {
            // A test that went away leaves the gate open.
            let _ = gate.entered.send(());
            let _ = gate.release.recv();
        }
        if let Some(error) = self.disk.next_sync.lock().unwrap().take() {
            return Err(error);
        }
        become_of(
            &mut self.disk.durable.lock().unwrap(),
            std::mem::take(&mut *self.unsynced.lock().unwrap()),
        );
        Ok(())
    }

    fn check(&self) -> Result<(), WriteError> {
        Ok(())
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let at = (table, Bytes::copy_from_slice(key));
        if let Some(value) = self.unsynced.lock().unwrap().get(&at) {
            return Ok(value.clone());
        }
        Ok(self.disk.durable.lock().unwrap().get(&at).cloned())
    }

    fn scan(&self, table: Table, page: Page<'_>) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let view = self.view();
        self.scan_view(&view, table, page)
    }

    fn view(&self) -> View {
        let mut all = self.disk.durable.lock().unwrap().clone();
        become_of(&mut all, self.unsynced.lock().unwrap().clone());
        View(Box::new(all))
    }

    fn scan_view(
        &self,
        view: &View,
        table: Table,
        page: Page<'_>,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let all = view.0.downcast_ref::<Entries>().unwrap().clone();
        let found = all.into_iter().filter(|((of, key), _)| {
            *of == table && key.starts_with(page.prefix) && page.after.is_none_or(|after| key > after)
        });
        Ok(found.map(|((_, key), value)| (key, value)).take(page.limit).collect())
    }

    fn read(
        &self,
        table: Table,
        reach: Reach<'_>,
        see: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let page = Page { prefix: b"", after: None, limit: usize::MAX };
        let mut found = self.scan(table, page)?;
        if reach.way == Way::Backwards {
            found.reverse();
        }
        let is_within = |key: &[u8]| key >= reach.from && reach.to.is_none_or(|to| key < to);
        let _all = found.iter().filter(|(key, _)| is_within(key)).all(|(key, value)| see(key, value));
        Ok(())
    }
}

/// Writes and removes entries.
fn become_of(entries: &mut Entries, changes: Unsynced) {
    for (at, value) in changes {
        match value {
            Some(value) => drop(entries.insert(at, value)),
            None => drop(entries.remove(&at)),
        }
    }
}
