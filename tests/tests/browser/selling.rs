//! The first receipt, and everywhere it shows: lists, its page, what the buyer sees, the figures of the day, files, reports.

use std::time::{Duration, Instant};

use ofd_loadtest::{Document, Operation, Receipt};
use ofd_tests::browser::Window;
use ofd_tests::device::Device;

use super::registering::{Registered, SERIAL};
use super::steps::rows;

/// What the first receipt comes to, in tiyn.
const SUM: i64 = 34_567;

/// Figures are counted some seconds after a receipt; where it was the second document of its minute, after that.
const COUNTED_WITHIN: Duration = Duration::from_secs(100);

/// The sum of the first receipt as pages write it.
pub(crate) fn sum(window: &Window) -> &'static str {
    if window.texts().language() == "en" { "345.67" } else { "345,67" }
}

/// The register sends its first receipt, which is in the list of documents at once.
pub(crate) async fn sells(window: &Window, bin: &str, till: &mut Device) {
    let receipt = Receipt::new(Operation::Sell).item("Нан", "1", 1_000, SUM).pay_rest_in_cash(40_000);
    let answer = till.send(Document::Receipt(receipt)).await.accepted();
    let number = answer.ticket.expect("a receipt gets a fiscal sign").number;
    till.expect_no_differences();
    window.go(&format!("/c/{bin}/documents")).await;
    let listed = rows(window).await;
    assert!(listed.contains(&number) && listed.contains(sum(window)), "{number} is not listed:\n{listed}");
}

/// The fiscal sign of the receipt that the list shows.
pub(crate) fn number_of(till: &Device) -> String {
    till.register.state().last_sale.as_ref().map(|sale| sale.number.to_string()).expect("it has sold")
}

/// The page of the receipt, and what its buyer sees.
pub(crate) async fn looks_at_the_receipt(window: &Window, bin: &str, till: &Device) {
    window.go(&format!("/c/{bin}/documents")).await;
    window.inspect("documents").await;
    window.click("main tbody a[href*=\"/documents/\"]").await;
    window.sees("documents-frame").await;
    window.reads(&number_of(till)).await;
    window.reads(sum(window)).await;
    window.inspect("document").await;
    window.press("shops-as-buyer").await;
    window.arrives("/?i=").await;
    window.reads("Нан").await;
    window.reads(&number_of(till)).await;
    // The one box finds it by its fiscal sign.
    window.go(&format!("/c/{bin}/registers")).await;
    window.fill("q", &number_of(till)).await;
    window.press("list-find").await;
    window.sees("documents-frame").await;
    window.reads(&number_of(till)).await;
}

/// Totals are of the figures of the day once these are counted; start page and file say the same.
pub(crate) async fn counts(window: &Window, bin: &str, till: &Device) {
    let (list, texts, since) = (format!("/c/{bin}/documents"), window.texts(), Instant::now());
    let sold = format!("{}: 1, ", texts.say("operation-sell"));
    let days = &texts.pieces("documents-totals-days")[0];
    let uncounted = &texts.pieces("documents-uncounted")[0];
    loop {
        window.go(&list).await;
        let text = window.text().await;
        if text.contains(days) && text.contains(&sold) && !text.contains(uncounted) {
            let total = text.split(&sold).nth(1).unwrap_or_default();
            assert!(total.trim_start_matches('₸').starts_with(sum(window)), "{sold}{total}");
            break;
        }
        assert!(since.elapsed() < COUNTED_WITHIN, "the receipt is not in the day's figures:\n{text}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    window.go(&format!("/c/{bin}/start")).await;
    window.sees("start-sales").await;
    window.reads(sum(window)).await;
    window.inspect("start").await;
    let file = String::from_utf8(window.fetch_path(&format!("{list}.csv")).await).expect("a file is UTF-8");
    let line = file.lines().find(|line| line.contains(&number_of(till)));
    let line = line.unwrap_or_else(|| panic!("the receipt is not in the file:\n{file}"));
    assert!(line.contains("345,67") || line.contains("345.67"), "{line}");
}

/// Lists over a period are narrowed by a form, which says what is wrong with it and loses nothing.
pub(crate) async fn narrows(window: &Window, bin: &str) {
    window.go(&format!("/c/{bin}/documents")).await;
    window.fill("from", "31.12").await;
    window.fill("sum_from", "300").await;
    window.choose("payment", "cash").await;
    window.press("list-find").await;
    window.sees("documents-no-day").await;
    window.inspect("documents-wrong").await;
    assert_eq!(window.value("sum_from").await, "300");
    window.fill("from", "").await;
    window.press("list-find").await;
    window.sees("documents-totals-page").await;
    assert!(rows(window).await.contains(sum(window)), "a receipt over 300 tenge paid in cash is left");
    window.inspect("documents-narrowed").await;
    // The file has what the page has.
    let file = async |query: &str| {
        let file = window.fetch_path(&format!("/c/{bin}/documents.csv?{query}")).await;
        String::from_utf8(file).expect("a file is UTF-8").lines().count()
    };
    assert_eq!((file("sum_from=300&payment=cash").await, file("sum_from=301&sum_to=302").await), (2, 1));
    window.fill("sum_to", "301").await;
    window.press("list-find").await;
    window.sees("documents-none").await;
    window.go(&format!("/c/{bin}/cash")).await;
    window.sees("documents-none").await;
    window.go(&format!("/c/{bin}/registers?status=active&line=on")).await;
    window.sees("shops-on-line").await;
    window.inspect("shops").await;
    window.go(&format!("/c/{bin}/registers?status=blocked")).await;
    window.sees("shops-none-found").await;
}

/// Cash is put in, and the receipt taken back: what was returned and its return lead to each other.
pub(crate) async fn returns(window: &Window, bin: &str, till: &mut Device) {
    let sold = till.register.state().last_sale.clone().expect("it has sold");
    till.deposit(100_000).await;
    let back = Receipt::new(Operation::SellReturn).item("Нан", "1", 1_000, SUM).pay_rest_in_cash(SUM);
    till.send(Document::Receipt(back.of(sold))).await.accepted();
    till.expect_no_differences();
    window.go(&format!("/c/{bin}/documents?operation=sell_return")).await;
    window.click("main tbody a[href*=\"/documents/\"]").await;
    window.sees("documents-returns").await;
    window.inspect("document-return").await;
    window.click("main dl.details dd a[href*=\"/documents/\"]").await;
    window.sees("documents-returned-by").await;
    window.reads(&number_of(till)).await;
    window.go(&format!("/c/{bin}/cash")).await;
    window.reads("1 000,00").await;
    window.inspect("cash").await;
}

/// The shift as the law's reports, open and closed.
pub(crate) async fn closes(window: &Window, (bin, one): (&str, &Registered), till: &mut Device) {
    let register = format!("/c/{bin}/registers/{}", one.id);
    window.go(&register).await;
    window.inspect("register").await;
    window.press("shops-x").await;
    window.sees("shops-report-revenue").await;
    window.reads(sum(window)).await;
    window.inspect("x-report").await;
    till.close_shift().await;
    window.go(&format!("{register}/shifts")).await;
    window.inspect("shifts-of-register").await;
    window.press("shops-z").await;
    window.sees("shops-report-revenue").await;
    window.reads(sum(window)).await;
    window.print("z-report").await;
    window.go(&format!("/c/{bin}/shifts")).await;
    window.sees("shops-z").await;
    window.inspect("shifts").await;
    window.follow(&format!("{register}/shifts/1/documents")).await;
    window.sees("shops-document-close").await;
    window.inspect("documents-of-shift").await;
    // Every list comes as a file, and one box finds the register by whatever it is known by.
    for list in ["registers", "shifts", "cash", "papers"] {
        let file = window.fetch_path(&format!("/c/{bin}/{list}.csv")).await;
        let lines = String::from_utf8(file).expect("a file is UTF-8").lines().count();
        assert!(lines > 1, "the file of {list} has {lines} lines");
    }
    for known_by in [SERIAL, &one.rnm, "входа", &one.id.to_string()] {
        window.go(&format!("/c/{bin}/registers?q={known_by}")).await;
        window.arrives(&register).await;
    }
}
