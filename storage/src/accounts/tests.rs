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

fn told(action: AuditAction, subject: &str) -> AuditEntry {
    AuditEntry {
        at: NOW,
        actor: AuditActor {
            account: Some(AccountId(7)), name: "ТЕСТОВ ТЕСТ".into(), is_operator: false
        },
        address: "10.0.0.1".into(),
        action,
        subject: subject.into(),
        changes: vec![FieldChange { field: "email".into(), before: None, after: Some("a@b.kz".into()) }],
    }
}

#[tokio::test]
async fn a_subject_reads_back_as_it_was_written_with_what_its_audit_tells() {
    let store = MemoryStore::new();
    let stream = Company::stream_of(BIN).unwrap();
    assert!(load::<Company>(&store, stream).await.unwrap().is_none());
    let created =
        create(&store, company(), vec![told(AuditAction::CompanyCreated, "")], stamp(1)).await.unwrap();
    assert_eq!(load::<Company>(&store, stream).await.unwrap().unwrap(), created);
    let mut changed = created.state.clone();
    changed.profile.phones = "+7 7172 123456".into();
    let rows = vec![told(AuditAction::ProfileChanged, "1"), told(AuditAction::ProfileChanged, "2")];
    let saved = save(&store, &created, changed, rows, stamp(2)).await.unwrap();
    note(&store, &saved, vec![told(AuditAction::Looked, "page")], stamp(3)).await.unwrap();
    let rows = audit_rows(&store, stream, None, 10).await.unwrap();
    let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [3, 2, 1, 0], "the newest first, without gaps");
    assert_eq!(rows[0].entry.action, AuditAction::Looked);
    assert_eq!(rows[3].entry, told(AuditAction::CompanyCreated, ""));
    let older = audit_rows(&store, stream, Some(2), 1).await.unwrap();
    assert_eq!(
        older.iter().map(|row| row.number).collect::<Vec<_>>(),
        [1],
        "a page begins where another ended"
    );
}

#[tokio::test]
async fn of_two_changes_of_one_state_the_second_is_a_conflict_and_leaves_no_row() {
    let store = MemoryStore::new();
    let created = create(&store, company(), Vec::new(), stamp(1)).await.unwrap();
    save(&store, &created, created.state.clone(), vec![told(AuditAction::Invited, "a")], stamp(2))
        .await
        .unwrap();
    let late =
        save(&store, &created, created.state.clone(), vec![told(AuditAction::Invited, "b")], stamp(3)).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })));
    let twice = create(&store, company(), Vec::new(), stamp(4)).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "a company is created once");
    let rows = audit_rows(&store, Company::stream_of(BIN).unwrap(), None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
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
