//! Signing up: an account and a company out of a certificate.

use std::sync::Arc;

use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AccountId, AddressKind, AuditAction, CompanyKind, Role, SessionMethod, organisation,
};
use ofd_storage::model::{Organisation, create, load};
use ofd_storage::samples;
use ofd_storage::store::Store;

use super::login::{Gate, PASSWORD};
use super::support::people::{Browser, location};
use super::support::{Answer, NOW};
use crate::Mailer;
use crate::mail::Sink;
use crate::people::{by_iin, list_company};

/// What a person types in the second step.
pub(super) const ACCOUNT: [(&str, &str); 4] =
    [("email", "arman@example.kz"), ("password", PASSWORD), ("repeat", PASSWORD), ("agree", "yes")];

/// What a person types in the third step.
pub(super) const COMPANY: [(&str, &str); 7] = [
    ("legal_settlement", "710000000"),
    ("legal_street", "ул. Абая, 1"),
    ("same_address", "yes"),
    ("company_email", "info@example.kz"),
    ("company_phone", "+7 7172 123-456"),
    ("oked", "47.11.1"),
    ("position", "Директор"),
];

fn gate() -> (Gate, Arc<Sink>) {
    let sink = Arc::new(Sink::default());
    let mailer = Mailer::Sink(Arc::clone(&sink));
    (Gate::with(|config, _| config.people.mailer = mailer), sink)
}

/// A browser that shows the second step after signing with a key.
pub(super) async fn at_second_step(gate: &Gate, label: &str) -> Browser {
    let mut browser = gate.house.browser();
    browser.go("/sign-up").await;
    let answer = gate.sign(&mut browser, "/login/certificate", label).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    browser
}

/// A browser that shows the third step, signed in.
pub(super) async fn at_third_step(gate: &Gate, label: &str) -> Browser {
    let mut browser = at_second_step(gate, label).await;
    let page = location(&browser.submit("/sign-up", &ACCOUNT).await);
    assert!(page.starts_with("/sign-up/company?proof="), "{page}");
    browser.go(&page).await;
    browser
}

fn with<'a>(fields: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed).copied().collect()
}

#[tokio::test]
async fn the_head_signs_up_with_the_company_in_three_steps() {
    let (gate, sink) = gate();
    let key = gate.key("head");
    let (iin, bin) = (key.iin().unwrap(), key.bin().unwrap());
    let mut browser = at_second_step(&gate, "head").await;
    for part in [iin, bin, key.full_name(), key.organisation().unwrap(), "first head of a legal entity"] {
        assert!(browser.page.contains(part), "{part}");
    }
    assert!(!browser.page.contains("name=\"entrepreneur\""));
    assert!(!browser.is_signed_in(), "a signature alone makes no account");
    let answer = browser.submit("/sign-up", &ACCOUNT).await;
    assert!(browser.is_signed_in());
    browser.go(&location(&answer)).await;
    assert!(browser.page.contains(bin) && browser.page.contains("value=\"arman@example.kz\""));
    let answer = browser.submit("/sign-up/company", &COMPANY).await;
    assert_eq!(location(&answer), format!("/c/{bin}/contract?done=welcome"));
    browser.go(&location(&answer)).await;

    let account = by_iin(&gate.house.site.office, iin).await.unwrap().unwrap().state;
    assert_eq!((account.name.as_str(), account.email.as_ref()), (key.full_name(), None));
    assert_eq!(account.pending_email.as_ref().unwrap().address, "arman@example.kz");
    assert!(account.password.as_ref().unwrap().hash.starts_with("$argon2id$"));
    assert_eq!(account.sessions[0].method, SessionMethod::Certificate);
    assert_eq!(account.companies[0].bin, bin);
    let company = gate.house.company_of(bin).await;
    assert_eq!(
        (company.kind, company.title.as_str()),
        (CompanyKind::LegalEntity, key.organisation().unwrap())
    );
    assert_eq!(company.registrant, Some(account.id));
    assert_eq!(company.member(account.id).unwrap().roles, [Role::Administrator]);
    let kinds: Vec<AddressKind> = company.addresses.iter().map(|address| address.kind).collect();
    assert_eq!(kinds, [AddressKind::Legal, AddressKind::Actual]);
    let head = &company.profile.head;
    assert_eq!(
        (head.account, head.iin.as_str(), head.position.as_str()),
        (Some(account.id), iin, "Директор")
    );
    let actions: Vec<AuditAction> = gate.house.audit(bin).await.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::Joined, AuditAction::CompanyCreated]);
    says_what_was_registered(&gate, &mut browser, bin).await;
    let (_, record) = load::<Organisation>(&*gate.house.store, bin.as_bytes()).await.unwrap().unwrap();
    let named = organisation(&*gate.house.store, bin).await.unwrap().unwrap();
    assert_eq!((&record.title, &named.title), (&company.title, &company.title));
    assert!(named.address.contains("ул. Абая, 1") && named.okved == "47111", "{named:?}");
    let letters = sink.letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("https://ofd.example/confirm-email?"), "{}", letters[0].text);
}

/// The row of the audit has what the company was registered with, and the page says it in words.
async fn says_what_was_registered(gate: &Gate, browser: &mut Browser, bin: &str) {
    let row = &gate.house.audit(bin).await[1];
    let told = |field: &str| {
        let change = row.changes.iter().find(|change| change.field == field);
        change.and_then(|change| change.after.clone()).unwrap_or_default()
    };
    assert_eq!((told("bin").as_str(), told("company_kind").as_str()), (bin, "legal_entity"));
    assert!(told("legal_address").contains("ул. Абая, 1") && !told("actual_address").is_empty());
    assert!(!told("email").is_empty() && !told("phones").is_empty() && told("head_position") == "Директор");
    assert!(row.changes.iter().all(|change| change.before.is_none()), "there was nothing before");
    let page = browser.go(&format!("/c/{bin}/audit")).await.text;
    for text in [bin, "Legal entity", "ул. Абая, 1", "Директор", "Legal address"] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}

#[tokio::test]
async fn what_the_fleet_file_said_of_an_organisation_gives_way_to_what_its_people_say() {
    let (gate, _) = gate();
    let (bin, title) = (gate.key("head").bin().unwrap(), gate.key("head").organisation().unwrap());
    let fleet = Organisation {
        address: "г. Актау".into(),
        address_kz: Some("Ақтау қ.".into()),
        okved: "47111".into(),
        ..Organisation::titled(bin, "ТОО «Из файла»")
    };
    assert!(create(&*gate.house.store, &fleet).await.unwrap());
    let mut browser = at_third_step(&gate, "head").await;
    assert!(browser.page.contains("name=\"oked\" value=\"47111\""), "what is known is not typed again");
    browser.submit("/sign-up/company", &with(&COMPANY, &[("oked", "56101")])).await;
    let named = organisation(&*gate.house.store, bin).await.unwrap().unwrap();
    assert_eq!((named.title.as_str(), named.okved.as_str()), (title, "56101"));
    assert!(named.address.ends_with("ул. Абая, 1") && named.address_kz.unwrap().ends_with("ул. Абая, 1"));
    let (_, record) = load::<Organisation>(&*gate.house.store, bin.as_bytes()).await.unwrap().unwrap();
    assert_eq!(record, Organisation { title: title.into(), ..fleet }, "lists go by the name");
}

#[tokio::test]
async fn whoever_brings_an_organisation_takes_over_the_audit_that_its_registers_left() {
    let (gate, _) = gate();
    let bin = gate.key("head").bin().unwrap();
    gate.house.blocked_register(bin).await;
    assert!(crate::people::by_login(&gate.house.site.office, bin).await.unwrap().is_none());
    let mut browser = at_third_step(&gate, "head").await;
    assert!(!browser.page.contains("is on this site already"));
    let answer = browser.submit("/sign-up/company", &COMPANY).await;
    assert_eq!(location(&answer), format!("/c/{bin}/contract?done=welcome"));
    let actions: Vec<AuditAction> = gate.house.audit(bin).await.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::Joined, AuditAction::CompanyCreated, AuditAction::RegisterBlocked]);
    let page = browser.go(&format!("/c/{bin}/audit")).await.text;
    assert!(
        page.contains("Cash register blocked") && page.contains("203539") && page.contains("долг"),
        "{page}"
    );
}

#[tokio::test]
async fn after_signing_up_the_same_key_signs_in() {
    let (gate, _) = gate();
    at_third_step(&gate, "head").await;
    let mut browser = gate.house.browser();
    let answer = gate.sign_in(&mut browser, "head").await;
    assert!(location(&answer).starts_with("/sign-up/company?proof="), "the company is still to be brought");
    browser.go(&location(&answer)).await;
    let bin = gate.key("head").bin().unwrap();
    let welcome = format!("/c/{bin}/contract?done=welcome");
    assert_eq!(location(&browser.submit("/sign-up/company", &COMPANY).await), welcome);
    let answer = gate.sign_in(&mut gate.house.browser(), "head").await;
    assert_eq!(location(&answer), "/cabinet");
}

#[tokio::test]
async fn an_entrepreneur_signs_up_with_the_personal_certificate() {
    let (gate, _) = gate();
    let iin = gate.key("entrepreneur").iin().unwrap();
    let mut browser = at_second_step(&gate, "entrepreneur").await;
    assert!(browser.page.contains("certificate of the national CA for a person"));
    let answer = browser.submit("/sign-up", &with(&ACCOUNT, &[("entrepreneur", "yes")])).await;
    let page = location(&answer);
    assert!(page.starts_with("/sign-up/company?proof="));
    browser.go(&page).await;
    assert!(browser.page.contains("individual entrepreneur") && !browser.page.contains("name=\"position\""));
    let answer = browser.submit("/sign-up/company", &COMPANY).await;
    assert_eq!(location(&answer), format!("/c/{iin}/contract?done=welcome"));
    let company = gate.house.company_of(iin).await;
    assert_eq!(company.kind, CompanyKind::Entrepreneur);
    assert_eq!(company.title, format!("ИП {}", gate.key("entrepreneur").full_name()));
}

#[tokio::test]
async fn a_person_and_an_employee_get_an_account_and_are_told_what_is_next() {
    let (gate, _) = gate();
    let mut browser = at_second_step(&gate, "person").await;
    let answer = browser.submit("/sign-up", &ACCOUNT).await;
    assert_eq!(location(&answer), "/cabinet?done=welcome");
    assert!(browser.go("/cabinet?done=welcome").await.text.contains("We sent a letter"));
    let mut browser = at_second_step(&gate, "employee").await;
    assert!(browser.page.contains("ask the organisation’s administrator"));
    let answer = browser.submit("/sign-up", &with(&ACCOUNT, &[("email", "daniyar@example.kz")])).await;
    assert_eq!(location(&answer), "/cabinet?done=ask");
    assert!(browser.go("/cabinet?done=ask").await.text.contains("by invitation"));
}

#[tokio::test]
async fn where_no_letter_goes_the_page_says_so() {
    let gate = Gate::open();
    let mut browser = at_second_step(&gate, "person").await;
    let answer = browser.submit("/sign-up", &ACCOUNT).await;
    assert_eq!(location(&answer), "/cabinet?done=welcome-no-letter");
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_beside_each_field() {
    let (gate, sink) = gate();
    let mut browser = at_second_step(&gate, "person").await;
    for (changed, why) in [
        (&[("email", "arman")][..], "Check the address"),
        (&[("password", "short"), ("repeat", "short")], "id=\"password-error\">"),
        (&[("repeat", "Other1234")], "The passwords differ"),
        (&[("agree", "")], "accept the user agreement"),
    ] {
        let answer = browser.submit("/sign-up", &with(&ACCOUNT, changed)).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains(why), "{why}: {}", answer.text);
        assert!(answer.text.matches("class=\"field wrong\"").count() == 1, "only that field is wrong");
        assert!(!answer.text.contains(PASSWORD), "a password never comes back");
    }
    assert!(by_iin(&gate.house.site.office, gate.key("person").iin().unwrap()).await.unwrap().is_none());
    assert!(sink.letters().is_empty());
    let answer = browser.submit("/sign-up", &ACCOUNT).await;
    assert_eq!(location(&answer), "/cabinet?done=welcome", "nothing typed was lost");
}

#[tokio::test]
async fn what_a_certificate_proved_is_of_one_visit_and_of_a_quarter_of_an_hour() {
    let (gate, _) = gate();
    let late = "/sign-up?done=late";
    let mut browser = at_second_step(&gate, "person").await;
    let proof = browser.hidden("/sign-up").into_iter().find(|(name, _)| name == "proof").unwrap().1;
    let mut thief = at_second_step(&gate, "support").await;
    let stolen = with(&ACCOUNT, &[("proof", &proof)]);
    assert_eq!(location(&thief.submit("/sign-up", &stolen).await), late);
    assert_eq!(location(&browser.clone().submit("/sign-up", &with(&ACCOUNT, &[("proof", "x")])).await), late);
    gate.house.wait(15 * 60);
    assert_eq!(location(&browser.submit("/sign-up", &ACCOUNT).await), late);
    assert!(browser.go(late).await.text.contains("too much time has passed"));
}

#[tokio::test]
async fn sending_the_account_twice_makes_one() {
    let (gate, sink) = gate();
    let mut browser = at_second_step(&gate, "person").await;
    let mut twice = browser.clone();
    assert_eq!(location(&browser.submit("/sign-up", &ACCOUNT).await), "/cabinet?done=welcome");
    let again = twice.submit("/sign-up", &with(&ACCOUNT, &[("email", "other@example.kz")])).await;
    assert_eq!(location(&again), "/login?done=known");
    assert!(!twice.is_signed_in() && sink.letters().len() == 1);
    let account =
        by_iin(&gate.house.site.office, gate.key("person").iin().unwrap()).await.unwrap().unwrap().state;
    assert_eq!(account.pending_email.unwrap().address, "arman@example.kz");
    assert_eq!(location(&browser.open("/login?done=known").await), "/cabinet");
}

#[tokio::test]
async fn the_challenge_of_a_sign_up_opens_nothing_later() {
    let (gate, _) = gate();
    let mut browser = gate.house.browser();
    browser.go("/login").await;
    let mut thief = browser.clone();
    use base64::Engine;
    let cms = gate.key("person").sign_cms(&Gate::content(&browser), true, gate.now(), None);
    let signature = base64::engine::general_purpose::STANDARD.encode(cms);
    browser.submit("/login/certificate", &[("signature", &signature)]).await;
    browser.submit("/sign-up", &ACCOUNT).await;
    let answer = thief.submit("/login/certificate", &[("signature", &signature)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("was used already"));
}

#[tokio::test]
async fn sending_the_company_twice_makes_one() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "head").await;
    let mut twice = browser.clone();
    let bin = gate.key("head").bin().unwrap();
    assert_eq!(
        location(&browser.submit("/sign-up/company", &COMPANY).await),
        format!("/c/{bin}/contract?done=welcome")
    );
    assert_eq!(location(&twice.submit("/sign-up/company", &COMPANY).await), format!("/c/{bin}"));
    assert_eq!(gate.house.company_of(bin).await.members.len(), 1);
    assert_eq!(gate.house.audit(bin).await.len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_a_company_is_said_and_nothing_typed_is_lost() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "head").await;
    let answer = browser.submit("/sign-up/company", &[("legal_street", "ул. Абая, 1")]).await;
    assert_eq!(answer.status, 422);
    for field in ["legal_settlement", "actual_street", "company_email", "company_phone", "oked", "position"] {
        let error = answer.text.split_once(&format!("id=\"{field}-error\">")).unwrap().1;
        assert!(!error.starts_with("</p>"), "{field} is wrong");
    }
    assert!(answer.text.contains("value=\"ул. Абая, 1\""));
    let bank = with(&COMPANY, &[("iik", "KZ00"), ("kbe", "17")]);
    let answer = browser.submit("/sign-up/company", &bank).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("value=\"KZ00\""));
    let bin = gate.key("head").bin().unwrap();
    assert!(
        crate::people::by_login(&gate.house.site.office, bin).await.unwrap().is_none(),
        "nothing was saved"
    );
}

#[tokio::test]
async fn a_settlement_is_found_without_script() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "head").await;
    let typed =
        [("legal_settlement_query", "Астана"), ("legal_find", "yes"), ("company_phone", "+77172123456")];
    let answer = browser.submit("/sign-up/company", &typed).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("name=\"legal_settlement\" value=\"710000000\""));
    assert!(
        answer.text.contains("value=\"+77172123456\"") || answer.text.contains("value=\"&#43;77172123456\"")
    );
}

#[tokio::test]
async fn an_address_that_was_typed_counts_more_than_the_box_beside_it() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "head").await;
    let other = [("actual_settlement", "750000000"), ("actual_street", "пр. Достык, 5")];
    browser.submit("/sign-up/company", &with(&COMPANY, &other)).await;
    let company = gate.house.company_of(gate.key("head").bin().unwrap()).await;
    assert_eq!(company.addresses[1].street, "пр. Достык, 5");
}

#[tokio::test]
async fn a_bank_account_may_come_at_once() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "head").await;
    let typed = [("iik", "KZ86 125K ZT50 0410 0100"), ("bic", ""), ("kbe", "17"), ("account_kind", "")];
    let answer = browser.submit("/sign-up/company", &with(&COMPANY, &typed)).await;
    let bin = gate.key("head").bin().unwrap();
    assert_eq!(location(&answer), format!("/c/{bin}/contract?done=welcome"), "{}", answer.text);
    let company = gate.house.company_of(bin).await;
    assert!(company.bank_accounts[0].is_default && company.bank_accounts[0].kbe == "17");
}

#[tokio::test]
async fn who_signs_for_a_company_brings_it_and_types_its_head() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "accountant").await;
    assert!(browser.page.contains("right of signature"));
    let answer = browser.submit("/sign-up/company", &with(&COMPANY, &[("head_name", "ТЕСТОВ  АРМАН")])).await;
    let bin = gate.key("accountant").bin().unwrap();
    assert_eq!(location(&answer), format!("/c/{bin}/contract?done=welcome"));
    let head = gate.house.company_of(bin).await.profile.head;
    assert_eq!((head.account, head.name.as_str()), (None, "ТЕСТОВ АРМАН"));
}

#[tokio::test]
async fn the_head_joins_a_company_that_is_here_and_nobody_else_does_uninvited() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "accountant").await;
    browser.submit("/sign-up/company", &with(&COMPANY, &[("head_name", "ТЕСТОВ АРМАН")])).await;
    let bin = gate.key("head").bin().unwrap();
    let mut employee = at_second_step(&gate, "cashier").await;
    let answer = employee.submit("/sign-up", &with(&ACCOUNT, &[("email", "g@example.kz")])).await;
    assert_eq!(location(&answer), "/cabinet?done=ask");
    let mut head = at_third_step(&gate, "head").await;
    assert!(head.page.contains("is on this site already"));
    let mut twice = head.clone();
    let welcome = format!("/c/{bin}?done=welcome");
    assert_eq!(location(&head.submit("/sign-up/company", &[]).await), welcome);
    assert_eq!(location(&twice.submit("/sign-up/company", &[]).await), format!("/c/{bin}"));
    let company = gate.house.company_of(bin).await;
    assert_eq!(company.members.len(), 2);
    assert_eq!(company.members[1].roles, [Role::Administrator]);
    assert_eq!(gate.house.audit(bin).await[0].subject.text, gate.key("head").full_name());
}

#[tokio::test]
async fn a_company_is_brought_by_the_session_that_showed_its_certificate_alone() {
    let (gate, _) = gate();
    let browser = at_third_step(&gate, "head").await;
    let proof = browser.hidden("/sign-up/company").into_iter().find(|(name, _)| name == "proof").unwrap().1;
    let mut other = at_third_step(&gate, "head-b").await;
    let stolen = with(&COMPANY, &[("proof", &proof)]);
    assert_eq!(location(&other.submit("/sign-up/company", &stolen).await), "/cabinet/add?done=late");
    assert!(other.go("/cabinet/add?done=late").await.text.contains("too much time has passed"));
    let mut stranger = gate.house.browser();
    let answer: Answer = stranger.open("/sign-up/company?proof=x").await;
    assert!(location(&answer).starts_with("/login?next="));
}

#[tokio::test]
async fn one_person_adds_another_organisation_by_its_key() {
    let (gate, _) = gate();
    let mut browser = at_third_step(&gate, "head").await;
    browser.submit("/sign-up/company", &COMPANY).await;
    browser.go("/cabinet/add").await;
    let mut twice = browser.clone();
    let answer = gate.sign(&mut browser, "/cabinet/add", "same-person-other-company").await;
    let page = location(&answer);
    assert!(page.starts_with("/sign-up/company?proof="), "{page}");
    browser.go(&page).await;
    let answer = browser.submit("/sign-up/company", &COMPANY).await;
    let (one, other) =
        (gate.key("head").bin().unwrap(), gate.key("same-person-other-company").bin().unwrap());
    assert_eq!(location(&answer), format!("/c/{other}/contract?done=welcome"));
    let page = browser.go("/cabinet").await.text;
    assert!(page.contains(&format!("href=\"/c/{one}/start\"")), "{page}");
    assert!(page.contains(&format!("href=\"/c/{other}/start\"")), "{page}");
    let answer = gate.sign(&mut twice, "/cabinet/add", "head-b").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("belongs to somebody else"));
}

#[tokio::test]
async fn an_account_without_number_gets_it_by_a_signature() {
    let (gate, _) = gate();
    let id = gate.person_with_password("ТЕСТОВ ТИМУР").await;
    let mut browser = gate.house.sign_in(id).await;
    assert!(browser.go("/cabinet").await.text.contains("IIN is not confirmed yet"));
    browser.go("/cabinet/add").await;
    gate.sign(&mut browser, "/cabinet/add", "person").await;
    let answer = browser.submit("/cabinet/add/number", &[("current", PASSWORD)]).await;
    assert!(
        location(&answer).starts_with("/sign-up/company?proof="),
        "as an entrepreneur, if the person is one"
    );
    let key = gate.key("person");
    let account = gate.house.account(id).await.state;
    assert_eq!((account.iin.as_deref(), account.name.as_str()), (key.iin(), key.full_name()));
    assert_eq!(location(&gate.sign_in(&mut gate.house.browser(), "person").await), "/cabinet");
    assert_eq!(account.since, NOW);
}

#[tokio::test]
async fn who_was_invited_comes_back_to_the_invitation_after_signing_up() {
    let (gate, _) = gate();
    let mut browser = gate.house.browser();
    browser.go("/login?next=%2Finvitation%3Fc%3D1%26i%3D2%26k%3D3").await;
    gate.sign(&mut browser, "/login/certificate", "employee").await;
    assert!(browser.page.contains("After signing up, your invitation opens."), "{}", browser.page);
    assert!(!browser.page.contains("administrator to invite you"), "that was done: {}", browser.page);
    let answer = browser.submit("/sign-up", &ACCOUNT).await;
    assert_eq!(location(&answer), "/invitation?c=1&i=2&k=3");
}

#[tokio::test]
async fn who_wanted_to_sign_in_is_told_that_there_is_no_account_and_may_sign_in_by_password() {
    let (gate, _) = gate();
    let told = "There is no account for this certificate yet.";
    let mut browser = gate.house.browser();
    browser.go("/login").await;
    gate.sign(&mut browser, "/login/certificate", "person").await;
    assert!(browser.page.contains(told) && browser.page.contains("Sign in by password"), "{}", browser.page);
    // Whoever came to sign up knows.
    let mut browser = gate.house.browser();
    browser.go("/sign-up").await;
    gate.sign(&mut browser, "/login/certificate", "person").await;
    assert!(browser.page.contains("Create account") || browser.page.contains("action=\"/sign-up\""));
    assert!(!browser.page.contains(told), "{}", browser.page);
}

#[tokio::test]
async fn the_page_of_a_new_company_asks_for_nothing_that_was_given() {
    let bank = [("iik", "KZ86 125K ZT50 0410 0100"), ("bic", ""), ("kbe", "17"), ("account_kind", "")];
    for (typed, asks) in [(with(&COMPANY, &bank), false), (COMPANY.to_vec(), true)] {
        let (gate, _) = gate();
        let mut browser = at_third_step(&gate, "head").await;
        let answer = browser.submit("/sign-up/company", &typed).await;
        assert!(location(&answer).ends_with("/contract?done=welcome"));
        let bin = gate.key("head").bin().unwrap();
        let welcome = browser.go(&format!("/c/{bin}?done=welcome")).await;
        let next = welcome.text.split("</section>").next().unwrap();
        assert_eq!(next.contains("/bank-accounts/new"), asks, "{next}");
        assert_eq!(next.contains("add a bank account"), asks, "{next}");
        assert!(next.contains("invite your colleagues"), "{next}");
    }
}

#[tokio::test]
async fn a_sign_up_that_died_half_way_is_finished_by_the_next() {
    let (gate, _) = gate();
    let iin = gate.key("person").iin().unwrap();
    let lost = AccountId(0x10_57);
    gate.house.store.claim("iin", iin, lost.to_string().as_bytes(), NOW.0, None).await.unwrap();
    let mut browser = at_second_step(&gate, "person").await;
    assert_eq!(location(&browser.submit("/sign-up", &ACCOUNT).await), "/cabinet?done=welcome");
    assert_eq!(by_iin(&gate.house.site.office, iin).await.unwrap().unwrap().state.id, lost);
    assert_eq!(location(&gate.sign_in(&mut gate.house.browser(), "person").await), "/cabinet");
}

#[tokio::test]
async fn a_company_that_was_listed_and_never_brought_is_brought_by_the_next_try() {
    let (gate, _) = gate();
    let (iin, bin) = (gate.key("head").iin().unwrap(), gate.key("head").bin().unwrap());
    let mut browser = at_third_step(&gate, "head").await;
    let account = by_iin(&gate.house.site.office, iin).await.unwrap().unwrap().state;
    list_company(&gate.house.site.office, account.id, (bin, "ТОО «ТЕСТ АЛЬФА»")).await.unwrap();
    let page = browser.clone().go("/cabinet").await.text;
    assert!(page.contains("You have no organisations yet"), "a list that leads nowhere shows nothing");
    let answer = browser.submit("/sign-up/company", &COMPANY).await;
    assert_eq!(location(&answer), format!("/c/{bin}/contract?done=welcome"));
    assert_eq!(by_iin(&gate.house.site.office, iin).await.unwrap().unwrap().state.companies.len(), 1);
}

#[tokio::test]
async fn every_step_reads_well_in_three_languages() {
    let (gate, _) = gate();
    for (language, label, words) in [
        ("ru", "head", ["Проверка ЭЦП", "Учётная запись", "Юридический адрес"]),
        ("kk", "head-b", ["ЭЦҚ тексеру", "Есептік жазба", "Заңды мекенжай"]),
        ("en", "rsa-head", ["Signature check", "Account", "Legal address"]),
    ] {
        let mut browser = gate.house.browser();
        browser.language = language.into();
        assert!(browser.go("/sign-up").await.text.contains(words[0]));
        gate.sign(&mut browser, "/login/certificate", label).await;
        assert!(browser.page.contains(words[1]) && browser.page.contains("aria-current=\"step\""));
        let answer = browser.submit("/sign-up", &ACCOUNT).await;
        let page = browser.go(&location(&answer)).await.text;
        assert!(page.contains(words[2]) && !page.contains("{ $") && page.len() < 100_000);
        assert_eq!(page.matches("<h1>").count(), 1);
    }
}

#[tokio::test]
async fn a_company_of_the_fleet_file_is_taken_over_by_its_head_alone() {
    let (gate, _) = gate();
    let bin = gate.key("head").bin().unwrap().to_owned();
    let store = &*gate.house.store;
    create(store, &Organisation::titled(&bin, "ТОО «Парк»")).await.unwrap();
    create(store, &samples::register(RegisterId(7), &bin)).await.unwrap();
    let mut signatory = at_second_step(&gate, "accountant").await;
    let answer = signatory.submit("/sign-up", &with(&ACCOUNT, &[("email", "a@example.kz")])).await;
    assert_eq!(location(&answer), "/cabinet?done=ask-head");
    let page = signatory.go("/cabinet?done=ask-head").await.text;
    assert!(page.contains("only its head opens its cabinet"), "{page}");
    let mut head = at_third_step(&gate, "head").await;
    let answer = head.submit("/sign-up/company", &COMPANY).await;
    assert_eq!(location(&answer), format!("/c/{bin}/contract?done=welcome"));
}
