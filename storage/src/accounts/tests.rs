use ofd_protocol::types::UnixMillis;

use super::*;
use crate::memory::MemoryStore;
use crate::store::{Append, Stamp, Store, StoreError};

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const BIN: &str = "151140001234";

fn stamp(number: u8) -> Stamp {
    Stamp([number; 16])
}

fn company() -> Company {
    Company::new(BIN.into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, NOW)
}

#[tokio::test]
async fn a_head_that_is_not_of_its_stream_is_damage() {
    let store = MemoryStore::new();
    let stream = Company::stream_of("000000000019").unwrap();
    let head = serde_json::to_vec(&company()).unwrap().into();
    let append = Append { stream, expected: None, stamp: stamp(1), head, rows: Vec::new() };
    store.append(append).await.unwrap();
    assert!(matches!(load::<Company>(&store, stream).await, Err(StoreError::Corrupt { .. })));
}

#[test]
fn only_twelve_digits_name_a_company() {
    assert_eq!(Company::stream_of("000000000019").unwrap().owner, 19);
    assert_eq!(Company::stream_of(OPERATOR).unwrap().owner, 0);
    for none in ["", "19", "0000000000190", "00000000001a", "+00000000019"] {
        assert_eq!(Company::stream_of(none), None, "{none:?}");
    }
}

#[test]
fn an_accounts_id_is_written_as_16_hex_digits() {
    let id = AccountId(0x1F);
    assert_eq!(id.to_string(), "000000000000001f");
    assert_eq!("000000000000001f".parse(), Ok(id));
    for none in ["", "1f", "000000000000000g", "0000000000000000", "+00000000000001f"] {
        assert!(none.parse::<AccountId>().is_err(), "{none:?}");
    }
}

#[test]
fn names_that_are_stored_are_those_of_forms_and_texts() {
    for role in Role::ALL {
        assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        assert_eq!(Role::from_name(role.name()), Some(role));
    }
    for action in AuditAction::ALL {
        assert_eq!(serde_json::to_value(action).unwrap(), action.name());
    }
    for kind in AddressKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}

#[test]
fn no_secret_shows_in_debug() {
    let mut account = Account::new(AccountId(1), "ТЕСТОВ".into(), "ru".into(), NOW);
    account.password =
        Some(Password { hash: "$argon2id$".into(), since: NOW, wrong_in_a_row: 0, locked_until: None });
    account.totp = Some(Totp {
        secret: "deadbeef".into(),
        since: None,
        last_step: 0,
        recovery_codes: vec![RecoveryCode("cafe".into())],
    });
    let shown = format!("{account:?}{:?}{:?}", account.password, account.totp);
    for secret in ["ТЕСТОВ", "argon2id", "deadbeef", "cafe"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
