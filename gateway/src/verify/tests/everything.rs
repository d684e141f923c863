//! Every kind of stream, row and record is walked, and what leads to something else leads to what it says.

mod paper;
mod registration;

use std::sync::Arc;

use bytes::Bytes;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    self, Account, AccountId, AuditAction, AuditActor, AuditEntry, BankApplication, Company, CompanyKind,
    Member, Paper, PaperKind, PaperSignature, PaperState, Role, ToldSubject,
};
use ofd_storage::claims::{EMAIL_FAMILY, IIN_FAMILY, INVITATION_FAMILY, PROGRAM_TOKEN_FAMILY};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{self, Model, Organisation, RegisterRecord, TradePoint, TradePointId, register_key};
use ofd_storage::papers;
use ofd_storage::registers::{self, RowKind, stream};
use ofd_storage::samples;
use ofd_storage::store::{Append, RecordKind, Row, Stamp, Store, StreamId, StreamKind, Version};
use ofd_storage::walks::{Step, Walk};

use crate::export;
use crate::testing::Shop;
use crate::verify::walk;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

const BIN: &str = "151140001234";

const ACCOUNT: AccountId = AccountId(0x1F);

fn told(action: AuditAction) -> AuditEntry {
    let actor = AuditActor { account: None, name: "ТЕСТОВ".into(), is_operator: false };
    AuditEntry {
        at: NOW,
        actor,
        address: "10.0.0.1".into(),
        action,
        subject: ToldSubject::default(),
        changes: Vec::new(),
    }
}

/// A store with a bit of everything, whole.
pub(super) async fn filled<S: Store>(store: Arc<S>) -> Shop<S> {
    let mut shop = Shop::open(store, 3).await;
    for index in 0..2 {
        shop.work(index, 3).await;
        shop.close(index).await;
        shop.work(index, 2).await;
    }
    let store = &*shop.store;
    model::site_key(store, [5; 32]).await.unwrap();
    let mut account = Account::new(ACCOUNT, "ТЕСТОВ ТЕСТ".into(), "ru".into(), NOW);
    account.iin = Some("880101300123".into());
    let owner = ACCOUNT.to_string();
    store.claim(IIN_FAMILY, "880101300123", owner.as_bytes(), 5, None).await.unwrap();
    store.claim(PROGRAM_TOKEN_FAMILY, &"0f".repeat(32), b"151140001234", 5, None).await.unwrap();
    store.claim(EMAIL_FAMILY, "a@b.kz", owner.as_bytes(), 5, None).await.unwrap();
    store.claim(INVITATION_FAMILY, "00ff", b"taken", 5, None).await.unwrap();
    let rows = [AuditAction::AccountCreated, AuditAction::SignedIn].map(told).to_vec();
    accounts::create(store, account, rows, Stamp([1; 16])).await.unwrap();
    let mut company = Company::new(BIN.into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, NOW);
    company.registrant = Some(ACCOUNT);
    company.members.push(member(ACCOUNT));
    let (pdf, cms) = (Bytes::from_static(b"%PDF"), Bytes::from_static(b"cms"));
    let about = (BIN, 1, PaperKind::ApplicationOne);
    let head = papers::draw(store, about, pdf, Stamp([3; 16])).await.unwrap();
    let cms_hash = papers::sign(store, (BIN, 1), cms, Stamp([4; 16])).await.unwrap();
    (company.papers, company.papers_last) = (vec![signed(head.pdf_hash, cms_hash)], 1);
    let kept = accounts::create(store, company, vec![told(AuditAction::CompanyCreated)], Stamp([2; 16]));
    let kept = kept.await.unwrap();
    registration::fill(store, &kept).await;
    model::create(store, &application(BIN)).await.unwrap();
    shop
}

fn signed(pdf_hash: String, cms_hash: String) -> Paper {
    let signature = PaperSignature { cms_hash, at: NOW };
    Paper { pdf_hash, ..samples::paper(NOW, PaperState::Valid { signature, at: NOW }) }
}

/// Adds rows to a stream that no other call of the test has added: an append is known by its stamp.
async fn put(store: &impl Store, stream: StreamId, rows: Vec<Row>, number: u8) {
    let head = store.head(stream).await.unwrap().unwrap();
    let stamp = Stamp([number ^ u8::try_from(head.version.0).unwrap(); 16]);
    let (expected, notes) = (Some(head.version), Vec::new());
    store.append(Append { stream, expected, stamp, head: head.bytes, rows, notes }).await.unwrap();
}

fn member(account: AccountId) -> Member {
    Member {
        account,
        name: "ТЕСТОВ ТЕСТ".into(),
        iin: None,
        email: String::new(),
        roles: vec![Role::Administrator],
        block: None,
        since: NOW,
        revision: 1,
    }
}

fn application(bin: &str) -> BankApplication {
    BankApplication {
        id: "00000000000000aa".into(),
        bin: bin.into(),
        company: "ТОО «Көктем»".into(),
        bic: "TSESKZKA".into(),
        name: "Банк".into(),
        comment: String::new(),
        at: NOW,
        by: "ТЕСТОВ".into(),
        state: accounts::ApplicationState::Waiting,
    }
}

async fn breaks(store: &impl Store) -> Vec<String> {
    let mut breaks = Vec::new();
    walk(store, |broken| breaks.push(broken.to_string())).await.unwrap();
    breaks
}

/// Exactly this is told, and nothing else.
#[track_caller]
fn expect(breaks: &[String], words: &[&str]) {
    let [broken] = breaks else { panic!("not one break: {breaks:#?}") };
    for word in words {
        assert!(broken.contains(word), "no {word:?} in {broken:?}");
    }
}

#[tokio::test]
async fn a_store_with_everything_in_it_is_whole_and_all_of_it_is_counted() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let walked = walk(&*shop.store, |broken| panic!("{broken}")).await.unwrap();
    let (mut rows, mut records) = (0, 0);
    for &kind in StreamKind::ALL {
        for stream in shop.store.streams(kind, None, 1000).await.unwrap() {
            rows += shop.store.rows(stream, b"", None, 100_000).await.unwrap().len() as u64;
        }
    }
    for &kind in RecordKind::ALL {
        records += shop.store.records(kind, b"", None, 100_000).await.unwrap().len() as u64;
    }
    assert_eq!(walked.documents + walked.rows + walked.audit_rows + walked.papers, rows, "{walked:?}");
    // The company's paper and its registration are rows beside its audit.
    assert_eq!((walked.records, walked.people, walked.audit_rows, walked.papers), (records, 2, 5, 2));
    assert!(walked.rows >= 12, "{walked:?}");
}

#[tokio::test]
async fn nonsense_in_any_kind_of_record_is_told() {
    for &kind in RecordKind::ALL {
        let store = MemoryStore::new();
        match kind {
            RecordKind::Name => drop(store.claim("login", "x", b"?", 1, None).await.unwrap()),
            _ => drop(store.put_record(kind, b"?", None, Bytes::from_static(b"?")).await.unwrap()),
        }
        expect(&breaks(&store).await, &[&format!("record {kind:?}")]);
    }
}

#[tokio::test]
async fn nonsense_in_the_head_of_any_kind_of_stream_is_told() {
    for &kind in StreamKind::ALL {
        let store = MemoryStore::new();
        let stream = StreamId { kind, owner: 7, ordinal: 1 };
        let head = Bytes::from_static(b"?");
        let append = Append {
            stream,
            expected: None,
            stamp: Stamp([1; 16]),
            head,
            rows: Vec::new(),
            notes: Vec::new(),
        };
        store.append(append).await.unwrap();
        let told = breaks(&store).await;
        assert!(
            told.iter().any(|told| told.contains(" of 7") || told.contains("register 7 ")),
            "{kind:?}: {told:?}"
        );
    }
}

/// Adds rows to a stream, and leaves its head as it is.
async fn add(store: &impl Store, stream: StreamId, rows: Vec<Row>) {
    let head = store.head(stream).await.unwrap().unwrap();
    let stamp = Stamp([0xEE; 16]);
    let append =
        Append { stream, expected: Some(head.version), stamp, head: head.bytes, rows, notes: Vec::new() };
    store.append(append).await.unwrap();
}

#[tokio::test]
async fn nonsense_in_any_kind_of_row_is_told() {
    // 0 lies before all kinds, 250 behind them: neither is known.
    for kind in RowKind::ALL.iter().map(|kind| kind.number()).chain([0, 250]) {
        let shop = filled(Arc::new(MemoryStore::new())).await;
        let row = Row { key: Bytes::from(vec![kind, 0xFF, 0xFF]), value: Bytes::from_static(b"?") };
        add(&*shop.store, stream(shop.id(0), 1), vec![row]).await;
        let told = breaks(&*shop.store).await;
        let place = format!("register {} shift 1", shop.id(0));
        assert!(told.iter().any(|told| told.contains(&place)), "rows of kind {kind}: {told:?}");
    }
    for stream in [ACCOUNT.stream(), Company::stream_of(BIN).unwrap()] {
        for kind in [0, 1, 2, 250] {
            let shop = filled(Arc::new(MemoryStore::new())).await;
            let row = Row { key: Bytes::from(vec![kind, 0xFF]), value: Bytes::from_static(b"?") };
            add(&*shop.store, stream, vec![row]).await;
            let what = if kind == 2 && stream.kind == StreamKind::Company { "paper" } else { "audit row" };
            expect(&breaks(&*shop.store).await, &[what, &stream.to_string()]);
        }
    }
}

/// Puts another record in the place of the one that a model has.
async fn replace<M: Model>(store: &impl Store, key: &[u8], change: impl FnOnce(M) -> M) {
    let (version, model) = model::load::<M>(store, key).await.unwrap().unwrap();
    let bytes = serde_json::to_vec(&change(model)).unwrap();
    store.put_record(M::KIND, key, Some(version), bytes.into()).await.unwrap();
}

#[tokio::test]
async fn a_register_leads_to_its_trade_point_its_organisation_and_its_number() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let key = model::register_key(shop.id(0));
    let register: RegisterRecord = model::load(&*shop.store, &key).await.unwrap().unwrap().1;
    type Change = fn(RegisterRecord) -> RegisterRecord;
    let changes: [(Change, &str); 4] = [
        (|old| RegisterRecord { trade_point: TradePointId("0".repeat(32)), ..old }, "its trade point 000"),
        (
            |old| RegisterRecord { bin: "999999999999".into(), ..old },
            "its organisation 999999999999 is missing",
        ),
        (
            |old| RegisterRecord { fns_kkm_id: "000000000001".into(), ..old },
            "from its fns_kkm_id 000000000001",
        ),
        (|old| RegisterRecord { id: ofd_protocol::types::RegisterId(1), ..old }, "what is in it belongs to"),
    ];
    for (change, word) in changes {
        replace(&*shop.store, &key, change).await;
        let told = breaks(&*shop.store).await;
        assert!(told.iter().any(|told| told.contains(word)), "no {word:?} in {told:#?}");
        replace::<RegisterRecord>(&*shop.store, &key, |_| register.clone()).await;
    }
    assert_eq!(breaks(&*shop.store).await, Vec::<String>::new());
    replace(&*shop.store, register.trade_point.0.as_bytes(), |old: TradePoint| TradePoint {
        bin: "999999999999".into(),
        ..old
    })
    .await;
    let told = breaks(&*shop.store).await;
    assert!(told.iter().any(|told| told.contains("its organisation 999999999999 is missing")), "{told:#?}");
    assert!(told.iter().any(|told| told.contains("is one of 999999999999")), "{told:#?}");
    replace(&*shop.store, register.bin.as_bytes(), |old: Organisation| Organisation {
        bin: BIN.into(),
        ..old
    })
    .await;
    let told = breaks(&*shop.store).await;
    assert!(told.iter().any(|told| told.contains(&format!("belongs to {BIN}"))), "{told:#?}");
}

#[tokio::test]
async fn a_register_without_a_first_shift_and_a_shift_without_a_register_are_told() {
    let (whole, lacking) = (filled(Arc::new(MemoryStore::new())).await, MemoryStore::new());
    for &kind in RecordKind::ALL {
        for record in whole.store.records(kind, b"", None, 1000).await.unwrap() {
            if ![RecordKind::Name, RecordKind::BankApplication, RecordKind::ShiftSummary].contains(&kind) {
                lacking.put_record(kind, &record.key, None, record.bytes).await.unwrap();
            }
        }
    }
    let told = breaks(&lacking).await;
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().all(|told| told.contains("its first shift is missing")), "{told:#?}");
    // The other way about: shifts, and no record.
    let store = MemoryStore::new();
    let first = whole.store.head(stream(whole.id(2), 1)).await.unwrap().unwrap();
    let stamp = Stamp([1; 16]);
    let append = Append {
        stream: stream(whole.id(2), 1),
        expected: None,
        stamp,
        head: first.bytes,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    store.append(append).await.unwrap();
    expect(&breaks(&store).await, &["the register has shifts and no record"]);
}

#[tokio::test]
async fn an_organisation_that_is_not_found_by_its_title_is_told_once_all_were_walked() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let store = &*shop.store;
    // As a program of before writes it: nothing leads there.
    let of_before = async |bin: &str, title: &str| {
        let organisation = Organisation {
            bin: bin.into(),
            title: title.into(),
            address: String::new(),
            address_kz: None,
            okved: String::new(),
        };
        let json = serde_json::to_vec(&organisation).unwrap();
        store.put_record(RecordKind::Organisation, bin.as_bytes(), None, json.into()).await.unwrap();
    };
    of_before("000000000019", "Забытое").await;
    assert_eq!(breaks(store).await, Vec::<String>::new(), "the index is still being made");
    while !matches!(Walk::Titles.step(store, NOW).await.unwrap(), Step::Completed { .. }) {}
    assert_eq!(breaks(store).await, Vec::<String>::new());
    of_before("000000000027", "Новое").await;
    let company = Company::new("000000000035".into(), "Лавка".into(), CompanyKind::LegalEntity, NOW);
    let (stream, head) = (Company::stream_of(&company.bin).unwrap(), serde_json::to_vec(&company).unwrap());
    let (stamp, rows) = (Stamp([3; 16]), Vec::new());
    store
        .append(Append { stream, expected: None, stamp, head: head.into(), rows, notes: Vec::new() })
        .await
        .unwrap();
    let told = breaks(store).await;
    let expected = [
        ("Company 1 of 35", "000000000035"),
        ("Company 1 of 35", "лавка"),
        ("record Organisation 000000000027", "000000000027"),
        ("record Organisation 000000000027", "новое"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, (place, word)) in told.iter().zip(expected) {
        assert!(told.starts_with(place) && told.contains(&format!("not found by {word:?}")), "{told}");
    }
}

#[tokio::test]
async fn what_nothing_leads_to_from_its_organisation_is_told_once_all_were_walked() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let store = &*shop.store;
    let old = model::load::<RegisterRecord>(store, &register_key(shop.id(0))).await.unwrap().unwrap().1;
    // Another organisation gets them as a program of before writes them: nothing leads there.
    let bin = "000000000019".to_owned();
    model::create(store, &Organisation::titled(&bin, "Забытое")).await.unwrap();
    let trade_point = TradePointId("0123456789abcdef0123456789abcdef".to_owned());
    let (_, point) =
        model::load::<TradePoint>(store, &old.trade_point.0.into_bytes()).await.unwrap().unwrap();
    let point = TradePoint { id: trade_point.clone(), bin: bin.clone(), ..point };
    let json = serde_json::to_vec(&point).unwrap();
    store.put_record(RecordKind::TradePoint, &point.key(), None, json.into()).await.unwrap();
    let register = RegisterRecord { bin, trade_point, ..old };
    let (key, json) = (register.key(), serde_json::to_vec(&register).unwrap());
    store.put_record(RecordKind::Register, &key, Some(Version(1)), json.into()).await.unwrap();
    assert_eq!(breaks(store).await, Vec::<String>::new(), "the lists are still being made");
    while !matches!(Walk::Holdings.step(store, NOW).await.unwrap(), Step::Completed { .. }) {}
    assert_eq!(breaks(store).await, Vec::<String>::new(), "the walk added both");
    let other = model::create(store, &Organisation::titled("000000000027", "Новое")).await;
    assert!(other.unwrap());
    let point = TradePoint { bin: "000000000027".into(), ..point };
    let json = serde_json::to_vec(&point).unwrap();
    store.put_record(RecordKind::TradePoint, &point.key(), Some(Version(1)), json.into()).await.unwrap();
    let told = breaks(store).await;
    assert!(
        told.iter().any(|told| told.contains("nothing leads to it from its organisation 000000000027")),
        "{told:#?}"
    );
    for key in ["x", "151140001234/123"] {
        store
            .put_record(RecordKind::RegisterOfOrganisation, key.as_bytes(), None, Bytes::new())
            .await
            .unwrap();
    }
    let names_nothing = breaks(store).await.into_iter().filter(|told| told.contains("names nothing that"));
    assert_eq!(names_nothing.count(), 2);
}

#[tokio::test]
async fn without_the_key_of_ticket_numbers_or_with_another_one_documents_are_lost() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let kept = shop.store.record(RecordKind::Store, b"ticket-number-key").await.unwrap().unwrap();
    let put = |version: Version, bytes: &'static [u8]| {
        let store = Arc::clone(&shop.store);
        async move {
            let (kind, bytes) = (RecordKind::Store, Bytes::from_static(bytes));
            store.put_record(kind, b"ticket-number-key", Some(version), bytes).await.unwrap()
        }
    };
    let version = put(kept.version, &[8; 32]).await;
    let told = breaks(&*shop.store).await;
    assert!(
        told.iter().all(|told| told.contains("is that of another place")) && told.len() > 10,
        "{told:#?}"
    );
    put(version, b"short").await;
    expect(&breaks(&*shop.store).await, &["ticket-number-key", "it is not 32 bytes long"]);
}

#[tokio::test]
async fn a_summary_says_what_its_shift_says() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let key = [&model::register_key(shop.id(1))[..], &1_u32.to_be_bytes()].concat();
    let kept = shop.store.record(RecordKind::ShiftSummary, &key).await.unwrap().unwrap();
    let text = String::from_utf8(kept.bytes.to_vec()).unwrap();
    let other = text.replacen("\"documents\":", "\"documents\":1", 1);
    let put = shop.store.put_record(RecordKind::ShiftSummary, &key, Some(kept.version), other.into());
    put.await.unwrap();
    let place = format!("register {} shift 1", shop.id(1));
    expect(&breaks(&*shop.store).await, &[&place, "its summary is not what its head says"]);
}

#[tokio::test]
async fn what_leads_to_a_receipt_leads_to_one_of_which_it_is_true() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let at = stream(shop.id(0), 1);
    let rows = shop.store.rows(at, b"", None, 1000).await.unwrap();
    let of_kind = |kind: RowKind| rows.iter().filter(move |row| row.key[0] == kind.number()).cloned();
    let documents = of_kind(RowKind::Document).count();
    let place = |shift: u32, number: u32| {
        let place = DocumentRef { shift, number };
        Bytes::from([place.shift.to_be_bytes(), place.number.to_be_bytes()].concat())
    };
    let offline = of_kind(RowKind::Offline).next().unwrap();
    let amendment = of_kind(RowKind::Amendment).next().unwrap();
    let cancelled = of_kind(RowKind::Cancelled).next().unwrap();
    let other_key = |row: &Row, at: usize| {
        let mut key = row.key.to_vec();
        key[at] ^= 1;
        Row { key: key.into(), value: row.value.clone() }
    };
    let wrong = [
        ("leads to document 1, which is no receipt", Row { value: place(1, 1), ..offline.clone() }),
        ("which is missing", Row { value: place(1, 9_999), ..offline.clone() }),
        ("the receipt to which it leads never came with that", Row { value: place(2, 2), ..offline.clone() }),
        ("the receipt to which it leads never came with that", Row { value: place(1, 2), ..offline.clone() }),
        ("the receipt to which it leads never came with that", other_key(&offline, 4)),
        ("which is missing", other_key(&amendment, 2)),
        ("does not add what its key says", other_key(&amendment, 8)),
        ("does not add what its key says", Row { value: Bytes::from_static(b"?"), ..amendment.clone() }),
        ("does not cancel it", Row { value: place(1, 2), ..cancelled.clone() }),
        ("which is missing", other_key(&cancelled, 1)),
    ];
    for (word, row) in wrong {
        let shop = filled(Arc::new(MemoryStore::new())).await;
        add(&*shop.store, at, vec![row.clone()]).await;
        let told = breaks(&*shop.store).await;
        assert!(told.iter().any(|told| told.contains(word)), "no {word:?} of {row:?} in {told:#?}");
    }
    assert!(documents > 5);
}

#[tokio::test]
async fn names_lead_to_those_who_have_them_and_people_to_each_other() {
    let store = MemoryStore::new();
    let account =
        Account { iin: Some("880101300123".into()), ..Account::new(ACCOUNT, "A".into(), "ru".into(), NOW) };
    accounts::create(&store, account, Vec::new(), Stamp([1; 16])).await.unwrap();
    expect(&breaks(&store).await, &["its iin is not claimed for it"]);
    store.claim(IIN_FAMILY, "880101300123", b"000000000000002a", 5, None).await.unwrap();
    expect(&breaks(&store).await, &["its iin is claimed by account 000000000000002a"]);
    let from = Some(&b"000000000000002a"[..]);
    store.claim(IIN_FAMILY, "880101300123", ACCOUNT.to_string().as_bytes(), 5, from).await.unwrap();
    assert_eq!(breaks(&store).await, Vec::<String>::new());
    store.claim(EMAIL_FAMILY, "a@b.kz", b"nobody", 5, None).await.unwrap();
    expect(&breaks(&store).await, &["email/a@b.kz", "its owner is no account"]);
    let store = MemoryStore::new();
    let mut company = Company::new(BIN.into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
    company.members.push(member(ACCOUNT));
    accounts::create(&store, company, Vec::new(), Stamp([1; 16])).await.unwrap();
    expect(&breaks(&store).await, &["one of its people, account 000000000000001f, is missing"]);
    let store = MemoryStore::new();
    model::create(&store, &application("151140001235")).await.unwrap();
    expect(&breaks(&store).await, &["its company 151140001235 is missing"]);
}

#[tokio::test]
async fn an_audit_has_no_gaps() {
    let store = MemoryStore::new();
    let rows = vec![told(AuditAction::AccountCreated); 5];
    let account = Account::new(ACCOUNT, "A".into(), "ru".into(), NOW);
    accounts::create(&store, account, rows, Stamp([1; 16])).await.unwrap();
    let (kept, head) = (
        store.rows(ACCOUNT.stream(), b"", None, 10).await.unwrap(),
        store.head(ACCOUNT.stream()).await.unwrap().unwrap(),
    );
    for (lost, told) in [(0, "row 4 is"), (1, "row 3 is"), (4, "row 0 is")] {
        let store = MemoryStore::new();
        let mut rows = kept.clone();
        rows.remove(lost);
        let (stream, stamp) = (ACCOUNT.stream(), Stamp([1; 16]));
        store
            .append(Append {
                stream,
                expected: None,
                stamp,
                head: head.bytes.clone(),
                rows,
                notes: Vec::new(),
            })
            .await
            .unwrap();
        expect(&breaks(&store).await, &[told]);
    }
}

#[tokio::test]
async fn behind_a_break_of_a_register_the_walk_goes_on() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let mut lost = Vec::new();
    for shift in [1, 2] {
        let place = DocumentRef { shift, number: 2 };
        let document = registers::document(&*shop.store, shop.id(0), place).await.unwrap().unwrap();
        let rows =
            shop.store.rows(stream(shop.id(0), shift), &[RowKind::Document.number()], None, 3).await.unwrap();
        let mut value = rows[1].value.to_vec();
        *value.last_mut().unwrap() ^= 1;
        lost.push(Row { key: rows[1].key.clone(), value: value.into() });
        assert_eq!(document.number, 2);
        add(&*shop.store, stream(shop.id(0), shift), vec![lost.pop().unwrap()]).await;
    }
    let told = breaks(&*shop.store).await;
    for shift in [1, 2] {
        let place = format!("register {} shift {shift} document 2: its CRC is", shop.id(0));
        assert!(told.iter().any(|told| told.contains(&place)), "{told:#?}");
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_told_by_export_and_all_others_are_written() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let (mut whole, mut rest, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let count = export::run(&*shop.store, None, &mut whole, &mut |broken| panic!("{broken}")).await.unwrap();
    let row = Row { key: Bytes::from_static(&[1, 0, 0, 0, 2]), value: Bytes::from_static(b"?") };
    add(&*shop.store, stream(shop.id(0), 1), vec![row]).await;
    let left = export::run(&*shop.store, None, &mut rest, &mut |broken| told.push(broken.to_string()))
        .await
        .unwrap();
    assert_eq!((left, told.len()), (count - 1, 1), "{told:?}");
    let lines = |text: &[u8]| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (whole, rest) = (lines(&whole), lines(&rest));
    assert_eq!(whole.iter().filter(|line| !rest.contains(line)).count(), 1);
}

#[tokio::test]
async fn a_register_whose_last_document_does_not_fit_its_state_is_not_served() {
    let mut shop = filled(Arc::new(MemoryStore::new())).await;
    let at = stream(shop.id(0), 2);
    let old = shop.store.head(at).await.unwrap().unwrap();
    assert_eq!(shop.try_to_sell(0).await, 0);
    // Head and rows lie in tables of their own: one may have lost more than the other.
    let new = shop.store.head(at).await.unwrap().unwrap();
    let stamp = Stamp([9; 16]);
    let back = Append {
        stream: at,
        expected: Some(new.version),
        stamp,
        head: old.bytes,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    shop.store.append(back).await.unwrap();
    let store = Arc::clone(&shop.store);
    shop.serve_from(store).await;
    assert_eq!(shop.try_to_sell(0).await, 255, "a number would be given a second time");
    assert_eq!(shop.try_to_sell(1).await, 0, "others go on");
}
