//! Finding registers of any organisation by the number that their maker gave them.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::entries::lead;
use crate::model::{self, Model as _, RegisterRecord, register_key, serial_prefix};
use crate::store::{RecordKind, Store, StoreError};
use crate::walk::{self, Looked};

pub use crate::model::register_of_serial_key;

/// So many records are looked at in one step: each costs a read, and a write when its entry is missing.
const STEP: usize = 32;

/// Registers that one number leads to: makers number each model by itself.
const FOUND_MAX: usize = 50;

/// The registers with a factory number, whatever marks and capitals it was typed with; by id.
///
/// # Errors
/// Those of the store.
pub async fn registers_of_serial(
    store: &impl Store,
    serial_number: &str,
) -> Result<Vec<RegisterRecord>, StoreError> {
    let Some(prefix) = serial_prefix(serial_number) else { return Ok(Vec::new()) };
    let entries = store.records(RecordKind::RegisterOfSerial, &prefix, None, FOUND_MAX).await?;
    let mut found = Vec::with_capacity(entries.len());
    for id in entries.iter().filter_map(|entry| register_of_serial_key(&entry.key)) {
        match model::load::<RegisterRecord>(store, &register_key(id)).await {
            // Its number may be another one by now.
            Ok(Some((_, record))) if serial_prefix(&record.serial_number).as_ref() == Some(&prefix) => {
                found.push(record);
            }
            Ok(_) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The walk over registers, which adds what leads to them from their factory numbers. The key is in hex.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Stage {
    /// Those up to this key were looked at.
    after: Option<String>,
}

impl walk::Stage for Stage {
    const NAME: &'static str = "serial-walk";

    async fn look(self, store: &impl Store, _: UnixMillis) -> Result<Looked<Self>, StoreError> {
        // A place that is none begins anew.
        let after = self.after.and_then(|after| hex::decode(after).ok());
        let records = store.records(RecordKind::Register, b"", after.as_deref(), STEP).await?;
        // One that cannot be read is told by who reads it.
        let read = records.iter().filter_map(|record| model::decode::<RegisterRecord>(record).ok());
        let added = lead(store, read.filter_map(|(_, register)| register.found_by())).await?;
        let next = records.last().map(|last| Self { after: Some(hex::encode(&last.key)) });
        Ok(Looked { next, added })
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::RegisterId;

    use super::*;
    use crate::memory::MemoryStore;
    use crate::samples;
    use crate::store::Version;
    use crate::walks::{Step, Walk};

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

    fn register(id: u32, serial_number: &str) -> RegisterRecord {
        let serial_number = serial_number.to_owned();
        RegisterRecord { serial_number, ..samples::register(RegisterId(id), "151140001234") }
    }

    async fn found(store: &MemoryStore, typed: &str) -> Vec<u32> {
        registers_of_serial(store, typed).await.unwrap().iter().map(|found| found.id.0).collect()
    }

    #[tokio::test]
    async fn registers_of_any_organisation_are_found_by_the_number_they_have_now() {
        let store = MemoryStore::new();
        for (id, number) in [(2, "SWK-1"), (1, "swk 1"), (3, "SWK-12")] {
            assert!(model::create(&store, &register(id, number)).await.unwrap());
        }
        assert_eq!(found(&store, "SWK1").await, [1, 2]);
        assert_eq!(found(&store, "SWK").await, [0; 0], "the whole number is asked for");
        model::replace(&store, Version::FIRST, &register(2, "NEW")).await.unwrap();
        assert_eq!((found(&store, "swk1").await, found(&store, "new").await), (vec![1], vec![2]));
    }

    #[tokio::test]
    async fn the_walk_leads_to_registers_of_stores_of_before() {
        let store = MemoryStore::new();
        for id in 1..=40 {
            let register = register(id, "SWK-1");
            let json = serde_json::to_vec(&register).unwrap().into();
            store.put_record(RecordKind::Register, &register.key(), None, json).await.unwrap();
        }
        assert_eq!(found(&store, "swk1").await, [0; 0]);
        let mut added = 0;
        while let Step::More { added: more } | Step::Completed { added: more } =
            Walk::Serials.step(&store, NOW).await.unwrap()
        {
            added += more;
        }
        assert_eq!(added, 40);
        assert!(Walk::Serials.is_complete(&store).await.unwrap());
        assert_eq!(found(&store, "swk1").await.len(), 40);
    }
}
