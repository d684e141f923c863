//! A company's data, the directories behind them, and the operator who looks.

use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{ASTANA, ASTANA_TYPED, create_account, create_company, rows, sign_in, sign_out};

/// An account in a bank of the directory.
const KNOWN_IIK: &str = "KZ86601A861000000001";

/// An account in a bank that the directory lacks.
const STRANGE_IIK: &str = "KZ52999B123000000002";

/// The BIC of a bank that the directory lacks.
const STRANGE_BIC: &str = "TESTKZ2A";
const STRANGE_BANK: &str = "АО «Тестовый банк»";

/// Somebody who is not one of the company's people.
const CONTACT: &str = "Ахметова Сауле";

const STREET: &str = "пр. Мәңгілік Ел, 10";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_keeps_its_data_and_sees_who_looks_in_russian() {
    browse("ru", Size::DESK, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_keeps_its_data_and_sees_who_looks_in_kazakh() {
    browse("kk", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    let (head, operator) = tokio::join!(place.window(), place.window());
    let bin = create_company(place, &head, "head", "arman@example.kz").await;
    attributes(&head, &bin).await;
    addresses(&head, &bin).await;
    bank_accounts(&head, &bin).await;
    contact_persons(&head, &bin).await;
    new_bank(place, &head, &operator, &bin).await;
    the_operator_looks(&head, &operator, &bin).await;
    two_edit_at_once(place, &head, &operator, &bin).await;
    head.close().await;
    operator.close().await;
}

/// What is known of the company beside its name and number, which nobody types.
async fn attributes(head: &Window, bin: &str) {
    head.go(&format!("/c/{bin}/attributes")).await;
    head.inspect("attributes").await;
    head.fill("registered_on", "31.01.2020").await;
    head.choose("sector", "7").await;
    head.send_to("/attributes").await;
    head.sees("company-done-attributes").await;
    head.reads("31.01.2020").await;
    head.go(&format!("/c/{bin}/head")).await;
    head.inspect("head").await;
    head.choose("employee", "").await;
    head.fill("name", "Тестов Арман").await;
    head.fill("iin", "800215300030").await;
    head.send_to("/head").await;
    head.sees("company-wrong-iin-check").await;
    head.inspect("head-wrong").await;
}

/// Addresses come from the directory; the only legal one stays.
async fn addresses(head: &Window, bin: &str) {
    head.go(&format!("/c/{bin}/addresses/new")).await;
    head.inspect("address-new").await;
    head.choose("kind", "postal").await;
    head.fill("settlement_query", "Ала").await;
    head.fill("street", STREET).await;
    head.click("button[name=find]").await;
    head.inspect("address-search").await;
    assert_eq!(head.value("street").await, STREET, "a search loses nothing typed");
    head.fill("settlement_query", ASTANA_TYPED).await;
    head.click("button[name=find]").await;
    head.choose("settlement", ASTANA).await;
    head.send_to("/addresses/new").await;
    head.sees("company-done-address-added").await;
    head.reads(STREET).await;
    head.inspect("company").await;

    // The third one: the legal and the actual address came with the company.
    head.follow(&format!("/c/{bin}/addresses/3/delete")).await;
    head.inspect("address-delete").await;
    head.send_to("/addresses/3/delete").await;
    head.sees("company-done-address-deleted").await;
    assert!(!head.text().await.contains(STREET), "a deleted address is gone");
    head.go(&format!("/c/{bin}/addresses/1/delete")).await;
    head.sees("company-address-only-legal").await;
    head.inspect("address-only-legal").await;
}

/// A bank account says itself which bank it is in.
async fn bank_accounts(head: &Window, bin: &str) {
    head.go(&format!("/c/{bin}/bank-accounts/new")).await;
    head.inspect("bank-account-new").await;
    head.fill("iik", &KNOWN_IIK.replace('1', "2")).await;
    head.send_to("/bank-accounts/new").await;
    head.sees("company-wrong-iik-check").await;
    head.inspect("bank-account-wrong").await;
    head.fill("iik", KNOWN_IIK).await;
    head.send_to("/bank-accounts/new").await;
    head.sees("company-done-account-added").await;
    head.click(&format!("main a[href^=\"/c/{bin}/bank-accounts/\"]")).await;
    head.inspect("bank-account").await;
    let account = head.path().await;
    head.go(&format!("{account}/delete")).await;
    head.sees("company-account-only").await;
    head.inspect("bank-account-only").await;
}

/// Whom the operator turns to is told with a phone or an address at least.
async fn contact_persons(head: &Window, bin: &str) {
    head.go(&format!("/c/{bin}")).await;
    head.follow(&format!("/c/{bin}/contact-persons/new")).await;
    head.inspect("contact-person-new").await;
    head.choose("purpose", "technical").await;
    head.fill("name", CONTACT).await;
    head.send_to("/contact-persons/new").await;
    head.sees("company-wrong-empty").await;
    head.inspect("contact-person-wrong").await;
    assert_eq!(head.value("name").await, CONTACT, "what was typed stays");
    head.fill("phone", "+7 701 234 5678").await;
    head.send_to("/contact-persons/new").await;
    head.sees("contact-person-added").await;
    head.sees("contact-purpose-technical").await;
    head.reads(CONTACT).await;
    head.click(&format!("main a[href^=\"/c/{bin}/contact-persons/\"]")).await;
    head.inspect("contact-person").await;
    let person = head.path().await;
    head.go(&format!("{person}/delete")).await;
    head.inspect("contact-person-delete").await;
    head.send_to(&format!("{person}/delete")).await;
    head.sees("contact-person-deleted").await;
    assert!(!head.text().await.contains(CONTACT), "a deleted contact person is gone");
}

/// A bank that the directory lacks is asked for, and the operator adds it.
async fn new_bank(place: &Place, head: &Window, operator: &Window, bin: &str) {
    head.go(&format!("/c/{bin}/banks")).await;
    head.inspect("banks").await;
    head.go(&format!("/c/{bin}/banks?q=нет такого")).await;
    head.sees("company-bank-nothing").await;
    head.press("company-bank-new").await;
    head.inspect("bank-new").await;
    head.fill("bic", STRANGE_BIC).await;
    head.fill("name", STRANGE_BANK).await;
    head.send_to("/banks/new").await;
    head.sees("company-done-bank-sent").await;
    head.sees("company-bank-waiting").await;
    head.inspect("banks-waiting").await;

    create_account(place, operator, "staff", "zhanar@example.kz").await;
    operator.arrives("/cabinet").await;
    operator.sees("cabinet-operator-button").await;
    operator.inspect("cabinet-of-staff").await;
    operator.press("cabinet-operator-button").await;
    operator.go("/operator/banks").await;
    operator.reads(STRANGE_BIC).await;
    operator.inspect("operator-banks").await;
    operator.press_in("main tbody", "company-bank-reject").await;
    operator.inspect("operator-bank-reject").await;
    operator.go("/operator/banks").await;
    operator.press_in("main tbody", "company-bank-approve").await;
    operator.inspect("operator-bank-approve").await;
    operator.press("company-bank-approve-now").await;
    operator.sees("company-done-bank-approved").await;

    head.go(&format!("/c/{bin}/banks")).await;
    head.sees("company-bank-approved").await;
    head.go(&format!("/c/{bin}/bank-accounts/new")).await;
    head.fill("iik", STRANGE_IIK).await;
    head.choose("bic", STRANGE_BIC).await;
    head.send_to("/bank-accounts/new").await;
    head.sees("company-done-account-added").await;
    head.inspect("company-full").await;
    head.inspect_dark("company-full").await;
    head.print("company").await;
}

/// Whoever of the operator opens a company's data is seen in that company's audit.
async fn the_operator_looks(head: &Window, operator: &Window, bin: &str) {
    operator.go("/operator/companies").await;
    operator.inspect("operator-companies").await;
    operator.fill("q", &bin[..6]).await;
    operator.press("list-find").await;
    operator.inspect("operator-found").await;
    operator.follow("/operator/companies/").await;
    operator.sees("operator-look-written").await;
    operator.inspect("operator-company").await;
    operator.press_in("main", "operator-audit").await;
    let looked = operator.texts().say("audit-looked");
    assert!(rows(operator).await.contains(looked), "the look at the card is a row of the company's audit");
    operator.inspect("operator-company-audit").await;
    operator.go("/operator/staff").await;
    operator.inspect("operator-staff").await;
    operator.go("/operator/audit").await;
    operator.inspect("operator-audit").await;
    operator.go(&format!("/c/{bin}")).await;
    operator.inspect("not-found").await;
    let text = operator.text().await;
    assert!(!text.contains("office@example.kz"), "staff has no way around the audit:\n{text}");

    head.go(&format!("/c/{bin}/audit?action=looked")).await;
    head.reads("ТЕСТОВА ЖАНАР").await;
    head.inspect("audit-looked").await;
}

/// Whoever saves second sees what the first one saved, and has lost nothing of the own typing.
async fn two_edit_at_once(place: &Place, head: &Window, second: &Window, bin: &str) {
    sign_out(second).await;
    sign_in(place, second, "head").await;
    second.arrives("/cabinet").await;
    let form = format!("/c/{bin}/contacts");
    head.go(&form).await;
    second.go(&form).await;
    second.fill("email", "new@example.kz").await;
    second.send_to("/contacts").await;
    second.sees("company-done-contacts").await;
    head.fill("phones", "+7 7172 654-321").await;
    head.fill("email", "mine@example.kz").await;
    head.send_to("/contacts").await;
    head.sees("stale-self").await;
    head.reads("new@example.kz").await;
    assert_eq!(head.value("phones").await, "+7 7172 654-321");
    assert_eq!(head.value("email").await, "mine@example.kz");
    head.inspect("contacts-stale").await;
    head.send_to("/contacts").await;
    head.sees("company-done-contacts").await;
    head.reads("mine@example.kz").await;
}
