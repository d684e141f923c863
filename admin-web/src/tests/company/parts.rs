use ofd_storage::accounts::{AuditSubject, ContactPerson, ContactPurpose};

use super::*;

/// One of each kind of part under number 1, which may be deleted, and what it takes for that.
pub(in crate::tests) fn furnish_parts(company: &mut Company) {
    let (id, revision, email, phone) = (1, 1, String::new(), String::new());
    let address = Address {
        id,
        revision,
        kind: AddressKind::Legal,
        country: "KZ".into(),
        settlement: String::new(),
        place: "Астана".into(),
        place_kz: None,
        street: "Сарайшық, 44".into(),
        email,
        phone,
    };
    let legal = Address { id: 2, ..address.clone() };
    // The first may be deleted, since it is not the only legal one.
    company.addresses = vec![Address { kind: AddressKind::Actual, ..address }, legal];
    let account = BankAccount {
        id,
        revision,
        iik: "KZ86125KZT5004100100".into(),
        bic: "HSBKKZKX".into(),
        bank: "Народный банк".into(),
        kbe: "17".into(),
        kind: "current".into(),
        is_default: false,
        is_guarantee: false,
    };
    company.bank_accounts = vec![account.clone(), BankAccount { id: 2, is_default: true, ..account }];
    company.contact_persons = vec![person(1, "КАССИР")];
}

fn person(id: u32, name: &str) -> ContactPerson {
    ContactPerson {
        id,
        revision: 1,
        purpose: ContactPurpose::Technical,
        name: name.into(),
        position: String::new(),
        phone: "+77172123456".into(),
        email: String::new(),
    }
}

const TYPED: [(&str, &str); 5] = [
    ("purpose", "accounting"),
    ("name", "СЕРІКОВА ДИНАРА"),
    ("position", "Главный бухгалтер"),
    ("phone", ""),
    ("email", "dinara@example.kz"),
];

#[tokio::test]
async fn whom_to_turn_to_is_added_changed_and_deleted_with_an_audit() {
    let office = office().await;
    let mut browser = office.browser().await;
    assert!(browser.go(HOME).await.text.contains("Say whom to turn to"));
    let new = format!("{HOME}/contact-persons/new");
    browser.go(&new).await;
    let unreachable = browser.submit(&new, &with(&TYPED, &[("email", "")])).await;
    assert!(
        unreachable.status == 422 && unreachable.text.contains("Fill in this field"),
        "{}",
        unreachable.text
    );
    let foreign = browser.submit(&new, &with(&TYPED, &[("purpose", "gossip")])).await;
    assert!(foreign.status == 422 && foreign.text.contains("value=\"СЕРІКОВА ДИНАРА\""), "{}", foreign.text);
    assert_eq!(location(&browser.submit(&new, &TYPED).await), format!("{HOME}?done=contact-person-added"));
    let page = browser.go(&format!("{HOME}?done=contact-person-added")).await.text;
    for part in
        ["The contact person is added.", "СЕРІКОВА ДИНАРА", "Accounting and payment", "dinara@example.kz"]
    {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let kept = office.company().await.contact_persons[0].clone();
    let one = format!("{HOME}/contact-persons/{}", kept.id);
    browser.go(&one).await;
    browser.submit(&one, &with(&TYPED, &[("purpose", "signing"), ("phone", "+7 701 234 5678")])).await;
    browser.go(&format!("{one}/delete")).await;
    let answer = browser.submit(&format!("{one}/delete"), &[]).await;
    assert_eq!(location(&answer), format!("{HOME}?done=contact-person-deleted"));
    assert!(office.company().await.contact_persons.is_empty());
    use AuditAction::{ContactPersonAdded, ContactPersonChanged, ContactPersonDeleted};
    assert_eq!(office.actions().await, [ContactPersonDeleted, ContactPersonChanged, ContactPersonAdded]);
    let rows = office.house.audit(BIN).await;
    assert!(rows.iter().all(|row| row.subject.of == Some(AuditSubject::ContactPerson(kept.id))));
    let fields: Vec<&str> = rows[1].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["contact_purpose", "phone"]);
    for (language, told) in
        [("ru", "Подписание документов"), ("kk", "Құжаттарға қол қою"), ("en", "Signing documents")]
    {
        browser.language = language.into();
        let page = browser.go(&format!("{HOME}/audit")).await.text;
        assert!(page.contains(told), "{told} is not in {page}");
    }
}

#[tokio::test]
async fn who_was_slower_is_told_what_is_kept_now() {
    let office = office().await;
    office.house.change_company(BIN, |company| company.contact_persons.push(person(7, "КАССИР"))).await;
    let (mut first, mut second) = (office.browser().await, office.browser().await);
    let one = format!("{HOME}/contact-persons/7");
    first.go(&one).await;
    second.go(&one).await;
    first.submit(&one, &TYPED).await;
    let answer = second.submit(&one, &with(&TYPED, &[("purpose", "general"), ("name", "ДРУГАЯ")])).await;
    assert_eq!(answer.status, 409);
    for part in ["Stored now: Accounting and payment", "Stored now: СЕРІКОВА ДИНАРА", "value=\"ДРУГАЯ\""]
    {
        assert!(answer.text.contains(part), "{part} is not in {}", answer.text);
    }
}

#[tokio::test]
async fn there_are_not_more_of_them_than_anybody_needs() {
    let office = office().await;
    let many = (1..=20).map(|id| person(id, &format!("ЛИЦО {id}")));
    office.house.change_company(BIN, |company| company.contact_persons.extend(many)).await;
    let mut browser = office.browser().await;
    assert!(!browser.go(HOME).await.text.contains("contact-persons/new"));
    let new = format!("{HOME}/contact-persons/new");
    browser.go(&new).await;
    let answer = browser.submit(&new, &TYPED).await;
    assert!(answer.status == 422 && answer.text.contains("No more contact persons"), "{}", answer.text);
    let mut reader = office.browser_of(BIN, 1).await;
    let page = reader.open(HOME).await.text;
    assert!(page.contains("ЛИЦО 20") && !page.contains("contact-persons/"), "who reads sees them: {page}");
}

#[test]
fn a_company_that_was_kept_before_there_were_contact_persons_has_none() {
    let company =
        Company::new(BIN.into(), "ТОО".into(), CompanyKind::LegalEntity, ofd_protocol::types::UnixMillis(1));
    let mut kept = serde_json::to_value(&company).unwrap();
    assert!(kept.as_object_mut().unwrap().remove("contact_persons").is_some());
    assert_eq!(serde_json::from_value::<Company>(kept).unwrap(), company);
}
