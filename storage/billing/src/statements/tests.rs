use time::macros::date;

use super::*;
use crate::iban::Iban;
use crate::tiyn::Tiyn;

mod damaged;
mod faults;
mod known;

/// The account that the samples are of.
const OWN: &str = "KZ86125KZT5004100100";

/// Ours as well, in the samples that have two.
const OWN_TOO: &str = "KZ05125KZT5004100200";

fn iban(text: &str) -> Iban {
    text.parse().expect("an IBAN")
}

fn tiyn(tiyn: i64) -> Tiyn {
    Tiyn::new(tiyn).expect("a sum")
}

/// The samples that are read without a mapping, with their names.
const SAMPLES: [(&str, &[u8]); 8] = [
    ("1c-windows-1251.txt", include_bytes!("../../samples/1c-windows-1251.txt")),
    ("1c-utf-8.txt", include_bytes!("../../samples/1c-utf-8.txt")),
    ("1c-utf-8-bom.txt", include_bytes!("../../samples/1c-utf-8-bom.txt")),
    ("1c-two-days.txt", include_bytes!("../../samples/1c-two-days.txt")),
    ("mt940.sta", include_bytes!("../../samples/mt940.sta")),
    ("mt940-bare.sta", include_bytes!("../../samples/mt940-bare.sta")),
    ("camt.053.xml", include_bytes!("../../samples/camt.053.xml")),
    ("camt.053-windows-1251.xml", include_bytes!("../../samples/camt.053-windows-1251.xml")),
];

const TABLE: &[u8] = include_bytes!("../../samples/table.csv");

fn sample(name: &str) -> &'static [u8] {
    SAMPLES.iter().find(|(known, _)| *known == name).expect("a sample of that name").1
}

fn one(name: &str) -> Statement {
    let mut statements = read(sample(name)).expect(name);
    assert_eq!(statements.len(), 1, "{name}");
    statements.remove(0)
}

fn named(name: &str) -> Column {
    Column::Named(name.to_owned())
}

/// The mapping of the table among the samples.
fn mapping() -> CsvMapping {
    CsvMapping {
        charset: Charset::Windows1251,
        delimiter: ';',
        lines_above: 2,
        has_header: true,
        ends_with: Some("Итого".to_owned()),
        is_open_ended: false,
        decimal: ',',
        day: named("дата"),
        day_form: DateForm::DayFirst,
        direction: DirectionBy::Columns { came: named("Кредит"), went: named("Дебет") },
        account: None,
        currency: None,
        number: Some(Column::Number(2)),
        bank_reference: None,
        other_name: Some(named("Контрагент")),
        other_bin: Some(named("БИН")),
        other_account: Some(named("Счёт")),
        other_bic: None,
        knp: None,
        purpose: Some(named("Назначение")),
    }
}

fn table() -> Statement {
    read_csv(TABLE, &mapping(), &iban(OWN)).expect("the table")
}

/// What of an entry is told in one line of a test.
fn short(entry: &Entry) -> (Direction, i64, &str, &str) {
    let other = match entry.direction {
        Direction::In => &entry.payer,
        Direction::Out => &entry.payee,
    };
    (
        entry.direction,
        entry.sum.get(),
        entry.number.as_deref().unwrap_or(""),
        other.bin.as_deref().unwrap_or(""),
    )
}

#[test]
fn one_c_of_kazakhstan_is_read_in_each_encoding() {
    let first = one("1c-windows-1251.txt");
    assert_eq!(first.account, iban(OWN));
    assert_eq!(first.period, Some((date!(2026 - 11 - 30), date!(2026 - 11 - 30))));
    assert_eq!((first.opening, first.closing), (Some(tiyn(100_050)), Some(tiyn(3_400_050))));
    assert!(first.currency_is_told);
    let entries: Vec<_> = first.entries.iter().map(short).collect();
    assert_eq!(
        entries,
        [
            (Direction::In, 684_659, "15", "051340000011"),
            (Direction::In, 2_500_000, "95022", "971340001319"),
            (Direction::In, 100_000, "7", "911308400023"),
            (Direction::In, 100_000, "7", "911308400023"),
            (Direction::Out, 84_659, "K-1", "041340001127"),
        ]
    );
    let entry = &first.entries[0];
    assert_eq!(entry.place, Place::Line(20));
    assert_eq!(entry.day, date!(2026 - 11 - 30));
    assert_eq!(entry.payer.name.as_deref(), Some("ТОО \"Ромашка\""));
    assert_eq!(entry.payer.iban, Some(iban("KZ08998KZT1000200300")));
    assert_eq!((entry.payer.bic.as_deref(), entry.payer.kbe.as_deref()), (Some("TSESKZKA"), Some("17")));
    assert_eq!(entry.payee.iban, Some(iban(OWN)));
    assert_eq!(entry.knp.as_deref(), Some("859"));
    assert_eq!(entry.purpose, "Оплата услуг ОФД, лицевой счёт 10000004, без НДС");
    for name in ["1c-utf-8.txt", "1c-utf-8-bom.txt"] {
        assert_eq!(one(name), first, "{name}");
    }
}

#[test]
fn one_c_of_several_days_is_one_statement() {
    let statement = one("1c-two-days.txt");
    assert_eq!(statement.period, Some((date!(2026 - 11 - 29), date!(2026 - 11 - 30))));
    assert_eq!((statement.opening, statement.closing), (Some(tiyn(10_000)), Some(tiyn(13_000))));
    let [came, went] = statement.entries.as_slice() else { panic!("two entries") };
    assert_eq!((came.direction, came.day), (Direction::In, date!(2026 - 11 - 29)));
    assert_eq!(came.purpose, "Оплата по счёту № 77 за ноябрь");
    assert_eq!(came.payer.name.as_deref(), Some("ТОО Ромашка"));
    assert_eq!((went.direction, went.day, went.sum), (Direction::Out, date!(2026 - 11 - 30), tiyn(2_000)));
    assert_eq!(went.purpose, "Возврат ошибочно перечисленных денег");
    assert!(!statement.currency_is_told);
}

#[test]
fn mt940_is_read_with_its_pages_and_reversals() {
    let statement = one("mt940.sta");
    assert_eq!((statement.opening, statement.closing), (Some(tiyn(100_050)), Some(tiyn(3_400_050))));
    let entries: Vec<_> =
        statement.entries.iter().map(|entry| (entry.direction, entry.is_reversal, entry.sum.get())).collect();
    assert_eq!(
        entries,
        [
            (Direction::In, false, 684_659),
            (Direction::In, false, 2_500_000),
            (Direction::In, false, 100_000),
            (Direction::In, false, 100_000),
            (Direction::Out, false, 84_659),
            (Direction::Out, true, 50_000),
            (Direction::In, true, 50_000),
        ]
    );
    let first = &statement.entries[0];
    assert_eq!(first.place, Place::Line(6));
    assert_eq!(
        (first.number.as_deref(), first.bank_reference.as_deref()),
        (Some("15"), Some("B26113000001"))
    );
    assert_eq!(first.payer.bin.as_deref(), Some("051340000011"));
    assert_eq!((first.payer.kbe.as_deref(), first.payee.kbe.as_deref()), (Some("17"), Some("17")));
    assert_eq!(first.purpose, "Oplata uslug OFD, ls 10000004");
    assert_eq!(statement.entries[2].payer.iban, Some(iban("KZ12601A861000123456")));
    assert_eq!(statement.entries[2].purpose, "Po schetu OFD-2026-000123 ili po dogovoru");
    assert_eq!(statement.entries[4].purpose, "Komissiya za obsluzhivanie scheta");
    assert_eq!(statement.entries[4].number, None);
    assert_eq!(statement.entries[6].purpose, "");
}

#[test]
fn mt940_without_blocks_is_read_for_each_account() {
    let statements = read(sample("mt940-bare.sta")).expect("two statements");
    let accounts: Vec<_> = statements.iter().map(|statement| statement.account.as_str()).collect();
    assert_eq!(accounts, [OWN, OWN_TOO]);
    assert_eq!((statements[0].opening, statements[0].closing), (Some(tiyn(-10_000)), Some(tiyn(20_000))));
    assert_eq!(
        statements[0].entries[0].purpose,
        "Оплата за услуги ОФД, лицевой счёт 10000020, ТОО «Ромашка»"
    );
    assert_eq!(statements[1].entries, []);
}

#[test]
fn camt_is_read_with_batches_reversals_and_what_is_only_announced() {
    let statement = one("camt.053.xml");
    assert_eq!(statement.announced, 1);
    assert_eq!(statement.period, Some((date!(2026 - 11 - 30), date!(2026 - 11 - 30))));
    assert_eq!((statement.opening, statement.closing), (Some(tiyn(100_050)), Some(tiyn(3_400_050))));
    let entries: Vec<_> = statement
        .entries
        .iter()
        .map(|entry| (entry.direction, entry.is_reversal, entry.is_of_batch, entry.sum.get()))
        .collect();
    assert_eq!(
        entries,
        [
            (Direction::In, false, false, 684_659),
            (Direction::In, false, true, 2_500_000),
            (Direction::In, false, true, 100_000),
            (Direction::In, false, true, 100_000),
            (Direction::Out, false, false, 84_659),
            (Direction::Out, true, false, 50_000),
            (Direction::In, true, false, 50_000),
        ]
    );
    let first = &statement.entries[0];
    assert_eq!(first.place, Place::Element("TxDtls".to_owned(), 28));
    assert_eq!(first.payer.name.as_deref(), Some("ТОО \"Ромашка\""));
    assert_eq!(first.payer.bin.as_deref(), Some("051340000011"));
    assert_eq!(first.payer.iban, Some(iban("KZ08998KZT1000200300")));
    assert_eq!((first.number.as_deref(), first.knp.as_deref()), (Some("15"), Some("859")));
    assert_eq!(first.purpose, "Оплата услуг ОФД, лицевой счёт 10000004, без НДС");
    let text = String::from_utf8(sample("camt.053.xml").to_vec()).expect("UTF-8");
    let other = text.replacen("<Prtry>859</Prtry>", "<Cd>SUPP</Cd>", 1);
    assert_eq!(read(other.as_bytes()).expect("a statement")[0].entries[0].knp, None);
    assert_eq!(statement.entries[2].payer.name.as_deref(), Some("ИП Ахметова & дочери"));
    assert_eq!(statement.entries[2].purpose, "По счёту № OFD-2026-000123");
    assert_eq!(statement.entries[3].purpose, "По счёту № OFD-2026-000123");
    assert_eq!(statement.entries[4].purpose, "Комиссия за обслуживание счёта, 11.2026");
    assert_eq!(statement.entries[4].payer.iban, Some(iban(OWN)));
}

#[test]
fn camt_of_the_first_version_is_read_with_prefixes_and_in_its_encoding() {
    let statement = one("camt.053-windows-1251.xml");
    assert_eq!((statement.opening, statement.closing), (Some(tiyn(-500)), Some(tiyn(550))));
    let [entry] = statement.entries.as_slice() else { panic!("one entry") };
    assert_eq!((entry.sum, entry.day), (tiyn(1_050), date!(2026 - 11 - 30)));
    assert_eq!(entry.payer.name.as_deref(), Some("ТОО Ромашка"));
    assert_eq!((entry.number.as_deref(), entry.purpose.as_str()), (None, "Оплата услуг, л/с 10000004"));
}

#[test]
fn every_version_of_camt_that_is_promised_is_read() {
    let text = String::from_utf8(sample("camt.053.xml").to_vec()).expect("UTF-8");
    for version in 2..=13 {
        let other = text.replace("camt.053.001.08", &format!("camt.053.001.{version:02}"));
        assert_eq!(read(other.as_bytes()).expect("a statement").len(), 1);
    }
    for version in ["camt.053.001.01", "camt.053.001.14", "camt.052.001.08", "camt.054.001.08"] {
        let fault = read(text.replace("camt.053.001.08", version).as_bytes()).expect_err(version);
        assert_eq!(fault.wrong, Wrong::UnknownFormat(Hint::OtherMessage), "{version}");
    }
}

#[test]
fn a_table_is_read_by_its_mapping() {
    let statement = table();
    let entries: Vec<_> = statement.entries.iter().map(short).collect();
    assert_eq!(
        entries,
        [
            (Direction::In, 684_659, "15", "051340000011"),
            (Direction::In, 2_500_000, "95022", "971340001319"),
            (Direction::Out, 84_659, "K-1", ""),
        ]
    );
    assert_eq!(statement.entries[0].place, Place::Line(4));
    assert_eq!(statement.entries[0].payer.name.as_deref(), Some("ТОО \"Ромашка\""));
    assert_eq!(statement.entries[0].purpose, "Оплата услуг ОФД; лицевой счёт 10000004");
    assert_eq!(statement.entries[1].day, date!(2026 - 11 - 30));
}

#[test]
fn a_table_may_tell_the_direction_by_a_sign_or_a_word() {
    let plain = CsvMapping {
        charset: Charset::Utf8,
        delimiter: '\t',
        lines_above: 0,
        has_header: false,
        ends_with: None,
        is_open_ended: true,
        decimal: '.',
        day: Column::Number(1),
        day_form: DateForm::YearFirst,
        direction: DirectionBy::Sign { sum: Column::Number(2) },
        other_name: None,
        other_bin: None,
        other_account: None,
        number: None,
        purpose: None,
        ..mapping()
    };
    let text = "2026-11-30\t+1 000.50\n2026-11-30\t\u{2212}5\n2026-11-30\t-0.01";
    let statement = read_csv(text.as_bytes(), &plain, &iban(OWN)).expect("a table");
    let sums: Vec<_> = statement.entries.iter().map(|entry| (entry.direction, entry.sum.get())).collect();
    assert_eq!(sums, [(Direction::In, 100_050), (Direction::Out, 500), (Direction::Out, 1)]);
    let words = CsvMapping {
        day_form: DateForm::MonthFirst,
        direction: DirectionBy::Word {
            sum: Column::Number(2),
            word: Column::Number(3),
            came: vec!["Зачисление".to_owned(), "C".to_owned()],
            went: vec!["Списание".to_owned()],
        },
        ..plain
    };
    let text = "11/30/2026\t1\tзачисление\n1/2/2026\t2\tСПИСАНИЕ\n";
    let statement = read_csv(text.as_bytes(), &words, &iban(OWN)).expect("a table");
    let sums: Vec<_> = statement.entries.iter().map(|entry| (entry.direction, entry.day)).collect();
    assert_eq!(sums, [(Direction::In, date!(2026 - 11 - 30)), (Direction::Out, date!(2026 - 01 - 02))]);
    let fault = read_csv(b"11/30/2026\t1\tother\n", &words, &iban(OWN)).expect_err("no direction");
    assert_eq!(fault, Fault { place: Place::Line(1), wrong: Wrong::Direction { text: "other".to_owned() } });
}

#[test]
fn formats_are_told_by_content() {
    for (name, bytes) in SAMPLES {
        let format = match name.as_bytes() {
            [b'1', ..] => Format::OneC,
            [b'm', ..] => Format::Mt940,
            _ => Format::Camt053,
        };
        assert_eq!(Format::of(bytes), Ok(format), "{name}");
    }
    for (bytes, hint) in [
        (b"PK\x03\x04rest".as_slice(), Hint::Workbook),
        (&[0xD0, 0xCF, 0x11, 0xE0, 1], Hint::Workbook),
        (b"%PDF-1.7", Hint::Pdf),
        (b"<!DOCTYPE html><html>", Hint::Page),
        (b"<html>", Hint::Page),
        (&[0xFF, 0xFE, b'1', 0], Hint::Utf16),
        (b"<?xml version='1.0'?><a/>", Hint::OtherXml),
        (b"{1:F01}{2:O942}{4:\n:20:1\n-}", Hint::OtherMessage),
        (TABLE, Hint::Unknown),
        (b"hello", Hint::Unknown),
    ] {
        let fault = read(bytes).expect_err("no format");
        assert_eq!(fault, Fault { place: Place::File, wrong: Wrong::UnknownFormat(hint) });
    }
}

#[test]
fn a_mapping_is_kept_as_text_and_read_again() {
    let text = serde_json::to_string(&mapping()).expect("text");
    assert_eq!(serde_json::from_str::<CsvMapping>(&text).expect("a mapping"), mapping());
    let short = r#"{"charset":"utf8","delimiter":",","has_header":false,"decimal":".","day":1,"day_form":"day_first",
        "direction":{"by":"sign","sum":2}}"#;
    assert_eq!(serde_json::from_str::<CsvMapping>(short).expect("a mapping").day, Column::Number(1));
    assert!(serde_json::from_str::<CsvMapping>(&short.replace("decimal", "decimals")).is_err());
}
