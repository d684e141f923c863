use ofd_protocol::message::Command;
use ofd_protocol::register::{Fingerprint, UNCONFIRMED_MAX};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::Token;

use super::*;
use crate::memory::MemoryStore;
use crate::store::{Append, HeadFormat, Stamp, Version};

const ID: RegisterId = RegisterId(7);
const NOW: UnixMillis = UnixMillis(1_769_040_000_000);

fn moment(second: u32) -> LocalDateTime {
    LocalDateTime::new(2026, 1, 22, second / 3600, second / 60 % 60, second % 60).unwrap()
}

fn document(sequence: u32, since: UnixMillis) -> Unconfirmed {
    Unconfirmed {
        sequence,
        document: DocumentRef { shift: 1, number: sequence + 1 },
        command: Command::Ticket,
        fingerprint: Fingerprint([u8::try_from(sequence % 3).unwrap(); 16]),
        date_times: vec![moment(sequence), moment(sequence + 40_000)],
        born: 0,
        number: 0,
        accepted_at: since,
        since,
        is_by_reset: false,
        documents_after: 0,
    }
}

/// A register whose newest stream has so many unconfirmed documents, since one second after another.
async fn with(count: u32) -> (MemoryStore, Loaded) {
    let (store, mut register) = (MemoryStore::new(), Register::new(Token(5)));
    let mut rows = Vec::new();
    for sequence in 0..count {
        let since = UnixMillis(NOW.0 + u64::from(sequence) * 1000);
        rows.extend(rows_of(ID, 1, &document(sequence, since)).unwrap());
        register.unconfirmed.newest_at = since;
    }
    (register.unconfirmed.count, register.unconfirmed.next) = (count, count);
    let head = Bytes::new();
    let append = Append {
        stream: stream(ID, 1),
        expected: None,
        stamp: Stamp([1; 16]),
        head,
        rows,
        notes: Vec::new(),
    };
    store.append(append).await.unwrap();
    (store, Loaded { version: Version::FIRST, format: HeadFormat::Tagged, register })
}

async fn found(
    store: &MemoryStore,
    newest: &Loaded,
    sequence: u32,
    at: LocalDateTime,
    any: bool,
) -> Vec<u32> {
    let fingerprint = document(sequence, NOW).fingerprint;
    let sought = Sought { fingerprint, date_time: at, is_of_any_time: any };
    let found = find_unconfirmed(store, ID, newest, &sought, NOW).await.unwrap();
    found.iter().map(|unconfirmed| unconfirmed.sequence).collect()
}

#[tokio::test]
async fn one_is_found_by_its_content_and_each_of_its_times() {
    let (store, newest) = with(9).await;
    assert_eq!(found(&store, &newest, 4, moment(4), false).await, [4]);
    assert_eq!(found(&store, &newest, 4, moment(40_004), true).await, [4]);
    assert_eq!(found(&store, &newest, 5, moment(4), false).await, [0_u32; 0]);
    assert_eq!(found(&store, &newest, 5, moment(4), true).await, [2, 5, 8], "of that content, of any time");
    let left = document(4, UnixMillis(NOW.0 + 4000));
    let rows = rows_of_left(&left);
    let head = Bytes::new();
    let (stream, expected) = (stream(ID, 1), Some(Version::FIRST));
    store
        .append(Append { stream, expected, stamp: Stamp([2; 16]), head, rows, notes: Vec::new() })
        .await
        .unwrap();
    assert_eq!(found(&store, &newest, 4, moment(40_004), false).await, [0_u32; 0]);
}

#[tokio::test]
async fn of_too_many_the_oldest_is_dropped() {
    let (store, before) = with(UNCONFIRMED_MAX).await;
    let mut next = before.register.clone();
    next.unconfirmed.count += 1;
    let mut rows = rows_of(ID, 1, &document(UNCONFIRMED_MAX, NOW)).unwrap();
    arrange(&store, ID, &before, &mut next, &mut rows).await.unwrap();
    assert_eq!((next.unconfirmed.count, next.unconfirmed.first), (UNCONFIRMED_MAX, 1));
    assert_eq!(rows.len(), 2, "nothing else is written");
}

#[tokio::test]
async fn a_new_stream_takes_over_what_is_not_too_old_and_what_changes_with_it() {
    let (store, before) = with(60).await;
    let mut next = before.register.next_shift();
    next.unconfirmed.first = 10;
    next.clock = UnixMillis(NOW.0 + 20_000 + UNCONFIRMED_KEPT_FOR_MS);
    // One leaves and one comes.
    let mut rows = rows_of_left(&document(30, UnixMillis(NOW.0 + 30_000)));
    rows.extend(rows_of(ID, 2, &document(60, next.clock)).unwrap());
    arrange(&store, ID, &before, &mut next, &mut rows).await.unwrap();
    // 20 to 59 without 30, and 60.
    assert_eq!(next.unconfirmed.count, 40);
    let head = Bytes::new();
    let append = Append {
        stream: stream(ID, 2),
        expected: None,
        stamp: Stamp([3; 16]),
        head,
        rows,
        notes: Vec::new(),
    };
    store.append(append).await.unwrap();
    let carried = unconfirmed(&store, ID, 2).await.unwrap();
    let expected: Vec<u32> = (20..30).chain(31..=60).collect();
    assert_eq!(carried.iter().map(|unconfirmed| unconfirmed.sequence).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_damaged_row_is_named() {
    let (store, _) = with(1).await;
    let [row, _] = &store.rows(stream(ID, 1), &[RowKind::Unconfirmed.number()], None, 9).await.unwrap()[..]
    else {
        panic!()
    };
    for value in [&[9_u8, 1][..], &[FORMAT, 255]] {
        let rows = vec![Row { key: row.key.clone(), value: Bytes::copy_from_slice(value) }];
        let version = store.head(stream(ID, 1)).await.unwrap().unwrap().version;
        let stamp = Stamp([value[0].wrapping_add(100); 16]);
        let append = Append {
            stream: stream(ID, 1),
            expected: Some(version),
            stamp,
            head: Bytes::new(),
            rows,
            notes: Vec::new(),
        };
        store.append(append).await.unwrap();
        let error = unconfirmed(&store, ID, 1).await.unwrap_err();
        assert!(error.to_string().contains("register 7 shift 1"), "{error}");
    }
}
