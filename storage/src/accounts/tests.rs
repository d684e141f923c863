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
    let append =
        Append { stream, expected: None, stamp: stamp(1), head, rows: Vec::new(), notes: Vec::new() };
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
    for field in AuditField::ALL {
        assert_eq!(AuditField::from_name(field.name()), Some(field));
    }
    for kind in AddressKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}

#[test]
fn a_row_says_what_it_is_about_and_one_from_before_says_only_what_that_was_called() {
    let told = full_row();
    let stored = serde_json::to_value(&told.entry).unwrap();
    assert_eq!(stored["subject"], NAME);
    assert_eq!(stored["about"], serde_json::json!({"person": "0000000000000001"}));
    assert_eq!(serde_json::from_value::<AuditEntry>(stored.clone()).unwrap(), told.entry);
    let mut older = stored;
    older.as_object_mut().unwrap().remove("about");
    let older: AuditEntry = serde_json::from_value(older).unwrap();
    assert_eq!(older.subject, ToldSubject { of: None, text: NAME.into() });
    assert!(older.subject.is_same(&told.entry.subject), "it goes by the name");
    let namesake = AuditSubject::Person(AccountId(2)).called(NAME);
    assert!(!namesake.is_same(&told.entry.subject), "somebody else of the same name");
}

#[test]
fn a_row_of_a_newer_version_is_read_without_what_it_is_about() {
    let mut stored = serde_json::to_value(full_row().entry).unwrap();
    stored["about"] = serde_json::json!({"spaceship": 7});
    let read: AuditEntry = serde_json::from_value(stored).unwrap();
    assert_eq!(read.subject, ToldSubject { of: None, text: NAME.into() });
}

#[test]
fn a_field_tells_a_change_only_where_there_is_one() {
    assert_eq!(AuditField::Email.change("a", "a"), None);
    let told = FieldChange { field: "email".into(), before: None, after: Some("a".into()) };
    assert_eq!(AuditField::Email.change("", "a"), Some(told));
}

/// Personal data of every kind. None of it may come into a log.
const NAME: &str = "ТЕСТОВ ТЕСТ";
const IIN: &str = "900101300002";
const EMAIL: &str = "person@example.kz";
const PHONE: &str = "+77010000000";
const STREET: &str = "Сарайшық, 44";
const IIK: &str = "KZ86125KZT5004100100";
const WORDS: &str = "in the words of a person";
const NETWORK: &str = "203.0.113.7";

fn proof() -> Proof {
    let (link_hash, code_hash) = ("beef".to_owned(), "feed".to_owned());
    Proof { link_hash, code_hash, expires_at: NOW, tries_left: 1, sent_at: NOW }
}

/// An account with something in every field.
fn full_account() -> Account {
    let mut account = Account::new(AccountId(1), NAME.into(), "ru".into(), NOW);
    account.iin = Some(IIN.into());
    account.phone = PHONE.into();
    account.email = Some(ConfirmedEmail { address: EMAIL.into(), since: NOW });
    account.pending_email = Some(PendingEmail { address: EMAIL.into(), proof: proof() });
    account.password =
        Some(Password { hash: "$argon2id$".into(), since: NOW, wrong_in_a_row: 0, locked_until: None });
    account.recovery = Some(proof());
    account.totp = Some(Totp {
        secret: "deadbeef".into(),
        since: None,
        last_step: 0,
        recovery_codes: vec![RecoveryCode("cafe".into())],
    });
    account.sessions = vec![Session {
        id: "00000000000000a1".into(),
        secret_hash: "facade".into(),
        former: Some(("facade".into(), NOW)),
        since: NOW,
        seen_at: NOW,
        address: NETWORK.into(),
        agent: WORDS.into(),
        method: SessionMethod::Password,
        rights: format!("{IIN}:1"),
        is_renewal_seen: false,
        is_code_shown: true,
    }];
    account.companies = vec![Membership { bin: IIN.into(), title: NAME.into() }];
    account
}

/// An entrepreneur with something in every field: the number of such a company is a person's.
fn full_company() -> Company {
    let mut company = Company::new(IIN.into(), NAME.into(), CompanyKind::Entrepreneur, NOW);
    company.profile.email = EMAIL.into();
    company.profile.phones = PHONE.into();
    company.profile.site = WORDS.into();
    let position = WORDS.into();
    company.profile.head = HeadOfCompany { account: None, name: NAME.into(), iin: IIN.into(), position };
    company.addresses = vec![Address {
        id: 1,
        revision: 1,
        kind: AddressKind::Legal,
        country: "KZ".into(),
        settlement: String::new(),
        place: STREET.into(),
        place_kz: Some(STREET.into()),
        street: STREET.into(),
        email: EMAIL.into(),
        phone: PHONE.into(),
    }];
    company.bank_accounts = vec![BankAccount {
        id: 1,
        revision: 1,
        iik: IIK.into(),
        bic: "HSBKKZKX".into(),
        bank: WORDS.into(),
        kbe: "19".into(),
        kind: "current".into(),
        is_default: true,
        is_guarantee: false,
    }];
    company.members = vec![Member {
        account: AccountId(1),
        name: NAME.into(),
        iin: Some(IIN.into()),
        email: EMAIL.into(),
        roles: vec![Role::Administrator],
        block: Some(Block { reason: WORDS.into(), since: NOW, by: NAME.into() }),
        since: NOW,
        revision: 1,
    }];
    let (roles, by) = (vec![Role::Reader], NAME.into());
    let (email, by_account) = (EMAIL.into(), None);
    company.invitations = vec![Invitation { id: 1, email, roles, at: NOW, by, by_account, proof: proof() }];
    company
}

fn full_row() -> AuditRow {
    let actor = AuditActor { account: Some(AccountId(1)), name: NAME.into(), is_operator: false };
    let changes =
        vec![FieldChange { field: "email".into(), before: Some(EMAIL.into()), after: Some(WORDS.into()) }];
    let (address, subject) = (NETWORK.into(), AuditSubject::Person(AccountId(1)).called(NAME));
    let action = AuditAction::PersonChanged;
    AuditRow { number: 7, entry: AuditEntry { at: NOW, actor, address, action, subject, changes } }
}

fn applications() -> [BankApplication; 3] {
    let (at, by, reason) = (NOW, NAME.to_owned(), WORDS.to_owned());
    let states = [
        ApplicationState::Waiting,
        ApplicationState::Approved { at, by: by.clone() },
        ApplicationState::Rejected { at, by, reason },
    ];
    states.map(|state| BankApplication {
        id: "00000000000000a1".into(),
        bin: IIN.into(),
        company: NAME.into(),
        bic: "ZZZZKZKX".into(),
        name: WORDS.into(),
        comment: WORDS.into(),
        at: NOW,
        by: NAME.into(),
        state,
    })
}

#[test]
fn no_secret_and_no_personal_data_show_in_debug() {
    let (account, company, row) = (full_account(), full_company(), full_row());
    let parts: [&[&dyn std::fmt::Debug]; 4] = [
        &[&account, &account.email, &account.pending_email, &account.password, &account.recovery],
        &[&account.totp, &account.sessions, &account.companies, &row, &applications()],
        &[&company, &company.profile, &company.addresses, &company.bank_accounts, &company.members],
        &[
            &company.invitations,
            &AddedBank { bic: "ZZZZKZKX".into(), name: WORDS.into(), since: NOW, by: NAME.into() },
        ],
    ];
    let mut shown = String::new();
    for part in parts.concat() {
        shown.push_str(&format!("{part:?} {part:#?} "));
    }
    let personal = [NAME, IIN, EMAIL, PHONE, STREET, IIK, WORDS, NETWORK];
    let secrets = ["argon2id", "deadbeef", "cafe", "beef", "feed", "facade"];
    for hidden in personal.into_iter().chain(secrets) {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    // What leads to the thing itself is there.
    for told in ["AccountId(1)", "revision: 1", "Administrator", "PersonChanged", "Rejected", "number: 7"] {
        assert!(shown.contains(told), "no {told} in {shown}");
    }
}

/// A store whose first answer gets lost, and where somebody else then writes before the repeat comes.
struct LostAnswer {
    inner: MemoryStore,
    other: std::sync::Mutex<Option<Append>>,
}

impl crate::through::Through for LostAnswer {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn append(&self, append: Append) -> Result<crate::store::Version, StoreError> {
        let other = self.other.lock().unwrap().take();
        let landed = Store::append(&self.inner, append).await;
        let Some(other) = other else { return landed };
        Store::append(&self.inner, other).await.unwrap();
        Err(StoreError::Unknown { waited: std::time::Duration::from_secs(1) })
    }
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_not_decided_again_when_somebody_wrote_on_top_of_it() {
    let inner = MemoryStore::new();
    let created = create(&inner, company(), Vec::new(), stamp(1)).await.unwrap();
    let mut theirs = created.state.clone();
    theirs.profile.site = "their.example".into();
    theirs.audit_next = 1;
    let head = serde_json::to_vec(&theirs).unwrap().into();
    let stream = Company::stream_of(BIN).unwrap();
    let other = Append {
        stream,
        expected: Some(created.version.next()),
        stamp: stamp(9),
        head,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    let store = LostAnswer { inner, other: std::sync::Mutex::new(Some(other)) };
    let entry = AuditEntry {
        at: NOW,
        actor: AuditActor { account: None, name: "ТЕСТОВ".into(), is_operator: false },
        address: "10.0.0.1".into(),
        action: AuditAction::Invited,
        subject: AuditSubject::Invitation(1).called("a"),
        changes: Vec::new(),
    };
    let saved = save(&store, &created, created.state.clone(), vec![entry.clone()], stamp(2)).await.unwrap();
    assert_eq!(saved.version, created.version.next(), "it landed, once");
    assert_eq!(audit_rows(&store, stream, None, 9).await.unwrap().len(), 1);
    let late = save(&store, &created, created.state.clone(), vec![entry], stamp(3)).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "without a lost answer a conflict stays one");
}
