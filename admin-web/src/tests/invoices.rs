//! Invoices as people see them: lists, one with its lines and files, bills, what is issued beside a first one, settlements, the API.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::http::Request;
use ofd_billing::tariffs::{
    ConnectionKind, KindPrice, Now, Per, PlanData, PlanVersion, Price, Step, TariffChange, TariffHistory,
    Titles,
};
use ofd_billing::{Day, PersonalAccount, Tiyn};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AccountId, AuditAction, Company, OPERATOR, Registration, RegistrationState, Role,
};
use ofd_storage::charging::{Clock, charge_organisation};
use ofd_storage::invoices::{Issuing, check, make_month};
use ofd_storage::store::{Append, Stamp, Store as _};
use ofd_storage::{samples, tariffs};
use serde_json::{Value, json};

use super::contract::assert_described;
use super::support::people::{Browser, House};
use super::support::{Answer, ID, Shop, Ticket, ZONE, issuer, send};
use crate::budget::ClientAddress;

pub(super) const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";
/// From the day of the tests to the second of the next month.
const TO_FEBRUARY: u64 = 11 * 24 * 3600;

/// An operator, and an organisation that was charged and invoiced for January.
pub(super) struct Invoiced {
    pub(super) house: House,
    boss: AccountId,
    billing: AccountId,
    support: AccountId,
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn stamps() -> Stamp {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    Stamp((u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 96).to_be_bytes())
}

fn plan() -> PlanData {
    let steps = vec![Step { registers: 1, price: Price::Tiyn(Tiyn::new(155_000).unwrap()) }];
    let version = PlanVersion {
        from: day("2026-01-01"),
        last: None,
        prices: vec![KindPrice { kind: ConnectionKind::Wired, per: Per::Month, steps }],
        free_months: 0,
        connection_fee: None,
        receipts: None,
    };
    PlanData {
        id: "basic".parse().unwrap(),
        titles: Titles { ru: "Базовый".into(), kk: "Негізгі".into(), en: "Basic".into() },
        kinds: vec![ConnectionKind::Wired],
        versions: vec![version],
        ..tariffs::free().unwrap().data().clone()
    }
}

pub(super) async fn invoiced() -> Invoiced {
    let house = House::open();
    let (store, world) = (Arc::clone(&house.store), &house);
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    let billing = house.person("ЕСЕПШІ АЙГҮЛ").await;
    let support = house.person("ҚОЛДАУ ҚЫЗМЕТІ").await;
    let shop = Shop::on(Arc::clone(&store), "ТОО «Көктем»").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    house.company(OTHER, "ТОО «Басқа»", &[(boss, &[Role::Administrator])]).await;
    let staff: &[(AccountId, &[Role])] = &[(billing, &[Role::Billing]), (support, &[Role::Support])];
    house.company(OPERATOR, "ОФД", staff).await;
    let today = Now::new(day("2026-01-01"), None, day("2026-01-01").month());
    tariffs::add_plan(&*store, plan(), today).await.unwrap();
    let change = TariffChange { from: day("2026-01-01"), plan: "basic".parse().unwrap() };
    let plans = TariffHistory::new(vec![change]).unwrap();
    let registration =
        Registration { state: RegistrationState::Registered, plans, ..samples::registration(ID, BIN) };
    let stream = Company::stream_of(BIN).unwrap();
    let head = store.head(stream).await.unwrap().unwrap();
    let (expected, rows) = (Some(head.version), vec![registration.row().unwrap()]);
    let append = Append { stream, expected, stamp: stamps(), head: head.bytes, rows, notes: Vec::new() };
    store.append(append).await.unwrap();
    shop.accept(&Ticket::usual().payload()).await;
    house.list_holdings().await;
    world.wait(TO_FEBRUARY);
    let clock = Clock { now: house.now(), zone_offset_seconds: ZONE };
    let draw = || PersonalAccount::FIRST;
    let days = (day("2026-01-01").month(), day("2026-01-31"));
    charge_organisation(&*store, BIN, days, clock, draw, &stamps).await.unwrap();
    let supplier = issuer().supplier.unwrap();
    let issuing = Issuing { supplier: &supplier, clock };
    let made = make_month(&*store, BIN, day("2026-01-01").month(), issuing, &stamps).await.unwrap();
    assert_eq!(made.invoices.len(), 1);
    Invoiced { house, boss, billing, support }
}

impl Invoiced {
    async fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        check(&*self.house.store, &mut |fault| faults.push(format!("{fault:?}"))).await.unwrap();
        faults
    }

    async fn boss(&self) -> Browser {
        self.house.sign_in(self.boss).await
    }
}

#[tokio::test]
async fn an_organisation_finds_its_invoices_and_reads_each_line_of_them() {
    let town = invoiced().await;
    let mut boss = town.boss().await;
    let list = boss.go(&format!("/c/{BIN}/money/invoices")).await.text;
    // Ten days of thirty-one at 1550.
    for told in ["A-2026-000001", "W-2026-000001", "31.01.2026", "01.2026", "₸500.00", "₸68.97"] {
        assert!(list.contains(told), "{told}: {list}");
    }
    let acts = boss.go(&format!("/c/{BIN}/money/invoices?kind=act&month=01.2026")).await.text;
    assert!(acts.contains("W-2026-000001") && !acts.contains("A-2026-000001"), "{acts}");
    let none = boss.go(&format!("/c/{BIN}/money/invoices?month=12.2025")).await.text;
    assert!(none.contains("No documents."), "{none}");
    let page = boss.go(&format!("/c/{BIN}/money/invoices/A-2026-000001")).await.text;
    for told in ["Базовый", "касса 203539", "дней: 10 из 31", "₸431.03", "100940012345", "ТОО «Көктем»"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Issue another invoice"), "that is the operator's");
    let file = boss.go(&format!("/c/{BIN}/money/invoices.csv")).await.text;
    assert!(file.contains("A-2026-000001") && file.contains("500,00"), "{file}");
    assert_eq!(town.faults().await, [""; 0]);
}

#[tokio::test]
async fn a_document_has_files_in_both_languages_and_an_invoice_is_xml_as_well() {
    let town = invoiced().await;
    let mut boss = town.boss().await;
    for number in ["A-2026-000001", "W-2026-000001"] {
        for file in ["ru.pdf", "kk.pdf"] {
            let at = format!("/c/{BIN}/money/invoices/{number}/{file}");
            let answer = boss.open(&at).await;
            assert_eq!(answer.status, 200, "{at}");
            assert_eq!(answer.headers["content-type"], "application/pdf");
        }
    }
    let xml = boss.open(&format!("/c/{BIN}/money/invoices/A-2026-000001/invoice.xml")).await;
    assert!(xml.text.contains("<sumWithVat>500.00</sumWithVat>"), "{}", xml.text);
    for missing in
        ["W-2026-000001/invoice.xml", "A-2026-000001/en.pdf", "A-2026-000002", "A-2026-000002/ru.pdf"]
    {
        assert_eq!(boss.open(&format!("/c/{BIN}/money/invoices/{missing}")).await.status, 404, "{missing}");
    }
    for of_another in ["A-2026-000001", "A-2026-000001/ru.pdf", "A-2026-000001/invoice.xml"] {
        let at = format!("/c/{OTHER}/money/invoices/{of_another}");
        assert_eq!(boss.open(&at).await.status, 404, "{of_another} is not that organisation's");
    }
}

#[tokio::test]
async fn a_bill_is_made_once_for_the_sum_that_was_typed() {
    let town = invoiced().await;
    let mut boss = town.boss().await;
    let at = format!("/c/{BIN}/money/bill");
    let page = boss.go(&at).await.text;
    assert!(page.contains("value=\"500.00\""), "what is owed is filled in: {page}");
    for wrong in ["0", "-5", "x", "100000000,01", "1,005"] {
        let answer = boss.submit(&at, &[("sum", wrong)]).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text.contains(&format!("value=\"{wrong}\"")), "what was typed stays: {}", answer.text);
    }
    boss.go(&at).await;
    let sent = boss.hidden(&at);
    let first = boss.submit(&at, &[("sum", "1 500,50")]).await;
    let bill = first.headers.get("location").map_or_else(String::new, |to| to.to_str().unwrap().to_owned());
    assert!(bill.ends_with("/money/invoices/B-2026-000001"), "{bill} {}", first.text);
    let sent = sent.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(sent.chain([("sum", "1 500,50")]))
        .finish();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let again = boss.send("POST", &at, &form, body).await;
    let to = again.headers.get("location").map(|to| to.to_str().unwrap().to_owned());
    assert_eq!(to.as_deref(), Some(bill.as_str()), "a double click makes no second one");
    let page = boss.go(&bill).await.text;
    assert!(page.contains("₸1,500.50") && page.contains("class=\"qr\""), "{page}");
    assert_eq!(boss.open(&format!("{bill}/ru.pdf")).await.status, 200);
    let told = town.house.audit(BIN).await;
    assert_eq!(told.iter().filter(|row| row.action == AuditAction::BillMade).count(), 1);
    assert_eq!(town.faults().await, [""; 0]);
}

#[tokio::test]
async fn billing_people_find_any_document_and_correct_a_first_invoice_and_support_only_looks() {
    let town = invoiced().await;
    let mut billing = town.house.sign_in(town.billing).await;
    for query in ["month=01.2026", "q=A-2026-000001", "q=а-2026-1", &format!("q={BIN}")] {
        let list = billing.go(&format!("/operator/invoices?{query}")).await.text;
        assert!(list.contains("A-2026-000001") && list.contains("«Көктем»"), "{query}: {list}");
    }
    assert!(!billing.go("/operator/invoices?q=990940003176").await.text.contains("A-2026-000001"));
    let at = format!("/operator/companies/{BIN}/money/invoices/A-2026-000001");
    let page = billing.go(&at).await.text;
    assert!(page.contains("Issue another invoice"), "{page}");
    let action = format!("{at}/beside");
    let nothing = billing.submit(&action, &[("way", "additional"), ("reason", "a letter")]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.text.contains("Nothing new was charged") && nothing.text.contains("a letter"));
    let wrong = billing.submit(&action, &[("way", "corrected"), ("reason", " ")]).await;
    assert_eq!(wrong.status, 422, "a reason is needed");
    let made = billing.submit(&action, &[("way", "corrected"), ("reason", "new address")]).await;
    assert_eq!(made.headers["location"].to_str().unwrap(), at.replace("000001", "000002"));
    let page = billing.go(&at.replace("000001", "000002")).await.text;
    for told in ["corrected", "In place of invoice A-2026-000001", "new address", "ЕСЕПШІ АЙГҮЛ"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let told = town.house.audit(OPERATOR).await;
    assert!(told.iter().any(|row| row.action == AuditAction::InvoiceCorrected));
    let looks = town.house.audit(BIN).await.into_iter();
    assert!(looks.filter(|row| row.action == AuditAction::Looked).count() >= 2, "each look is told");
    let mut support = town.house.sign_in(town.support).await;
    assert!(!support.go(&at).await.text.contains("Issue another invoice"));
    assert_eq!(support.open(&format!("/operator/companies/{BIN}/money/bill")).await.status, 403);
    assert_eq!(town.faults().await, [""; 0]);
}

#[tokio::test]
async fn a_settlement_tells_months_and_an_act_to_be_signed() {
    let town = invoiced().await;
    let mut boss = town.boss().await;
    let at = format!("/c/{BIN}/money/settlement");
    let page = boss.go(&format!("{at}?from=01.01.2026&to=31.01.2026")).await.text;
    for told in ["01.2026", "owes ₸500.00", "Act of reconciliation", "Service charged, 01.2026"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for (query, told) in [
        ("from=31.01.2026&to=01.01.2026", "ends before it begins"),
        ("from=01.01.2010&to=01.01.2026", "five years at most"),
        ("from=yesterday", "Write a day such as"),
    ] {
        let wrong = boss.open(&format!("{at}?{query}")).await;
        assert!(wrong.text.contains(told), "{query}: {}", wrong.text);
    }
    let sheet = boss.open(&format!("{at}/turnover.csv?from=01.01.2026&to=31.01.2026")).await.text;
    assert!(sheet.contains("500,00"), "{sheet}");
    let sheet = boss.open(&format!("{at}/reconciliation.csv?from=01.01.2026&to=31.01.2026")).await.text;
    assert!(sheet.contains("31.01.2026") && sheet.contains("500,00"), "{sheet}");
    assert_eq!(boss.open(&format!("{at}/kk.pdf?from=01.01.2026&to=31.01.2026")).await.status, 200);
    let none = boss.go(&format!("/c/{OTHER}/money/settlement")).await.text;
    assert!(none.contains("Nothing has moved"), "{none}");
    assert_eq!(boss.open(&format!("/c/{OTHER}/money/settlement/ru.pdf")).await.status, 404);
}

impl Invoiced {
    /// A token of the API for the money of an organisation.
    async fn token(&self, bin: &str) -> String {
        let (mut boss, at) = (self.boss().await, format!("/c/{bin}/tokens"));
        boss.go(&at).await;
        let made = boss.submit(&at, &[("name", "1С"), ("scope", "billing_read")]).await.text;
        made.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    }

    async fn ask(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).extension(ClientAddress([10, 0, 0, 9].into()));
        let request = request.header("authorization", format!("Bearer {token}"));
        send(&self.house.router, request.body(Body::empty()).unwrap()).await
    }

    async fn get(&self, what: &str, query: &str, token: &str) -> Value {
        let answer = self.ask(&format!("/api/v1/organisations/{BIN}/{what}{query}"), token).await;
        assert_eq!(answer.status, 200, "{what}{query}: {}", answer.text);
        assert_described(&format!("/api/v1/organisations/{{bin}}/{what}"), "get", &answer);
        answer.json()
    }
}

#[tokio::test]
async fn programs_read_balance_entries_invoices_and_statements_of_their_own_organisation() {
    let town = invoiced().await;
    let token = town.token(BIN).await;
    let balance = town.get("balance", "", &token).await;
    assert_eq!((&balance["balance"], &balance["account"]), (&json!("-500.00"), &json!("10000004")));
    let entries = town.get("entries", "?month=2026-01&limit=6", &token).await;
    assert_eq!(entries["entries"].as_array().unwrap().len(), 6);
    assert_eq!((&entries["debit"], &entries["entries"][0]["day"]), (&json!("-500.00"), &json!("2026-01-31")));
    let next = entries["next"].as_str().unwrap();
    let rest = town.get("entries", &format!("?month=2026-01&after={next}"), &token).await;
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next"]), (4, &Value::Null));
    let invoices = town.get("invoices", "?limit=1", &token).await;
    assert_eq!(invoices["invoices"][0]["number"], "W-2026-000001");
    let next = invoices["next"].as_str().unwrap();
    let invoices = town.get("invoices", &format!("?after={next}&kind=invoice"), &token).await;
    assert_eq!(invoices["invoices"][0]["sum"], "500.00");
    let statement = town.get("statements", "?from=2026-01&to=2026-02", &token).await;
    assert_eq!(statement["whole"]["closing"]["debit"], "500.00");
    assert_eq!(statement["months"][1]["opening"], json!({ "debit": "500.00", "credit": "0.00" }));
    let others = town.token(OTHER).await;
    for what in ["balance", "entries", "invoices", "statements"] {
        let theirs = format!("/api/v1/organisations/{OTHER}/{what}");
        town.ask(&theirs, &token).await.problem(404);
        // An organisation that was never charged is told so.
        let answer = town.ask(&theirs, &others).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_described(&format!("/api/v1/organisations/{{bin}}/{what}"), "get", &answer);
    }
    for (what, query) in [
        ("entries", "month=january"),
        ("invoices", "kind=letter"),
        ("statements", "from=2026-02&to=2026-01"),
        ("statements", "from=2010-01"),
    ] {
        town.ask(&format!("/api/v1/organisations/{BIN}/{what}?{query}"), &token).await.problem(400);
    }
}

#[test]
fn the_clock_of_these_tests_is_in_february() {
    let now = House::open().now().0 + TO_FEBRUARY * 1000;
    let clock = Clock { now: UnixMillis(now), zone_offset_seconds: ZONE };
    assert_eq!(clock.today().unwrap(), day("2026-02-02"));
}
