//! What documents of money say, and that the same input gives the same bytes.

use ofd_billing::charging::{Basis, Item, Line, Origin};
use ofd_billing::invoices::{
    Act, BankDetails, Bill, BillFor, BillLine, Content, Contract, Head, Invoice, Number, PaperLanguage,
    Party, StatementEntry, VatCertificate, reconciliation as reconciled,
};
use ofd_billing::tariffs::{ConnectionKind, Titles, VatRate};
use ofd_billing::{Day, Tiyn};

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn tiyn(tiyn: i64) -> Tiyn {
    Tiyn::new(tiyn).unwrap()
}

fn supplier() -> Party {
    Party {
        bin: "100940012345".into(),
        title: "АО «Оператор фискальных данных»".into(),
        address: "г. Астана, пр. Абая, д. 1".into(),
        bank: Some(BankDetails {
            iik: "KZ86125KZT5004100100".into(),
            bic: "NBRKKZKX".into(),
            bank: "РГУ «Национальный Банк Республики Казахстан»".into(),
            kbe: Some("17".into()),
        }),
        vat_certificate: Some(VatCertificate { series: "62001".into(), number: "1004583".into() }),
    }
}

fn head(number: &str) -> Head {
    let (series, number) = number.split_once('/').unwrap();
    Head {
        number: Number { series: series.parse().unwrap(), year: 2026, number: number.parse().unwrap() },
        day: day("2026-02-28"),
        supplier: supplier(),
        recipient: Party {
            bin: "151140001234".into(),
            title: "ТОО «Көктем ҒҚҢӨҰҮҺІ»".into(),
            address: "г. Алматы, Бостандыкский р-н, ул. Тимирязева, д. 42, офис 5".into(),
            bank: None,
            vat_certificate: None,
        },
        contract: Some(Contract { number: "151140001234-1".into(), day: day("2026-01-10") }),
    }
}

fn content(registers: u64) -> Content {
    let line = |register| Line {
        basis: Basis {
            register,
            item: Item::ByMonth,
            plan: "basic".parse().unwrap(),
            version: 1,
            kind: ConnectionKind::Wired,
            price: tiyn(100_010),
            step: 1,
            rate: VatRate::new(16).unwrap(),
            free: None,
        },
        origin: Origin::Month,
        from: day("2026-02-01"),
        to: day("2026-02-28"),
        quantity: 28,
        sum: tiyn(100_010),
        vat: tiyn(13_794),
    };
    let lines = (0..registers).map(|register| line(203_539 + register)).collect();
    Content::of_lines(day("2026-02-01").month(), lines).unwrap()
}

fn titles() -> PlanTitles {
    let titles = Titles { ru: "Базовый".into(), kk: "Негізгі".into(), en: "Basic".into() };
    [("basic".parse().unwrap(), titles)].into_iter().collect()
}

fn an_invoice(registers: u64) -> Invoice {
    Invoice::first(head("A/7"), content(registers)).unwrap()
}

fn a_bill() -> Bill {
    let line = BillLine { what: BillFor::TopUp, rate: VatRate::new(16).unwrap(), sum: tiyn(300_030) };
    Bill::new(head("B/3"), "10000004".into(), None, vec![line]).unwrap()
}

/// Every document in a language, by a name.
fn all(of: PaperLanguage) -> Vec<(&'static str, Vec<u8>)> {
    let first = an_invoice(3);
    let act_of = Act::of(&first, head("W/7").number).unwrap();
    let (bill_of, qr) = (a_bill(), "https://pay.example/?account=10000004&sum=3000.30");
    let entry = |on, document: &str, debit, credit| StatementEntry {
        day: day(on),
        document: document.to_owned(),
        debit: tiyn(debit),
        credit: tiyn(credit),
    };
    let entries = [
        entry("2026-01-31", "charge:2026-01", 212_925, 0),
        entry("2026-02-05", "payment:15", 0, 212_925),
        entry("2026-02-28", "charge:2026-02", 300_030, 0),
    ];
    let customer = head("A/7").recipient;
    let act_of_both =
        reconciled(supplier(), customer, &entries, day("2026-02-01"), day("2026-02-28")).unwrap();
    vec![
        ("invoice", invoice(&first, &titles(), of).unwrap()),
        ("act", act(&act_of, &titles(), of).unwrap()),
        ("bill", bill(BillPaper { bill: &bill_of, qr: Some(qr) }, of).unwrap()),
        ("reconciliation", reconciliation(&act_of_both, str::to_owned, of).unwrap()),
    ]
}

#[test]
fn the_same_document_has_the_same_bytes() {
    for of in [PaperLanguage::Russian, PaperLanguage::Kazakh] {
        assert_eq!(all(of), all(of));
        for (name, pdf) in all(of) {
            assert!(pdf.starts_with(b"%PDF-1.7"), "{name}");
        }
    }
}

/// All texts of a document's pages, in the order in which they are drawn.
fn drawn(blocks: &[Block]) -> String {
    let pages = flow::pages(&Faces::new().unwrap(), blocks).unwrap();
    let text = |item: crate::page::Item| match item {
        crate::page::Item::Text { text, .. } => Some(text),
        crate::page::Item::Boxes { .. } => None,
    };
    pages.into_iter().flatten().filter_map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_invoice_says_its_sums_in_figures_and_in_words() {
    let text = drawn(&invoice::blocks(&an_invoice(3), &titles(), PaperLanguage::Russian).unwrap().1);
    for told in [
        "A-2026-000007 от 28.02.2026",
        "862,16",
        "862,15",
        "137,95",
        "3\u{a0}000,30",
        "413,83",
        "Три тысячи тенге 30 тиын",
        "Базовый",
        "62001 № 1004583",
        "151140001234-1 от 10.01.2026",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let text = drawn(&invoice::blocks(&an_invoice(3), &titles(), PaperLanguage::Kazakh).unwrap().1);
    assert!(text.contains("Үш мың теңге 30 тиын") && text.contains("Негізгі"), "{text}");
}

#[test]
fn a_table_of_many_lines_goes_on_with_its_head_and_its_total_comes_last() {
    let text = drawn(&invoice::blocks(&an_invoice(120), &titles(), PaperLanguage::Russian).unwrap().1);
    assert!(text.matches("Стоимость без").count() > 3, "the head is on every page");
    let (_, behind) = text.split_once("касса 203658").unwrap();
    assert!(behind.contains("Всего по счёту") && behind.contains("120\u{a0}012,00"), "{behind}");
}
