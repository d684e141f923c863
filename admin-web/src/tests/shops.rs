//! Shops and registers as their organisation sees them.

mod narrowed;
mod parts;

use std::sync::Arc;

use ofd_protocol::message::Operation;
use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::Role;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{Connection, RegisterRecord, TradePoint, TradePointId, create};
use ofd_storage::registers::heard_note;
use ofd_storage::store::Store;

use super::support::people::{Browser, House, location};
use super::support::{FNS_KKM_ID, Goods, ID, Shop, Ticket, at, close_shift, placement, visible};

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";
const LIST: &str = "/c/151140001234/registers";
const REGISTER: &str = "/c/151140001234/registers/203539";

/// A house with an organisation that has one shop with one register.
struct Street {
    house: House,
    shop: Shop<Arc<MemoryStore>>,
}

impl Street {
    async fn open() -> Self {
        let house = House::open();
        let shop = Shop::on(Arc::clone(&house.store), "ТОО «Көктем»").await;
        let keeper = house.person("ӘКІМШІ").await;
        house.company(BIN, "ТОО «Көктем»", &[(keeper, &[Role::Administrator])]).await;
        house.company(OTHER, "ТОО «Басқа»", &[(keeper, &[Role::Administrator])]).await;
        Self { house, shop }
    }

    async fn browser(&self, role: Role) -> Browser {
        let person = self.house.person("ҚЫЗМЕТКЕР").await;
        self.house
            .change_company(BIN, |company| {
                let mut member = company.members[0].clone();
                (member.account, member.roles) = (person, vec![role]);
                company.members.push(member);
            })
            .await;
        self.house.sign_in(person).await
    }

    /// Another shop of the organisation.
    async fn other_shop(&self, title: &str) -> TradePointId {
        let id = TradePointId::derive(BIN, title, "Алматы");
        let point = TradePoint::at(id.clone(), BIN, title, "г. Алматы, пр. Абая, 1");
        create(&*self.shop.store, &point).await.unwrap();
        id
    }

    /// A register of the other organisation.
    async fn foreign_register(&self) -> RegisterId {
        let id = RegisterId(777_001);
        let record = RegisterRecord {
            id,
            bin: OTHER.into(),
            trade_point: TradePointId::derive(OTHER, "Бөтен дүкен", "Шымкент"),
            fns_kkm_id: "640300019999".into(),
            serial_number: "FOREIGN".into(),
            model: "Web".into(),
            year: 2025,
            connection: Connection::Wired,
            is_tls_allowed: true,
            alias: String::new(),
            point_of_payment_number: None,
            terminal_number: None,
            created_at: UnixMillis(0),
            moved_at: None,
        };
        create(&*self.shop.store, &record).await.unwrap();
        id
    }
}

/// The list narrowed by what was typed.
fn looks_for(sought: &str) -> String {
    let query: String = form_urlencoded::byte_serialize(sought.as_bytes()).collect();
    format!("{LIST}?q={query}")
}

fn sale(operation: Operation) -> Ticket {
    Ticket { operation, ..Ticket::usual() }
}

#[tokio::test]
async fn the_list_has_every_shop_with_its_registers_and_what_they_sold_in_the_shift() {
    let street = Street::open().await;
    street.other_shop("Дүкен-2").await;
    let mut browser = street.browser(Role::Reader).await;
    let page = visible(&browser.go(LIST).await.text);
    assert!(page.contains("2 shops, 1 register"), "{page}");
    assert!(page.contains("Магазин 1 register") && page.contains("No receipts yet."), "{page}");
    assert!(page.contains("Дүкен-2 0 registers") && page.contains("There are no registers in this shop."));
    assert!(page.contains(&format!("serial SWK00032685 · РНМ {FNS_KKM_ID}")), "{page}");

    street.shop.accept(&sale(Operation::Sell).payload()).await;
    street.shop.accept(&Ticket { date_time: at(17, 9, 17), ..Ticket::usual() }.payload()).await;
    street.shop.accept(&sale(Operation::SellReturn).payload()).await;
    let page = visible(&browser.go(LIST).await.text);
    assert!(page.contains("Shift 1 opened 22 Jan 2026, 17:09:16"), "{page}");
    assert!(page.contains("Sales: 2, ₸1,393.80 · returns: 1, ₸696.90"), "{page}");
    assert!(page.contains("Active"), "{page}");

    street.shop.accept(&close_shift(at(17, 15, 0))).await;
    street.shop.change(&Change::Block { reason: "Қарыз".into() }).await;
    let page = visible(&browser.go(LIST).await.text);
    assert!(page.contains("Shift 1 closed 22 Jan 2026, 17:15:00"), "a block opens no shift: {page}");
    assert!(page.contains("Blocked since 22 Jan 2026"), "{page}");
}

#[tokio::test]
async fn one_box_finds_shops_and_registers() {
    let street = Street::open().await;
    let second = street.other_shop("Дүкен-2").await;
    street.shop.register(RegisterId(203_540), second).await;
    let mut browser = street.browser(Role::Accountant).await;
    let (first, second) = ("Register 203539", "Register 203540");
    for (sought, has_first, has_second) in [
        ("", true, true),
        ("дүкен", false, true),
        ("абая", false, true),
        ("магазин", true, false),
        ("swk0003", true, true),
        ("640300014538", true, true),
        ("40300", false, false),
        ("nothing of the kind", false, false),
    ] {
        let page = visible(&browser.go(&looks_for(sought)).await.text);
        assert_eq!(
            (page.contains(first), page.contains(second)),
            (has_first, has_second),
            "{sought}: {page}"
        );
        assert_eq!(page.contains("Nothing was found"), !has_first && !has_second, "{sought}");
    }
    // As long as the list is being made there may be more than one.
    assert_eq!(browser.open(&looks_for("203540")).await.status, 200);
    street.house.list_holdings().await;
    assert_eq!(
        location(&browser.open(&looks_for("203540")).await),
        format!("{LIST}/203540"),
        "one is gone to"
    );
    street.shop.change(&Change::Block { reason: "Қарыз".into() }).await;
    for (status, has_first, has_second) in [
        ("blocked", true, false),
        ("active", false, true),
        ("unpaid", false, false),
        ("none such", true, true),
    ] {
        let query: String = form_urlencoded::byte_serialize(status.as_bytes()).collect();
        let page = visible(&browser.go(&format!("{LIST}?status={query}")).await.text);
        assert_eq!(
            (page.contains(first), page.contains(second)),
            (has_first, has_second),
            "{status}: {page}"
        );
    }
}

#[tokio::test]
async fn one_box_finds_receipts_by_what_is_on_their_paper() {
    let street = Street::open().await;
    let second = street.other_shop("Дүкен-2").await;
    street.shop.register(RegisterId(203_540), second).await;
    let paper = street.shop.accept(&Ticket::usual().payload()).await;
    street
        .shop
        .accept(&Ticket { date_time: at(17, 20, 0), offline: 7_654_321, ..Ticket::usual() }.payload())
        .await;
    let mut browser = street.browser(Role::CashierManager).await;
    let sign = &paper.i;
    let query = format!("i={sign}&f={FNS_KKM_ID}&s=696.90&t={}", paper.t);
    for sought in [
        sign.clone(),
        format!("{}-{}", &sign[..5], &sign[5..]),
        format!("https://ofd.example/?{query}"),
        format!("ofd.example/t/?{query}"),
    ] {
        let answer = browser.open(&looks_for(&sought)).await;
        assert_eq!(location(&answer), format!("{REGISTER}/shifts/1/documents/1"), "{sought}");
    }
    let answer = browser.open(&looks_for("7654321")).await;
    assert_eq!(location(&answer), format!("{REGISTER}/shifts/1/documents/2"));
    for none in ["370454329472674", "7654322", &format!("?{}", query.replace("696.90", "696.91"))] {
        let page = visible(&browser.go(&looks_for(none)).await.text);
        assert!(page.contains("Nothing was found"), "{none}: {page}");
    }
    // How far it was looked for is said, whatever was found.
    let page = visible(&browser.go(&looks_for("7654322")).await.text);
    assert!(
        page.contains("in the last 31 shifts of 2 registers alone"),
        "the list is still being made: {page}"
    );
    street.house.list_holdings().await;
    let page = visible(&browser.go(&looks_for("7654322")).await.text);
    assert!(page.contains("in the last 31 shifts of each register"), "{page}");
    // Two receipts of one number are both offered.
    street
        .shop
        .accept(&Ticket { date_time: at(17, 25, 0), offline: 7_654_321, ..Ticket::usual() }.payload())
        .await;
    let page = browser.go(&looks_for("7654321")).await.text;
    for number in [2, 3] {
        assert!(page.contains(&format!("{REGISTER}/shifts/1/documents/{number}\"")), "{number}: {page}");
    }
}

#[tokio::test]
async fn a_number_finds_receipts_above_the_shops_and_registers_that_have_it_too() {
    let street = Street::open().await;
    let second = street.other_shop("Дүкен 7654321").await;
    street.shop.register(RegisterId(7_654_322), second).await;
    street.house.list_holdings().await;
    for offline in [7_654_321, 7_654_322] {
        street
            .shop
            .accept(&Ticket { date_time: at(17, 20, offline % 10), offline, ..Ticket::usual() }.payload())
            .await;
    }
    let mut browser = street.browser(Role::Accountant).await;
    for (sought, other, number) in [("7654321", "Дүкен 7654321", 1), ("7654322", "Register 7654322", 2)]
    {
        let html = browser.go(&looks_for(sought)).await.text;
        let receipt = html.find(&format!("{REGISTER}/shifts/1/documents/{number}\""));
        let other = html.find(&format!(">{other}</a>"));
        assert!(receipt.is_some() && receipt < other, "{sought}: {html}");
    }
    // Who may not see receipts is led to the register at once.
    let mut reader = street.browser(Role::Reader).await;
    assert_eq!(location(&reader.open(&looks_for("7654322")).await), format!("{LIST}/7654322"));
}

#[tokio::test]
async fn a_row_has_x_while_the_register_is_served_and_z_of_the_last_closed_shift() {
    let street = Street::open().await;
    let mut browser = street.browser(Role::Accountant).await;
    let (x, z) = (format!("{REGISTER}/x\""), |shift: u32| format!("{REGISTER}/shifts/{shift}/z\""));
    for page in [LIST, REGISTER] {
        let html = browser.go(page).await.text;
        assert!(html.contains(&x) && !html.contains("/z\""), "it sold nothing yet: {html}");
    }
    assert_eq!(browser.open(&format!("{REGISTER}/x")).await.status, 200);
    street.shop.accept(&Ticket::usual().payload()).await;
    street.shop.accept(&close_shift(at(17, 15, 0))).await;
    for has_next in [false, true] {
        if has_next {
            street.shop.accept(&Ticket { date_time: at(17, 16, 0), ..Ticket::usual() }.payload()).await;
        }
        for page in [LIST, REGISTER] {
            let html = browser.go(page).await.text;
            assert!(html.contains(&x) && html.contains(&z(1)) && !html.contains(&z(2)), "{html}");
            assert!(html.contains("Z report 1"), "{html}");
        }
    }
    street.shop.accept(&close_shift(at(17, 17, 0))).await;
    street.shop.change(&Change::Block { reason: "Қарыз".into() }).await;
    for page in [LIST, REGISTER] {
        let html = browser.go(page).await.text;
        assert!(!html.contains(&x) && html.contains(&z(2)), "{html}");
    }
}

#[tokio::test]
async fn registers_come_as_a_file_with_their_shop_and_what_the_shift_holds() {
    let street = Street::open().await;
    let second = street.other_shop("=Дүкен-2").await;
    street.shop.register(RegisterId(203_540), second).await;
    street.shop.accept(&sale(Operation::Sell).payload()).await;
    street.shop.accept(&sale(Operation::SellReturn).payload()).await;
    let mut browser = street.browser(Role::Reader).await;
    let html = browser.go(&format!("{LIST}?status=active")).await.text;
    assert!(html.contains(&format!("href=\"{LIST}.csv?status=active\"")), "{html}");
    let file = browser.go(&format!("{LIST}.csv")).await.text;
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[0].starts_with("\u{feff}\"Shop\";\"Kind\";\"Address\";"), "{file}");
    for part in ["\"Магазин\"", "\"203539\"", "\"SWK00032685\"", FNS_KKM_ID, "\"Active\"", "\"696,90\""]
    {
        assert!(lines[1].contains(part), "{part} is not in {file}");
    }
    assert!(lines[2].contains("\"'=Дүкен-2\"") && lines[2].contains("\"203540\""), "{file}");
    assert!(lines[3].contains("Some registers may be missing"), "{file}");
    street.house.list_holdings().await;
    let file = browser.go(&format!("{LIST}.csv")).await.text;
    assert_eq!(file.lines().count(), 3, "{file}");
    let file = browser.go(&format!("{LIST}.csv?q=swk00032685&line=silent&status=blocked")).await.text;
    assert_eq!(file.lines().count(), 1, "it is narrowed as the page is: {file}");
}

#[tokio::test]
async fn a_receipt_of_another_organisation_is_not_found_and_who_may_not_see_receipts_finds_none() {
    let street = Street::open().await;
    let paper = street.shop.accept(&Ticket::usual().payload()).await;
    let sign = paper.i;
    let address = format!("https://ofd.example/?i={sign}&f={FNS_KKM_ID}&s=696.90&t={}", paper.t);
    let keeper = street.house.company_of(OTHER).await.members[0].account;
    let mut other = street.house.sign_in(keeper).await;
    let mut reader = street.browser(Role::Reader).await;
    for sought in [&sign, &address] {
        let foreign = looks_for(sought).replace(BIN, OTHER);
        let page = visible(&other.go(&foreign).await.text);
        assert!(page.contains("Nothing was found"), "{page}");
        let page = visible(&reader.go(&looks_for(sought)).await.text);
        assert!(page.contains("Nothing was found"), "{page}");
    }
}

#[tokio::test]
async fn the_list_says_which_registers_are_on_line_and_since_when_the_others_are_silent() {
    let street = Street::open().await;
    let second = street.other_shop("Дүкен-2").await;
    let (on, off, never) = (RegisterId(203_540), RegisterId(203_541), RegisterId(203_542));
    for id in [on, off, never] {
        street.shop.register(id, second.clone()).await;
    }
    let (store, now) = (&street.shop.store, street.house.now());
    let ago = |minutes: u64| UnixMillis(now.0 - minutes * 60_000);
    store.note(heard_note(on, ago(14))).await.unwrap();
    store.note(heard_note(off, ago(15))).await.unwrap();
    let mut browser = street.browser(Role::Reader).await;
    let page = visible(&browser.go(LIST).await.text);
    assert!(page.contains("Дүкен-2 3 registers · on line: 1"), "{page}");
    for part in ["On line", "Silent since", "Not heard yet"] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    for (line, shown) in [("on", vec![on]), ("silent", vec![off, never, ID]), ("x", vec![on, off, never, ID])]
    {
        let page = visible(&browser.go(&format!("{LIST}?line={line}")).await.text);
        for id in [on, off, never, ID] {
            assert_eq!(page.contains(&format!("Register {id}")), shown.contains(&id), "{line} {id}: {page}");
        }
    }
    let page = visible(&browser.go(&format!("{LIST}/{off}")).await.text);
    assert!(page.contains("Link Silent since"), "{page}");
    // A document was heard, whatever became of its note.
    street.shop.accept(&Ticket::usual().payload()).await;
    let page = visible(&browser.go(REGISTER).await.text);
    assert!(page.contains("Link On line"), "{page}");
}

#[tokio::test]
async fn a_long_list_goes_on_from_page_to_page_and_names_every_register_once() {
    let street = Street::open().await;
    let second = street.other_shop("Дүкен-2").await;
    for number in 0..150 {
        street.shop.register(RegisterId(300_000 + number), second.clone()).await;
    }
    let mut browser = street.browser(Role::Reader).await;
    let (mut at, mut seen, mut pages) = (LIST.to_owned(), Vec::new(), 0);
    loop {
        let html = browser.go(&at).await.text;
        let ids =
            html.split("/registers/").skip(1).filter_map(|rest| rest.split('"').next()?.parse::<u32>().ok());
        seen.extend(ids);
        pages += 1;
        let next = html.split("rel=\"next\"").next().filter(|_| html.contains("rel=\"next\""));
        let Some(before) = next else { break };
        at = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
        assert!(pages < 10, "it never ends");
    }
    let expected: Vec<u32> = (300_000..300_150).chain([ID.0]).collect();
    assert_eq!(seen, expected, "Дүкен stands before Магазин, and each register once");
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn a_register_is_shown_with_its_status_sums_and_departures() {
    let street = Street::open().await;
    street.shop.accept(&Ticket::usual().payload()).await;
    street.shop.accept(&placement(at(17, 30, 0), 500_000)).await;
    street.shop.change(&Change::Block { reason: "Қарыз бар".into() }).await;
    let mut browser = street.browser(Role::Accountant).await;
    let page = visible(&browser.go(REGISTER).await.text);
    for part in [
        "Register 203539",
        "Reason Қарыз бар",
        "Shop Магазин Address г. Астана, ул. Сарайшық, 44",
        "Model Web",
        "Connection Wired",
        "Cash in the drawer ₸5,696.90",
        "Sales since registration ₸696.90",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    browser.language = "kk".into();
    let page = visible(&browser.go(REGISTER).await.text);
    assert!(page.contains("Астана қ., Сарайшық көшесі, 44"), "{page}");
}

#[tokio::test]
async fn departures_are_told_in_the_language_of_the_page() {
    let street = Street::open().await;
    let ticket = Ticket { taken: None, change: None, ..Ticket::usual() };
    street.shop.accept(&ticket.payload()).await;
    let mut browser = street.browser(Role::Reader).await;
    for (language, text) in [
        ("en", "A receipt paid in cash does not say the change."),
        ("ru", "В чеке за наличные нет суммы сдачи."),
        ("kk", "Қолма-қол төленген чекте қайтарым сомасы жоқ."),
    ] {
        browser.language = language.into();
        let page = visible(&browser.go(REGISTER).await.text);
        assert!(page.contains(&format!("{text} change-missing 1")), "{page}");
    }
}

#[tokio::test]
async fn x_and_z_show_what_the_documents_add_up_to() {
    let street = Street::open().await;
    street.shop.accept(&Ticket::usual().payload()).await;
    street
        .shop
        .accept(&Ticket { card: 69_690, taken: None, change: None, ..Ticket::usual() }.payload())
        .await;
    street.shop.accept(&placement(at(17, 30, 0), 500_000)).await;
    let mut browser = street.browser(Role::CashierManager).await;
    let z = format!("{REGISTER}/shifts/1/z");
    assert_eq!(browser.open(&z).await.status, 404, "an open shift has no Z");
    let counted = [
        "Sale 2 ₸1,393.80",
        "Sale: Cash 1 ₸696.90",
        "Sale: Bank card 1 ₸696.90",
        "Cash in 1 ₸5,000.00",
        "Cash in the drawer ₸5,696.90",
        "Revenue ₸1,393.80",
        "16%, Sale: tax — ₸192.26",
        "16%, Sale: turnover without tax — ₸1,201.54",
        "Model Web",
        "Sale: since registration 2",
        "Return of a sale 0 ₸0.00",
        "Return of a purchase 0 ₸0.00",
        "Cash out 0 ₸0.00",
        "Before discounts and markups",
    ];
    let page = visible(&browser.go(&format!("{REGISTER}/x")).await.text);
    for part in ["X report: shift 1, register 203539"].iter().chain(&counted) {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let closing = street.shop.accept(&close_shift(at(17, 15, 0))).await;
    let page = visible(&browser.go(&z).await.text);
    // The checksum is the one that the till got.
    let checksum = page.split("Checksum ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(checksum.len() == 8 && String::from_utf8_lossy(&closing.answer).contains(checksum), "{checksum}");
    for part in ["Z report: shift 1, register 203539", "Closed 22 Jan 2026, 17:15:00"].iter().chain(&counted)
    {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

#[tokio::test]
async fn shifts_come_with_the_newest_first() {
    let street = Street::open().await;
    for minute in [1, 2, 3] {
        street.shop.accept(&Ticket { date_time: at(9, minute, 0), ..Ticket::usual() }.payload()).await;
        street.shop.accept(&close_shift(at(9, minute, 30))).await;
    }
    let mut browser = street.browser(Role::Accountant).await;
    let page = visible(&browser.go(&format!("{REGISTER}/shifts")).await.text);
    let places = ["3 22 Jan 2026, 09:03:00", "2 22 Jan 2026, 09:02:00", "1 22 Jan 2026, 09:01:00"]
        .map(|shift| page.find(shift).unwrap_or_else(|| panic!("{shift} is not in {page}")));
    assert!(places.is_sorted(), "{page}");
    let page = visible(&browser.go(&format!("{REGISTER}/shifts?after=2")).await.text);
    assert!(!page.contains("09:02:00") && page.contains("09:01:00"), "{page}");
    let file = browser.go(&format!("{REGISTER}/shifts.csv")).await.text;
    assert!(file.contains("\"3\";\"22\u{a0}Jan 2026, 09:03:00\""), "{file}");
    assert!(file.contains("\"696,90\""), "a sum that spreadsheets add up: {file}");
}

#[tokio::test]
async fn the_documents_of_a_shift_are_listed_and_narrowed() {
    let street = Street::open().await;
    let sold = street.shop.accept(&Ticket::usual().payload()).await;
    let returned = street.shop.accept(&sale(Operation::SellReturn).payload()).await;
    street.shop.accept(&placement(at(17, 30, 0), 500_000)).await;
    street.shop.accept(&close_shift(at(17, 15, 0))).await;
    let mut browser = street.browser(Role::Accountant).await;
    let at = format!("{REGISTER}/shifts/1/documents");
    let all = visible(&browser.go(&at).await.text);
    for part in [
        format!("1 22 Jan 2026, 17:09:16 Sale ₸696.90 Cash Айгүл {}", sold.i),
        format!("2 22 Jan 2026, 17:09:16 Return of a sale ₸696.90 Cash Айгүл {}", returned.i),
        "3 22 Jan 2026, 17:30:00 accepted 22 Jan 2026, 17:09:18 Cash in ₸5,000.00".to_owned(),
        "4 22 Jan 2026, 17:15:00 accepted 22 Jan 2026, 17:09:18 Closing of the shift".to_owned(),
    ] {
        assert!(all.contains(&part), "{part} is not in {all}");
    }
    for (kind, has) in [
        ("sell", [true, false, false]),
        ("sell_return", [false, true, false]),
        ("cash", [false, false, true]),
        ("buy", [false; 3]),
    ] {
        let page = visible(&browser.go(&format!("{at}?kind={kind}")).await.text);
        let found = [&sold.i, &returned.i, "17:30:00"].map(|part| page.contains(part));
        assert_eq!(found, has, "{kind}: {page}");
    }
    let file = browser.go(&format!("{at}.csv?kind=sell")).await.text;
    assert!(file.contains(&sold.i) && !file.contains(&returned.i), "{file}");
}

#[tokio::test]
async fn a_document_leads_to_what_its_buyer_sees_and_never_shows_who_bought() {
    let street = Street::open().await;
    let goods = vec![Goods::new("Нан", 1000, 10_000, 10_000)];
    let buyer = Some(("buyer@example.kz", "+77010000000", "900101300017"));
    let paper = street.shop.accept(&Ticket { buyer, ..Ticket::of(goods, 10_000) }.payload()).await;
    let mut browser = street.browser(Role::Accountant).await;
    let html = browser.go(&format!("{REGISTER}/shifts/1/documents/1")).await.text;
    let page = visible(&html);
    for part in ["Sale ₸100.00", &paper.i, "Cash ₸100.00", "Cashier Айгүл", &hex::encode(paper.chain)]
    {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    for secret in ["buyer@example.kz", "77010000000", "900101300017"] {
        assert!(!html.contains(secret), "{secret} is shown");
    }
    let href = paper.page().replace('&', "&#38;");
    assert!(html.contains(&href), "{href} is not in {html}");
    assert!(browser.go(&paper.page()).await.text.contains("Нан"));
}

#[tokio::test]
async fn registers_of_others_are_as_if_there_were_none() {
    let street = Street::open().await;
    let foreign = street.foreign_register().await;
    street.shop.accept(&Ticket::usual().payload()).await;
    street.shop.accept(&close_shift(at(17, 15, 0))).await;
    let mut browser = street.browser(Role::Administrator).await;
    assert!(!browser.go(LIST).await.text.contains("FOREIGN"));
    let tails = [
        "",
        "/x",
        "/shifts",
        "/shifts.csv",
        "/shifts/1/documents",
        "/shifts/1/documents.csv",
        "/shifts/1/z",
        "/shifts/1/documents/1",
    ];
    for tail in tails {
        assert_eq!(browser.open(&format!("{REGISTER}{tail}")).await.status, 200, "{tail}");
        for id in [foreign.to_string().as_str(), "4", "0", "-1", "+203539", "99999999999", "x"] {
            let answer = browser.open(&format!("{LIST}/{id}{tail}")).await;
            assert_eq!(answer.status, 404, "{id}{tail}");
            assert!(!answer.text.contains("FOREIGN"), "{id}{tail}");
        }
    }
    for tail in [
        "/shifts/2/documents",
        "/shifts/0/documents",
        "/shifts/x/documents",
        "/shifts/2/z",
        "/shifts/1/documents/3",
        "/shifts/9/documents/1",
    ] {
        assert_eq!(browser.open(&format!("{REGISTER}{tail}")).await.status, 404, "{tail}");
    }
}

#[tokio::test]
async fn who_may_not_read_documents_is_shown_no_way_to_them() {
    let street = Street::open().await;
    street.shop.accept(&Ticket::usual().payload()).await;
    let mut browser = street.browser(Role::Reader).await;
    for page in [LIST, REGISTER] {
        let html = browser.go(page).await.text;
        assert!(html.contains("Shift 1 opened"), "{html}");
        assert!(
            !html.contains(&format!("{REGISTER}/x")) && !html.contains(&format!("{REGISTER}/shifts")),
            "{html}"
        );
    }
    for tail in ["/x", "/shifts", "/shifts/1/documents", "/shifts/1/documents/1"] {
        assert_eq!(browser.open(&format!("{REGISTER}{tail}")).await.status, 403, "{tail}");
    }
}
