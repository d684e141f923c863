//! The operator's box that finds any organisation, register and receipt, and the register's pages behind it.

use std::sync::Arc;

use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AccountId, AuditAction, AuditPage, AuditSubject, OPERATOR, Role};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{RegisterRecord, TradePointId, create};
use ofd_storage::samples;

use super::support::people::{Browser, House, location};
use super::support::{FNS_KKM_ID, ID, Paper, Shop, Ticket, at, close_shift};

const BIN: &str = "151140001234";

/// A shop whose people have not come to the site, with a receipt of a buyer who gave his number, and the operator's people.
struct Town {
    house: House,
    paper: Paper,
    support: AccountId,
    billing: AccountId,
}

impl Town {
    async fn open() -> Self {
        let house = House::open();
        let shop = Shop::<Arc<MemoryStore>>::on(Arc::clone(&house.store), "ТОО «Көктем»").await;
        let paper = shop.accept(&Ticket::usual().payload()).await;
        shop.accept(&close_shift(at(18, 0, 0))).await;
        let [support, billing] = [house.person("ҚОЛДАУ").await, house.person("БИЛЛИНГ").await];
        house.company(OPERATOR, "ОФД", &[(support, &[Role::Support]), (billing, &[Role::Billing])]).await;
        Self { house, paper, support, billing }
    }

    async fn browser(&self) -> Browser {
        self.house.sign_in(self.support).await
    }

    async fn looks(&self) -> Vec<AuditPage> {
        let rows = self.house.audit(BIN).await;
        let looks = rows.iter().rev().filter(|row| row.action == AuditAction::Looked);
        looks
            .map(|row| match &row.subject.of {
                Some(AuditSubject::Page(page)) => *page,
                other => panic!("{other:?}"),
            })
            .collect()
    }
}

fn find(what: &str, within: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", what).append_pair("in", within);
    format!("/operator/find?{}", query.finish())
}

fn register() -> String {
    format!("/operator/registers/{BIN}/{ID}")
}

fn receipt() -> String {
    format!("{}/shifts/1/documents/1", register())
}

#[tokio::test]
async fn a_register_is_found_by_each_of_its_numbers_and_an_organisation_by_its_own() {
    let town = Town::open().await;
    let mut browser = town.browser().await;
    for typed in [ID.to_string(), FNS_KKM_ID.to_owned(), "SWK-00032685".to_owned(), "swk00032685".to_owned()]
    {
        assert_eq!(location(&browser.open(&find(&typed, "")).await), register(), "{typed}");
    }
    assert_eq!(location(&browser.open(&find(BIN, "")).await), format!("/operator/companies/{BIN}"));
    assert_eq!(location(&browser.open(&find("көктем", "")).await), format!("/operator/companies/{BIN}"));
    let none = browser.go(&find("жоқ", "")).await.text;
    assert!(none.contains("Nothing was found"), "{none}");
    assert_eq!(town.looks().await, [], "a list to choose from is no look");
}

#[tokio::test]
async fn a_receipt_is_found_by_its_qr_address_and_by_its_sign_where_it_is_said_whose_it_is() {
    let town = Town::open().await;
    let mut browser = town.browser().await;
    let address = format!("https://ofd.example/?{}", town.paper.query());
    assert_eq!(location(&browser.open(&find(&address, "")).await), receipt());
    let sign = town.paper.i.clone();
    for within in [ID.to_string(), FNS_KKM_ID.to_owned(), "swk00032685".to_owned(), BIN.to_owned()] {
        if within == BIN {
            super::start::walk(&town.house).await;
        }
        assert_eq!(location(&browser.open(&find(&sign, &within)).await), receipt(), "{within}");
    }
    let alone = browser.go(&find(&sign, "")).await.text;
    assert!(alone.contains("only where it is known whose it is"), "{alone}");
    let elsewhere = browser.go(&find(&sign, "990940003176")).await.text;
    assert!(elsewhere.contains("no register and no organisation of this number"), "{elsewhere}");
}

#[tokio::test]
async fn each_look_at_a_register_and_what_it_sold_is_in_the_audit_before_it_is_shown() {
    let town = Town::open().await;
    let mut browser = town.browser().await;
    let page = browser.go(&register()).await.text;
    assert!(
        page.contains("SWK00032685") && page.contains(FNS_KKM_ID) && page.contains("ТОО «Көктем»"),
        "{page}"
    );
    assert!(page.contains(&format!("{}/shifts/1/z", register())), "its shift, and the report of it");
    for path in [
        format!("{}/shifts", register()),
        format!("{}/shifts/1/z", register()),
        format!("{}/x", register()),
        format!("{}/shifts/1/documents", register()),
        receipt(),
    ] {
        let page = browser.go(&path).await.text;
        assert!(!page.contains("href=\"/c/"), "{path} leads to pages of the operator's alone");
    }
    assert_eq!(
        town.looks().await,
        [[AuditPage::Register].as_slice(), &[AuditPage::Documents; 5]].concat(),
        "though its people have not come to the site"
    );
    let of = format!("/operator/companies/{BIN}/registers");
    super::start::walk(&town.house).await;
    assert!(browser.go(&of).await.text.contains(&register()));
    assert_eq!(town.looks().await.len(), 7);
    for other in [
        "/operator/registers/990940003176/203539".to_owned(),
        format!("/operator/registers/{BIN}/77/shifts"),
        "/operator/companies/990940003176/registers".to_owned(),
        format!("/operator/companies/{OPERATOR}/registers"),
    ] {
        assert_eq!(browser.open(&other).await.status, 404, "{other}");
    }
    assert_eq!(town.looks().await.len(), 7, "nothing was shown, so nothing was looked at");
}

#[tokio::test]
async fn a_file_is_one_look_however_many_pieces_it_is_read_in() {
    let town = Town::open().await;
    let shop = TradePointId::derive(BIN, "Дүкен-2", "Алматы");
    for id in 300_000..300_300 {
        let record = RegisterRecord { trade_point: shop.clone(), ..samples::register(RegisterId(id), BIN) };
        create(&town.house.store, &record).await.unwrap();
    }
    super::start::walk(&town.house).await;
    let mut browser = town.browser().await;
    let file = browser.go(&format!("/operator/companies/{BIN}/registers.csv")).await.text;
    assert_eq!(file.lines().count(), 302, "the heading, the first register, and the others");
    assert_eq!(town.looks().await, [AuditPage::Register]);
    browser.go(&format!("{}/shifts.csv", register())).await;
    browser.go(&format!("{}/shifts/1/documents.csv", register())).await;
    assert_eq!(town.looks().await[1..], [AuditPage::Documents; 2]);
    let strange = browser.open("/operator/companies/990940003176/registers.csv").await;
    assert_eq!(strange.status, 404);
}

#[tokio::test]
async fn who_may_not_see_registers_finds_organisations_alone() {
    let town = Town::open().await;
    let mut browser = town.house.sign_in(town.billing).await;
    assert_eq!(location(&browser.open(&find(BIN, "")).await), format!("/operator/companies/{BIN}"));
    for typed in
        [ID.to_string(), FNS_KKM_ID.to_owned(), format!("https://ofd.example/?{}", town.paper.query())]
    {
        assert!(browser.go(&find(&typed, "")).await.text.contains("Nothing was found"), "{typed}");
    }
    assert_eq!(browser.open(&register()).await.status, 403);
    let page = browser.go("/operator/find").await.text;
    assert!(page.contains(">Organisation</label>") && !page.contains("name=\"in\""), "{page}");
    assert!(!page.contains("or receipt"), "it offers nothing that it does not find: {page}");
    let page = town.browser().await.go("/operator/find").await.text;
    assert!(page.contains("Organisation, register or receipt") && page.contains("name=\"in\""), "{page}");
}

#[tokio::test]
async fn it_is_said_how_far_an_offline_number_was_looked_for() {
    let town = Town::open().await;
    let mut browser = town.browser().await;
    let of_register = browser.go(&find("7654322", &ID.to_string())).await.text;
    assert!(of_register.contains("in the last 31 shifts of each register"), "{of_register}");
    let of_all = browser.go(&find("7654322", BIN)).await.text;
    assert!(of_all.contains("in the last 31 shifts of") && of_all.contains("registers alone"), "{of_all}");
    super::start::walk(&town.house).await;
    let of_all = browser.go(&find("7654322", BIN)).await.text;
    assert!(of_all.contains("in the last 31 shifts of each register"), "{of_all}");
    assert!(
        !browser.go(&find("7654322", "")).await.text.contains("last 31 shifts"),
        "it was looked for nowhere"
    );
}

#[tokio::test]
async fn the_directory_of_models_says_that_it_is_a_sample_until_a_list_is_imported() {
    let town = Town::open().await;
    let mut browser = town.browser().await;
    assert!(browser.go("/operator/models").await.text.contains("these are a sample"));
    let list = "7;Модель Ж;Касса;1;22.01.2026\n8;Модель Д;Касса;0;22.01.2026\n";
    let list = crate::read_models(list).unwrap();
    crate::import_models(&town.house.store, &list).await.unwrap();
    let page = browser.go("/operator/models").await.text;
    assert!(!page.contains("these are a sample") && page.contains("Модель Ж") && page.contains("Модель Д"));
    let used = browser.go("/operator/models?used=used").await.text;
    assert!(used.contains("Модель Ж") && !used.contains("Модель Д"));
    let page = browser
        .go(&format!(
            "/operator/models?q={}",
            form_urlencoded::byte_serialize("модель д".as_bytes()).collect::<String>()
        ))
        .await
        .text;
    assert!(page.contains("Модель Д") && !page.contains("Модель Ж"));
    assert!(browser.go("/operator/models.csv").await.text.contains("Модель Ж"));
}

#[tokio::test]
async fn versions_of_the_contract_are_listed_with_their_text_and_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, day, says) in [("1", "2026-01-01", "Прежнее"), ("2", "2026-12-01", "Новое")] {
        let texts =
            ["ru", "kk", "en"].map(|code| format!("[{code}]\n# Договор\n1. Предмет\n1.1. {says} условие.\n"));
        let text = format!("version: {name}\nbegins on: {day}\n\n{}", texts.join("\n"));
        std::fs::write(folder.path().join(format!("{name}.txt")), text).unwrap();
    }
    let house =
        House::with(|config| config.people.contracts = crate::Contracts::read(folder.path()).unwrap());
    let support = house.person("ҚОЛДАУ").await;
    house.company(OPERATOR, "ОФД", &[(support, &[Role::Support])]).await;
    let mut browser = house.sign_in(support).await;
    let list = browser.go("/operator/contracts").await.text;
    assert!(list.contains("01.12.2026") && list.contains("to come") && list.contains("joined now"), "{list}");
    let second = browser.go("/operator/contracts/2").await.text;
    assert!(
        second.contains("<del>1.1. Прежнее условие.</del>")
            && second.contains("<ins>1.1. Новое условие.</ins>"),
        "{second}"
    );
    let first = browser.go("/operator/contracts/1").await.text;
    assert!(first.contains("Прежнее условие.") && !first.contains("<del>"));
    let pdf = browser.open("/operator/contracts/1/contract.pdf").await;
    assert_eq!(
        (pdf.status.as_u16(), pdf.headers["content-type"].to_str().unwrap()),
        (200, "application/pdf")
    );
    assert_eq!(browser.open("/operator/contracts/3").await.status, 404);
}
