//! The page on which a company's people land.

use std::sync::Arc;

use ofd_protocol::message::Operation;
use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{AccountId, Role};
use ofd_storage::feed::{Step as FeedStep, Sweep};
use ofd_storage::figures::FiguresReader;
use ofd_storage::memory::MemoryStore;
use ofd_storage::registers::heard_note;
use ofd_storage::store::Store;
use ofd_storage::walks::{Step, Walk};

use super::support::people::{Browser, House};
use super::support::{ID, NOW, Shop, Ticket, ZONE, at};

const BIN: &str = "151140001234";
const START: &str = "/c/151140001234/start";

/// Makes the lists of registers and shops.
pub(super) async fn walk(house: &House) {
    while !matches!(Walk::Holdings.step(&*house.store, NOW).await.unwrap(), Step::Completed { .. }) {}
}

struct Firm {
    house: House,
    shop: Shop<Arc<MemoryStore>>,
    keeper: AccountId,
}

impl Firm {
    async fn open() -> Self {
        let house = House::open();
        let shop = Shop::on(Arc::clone(&house.store), "ТОО «Көктем»").await;
        let keeper = house.person("ӘКІМШІ").await;
        house.company(BIN, "ТОО «Көктем»", &[(keeper, &[Role::Administrator])]).await;
        walk(&house).await;
        Self { house, shop, keeper }
    }

    async fn browser(&self, role: Role) -> Browser {
        self.house.change_company(BIN, |company| company.members[0].roles = vec![role]).await;
        self.house.sign_in(self.keeper).await
    }

    /// Brings the figures of days up to what is stored.
    async fn count(&self) {
        let reader = FiguresReader { zone_offset_seconds: ZONE };
        let (store, now, stamps) = (&*self.house.store, self.house.now(), || self.shop.stamp());
        while !matches!(Sweep::step(store, &reader, now, &stamps).await.unwrap(), FeedStep::Wait(_)) {}
    }
}

/// What a reader sees of a page.
fn visible(html: &str) -> String {
    let (mut text, mut is_tag) = (String::new(), false);
    for char in html.chars() {
        match char {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            char if !is_tag => text.push(char),
            _ => {}
        }
    }
    text.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn people_land_on_what_waits_for_them() {
    let firm = Firm::open().await;
    let mut browser = firm.browser(Role::Administrator).await;
    let page = browser.go("/cabinet").await.text;
    assert!(page.contains(&format!("href=\"{START}\"")), "{page}");
    let page = browser.go(START).await.text;
    for part in [
        "/c/151140001234/contract\"",
        "There is no legal address",
        "/addresses/new\"",
        "All registers are well.",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let mut reader = firm.browser(Role::Reader).await;
    let page = reader.go(START).await.text;
    assert!(page.contains("There is no legal address") && !page.contains("/addresses/new\""), "{page}");
    for language in ["ru", "kk"] {
        reader.language = language.into();
        assert_eq!(reader.go(START).await.status, 200, "{language}");
    }
}

#[tokio::test]
async fn registers_with_trouble_are_named_each_with_a_link() {
    let firm = Firm::open().await;
    let day = 24 * 3600;
    firm.shop.accept(&Ticket::usual().payload()).await;
    let mut browser = firm.browser(Role::Reader).await;
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains("1 departure from the protocol since yesterday"), "the receipt has one: {page}");
    assert!(!page.contains("24 hours") && !page.contains("Silent"), "{page}");
    assert!(
        !page.contains("a week ago") && !page.contains("₸"),
        "who may see no receipts sees no sums: {page}"
    );
    firm.house.wait(day - 3600);
    // Sessions end sooner.
    let mut browser = firm.browser(Role::Reader).await;
    firm.house.store.note(heard_note(ID, firm.house.now())).await.unwrap();
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains("Register 203539") && page.contains("24 hours are near"), "{page}");
    firm.house.wait(3600);
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains("more than 24 hours ago, close it") && !page.contains("Silent"), "{page}");
    firm.house.wait(day);
    let mut browser = firm.browser(Role::Reader).await;
    let page = browser.go(START).await.text;
    assert!(page.contains("href=\"/c/151140001234/registers/203539\""), "{page}");
    assert!(visible(&page).contains("Silent since"), "{page}");
    firm.shop.change(&Change::Block { reason: "Қарыз".into() }).await;
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains("Blocked"), "{page}");
}

#[tokio::test]
async fn registers_with_the_worst_trouble_come_first_and_the_rest_is_counted() {
    let firm = Firm::open().await;
    let trade_point = ofd_storage::model::TradePointId::derive(BIN, "Магазин", "Астана");
    for number in 0..25 {
        let id = RegisterId(300_000 + number);
        firm.shop.register(id, trade_point.clone()).await;
        firm.house.store.note(heard_note(id, UnixMillis(NOW.0 - 48 * 3_600_000))).await.unwrap();
    }
    firm.shop.change(&Change::Block { reason: "Қарыз".into() }).await;
    let mut browser = firm.browser(Role::Reader).await;
    let page = visible(&browser.go(START).await.text);
    let (blocked, silent) = (page.find("Register 203539"), page.find("Register 300000"));
    assert!(blocked.is_some() && blocked < silent, "{page}");
    assert!(page.contains("And 6 more registers"), "{page}");
}

#[tokio::test]
async fn todays_sales_stand_beside_those_of_a_week_ago() {
    let firm = Firm::open().await;
    firm.shop.accept(&Ticket::usual().payload()).await;
    firm.shop.accept(&Ticket { date_time: at(17, 20, 0), ..Ticket::usual() }.payload()).await;
    firm.shop.accept(&Ticket { operation: Operation::SellReturn, ..Ticket::usual() }.payload()).await;
    firm.count().await;
    let mut browser = firm.browser(Role::Accountant).await;
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains("Today so far Sales: 2, returns: 1, ₸696.90 ₸1,393.80"), "{page}");
    let before = |until: &str, sold: &str| format!("The same day a week ago, until {until} Sales: {sold}");
    assert!(page.contains(&before("17:00", "0, returns: 0, ₸0.00 ₸0.00")), "{page}");
    assert!(!page.contains("not of all"), "{page}");
    // The same hours are set beside each other: what was sold behind them does not count yet.
    firm.house.wait(7 * 24 * 3600);
    let mut browser = firm.browser(Role::Accountant).await;
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains("Today so far Sales: 0, returns: 0, ₸0.00 ₸0.00"), "{page}");
    assert!(page.contains(&before("17:00", "0, returns: 0, ₸0.00 ₸0.00")), "{page}");
    firm.house.wait(3600);
    let page = visible(&browser.go(START).await.text);
    assert!(page.contains(&before("18:00", "2, returns: 1, ₸696.90 ₸1,393.80")), "{page}");
}

#[tokio::test]
async fn sales_of_some_registers_alone_are_told_to_be_that() {
    let firm = Firm::open().await;
    let trade_point = ofd_storage::model::TradePointId::derive(BIN, "Магазин", "Астана");
    for number in 0..1_000 {
        firm.shop.record(RegisterId(300_000 + number), trade_point.clone()).await;
    }
    let mut browser = firm.browser(Role::Accountant).await;
    for (language, text) in [
        ("en", "These are the sales of 1000 registers, not of all."),
        ("ru", "Это продажи 1000 касс, а не всех."),
        ("kk", "Бұл 1000 кассаның сатылымы, бәрінікі емес."),
    ] {
        browser.language = language.into();
        let page = visible(&browser.go(START).await.text);
        assert!(page.contains(text), "{text} is not in {page}");
    }
}
