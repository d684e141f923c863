//! Organisations whose registers are stopped for a debt, and a bank that tells of their payments.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ofd_admin_web::office::billing::calls::{secret, signature, signed_text};
use ofd_admin_web::office::keys::SiteKey;
use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source};
use ofd_billing::standing::{Aged, Costs, Notice, NoticeKind, NoticeWay, Standing, State};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use ofd_gateway::bootstrap;
use ofd_gateway::fleet::Fleet;
use ofd_gateway::world::SystemWorld;
use ofd_loadtest::clock;
use ofd_protocol::refusal::debt_reason;
use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, Token, UnixMillis};
use ofd_storage::accounts::{AuditAction, AuditActor, AuditEntry, AuditSubject, ChangeId, RegisterChange};
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::payment_keys::{PaymentClient, PaymentKey};
use ofd_storage::standing::{StandingRecord, keep};
use ofd_storage::store::{Stamp, Store};
use ofd_storage::{ledger, model, payment_keys, registers};
use serde_json::Value;

use crate::device::{Device, Heard};
use crate::http::{Request, Response};
use crate::process::{Setup, local};

/// What each of them owes: 1500.00.
pub const DEBT: i64 = 150_000;

/// The same as it is told.
pub const DEBT_TEXT: &str = "1500.00";

/// A bank with its key.
#[derive(Clone, Debug)]
pub struct Bank {
    name: String,
    secret: String,
    site: SocketAddr,
}

impl Bank {
    /// Tells of a payment, from one of its addresses.
    pub async fn pay(&self, id: &str, account: PersonalAccount, sum: &str, from: u8) -> Response {
        let body = serde_json::json!({ "id": id, "account": account.to_string(), "sum": sum }).to_string();
        let path = "/api/v1/payments/pay";
        let time = (now().0 / 1000).to_string();
        let signed = signature(&self.secret, &signed_text("POST", path, &time, body.as_bytes()));
        let mut request = Request::post(path, "application/json", body.into_bytes()).from(from);
        request.headers = vec![("OFD-Key", self.name.clone()), ("OFD-Time", time), ("OFD-Signature", signed)];
        request.send(self.site).await.expect("the site answers")
    }
}

fn now() -> UnixMillis {
    use ofd_edge::World as _;
    SystemWorld.now()
}

/// Makes the store of a setup, which no server has open, one whose registers are all stopped for a debt of their organisations.
/// The accounts in the order of the fleet, and a bank.
pub async fn stop_all(setup: &Setup) -> (Vec<PersonalAccount>, Bank) {
    let fleet = Fleet::load(&setup.fleet_file()).expect("a fleet");
    let store = std::sync::Arc::new(
        EmbeddedStore::open(EmbeddedOptions::new(setup.store_path())).expect("nobody has the store open"),
    );
    bootstrap::run(&store, &fleet, &SystemWorld).await.expect("the fleet is written");
    // A store in which something was sold has its key.
    model::ticket_number_key(&*store, [7; 32]).await.expect("a key");
    let mut accounts = Vec::new();
    for (serial, organisation) in (0..).zip(&setup.fleet.organisations) {
        let number = PersonalAccount::of_serial(serial).expect("a number");
        owe(&*store, &organisation.bin, number).await;
        let points = organisation.trade_points.iter();
        for register in points.flat_map(|point| &point.registers) {
            stop(&*store, register.id, number).await;
        }
        accounts.push(number);
    }
    let bank = bank(&*store, local(setup.ports.site)).await;
    store.close().await.expect("the store closes");
    (accounts, bank)
}

fn stamp(number: u64) -> Stamp {
    let mut bytes = [0xA5; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Stamp(bytes)
}

fn today() -> Day {
    let (year, month, day) = clock::now().date();
    format!("{year:04}-{month:02}-{day:02}").parse().expect("a day")
}

async fn owe(store: &impl Store, bin: &str, number: PersonalAccount) {
    let day = today();
    let month = Month::of(day.date()).expect("a month");
    let account =
        ledger::open_personal(store, bin, (month, now().0), || number).await.expect("an account is opened");
    let books = ledger::books(store, month).await.expect("books");
    let sum = Tiyn::new(DEBT).expect("a sum");
    let legs = vec![
        Leg { account: LedgerAccount::Personal(number), sum: sum.negated() },
        Leg { account: LedgerAccount::Own(OwnAccount::Revenue, 0), sum },
    ];
    let posting = Posting {
        source: Source::new("charge/1").expect("a source"),
        on: day.date(),
        purpose: Purpose::Charge,
        legs,
        reverses: None,
        by: None,
        why: Value::Null,
    };
    let drawn = std::sync::atomic::AtomicU64::new(u64::from(number.get()) << 20);
    let stamps = || stamp(drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    ledger::post(store, books, account.opened, vec![posting], (day.date(), now().0), &stamps)
        .await
        .expect("the charge is posted");
    let told = Notice { kind: NoticeKind::Day, on: day, way: NoticeWay::Letter };
    let record = StandingRecord {
        bin: bin.to_owned(),
        number,
        opened: account.opened,
        standing: Standing { ended: Some(day), notices: vec![told], promise: None, stopped: Some(day) },
        state: State::Stopped(day),
        balance: sum.negated(),
        aged: Aged::default(),
        ends: Some(day),
        costs: Costs { charged: day.previous().expect("a day"), days: Vec::new() },
        told: Some(sum),
        is_carried_out: true,
        at_ms: now().0,
    };
    keep(store, None, &record).await.expect("how it stands is kept");
}

async fn stop(store: &impl Store, id: RegisterId, number: PersonalAccount) {
    let before = registers::newest(store, id).await.expect("a store").expect("the register is there");
    let change = Change::Unpaid { reason: debt_reason(&number.to_string(), DEBT_TEXT) };
    let changed = change.apply(&before.register, now(), Token(1)).expect("a change").expect("it is new");
    let entry = AuditEntry {
        at: now(),
        actor: AuditActor { account: None, name: "billing".into(), is_operator: true },
        address: String::new(),
        action: AuditAction::RegisterUnpaid,
        subject: AuditSubject::Register(id).called(id.to_string()),
        changes: Vec::new(),
    };
    let told =
        RegisterChange { id: ChangeId(u64::from(id.0)), register: id, shift: changed.shift_number, entry };
    registers::append_change(store, &before, changed, &told, stamp(u64::from(id.0)))
        .await
        .expect("the register is stopped");
}

async fn bank(store: &impl Store, site: SocketAddr) -> Bank {
    let key = SiteKey::new(model::site_key(store, [7; 32]).await.expect("the key of the site"));
    let salt = "00".to_owned();
    let one = PaymentKey {
        number: 1,
        salt: salt.clone(),
        made_at_ms: now().0,
        made_by: "test".into(),
        revoked: None,
    };
    let client = PaymentClient { id: "bank".into(), name: "Bank".into(), keys: vec![one] };
    assert!(payment_keys::save(store, None, &client).await.expect("the bank is kept"));
    Bank { name: "bank.1".into(), secret: secret(&key, "bank", 1, &salt), site }
}

/// Pays, and sells by a stopped register until it is heard; how long that took from the beginning of the call.
///
/// # Panics
/// When the payment is not taken, or the register sells not within a minute.
pub async fn pay_and_sell(
    bank: &Bank,
    id: &str,
    account: PersonalAccount,
    device: &mut Device,
    from: u8,
) -> Duration {
    let begun = Instant::now();
    bank.pay(id, account, DEBT_TEXT, from).await.expect(200);
    loop {
        let sale = device.register.draw_sale();
        match device.send(sale).await {
            Heard::Accepted(_) => return begun.elapsed(),
            Heard::Refused(answer) if answer.code == 15 => {}
            other => panic!("{other:?}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it is stopped for a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
