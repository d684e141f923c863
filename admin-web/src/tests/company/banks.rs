//! Applications for banks that the directory lacks, and the operator's decisions.

use ofd_storage::accounts::{
    AddedBank, ApplicationState, AuditAction, AuditPage, AuditSubject, BankApplication, OPERATOR, Role,
    application_prefix,
};
use ofd_storage::model;
use ofd_storage::store::{RecordKind, Store};

use super::super::support::people::*;
use super::{BIN, HOME, OTHER, Office, office};

const NEW: &str = "/c/151140001234/banks/new";

const WISH: [(&str, &str); 3] =
    [("bic", "newbkzka"), ("name", "АО «Новый банк»"), ("comment", "https://new.example")];

struct Bank {
    office: Office,
    /// One of the operator's people who may decide.
    billing: Browser,
    /// One who may not.
    support: Browser,
}

async fn bank() -> Bank {
    let office = office().await;
    let (billing, support) = (office.house.person("СЕРИКОВ").await, office.house.person("ПОДДЕРЖКА").await);
    let people: [(_, &[Role]); 2] = [(billing, &[Role::Billing]), (support, &[Role::Support])];
    office.house.company(OPERATOR, "Operator", &people).await;
    let (billing, support) = (office.house.sign_in(billing).await, office.house.sign_in(support).await);
    Bank { office, billing, support }
}

impl Bank {
    async fn apply(&self) -> BankApplication {
        let mut browser = self.office.browser().await;
        browser.go(NEW).await;
        let answer = browser.submit(NEW, &WISH).await;
        assert_eq!(location(&answer), format!("{HOME}/banks?done=sent"), "{}", answer.text);
        self.applications().await.remove(0)
    }

    async fn applications(&self) -> Vec<BankApplication> {
        let store = &*self.office.house.store;
        let prefix = application_prefix(BIN);
        let records = store.records(RecordKind::BankApplication, &prefix, None, 100).await.unwrap();
        records.iter().map(|record| model::decode(record).unwrap().1).collect()
    }

    async fn added(&self) -> Option<AddedBank> {
        let found = model::load::<AddedBank>(&*self.office.house.store, b"NEWBKZKA").await.unwrap();
        found.map(|(_, bank)| bank)
    }
}

fn approve(application: &BankApplication) -> String {
    format!("/operator/banks/{BIN}/{}/approve", application.id)
}

fn reject(application: &BankApplication) -> String {
    format!("/operator/banks/{BIN}/{}/reject", application.id)
}

#[tokio::test]
async fn the_directory_is_searched_by_bic_and_by_name() {
    let bank = bank().await;
    let mut browser = bank.office.browser().await;
    let page = browser.go(&format!("{HOME}/banks")).await;
    assert!(page.text.contains("HSBKKZKX") && page.text.contains("There were no applications yet"));
    for (query, is_found) in [("hsbk", true), ("народн", true), ("%3Cscript%3E", false), ("forte", false)]
    {
        let page = browser.go(&format!("{HOME}/banks?q={query}")).await;
        assert_eq!(page.text.contains("<strong>HSBKKZKX</strong>"), is_found, "{query}");
        assert!(!page.text.contains("value=\"<script>"));
    }
}

#[tokio::test]
async fn a_bank_is_applied_for_approved_and_then_chosen() {
    let mut bank = bank().await;
    let application = bank.apply().await;
    assert_eq!(application.state, ApplicationState::Waiting);
    assert_eq!((application.bic.as_str(), application.company.as_str()), ("NEWBKZKA", "ТОО «Көктем»"));
    let page = bank.billing.go("/operator/banks").await;
    assert!(page.text.contains("АО «Новый банк»") && page.text.contains(&approve(&application)));
    let told = ["https://new.example", "ИВАНОВА"].iter().filter(|text| page.text.contains(*text)).count();
    assert_eq!(told, 0, "the list, of which no audit tells, says neither what nor who applied");
    let page = bank.billing.go(&approve(&application)).await;
    assert!(page.text.contains("Approve the bank?") && bank.added().await.is_none(), "it asks first");
    let answer = bank.billing.submit(&approve(&application), &[]).await;
    assert_eq!(location(&answer), "/operator/banks?done=approved");
    assert_eq!(bank.added().await.unwrap().by, "СЕРИКОВ");
    let audit = bank.office.house.audit(BIN).await;
    let actions: Vec<AuditAction> = audit.iter().map(|row| row.action).collect();
    assert_eq!(actions, [AuditAction::BankApproved, AuditAction::Looked, AuditAction::BankApplied]);
    assert!(
        audit[1].actor.is_operator
            && audit[1].subject == AuditSubject::Page(AuditPage::Application).called("application"),
        "{:?}",
        audit[1]
    );
    assert!(audit[0].actor.is_operator && audit[0].subject.text == "NEWBKZKA АО «Новый банк»");
    let mut browser = bank.office.browser().await;
    assert!(browser.go(&format!("{HOME}/banks")).await.text.contains("Approved"));
    assert!(browser.go(&format!("{HOME}/banks?q=новый")).await.text.contains("<strong>NEWBKZKA</strong>"));
    let new = format!("{HOME}/bank-accounts/new");
    assert!(browser.go(&new).await.text.contains("<option value=\"NEWBKZKA\">"));
    let iik = (0..100).map(|check| format!("KZ{check:02}9990000000000001"));
    let iik: Vec<String> = iik.collect();
    let mut last = 0;
    for iik in &iik {
        browser.go(&new).await;
        let answer = browser.submit(&new, &[("iik", iik), ("bic", "NEWBKZKA"), ("kbe", "17")]).await;
        last = answer.status.as_u16();
        if last == 303 {
            break;
        }
    }
    assert_eq!(last, 303);
    assert_eq!(bank.office.company().await.bank_accounts[0].bank, "АО «Новый банк»");
}

#[tokio::test]
async fn a_rejection_needs_a_reason_that_the_company_reads() {
    let mut bank = bank().await;
    let application = bank.apply().await;
    bank.billing.go(&reject(&application)).await;
    let answer = bank.billing.submit(&reject(&application), &[("reason", "  ")]).await;
    assert!(answer.status == 422 && answer.text.contains("Fill in this field"), "{}", answer.text);
    assert_eq!(bank.applications().await[0].state, ApplicationState::Waiting);
    let answer = bank.billing.submit(&reject(&application), &[("reason", "Нет лицензии")]).await;
    assert_eq!(location(&answer), "/operator/banks?done=rejected");
    let mut browser = bank.office.browser().await;
    let page = browser.go(&format!("{HOME}/banks")).await;
    assert!(page.text.contains("Rejected") && page.text.contains("Нет лицензии"));
    let row = &bank.office.house.audit(BIN).await[0];
    assert_eq!(
        (row.action, row.changes[0].after.as_deref()),
        (AuditAction::BankRejected, Some("Нет лицензии"))
    );
    bank.apply().await;
    assert_eq!(bank.applications().await.len(), 2, "one may apply again");
}

#[tokio::test]
async fn an_application_is_decided_once() {
    let mut bank = bank().await;
    let application = bank.apply().await;
    let mut other = bank.billing.clone();
    other.go(&reject(&application)).await;
    bank.billing.go(&approve(&application)).await;
    let page = bank.billing.page.clone();
    for _ in 0..2 {
        bank.billing.page.clone_from(&page);
        let answer = bank.billing.submit(&approve(&application), &[]).await;
        assert_eq!(location(&answer), "/operator/banks?done=approved", "twice is as good as once");
    }
    let answer = other.submit(&reject(&application), &[("reason", "no")]).await;
    assert!(answer.status == 409 && answer.text.contains("decided otherwise"), "{}", answer.text);
    assert!(matches!(bank.applications().await[0].state, ApplicationState::Approved { .. }));
    let audit = bank.office.house.audit(BIN).await;
    assert_eq!(audit.iter().filter(|row| row.action == AuditAction::BankApproved).count(), 1);
    let page = bank.billing.go(&reject(&application)).await;
    assert!(page.text.contains("decided already") && !page.text.contains("Yes, reject"));
}

#[tokio::test]
async fn an_interrupted_approval_is_completed_by_the_next_press() {
    let mut bank = bank().await;
    let application = bank.apply().await;
    bank.billing.go(&approve(&application)).await;
    // As if the process ended after the record was written, before the bank and the audit were.
    let state = ApplicationState::Approved { at: bank.office.house.now(), by: "СЕРИКОВ".into() };
    let store = &*bank.office.house.store;
    let (version, found) =
        model::load::<BankApplication>(store, &model::Model::key(&application)).await.unwrap().unwrap();
    model::replace(store, version, &BankApplication { state, ..found }).await.unwrap();
    let answer = bank.billing.submit(&approve(&application), &[]).await;
    assert_eq!(location(&answer), "/operator/banks?done=approved");
    assert!(bank.added().await.is_some());
    assert_eq!(bank.office.house.audit(BIN).await[0].action, AuditAction::BankApproved);
}

#[tokio::test]
async fn duplicates_are_refused_and_a_form_sent_twice_is_one_application() {
    let bank = bank().await;
    bank.apply().await;
    bank.apply().await;
    assert_eq!(bank.applications().await.len(), 1);
    assert_eq!(bank.office.actions().await, [AuditAction::BankApplied]);
    let mut browser = bank.office.browser().await;
    browser.go(NEW).await;
    for (bic, name, text) in [
        ("NEWBKZKA", "Other name", "waits already"),
        ("HSBKKZKX", "Халық банкі", "is in the directory already"),
        ("HSBK", "A", "A BIC has 8 or 11"),
    ] {
        let answer = browser.submit(NEW, &[("bic", bic), ("name", name), ("comment", "kept")]).await;
        assert!(answer.status == 422 && answer.text.contains(text), "{bic}: {}", answer.text);
        assert!(
            answer.text.contains(&format!("value=\"{name}\"")) && answer.text.contains(">kept<"),
            "{bic}"
        );
    }
}

#[tokio::test]
async fn an_application_that_was_not_made_is_not_told_as_sent() {
    let bank = bank().await;
    let made = bank.apply().await;
    // Another application under the id that the next one gets, for another bank: neither is lost nor taken for the other.
    let store = &*bank.office.house.store;
    let other =
        BankApplication { bic: "OTHRKZKA".into(), name: "АО «Другой»".into(), ..made.clone() };
    let (version, _) =
        model::load::<BankApplication>(store, &model::Model::key(&made)).await.unwrap().unwrap();
    model::replace(store, version, &other).await.unwrap();
    let mut browser = bank.office.browser().await;
    browser.go(NEW).await;
    let answer = browser.submit(NEW, &WISH).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(bank.applications().await, [other]);
    assert_eq!(bank.office.actions().await, [AuditAction::BankApplied], "that of the first");
}

#[tokio::test]
async fn a_company_reads_that_there_are_more_applications_than_are_shown() {
    let bank = bank().await;
    let made = bank.apply().await;
    let reason = String::from("no such bank");
    let state = ApplicationState::Rejected { at: made.at, by: "СЕРИКОВ".into(), reason };
    let more = async |numbers: std::ops::Range<usize>| {
        for number in numbers {
            let (id, bic) = (format!("{number:016x}"), format!("AAAA{number:04}"));
            let one = BankApplication { id, bic, state: state.clone(), ..made.clone() };
            assert!(model::create(&*bank.office.house.store, &one).await.unwrap());
        }
    };
    let banks = format!("{HOME}/banks");
    let mut browser = bank.office.browser().await;
    more(0..200).await;
    let page = browser.go(&banks).await;
    assert!(page.text.contains("Lines 1 to ") && page.text.contains("rel=\"next\""), "{}", page.text);
    more(200..1999).await;
    browser.go(NEW).await;
    let another = [("bic", "OTHRKZKA"), ("name", "АО «Другой»"), ("comment", "")];
    let mut same = browser.clone();
    assert_eq!(location(&browser.submit(NEW, &another).await), format!("{banks}?done=sent"), "there is room");
    let answer = same.submit(NEW, &[("bic", "THRDKZKA"), ("name", "АО «Третий»")]).await;
    assert!(answer.status == 422 && answer.text.contains("more than 2000 applications"), "{}", answer.text);
    assert!(browser.go(&banks).await.text.contains("more than 2000 applications"));
}

#[tokio::test]
async fn applications_are_filtered() {
    let mut bank = bank().await;
    let page = bank.billing.go("/operator/banks").await;
    assert!(page.text.contains("No application waits"));
    let application = bank.apply().await;
    for (query, is_found) in [
        ("", true),
        ("?state=all", true),
        ("?state=approved", false),
        ("?q=newb", true),
        ("?q=көктем", true),
        ("?q=1511", true),
        ("?q=151140001234", true),
        ("?q=990140000021", false),
        ("?q=other", false),
        ("?state=nonsense", true),
    ] {
        let page = bank.billing.go(&format!("/operator/banks{query}")).await;
        assert_eq!(page.text.contains(&approve(&application)), is_found, "{query}");
    }
}

#[tokio::test]
async fn only_who_decides_on_banks_comes_in() {
    let mut bank = bank().await;
    let application = bank.apply().await;
    let mut company = bank.office.browser().await;
    let mut nobody = bank.office.house.browser();
    for path in ["/operator/banks", &approve(&application), &reject(&application)] {
        assert_eq!(bank.support.open(path).await.status, 403, "{path}");
        assert_eq!(company.open(path).await.status, 404, "{path}");
        assert_eq!(nobody.open(path).await.status, 303, "{path}");
    }
    let wrong = [
        format!("/operator/banks/{OTHER}/{}/approve", application.id),
        format!("/operator/banks/{BIN}/0000000000000000/reject"),
    ];
    for path in wrong {
        assert_eq!(bank.billing.open(&path).await.status, 404, "{path}");
    }
}
