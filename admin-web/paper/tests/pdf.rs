//! The files themselves, read by somebody else's program: `pdftotext` of poppler.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "functions that tests share are not told from product code"
)]

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use ofd_paper::{
    ApplicationOne, ApplicationTwo, BankDetails, Connection, Contract, ContractPaper, HeadOfCompany, Imprint,
    JoinedContract, Language, ListPaper, Party, RegisterOnPaper, Signer, SignerCapacity, application_one,
    application_two, contract, list,
};
use time::{Date, Month};

fn day() -> Date {
    Date::from_calendar_date(2026, Month::November, 30).unwrap()
}

fn operator() -> Imprint {
    Imprint {
        title: "ТОО «Тест ОФД»".into(),
        title_kz: "«Тест ФДО» ЖШС".into(),
        url: "https://ofd.example".into(),
        bin: "151140001234".into(),
        address: "г. Астана, ул. Сарайшық, 1".into(),
        support_phone: "+7 7172 000-000".into(),
        support_email: "help@ofd.example".into(),
        ..Imprint::default()
    }
}

fn party() -> Party {
    Party {
        bin: "020340005678".into(),
        title: "ТОО «Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі»".into(),
        legal_address: "г. Алматы, Бостандыкский р-н, ул. Тимирязева, д. 42, н.п. 5".into(),
        actual_address: "г. Алматы, ул. Әуезова, 1".into(),
        bank: BankDetails {
            bank: "АО «Банк»".into(),
            bic: "CASPKZKA".into(),
            iik: "KZ12345678901234567X".into(),
        },
        head: HeadOfCompany {
            position: "Директор".into(), name: "ӘБДІҚАДЫРОВ ҒАНИ ҢҰРЛАНҰЛЫ".into()
        },
        oked: "47111".into(),
        email: "office@alem.example".into(),
        phone: "+7 701 000 00 00".into(),
    }
}

fn one(language: Language) -> ApplicationOne {
    ApplicationOne {
        language,
        number: "17".into(),
        date: day(),
        contract: JoinedContract::from(&Contract::sample().unwrap()),
        organisation: party(),
        signer: Signer {
            name: "ӘБДІҚАДЫРОВ ҒАНИ ҢҰРЛАНҰЛЫ".into(),
            iin: "800101300123".into(),
            capacity: SignerCapacity::Head,
        },
        operator: operator(),
        check_url: "https://ofd.example/signature".into(),
    }
}

fn two(language: Language) -> ApplicationTwo {
    let ApplicationOne { contract, organisation, signer, operator, .. } = one(language);
    let register = RegisterOnPaper {
        registered_on: day(),
        system_id: "203539".into(),
        alias: "Касса у входа".into(),
        kgd_number: String::new(),
        model: "SWK-2".into(),
        serial_number: "SWK00032685".into(),
        year: "2025".into(),
        connection: Connection::Sim,
        tariff: "Базовый, 1 000 ₸".into(),
        connected_on: None,
        trade_point: "Дүкен «Ұлан»".into(),
        address: "г. Алматы, ул. Әуезова, 1".into(),
    };
    let (number, check_url) = ("18".into(), String::new());
    ApplicationTwo {
        language,
        number,
        date: day(),
        contract,
        organisation,
        signer,
        operator,
        register,
        check_url,
    }
}

fn paper(language: Language) -> ContractPaper {
    ContractPaper { language, contract: Arc::new(Contract::sample().unwrap()), operator: operator() }
}

/// What a reader copies out of a PDF, its lines joined.
fn copied(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext")
        .args(["-enc", "UTF-8", "-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is there: install poppler-utils");
    let mut input = reader.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(pdf).unwrap());
        let output = reader.wait_with_output().unwrap();
        assert!(output.status.success(), "pdftotext cannot read it");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// All papers in a language, with what they are called here.
fn papers(language: Language) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("contract", contract(&paper(language)).unwrap()),
        ("application-one", application_one(&one(language)).unwrap()),
        ("application-two", application_two(&two(language)).unwrap()),
    ]
}

/// Bytes of the file that are text.
fn holds(pdf: &[u8], text: &str) -> bool {
    pdf.windows(text.len()).any(|bytes| bytes == text.as_bytes())
}

#[test]
fn the_same_input_gives_the_same_bytes_and_another_one_others() {
    for language in Language::ALL {
        let made = papers(language);
        assert!(made == papers(language), "{language:?}");
        let other = ApplicationOne { number: "19".into(), ..one(language) };
        assert_ne!(made[1].1, application_one(&other).unwrap());
    }
}

#[test]
fn every_letter_of_kazakh_can_be_copied_and_searched() {
    let text = copied(&application_one(&one(Language::Kazakh)).unwrap());
    for wanted in [
        "ТОО «Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі»",
        "ӘБДІҚАДЫРОВ ҒАНИ ҢҰРЛАНҰЛЫ",
        "Пайдаланушы туралы мәліметтер",
        "«Тест ФДО» ЖШС",
        "№ 17, 30.11.2026",
        "ҮЛГІ.",
        "https://ofd.example/signature",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in: {text}");
    }
    let text = copied(&application_two(&two(Language::Russian)).unwrap());
    for wanted in [
        "Заявка № 2",
        "1 000 ₸",
        "203539",
        "беспроводной, SIM-карта",
        "с момента отправки первого чека",
        "Регистрационный номер в КГД —",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in: {text}");
    }
}

#[test]
fn the_contract_names_the_operator_and_says_on_every_page_that_it_is_a_sample() {
    for (language, mark) in
        [(Language::Russian, "ОБРАЗЕЦ."), (Language::Kazakh, "ҮЛГІ."), (Language::English, "SAMPLE.")]
    {
        let text = copied(&contract(&paper(language)).unwrap());
        assert!(text.contains("151140001234") && text.contains("https://ofd.example"), "{text}");
        let text = text.replace(" / ", "/");
        assert!(text.contains("1/2") && text.contains("2/2"), "{text}");
        assert_eq!(text.matches(mark).count(), 2, "{language:?}");
    }
}

#[test]
fn the_files_are_small_and_claim_pdf_a_2u() {
    for language in Language::ALL {
        for (name, pdf) in papers(language) {
            assert!(pdf.starts_with(b"%PDF-1.7"), "{name}");
            assert!(pdf.len() < 120_000, "{name} has {} bytes", pdf.len());
            assert!(holds(&pdf, "<pdfaid:part>2</pdfaid:part>"), "{name}");
            assert!(holds(&pdf, "<pdfaid:conformance>U</pdfaid:conformance>"), "{name}");
            assert!(holds(&pdf, "/FontFile"), "{name} holds its fonts");
        }
    }
}

#[test]
fn a_list_of_300_registers_is_numbered_page_by_page() {
    let rows = (1..=300).map(|row| vec![format!("{row}"), format!("Касса {row}"), "Дүкен «Ұлан»".into()]);
    let paper = ListPaper {
        language: Language::Russian,
        title: "Кассы организации".into(),
        date: day(),
        operator: operator(),
        about: vec![("БИН".into(), "020340005678".into()), ("Сайт".into(), String::new())],
        columns: vec![("№".into(), 1), ("Касса".into(), 4), ("Торговая точка".into(), 4)],
        rows: rows.collect(),
    };
    let text = copied(&list(&paper).unwrap());
    assert!(text.contains("Касса 300"), "the last row is there");
    let pages = text.matches("Торговая точка").count();
    assert!(pages > 5, "{pages}");
    // Readers take the blanks around the stroke for what they like.
    let text = text.replace(" / ", "/");
    assert!(
        text.contains(&format!("1/{pages}")) && text.contains(&format!("{pages}/{pages}")),
        "{pages} pages"
    );
}
