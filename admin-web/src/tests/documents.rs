//! Documents over a period: what is listed, in which order, what it comes to, and what a person reads of it.

mod reach;

use std::sync::Arc;

use ofd_office::documents::{
    Bounds, Cursor, DocumentLine, DocumentQuery, Found, TotalName, TotalsOf, Typed, documents,
};
use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::register::{Day, Figures, counts_at};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, UnixMillis};
use ofd_storage::accounts::Role;
use ofd_storage::feed::{Caught, catch_up};
use ofd_storage::figures::FiguresReader;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{RegisterRecord, TradePoint, TradePointId, create, load, register_key, replace};
use ofd_storage::registers;
use ofd_storage::store::Stamp;

use super::support::people::{Browser, House};
use super::support::{Goods, ID, NOW, Shop, Ticket, ZONE, at, cancel, cash, close_shift, placement};

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";
const LIST: &str = "/c/151140001234/documents";
const CASH: &str = "/c/151140001234/cash";
const DAY_SECONDS: u64 = 24 * 3600;

/// Numbers that look drawn, the same for a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn wall(now: UnixMillis, seconds_before: u64) -> LocalDateTime {
    UnixMillis(now.0 - seconds_before * 1000).wall(ZONE)
}

/// An organisation with two shops and three registers that sold for some days: receipts of every kind, some made without a
/// link and sent much later, some cancelled, cash in and out, and a closing each day.
struct Market {
    shop: Shop<Arc<MemoryStore>>,
    registers: Vec<RegisterId>,
}

impl Market {
    async fn open(store: Arc<MemoryStore>) -> Self {
        let shop = Shop::on(store, "ТОО «Көктем»").await;
        let second = TradePointId::derive(BIN, "Дүкен-2", "Алматы");
        let point = TradePoint::at(second.clone(), BIN, "Дүкен-2", "г. Алматы, пр. Абая, 1");
        create(&*shop.store, &point).await.unwrap();
        let registers = vec![ID, RegisterId(203_540), RegisterId(203_541)];
        for id in &registers[1..] {
            shop.register(*id, second.clone()).await;
        }
        Self { shop, registers }
    }

    /// Sells for so many days up to today.
    async fn sell(&self, dice: &mut Dice, days: u64) {
        let mut offline = 0;
        for day in (0..days).rev() {
            let morning = UnixMillis(NOW.0 - (day * DAY_SECONDS + 8 * 3600) * 1000);
            for step in 0..12 {
                for id in &self.registers {
                    let now = UnixMillis(morning.0 + (step * 1200 + dice.roll(1000)) * 1000);
                    offline += 1;
                    let payload = Self::document(dice, now, offline);
                    // What the rules do not take is not there to be listed.
                    let _ = self.shop.accept_at(*id, now, &payload).await;
                }
            }
            for id in &self.registers {
                let now = UnixMillis(morning.0 + 7 * 3600 * 1000 + dice.roll(600) * 1000);
                if dice.roll(4) > 0 {
                    self.shop.accept_at(*id, now, &close_shift(wall(now, 0))).await.unwrap();
                }
            }
        }
    }

    fn document(dice: &mut Dice, now: UnixMillis, offline: u32) -> Vec<u8> {
        let date_time = wall(now, dice.roll(60));
        let sum = 10_000 + i64::try_from(dice.roll(100)).unwrap() * 100;
        let of = |operation: Operation, card: i64| {
            let goods = vec![Goods::new("Нан", 1000, sum, sum)];
            let cashier = if sum % 200 == 0 { "Айгүл" } else { "Болат" };
            let taken = Some(sum - card);
            Ticket { operation, date_time, cashier, card, taken, ..Ticket::of(goods, sum) }
        };
        match dice.roll(10) {
            0 => cash(0, date_time, sum),
            1 => cash(1, date_time, 100),
            2 => cancel(),
            3 => of(Operation::SellReturn, 0).payload(),
            4 => of(Operation::Sell, sum / 2).payload(),
            // Made hours or days ago, and some by a clock that tells nothing.
            5 => {
                let ago = [3_600, 20 * 3_600, 2 * DAY_SECONDS, 9 * DAY_SECONDS]
                    [usize::try_from(dice.roll(4)).unwrap()];
                Ticket { date_time: wall(now, ago), offline, ..of(Operation::Sell, 0) }.payload()
            }
            _ => of(Operation::Sell, 0).payload(),
        }
    }

    /// Counts the figures of some registers.
    async fn count(&self, registers: &[RegisterId]) {
        let reader = FiguresReader { zone_offset_seconds: ZONE };
        for id in registers {
            let stamps =
                || Stamp(u128::from(self.shop.stamp().0[15]).wrapping_add(rand_stamp()).to_be_bytes());
            while !matches!(catch_up(&*self.shop.store, &reader, *id, &stamps).await.unwrap(), Caught::Up(0))
            {
            }
        }
    }

    /// Every document there is, by reading all of them.
    async fn all(&self) -> Vec<(RegisterId, u32, registers::Document)> {
        let mut all = Vec::new();
        for id in &self.registers {
            let newest = registers::newest(&*self.shop.store, *id).await.unwrap().unwrap();
            for shift in 1..=newest.register.shift_number {
                let documents = registers::documents(&*self.shop.store, *id, shift, 0, 10_000).await.unwrap();
                all.extend(documents.into_iter().map(|document| (*id, shift, document)));
            }
        }
        all
    }

    /// Where the documents of a query lie, the newest first, by looking at each.
    async fn expected(&self, query: &DocumentQuery) -> Vec<(RegisterId, DocumentRef)> {
        let mut expected = Vec::new();
        for (id, shift, document) in self.all().await {
            let day = Day::of(counts_at(document.date_time, document.accepted_at, ZONE));
            let place = DocumentRef { shift, number: document.number };
            if query.period.has(day) {
                expected.push((document.accepted_at, id.0, place));
            }
        }
        expected.sort_unstable();
        expected.reverse();
        expected.into_iter().map(|(_, id, place)| (RegisterId(id), place)).collect()
    }

    async fn page(&self, query: &DocumentQuery, after: Option<Cursor>, bounds: Bounds) -> Found {
        documents(&*self.shop.store, BIN, query, after, bounds, ZONE).await.unwrap()
    }

    /// All pages of a query, one behind the other.
    async fn listed(&self, query: &DocumentQuery, bounds: Bounds) -> Vec<DocumentLine> {
        let (mut lines, mut after) = (Vec::new(), None);
        for page in 0.. {
            let found = self.page(query, after, bounds).await;
            assert!(found.lines.len() <= bounds.rows);
            let opened = bounds.read + 64 * self.registers.len();
            assert!(found.read <= opened, "{} were read", found.read);
            lines.extend(found.lines);
            match found.next {
                Some(next) => after = Cursor::read(&next.text()),
                None => return lines,
            }
            assert!(page < 2_000, "it never ends");
        }
        lines
    }
}

/// A number that no stamp had before.
fn rand_stamp() -> u128 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) << 64
}

fn today() -> Day {
    Day::of(NOW.wall(ZONE))
}

fn asked(typed: Typed<'_>) -> DocumentQuery {
    DocumentQuery::read(typed, today()).unwrap()
}

fn places(lines: &[DocumentLine]) -> Vec<(RegisterId, DocumentRef)> {
    lines.iter().map(|line| (line.register, line.place)).collect()
}

const SEEDS: std::ops::Range<u64> = 0..6;

#[tokio::test]
async fn every_document_of_a_period_is_listed_once_the_newest_first_however_far_figures_are() {
    for seed in SEEDS {
        let mut dice = Dice(seed);
        let market = Market::open(Arc::new(MemoryStore::new())).await;
        market.sell(&mut dice, 8).await;
        // Some registers are counted, some only until here, some not at all.
        market.count(&market.registers[..usize::try_from(seed % 4).unwrap()]).await;
        for payload in [close_shift(at(17, 0, 0)), placement(at(17, 0, 0), 100)] {
            let _ = market.shop.accept_at(ID, NOW, &payload).await;
        }
        for (from, to) in [
            ("2026-01-15", "2026-01-22"),
            ("2026-01-18", "2026-01-18"),
            ("2026-01-19", "2026-01-20"),
            ("", ""),
            ("2025-06-01", "2025-12-31"),
        ] {
            let query = asked(Typed { from, to, ..Typed::default() });
            let expected = market.expected(&query).await;
            for bounds in [Bounds { rows: 7, read: 5_000 }, Bounds { rows: 1_000, read: 1 }, Bounds::rows(3)]
            {
                let listed = places(&market.listed(&query, bounds).await);
                assert_eq!(listed, expected, "seed {seed}, {from} to {to}, {bounds:?}");
            }
        }
    }
}

#[tokio::test]
async fn figures_lead_to_a_day_without_reading_what_lies_around_it() {
    let market = Market::open(Arc::new(MemoryStore::new())).await;
    market.sell(&mut Dice(1), 12).await;
    let query = asked(Typed { from: "2026-01-13", to: "2026-01-13", register: "203540", ..Typed::default() });
    let slowly = market.page(&query, None, Bounds::rows(100)).await;
    market.count(&market.registers).await;
    let quickly = market.page(&query, None, Bounds::rows(100)).await;
    assert_eq!(places(&slowly.lines), places(&quickly.lines));
    assert!(
        !quickly.lines.is_empty() && quickly.read * 2 < slowly.read,
        "{} of {}",
        quickly.read,
        slowly.read
    );
}

#[tokio::test]
async fn sums_are_those_of_the_raw_frames_whichever_way_they_are_come_by() {
    for seed in SEEDS {
        let market = Market::open(Arc::new(MemoryStore::new())).await;
        market.sell(&mut Dice(seed + 100), 8).await;
        market.count(&market.registers).await;
        for (from, to, payment) in
            [("2026-01-15", "2026-01-22", ""), ("2026-01-18", "2026-01-19", ""), ("2026-01-15", "", "card")]
        {
            let query = asked(Typed { from, to, payment, ..Typed::default() });
            let (mut recounted, mut drawer) = (Figures::default(), 0);
            for (id, shift, document) in market.all().await {
                let place = DocumentRef { shift, number: document.number };
                let at = counts_at(document.date_time, document.accepted_at, ZONE);
                let is_cancelled = registers::is_cancelled(&*market.shop.store, id, place).await.unwrap();
                if query.period.has(Day::of(at)) && !is_cancelled {
                    recounted.count(&document.raw, at, &mut drawer).unwrap();
                }
            }
            let whole = market.page(&query, None, Bounds::rows(10_000)).await;
            assert_eq!(whole.totals.of, TotalsOf::Days { has_uncounted: false });
            // The same query in a form that figures cannot answer.
            let by_page = asked(Typed { from, to, payment, sum_from: "0", ..Typed::default() });
            let page = market.page(&by_page, None, Bounds::rows(10_000)).await;
            assert_eq!(page.totals.of, TotalsOf::Page);
            for totals in [&whole.totals, &page.totals] {
                assert!(!totals.lines.is_empty());
                for line in &totals.lines {
                    let expected = match line.name {
                        TotalName::Receipts(operation) if payment == "card" => {
                            recounted.tickets[operation.index()].payments[1]
                        }
                        TotalName::Receipts(operation) => recounted.tickets[operation.index()].total,
                        TotalName::Cash(PlacementOperation::Deposit) => recounted.placements[0].total,
                        TotalName::Cash(PlacementOperation::Withdrawal) => recounted.placements[1].total,
                    };
                    assert_eq!(
                        (line.count, line.sum),
                        (expected.count, expected.sum),
                        "seed {seed}: {line:?}"
                    );
                }
            }
            assert_eq!(whole.totals.lines, page.totals.lines, "seed {seed}");
        }
    }
}

#[tokio::test]
async fn a_page_that_read_its_share_says_how_far_it_got_and_goes_on() {
    let market = Market::open(Arc::new(MemoryStore::new())).await;
    market.sell(&mut Dice(7), 8).await;
    let query = asked(Typed { from: "2026-01-10", cashier: "nobody", ..Typed::default() });
    let bounds = Bounds { rows: 50, read: 40 };
    let found = market.page(&query, None, bounds).await;
    assert!(found.lines.is_empty() && found.next.is_some() && found.reached.is_some(), "{found:?}");
    assert!(market.listed(&query, bounds).await.is_empty(), "and ends");
}

#[tokio::test]
async fn documents_are_narrowed_by_all_that_is_asked() {
    let market = Market::open(Arc::new(MemoryStore::new())).await;
    market.sell(&mut Dice(3), 8).await;
    market.count(&market.registers[..2]).await;
    let week = Typed { from: "2026-01-15", ..Typed::default() };
    let all = market.listed(&asked(week), Bounds::rows(500)).await;
    let second: Vec<RegisterId> = market.registers[1..].to_vec();
    type Is<'a> = Box<dyn Fn(&DocumentLine) -> bool + 'a>;
    let cases: Vec<(Typed<'_>, Is<'_>)> = vec![
        (Typed { register: "203541", ..week }, Box::new(|line| line.register.0 == 203_541)),
        (Typed { shop: "абая", ..week }, Box::new(|line| second.contains(&line.register))),
        (Typed { shop: "абая", register: "203539", ..week }, Box::new(|_| false)),
        (Typed { cashier: "АЙГ", ..week }, Box::new(|line| line.told.cashier == "Айгүл")),
        (
            Typed { operation: "sell_return", ..week },
            Box::new(|line| line.told.operation == Some(Operation::SellReturn)),
        ),
        (Typed { operation: "cash", ..week }, Box::new(|line| line.told.placement.is_some())),
        (
            Typed { operation: "cash_out", ..week },
            Box::new(|line| {
                line.told.placement.is_some_and(|(way, _)| way == PlacementOperation::Withdrawal)
            }),
        ),
        (Typed { operation: "cancel", ..week }, Box::new(|line| line.cancels.is_some())),
        (Typed { payment: "card", ..week }, Box::new(|line| line.told.paid_by.len() == 2)),
        (
            Typed { sum_from: "120", sum_to: "150,5", ..week },
            Box::new(|line| line.sum.is_some_and(|sum| (12_000..=15_050).contains(&sum.get()))),
        ),
        (Typed { offline: "yes", ..week }, Box::new(|line| line.offline_number.is_some())),
    ];
    for (typed, is) in cases {
        let found = places(&market.listed(&asked(typed), Bounds::rows(9)).await);
        let expected: Vec<DocumentLine> = all.iter().filter(|line| is(line)).cloned().collect();
        assert_eq!(found, places(&expected), "{typed:?}");
        assert!(!expected.is_empty() || !typed.shop.is_empty(), "{typed:?} says nothing");
    }
}

/// What a reader sees of a page.
fn visible(html: &str) -> String {
    let text: String = html
        .split('<')
        .map(|part| part.split_once('>').map_or("", |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ");
    text.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn open() -> (House, Market, Browser) {
    let house = House::open();
    let market = Market::open(Arc::clone(&house.store)).await;
    let keeper = house.person("ӘКІМШІ").await;
    house.company(BIN, "ТОО «Көктем»", &[(keeper, &[Role::Accountant])]).await;
    house.company(OTHER, "ТОО «Басқа»", &[(keeper, &[Role::Administrator])]).await;
    let browser = house.sign_in(keeper).await;
    (house, market, browser)
}

#[tokio::test]
async fn the_page_shows_documents_with_their_sums_and_where_they_lead() {
    let (_house, market, mut browser) = open().await;
    let paper = market.shop.accept(&Ticket::usual().payload()).await;
    market.shop.accept(&placement(at(17, 9, 30), 500_000)).await;
    market.shop.accept(&Ticket { date_time: at(17, 9, 40), ..Ticket::usual() }.payload()).await;
    market.shop.accept(&cancel()).await;
    let html = browser.go(LIST).await.text;
    let page = visible(&html);
    for part in [
        "22.01.2026 to 22.01.2026",
        &format!("22 Jan 2026, 17:09:16 Sale 203539 1 ₸696.90 Cash Айгүл {}", paper.i),
        "22 Jan 2026, 17:09:30 Cash in 203539 1 ₸5,000.00",
        "Sale (cancelled)",
        "Cancellation of a receipt",
        "Documents of the last minutes are in the list and not yet in the sums.",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(html.contains("/c/151140001234/registers/203539/shifts/1/documents/1"), "{html}");
    market.count(&market.registers).await;
    let page = visible(&browser.go(LIST).await.text);
    let sums = "All of it together: Sale: 1, ₸696.90 · Cash in: 1, ₸5,000.00.";
    assert!(page.contains(sums) && !page.contains("last minutes"), "{page}");
    let page = visible(&browser.go(&format!("{LIST}?cashier=%D0%B0%D0%B9%D0%B3")).await.text);
    assert!(page.contains("This page alone: Sale: 1, ₸696.90."), "{page}");
    let page = visible(&browser.go(CASH).await.text);
    assert!(page.contains("Cash in: 1, ₸5,000.00") && !page.contains("Sale"), "{page}");
    assert!(!visible(&browser.go(&format!("{CASH}?operation=sell")).await.text).contains("696.90"));
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let (_house, _market, mut browser) = open().await;
    for list in [LIST, CASH] {
        for tail in ["", ".csv"] {
            let answer = browser
                .open(&format!(
                    "{list}{tail}?from=01.01.2021&to=22.01.2026&cashier=%D0%90%D0%B9&sum_from=much"
                ))
                .await;
            assert_eq!(answer.status, 422, "{list}{tail}");
            for part in [
                "The period is longer than 366 days.",
                "Write the sum as 1234.50.",
                "value=\"01.01.2021\"",
                "value=\"22.01.2026\"",
                "value=\"Ай\"",
                "value=\"much\"",
            ] {
                assert!(answer.text.contains(part), "{part} is not in {}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn a_file_has_every_row_and_nothing_in_it_is_a_formula() {
    let (house, market, mut browser) = open().await;
    house.list_holdings().await;
    market.sell(&mut Dice(5), 8).await;
    let evil = Ticket { cashier: "=HYPERLINK(\"http://evil\")", ..Ticket::usual() };
    market.shop.accept(&evil.payload()).await;
    let week = asked(Typed { from: "2026-01-15", ..Typed::default() });
    let expected = market.expected(&week).await.len();
    let answer = browser.open(&format!("{LIST}.csv?from=15.01.2026")).await;
    assert_eq!(answer.status, 200);
    let file = answer.text;
    assert!(file.starts_with("\u{feff}\"Time\";\"Document\""), "{file}");
    assert_eq!(file.lines().count(), expected + 1);
    assert!(file.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""), "{file}");
    assert!(file.contains("\"696,90\""), "a sum that spreadsheets add up");
}

#[tokio::test]
async fn documents_of_others_are_not_there_whatever_is_asked() {
    let (_house, market, mut browser) = open().await;
    market.shop.accept(&Ticket::usual().payload()).await;
    for query in ["", "?register=203539", "?shop=%D0%9C%D0%B0%D0%B3", "?after=1769083758000-203539-1-9"] {
        let answer = browser.open(&format!("/c/{OTHER}/documents{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        assert!(answer.text.contains("There are no such documents."), "{query}: {}", answer.text);
    }
    for cursor in ["x", "1-2-3", "-1-2-3-4", "99999999999999999999-1-1-1"] {
        let page = browser.go(&format!("{LIST}?after={cursor}")).await.text;
        assert!(page.contains("696.90"), "what is no cursor begins anew: {cursor}");
    }
}

#[tokio::test]
async fn shifts_of_all_registers_are_listed_by_period_each_once() {
    let (house, market, mut browser) = open().await;
    house.list_holdings().await;
    market.sell(&mut Dice(9), 6).await;
    let mut seen = Vec::new();
    for counted in [0, 3] {
        market.count(&market.registers[..counted]).await;
        for (from, to) in [("15.01.2026", "22.01.2026"), ("19.01.2026", "19.01.2026")] {
            let file = browser.go(&format!("/c/{BIN}/shifts.csv?from={from}&to={to}")).await.text;
            let rows: Vec<String> = file.lines().skip(1).map(str::to_owned).collect();
            let mut once = rows.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), rows.len(), "each once: {file}");
            seen.push(rows);
        }
    }
    assert!(seen[0].len() >= 12 && seen[1].len() >= 3 && seen[1].len() < seen[0].len(), "{seen:?}");
    assert_eq!((&seen[0], &seen[1]), (&seen[2], &seen[3]), "with figures and without");
    let page = browser.go(&format!("/c/{BIN}/shifts?register=203540&from=15.01.2026")).await.text;
    assert!(page.contains("/registers/203540/shifts/1/z") && !page.contains("/registers/203539/"), "{page}");
    assert_eq!(browser.open(&format!("/c/{BIN}/shifts?from=01.01.2020")).await.status, 422);
    assert!(
        browser
            .go(&format!("/c/{OTHER}/shifts?from=15.01.2026"))
            .await
            .text
            .contains("There were no shifts.")
    );
}

#[tokio::test]
async fn a_document_tells_its_frame_and_hides_who_bought() {
    let (_house, market, mut browser) = open().await;
    let buyer = Some(("buyer@example.kz", "+77010000000", "900101300017"));
    market.shop.accept(&Ticket { buyer, ..Ticket::usual() }.payload()).await;
    let html = browser.go(&format!("/c/{BIN}/registers/{ID}/shifts/1/documents/1")).await.text;
    let page = visible(&html);
    for part in [
        "command 1 1 (TICKET) 5",
        "ticket.operation 1 2 (SELL) 7",
        "ticket.date_time 2 22 Jan 2026, 17:09:16 13.5",
        "ticket.items[1].commodity.sum 6 ₸149.90 7",
        "ticket.amounts.total 1 ₸696.90 7",
        "ticket.extension_options.customer_email 1 not shown",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    for secret in ["buyer@example.kz", "77010000000", "900101300017"] {
        assert!(!html.contains(secret), "{secret} is shown");
    }
}

#[tokio::test]
async fn returns_and_cancellations_lead_to_their_receipts_and_back() {
    let (house, market, mut browser) = open().await;
    house.list_holdings().await;
    let sold = market.shop.accept(&Ticket::usual().payload()).await;
    let one = |number: u32| format!("/c/{BIN}/registers/{ID}/shifts/1/documents/{number}");
    let page = visible(&browser.go(&one(1)).await.text);
    assert!(
        page.contains("Returned by no return of it was found in any register of the organisation"),
        "{page}"
    );
    let parent = Some((sold.i.clone(), at(17, 9, 16), 69_690));
    let back =
        Ticket { operation: Operation::SellReturn, date_time: at(17, 10, 0), parent, ..Ticket::usual() };
    market.shop.accept(&back.payload()).await;
    market.shop.accept(&Ticket { date_time: at(17, 11, 0), ..Ticket::usual() }.payload()).await;
    market.shop.accept(&cancel()).await;
    for counted in [false, true] {
        if counted {
            market.count(&market.registers).await;
        }
        let links = [
            (1, "Returned by register 203539, shift 1, document 2", 2),
            (2, "Undoes the receipt register 203539, shift 1, document 1", 1),
            (3, "Cancelled by register 203539, shift 1, document 4", 4),
            (4, "Cancels register 203539, shift 1, document 3", 3),
        ];
        for (number, text, to) in links {
            let html = browser.go(&one(number)).await.text;
            assert!(visible(&html).contains(text), "{text} is not in {}", visible(&html));
            assert!(html.contains(&format!("href=\"{}\"", one(to))), "{html}");
        }
    }
    // The register got another number of the tax authority since: its receipts are the same ones.
    let key = register_key(ID);
    let (version, record) = load::<RegisterRecord>(&*market.shop.store, &key).await.unwrap().unwrap();
    let renumbered = RegisterRecord { fns_kkm_id: "010100000077".into(), ..record.clone() };
    let version = replace(&*market.shop.store, version, &renumbered).await.unwrap();
    let page = visible(&browser.go(&one(1)).await.text);
    assert!(page.contains("Returned by register 203539, shift 1, document 2"), "{page}");
    replace(&*market.shop.store, version, &record).await.unwrap();
    // Another organisation's receipt is named and not led to.
    market.shop.accept(&Ticket { date_time: at(17, 11, 30), ..Ticket::usual() }.payload()).await;
    let parent = Some(("123456789012345".into(), at(17, 9, 16), 69_690));
    let back =
        Ticket { operation: Operation::SellReturn, date_time: at(17, 12, 0), parent, ..Ticket::usual() };
    market.shop.accept(&back.payload()).await;
    let page = visible(&browser.go(&one(6)).await.text);
    assert!(page.contains("Undoes the receipt 123456789012345"), "{page}");
}
