//! After a load has come to rest: what is stored is what was acknowledged, once, as it came.

use std::collections::{BTreeMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_loadtest::fleet::memory;
use serde_json::Value;

use crate::process::Setup;
use crate::tap::Seen;

/// Every document of an export against what the registers of `setup` and the relay know.
///
/// # Panics
/// When anything was lost, stored twice, or differs.
pub fn compare(setup: &Setup, exported: &[Value], seen: &Seen) {
    assert!(seen.wrong.is_empty(), "{}", seen.wrong.join("\n"));
    let mut receipts: BTreeMap<String, u32> = BTreeMap::new();
    let mut of_register: BTreeMap<u32, u64> = BTreeMap::new();
    let mut stored = HashSet::new();
    for document in exported {
        let register = u32::try_from(document["register"].as_u64().unwrap()).unwrap();
        *of_register.entry(register).or_default() += 1;
        let raw = STANDARD.decode(document["raw"].as_str().unwrap()).unwrap();
        assert!(seen.requests.contains(&raw), "these bytes were never sent: {document}");
        assert!(stored.insert(raw), "these bytes are stored twice: {document}");
        if let Some(number) = document["ticket_number"].as_str() {
            let before = receipts.insert(number.to_owned(), register);
            assert_eq!(before, None, "ticket {number} is stored twice");
        }
    }
    // The load ends at rest: everything stored was acknowledged in the end, and the other way round.
    let lost: Vec<_> = seen.receipts.iter().filter(|(number, _)| !receipts.contains_key(*number)).collect();
    assert!(lost.is_empty(), "acknowledged and not stored: {lost:?}");
    assert_eq!(receipts, seen.receipts);
    let (registers, _) = memory::resume(&setup.fleet_file(), &setup.fleet, 203, 1).unwrap();
    for register in registers {
        let id = register.identity().id.0;
        let known = register.state().accepted;
        assert_eq!(of_register.get(&id).copied().unwrap_or(0), known, "documents of register {id}");
    }
}
