//! The contract of the feed: each document is seen once and in order by each reader, late perhaps, and never lost.

use bytes::Bytes;
use futures::future::join_all;
use ofd_protocol::message::answer::Answer;
use ofd_protocol::register::{Accepted, ClosedShift, DocumentKind, OpenShift, Phase, Register};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Token, UnixMillis};
use std::sync::atomic::{AtomicU64, Ordering};

use super::case::{Backend, Case};
use super::probe::Probe;
use crate::feed::{READ_AGAIN_FOR, ReaderName, Seen, Shard, Step, Sweep, catch_up};
use crate::model::register_key;
use crate::note::CHANGE_LIFE_MS;
use crate::registers::{self, Bearing, Loaded, shard_of};
use crate::store::{Append, RecordKind, Stamp, Store};

/// The beginning of a minute.
const BEGUN: u64 = 1_795_158_000_000;

const DAY: u64 = 24 * 3600 * 1000;

/// The two readers of every case.
const READERS: [Probe; 2] =
    [Probe { name: ReaderName::Figures, ordinal: 101 }, Probe { name: ReaderName::Probe, ordinal: 102 }];

/// Runs every case, each with registers and days of its own in one store.
pub async fn all<B: Backend>(backend: &mut B) {
    let store = backend.fresh().await;
    Box::pin(each_reader_sees_each_document_once_and_in_order(&store)).await;
    Box::pin(what_lands_after_its_minute_is_found_when_that_is_read_again(&store)).await;
    Box::pin(what_was_never_announced_is_found_by_the_sweep(&store)).await;
    Box::pin(readers_at_once_see_each_document_once(&store)).await;
    Box::pin(a_reader_that_was_away_for_longer_than_announcements_are_kept_misses_nothing(&store)).await;
    Box::pin(documents_that_are_gone_are_read_anew_when_they_come_again(&store)).await;
}

fn drawn() -> Stamp {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Stamp((u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 64).to_be_bytes())
}

/// Whether an append tells of itself.
#[derive(Clone, Copy)]
enum Tells {
    Announced,
    Silently,
}

/// A register that sells without a gateway.
struct Till<'a, S> {
    case: &'a Case<'a, S>,
    id: RegisterId,
    loaded: Loaded,
    documents: Vec<(DocumentRef, Bytes)>,
}

impl<'a, S: Store> Till<'a, S> {
    async fn open(case: &'a Case<'a, S>, id: u32) -> Self {
        let id = RegisterId(id);
        case.puts(RecordKind::Register, &register_key(id), None, b"register").await;
        let created = registers::create_register(case.store, id, Token(7), UnixMillis(1), drawn()).await;
        case.ok("a register", created);
        let loaded = case.ok("a register", registers::newest(case.store, id).await);
        let Some(loaded) = loaded else { panic!("a register that was created is there") };
        Self { case, id, loaded, documents: Vec::new() }
    }

    async fn sell(&mut self, at: u64, tells: Tells) {
        self.append(DocumentKind::Ticket, at, tells).await;
    }

    async fn close(&mut self, at: u64, tells: Tells) {
        self.append(DocumentKind::CloseShift, at, tells).await;
    }

    async fn append(&mut self, kind: DocumentKind, at: u64, tells: Tells) {
        let (now, time) = (UnixMillis(at), LocalDateTime::YEAR_2000);
        let before = &self.loaded.register;
        let mut next = Register { clock: now, ..before.writable() };
        next.documents = next.documents.saturating_add(1);
        next.phase = match kind {
            DocumentKind::CloseShift => {
                Phase::Closed(ClosedShift { opened_at: time, closed_at: time, label: 0 })
            }
            DocumentKind::Ticket | DocumentKind::MoneyPlacement | DocumentKind::CancelTicket => {
                Phase::Open(OpenShift {
                    opened_at: time,
                    accepted_at: now,
                    printed_number: 0,
                    first_online_at: None,
                })
            }
        };
        let place = DocumentRef { shift: next.shift_number, number: next.documents };
        let raw = Bytes::from(format!("document {place:?} of {}", self.id));
        let accepted = Accepted {
            begins_stream: matches!(before.phase, Phase::Closed(_)),
            register: next,
            place,
            kind,
            accepted_at: now,
            date_time: None,
            ticket_number: None,
            offline: None,
            total: None,
            crc: 0,
            chain: [0; 32],
            cancels: None,
            unconfirmed: None,
            answer: Answer::ok(0),
            token: Token(7),
        };
        let bearing = match tells {
            Tells::Announced => Bearing::announcing(drawn(), self.id, now),
            Tells::Silently => Bearing { stamp: drawn(), announcement: None },
        };
        let appended =
            registers::append_accepted(self.case.store, self.id, &self.loaded, accepted, &raw, b"", bearing);
        self.loaded = self.case.ok("a document", appended.await);
        self.documents.push((place, raw));
    }

    /// Fails unless the reader saw all documents once and in order.
    async fn is_seen_by(&self, reader: &Probe) {
        let wrong =
            self.case.ok("the documents", reader.judge(self.case.store, self.id, &self.documents).await);
        self.case.same("what was seen", wrong, None);
    }

    async fn is_not_seen_by(&self, reader: &Probe) {
        let wrong =
            self.case.ok("the documents", reader.judge(self.case.store, self.id, &self.documents).await);
        self.case.check("the last document is not seen yet", wrong.is_some());
    }
}

/// Reads what is announced to a register's shard, as a process that begins at that moment, until there is no more.
async fn read(case: &Case<'_, impl Store>, reader: &Probe, id: RegisterId, at: u64) {
    let mut seen = Seen::default();
    while pass(case, reader, id, &mut seen, at).await {}
}

/// One pass; whether there is more.
async fn pass(case: &Case<'_, impl Store>, reader: &Probe, id: RegisterId, seen: &mut Seen, at: u64) -> bool {
    let passed = Shard(shard_of(id)).pass(case.store, reader, seen, UnixMillis(at), &drawn).await;
    let passed = case.ok("a pass", passed);
    case.same("what is broken", passed.broken, 0);
    passed.has_more
}

/// Looks at all registers, until it waits for the next day.
async fn sweep(case: &Case<'_, impl Store>, reader: &Probe, at: u64) {
    while !matches!(
        case.ok("a step of the sweep", Sweep::step(case.store, reader, UnixMillis(at), &drawn).await),
        Step::Wait(_)
    ) {}
}

async fn each_reader_sees_each_document_once_and_in_order<S: Store>(store: &S) {
    let case = Case::new("each reader sees each document once and in order", store);
    let (mut till, mut other) = (Till::open(&case, 33).await, Till::open(&case, 65).await);
    let [first, second] = READERS;
    let (mut at, mut seen) = (BEGUN, [Seen::default(), Seen::default()]);
    for sale in 0..12 {
        at += 9_000;
        till.sell(at, Tells::Announced).await;
        if sale % 4 == 3 {
            till.close(at, Tells::Announced).await;
        }
        if sale % 3 == 0 {
            other.sell(at, Tells::Announced).await;
        }
        // The first reader follows; the second one comes now and then.
        pass(&case, &first, till.id, &mut seen[0], at + 5_000).await;
        if sale % 5 == 4 {
            pass(&case, &second, till.id, &mut seen[1], at + 5_000).await;
        }
    }
    till.is_seen_by(&first).await;
    other.is_seen_by(&first).await;
    pass(&case, &second, till.id, &mut seen[1], at + 5_000).await;
    till.is_seen_by(&second).await;
    // Whoever begins anew, or reads what was read, changes nothing.
    for reader in &READERS {
        read(&case, reader, till.id, at + 5_000).await;
        read(&case, reader, till.id, at + DAY).await;
        till.is_seen_by(reader).await;
        other.is_seen_by(reader).await;
    }
}

async fn what_lands_after_its_minute_is_found_when_that_is_read_again<S: Store>(store: &S) {
    let case = Case::new("what lands after its minute is found when that is read again", store);
    let (begun, reader) = (BEGUN + 2 * DAY, READERS[0]);
    let mut till = Till::open(&case, 34).await;
    let mut seen = Seen::default();
    till.sell(begun + 58_000, Tells::Announced).await;
    while pass(&case, &reader, till.id, &mut seen, begun + 61_000).await {}
    till.is_seen_by(&reader).await;
    // Announced in the last moment of the minute, it took until now; nothing announces it again.
    till.sell(begun + 75_000, Tells::Silently).await;
    pass(&case, &reader, till.id, &mut seen, begun + 76_000).await;
    let for_good = begun + 60_000 + u64::try_from(READ_AGAIN_FOR.as_millis()).unwrap_or(0);
    pass(&case, &reader, till.id, &mut seen, for_good).await;
    till.is_seen_by(&reader).await;
    // From then on the minute is not read any more.
    till.sell(for_good + 1_000, Tells::Silently).await;
    pass(&case, &reader, till.id, &mut seen, for_good + 2_000).await;
    till.is_not_seen_by(&reader).await;
}

async fn what_was_never_announced_is_found_by_the_sweep<S: Store>(store: &S) {
    let case = Case::new("what was never announced is found by the sweep", store);
    let begun = BEGUN + 4 * DAY;
    let (mut till, idle) = (Till::open(&case, 35).await, Till::open(&case, 36).await);
    // More than one append of a reader takes, over two shifts.
    for sale in 0..520 {
        till.sell(begun + sale, Tells::Silently).await;
    }
    till.close(begun + 600, Tells::Silently).await;
    till.sell(begun + 700, Tells::Silently).await;
    for reader in &READERS {
        read(&case, reader, till.id, begun + 5_000).await;
        till.is_not_seen_by(reader).await;
        sweep(&case, reader, begun + 5_000).await;
        till.is_seen_by(reader).await;
        idle.is_seen_by(reader).await;
        let is_swept = crate::feed::is_swept(case.store, reader).await;
        case.check("the sweep came to its end", case.ok("the sweep", is_swept));
    }
    // A day later it comes again.
    till.sell(begun + 6_000, Tells::Silently).await;
    sweep(&case, &READERS[0], begun + DAY / 2).await;
    till.is_not_seen_by(&READERS[0]).await;
    sweep(&case, &READERS[0], begun + DAY + 5_000).await;
    till.is_seen_by(&READERS[0]).await;
}

async fn readers_at_once_see_each_document_once<S: Store>(store: &S) {
    let case = Case::new("readers at once see each document once", store);
    let (mut at, reader) = (BEGUN + 6 * DAY, READERS[0]);
    let mut till = Till::open(&case, 37).await;
    for _ in 0..6 {
        for _ in 0..3 {
            at += 7_000;
            till.sell(at, Tells::Announced).await;
        }
        let readers = (0..4).map(|_| read(&case, &reader, till.id, at + 3_000));
        join_all(readers).await;
        till.is_seen_by(&reader).await;
    }
}

async fn a_reader_that_was_away_for_longer_than_announcements_are_kept_misses_nothing<S: Store>(store: &S) {
    let case =
        Case::new("a reader that was away for longer than announcements are kept misses nothing", store);
    let (begun, reader) = (BEGUN + 8 * DAY, READERS[0]);
    let mut till = Till::open(&case, 38).await;
    till.sell(begun, Tells::Announced).await;
    read(&case, &reader, till.id, begun + 5_000).await;
    till.sell(begun + 10_000, Tells::Announced).await;
    let back = begun + CHANGE_LIFE_MS + DAY;
    till.sell(back - 2 * DAY, Tells::Silently).await;
    // Eight days of minutes are walked in bounded passes.
    let (mut seen, mut passes) = (Seen::default(), 0);
    while pass(&case, &reader, till.id, &mut seen, back).await {
        passes += 1;
    }
    case.check("a pass is bounded", passes > 100);
    till.is_not_seen_by(&reader).await;
    sweep(&case, &reader, back).await;
    till.is_seen_by(&reader).await;
    till.sell(back + 1_000, Tells::Announced).await;
    pass(&case, &reader, till.id, &mut seen, back + 5_000).await;
    till.is_seen_by(&reader).await;
}

/// A cluster that lost its power may lack documents that were read.
async fn documents_that_are_gone_are_read_anew_when_they_come_again<S: Store>(store: &S) {
    let case = Case::new("documents that are gone are read anew when they come again", store);
    let (begun, reader) = (BEGUN + 20 * DAY, READERS[0]);
    let mut till = Till::open(&case, 39).await;
    for sale in 0..3 {
        till.sell(begun + sale, Tells::Silently).await;
    }
    while !matches!(
        case.ok("a step", catch_up(store, &reader, till.id, &drawn).await),
        crate::feed::Caught::Up(0)
    ) {}
    till.is_seen_by(&reader).await;
    // The head is that of the second document again, and another third one comes.
    let shorter = Register { documents: 2, ..till.loaded.register.clone() };
    let head = case.ok("a head", registers::encode(till.id, &shorter, till.loaded.format));
    let append = Append {
        stream: registers::stream(till.id, 1),
        expected: Some(till.loaded.version),
        stamp: drawn(),
        head,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    till.loaded.version = case.appends(append).await;
    till.loaded.register = shorter;
    case.ok("a step", catch_up(store, &reader, till.id, &drawn).await);
    till.documents.truncate(2);
    till.sell(begun + 10_000, Tells::Silently).await;
    while !matches!(
        case.ok("a step", catch_up(store, &reader, till.id, &drawn).await),
        crate::feed::Caught::Up(0)
    ) {}
    till.is_seen_by(&reader).await;
}
