//! Registers are told what their organisation's company changed of what their answers name: each of them, wherever a
//! process ends.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::executor::block_on;
use ofd_protocol::register::Register;
use ofd_protocol::types::{RegisterId, Token};

use super::*;
use crate::accounts::{AccountId, Address, AddressKind, CompanyKind, Kept, Member, create};
use crate::memory::MemoryStore;
use crate::model;
use crate::registers::{create_register, encode, newest, stream};
use crate::samples;
use crate::store::{Append, HeadFormat, StoreError, StreamKind, Version};
use crate::through;
use crate::walks::Step;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const BIN: &str = "151140001234";

/// Stamps, each another one.
fn stamps() -> impl Fn() -> Stamp + Sync {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    || {
        let mut stamp = [0; 16];
        stamp[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        Stamp(stamp)
    }
}

fn company(street: &str) -> Company {
    let mut company = Company::new(BIN.into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, NOW);
    company.members.push(Member {
        account: AccountId(7),
        name: "АХМЕТОВА САУЛЕ".into(),
        iin: None,
        email: String::new(),
        roles: Vec::new(),
        block: None,
        since: NOW,
        revision: 1,
    });
    company.addresses.push(Address {
        id: 1,
        revision: 1,
        kind: AddressKind::Legal,
        country: "KZ".into(),
        settlement: "710000000".into(),
        place: "г. Астана".into(),
        place_kz: Some("Астана қ.".into()),
        street: street.into(),
        email: String::new(),
        phone: String::new(),
    });
    company
}

async fn add_registers(store: &impl Store, count: u32, stamp: &(impl Fn() -> Stamp + Sync)) {
    for id in 1..=count {
        model::create(store, &samples::register(RegisterId(id), BIN)).await.unwrap();
        create_register(store, RegisterId(id), Token(id), NOW, stamp()).await.unwrap();
    }
    while !matches!(Walk::Holdings.step(store, NOW).await.unwrap(), Step::Completed { .. } | Step::Wait(_)) {}
}

/// An organisation whose registers know all that is announced.
async fn settled<S: Store>(store: S, registers: u32) -> (S, Kept<Company>) {
    let stamp = stamps();
    add_registers(&store, registers, &stamp).await;
    create(&store, company("Сарайшық, 44"), Vec::new(), Stamp([0xC0; 16])).await.unwrap();
    while tell_registers(&store, BIN, NOW, usize::MAX, &stamp).await.unwrap() == Told::Some {}
    let kept = load::<Company>(&store, Company::stream_of(BIN).unwrap()).await.unwrap().unwrap();
    (store, kept)
}

async fn kept(store: &impl Store) -> Company {
    load::<Company>(store, Company::stream_of(BIN).unwrap()).await.unwrap().unwrap().state
}

async fn versions(store: &impl Store, registers: u32) -> Vec<u64> {
    let mut versions = Vec::new();
    for id in 1..=registers {
        versions.push(newest(store, RegisterId(id)).await.unwrap().unwrap().register.profile_version);
    }
    versions
}

async fn move_to(store: &impl Store, before: &Kept<Company>, street: &str, stamp: Stamp) -> Kept<Company> {
    let mut moved = before.state.clone();
    moved.addresses = company(street).addresses;
    save(store, before, moved, Vec::new(), stamp).await.unwrap()
}

#[test]
fn a_new_address_is_announced_in_its_own_append_and_every_register_is_told() {
    block_on(async {
        let (store, before) = settled(MemoryStore::new(), 3).await;
        let known = versions(&store, 3).await;
        let moved = move_to(&store, &before, "Абая, 1", Stamp([9; 16])).await;
        assert_eq!(moved.version, before.version.next(), "one append");
        assert!(kept(&store).await.profile_news.is_some());
        let told = tell_registers(&store, BIN, NOW, 100, &stamps()).await.unwrap();
        assert_eq!((told, kept(&store).await.profile_news), (Told::All, None));
        assert_eq!(versions(&store, 3).await, known.iter().map(|known| known + 1).collect::<Vec<_>>());
    });
}

#[test]
fn what_no_answer_names_is_told_to_nobody() {
    block_on(async {
        let (store, before) = settled(MemoryStore::new(), 1).await;
        let mut changed = before.state.clone();
        changed.profile.phones = "+7 701 000 00 00".into();
        save(&store, &before, changed, Vec::new(), Stamp([9; 16])).await.unwrap();
        assert_eq!(kept(&store).await.profile_news, None);
        assert_eq!(news_list::listed(&store).await.unwrap().len(), 1, "of the company's coming alone");
    });
}

#[test]
fn a_company_without_registers_announces_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        add_registers(&store, 0, &stamps()).await;
        let first = create(&store, company("Сарайшық, 44"), Vec::new(), Stamp([1; 16])).await.unwrap();
        move_to(&store, &first, "Абая, 1", Stamp([2; 16])).await;
        assert_eq!(kept(&store).await.profile_news, None);
        assert_eq!(news_list::listed(&store).await.unwrap(), []);
    });
}

#[test]
fn a_thousand_registers_are_told_in_steps_however_often_a_process_ends() {
    block_on(async {
        let (store, before) = settled(MemoryStore::new(), 1000).await;
        let known = versions(&store, 1000).await;
        move_to(&store, &before, "Абая, 1", Stamp([9; 16])).await;
        let (stamp, mut steps) = (stamps(), 0);
        // Each step is another process, which knows nothing but the store.
        while tell_registers(&store.another_handle(), BIN, NOW, 100, &stamp).await.unwrap() != Told::All {
            steps += 1;
            assert!(steps < 20, "it comes to an end");
        }
        let told = versions(&store, 1000).await;
        assert!(
            steps >= 9 && told.iter().zip(&known).all(|(told, known)| told == &(known + 1)),
            "{steps}: {told:?}"
        );
    });
}

#[test]
fn a_process_that_ends_behind_its_announcement_is_made_up_for_by_the_job() {
    block_on(async {
        let (store, before) = settled(MemoryStore::new(), 20).await;
        let known = versions(&store, 20).await;
        move_to(&store, &before, "Абая, 1", Stamp([9; 16])).await;
        // Another process, later.
        let (mut telling, stamp) = (Telling::default(), stamps());
        telling.step(&store, NOW, &stamp).await.unwrap();
        let told = known.iter().map(|known| known + 1).collect::<Vec<_>>();
        assert_eq!((kept(&store).await.profile_news, versions(&store, 20).await), (None, told.clone()));
        // It stays in the list for a while, since it is entered before it announces, and goes.
        assert_eq!(news_list::listed(&store).await.unwrap().len(), 1);
        telling.step(&store, UnixMillis(NOW.0 + 9_999), &stamp).await.unwrap();
        assert_eq!(news_list::listed(&store).await.unwrap().len(), 1);
        telling.step(&store, UnixMillis(NOW.0 + 10_000), &stamp).await.unwrap();
        assert_eq!(news_list::listed(&store).await.unwrap(), []);
        assert_eq!(versions(&store, 20).await, told, "nobody is told twice");
    });
}

#[test]
fn what_is_entered_anew_is_not_taken_out_and_the_list_has_a_bound() {
    block_on(async {
        let store = MemoryStore::new();
        news_list::enter(&store, BIN).await.unwrap();
        let seen = news_list::listed(&store).await.unwrap();
        news_list::enter(&store, BIN).await.unwrap();
        news_list::take_out(&store, &seen).await.unwrap();
        assert_eq!(news_list::listed(&store).await.unwrap().len(), 1);
        for number in 0..news_list::ORGANISATIONS_MAX {
            news_list::enter(&store, &format!("{number:012}")).await.unwrap();
        }
        let listed = news_list::listed(&store).await.unwrap();
        assert!(listed.len() == news_list::ORGANISATIONS_MAX && listed.iter().all(|one| one.bin != BIN));
    });
}

#[test]
fn what_is_announced_before_it_is_changed_waits_for_whoever_changes_it() {
    block_on(async {
        let (store, before) = settled(MemoryStore::new(), 1).await;
        let known = versions(&store, 1).await;
        let under_way_until = UnixMillis(NOW.0 + 60_000);
        let news = ProfileNews { under_way_until, ..ProfileNews::of(Stamp([9; 16])) };
        let announced = Company { profile_news: Some(news), ..before.state.clone() };
        save(&store, &before, announced, Vec::new(), Stamp([9; 16])).await.unwrap();
        let stamp = stamps();
        let told = tell_registers(&store, BIN, NOW, 100, &stamp).await.unwrap();
        assert_eq!((told, versions(&store, 1).await), (Told::UnderWay(under_way_until), known.clone()));
        assert_eq!(tell_registers(&store, BIN, under_way_until, 100, &stamp).await.unwrap(), Told::All);
        assert_eq!(versions(&store, 1).await, [known[0] + 1]);
    });
}

#[test]
fn while_lists_are_being_made_the_announcement_stays() {
    block_on(async {
        let store = MemoryStore::new();
        model::create(&store, &samples::register(RegisterId(1), BIN)).await.unwrap();
        create_register(&store, RegisterId(1), Token(1), NOW, Stamp([3; 16])).await.unwrap();
        create(&store, company("Сарайшық, 44"), Vec::new(), Stamp([1; 16])).await.unwrap();
        let stamp = stamps();
        assert_eq!(tell_registers(&store, BIN, NOW, 100, &stamp).await.unwrap(), Told::Listed);
        assert!(kept(&store).await.profile_news.is_some());
        add_registers(&store, 1, &stamp).await;
        assert_eq!(tell_registers(&store, BIN, NOW, 100, &stamp).await.unwrap(), Told::All);
    });
}

/// A store from which programs of the first release may serve.
struct OfBefore(MemoryStore);

impl through::Through for OfBefore {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn head_format(&self) -> HeadFormat {
        HeadFormat::First
    }
}

#[test]
fn a_head_of_the_first_form_stays_as_it_is_and_the_announcement_goes() {
    block_on(async {
        let (store, before) = settled(OfBefore(MemoryStore::new()), 2).await;
        let heads = async || {
            let head = |id| store.head(stream(RegisterId(id), 1));
            (head(1).await.unwrap().unwrap(), head(2).await.unwrap().unwrap())
        };
        let known = heads().await;
        move_to(&store, &before, "Абая, 1", Stamp([9; 16])).await;
        assert_eq!(tell_registers(&store, BIN, NOW, 100, &stamps()).await.unwrap(), Told::All);
        assert_eq!((heads().await, kept(&store).await.profile_news), (known, None));
        // Once the store is finished, the same head is told.
        raise_profile_version(&store.0, RegisterId(1), &stamps()).await.unwrap();
        assert_eq!(versions(&store.0, 2).await, [1, 0]);
    });
}

/// A store in which a device is faster, so many times.
struct Busy {
    inner: MemoryStore,
    faster: AtomicU64,
}

impl through::Through for Busy {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        let left = self.faster.load(Ordering::Relaxed);
        if append.stream.kind == StreamKind::Shift && append.expected.is_some() && left > 0 {
            self.faster.store(left - 1, Ordering::Relaxed);
            let register = Register { clock: NOW, documents: 7, ..Register::new(Token(1)) };
            let head = encode(RegisterId(1), &register, HeadFormat::Tagged).unwrap();
            let mut stamp = [0xD0; 16];
            stamp[0] = u8::try_from(left).unwrap();
            let theirs = Append { stamp: Stamp(stamp), head, rows: Vec::new(), ..append.clone() };
            Store::append(&self.inner, theirs).await?;
        }
        Store::append(&self.inner, append).await
    }
}

#[test]
fn a_version_is_raised_on_what_a_device_that_was_faster_made_of_the_head() {
    block_on(async {
        let store = Busy { inner: MemoryStore::new(), faster: AtomicU64::new(0) };
        add_registers(&store, 1, &stamps()).await;
        store.faster.store(3, Ordering::Relaxed);
        raise_profile_version(&store, RegisterId(1), &stamps()).await.unwrap();
        let raised = newest(&store, RegisterId(1)).await.unwrap().unwrap().register;
        assert_eq!((raised.documents, raised.profile_version), (7, 1));
        store.faster.store(200, Ordering::Relaxed);
        let never = raise_profile_version(&store, RegisterId(1), &stamps()).await;
        assert!(matches!(never, Err(StoreError::Conflict { .. })), "{never:?}");
    });
}
