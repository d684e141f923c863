//! What a batch writes, as it grows.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::engine::{Engine, Put, Table};
use crate::store::StoreError;

/// What the writes judged so far want to put; of two puts of one key the later counts.
#[derive(Default)]
pub(super) struct Batch {
    puts: BTreeMap<(Table, Bytes), Option<Bytes>>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.puts.is_empty()
    }

    pub(super) fn into_puts(self) -> Vec<Put> {
        self.puts.into_iter().map(|((table, key), value)| Put { table, key, value }).collect()
    }

    pub(super) fn put(&mut self, put: Put) {
        self.puts.insert((put.table, put.key), put.value);
    }

    pub(super) fn remove(&mut self, table: Table, key: Bytes) {
        self.puts.insert((table, key), None);
    }

    pub(super) fn get(
        &self,
        engine: &dyn Engine,
        table: Table,
        key: Bytes,
    ) -> Result<Option<Bytes>, StoreError> {
        let at = (table, key);
        match self.puts.get(&at) {
            Some(value) => Ok(value.clone()),
            None => engine.get(table, &at.1),
        }
    }
}
