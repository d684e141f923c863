//! What answers name of an organisation follows what its people change: from the next answer on, at every gateway.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    self, AccountId, Address, AddressKind, Company, CompanyKind, Kept, Member, load,
};
use ofd_storage::model::{self, RegisterRecord, TradePoint, register_key};
use ofd_storage::profile_news::{Told, tell_registers};
use ofd_storage::registers;
use ofd_storage::store::{HeadFormat, Stamp};
use ofd_storage::walks::{Step, Walk};

use super::*;
use crate::job::Job;
use crate::profile_news::ProfileNews;
use crate::world::SystemWorld;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

const OLD: &str = "Сарайшық, 44";
const NEW: &str = "Абая, 1";

/// A store from which programs of the first release may serve.
#[derive(Default)]
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

/// Whether an answer holds a text.
fn names(answer: &[u8], text: &str) -> bool {
    answer.windows(text.len()).any(|part| part == text.as_bytes())
}

fn stamp() -> Stamp {
    Stamp(SystemWorld.bytes())
}

fn legal_address(street: &str) -> Vec<Address> {
    vec![Address {
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
    }]
}

/// An organisation that is on the site, with a register that asks for registration data.
struct Firm<S> {
    shop: Shop<S>,
    bin: String,
    asking: usize,
}

impl<S: Store> Firm<S> {
    async fn open(store: S, gateways: usize) -> Self {
        let mut shop = Shop::open(Arc::new(store), 4).await;
        for _ in 1..gateways {
            shop.add_gateway().await;
        }
        while !matches!(Walk::Holdings.step(&*shop.store, NOW).await.unwrap(), Step::Completed { .. }) {}
        let key = register_key(shop.id(0));
        let bin = model::load::<RegisterRecord>(&*shop.store, &key).await.unwrap().unwrap().1.bin;
        let mut company = Company::new(bin.clone(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
        company.addresses = legal_address(OLD);
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
        accounts::create(&*shop.store, company, Vec::new(), stamp()).await.unwrap();
        let mut firm = Self { shop, bin, asking: 0 };
        firm.tell().await;
        // Most registers ask, some do not.
        while !names(&firm.shop.sell_and_read(firm.asking).await, OLD) {
            firm.asking += 1;
        }
        firm
    }

    async fn company(&self) -> Kept<Company> {
        load(&*self.shop.store, Company::stream_of(&self.bin).unwrap()).await.unwrap().unwrap()
    }

    /// Its people say another address; its registers are not told yet.
    async fn moves(&self) {
        let before = self.company().await;
        let moved = Company { addresses: legal_address(NEW), ..before.state.clone() };
        accounts::save(&*self.shop.store, &before, moved, Vec::new(), stamp()).await.unwrap();
    }

    async fn tell(&self) {
        let told = tell_registers(&*self.shop.store, &self.bin, NOW, usize::MAX, &stamp).await.unwrap();
        assert_eq!(told, Told::All);
    }

    /// Which address the answer to a sale names.
    async fn sells_at(&mut self, gateway: usize) -> &'static str {
        self.shop.go_to(gateway);
        let answer = self.shop.sell_and_read(self.asking).await;
        match (names(&answer, OLD), names(&answer, NEW)) {
            (true, false) => OLD,
            (false, true) => NEW,
            both => panic!("it names {both:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_address_is_in_the_next_answer_of_every_gateway() {
    let mut firm = Firm::open(MemoryStore::new(), 3).await;
    for gateway in [0, 1, 2, 0] {
        assert_eq!(firm.sells_at(gateway).await, OLD);
    }
    firm.moves().await;
    firm.tell().await;
    // The first one has the head of before in memory, and decides again when its append conflicts.
    for gateway in [0, 1, 2, 0] {
        assert_eq!(firm.sells_at(gateway).await, NEW);
    }
    firm.shop.expect_no_differences();
}

#[tokio::test(start_paused = true)]
async fn a_new_address_is_in_the_first_answer_of_the_next_shift() {
    let mut firm = Firm::open(MemoryStore::new(), 1).await;
    firm.sells_at(0).await;
    firm.shop.close(firm.asking).await;
    firm.moves().await;
    firm.tell().await;
    assert_eq!(firm.sells_at(0).await, NEW);
    firm.shop.close(firm.asking).await;
    assert_eq!(firm.sells_at(0).await, NEW, "the version goes on over a close");
}

#[tokio::test(start_paused = true)]
async fn what_a_process_announced_before_it_ended_the_job_tells() {
    let mut firm = Firm::open(MemoryStore::new(), 1).await;
    firm.sells_at(0).await;
    firm.moves().await;
    assert_eq!(firm.sells_at(0).await, OLD, "nobody told the register");
    ProfileNews::new(SystemWorld).step(&*firm.shop.store, NOW).await.unwrap();
    assert_eq!(firm.sells_at(0).await, NEW);
    assert_eq!(firm.company().await.state.profile_news, None);
}

#[tokio::test(start_paused = true)]
async fn where_heads_cannot_tell_a_profile_is_read_anew_after_half_a_minute() {
    let mut firm = Firm::open(OfBefore::default(), 1).await;
    assert_eq!(firm.sells_at(0).await, OLD);
    firm.moves().await;
    firm.tell().await;
    assert_eq!(firm.sells_at(0).await, OLD);
    tokio::time::advance(Duration::from_secs(29)).await;
    assert_eq!(firm.sells_at(0).await, OLD);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(firm.sells_at(0).await, NEW);
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_by_hand_is_found_out_in_ten_minutes() {
    let mut firm = Firm::open(MemoryStore::new(), 1).await;
    firm.sells_at(0).await;
    let store = Arc::clone(&firm.shop.store);
    let key = register_key(firm.shop.id(firm.asking));
    let (_, register) = model::load::<RegisterRecord>(&*store, &key).await.unwrap().unwrap();
    let point = register.trade_point.0.into_bytes();
    let (version, point) = model::load::<TradePoint>(&*store, &point).await.unwrap().unwrap();
    let title = "Переименованный".to_owned();
    model::replace(&*store, version, &TradePoint { title: title.clone(), ..point }).await.unwrap();
    tokio::time::advance(Duration::from_secs(599)).await;
    assert!(!names(&firm.shop.sell_and_read(firm.asking).await, &title));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(names(&firm.shop.sell_and_read(firm.asking).await, &title));
}

#[tokio::test]
async fn a_register_that_is_told_costs_its_head_and_its_profile_once() {
    let mut firm = Firm::open(Counting::default(), 1).await;
    firm.sells_at(0).await;
    let heads = |firm: &Firm<Counting>| firm.shop.store.heads.load(Ordering::Relaxed);
    let before = heads(&firm);
    firm.sells_at(0).await;
    assert_eq!(heads(&firm) - before, 0);
    registers::raise_profile_version(&*firm.shop.store, firm.shop.id(firm.asking), &stamp).await.unwrap();
    let before = heads(&firm);
    firm.sells_at(0).await;
    assert_eq!(heads(&firm) - before, 2, "its own, and that of the company");
    firm.sells_at(0).await;
    assert_eq!(heads(&firm) - before, 2);
}
