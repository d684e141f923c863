//! What is refused, and how it is told.

use encoding_rs::WINDOWS_1251;

use super::*;

/// A sample as text, with something of it replaced.
fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(sample(name).to_vec()).expect("UTF-8");
    assert!(text.contains(from), "{name} has no {from}");
    text.replacen(from, to, 1).into_bytes()
}

fn fault(bytes: &[u8]) -> Fault {
    read(bytes).expect_err("a fault")
}

/// A fault's text, which has to tell the place, what is wrong, and what to do.
fn said(bytes: &[u8]) -> String {
    fault(bytes).to_string()
}

/// One of many accounts that hold.
fn numbered(number: u32) -> String {
    let body = format!("125{number:013}");
    let good = (0..97).map(|check| format!("KZ{check:02}{body}")).find(|text| text.parse::<Iban>().is_ok());
    good.expect("one of 97 holds")
}

const ONE_C: &str = "1c-utf-8.txt";
const MT940: &str = "mt940.sta";
const CAMT: &str = "camt.053.xml";

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
    let cases = [
        (
            changed(ONE_C, "КонецФайла", ""),
            "line 116: the file is cut: КонецФайла is missing; export it once more and take the whole file",
        ),
        (
            changed(ONE_C, "КонецФайла", "КонецФайла\nи ещё"),
            "line 117: something stands behind КонецФайла; the file is damaged or two were joined, export it once more",
        ),
        (
            changed(ONE_C, "СуммаПриход=25000", "СуммаПриход=25001"),
            "line 11: ВсегоПоступило is 33846.59, but the entries make 33847.59; entries are missing or damaged, export the \
             file once more",
        ),
        (
            changed(ONE_C, "КонечныйОстаток=34000.5", "КонечныйОстаток=34000.6"),
            "line 11: КонечныйОстаток is 34000.60, but the entries make 34000.50; entries are missing or damaged, export the \
             file once more",
        ),
        (
            changed(ONE_C, "Валюта=KZT", "Валюта=USD"),
            "line 39: the currency is USD; only tenge (KZT) are taken",
        ),
        (
            changed(ONE_C, "СуммаПриход=25000", "СуммаПриход=25000.005"),
            "line 46: СуммаПриход is 25000.005: a sum in tenge has at most two decimals",
        ),
        (
            changed(ONE_C, "СуммаПриход=25000", "СуммаПриход=-25000"),
            "line 46: СуммаПриход is -25000: a movement must be above zero",
        ),
        (
            changed(ONE_C, "СуммаПриход=25000", "СуммаПриход=99999999999999999999"),
            "line 46: СуммаПриход is 99999999999999999999: the sum is too great",
        ),
        (
            changed(ONE_C, "Кодировка=UTF8", "Кодировка=KOI8-R"),
            "line 3: the encoding KOI8-R is not read; export the file in windows-1251 or UTF-8",
        ),
        (
            changed(ONE_C, "ДатаОперации=30.11.2026", "ДатаОперации=31.11.2026"),
            "line 24: ДатаОперации is 31.11.2026, which is no day written as dd.mm.yyyy",
        ),
        (
            changed(MT940, ":62F:C261130KZT34000,50", ":62F:C261130KZT34000,51"),
            "line 2: :62F: is 34000.51, but the entries make 34000.50; entries are missing or damaged, export the file once \
             more",
        ),
        (
            changed(CAMT, "<Sum>1346.59</Sum>", "<Sum>1346.58</Sum>"),
            "line 5, element Stmt: TtlDbtNtries is 1346.58, but the entries make 1346.59; entries are missing or damaged, \
             export the file once more",
        ),
    ];
    for (bytes, text) in cases {
        assert_eq!(said(&bytes), text);
    }
}

#[test]
fn a_statement_of_another_account_is_refused() {
    let statements = read(sample("mt940-bare.sta")).expect("two statements");
    assert_eq!(check(&statements, &[iban(OWN), iban(OWN_TOO)]), Ok(()));
    let fault = check(&statements, &[iban(OWN)]).expect_err("one is another's");
    let wrong = Wrong::OtherAccount { found: iban(OWN_TOO), expected: vec![iban(OWN)] };
    assert_eq!(fault, Fault { place: Place::Line(9), wrong });
    assert_eq!(
        fault.to_string(),
        format!(
            "line 9: the statement is of account {OWN_TOO}, which is none of ours ({OWN}); take the statement of our account"
        )
    );
}

#[test]
fn an_entry_of_another_account_is_refused() {
    let bytes = changed(ONE_C, &format!("ПолучательИИК={OWN}"), &format!("ПолучательИИК={OWN_TOO}"));
    assert_eq!(
        fault(&bytes),
        Fault { place: Place::Line(11), wrong: fault(&bytes).wrong },
        "its money is missing among the totals"
    );
    let bytes = changed(
        CAMT,
        "<RltdPties><Dbtr>",
        &format!("<RltdPties><CdtrAcct><Id><IBAN>{OWN_TOO}</IBAN></Id></CdtrAcct><Dbtr>"),
    );
    assert_eq!(fault(&bytes).wrong, Wrong::OtherEntry { account: iban(OWN) });
    let document = "1CClientBankExchange\nРасчСчет=KZ86125KZT5004100100\nСекцияДокумент=1\nСумма=5\nДата=30.11.2026\n\
                    ПлательщикСчет=KZ08998KZT1000200300\nПолучательСчет=KZ05125KZT5004100200\nКонецДокумента\nКонецФайла\n";
    assert_eq!(
        fault(document.as_bytes()),
        Fault { place: Place::Line(3), wrong: Wrong::OtherEntry { account: iban(OWN) } }
    );
}

#[test]
fn a_transfer_between_two_accounts_of_a_file_is_in_both_statements() {
    let text = format!(
        "1CClientBankExchange\nРасчСчет={OWN}\nРасчСчет={OWN_TOO}\nСекцияДокумент=1\nСумма=5\nДата=30.11.2026\n\
         ПлательщикСчет={OWN}\nПолучательСчет={OWN_TOO}\nКонецДокумента\nКонецФайла\n"
    );
    let directions = |text: &str| {
        let statements = read(text.as_bytes()).expect("two statements");
        let all =
            |statement: &Statement| statement.entries.iter().map(|entry| entry.direction).collect::<Vec<_>>();
        statements.iter().map(all).collect::<Vec<_>>()
    };
    assert_eq!(directions(&text), [vec![Direction::Out], vec![Direction::In]]);
    // Where each side has a document, each is taken for its own.
    let two = |text: &str| text.replace("Сумма=5", "СуммаРасход=5");
    assert_eq!(directions(&two(&text)), [vec![Direction::Out], vec![]]);
    // The money came to somebody who paid: that cannot be.
    let wrong = format!(
        "1CClientBankExchange\nРасчСчет={OWN}\nСекцияДокумент=1\nСуммаПриход=5\nДата=30.11.2026\n\
         ПлательщикСчет={OWN}\nПолучательСчет={OWN_TOO}\nКонецДокумента\nКонецФайла\n"
    );
    assert!(matches!(fault(wrong.as_bytes()).wrong, Wrong::Direction { .. }));
}

#[test]
fn a_wrong_encoding_is_noticed() {
    let text = String::from_utf8(sample(ONE_C).to_vec()).expect("UTF-8");
    // UTF-8 that a program took for windows-1251 and saved again.
    let garbled = WINDOWS_1251.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    assert!(matches!(fault(garbled.as_bytes()).wrong, Wrong::Garbled { .. }));
    // windows-1251 that a program took for code page 866.
    let bytes = WINDOWS_1251.encode(&text).0.into_owned();
    let dos = encoding_rs::IBM866.decode_without_bom_handling(&bytes).0.into_owned();
    assert!(matches!(fault(dos.as_bytes()).wrong, Wrong::Garbled { .. }));
    // Letters that a program gave up.
    assert!(matches!(fault(&changed(ONE_C, "Ромашка", "Ро\u{FFFD}ашка")).wrong, Wrong::Garbled { .. }));
    // Told to be UTF-8, and is not.
    let fault = fault(&bytes);
    assert_eq!(fault, Fault { place: Place::Line(2), wrong: Wrong::Bytes { charset: Charset::Utf8 } });
}

#[test]
fn dos_files_of_one_c_are_read() {
    let text = String::from_utf8(sample(ONE_C).to_vec()).expect("UTF-8").replace("UTF8", "DOS");
    let (bytes, _, replaced) = encoding_rs::IBM866.encode(&text);
    assert!(!replaced);
    assert_eq!(read(&bytes).expect("a statement"), read(sample(ONE_C)).expect("a statement"));
}

#[test]
fn sections_that_do_not_follow_each_other_are_refused() {
    let two = sample("1c-two-days.txt");
    let text = WINDOWS_1251.decode_without_bom_handling(two).0.into_owned();
    let other = text.replacen("НачальныйОстаток=150.00", "НачальныйОстаток=151.00", 1);
    let other = other.replacen("КонечныйОстаток=130.00", "КонечныйОстаток=131.00", 1);
    assert_eq!(
        fault(&WINDOWS_1251.encode(&other).0),
        Fault {
            place: Place::Line(19),
            wrong: Wrong::Totals {
                field: "НачальныйОстаток".to_owned(),
                told: tiyn(15_100),
                counted: tiyn(15_000)
            }
        }
    );
}

#[test]
fn pages_of_mt940_must_be_all_there_and_in_order() {
    let text = String::from_utf8(sample(MT940).to_vec()).expect("UTF-8");
    let second = text.match_indices("{1:").nth(1).expect("two pages").0;
    assert!(matches!(fault(&text.as_bytes()[..second]).wrong, Wrong::Cut { .. }));
    assert!(matches!(fault(&text.as_bytes()[second..]).wrong, Wrong::Cut { .. }));
    assert!(matches!(fault(&changed(MT940, "334/2", "335/2")).wrong, Wrong::Cut { .. }));
    assert!(matches!(
        fault(&changed(
            MT940,
            ":62F:C261130KZT34000,50\r\n:64:C261130KZT34000,50\r\n:86:The day is closed\r\n",
            ""
        ))
        .wrong,
        Wrong::Cut { .. }
    ));
    assert!(matches!(
        fault(&changed(MT940, ":60M:C261130KZT32847,09", ":60M:C261130KZT32847,08")).wrong,
        Wrong::Totals { .. }
    ));
    assert!(matches!(
        fault(&changed(MT940, ":61:2611301130DT846", ":61:2611301130DD846")).wrong,
        Wrong::Currency { .. }
    ));
    assert!(matches!(
        fault(&changed(MT940, "C261130KZT34000", "C261130USD34000")).wrong,
        Wrong::Currency { .. }
    ));
    assert!(matches!(fault(&changed(MT940, ":28C:334/1", ":99X:334/1")).wrong, Wrong::Structure { .. }));
    assert!(matches!(fault(&changed(MT940, ":62M:C261130KZT32847,09\r\n", "")).wrong, Wrong::Cut { .. }));
}

#[test]
fn camt_that_is_not_whole_is_refused() {
    for (from, to) in [
        ("<LastPgInd>true", "<LastPgInd>false"),
        ("</Document>", ""),
        ("    </Stmt>\n  </BkToCstmrStmt>\n", ""),
        ("</BkToCstmrStmt>", "</BkToCstmrStmt"),
    ] {
        let fault = fault(&changed(CAMT, from, to));
        assert!(matches!(fault.wrong, Wrong::Cut { .. } | Wrong::Structure { .. }), "{from}: {fault}");
    }
    let refused = |from, to| fault(&changed(CAMT, from, to)).wrong;
    assert!(matches!(refused("<NbOfNtries>5", "<NbOfNtries>4"), Wrong::Count { told: 4, counted: 5, .. }));
    assert!(matches!(refused("<Cd>CLBD", "<Cd>XXXX"), Wrong::Missing { .. }));
    assert!(matches!(refused("Amt Ccy=\"KZT\">27000", "Amt Ccy=\"EUR\">27000"), Wrong::Currency { .. }));
    assert!(matches!(refused("<Ccy>KZT", "<Ccy>RUB"), Wrong::Currency { .. }));
    // What was sent in another currency came in tenge; only a batch must tell its parts in them.
    let sent = changed(
        CAMT,
        "<Amt Ccy=\"KZT\">6846.59</Amt>\n            <",
        "<Amt Ccy=\"USD\">13.00</Amt>\n            <",
    );
    assert_eq!(read(&sent).expect("a statement")[0].entries[0].sum, tiyn(684_659));
    assert!(matches!(refused("Ccy=\"KZT\">25000", "Ccy=\"USD\">25000"), Wrong::Currency { .. }));
    // A batch whose parts do not make it.
    assert!(matches!(refused(">25000.00<", ">24000.00<"), Wrong::Totals { .. }));
    assert!(matches!(refused("<Cd>BOOK", "<Cd>BOOM"), Wrong::Structure { .. }));
    assert!(matches!(refused(">6846.59<", ">0.00<"), Wrong::Sum { why: SumFault::Zero, .. }));
    assert!(matches!(refused(OWN, "KZ86125KZT5004100101"), Wrong::NoIban { .. }));
}

#[test]
fn xml_expands_nothing() {
    let dtd = "<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]>\n<Document";
    assert_eq!(
        said(&changed(CAMT, "<Document", dtd)),
        "line 2: the XML has a document type (DTD), which no bank's statement needs; it is not read"
    );
    assert!(matches!(fault(&changed(CAMT, "ИП Ахметова", "&b;")).wrong, Wrong::Unsafe { .. }));
    assert!(matches!(fault(&changed(CAMT, "ИП Ахметова", "&#0;")).wrong, Wrong::Unsafe { .. }));
    let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
    assert!(matches!(
        fault(&changed(CAMT, "<Ustrd>", &format!("{deep}<Ustrd>"))).wrong,
        Wrong::Structure { .. }
    ));
    let many = "<a/>".repeat(400_000);
    assert!(matches!(
        fault(&changed(CAMT, "<Ustrd>", &format!("{many}<Ustrd>"))).wrong,
        Wrong::Structure { .. }
    ));
}

#[test]
fn files_and_texts_are_bounded() {
    assert_eq!(fault(b"").wrong, Wrong::Empty);
    assert_eq!(fault(b" \r\n").wrong, Wrong::Empty);
    assert_eq!(fault(&vec![b'1'; FILE_MAX + 1]).wrong, Wrong::TooLarge { max: FILE_MAX });
    let long = "x".repeat(5_000);
    for (name, from) in
        [(ONE_C, "Оплата услуг"), (ONE_C, "Ромашка"), (MT940, "TOO ROMASHKA"), (CAMT, "Ахметова")]
    {
        assert!(matches!(fault(&changed(name, from, &long)).wrong, Wrong::TooLong { .. }), "{name}: {from}");
    }
    let many: String = (0..200).map(|number| format!("РасчСчет={}\n", numbered(number))).collect();
    let fault_of_many = fault(format!("1CClientBankExchange\n{many}КонецФайла\n").as_bytes());
    assert_eq!(
        fault_of_many.to_string().split(';').next(),
        Some("line 102: there are more than 100 accounts")
    );
    let mut text = format!("1CClientBankExchange\nРасчСчет={OWN}\n");
    text.push_str(&"СекцияДокумент\nКонецДокумента\n".repeat(ENTRIES_MAX + 1));
    assert_eq!(fault(text.as_bytes()).wrong, Wrong::TooManyEntries { max: ENTRIES_MAX });
}

#[test]
fn a_table_that_does_not_fit_its_mapping_or_is_cut_is_refused() {
    let text = WINDOWS_1251.decode_without_bom_handling(TABLE).0.into_owned();
    let of = |text: &str, mapping: &CsvMapping| {
        read_csv(&WINDOWS_1251.encode(text).0, mapping, &iban(OWN)).expect_err("a fault").to_string()
    };
    let other = |name: &str| CsvMapping { day: named(name), ..mapping() };
    assert_eq!(
        of(&text, &other("День")),
        "the file: the mapping does not fit: there is no column «День»; correct the mapping, or take the file of the bank it was \
         made for"
    );
    assert_eq!(
        of(text.split_once("Итого").expect("an end").0, &mapping()),
        "the file: the file is cut: the row that begins with «Итого» is missing; export it once more and take the whole file"
    );
    let half = text.split_once(" за обслуживание").expect("a purpose").0;
    assert!(of(half, &mapping()).contains("the end of the last line is missing"), "{}", of(half, &mapping()));
    let quoted = text.replacen("10000004\"", "10000004", 1);
    assert!(of(&quoted, &mapping()).contains("a closing quotation mark"));
    let short = text.replacen(";;;Комиссия", ";;Комиссия", 1);
    assert_eq!(
        of(&short, &mapping()),
        "line 6: the row has 7 columns, others have 8; the file is damaged, export it once more"
    );
    let both = text.replacen("0,00;25 000,00", "5,00;25 000,00", 1);
    let told = of(&both, &mapping());
    assert!(
        told.starts_with("line 5: it is not clear whether the money came or went (25000,00; 5,00)"),
        "{told}"
    );
    let total = text.replacen("31846,59", "31846,60", 1);
    assert!(of(&total, &mapping()).contains("total of what came is 31846.60, but the entries make 31846.59"));
    let behind = text.clone() + "01.12.2026;16;;5;;;;\r\n";
    assert!(of(&behind, &mapping()).starts_with("line 8: something stands behind «Итого»"));
    // A purpose that begins with the words of the end does not end the table.
    let purpose = text.replacen(";Комиссия", ";Итого", 1);
    let statement = read_csv(&WINDOWS_1251.encode(&purpose).0, &mapping(), &iban(OWN)).expect("a table");
    assert_eq!(statement.entries.len(), 3);
    let endless = CsvMapping { ends_with: Some(" ".to_owned()), ..mapping() };
    assert!(of(&text, &endless).contains("the words that the table ends with are empty"));
    // A first row that is a movement is no row of names.
    let by_number = CsvMapping {
        lines_above: 3,
        day: Column::Number(1),
        direction: DirectionBy::Columns { came: Column::Number(4), went: Column::Number(3) },
        other_name: None,
        other_bin: None,
        other_account: None,
        purpose: None,
        ..mapping()
    };
    assert!(of(&text, &by_number).contains("the row of names has a day (30.11.2026)"));
    let number = CsvMapping { day: Column::Number(9), ..mapping() };
    assert!(of(&text, &number).contains("there is no column 9"));
    let nameless = CsvMapping { has_header: false, ..mapping() };
    assert!(of(&text, &nameless).contains("has no row of names"));
    let delimiter = CsvMapping { delimiter: 'ы', ..mapping() };
    assert!(of(&text, &delimiter).contains("stands between no columns"));
    let account = CsvMapping { account: Some(named("Счёт")), ..mapping() };
    assert!(of(&text, &account).contains("which is none of ours"));
    let currency = CsvMapping { currency: Some(named("Документ")), ..mapping() };
    assert!(of(&text, &currency).contains("only tenge (KZT) are taken"));
}

/// A fault of each kind, as docs/bank-statements.md has it for an example.
fn one_of_each() -> Vec<Wrong> {
    let text = |text: &str| text.to_owned();
    vec![
        Wrong::Empty,
        Wrong::TooLarge { max: FILE_MAX },
        Wrong::TooManyEntries { max: ENTRIES_MAX },
        Wrong::TooLong { field: text("НазначениеПлатежа"), max: 4_000 },
        Wrong::UnknownFormat(Hint::Pdf),
        Wrong::Cut { missing: text("КонецФайла") },
        Wrong::BehindTheEnd { end: text("КонецФайла") },
        Wrong::Bytes { charset: Charset::Utf8 },
        Wrong::Garbled { sample: text("РџР»Р°С‚") },
        Wrong::UnknownCharset { told: text("KOI8-R") },
        Wrong::NoIban { text: text("40702810900000000001") },
        Wrong::OtherAccount { found: iban(OWN_TOO), expected: vec![iban(OWN)] },
        Wrong::OtherEntry { account: iban(OWN) },
        Wrong::Currency { found: text("USD") },
        Wrong::Missing { field: text("РасчСчет") },
        Wrong::Twice { field: text("Сумма") },
        Wrong::Sum { field: text("СуммаПриход"), text: text("1,005"), why: SumFault::Decimals },
        Wrong::Day { field: text("ДатаОперации"), text: text("31.11.2026"), form: "dd.mm.yyyy" },
        Wrong::Direction { text: text("5; 5") },
        Wrong::Totals {
            field: text("КонечныйОстаток"), told: tiyn(3_400_060), counted: tiyn(3_400_050)
        },
        Wrong::Count { field: text("NbOfNtries"), told: 4, counted: 5 },
        Wrong::Structure { what: text("the field :62F: does not belong here") },
        Wrong::Unsafe { what: text("a document type (DTD)") },
        Wrong::Mapping { what: text("there is no column «День»") },
    ]
}

#[test]
fn the_document_has_the_text_of_each_fault_and_no_other() {
    let document = include_str!("../../../../../docs/bank-statements.md");
    let table = document.split("## What is refused").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows = table.expect("the table").lines().filter(|line| line.starts_with("| ")).skip(2);
    let told: Vec<_> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(told, one_of_each().iter().map(ToString::to_string).collect::<Vec<_>>());
}
