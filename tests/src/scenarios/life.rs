//! Every command, every version, every way to the server, and receipts at the site.

use ofd_loadtest::{
    Document, Fault, Identity, Line, LineKind, Operation, Parent, PaymentKind, Placement, Receipt, Renumber,
    ReportKind, clock,
};
use ofd_protocol::frame;
use prost::Message;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::{Api, count};
use crate::device::{Device, Way};
use crate::http::{Request, get};
use crate::oracle::lenient;
use crate::process::{Setup, local};

const VERSIONS: [u16; 7] = [124, 125, 200, 201, 202, 203, 204];

/// How many registers [`every_version`] takes.
pub const LIVES: u32 = 42;

/// A receipt that has everything.
fn full_sale() -> Receipt {
    Receipt::new(Operation::Sell)
        .item("Сүт «Айналайын» 1 л", "1", 2_000, 450_00)
        .taxed(16_000)
        .item("Нан", "2", 1_000, 180_00)
        .item("Шай", "2", 1_000, 990_00)
        .storno_last()
        .line(Line::modifier(LineKind::Discount, "Жеңілдік", 30_00))
        .discount(50_00)
        .pay(PaymentKind::Card, 500_00)
        .pay_rest_in_cash(600_00)
}

/// Two shifts with every kind of document. Returns the full sale's receipt and QR text, and that of a receipt that was
/// cancelled, where the version still can.
async fn live(device: &mut Device, version: u16) -> (String, Option<String>) {
    device.info().await;
    device.ping().await;
    let unsigned =
        device.send(Document::Auth { login: "kassir".into(), password: "1".into() }).await.accepted();
    assert_eq!(unsigned.auth.map(|auth| auth.result), Some(1), "there is no list of operators");
    let catalogue = device.send(Document::Nomenclature { barcode: None }).await.accepted();
    assert_eq!(catalogue.nomenclature.map(|part| part.result), Some(2), "there is no catalogue");
    device.report(ReportKind::Z).await;
    device.report(ReportKind::X).await;
    device.deposit(5_000_00).await;
    let sale = device.send(Document::Receipt(full_sale())).await.accepted();
    let qr = sale.ticket.expect("a receipt has a number").qr;
    let sold = device.register.state().last_sale.clone().expect("it was a sale");
    for _ in 0..3 {
        device.sell().await;
    }
    sell_back(device, Operation::SellReturn, sold).await;
    let bought = Receipt::new(Operation::Buy).item("Ет", "3", 1_500, 2_000_00);
    device.send(Document::Receipt(bought.pay_rest_in_cash(3_000_00))).await.accepted();
    let bought = device.register.state().last_purchase.clone().expect("it was a purchase");
    sell_back(device, Operation::BuyReturn, bought).await;
    let cancelled = if version < 204 {
        let receipt = device.sell().await.ticket.expect("a receipt has a number");
        device.send(Document::Cancel).await.accepted();
        Some(receipt.qr)
    } else {
        let refused = device.send(Document::Cancel).await;
        assert_eq!(refused.code(), Some(5), "CANCEL_TICKET is gone in 204");
        None
    };
    device.report(ReportKind::X).await;
    device.send(Document::Placement { operation: Placement::Withdrawal, sum: 100_00 }).await.accepted();
    device.info().await;
    device.close_shift().await;
    device.report(ReportKind::Z).await;
    device.report(ReportKind::X).await;
    device.info().await;
    device.sell().await;
    device.send(Document::Close { withdraw: false }).await.accepted();
    device.report(ReportKind::Z).await;
    device.expect_no_differences();
    (qr, cancelled)
}

async fn sell_back(device: &mut Device, operation: Operation, parent: Parent) {
    let receipt =
        Receipt::new(operation).item("Қайтару", "2", 1_000, 180_00).of(parent).pay_rest_in_cash(180_00);
    device.send(Document::Receipt(receipt)).await.accepted();
}

/// Path and query of a QR text, whose site must be the server's.
fn target(setup: &Setup, qr: &str) -> String {
    let site = format!("http://127.0.0.1:{}", setup.ports.site);
    qr.strip_prefix(&site).unwrap_or_else(|| panic!("{qr} is not at {site}")).to_owned()
}

/// A parameter of a QR text.
fn parameter<'a>(qr: &'a str, name: &str) -> &'a str {
    let (_, query) = qr.split_once('?').expect("a QR text has a query");
    let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("{qr} lacks {name}"))
}

/// The receipt check that apps make of a QR text.
fn check_target(qr: &str) -> String {
    let [t, i, f, s] = ["t", "i", "f", "s"].map(|name| parameter(qr, name));
    format!("/api/tickets/get-by-url?t={t}&i={i}&f={f}&s={s}")
}

/// The check of [`full_sale`], number by number (WIRE section 14).
fn expect_full_sale(found: &Value, identity: &Identity, qr: &str) {
    let ticket = &found["ticket"];
    assert_eq!(found["kkmFnsId"], identity.fns_kkm_id, "{found}");
    assert_eq!(found["kkmSerialNumber"], identity.serial_number, "{found}");
    assert_eq!(
        (&found["orgId"], &found["orgTitle"]),
        (&json!(identity.bin), &json!(identity.title)),
        "{found}"
    );
    assert_eq!(found["retailPlaceAddress"], identity.address, "{found}");
    assert_eq!(
        (ticket["fiscalId"].as_str(), &ticket["operationType"]),
        (Some(parameter(qr, "i")), &json!(2))
    );
    let number = |value: &Value| value.as_f64();
    let sums = ["totalSum", "takenSum", "changeSum"].map(|name| number(&ticket[name]));
    assert_eq!(sums, [Some(1000.0), Some(600.0), Some(100.0)], "{found}");
    let date: String = ticket["transactionDate"].as_str().unwrap_or_default().replace(['-', ':'], "");
    assert_eq!(date, parameter(qr, "t"), "{found}");
    let payments = ticket["payments"].as_array().expect("payments are a list").iter();
    let payments: Vec<_> = payments.map(|one| (one["paymentType"].as_str(), number(&one["sum"]))).collect();
    assert_eq!(payments, [(Some("cash"), Some(500.0)), (Some("card"), Some(500.0))], "{found}");
    let items = ticket["items"].as_array().expect("items are a list").iter().map(|item| &item["commodity"]);
    let items: Vec<_> =
        items.map(|item| ["quantity", "price", "sum"].map(|name| number(&item[name]))).collect();
    let expected = [[2.0, 450.0, 900.0], [1.0, 180.0, 180.0], [1.0, 990.0, 990.0], [-1.0, 990.0, -990.0]];
    assert_eq!(items, expected.map(|numbers| numbers.map(Some)), "{found}");
    let taxes = &found["taxes"][0];
    assert_eq!((number(&taxes["rate"]), number(&taxes["sum"])), (Some(16.0), Some(124.14)), "{found}");
}

/// Two shifts of a till in every version over every way, and what its receipts look like to apps.
pub async fn every_version(setup: &Setup) {
    let ways = || VERSIONS.iter().flat_map(|version| Way::ALL.map(|way| (*version, way)));
    let mut server = setup.start().await;
    let mut lives = JoinSet::new();
    for (identity, (version, way)) in setup.fleet.registers().zip(ways()) {
        let mut device = Device::new(identity.clone(), version, way.endpoint(setup));
        lives.spawn(async move { (identity, live(&mut device, version).await) });
    }
    // Budgets of the site count by address: every buyer has one.
    let mut buyer = 0_u8;
    while let Some(lived) = lives.join_next().await {
        let (identity, (qr, cancelled)) = lived.expect("no life ends in a panic");
        buyer += 1;
        let site = local(setup.ports.site);
        let found = Request::get(&check_target(&qr)).from(buyer).send(site).await.unwrap().expect(200);
        expect_full_sale(&found.json(), &identity, &qr);
        if let Some(qr) = cancelled {
            Request::get(&check_target(&qr)).from(buyer).send(site).await.unwrap().expect(404);
        }
    }
    assert_eq!(usize::from(buyer), ways().count());
    server.stop().await;
    setup.verify().await;
}

/// The page of a receipt, and no page one digit off.
pub async fn receipt_page(setup: &Setup) {
    let server = setup.start().await;
    let mut device = Device::first(setup, 203);
    device.info().await;
    let receipt = Receipt { customer: Some("880101300123".to_owned()), ..full_sale() };
    let qr = device.send(Document::Receipt(receipt)).await.accepted().ticket.expect("it has a number").qr;
    let site = local(setup.ports.site);
    let page = get(site, &target(setup, &qr)).await.unwrap().expect(200);
    let text = page.text();
    let title = setup.fleet.organisations[0].title.clone();
    for word in [parameter(&qr, "i"), "1000", "Нан", "Сүт «Айналайын» 1 л", &title] {
        assert!(text.replace(['\u{a0}', ' '], "").contains(&word.replace(' ', "")), "no {word}:\n{text}");
    }
    assert!(!text.contains("880101300123"), "the buyer's IIN is shown");
    assert!(
        page.body.len() < 50_000 && page.header("content-type").is_some_and(|kind| kind.contains("html"))
    );
    // One digit off, and there is no such receipt; for every part alike.
    let number = parameter(&qr, "i");
    for wrong in [
        qr.replace(
            number,
            &format!(
                "{}{}",
                &number[..number.len() - 1],
                (number.as_bytes().last().unwrap() - b'0' + 1) % 10
            ),
        ),
        qr.replace("s=1000", "s=1001"),
        qr.replace("&t=20", "&t=19"),
        qr.replace("&f=6", "&f=7"),
    ] {
        assert_ne!(wrong, qr);
        get(site, &target(setup, &wrong)).await.unwrap().expect(404);
        get(site, &check_target(&wrong)).await.unwrap().expect(404);
    }
    assert!(!server.log().contains(number), "queries are not logged");
}

/// Code 11, by the clocks of tills.
pub async fn long_shift(setup: &Setup) {
    let server = setup.start().await;
    for (mut device, by_hours) in Device::fleet(setup, 203).into_iter().zip([-30, 30]) {
        // One till's clock lies in the past, another's in the future: only the distance counts.
        let now = clock::now().wall_seconds() + by_hours * 3600;
        device.now = Some(clock::at(now));
        device.info().await;
        device.sell().await;
        device.now = Some(clock::at(now + 24 * 3600));
        device.sell().await;
        device.now = Some(clock::at(now + 24 * 3600 + 1));
        let sale = device.register.draw_sale();
        assert_eq!(device.send(sale).await.code(), Some(11));
        let sale = device.register.draw_sale();
        device.make_offline(sale);
        device.drain().await.expect("the queue holds one").accepted();
        device.close_shift().await;
        device.sell().await;
        device.close_shift().await;
        device.expect_no_differences();
        assert_eq!(count(&Api::of(&server).documents(device.id()).await, "ticket"), 4);
    }
}

/// Receipts that were made offline, or seemed so to the till.
pub async fn offline_numbers(setup: &Setup) {
    let mut server = setup.start().await;
    let site = local(setup.ports.site);
    let mut found = Vec::new();
    for mut device in Device::fleet(setup, 203) {
        device.info().await;
        // One was made offline, one only thought so when its answer was lost.
        let sale = device.register.draw_sale();
        device.make_offline(sale);
        let one =
            device.drain().await.expect("the queue holds one").accepted().ticket.expect("it has a number");
        let first = offline_number(&device.asked);
        let sale = device.register.draw_sale();
        device.send_with(sale, Fault::Discard).await;
        device.register.resend_offline(Renumber::Fresh);
        let other = device.retry().await.accepted().ticket.expect("it has a number");
        let second = offline_number(&device.asked);
        device.expect_no_differences();
        found.push((one, first));
        found.push((other, second));
    }
    for restarted in [false, true] {
        for (ticket, offline) in &found {
            let printed = ticket.qr.replace(&format!("?i={}", ticket.number), &format!("?i={offline}"));
            assert_ne!(printed, ticket.qr);
            for qr in [&ticket.qr, &printed] {
                let receipt = get(site, &check_target(qr)).await.unwrap().expect(200).json();
                assert_eq!(receipt["ticket"]["fiscalId"], ticket.number.as_str(), "restarted: {restarted}");
                get(site, &target(setup, qr)).await.unwrap().expect(200);
            }
        }
        if !restarted {
            server.stop().await;
            server = setup.start().await;
        }
    }
}

/// The offline number in a request.
fn offline_number(frame: &[u8]) -> u32 {
    let request = lenient::Request::decode(&frame[frame::HEADER_LEN..]).expect("a request can be read");
    request.ticket.and_then(|ticket| ticket.offline_ticket_number).expect("it was made offline")
}
