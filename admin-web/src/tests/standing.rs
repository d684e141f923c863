//! How money stands: notices, the stop, promises; and payments that banks tell of, which end it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use ofd_office::billing::calls::{signature, signed_text};
use ofd_office::day::today;
use ofd_protocol::register::{Change, StatusName};
use ofd_protocol::types::Token;
use ofd_storage::accounts::{AccountId, AuditAction, ConfirmedEmail, OPERATOR, Role};
use ofd_storage::charging::{CHARGING_KEY, Clock};
use ofd_storage::ledger::{self, check};
use ofd_storage::model::{self, RegisterRecord};
use ofd_storage::registers::{self, create_register};
use ofd_storage::samples;
use ofd_storage::standing::{self, is_paid_since};
use ofd_storage::store::{RecordKind, Store as _};

use super::contract::assert_described;
use super::support::people::{Browser, House};
use super::support::{Answer, FNS_KKM_ID, ID, ZONE, send};
use crate::budget::ClientAddress;
use crate::mail::{Email, Mailer, SEND_DEADLINE, Sink, Smtp, SmtpConfig, SmtpTls};
use crate::{By, change_register, standing_step, standing_sweep};

const BIN: &str = "151140001234";
const CHECK: &str = "/api/v1/payments/check";
const PAY: &str = "/api/v1/payments/pay";
const KEYS: &str = "/operator/payments/keys";
const DAY_SECONDS: u64 = 24 * 3600;

struct Debtor {
    house: House,
    boss: AccountId,
    billing: AccountId,
}

/// A key as a bank holds it.
struct Bank {
    name: String,
    secret: String,
}

impl Debtor {
    /// An organisation with a register that people blocked, and a person whose address is confirmed.
    async fn with(mailer: Mailer) -> Self {
        Self::in_house(House::with(|config| config.people.mailer = mailer)).await
    }

    async fn in_house(house: House) -> Self {
        let since = house.now();
        let boss = house
            .person_with("АХМЕТОВА САУЛЕ", |account| {
                account.email = Some(ConfirmedEmail { address: "saule@example.kz".into(), since });
            })
            .await;
        let billing = house.person("ЕСЕПШІ АЙГҮЛ").await;
        house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
        house.company(OPERATOR, "ОФД", &[(billing, &[Role::Billing])]).await;
        let register = RegisterRecord { fns_kkm_id: FNS_KKM_ID.into(), ..samples::register(ID, BIN) };
        let office = &house.site.office;
        model::create(&house.store, &register).await.unwrap();
        create_register(&house.store, ID, Token(1), house.now(), office.stamp()).await.unwrap();
        let by = By::program("API", house.now(), [10, 0, 0, 1].into());
        let block = Change::Block { reason: "проверка".into() };
        change_register((&office.store, &*office.world), &office.turns, ID, &block, &by).await.unwrap();
        house.list_holdings().await;
        let month = Month::of(today(house.now(), ZONE)).unwrap();
        let draw = || PersonalAccount::FIRST;
        ledger::open_personal(&*house.store, BIN, (month, house.now().0), draw).await.unwrap();
        Self { house, boss, billing }
    }

    async fn open() -> Self {
        Self::with(Mailer::Sink(Arc::new(Sink::default()))).await
    }

    /// Charges the organisation.
    async fn owes(&self, tiyn: i64, source: &str) {
        let (store, on) = (&*self.house.store, today(self.house.now(), ZONE));
        let account = ledger::of_bin(store, BIN).await.unwrap().unwrap();
        let books = ledger::books(store, account.opened).await.unwrap();
        let sum = Tiyn::new(tiyn).unwrap();
        let legs = vec![
            Leg { account: LedgerAccount::Personal(account.number), sum: sum.negated() },
            Leg { account: LedgerAccount::Own(OwnAccount::Revenue, 0), sum },
        ];
        let (source, why) = (Source::new(source).unwrap(), serde_json::Value::Null);
        let posting = Posting { source, on, purpose: Purpose::Charge, legs, reverses: None, by: None, why };
        let stamps = || self.house.site.office.stamp();
        let at = (on, self.house.now().0);
        ledger::post(store, books, account.opened, vec![posting], at, &stamps).await.unwrap();
    }

    /// The night: yesterday is charged, and everybody is looked at.
    async fn night(&self) {
        let yesterday = Day::new(today(self.house.now(), ZONE)).unwrap().previous().unwrap();
        let store = &*self.house.store;
        let before = store.record(RecordKind::Store, CHARGING_KEY).await.unwrap();
        let bytes = format!("{{\"done\":\"{yesterday}\"}}").into_bytes();
        let version = before.map(|record| record.version);
        store.put_record(RecordKind::Store, CHARGING_KEY, version, bytes.into()).await.unwrap();
        while standing_step(&self.house.site).await.unwrap() {}
    }

    /// Some nights, one after the other.
    async fn nights(&self, count: u32) {
        for _ in 0..count {
            self.house.wait(DAY_SECONDS);
            self.night().await;
        }
    }

    /// The debt that the register is stopped for.
    async fn unpaid(&self) -> Option<String> {
        let newest = registers::newest(&*self.house.store, ID).await.unwrap().unwrap();
        newest.register.status.unpaid.map(|stop| stop.reason)
    }

    async fn is_paid_since(&self) -> bool {
        let clock = Clock { now: self.house.now(), zone_offset_seconds: ZONE };
        is_paid_since(&*self.house.store, BIN, clock).await.unwrap()
    }

    async fn bank(&self, browser: &mut Browser, client: &str) -> Bank {
        self.house.wait(60);
        browser.go(KEYS).await;
        let page = browser.submit(KEYS, &[("client", client), ("name", "Банк")]).await;
        let mut codes = page.text.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap());
        let (name, secret) = (codes.next().expect("a key"), codes.next().expect("its secret"));
        assert_eq!((secret.len(), page.status.as_u16()), (64, 200), "{}", page.text);
        assert!(!browser.go(KEYS).await.text.contains(secret), "it is shown once");
        Bank { name: name.to_owned(), secret: secret.to_owned() }
    }

    async fn call(&self, bank: &Bank, path: &str, body: &str) -> Answer {
        self.call_at(bank, path, body, (self.house.now().0 / 1000).to_string()).await
    }

    async fn call_at(&self, bank: &Bank, path: &str, body: &str, time: String) -> Answer {
        let signed = signature(&bank.secret, &signed_text("POST", path, &time, body.as_bytes()));
        let answer = self.raw(path, body, (&bank.name, &time, &signed), [10, 0, 0, 7]).await;
        assert_described(path, "post", &answer);
        answer
    }

    async fn raw(
        &self,
        path: &str,
        body: &str,
        (key, time, signed): (&str, &str, &str),
        from: [u8; 4],
    ) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("ofd-key", key)
            .header("ofd-time", time)
            .header("ofd-signature", signed)
            .extension(ClientAddress(from.into()))
            .body(Body::from(body.to_owned()))
            .unwrap();
        send(&self.house.router, request).await
    }

    async fn books_balance(&self) {
        let mut faults = Vec::new();
        let checked = check(&*self.house.store, &mut |fault| faults.push(fault)).await.unwrap();
        assert_eq!((checked.sum, faults), (0, vec![]));
    }
}

#[tokio::test]
async fn registers_stop_a_week_after_the_money_ended_and_a_payment_that_a_bank_tells_ends_that_alone() {
    let debtor = Debtor::open().await;
    debtor.owes(150_000, "charge/1").await;
    debtor.night().await;
    let letters = debtor.house.site.office.mailer.sink().unwrap().letters();
    assert_eq!(letters.len(), 1);
    let text = &letters[0].text;
    assert!(
        text.contains("10000004") && text.contains("28.01.2026") && text.contains("/c/151140001234/money"),
        "{text}"
    );
    let mut boss = debtor.house.sign_in(debtor.boss).await;
    let page = boss.go(&format!("/c/{BIN}/money")).await.text;
    assert!(page.contains("Unless it is paid, the cash registers stop on 28.01.2026"), "{page}");
    let page = boss.go(&format!("/c/{BIN}/start")).await.text;
    assert!(page.contains("the debt is ₸1,500.00"), "{page}");

    debtor.nights(5).await;
    assert_eq!(debtor.unpaid().await, None, "six days are grace");
    debtor.nights(1).await;
    assert_eq!(debtor.unpaid().await.as_deref(), Some("10000004 1500.00"));
    assert!(!debtor.is_paid_since().await);
    assert_eq!(debtor.house.site.office.mailer.sink().unwrap().letters().len(), 1, "told once");
    let actions: Vec<AuditAction> = debtor.house.audit(BIN).await.iter().map(|row| row.action).collect();
    assert!(actions.contains(&AuditAction::RegisterUnpaid) && actions.contains(&AuditAction::DebtNoticeSent));

    debtor.owes(5_000, "charge/2").await;
    debtor.nights(1).await;
    assert_eq!(
        debtor.unpaid().await.as_deref(),
        Some("10000004 1550.00"),
        "the till shows the debt of today"
    );

    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let list = billing.go("/operator/standing?state=stopped").await.text;
    assert!(list.contains(BIN) && list.contains("Registers are stopped"), "{list}");
    let bank = debtor.bank(&mut billing, "halyk").await;
    let asked = debtor.call(&bank, CHECK, &format!("{{\"bin\":\"{BIN}\"}}")).await;
    let told = asked.json();
    assert_eq!((&told["to_pay"], &told["is_stopped"]), (&"1550.00".into(), &true.into()), "{told}");
    let part = debtor.call(&bank, PAY, r#"{"id":"A-1","account":"10000004","sum":"50.00"}"#).await.json();
    assert_eq!(part["balance"], "-1500.00", "{part}");
    assert!(!debtor.is_paid_since().await, "a part of it ends nothing");
    let paid = debtor.call(&bank, PAY, r#"{"id":"A-2","account":"10000004","sum":"1500.00"}"#).await.json();
    assert_eq!(paid["balance"], "0.00", "{paid}");
    assert!(debtor.is_paid_since().await, "at the port it is felt at once");
    standing_sweep(&debtor.house.site).await.unwrap();
    assert_eq!(debtor.unpaid().await, None);
    let newest = registers::newest(&*debtor.house.store, ID).await.unwrap().unwrap();
    assert_eq!(newest.register.status.name(), StatusName::Blocked, "the block by people stays");
    debtor.books_balance().await;
}

#[tokio::test]
async fn a_mail_server_that_takes_nothing_puts_the_stop_off() {
    // Nothing listens there.
    let smtp = SmtpConfig {
        host: "127.0.0.1".into(),
        port: 9,
        tls: SmtpTls::None,
        login: None,
        from: Email::parse("ofd@example.kz").unwrap(),
        from_name: None,
        deadline: SEND_DEADLINE,
    };
    let smtp = Smtp::new(smtp).unwrap();
    let debtor = Debtor::with(Mailer::Smtp(Arc::new(smtp))).await;
    debtor.owes(150_000, "charge/1").await;
    debtor.night().await;
    debtor.nights(12).await;
    assert_eq!(debtor.unpaid().await, None);
    let (_, record) = standing::of(&*debtor.house.store, BIN).await.unwrap().unwrap();
    assert!(record.standing.notices.is_empty(), "nothing was sent: {record:?}");
}

#[tokio::test]
async fn where_nobody_has_an_address_the_notice_in_the_cabinet_counts() {
    let debtor = Debtor::with(Mailer::Off).await;
    debtor.owes(150_000, "charge/1").await;
    debtor.night().await;
    debtor.nights(6).await;
    assert_eq!(debtor.unpaid().await.as_deref(), Some("10000004 1500.00"));
}

#[tokio::test]
async fn a_promise_lets_registers_go_on_until_it_ends() {
    let debtor = Debtor::open().await;
    debtor.owes(150_000, "charge/1").await;
    debtor.night().await;
    debtor.nights(6).await;
    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let at = &format!("/operator/companies/{BIN}/promise");
    let money = billing.go(&format!("/operator/companies/{BIN}/money")).await.text;
    assert!(money.contains(at.as_str()), "{money}");
    billing.go(at).await;
    for (until, said) in [
        ("31.02.2026", "Write the day"),
        ("27.01.2026", "This day is over"),
        ("01.04.2026", "At most 30 days"),
    ] {
        let wrong = billing.submit(at, &[("until", until), ("reason", "Сауле позвонила")]).await;
        assert!(
            wrong.status == 422 && wrong.text.contains(said) && wrong.text.contains("Сауле"),
            "{}",
            wrong.text
        );
    }
    let taken = billing.submit(at, &[("until", "30.01.2026"), ("reason", "Сауле позвонила")]).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    assert_eq!(debtor.unpaid().await, None);
    let mut boss = debtor.house.sign_in(debtor.boss).await;
    assert!(boss.go(&format!("/c/{BIN}/money")).await.text.contains("promised to be paid by 30.01.2026"));
    let actions: Vec<AuditAction> = debtor.house.audit(BIN).await.iter().map(|row| row.action).collect();
    assert!(actions.contains(&AuditAction::PromiseTaken));
    debtor.nights(2).await;
    assert_eq!(debtor.unpaid().await, None);
    debtor.nights(1).await;
    assert!(debtor.unpaid().await.is_some());
}

#[tokio::test]
async fn a_payment_that_is_told_again_is_answered_the_same_and_another_sum_is_refused() {
    let debtor = Debtor::open().await;
    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let bank = debtor.bank(&mut billing, "halyk").await;
    let body = r#"{"id":"A-1024","account":"10000004","sum":"1500.00"}"#;
    let first = debtor.call(&bank, PAY, body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    debtor.owes(10_000, "charge/1").await;
    debtor.house.wait(2 * DAY_SECONDS);
    let again = debtor.call(&bank, PAY, body).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text), "the balance in it too");
    let by_bin = debtor
        .call(&bank, PAY, &format!("{{\"id\":\"A-1024\",\"bin\":\"{BIN}\",\"sum\":\"1500.00\"}}"))
        .await;
    assert_eq!(by_bin.text, first.text);
    let other = debtor.call(&bank, PAY, &body.replace("1500.00", "1500.01")).await.problem(409);
    assert!(other["detail"].as_str().unwrap().contains("1500.00 tenge"), "{other}");
    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let other = debtor.bank(&mut billing, "kaspi").await;
    let of_another_bank = debtor.call(&other, PAY, body).await.json();
    assert_eq!(of_another_bank["balance"], "2900.00", "ids are each bank's own");
    debtor.books_balance().await;
}

#[tokio::test]
async fn what_is_not_a_call_says_why_and_takes_nothing() {
    let debtor = Debtor::open().await;
    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let bank = debtor.bank(&mut billing, "halyk").await;
    for (body, field) in [
        (r#"{"id":"1","account":"10000004","sum":"0.00"}"#, "sum"),
        (r#"{"id":"1","account":"10000004","sum":1500}"#, "sum"),
        (r#"{"id":"1","account":"10000004","sum":"-5.00"}"#, "sum"),
        (r#"{"id":"1","account":"10000005","sum":"5.00"}"#, "account"),
        (r#"{"id":"1","sum":"5.00"}"#, "account"),
        (r#"{"id":"1","account":"10000004","bin":"151140001234","sum":"5.00"}"#, "bin"),
        (r#"{"id":"1","bin":"15114000123x","sum":"5.00"}"#, "bin"),
        (r#"{"id":"","account":"10000004","sum":"5.00"}"#, "id"),
        (r#"{"id":"1","account":"10000004","sum":"5.00","more":1}"#, "more"),
    ] {
        let problem = debtor.call(&bank, PAY, body).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let stranger = PersonalAccount::of_serial(8_999_999).unwrap();
    let body = format!("{{\"id\":\"1\",\"account\":\"{stranger}\",\"sum\":\"5.00\"}}");
    debtor.call(&bank, PAY, &body).await.problem(404);
    debtor.call(&bank, CHECK, r#"{"bin":"990140000001"}"#).await.problem(404);
    assert!(debtor.house.store.records(RecordKind::Payment, b"", None, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_signs_wrongly_or_late_or_with_a_revoked_key_is_not_heard() {
    let debtor = Debtor::open().await;
    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let bank = debtor.bank(&mut billing, "halyk").await;
    let (body, now) = (r#"{"id":"1","account":"10000004","sum":"5.00"}"#, debtor.house.now().0 / 1000);
    let forged = Bank { name: bank.name.clone(), secret: "0".repeat(64) };
    debtor.call(&forged, PAY, body).await.problem(401);
    for name in ["halyk.2", "halyk", "nobody.1", "../x.1", ""] {
        debtor.call(&Bank { name: name.into(), secret: bank.secret.clone() }, PAY, body).await.problem(401);
    }
    for (time, said) in [(now - 301, "301 seconds"), (now + 301, "301 seconds")] {
        let problem = debtor.call_at(&bank, PAY, body, time.to_string()).await.problem(401);
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    debtor.call_at(&bank, PAY, body, "yesterday".into()).await.problem(401);
    let signed = signature(&bank.secret, &signed_text("POST", CHECK, &now.to_string(), body.as_bytes()));
    debtor.raw(PAY, body, (&bank.name, &now.to_string(), &signed), [10, 0, 0, 7]).await.problem(401);
    for time in [now - 300, now + 300] {
        assert_eq!(debtor.call_at(&bank, PAY, body, time.to_string()).await.status, 200, "{time}");
    }

    let second = debtor.bank(&mut billing, "halyk").await;
    assert_eq!(second.name, "halyk.2");
    let twice = billing.submit(KEYS, &[("client", "halyk"), ("name", "")]).await;
    assert!(twice.status == 422 && twice.text.contains("made a moment ago"), "{}", twice.text);
    debtor.house.wait(60);
    let third = billing.submit(KEYS, &[("client", "halyk"), ("name", "")]).await;
    assert!(third.status == 422 && third.text.contains("hold already"), "{}", third.text);
    for key in [&bank, &second] {
        assert_eq!(debtor.call(key, CHECK, r#"{"account":"10000004"}"#).await.status, 200);
    }
    let at = format!("{KEYS}/halyk/1/revoke");
    billing.go(&at).await;
    assert_eq!(billing.submit(&at, &[]).await.status, 303);
    debtor.call(&bank, CHECK, r#"{"account":"10000004"}"#).await.problem(401);
    assert_eq!(debtor.call(&second, CHECK, r#"{"account":"10000004"}"#).await.status, 200);
    let actions: Vec<AuditAction> = debtor.house.audit(OPERATOR).await.iter().map(|row| row.action).collect();
    assert!(
        actions.contains(&AuditAction::PaymentKeyMade) && actions.contains(&AuditAction::PaymentKeyRevoked)
    );
}

#[tokio::test]
async fn a_strangers_wrong_signatures_cost_the_stranger_and_not_the_bank() {
    let house = House::with(|config| {
        config.people.mailer = Mailer::Sink(Arc::new(Sink::default()));
        config.limits.address_burst = 40.try_into().unwrap();
        config.limits.address_per_second = 1.try_into().unwrap();
    });
    let burst = house.site.config.limits.address_burst.get();
    let debtor = Debtor::in_house(house).await;
    let mut billing = debtor.house.sign_in(debtor.billing).await;
    let bank = debtor.bank(&mut billing, "halyk").await;
    let (body, now) = (r#"{"account":"10000004"}"#, (debtor.house.now().0 / 1000).to_string());
    assert_eq!(debtor.call(&bank, CHECK, body).await.status, 200);
    let mut last = 0;
    // It is refilled while this goes on.
    for _ in 0..burst * 20 {
        let answer = debtor.raw(CHECK, body, (&bank.name, &now, "00"), [10, 0, 0, 66]).await;
        last = answer.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    assert_eq!(debtor.call(&bank, CHECK, body).await.status, 200);
}

#[test]
fn the_worked_signature_of_the_docs_is_one() {
    let docs = include_str!("../../../docs/api.md");
    let said = |name: &str| {
        let line = docs.lines().find(|line| line.starts_with(&format!("{name}  ")));
        line.unwrap_or_else(|| panic!("no {name}")).split_once(' ').unwrap().1.trim()
    };
    let text = signed_text("POST", PAY, said("time"), said("body").as_bytes());
    assert_eq!(signature(said("secret"), &text), said("signature"));
    assert!(crate::ops::handlers::OPENAPI.contains(said("signature")));
}
