//! Changes of registers: whoever makes them, the audit of the register's organisation tells each once, wherever a process
//! ends, and however many come at once.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ofd_edge::{DRAWN_LEN, World};
use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    AUDIT_PAGE_MAX, AuditAction, AuditEntry, AuditSubject, Company, OPERATOR, Role, audit_rows, joined, load,
};
use ofd_storage::erased::DynStore;
use ofd_storage::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::TradePointId;
use ofd_storage::registers::{self, ShiftRow};
use ofd_storage::store::{Append, Head, Record, RecordKind, Store, StoreError, StreamId, Version};
use ofd_storage::through::Through;

use super::support::people::House;
use super::support::*;
use crate::{By, Turns, carry_over, change_register};

const BIN: &str = "151140001234";

/// Nothing that began is under way any more.
const LATER: UnixMillis = UnixMillis(NOW.0 + 10 * 60 * 1000);

/// Time and chance of one process.
struct Process {
    now: UnixMillis,
    process: u8,
    drawn: AtomicU64,
}

impl World for Process {
    fn now(&self) -> UnixMillis {
        self.now
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed) * 256 + u64::from(self.process);
        let mut bytes = [0; DRAWN_LEN];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        bytes
    }
}

fn process(now: UnixMillis, process: u8) -> Process {
    Process { now, process, drawn: AtomicU64::new(1) }
}

fn by() -> By {
    By::program("API", NOW, [10, 0, 0, 1].into())
}

fn block() -> Change {
    Change::Block { reason: "долг за май".into() }
}

/// What the organisation's audit has, and what is announced there.
async fn audit(store: &impl Store) -> (Vec<AuditEntry>, usize) {
    let stream = Company::stream_of(BIN).unwrap();
    let company = load::<Company>(store, stream).await.unwrap();
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let rows = audit_rows(store, stream, before, AUDIT_PAGE_MAX).await.unwrap();
        let Some(last) = rows.last() else { break };
        before = Some(last.number);
        entries.extend(rows.into_iter().map(|row| row.entry));
    }
    (entries, company.map_or(0, |company| company.state.register_changes.len()))
}

/// What was changed, as the streams of the registers tell it.
async fn made(store: &impl Store, ids: &[RegisterId]) -> Vec<AuditEntry> {
    let mut found = Vec::new();
    for id in ids {
        let newest = registers::newest(store, *id).await.unwrap().unwrap().register.shift_number;
        for shift in 1..=newest {
            for row in registers::shift_rows(store, *id, shift, None, 1000).await.unwrap() {
                if let ShiftRow::Change(change) = registers::shift_row(*id, shift, &row).unwrap() {
                    found.push(change.entry);
                }
            }
        }
    }
    found
}

/// The audit tells what was made, each change once, and nothing is announced any more.
async fn expect_told(store: &impl Store, ids: &[RegisterId], what: &str) {
    let sorted = |mut entries: Vec<AuditEntry>| {
        entries.sort_by_key(|entry| format!("{entry:?}"));
        entries
    };
    let (told, announced) = audit(store).await;
    assert_eq!(sorted(told), sorted(made(store, ids).await), "{what}");
    assert_eq!(announced, 0, "{what}");
}

#[tokio::test]
async fn every_change_through_the_api_is_in_the_audit_of_the_registers_organisation() {
    let shop = Shop::open().await;
    let site = shop.site();
    let reason = "{\"reason\": \"долг за май\"}";
    let changes = ["block", "unblock", "disconnect", "connect", "reset-token", "deregister"];
    for name in changes {
        let path = format!("/api/v1/registers/{}/{name}", ID.0);
        for _ in 0..2 {
            assert_eq!(post(&site, &path, reason).await.status, 200, "{name}");
        }
    }
    let (mut told, announced) = audit(&*shop.store).await;
    told.reverse();
    let actions: Vec<AuditAction> = told.iter().map(|entry| entry.action).collect();
    // What is so already writes nothing; another token is always another one.
    assert_eq!(
        actions,
        [
            AuditAction::RegisterBlocked,
            AuditAction::RegisterUnblocked,
            AuditAction::RegisterDisconnected,
            AuditAction::RegisterConnected,
            AuditAction::RegisterTokenReset,
            AuditAction::RegisterTokenReset,
            AuditAction::RegisterDeregistered,
        ]
    );
    assert_eq!(announced, 0);
    let tokens = shop.newest().await.register.tokens;
    for entry in &told {
        assert!(entry.actor.is_operator && entry.actor.account.is_none() && entry.actor.name == "API");
        assert_eq!(
            (entry.subject.of.clone(), entry.address.as_str()),
            (Some(AuditSubject::Register(ID)), "0.0.0.0")
        );
        let text = serde_json::to_string(entry).unwrap();
        assert!(!text.contains(&tokens.current.0.to_string()), "a token is never told: {text}");
    }
    let reasons: Vec<Option<&str>> =
        told.iter().map(|entry| entry.changes.first().and_then(|change| change.after.as_deref())).collect();
    assert_eq!([reasons[0], reasons[1], reasons[6]], [Some("долг за май"); 3]);
    assert_eq!(reasons[2..6], [None; 4]);
}

#[tokio::test]
async fn the_audit_of_an_organisation_without_people_makes_it_no_company() {
    let shop = Shop::open().await;
    let store = DynStore::from(Arc::clone(&shop.store));
    let world = process(NOW, 1);
    change_register((&store, &world), &Turns::default(), ID, &block(), &by()).await.unwrap();
    assert_eq!(audit(&*shop.store).await.0.len(), 1);
    assert_eq!(joined(&*shop.store, BIN).await.unwrap(), None);
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Before a write.
    Before,
    /// Behind a write, which has landed.
    Behind,
    /// While one is under way, which lands later if it still can.
    Within,
}

/// The store of a process that ends at one of its writes. Nothing is read or written afterwards.
struct Ending {
    store: Arc<MemoryStore>,
    writes_left: AtomicUsize,
    end: End,
    has_ended: AtomicBool,
    under_way: Mutex<Option<Append>>,
}

impl Ending {
    fn new(store: &Arc<MemoryStore>, writes: usize, end: End) -> Self {
        Self {
            store: Arc::clone(store),
            writes_left: AtomicUsize::new(writes),
            end,
            has_ended: AtomicBool::new(false),
            under_way: Mutex::new(None),
        }
    }

    fn alive(&self) -> Result<(), StoreError> {
        match self.has_ended.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable { reason: "the process ended".into() }),
            false => Ok(()),
        }
    }

    /// What is under way lands, or cannot any more.
    async fn land(&self) {
        let under_way = self.under_way.lock().unwrap().take();
        if let Some(append) = under_way {
            let _ = Store::append(&*self.store, append).await;
        }
    }
}

impl Through for Ending {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.store
    }

    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        self.alive()?;
        if self.writes_left.load(Ordering::SeqCst) > 0 {
            self.writes_left.fetch_sub(1, Ordering::SeqCst);
            return Store::append(&*self.store, append).await;
        }
        self.has_ended.store(true, Ordering::SeqCst);
        match self.end {
            End::Before => self.alive()?,
            End::Behind => drop(Store::append(&*self.store, append).await),
            End::Within => *self.under_way.lock().unwrap() = Some(append),
        }
        Err(StoreError::Unknown { waited: Duration::ZERO })
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.alive()?;
        Store::head(&*self.store, stream).await
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.alive()?;
        Store::row(&*self.store, stream, key).await
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.alive()?;
        Store::record(&*self.store, kind, key).await
    }
}

/// Makes a change in a process that ends at its write of this number, and lets another one find what is left. Returns
/// whether the process ended.
async fn change_and_end(writes: usize, end: End, lands_first: bool, is_closed: bool) -> bool {
    let what = format!("{end:?} write {writes}, lands first: {lands_first}, closed: {is_closed}");
    let shop = Shop::open().await;
    if is_closed {
        // The change then begins the next shift's stream.
        shop.accept(&Ticket::usual().payload()).await;
        shop.accept(&close_shift(at(18, 0, 0))).await;
    }
    let dying = Arc::new(Ending::new(&shop.store, writes, end));
    let (store, first) = (DynStore::from(Arc::clone(&dying)), process(NOW, 1));
    let changed = change_register((&store, &first), &Turns::default(), ID, &block(), &by()).await;
    let has_ended = dying.has_ended.load(Ordering::SeqCst);
    assert!(changed.is_ok() || has_ended, "{what}");

    let (store, next) = (DynStore::from(Arc::clone(&shop.store)), process(LATER, 2));
    if lands_first {
        dying.land().await;
    }
    carry_over((&store, &next), BIN).await.unwrap();
    dying.land().await;
    carry_over((&store, &next), BIN).await.unwrap();
    expect_told(&*shop.store, &[ID], &what).await;
    let is_blocked = shop.newest().await.register.status.blocked.is_some();
    assert_eq!(audit(&*shop.store).await.0.len(), usize::from(is_blocked), "{what}");

    // Whoever was told nothing asks again.
    change_register((&store, &next), &Turns::default(), ID, &block(), &by()).await.unwrap();
    expect_told(&*shop.store, &[ID], &what).await;
    assert_eq!(audit(&*shop.store).await.0.len(), 1, "{what}");
    has_ended
}

#[tokio::test]
async fn wherever_a_process_ends_a_change_and_its_row_are_both_there_or_neither_is() {
    for end in [End::Before, End::Behind, End::Within] {
        for (lands_first, is_closed) in [(true, false), (false, false), (true, true), (false, true)] {
            let mut writes = 0;
            while change_and_end(writes, end, lands_first, is_closed).await {
                writes += 1;
            }
            assert_eq!(writes, 3, "announced, made, carried over");
        }
    }
}

#[tokio::test]
async fn what_is_under_way_is_left_alone() {
    let shop = Shop::open().await;
    let dying = Arc::new(Ending::new(&shop.store, 1, End::Within));
    let (store, first) = (DynStore::from(Arc::clone(&dying)), process(NOW, 1));
    change_register((&store, &first), &Turns::default(), ID, &block(), &by()).await.unwrap_err();
    let (store, soon) = (DynStore::from(Arc::clone(&shop.store)), process(NOW, 2));
    carry_over((&store, &soon), BIN).await.unwrap();
    assert_eq!(audit(&*shop.store).await, (Vec::new(), 1), "it may yet land");
    dying.land().await;
    carry_over((&store, &soon), BIN).await.unwrap();
    expect_told(&*shop.store, &[ID], "it landed").await;
    assert_eq!(audit(&*shop.store).await.0.len(), 1);
}

#[tokio::test]
async fn what_a_process_left_half_way_is_carried_over_before_the_audit_is_shown_or_anything_is_added_to_it() {
    for by_operator in [false, true] {
        let house = House::open();
        let (boss, support) = (house.person("АХМЕТОВА САУЛЕ").await, house.person("ҚОЛДАУ").await);
        house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
        house.company(OPERATOR, "ОФД", &[(support, &[Role::Support])]).await;
        house.blocked_register(BIN).await;
        let dying = Arc::new(Ending::new(&house.store, 2, End::Before));
        let (store, world) = (DynStore::from(dying), process(house.now(), 1));
        let unblocked = change_register(
            (&store, &world),
            &Turns::default(),
            ID,
            &Change::Unblock { reason: String::new() },
            &by(),
        )
        .await;
        assert!(unblocked.is_ok(), "it was made, whatever the audit lacks for now");
        assert_eq!(audit(&*house.store).await.1, 1);
        let mut expected = vec![AuditAction::RegisterUnblocked, AuditAction::RegisterBlocked];
        let (who, page) = if by_operator {
            expected.insert(0, AuditAction::Looked);
            (support, format!("/operator/companies/{BIN}"))
        } else {
            (boss, format!("/c/{BIN}/audit"))
        };
        let page = house.sign_in(who).await.go(&page).await.text;
        assert!(by_operator || page.contains("Cash register unblocked"), "{page}");
        let (told, announced) = audit(&*house.store).await;
        let actions: Vec<AuditAction> = told.iter().map(|entry| entry.action).collect();
        assert_eq!((actions, announced), (expected, 0));
    }
}

/// A shop with some registers.
async fn registers_of_one_organisation() -> (Shop<MemoryStore>, Vec<RegisterId>) {
    let shop = Shop::open().await;
    let ids: Vec<RegisterId> = (0..6).map(|index| RegisterId(ID.0 + index)).collect();
    for id in &ids[1..] {
        shop.register(*id, TradePointId::derive(BIN, "Магазин", "Астана")).await;
    }
    (shop, ids)
}

/// Two processes in which people block and unblock all registers at once; how many were told of a success.
async fn change_all_at_once(
    store: &Arc<MemoryStore>,
    ids: &[RegisterId],
    rates: FaultRates,
    seed: u64,
) -> usize {
    let journal = FaultJournal::default();
    let mut changes = tokio::task::JoinSet::new();
    let mut faces = Vec::new();
    for (process, name) in [(1, "one"), (2, "two")] {
        let face = Faulty::new(Arc::clone(store), name, seed + u64::from(process), rates, journal.clone());
        let face = Arc::new(face.sharing(Sharing::Shared));
        let (world, turns) = (Arc::new(self::process(NOW, process)), Arc::new(Turns::default()));
        for id in ids.iter().copied() {
            let (store, world, turns) =
                (DynStore::from(Arc::clone(&face)), Arc::clone(&world), Arc::clone(&turns));
            changes.spawn(async move {
                let mut done = 0;
                for change in [block(), Change::Unblock { reason: String::new() }, Change::ResetToken] {
                    let made = change_register((&store, &world), &turns, id, &change, &by()).await;
                    done += usize::from(made.is_ok());
                }
                done
            });
        }
        faces.push(face);
    }
    let done = changes.join_all().await.into_iter().sum();
    // Both processes end; what is under way lands or vanishes.
    faces.iter().for_each(|face| face.crash());
    done
}

#[tokio::test]
async fn changes_that_come_at_once_are_all_told_once() {
    let (shop, ids) = registers_of_one_organisation().await;
    let done = change_all_at_once(&shop.store, &ids, FaultRates::default(), 1).await;
    assert_eq!(done, 2 * ids.len() * 3, "nobody is turned away");
    expect_told(&*shop.store, &ids, "at once").await;
    let resets = audit(&*shop.store).await.0;
    let resets = resets.iter().filter(|entry| entry.action == AuditAction::RegisterTokenReset).count();
    assert_eq!(resets, 2 * ids.len());
}

#[tokio::test]
async fn a_store_that_loses_delays_and_repeats_makes_no_row_too_many_and_none_too_few() {
    let rates = FaultRates {
        refused: 50,
        lost_before: 50,
        lost_after: 50,
        late: 80,
        delayed: 100,
        read_refused: 20,
        landing: 100,
    };
    let mut told = 0;
    for seed in 0..200 {
        let (shop, ids) = registers_of_one_organisation().await;
        change_all_at_once(&shop.store, &ids, rates, seed * 1000).await;
        let (store, next) = (DynStore::from(Arc::clone(&shop.store)), process(LATER, 3));
        carry_over((&store, &next), BIN).await.unwrap();
        expect_told(&*shop.store, &ids, &format!("seed {seed}")).await;
        told += audit(&*shop.store).await.0.len();
    }
    assert!(told > 1000, "{told} changes were made");
}
