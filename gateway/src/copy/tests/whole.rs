//! What a copy holds and what it says of it.

use std::sync::Arc;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, AccountId, ApplicationState, AuditAction, AuditActor, AuditEntry, BankApplication, Company,
    CompanyKind, ToldSubject, audit_rows, create, load, note, save,
};
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use ofd_storage::feed;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{self, CopyMark, CopyProgress, Model, check_whole};
use ofd_storage::note::{CHANGE_LIFE_MS, change_key, heard_key};
use ofd_storage::store::{
    Append, Note, NoteKind, RecordKind, Row, Stamp, Store, StreamId, StreamKind, Version,
};

use super::super::{CopyError, Tally};
use super::{FROM, content, copy, copying};
use crate::testing::{self, Shop};
use crate::verify;

fn shift(owner: u64, ordinal: u32) -> StreamId {
    StreamId { kind: StreamKind::Shift, owner, ordinal }
}

async fn reopen_copy(store: &MemoryStore) {
    let (version, mark) = CopyMark::load(store).await.unwrap().unwrap();
    let mark = CopyMark { progress: CopyProgress::Comparing, ..mark };
    mark.put(store, Some(version)).await.unwrap();
}

#[tokio::test]
async fn a_copy_holds_all_that_the_source_holds_and_the_source_stays_as_it_was() {
    let shop = testing::store().await;
    shop.count_figures().await;
    let source = shop.store;
    // How far a reader of the feed is belongs to its store.
    let mut before = content(&*source).await;
    let target = Arc::new(MemoryStore::new());
    let report = copy(&source, &target).await.unwrap();
    assert_eq!(content(&*source).await, before);
    before.records.retain(|(kind, key), _| *kind != RecordKind::Store || !feed::is_fact(key));
    assert_eq!(content(&*target).await, before);
    assert_eq!(source.record(RecordKind::Store, b"copy").await.unwrap(), None, "the source is not marked");
    check_whole(&*target).await.unwrap();

    let walked = verify::walk_shifts(&*source, |found| panic!("{found}")).await.unwrap();
    assert_eq!((report.walked, report.breaks), (walked, 0));
    assert_eq!(report.held.documents, walked.documents, "rows that are documents are counted as such");
    let Tally { organisations, trade_points, registers, other_records, shifts, other_rows, bytes, .. } =
        report.held;
    assert_eq!((organisations, trade_points, registers, shifts), (2, 3, 6, walked.shifts));
    assert_eq!(report.held.figures, 4, "two of six registers never sold");
    assert_eq!(report.held.people, 1, "the audit of the organisation whose register was changed");
    let rows: usize = before.streams.values().map(|(_, _, rows)| rows.len()).sum();
    assert_eq!(report.held.documents + other_rows, rows as u64);
    assert_eq!((organisations + trade_points + registers + other_records) as usize, before.records.len());
    assert!(other_rows > 20 && bytes > 100_000, "{other_rows} {bytes}");
}

fn told(action: AuditAction) -> AuditEntry {
    let actor = AuditActor { account: None, name: "ТЕСТОВ".into(), is_operator: false };
    let at = UnixMillis(1_790_000_000_000);
    AuditEntry {
        at,
        actor,
        address: "10.0.0.1".into(),
        action,
        subject: ToldSubject::default(),
        changes: Vec::new(),
    }
}

/// A person with a company that applied for a bank, each with rows of audit.
async fn settle_people(store: &MemoryStore) -> (AccountId, Company, BankApplication) {
    let (id, now, stamp) = (AccountId(0xA001), UnixMillis(1_790_000_000_000), |number| Stamp([number; 16]));
    let account = Account::new(id, "ТЕСТОВ ТЕСТ".into(), "kk".into(), now);
    let kept = create(store, account, vec![told(AuditAction::AccountCreated)], stamp(1)).await.unwrap();
    note(store, &kept, vec![told(AuditAction::SignedIn); 30], stamp(2)).await.unwrap();
    let company = Company::new("151140001234".into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, now);
    let kept = create(store, company, vec![told(AuditAction::CompanyCreated)], stamp(3)).await.unwrap();
    let kept = note(store, &kept, vec![told(AuditAction::BankApplied)], stamp(4)).await.unwrap();
    let application = BankApplication {
        id: "00000000000000a1".into(),
        bin: kept.state.bin.clone(),
        company: kept.state.title.clone(),
        bic: "ZZZZKZKX".into(),
        name: "Жаңа банк".into(),
        comment: String::new(),
        at: now,
        by: "ТЕСТОВ ТЕСТ".into(),
        state: ApplicationState::Waiting,
    };
    assert!(model::create(store, &application).await.unwrap());
    (id, kept.state, application)
}

#[tokio::test]
async fn people_companies_their_audits_and_applications_for_banks_go_over() {
    let source = testing::store().await.store;
    let (id, company, application) = settle_people(&source).await;
    let target = Arc::new(MemoryStore::new());
    copy(&source, &target).await.unwrap();
    assert_eq!(content(&*target).await, content(&*source).await);
    let stream = Company::stream_of(&company.bin).unwrap();
    for (owner, actions) in [
        (id.stream(), [vec![AuditAction::SignedIn; 30], vec![AuditAction::AccountCreated]].concat()),
        (stream, vec![AuditAction::BankApplied, AuditAction::CompanyCreated]),
    ] {
        let rows = audit_rows(&*target, owner, None, 100).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.entry.action).collect::<Vec<_>>(), actions);
    }
    // What was copied is gone on with.
    let copied = load::<Company>(&*target, stream).await.unwrap().unwrap();
    assert_eq!(copied.state, company);
    save(&*target, &copied, company, Vec::new(), Stamp([9; 16])).await.unwrap();
    assert!(load::<Account>(&*target, id.stream()).await.unwrap().is_some());
    let found = model::load::<BankApplication>(&*target, &application.key()).await.unwrap();
    assert_eq!(found.map(|(_, found)| found), Some(application));
}

#[tokio::test]
async fn a_shift_that_is_longer_than_an_append_goes_over_in_parts() {
    let source = testing::store().await.store;
    let target = Arc::new(MemoryStore::new());
    copy(&source, &target).await.unwrap();
    let mut parts = Vec::new();
    for stream in target.streams(StreamKind::Shift, None, 100).await.unwrap() {
        parts.push(target.head(stream).await.unwrap().unwrap().version.0);
    }
    assert!(parts.contains(&1), "{parts:?}");
    assert!(parts.iter().any(|version| *version > 10), "{parts:?}");
}

#[tokio::test]
async fn a_copy_of_a_copy_over_a_directory_is_the_source() {
    let source = testing::store().await.store;
    let directory = tempfile::tempdir().unwrap();
    let embedded = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(directory.path())).unwrap());
    copy(&source, &embedded).await.unwrap();
    embedded.close().await.unwrap();
    drop(embedded);
    let embedded = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(directory.path())).unwrap());
    let last = Arc::new(MemoryStore::new());
    copy(&embedded, &last).await.unwrap();
    assert_eq!(content(&*last).await, content(&*source).await);
    embedded.close().await.unwrap();
}

#[tokio::test]
async fn registers_go_on_where_they_were() {
    let mut shop = testing::store().await;
    let target = Arc::new(MemoryStore::new());
    copy(&shop.store, &target).await.unwrap();
    shop.serve_from(target).await;
    for index in 0..shop.registers() {
        shop.sell(index).await;
        shop.close(index).await;
        shop.sell(index).await;
    }
    shop.expect_no_differences();
    verify::walk_shifts(&*shop.store, |found| panic!("{found}")).await.unwrap();
}

#[tokio::test]
async fn a_complete_copy_is_only_compared() {
    let mut shop = testing::store().await;
    let target = Arc::new(MemoryStore::new());
    copy(&shop.store, &target).await.unwrap();
    let mark = target.record(RecordKind::Store, b"copy").await.unwrap();
    let again = copy(&shop.store, &target).await.unwrap();
    assert!(again.was_complete && again.breaks == 0);
    assert_eq!(target.record(RecordKind::Store, b"copy").await.unwrap(), mark, "nothing is written");
    // One of the two goes on.
    shop.sell(1).await;
    let before = content(&*target).await;
    let error = copy(&shop.store, &target).await.unwrap_err();
    assert!(matches!(error, CopyError::Differs { .. }), "{error}");
    assert!(error.to_string().contains("its heads differ"), "{error}");
    assert_eq!(content(&*target).await, before, "nothing is written");
    check_whole(&*target).await.unwrap();
}

#[tokio::test]
async fn what_is_broken_at_the_source_is_copied_as_it_is_and_named() {
    let source = testing::store().await.store;
    let row = |key: &[u8]| Row { key: Bytes::copy_from_slice(key), value: Bytes::from_static(b"garbage") };
    let append = Append {
        stream: shift(999, 3),
        expected: None,
        stamp: Stamp([9; 16]),
        head: Bytes::from_static(b"\x07"),
        rows: vec![row(b"\x01\0\0\0\x01"), row(b""), row(b"\xff")],
        notes: Vec::new(),
    };
    source.append(append).await.unwrap();
    let target = Arc::new(MemoryStore::new());
    let report = copy(&source, &target).await.unwrap();
    let told: Vec<String> = report.first_breaks.iter().map(ToString::to_string).collect();
    for words in
        ["the register has shifts and no record", "shift 3: it follows shift 0", "the head has format 7"]
    {
        assert!(told.iter().any(|told| told.contains(words)), "no {words:?} in {told:?}");
    }
    assert!(told.iter().all(|told| told.contains("999 shift ")), "{told:?}");
    assert_eq!(content(&*target).await, content(&*source).await);
    check_whole(&*target).await.unwrap();
}

#[tokio::test]
async fn a_row_that_differs_under_an_equal_head_is_found_and_written_again() {
    let source = testing::store().await.store;
    let target = Arc::new(MemoryStore::new());
    copy(&source, &target).await.unwrap();
    let stream = target.streams(StreamKind::Shift, None, 100).await.unwrap()[1];
    let head = target.head(stream).await.unwrap().unwrap();
    let mut row = target.rows(stream, b"", None, 1).await.unwrap().swap_remove(0);
    row.value = Bytes::from_static(b"another");
    for (expected, stamp, rows) in
        [(head.version, Stamp([1; 16]), vec![row]), (head.version.next(), head.stamp, Vec::new())]
    {
        let append = Append {
            stream,
            expected: Some(expected),
            stamp,
            head: head.bytes.clone(),
            rows,
            notes: Vec::new(),
        };
        target.append(append).await.unwrap();
    }
    let error = copy(&source, &target).await.unwrap_err().to_string();
    assert!(error.contains("row 0x01"), "{error}");
    reopen_copy(&target).await;
    let (copying, said) = copying();
    copying.run(Arc::clone(&source), Arc::clone(&target)).await.unwrap();
    assert_eq!(content(&*target).await, content(&*source).await);
    let said = said.lock().unwrap().join("\n");
    assert!(said.contains("copied again: register"), "{said}");
}

#[tokio::test]
async fn what_the_target_alone_holds_is_never_passed_over() {
    let source = testing::store().await.store;
    let extra = |stream| Append {
        stream,
        expected: None,
        stamp: Stamp([1; 16]),
        head: Bytes::from_static(b"head"),
        rows: Vec::new(),
        notes: Vec::new(),
    };
    for case in 0..3 {
        let target = Arc::new(MemoryStore::new());
        copy(&source, &target).await.unwrap();
        reopen_copy(&target).await;
        let words = match case {
            0 => {
                target.append(extra(shift(7, 1))).await.unwrap();
                "shift 1: the source has none"
            }
            1 => {
                target.put_record(RecordKind::TradePoint, b"zzz", None, Bytes::new()).await.unwrap();
                "record TradePoint \"zzz\": the source has none"
            }
            _ => {
                let stream = target.streams(StreamKind::Shift, None, 1).await.unwrap()[0];
                let head = target.head(stream).await.unwrap().unwrap();
                let rows = vec![Row { key: Bytes::from_static(b"zzz"), value: Bytes::new() }];
                let append = Append {
                    expected: Some(head.version),
                    rows,
                    head: head.bytes,
                    stamp: Stamp([1; 16]),
                    ..extra(stream)
                };
                target.append(append).await.unwrap();
                "row 0x7a7a7a is at the target alone"
            }
        };
        let error = copy(&source, &target).await.unwrap_err().to_string();
        assert!(error.contains(words), "{case}: {error}");
        check_whole(&*target).await.unwrap_err();
    }
}

/// A store that others use too.
fn shared(store: &Arc<MemoryStore>) -> Arc<Faulty<Arc<MemoryStore>>> {
    let faulty = Faulty::new(Arc::clone(store), "source", 1, FaultRates::default(), FaultJournal::default());
    Arc::new(faulty.sharing(Sharing::Shared))
}

/// Sells a receipt whenever the copy says a line that begins with one of `at`, up to `times`.
async fn copy_while_selling(
    mut shop: Shop<MemoryStore>,
    at: &'static [&'static str],
    times: usize,
) -> (Result<super::Report, CopyError>, Vec<String>, Shop<MemoryStore>, Arc<MemoryStore>) {
    let source = shared(&shop.store);
    let target = Arc::new(MemoryStore::new());
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let (mut copying, said) = copying();
    let lines = Arc::clone(&said);
    copying.progress = Arc::new(super::Progress::new(move |line| {
        lines.lock().unwrap().push(line.to_owned());
        if at.iter().any(|begins| line.starts_with(begins)) {
            sender.send(()).unwrap();
        }
    }));
    let selling = async {
        for _ in 0..times {
            let Some(()) = receiver.recv().await else { break };
            shop.sell(4).await;
        }
        std::future::pending::<()>().await;
    };
    let result = tokio::select! {
        result = copying.run(source, Arc::clone(&target)) => result,
        () = selling => unreachable!("it never ends"),
    };
    let said = said.lock().unwrap().clone();
    (result, said, shop, target)
}

#[tokio::test]
async fn what_changes_at_the_source_meanwhile_is_copied_again() {
    for at in [&["copying"], &["comparing"], &["walking"]] {
        let (result, said, shop, target) = copy_while_selling(testing::store().await, at, 1).await;
        result.unwrap_or_else(|error| panic!("{at:?}: {error}"));
        assert_eq!(content(&*target).await, content(&*shop.store).await, "{at:?}");
        if *at != ["copying"] {
            assert!(
                said.iter().any(|line| line.starts_with("changed meanwhile and copied again: ")),
                "{said:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_source_that_never_stands_still_is_refused_and_the_copy_goes_on_once_it_does() {
    let (result, said, shop, target) =
        copy_while_selling(testing::store().await, &["comparing", "walking"], usize::MAX).await;
    let error = result.unwrap_err();
    assert!(matches!(error, CopyError::Moving { .. }), "{error}\n{said:?}");
    assert!(error.to_string().contains("stop every gateway"), "{error}");
    check_whole(&*target).await.unwrap_err();
    copy(&shop.store, &target).await.unwrap();
    assert_eq!(content(&*target).await, content(&*shop.store).await);
}

#[tokio::test]
async fn records_that_change_between_two_runs_are_brought_up_to_date() {
    let source = testing::store().await.store;
    let target = Arc::new(MemoryStore::new());
    copy(&source, &target).await.unwrap();
    let register = source.records(RecordKind::Register, b"", None, 1).await.unwrap().swap_remove(0);
    let changed = Bytes::from_static(b"{}");
    source.put_record(RecordKind::Register, &register.key, Some(register.version), changed).await.unwrap();
    source.claim("invitation", "kassir/1", b"other", 99, Some(b"b")).await.unwrap();
    reopen_copy(&target).await;
    copy(&source, &target).await.unwrap();
    assert_eq!(content(&*target).await, content(&*source).await);
}

#[tokio::test]
async fn the_mark_says_what_is_copied_and_how_to_go_on() {
    let source = testing::store().await.store;
    let target = Arc::new(MemoryStore::new());
    copy(&source, &target).await.unwrap();
    let (version, mark) = CopyMark::load(&*target).await.unwrap().unwrap();
    assert!(version > Version::FIRST && mark.began_at > UnixMillis(0) && mark.written_at >= mark.began_at);
    assert_eq!((mark.from.as_str(), mark.command.as_str()), (FROM, super::COMMAND));
}

#[tokio::test]
async fn changes_that_are_noted_go_over_and_no_other_notes() {
    const MINUTE_MS: u64 = 60_000;
    let source = testing::store().await.store;
    let now_ms = crate::clock::now().0;
    let ago = |minutes: u64| now_ms - minutes * MINUTE_MS;
    let change = |register: u32, at_ms: u64| Note {
        kind: NoteKind::Change,
        key: change_key(u32::try_from(at_ms / MINUTE_MS).unwrap(), register),
        bytes: Bytes::from(format!("of {register}")),
        at_ms,
        expires_ms: at_ms + CHANGE_LIFE_MS,
    };
    // More of one group than a page holds; and others of the oldest minute, and of a clock that is ahead.
    let mut kept: Vec<_> = (0..600).map(|number| change(5 + 32 * number, ago(3))).collect();
    kept.extend([change(7, ago(9)), change(8, now_ms + 2 * MINUTE_MS)]);
    // A paper whose signature is asked about again waits on the target, too.
    let paper = [&[0][..], b"151140001234", &1_u32.to_be_bytes()].concat();
    kept.push(Note { kind: NoteKind::PaperWaiting, key: paper.into(), ..change(7, now_ms) });
    for group in [1, 2, 3, 4] {
        let registration = [&[group][..], b"151140001234", &7_u32.to_be_bytes()].concat();
        kept.push(Note {
            kind: NoteKind::RegistrationWaiting,
            key: registration.into(),
            ..change(7, now_ms)
        });
    }
    let over = Note { expires_ms: ago(1), ..change(9, ago(4)) };
    let heard = Note { kind: NoteKind::Heard, key: heard_key(7), ..change(7, now_ms) };
    let session = Note { kind: NoteKind::PhoneSigning, key: vec![7; 32].into(), ..change(7, now_ms) };
    let gone = [over, heard, session];
    for note in kept.iter().chain(&gone) {
        source.note(note.clone()).await.unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let target = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(directory.path())).unwrap());
    let (copying, said) = copying();
    copying.run(Arc::clone(&source), Arc::clone(&target)).await.unwrap();
    for note in &kept {
        assert_eq!(target.noted(note.kind, &note.key, now_ms).await.unwrap().as_ref(), Some(note));
    }
    for note in gone {
        assert_eq!(target.noted(note.kind, &note.key, 0).await.unwrap(), None, "{:?}", note.kind);
    }
    // The registers of the store announced themselves besides.
    let said = said.lock().unwrap().clone();
    let told = said.iter().find_map(|line| line.strip_suffix(" notes of changes are at the target"));
    assert!(told.is_some_and(|count| count.parse::<usize>().unwrap() >= 602), "{said:?}");
    assert_eq!(content(&*target).await, content(&*source).await);
}
