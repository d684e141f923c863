//! Documents as data: what they say adds up, is kept and read back, and what may not be is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::examples::{content, head};
use super::scenario::{World, day, month, plan_id, sum};
use super::schema::{problems, read};
use crate::Tiyn;
use crate::charging::{DayCharge, corrections, difference};
use crate::invoices::{
    BankDetails, Bill, BillFor, BillLine, Content, ContentError, Contract, DocumentError, Invoice, Number,
    PaperLanguage, Series, VatCertificate, invoice_xml, line_text,
};
use crate::tariffs::{Titles, VatRate};

const MONTH: &str = "month 2026-02
    plan basic 2026-01-01 wired month 1:1500.00,3:1333.33 fee 777.77 limit 5 over 0.33
    registers 1-3 wired basic 2026-02-03
    register 2 receipts 2026-02-10 8";

#[test]
fn a_document_must_equal_what_was_posted() {
    let charges = World::of(MONTH).charge();
    let content = Content::of_month(&charges, Vec::new(), &charges.days).expect("a document");
    assert_eq!(content.total, Tiyn::sum(charges.days.iter().map(|one| one.sum)).expect("a sum"));
    assert_eq!(Tiyn::sum(content.lines.iter().map(|line| line.vat)), Ok(content.vat));
    content.check().expect("it adds up");
    let unfinished = &charges.days[1..];
    let refused = Content::of_month(&charges, Vec::new(), unfinished);
    assert!(matches!(refused, Err(ContentError::NotPosted { .. })), "{refused:?}");
    let mut changed = content.clone();
    changed.lines[0].vat = changed.lines[0].vat.plus(sum("0.01")).expect("a sum");
    assert_eq!(changed.check(), Err(ContentError::Sums));
    let changed = Content { total: content.total.plus(sum("0.01")).expect("a sum"), ..content };
    assert_eq!(changed.check(), Err(ContentError::Sums));
}

#[test]
fn days_without_a_price_and_months_without_a_charge_have_no_document() {
    let unpriced = World::of("month 2026-02\nregister 7 wired none 2026-02-03").charge();
    assert_eq!(Content::of_month(&unpriced, Vec::new(), &[]), Err(ContentError::Unpriced(7)));
    let nothing = World::of("month 2026-02").charge();
    assert_eq!(Content::of_month(&nothing, Vec::new(), &[]), Err(ContentError::Empty));
}

#[test]
fn a_month_with_corrections_of_another_rate_has_the_vat_of_each_as_a_whole() {
    let december = "month 2025-12
        plan basic 2025-01-01 wired month 1000.10
        registers 1-7 wired basic 2025-12-20";
    let posted = World::of(december).charge().days;
    let mut known = World::of(december);
    for register in 1..=7 {
        assert!(known.tell(&format!("register {register} first 2025-12-17")));
    }
    let due = difference(&posted, &known.charge().days).expect("sums");
    let mut january = known.clone();
    assert!(january.tell("month 2026-01"));
    let charges = january.charge();
    let in_january: Vec<DayCharge> = charges.days.iter().chain(&due).cloned().collect();
    let lines = corrections(&in_january, month("2026-01")).expect("sums");
    assert_eq!(lines.len(), 7);
    let content = Content::of_month(&charges, lines, &in_january).expect("a document");
    let percents: Vec<u8> = content.rates.iter().map(|rate| rate.rate.percent()).collect();
    assert_eq!(percents, [12, 16]);
    for rate in &content.rates {
        assert_eq!(rate.rate.inside(rate.sum), Ok(rate.vat));
        let lines = content.lines.iter().filter(|line| line.line.basis.rate == rate.rate);
        assert_eq!(Tiyn::sum(lines.map(|line| line.vat)), Ok(rate.vat));
    }
}

#[test]
fn what_became_known_after_the_close_is_written_in_an_additional_invoice_where_there_is_a_first() {
    let december = "month 2025-12
        plan basic 2025-01-01 wired month 1000.10
        registers 1-7 wired basic 2025-12-20";
    let mut known = World::of(december);
    let posted = known.charge().days;
    for register in 1..=3 {
        assert!(known.tell(&format!("register {register} first 2025-12-17")));
    }
    let due = difference(&posted, &known.charge().days).expect("sums");
    assert!(known.tell("month 2026-01"));
    let charges = known.charge();
    let all: Vec<DayCharge> = charges.days.iter().chain(&due).cloned().collect();
    let total = |content: &Content| content.total;
    let with = BTreeSet::from([month("2025-12"), month("2026-01")]);
    let documents = Content::all_of_month(&charges, &all, &with).expect("documents");
    let [additional] = documents.additional.as_slice() else { panic!("{documents:?}") };
    let first = documents.first.as_ref().expect("an invoice");
    assert_eq!((additional.month, additional.lines.len()), (month("2025-12"), 3));
    assert_eq!(Ok(additional.total), Tiyn::sum(due.iter().map(|one| one.sum)));
    assert_eq!((first.month, Ok(first.total)), (month("2026-01"), charges.total()));
    let without = Content::all_of_month(&charges, &all, &BTreeSet::new()).expect("documents");
    assert_eq!(without.additional, []);
    assert_eq!(Ok(total(without.first.as_ref().expect("one"))), first.total.plus(additional.total));
    let unfinished = Content::all_of_month(&charges, &due, &with);
    assert!(matches!(unfinished, Err(ContentError::NotPosted { .. })), "{unfinished:?}");
    let nothing = World::of("month 2026-02").charge();
    let only_late = Content::all_of_month(&nothing, &due, &with).expect("documents");
    assert_eq!((only_late.first, only_late.additional.len()), (None, 1));
}

#[test]
fn an_invoice_is_kept_as_json_and_read_back_as_it_was() {
    let charges = World::of(MONTH).charge();
    let content = Content::of_month(&charges, Vec::new(), &charges.days).expect("a document");
    let invoice = Invoice::first(head("A-2026-000001", "2026-02-28"), content).expect("an invoice");
    let text = serde_json::to_string(&invoice).expect("JSON");
    assert_eq!(serde_json::from_str::<Invoice>(&text).expect("an invoice"), invoice);
    let charged = serde_json::to_string(&charges).expect("JSON");
    assert_eq!(serde_json::from_str::<crate::charging::Charges>(&charged).expect("charges"), charges);
}

#[test]
fn parties_without_a_bin_a_name_or_an_address_are_refused() {
    let content = content(month("2026-02"), sum("1500.00"));
    let good = head("A-2026-000001", "2026-02-28");
    let mut bad = good.clone();
    bad.recipient.bin = "12345678901".to_owned();
    assert!(matches!(Invoice::first(bad, content.clone()), Err(DocumentError::Bin(_))));
    let mut bad = good.clone();
    bad.recipient.title = " ".to_owned();
    assert!(matches!(Invoice::first(bad, content.clone()), Err(DocumentError::Party(_))));
    let mut bad = good.clone();
    bad.supplier.address = String::new();
    assert!(matches!(Invoice::first(bad, content.clone()), Err(DocumentError::Party(_))));
    let first = Invoice::first(good, content.clone()).expect("an invoice");
    let mut other = head("A-2026-000002", "2026-03-01");
    other.recipient.bin = "210987654321".to_owned();
    assert!(matches!(
        Invoice::corrected(&first, other, content.clone()),
        Err(DocumentError::OtherTurnover(_))
    ));
    let late = Invoice::first(head("A-2026-000002", "2026-03-05"), content.clone()).expect("an invoice");
    let before = Invoice::corrected(&late, head("A-2026-000003", "2026-03-04"), content.clone());
    assert_eq!(before, Err(DocumentError::Day(day("2026-03-04"))), "it would correct what is not there yet");
    // An organisation that was renamed meanwhile is the same one.
    let mut renamed = head("A-2026-000002", "2026-03-01");
    renamed.recipient.title = "ТОО «Новое имя»".to_owned();
    assert!(Invoice::corrected(&first, renamed, content).is_ok());
}

#[test]
fn a_bill_is_paid_no_earlier_than_it_is_written() {
    let line =
        || BillLine { what: BillFor::TopUp, rate: VatRate::new(16).expect("a rate"), sum: sum("100.00") };
    let bill = |pay_by: &str| {
        let pay_by = Some(day(pay_by));
        Bill::new(head("B-2026-000001", "2026-02-28"), "570095".to_owned(), pay_by, vec![line()])
    };
    assert!(bill("2026-02-28").is_ok());
    assert_eq!(bill("2026-02-27"), Err(DocumentError::Day(day("2026-02-27"))));
}

#[test]
fn series_and_numbers_have_bounds() {
    for series in ["", "a", "A-1", "ABCDEFGHI", "A 1"] {
        assert!(series.parse::<Series>().is_err(), "{series}");
    }
    let series: Series = "СФ".parse().expect("a series");
    let last = Number { series: series.clone(), year: 2026, number: u32::MAX };
    assert!(Number::next(&series, day("2026-05-01"), Some(&last)).is_err());
    assert_eq!(Number::check_row(&[]), Ok(()));
    let again = Number { series, year: 2026, number: 1 };
    assert!(Number::check_row(&[again.clone(), again]).is_err(), "the same number twice");
}

#[test]
fn an_invoice_as_xml_is_valid_and_says_the_same_sums() {
    let charges = World::of(MONTH).charge();
    let content = Content::of_month(&charges, Vec::new(), &charges.days).expect("a document");
    let mut head = head("A-2026-000002", "2026-03-01");
    let bad_name = "ТОО «Рога & Копыта» <\"'>\u{1}\u{ffff}";
    head.recipient.title = bad_name.to_owned();
    head.supplier.bank = Some(BankDetails {
        iik: "KZ000000000000000001".to_owned(),
        bic: "TESTKZKA".to_owned(),
        bank: "АО «Банк»".to_owned(),
        kbe: Some("17".to_owned()),
    });
    head.supplier.vat_certificate =
        Some(VatCertificate { series: "00001".to_owned(), number: "1234567".to_owned() });
    head.contract = Some(Contract { number: "7/2026 & 8".to_owned(), day: day("2026-01-05") });
    let mut first = head.clone();
    first.number = Number { number: 1, ..first.number };
    first.day = day("2026-02-28");
    let first = Invoice::first(first, content.clone()).expect("an invoice");
    let titles = Titles {
        ru: "Базовый <1>".to_owned(), kk: "Базалық".to_owned(), en: "Basic".to_owned()
    };
    let titles = BTreeMap::from([(plan_id("basic"), titles)]);
    for invoice in [
        first.clone(),
        Invoice::corrected(&first, head.clone(), content.clone()).expect("an invoice"),
        Invoice::additional(&first, head, content).expect("an invoice"),
    ] {
        let xml = invoice_xml(&invoice, &titles).expect("sums");
        assert_eq!(problems(&xml), Vec::<String>::new());
        let document = read(&xml);
        assert_eq!(document.child("recipient").child("name").text, "ТОО «Рога & Копыта» <\"'>  ");
        assert_eq!(document.child("contract").child("number").text, "7/2026 & 8");
        let lines = &document.child("lines").children;
        assert_eq!(lines.len(), invoice.content.lines.len());
        let total: Tiyn =
            Tiyn::sum(lines.iter().map(|line| sum(&line.child("sumWithVat").text))).expect("a sum");
        assert_eq!(total.to_string(), document.child("total").child("sumWithVat").text);
        let vat = Tiyn::sum(lines.iter().map(|line| sum(&line.child("vat").text))).expect("a sum");
        assert_eq!(vat.to_string(), document.child("total").child("vat").text);
        assert!(lines[0].child("description").text.contains("тариф «Базовый <1>»"));
    }
}

#[test]
fn a_line_says_why_in_both_languages() {
    let charges = World::of(
        "month 2026-02
         plan basic 2026-01-01 wired month 1500.00 sim day 60.00 fee 777.77 limit 5 over 0.33
         plan gift 2026-01-01 wired month free free-months 1
         register 1 wired basic 2026-02-19
         register 1 receipts 2026-02-20 8
         register 2 sim basic 2026-01-03 to 2026-02-01 deregistered
         register 3 wired gift 2026-01-01",
    )
    .charge();
    let titles =
        Titles { ru: "Базовый".to_owned(), kk: "Базалық".to_owned(), en: "Basic".to_owned() };
    let told = |language| -> Vec<String> {
        charges.lines.iter().map(|line| line_text(line, &titles, language)).collect()
    };
    assert_eq!(
        told(PaperLanguage::Russian),
        [
            "Услуги ОФД: абонентская плата; касса 1; тариф «Базовый», версия 1; 2026-02-19–2026-02-28; 1500.00 ₸ в месяц, дней: 10 из 28",
            "Услуги ОФД: подключение; касса 1; тариф «Базовый», версия 1; 2026-02-19; 777.77 ₸, однократно",
            "Услуги ОФД: чеки сверх лимита; касса 1; тариф «Базовый», версия 1; 2026-02-20; 0.33 ₸ за чек, чеков: 3",
            "Услуги ОФД: абонентская плата; касса 2; тариф «Базовый», версия 1; 2026-02-01; 60.00 ₸ в день, дней: 1",
            "Услуги ОФД: абонентская плата; касса 3; тариф «Базовый», версия 1; 2026-02-01–2026-02-28; бесплатно по тарифу",
        ]
    );
    let kazakh = told(PaperLanguage::Kazakh);
    assert_eq!(
        kazakh[0],
        "ФДО қызметі: абоненттік төлем; касса 1; «Базалық» тарифі, 1-нұсқа; 2026-02-19–2026-02-28; айына 1500.00 ₸, 28 күннің 10 күні"
    );
    assert_eq!(
        kazakh[2],
        "ФДО қызметі: шектен тыс чектер; касса 1; «Базалық» тарифі, 1-нұсқа; 2026-02-20; бір чек үшін 0.33 ₸, чек саны: 3"
    );
}
