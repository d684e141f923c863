//! What holds of every paper.

mod changes;
mod layout;
mod texts;

use ofd_edge::{Imprint, Language};
use time::{Date, Month};

use crate::{
    ApplicationOne, ApplicationTwo, BankDetails, Connection, HeadOfCompany, JoinedContract, Party,
    RegisterOnPaper, Signer, SignerCapacity,
};

fn date(year: i32, month: Month, day: u8) -> Date {
    Date::from_calendar_date(year, month, day).expect("it is a day")
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
        title: "ТОО «Әлем Ғасыр Қала Өңір Ұлан Үміт Һәм Іс»".into(),
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

fn signer() -> Signer {
    Signer {
        name: "ӘБДІҚАДЫРОВ ҒАНИ ҢҰРЛАНҰЛЫ".into(),
        iin: "800101300123".into(),
        capacity: SignerCapacity::Head,
    }
}

fn joined() -> JoinedContract {
    JoinedContract { version: "2026-1".into(), begins_on: date(2026, Month::January, 1), is_sample: true }
}

fn one(language: Language) -> ApplicationOne {
    ApplicationOne {
        language,
        number: "17".into(),
        date: date(2026, Month::November, 30),
        contract: joined(),
        organisation: party(),
        signer: signer(),
        operator: operator(),
        check_url: "https://ofd.example/signature".into(),
    }
}

fn two(language: Language) -> ApplicationTwo {
    ApplicationTwo {
        language,
        number: "18".into(),
        date: date(2026, Month::November, 30),
        contract: joined(),
        organisation: party(),
        signer: signer(),
        operator: operator(),
        register: RegisterOnPaper {
            registered_on: date(2026, Month::November, 30),
            system_id: "203539".into(),
            alias: "Касса у входа".into(),
            kgd_number: String::new(),
            model: "SWK-2".into(),
            serial_number: "SWK00032685".into(),
            year: "2025".into(),
            connection: Connection::Wired,
            tariff: "Базовый проводной".into(),
            connected_on: None,
            trade_point: "Дүкен «Ұлан»".into(),
            address: "г. Алматы, ул. Әуезова, 1".into(),
        },
        check_url: String::new(),
    }
}
