//! Money as people see and move it: statements of banks, payments that have nobody, personal accounts.

use bytes::Bytes;
use ofd_billing::ledger::Source;
use ofd_billing::tariffs::{Plan, Price, TariffChange, TariffHistory};
use ofd_billing::{Day, PersonalAccount, Tiyn, statements};
use ofd_storage::accounts::{
    AccountId, AuditAction, Company, OPERATOR, Registration, RegistrationState, Role, load, save_beside,
};
use ofd_storage::charging::{Clock, HandStep, hand_step};
use ofd_storage::leases;
use ofd_storage::ledger::{check, of_bin};
use ofd_storage::payments::{CameBy, MatchedTo, Payer, Payment, misfit};
use ofd_storage::perhaps::{self, PerhapsKnown};
use ofd_storage::store::{RecordKind, Store as _};
use ofd_storage::{model, samples};

use super::support::people::{Browser, House, location};
use super::support::{Answer, OPERATORS_IBAN, visible};

const BIN: &str = "151140001234";
const STATEMENT: &str = "/operator/payments/statement";

struct Operator {
    house: House,
    boss: AccountId,
    billing: AccountId,
    support: AccountId,
}

async fn operator() -> Operator {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    let billing = house.person("ЕСЕПШІ АЙГҮЛ").await;
    let support = house.person("ҚОЛДАУ ҚЫЗМЕТІ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    let staff: &[(AccountId, &[Role])] = &[(billing, &[Role::Billing]), (support, &[Role::Support])];
    house.company(OPERATOR, "ОФД", staff).await;
    Operator { house, boss, billing, support }
}

/// A statement of the operator's account as 1C writes it: payments of one day, each a number, a sum and what for.
fn statement(account: &str, payments: &[(&str, &str, &str)]) -> String {
    let mut text =
        format!("1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=UTF8\r\nРасчСчет={account}\r\n");
    for (number, sum, purpose) in payments {
        text.push_str(&format!(
            "СекцияДокумент=Выписка\r\nНомерДокумента={number}\r\nДатаДокумента=20.01.2026\r\nДатаОперации=21.01.2026\r\nСуммаПриход={sum}\r\nПлательщикНаименование=ТОО Ромашка\r\nПлательщикИИК=KZ08998KZT1000200300\r\nПолучательИИК={account}\r\nНазначениеПлатежа={purpose}\r\nСумма={sum}\r\nВалюта=KZT\r\nКонецДокумента\r\n"
        ));
    }
    text.push_str("КонецФайла\r\n");
    text
}

async fn take(browser: &mut Browser, text: &str) -> Answer {
    browser.open(STATEMENT).await;
    browser.submit_files(STATEMENT, &[], &[("file", "bank.txt", text.as_bytes())]).await
}

impl Operator {
    /// The number of the organisation's personal account, which it sees on its page.
    async fn number(&self) -> PersonalAccount {
        let mut browser = self.house.sign_in(self.boss).await;
        let page = browser.go(&format!("/c/{BIN}/money")).await.text;
        let account = of_bin(&*self.house.store, BIN).await.unwrap().expect("the page opened it");
        assert!(page.contains(&account.number.to_string()), "{page}");
        account.number
    }

    async fn books_balance(&self) {
        let mut faults = Vec::new();
        let checked = check(&*self.house.store, &mut |fault| faults.push(fault)).await.unwrap();
        assert_eq!((checked.sum, checked.to_carry, faults), (0, 0, vec![]));
    }
}

#[tokio::test]
async fn a_payment_that_names_the_personal_account_is_on_it_at_once() {
    let operator = operator().await;
    let number = operator.number().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let purpose = format!("Оплата услуг ОФД, лицевой счёт {number}");
    let page = take(&mut billing, &statement(OPERATORS_IBAN, &[("15", "6846.59", &purpose)])).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("On personal accounts: 1, ₸6,846.59"), "{}", page.text);
    let mut boss = operator.house.sign_in(operator.boss).await;
    let page = boss.go(&format!("/c/{BIN}/money")).await.text;
    assert!(page.contains("Balance now: ₸6,846.59"), "{page}");
    assert!(page.contains("Payment") && page.contains(&purpose), "{page}");
    let file = boss.go(&format!("/c/{BIN}/money.csv")).await.text;
    assert!(file.contains("6846,59"), "{file}");
    operator.books_balance().await;
}

#[tokio::test]
async fn the_same_file_again_does_nothing() {
    let operator = operator().await;
    let number = operator.number().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let text = statement(
        OPERATORS_IBAN,
        &[("15", "100.00", &format!("лицевой счёт {number}")), ("16", "7.00", "за услуги")],
    );
    take(&mut billing, &text).await;
    let again = take(&mut billing, &text).await.text;
    assert!(again.contains("On personal accounts: 0") && again.contains("Known before: 2"), "{again}");
    let mut boss = operator.house.sign_in(operator.boss).await;
    assert!(boss.go(&format!("/c/{BIN}/money")).await.text.contains("Balance now: ₸100.00"));
    operator.books_balance().await;
}

#[tokio::test]
async fn two_payments_that_are_alike_in_all_are_two_and_stay_two() {
    let operator = operator().await;
    let number = operator.number().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let purpose = format!("лицевой счёт {number}");
    let twin = ("15", "100.00", purpose.as_str());
    let text = statement(OPERATORS_IBAN, &[twin, twin]);
    let page = take(&mut billing, &text).await.text;
    assert!(page.contains("On personal accounts: 2, ₸200.00"), "{page}");
    let again = take(&mut billing, &text).await.text;
    assert!(again.contains("Known before: 2"), "{again}");
    let mut boss = operator.house.sign_in(operator.boss).await;
    assert!(boss.go(&format!("/c/{BIN}/money")).await.text.contains("Balance now: ₸200.00"));
    operator.books_balance().await;
}

/// Leaves a payment as a process does that ends between its record and its posting.
async fn taken_and_not_posted(operator: &Operator, number: PersonalAccount, text: &str) {
    let read = statements::read(text.as_bytes()).unwrap();
    let (entry, mark) = (&read[0].entries[0], statements::marks(&read[0])[0].clone());
    let (id, on) = (format!("bank.{}.{}", mark.fingerprint, mark.ordinal), Day::new(entry.day).unwrap());
    let key = format!("2026-01/21/{:016}/{id}", entry.sum.get());
    let payment = Payment {
        id: Source::new(id.as_str()).unwrap(),
        came_by: CameBy::Statement,
        channel: OPERATORS_IBAN.into(),
        sum: entry.sum,
        on,
        number: "15".into(),
        payer: Payer::default(),
        purpose: entry.purpose.clone(),
        mark: Some(mark),
        taken_at_ms: 1,
        taken_by: "X".into(),
        came_unmatched: false,
        matched: Some(MatchedTo { number, on, by: String::new(), why: Vec::new() }),
    };
    let (store, bytes) = (&*operator.house.store, serde_json::to_vec(&payment).unwrap());
    store.put_record(RecordKind::PaymentOfMonth, key.as_bytes(), None, Bytes::new()).await.unwrap();
    store.put_record(RecordKind::Payment, id.as_bytes(), None, bytes.into()).await.unwrap();
}

#[tokio::test]
async fn what_was_taken_and_never_posted_is_posted_by_the_same_file() {
    let operator = operator().await;
    let number = operator.number().await;
    let text = statement(OPERATORS_IBAN, &[("15", "100.00", &format!("лицевой счёт {number}"))]);
    taken_and_not_posted(&operator, number, &text).await;
    let record = operator.house.store.records(RecordKind::Payment, b"", None, 1).await.unwrap();
    assert_eq!(misfit(&*operator.house.store, &record[0]).await.unwrap().len(), 1, "it is told");
    let mut billing = operator.house.sign_in(operator.billing).await;
    let page = take(&mut billing, &text).await.text;
    assert!(page.contains("Known before: 1"), "{page}");
    let mut boss = operator.house.sign_in(operator.boss).await;
    assert!(boss.go(&format!("/c/{BIN}/money")).await.text.contains("Balance now: ₸100.00"));
    assert_eq!(misfit(&*operator.house.store, &record[0]).await.unwrap(), [""; 0]);
    operator.books_balance().await;
}

#[tokio::test]
async fn a_payment_that_has_nobody_waits_until_somebody_says_whose_it_is() {
    let operator = operator().await;
    let number = operator.number().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let page = take(&mut billing, &statement(OPERATORS_IBAN, &[("16", "700.00", "за услуги")])).await.text;
    assert!(page.contains("Without an account: 1, ₸700.00"), "{page}");
    let list = billing.go("/operator/payments?which=unmatched&month=01.2026").await.text;
    let link = list.split('"').find(|part| part.starts_with("/operator/payments/bank.")).expect("a link");
    let page = billing.go(link).await.text;
    assert!(page.contains("Nobody is known for this payment yet"), "{page}");
    let action = &format!("{link}/match");

    let wrong = billing.submit(action, &[("account", "10000005"), ("reason", "a letter")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    assert!(wrong.text.contains("8 digits, the last of which checks the others"));
    let stranger = PersonalAccount::of_serial(8_999_999).unwrap().to_string();
    let wrong = billing.submit(action, &[("account", &stranger), ("reason", "a letter")]).await;
    assert!(wrong.text.contains("Nobody has this personal account") && wrong.text.contains("a letter"));

    let number = number.to_string();
    billing.submit(action, &[("account", &number), ("reason", "a letter")]).await;
    let mut boss = operator.house.sign_in(operator.boss).await;
    assert!(boss.go(&format!("/c/{BIN}/money")).await.text.contains("Balance now: ₸700.00"));
    let page = billing.go(link).await.text;
    assert!(page.contains("a letter") && page.contains("ЕСЕПШІ АЙГҮЛ"), "{page}");
    let actions: Vec<AuditAction> =
        operator.house.audit(OPERATOR).await.iter().map(|row| row.action).collect();
    assert!(actions.contains(&AuditAction::PaymentMatched) && actions.contains(&AuditAction::StatementTaken));
    operator.books_balance().await;
}

#[tokio::test]
async fn a_file_that_is_wrong_is_refused_whole_with_what_and_where() {
    let operator = operator().await;
    let number = operator.number().await;
    let purpose = format!("лицевой счёт {number}");
    let good = statement(OPERATORS_IBAN, &[("15", "100.00", &purpose)]);
    let cut = good.replace("КонецФайла\r\n", "");
    let late = good.replace("ДатаОперации=21.01.2026", "ДатаОперации=21.01.2027");
    let other = statement("KZ08998KZT1000200300", &[("15", "100.00", &purpose)]);
    let mut billing = operator.house.sign_in(operator.billing).await;
    for wrong in ["", "PK\u{3}\u{4}", &cut, &late, &other] {
        let answer = take(&mut billing, wrong).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text);
    }
    let mut boss = operator.house.sign_in(operator.boss).await;
    assert!(boss.go(&format!("/c/{BIN}/money")).await.text.contains("Balance now: ₸0.00"));
    assert!(billing.go("/operator/payments?month=01.2026").await.text.contains("No payments fit"));
}

#[tokio::test]
async fn each_look_at_a_personal_account_is_told_to_its_organisation() {
    let operator = operator().await;
    operator.number().await;
    let mut support = operator.house.sign_in(operator.support).await;
    let page = support.go(&format!("/operator/companies/{BIN}/money")).await.text;
    assert!(page.contains("Balance now: ₸0.00"), "{page}");
    let looks = operator.house.audit(BIN).await.into_iter();
    assert_eq!(looks.filter(|row| row.action == AuditAction::Looked).count(), 1);
    assert_eq!(support.open(STATEMENT).await.status, 403, "who only looks takes no statements");
}

#[tokio::test]
async fn looks_at_payments_are_told_in_the_operators_audit() {
    let operator = operator().await;
    let mut support = operator.house.sign_in(operator.support).await;
    support.go("/operator/payments?month=01.2026").await;
    support.go("/operator/payments-perhaps").await;
    let looks = operator.house.audit(OPERATOR).await.into_iter();
    assert_eq!(looks.filter(|row| row.action == AuditAction::Looked).count(), 2);
}

#[tokio::test]
async fn an_entry_that_may_be_known_waits_until_a_person_says_that_it_is_another() {
    let operator = operator().await;
    let number = operator.number().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let purpose = format!("лицевой счёт {number}");
    take(&mut billing, &statement(OPERATORS_IBAN, &[("15", "100.00", &purpose)])).await;
    let store = &*operator.house.store;
    let record = store.records(RecordKind::Payment, b"", None, 1).await.unwrap().remove(0);
    let known: Payment = serde_json::from_slice(&record.bytes).unwrap();
    let kept = async |id: &str| {
        let payment =
            Payment {
                id: Source::new(id).unwrap(), purpose: "как-то иначе".into(), ..known.clone()
            };
        perhaps::keep(store, PerhapsKnown { payment, rival: known.id.clone(), said: None }).await.unwrap();
    };
    kept("bank.aa.0").await;
    kept("bank.bb.0").await;
    let path = "/operator/payments-perhaps";
    let page = billing.go(path).await.text;
    for told in ["как-то иначе", "Taken before", &purpose, "It is another payment"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let balance = async || {
        let mut boss = operator.house.sign_in(operator.boss).await;
        boss.go(&format!("/c/{BIN}/money")).await.text
    };
    assert!(balance().await.contains("Balance now: ₸100.00"), "nothing is posted before");
    let (one, other) = (format!("{path}/bank.aa.0"), format!("{path}/bank.bb.0"));
    assert_eq!(billing.submit(&one, &[]).await.status, 422);
    // A second window shows the same page, and says it as well.
    let mut second = operator.house.sign_in(operator.billing).await;
    second.go(path).await;
    billing.go(path).await;
    for browser in [&mut billing, &mut second] {
        assert_eq!(browser.submit(&one, &[("said", "another")]).await.status, 303, "twice is once");
    }
    second.go(path).await;
    billing.go(path).await;
    billing.submit(&other, &[("said", "same")]).await;
    assert!(balance().await.contains("Balance now: ₸200.00"));
    let opposite = second.submit(&other, &[("said", "another")]).await;
    assert!(opposite.text.contains("The opposite was said"), "{}", opposite.text);
    assert!(billing.go(path).await.text.contains("Nothing waits"));
    let actions: Vec<AuditAction> =
        operator.house.audit(OPERATOR).await.iter().map(|row| row.action).collect();
    let count = |action| actions.iter().filter(|one| **one == action).count();
    assert_eq!((count(AuditAction::PaymentSaidAnother), count(AuditAction::PaymentSaidSame)), (1, 1));
    operator.books_balance().await;
}

#[tokio::test]
async fn two_files_of_one_account_are_taken_one_after_the_other() {
    let operator = operator().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let (store, now) = (&*operator.house.store, operator.house.now());
    let holder = leases::Holder::from_drawn([7; 16]);
    let name = format!("statement/{OPERATORS_IBAN}");
    let term = std::time::Duration::from_secs(60);
    let leases::Taken::Ours(lease) = leases::take(store, &name, &holder, now, term).await.unwrap() else {
        panic!("nobody has it")
    };
    let text = statement(OPERATORS_IBAN, &[("15", "100.00", "за услуги")]);
    let busy = take(&mut billing, &text).await;
    assert_eq!(busy.status, 422);
    assert!(busy.text.contains("Another file of this account"), "{}", busy.text);
    leases::give_back(store, lease).await.unwrap();
    for known in [0, 1] {
        let page = take(&mut billing, &text).await.text;
        assert!(page.contains(&format!("Known before: {known}")), "{page}");
    }
}

#[tokio::test]
async fn billing_people_see_each_version_of_each_plan_and_support_does_not() {
    let operator = operator().await;
    let store = &*operator.house.store;
    let mut plan = ofd_storage::tariffs::free().unwrap().data().clone();
    plan.id = "basic".parse().unwrap();
    plan.titles.ru = "Базовый".to_owned();
    plan.titles.en = "Basic".to_owned();
    let ten: ofd_billing::tariffs::Step =
        serde_json::from_str(r#"{"registers":10,"price":{"tiyn":120000}}"#).unwrap();
    plan.versions[0].prices[0].steps.push(ten);
    let plan = ofd_billing::tariffs::Plan::new(plan).unwrap();
    assert!(ofd_storage::model::create(store, &plan).await.unwrap());
    let mut browser = operator.house.sign_in(operator.billing).await;
    let page = browser.go("/operator/tariffs").await.text;
    for told in ["Basic", "Free of charge", "01.01.2009", "Holds now", "from 10 registers: ₸1,200.00 a month"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    let found = browser.go("/operator/tariffs?q=базов").await.text;
    assert!(found.contains(">Basic</a>") && !found.contains(">Free of charge</a>"), "{found}");
    let mut support = operator.house.sign_in(operator.support).await;
    assert_eq!(support.open("/operator/tariffs").await.status, 403);
}

#[tokio::test]
async fn a_version_is_looked_at_before_it_is_confirmed_and_what_is_wrong_is_said_with_both_versions() {
    let operator = operator().await;
    let mut billing = operator.house.sign_in(operator.billing).await;
    let new = "/operator/tariffs/new";
    billing.go(new).await;
    let plan = [
        ("id", "basic"),
        ("title_ru", "Базовый"),
        ("title_kk", "Негізгі"),
        ("title_en", "Basic"),
        ("kinds", "wired"),
        ("tls", "included"),
        ("takes_effect", "day"),
        ("signing", "unsigned"),
        ("choosers", "all"),
        ("from", "22.01.2026"),
        ("wired_per", "month"),
    ];
    let with = |prices: &'static str| [&plan[..], &[("wired_prices", prices)]].concat();
    for (prices, told) in
        [("0", "A price of zero"), ("-5", "below zero"), ("99999999999", "slip of the hand")]
    {
        let answer = billing.clone().submit(new, &with(prices)).await;
        assert!(answer.status == 422 && answer.text.contains(told), "{prices}: {}", answer.text);
        assert!(answer.text.contains("Негізгі"), "nothing typed is lost: {}", answer.text);
    }
    for _ in 0..2 {
        let answer = billing.clone().submit(new, &with("1500")).await;
        assert_eq!(location(&answer), "/operator/tariffs/basic?done=made");
    }
    let at = "/operator/tariffs/basic/version";
    let page = billing.go(at).await.text;
    assert!(page.contains("1500,00"), "the prices of before: {page}");
    let version = |from: &'static str| [("from", from), ("wired_per", "month"), ("wired_prices", "1600")];
    let answer = billing.clone().submit(at, &version("22.01.2026")).await;
    assert!(answer.status == 422 && answer.text.contains("The past never changes"), "{}", answer.text);
    let answer = billing.submit(at, &version("01.03.2026")).await;
    assert!(
        answer.status == 200 && answer.text.contains("Organisations: 0, registers: 0"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("1,500.00") && answer.text.contains("1,600.00"), "{}", answer.text);
    // What is confirmed is what was shown: other fields are looked at again.
    let other = billing.clone().submit(at, &version("02.03.2026")).await;
    assert_eq!(other.status, 200, "{}", other.text);
    let answer = billing.clone().submit(at, &version("01.03.2026")).await;
    assert_eq!(location(&answer), "/operator/tariffs/basic?done=version");
    let answer = billing.clone().submit(at, &version("01.02.2026")).await;
    let both = "version 2 (from 01.03.2026) and version 3 (from 01.02.2026) overlap";
    assert!(answer.status == 422 && answer.text.contains(both), "{}", answer.text);

    let plan = "/operator/tariffs/basic";
    billing.go(plan).await;
    let back = format!("{plan}/take-back");
    for _ in 0..2 {
        let answer = billing.clone().submit(&back, &[]).await;
        assert_eq!(location(&answer), format!("{plan}?done=taken-back"));
    }
    let choosers = format!("{plan}/choosers");
    let answer = billing.clone().submit(&choosers, &[("choosers", "listed"), ("bins", "12")]).await;
    assert!(answer.status == 422 && answer.text.contains("This is no BIN: 12"), "{}", answer.text);
    let answer = billing.clone().submit(&choosers, &[("choosers", "nobody")]).await;
    assert_eq!(location(&answer), format!("{plan}?done=choosers"));
    billing.go("/operator/vat").await;
    let answer = billing.clone().submit("/operator/vat", &[("from", "01.01.2027"), ("percent", "18")]).await;
    assert_eq!(location(&answer), "/operator/vat?done=added");
    use AuditAction::{PlanAdded, PlanChoosersChanged, PlanVersionAdded, PlanVersionTakenBack, VatRateAdded};
    let told: Vec<_> = operator.house.audit(OPERATOR).await.iter().map(|row| row.action).collect();
    assert_eq!(told, [VatRateAdded, PlanChoosersChanged, PlanVersionTakenBack, PlanVersionAdded, PlanAdded]);
}

/// Makes the steps of runs as a job of the server does.
async fn steps(operator: &Operator) {
    let clock = Clock { now: operator.house.now(), zone_offset_seconds: super::support::ZONE };
    let (store, office) = (&*operator.house.store, &operator.house.site.office);
    let draw =
        || PersonalAccount::of_serial(u32::from_be_bytes(office.drawn()) % PersonalAccount::COUNT).unwrap();
    while hand_step(store, clock, draw, &|| office.stamp()).await.unwrap() == HandStep::More {}
}

#[tokio::test]
async fn a_run_is_looked_at_then_posted_and_taken_back_and_each_sum_says_why() {
    let operator = operator().await;
    let store = operator.house.store.clone();
    let mut plan = ofd_storage::tariffs::free().unwrap().data().clone();
    plan.id = "basic".parse().unwrap();
    plan.titles.en = "Basic".to_owned();
    for price in &mut plan.versions[0].prices {
        price.steps[0].price = Price::Tiyn(Tiyn::new(310_000).unwrap());
    }
    assert!(model::create(&*store, &Plan::new(plan).unwrap()).await.unwrap());
    let shop = super::support::Shop::on(store.clone(), "ТОО «Көктем»").await;
    shop.accept(&super::support::Ticket::usual().payload()).await;
    let id = super::support::ID;
    let from = TariffChange { from: "2026-01-01".parse().unwrap(), plan: "basic".parse().unwrap() };
    let registration = Registration {
        state: RegistrationState::Registered,
        plans: TariffHistory::new(vec![from]).unwrap(),
        ..samples::registration(id, BIN)
    };
    let stream = Company::stream_of(BIN).unwrap();
    let before = load::<Company>(&*store, stream).await.unwrap().unwrap();
    let beside = (Vec::new(), vec![registration.row().unwrap()]);
    let stamp = operator.house.site.office.stamp();
    save_beside(&*store, &before, before.state.clone(), beside, stamp).await.unwrap();
    operator.house.list_holdings().await;
    // Some days are over, of which the first is that of the first receipt.
    operator.house.wait(3 * 24 * 3600);

    let mut billing = operator.house.sign_in(operator.billing).await;
    let new = "/operator/charging/new";
    billing.go(new).await;
    let wrong = billing.clone().submit(new, &[("month", "03.2026")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("No day of 03.2026 is over"), "{}", wrong.text);
    for _ in 0..2 {
        let answer = billing.clone().submit(new, &[("month", "01.2026")]).await;
        assert_eq!(location(&answer), "/operator/charging/2026-01.1");
    }
    let run = "/operator/charging/2026-01.1";
    assert!(billing.go(run).await.text.contains("Being counted"));
    steps(&operator).await;
    let page = billing.go(run).await.text;
    assert!(
        page.contains("Counted, not posted") && page.contains("\u{20b8}300.00"),
        "three days of 3 100: {page}"
    );
    let bring = format!("{run}/bring");
    for _ in 0..2 {
        assert_eq!(location(&billing.clone().submit(&bring, &[("to", "post")]).await), run);
    }
    steps(&operator).await;
    let list = billing.go("/operator/charging?month=01.2026").await.text;
    assert!(list.contains("01.2026") && list.contains("Posted") && list.contains("\u{20b8}300.00"), "{list}");

    let mut boss = operator.house.sign_in(operator.boss).await;
    let page = boss.go(&format!("/c/{BIN}/money?month=01.2026")).await.text;
    let link =
        page.split('"').find(|part| part.starts_with(&format!("/c/{BIN}/money/2026-01/"))).expect("a link");
    let why = visible(&boss.go(link).await.text);
    assert!(why.contains("Plan “Basic”, version 1"), "{why}");
    assert!(why.contains("\u{20b8}3,100.00") && why.contains("/ 31 ="), "{why}");
    assert_eq!(boss.open(&format!("/c/{BIN}/money/2026-01/99")).await.status, 404);

    billing.go(run).await;
    assert_eq!(location(&billing.submit(&bring, &[("to", "take-back")]).await), run);
    steps(&operator).await;
    assert!(billing.go(run).await.text.contains("Taken back"));
    let page = boss.go(&format!("/c/{BIN}/money?month=01.2026")).await.text;
    assert!(page.contains("Balance now: \u{20b8}0.00"), "{page}");
    use AuditAction::{ChargingRunBegun, ChargingRunPosted, ChargingRunTakenBack};
    let told: Vec<_> = operator.house.audit(OPERATOR).await.iter().map(|row| row.action).collect();
    assert_eq!(told, [ChargingRunTakenBack, ChargingRunPosted, ChargingRunBegun]);
    operator.books_balance().await;
}
