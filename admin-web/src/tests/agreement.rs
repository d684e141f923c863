//! Joining the contract: its text, the application, the signature under it, and what comes of it.

pub(super) mod checks;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_office::papers::may_connect_registers;
use ofd_stand::Key;
use ofd_storage::accounts::Company;
use ofd_storage::accounts::{
    Account, AccountId, AuditAction, CompanyKind, ConfirmedEmail, Paper, PaperState, Role, paper as paper_row,
};
use ofd_storage::papers;

use super::account::code;
use super::login::Gate;
use super::signup::{COMPANY, at_third_step};
use super::support::Answer;
use super::support::people::{Browser, location};
use crate::mail::Sink;
use crate::{Contracts, Mailer};

pub(super) fn gate() -> (Gate, Arc<Sink>) {
    let sink = Arc::new(Sink::default());
    let mailer = Mailer::Sink(Arc::clone(&sink));
    (Gate::with(|config, _| config.people.mailer = mailer), sink)
}

/// Signs up a company with a key as far as the contract; the browser shows it.
async fn at_contract(gate: &Gate, label: &str) -> (Browser, String) {
    let mut browser = at_third_step(gate, label).await;
    let answer = browser.submit("/sign-up/company", &COMPANY).await;
    let page = location(&answer);
    let bin = page.split('/').nth(2).unwrap().to_owned();
    browser.go(&page).await;
    (browser, bin)
}

/// The same as far as the application, with the address confirmed; the browser shows it.
pub(super) async fn at_application(gate: &Gate, sink: &Sink, label: &str) -> (Browser, String) {
    let (mut browser, bin) = at_contract(gate, label).await;
    let letter = code(sink.letters().last().unwrap());
    browser.submit(&format!("/c/{bin}/contract/code"), &[("code", &letter)]).await;
    browser.go(&format!("/c/{bin}/contract")).await;
    let answer = browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    assert_eq!(location(&answer), format!("/c/{bin}/application"));
    browser.go(&location(&answer)).await;
    (browser, bin)
}

/// The bytes that the page has signed.
pub(super) async fn pdf(browser: &Browser) -> Vec<u8> {
    let source = browser.page.split_once("data-source=\"").expect("something to sign").1;
    let source = source.split('"').next().unwrap().to_owned();
    let answer = browser.clone().open(&source).await;
    assert_eq!(answer.headers["content-type"], "application/pdf");
    answer.body.to_vec()
}

async fn send(browser: &mut Browser, bin: &str, cms: &[u8]) -> Answer {
    browser.submit(&format!("/c/{bin}/application"), &[("signature", &STANDARD.encode(cms))]).await
}

/// Signs what the page shows, as NCALayer does, and sends it.
pub(super) async fn sign(gate: &Gate, browser: &mut Browser, bin: &str, key: &Key) -> Answer {
    let cms = key.sign_cms(&pdf(browser).await, false, gate.now(), None);
    send(browser, bin, &cms).await
}

pub(super) fn done(bin: &str, what: &str) -> String {
    format!("/c/{bin}/application?done={what}")
}

pub(super) async fn row(gate: &Gate, bin: &str, number: u32) -> Paper {
    let stream = Company::stream_of(bin).unwrap();
    paper_row(&*gate.house.store, stream, number).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_head_joins_the_contract_in_the_last_two_steps() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_contract(&gate, "head").await;
    let contract = format!("/c/{bin}/contract");
    for part in
        ["<li aria-current=\"step\">Contract</li>", "Application No. 1</li>", "Sample", "Two steps are left"]
    {
        assert!(browser.page.contains(part), "{part}: {}", browser.page);
    }
    assert!(!may_connect_registers(&gate.house.company_of(&bin).await));
    // Not ticked, and the address is not confirmed.
    let answer = browser.submit(&contract, &[]).await;
    assert_eq!(answer.status, 422);
    for text in ["Tick that you have read", "Confirm your e-mail address by the code"] {
        assert!(answer.text.contains(text), "{text}");
    }
    let wrong = browser.submit(&format!("{contract}/code"), &[("code", "000000")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"code-error\">"), "{}", wrong.text);
    let letter = code(&sink.letters()[0]);
    let answer = browser.submit(&format!("{contract}/code"), &[("code", &letter)]).await;
    assert_eq!(location(&answer), format!("{contract}?done=confirmed"));
    browser.go(&location(&answer)).await;
    let twice = browser.clone();
    let answer = browser.submit(&contract, &[("read", "yes")]).await;
    assert_eq!(location(&answer), format!("/c/{bin}/application"));
    browser.go(&location(&answer)).await;
    assert!(browser.page.contains("<li aria-current=\"step\">Application No. 1</li>"));
    // A double click draws up nothing anew.
    twice.clone().submit(&contract, &[("read", "yes")]).await;
    assert_eq!(gate.house.company_of(&bin).await.papers_last, 1);

    let bytes = pdf(&browser).await;
    assert!(bytes.starts_with(b"%PDF-"));
    let answer = sign(&gate, &mut browser, &bin, gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
    let page = browser.go(&location(&answer)).await.text;
    assert!(
        page.contains("The organisation has joined the contract") && !page.contains("data-sign="),
        "{page}"
    );
    let company = gate.house.company_of(&bin).await;
    assert!(may_connect_registers(&company));
    assert_eq!(company.agreement.as_ref().unwrap().paper, 1);
    let actions: Vec<AuditAction> = gate.house.audit(&bin).await.iter().map(|row| row.action).collect();
    use AuditAction::{CompanyCreated, ContractRead, Joined, PaperDrawn, PaperValid, PersonChanged};
    assert_eq!(actions, [PaperValid, PaperDrawn, ContractRead, PersonChanged, Joined, CompanyCreated]);
    // What is kept is what was looked at, with the signature under it.
    assert_eq!(papers::pdf(&*gate.house.store, &bin, 1).await.unwrap().unwrap(), bytes);
    let cms = browser.open(&format!("/c/{bin}/papers/1/signature.cms")).await;
    assert!(cms.status == 200 && cms.headers["content-disposition"].to_str().unwrap().contains("attachment"));
    let audit = browser.go(&format!("/c/{bin}/audit")).await.text;
    assert!(audit.contains("Application signed") && audit.contains(gate.key("head").full_name()), "{audit}");
    assert!(!browser.go(&format!("/c/{bin}")).await.text.contains("Read the contract and sign"));
}

#[tokio::test]
async fn until_then_one_looks_around_under_a_banner_and_comes_back_from_any_browser() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_contract(&gate, "head").await;
    let home = browser.go(&format!("/c/{bin}")).await.text;
    assert!(home.contains("no cash register is connected before"), "{home}");
    let link = format!("href=\"/c/{bin}/contract\"");
    assert!(home.contains(&link) && browser.go("/cabinet").await.text.contains(&link));
    // On another browser, after signing in anew, it goes on where it was left.
    let mut other = gate.house.browser();
    gate.sign_in(&mut other, "head").await;
    assert!(other.go("/cabinet").await.text.contains(&link));
    let (mut browser, bin) = (other, bin);
    browser.go(&format!("/c/{bin}/contract")).await;
    let letter = code(&sink.letters()[0]);
    browser.submit(&format!("/c/{bin}/contract/code"), &[("code", &letter)]).await;
    browser.go(&format!("/c/{bin}/contract")).await;
    browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    assert!(browser.go("/cabinet").await.text.contains(&format!("href=\"/c/{bin}/application\"")));
    let page = browser.go(&format!("/c/{bin}/employees")).await.text;
    assert!(page.contains("Sign Application No. 1"), "the banner stands above every page: {page}");
    // Who only reads is told, and led nowhere.
    let reader = gate.house.person("ОҚЫРМАН").await;
    gate.house
        .change_company(&bin, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.roles) = (reader, vec![Role::Reader]);
            company.members.push(member);
        })
        .await;
    let mut reads = gate.house.sign_in(reader).await;
    let page = reads.go(&format!("/c/{bin}")).await.text;
    assert!(page.contains("Sign Application No. 1") && !page.contains("Go to signing"), "{page}");
    let page = reads.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("application.pdf") && !page.contains("data-sign="), "{page}");
}

#[tokio::test]
async fn whoever_may_not_sign_is_told_why_and_nothing_is_kept() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    let before = gate.house.company_of(&bin).await;
    for (label, why) in [
        ("employee", "an employee without the right to sign"),
        ("head-b", "the key of another organisation"),
        ("same-person-other-company", "the key of another organisation"),
        ("person", "a personal key"),
        ("accountant", "another person than the application names"),
        ("expired", "The certificate has expired"),
        ("not-yet", "not valid yet"),
        ("revoked", "The certificate was revoked"),
        ("wrong-purpose", "not meant for signing"),
        ("self-signed", "not issued by the National"),
    ] {
        let answer = sign(&gate, &mut browser, &bin, gate.key(label)).await;
        assert_eq!(answer.status, 422, "{label}: {}", answer.text);
        assert!(answer.text.contains(why), "{label}: {why:?} is not in {}", answer.text);
    }
    let bytes = pdf(&browser).await;
    let head = gate.key("head");
    let attached_other = head.sign_cms(b"another document", false, gate.now(), None);
    for (cms, why) in [
        (attached_other, "under another document"),
        (b"no file".to_vec(), "no CMS signature file"),
        (Vec::new(), "No signature came"),
        (head.sign_cms(&bytes[..bytes.len() - 1], false, gate.now(), None), "under another document"),
    ] {
        let answer = send(&mut browser, &bin, &cms).await;
        assert!(answer.status == 422 && answer.text.contains(why), "{why:?} is not in {}", answer.text);
    }
    for language in ["ru", "kk"] {
        browser.language = language.into();
        let text = if language == "ru" {
            "без права подписи"
        } else {
            "қол қою құқығы жоқ"
        };
        let answer = sign(&gate, &mut browser, &bin, gate.key("employee")).await;
        assert!(answer.status == 422 && answer.text.contains(text), "{language}: {}", answer.text);
    }
    assert_eq!(gate.house.company_of(&bin).await, before, "nothing is kept of any of them");
    // And nothing is lost by it.
    assert_eq!(location(&sign(&gate, &mut browser, &bin, head).await), done(&bin, "valid"));
}

#[tokio::test]
async fn a_person_with_the_right_to_sign_and_an_entrepreneur_sign_as_such() {
    let (gate, sink) = gate();
    let with_head = [&COMPANY[..], &[("head_name", "ТЕСТОВ АРМАН")]].concat();
    let mut browser = at_third_step(&gate, "accountant").await;
    let page = location(&browser.submit("/sign-up/company", &with_head).await);
    let bin = page.split('/').nth(2).unwrap().to_owned();
    browser.go(&page).await;
    let letter = code(sink.letters().last().unwrap());
    browser.submit(&format!("/c/{bin}/contract/code"), &[("code", &letter)]).await;
    browser.go(&format!("/c/{bin}/contract")).await;
    browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("person with the right to sign</dd>"), "{page}");
    let answer = sign(&gate, &mut browser, &bin, gate.key("accountant")).await;
    assert_eq!(location(&answer), done(&bin, "valid"));

    let mut browser = super::signup::at_second_step(&gate, "entrepreneur").await;
    let account =
        [&super::signup::ACCOUNT[..], &[("entrepreneur", "yes"), ("email", "aliya@example.kz")]].concat();
    let account: Vec<_> = account.into_iter().filter(|field| *field != super::signup::ACCOUNT[0]).collect();
    let page = location(&browser.submit("/sign-up", &account).await);
    browser.go(&page).await;
    let page = location(&browser.submit("/sign-up/company", &COMPANY).await);
    let iin = page.split('/').nth(2).unwrap().to_owned();
    browser.go(&page).await;
    let letter = code(sink.letters().last().unwrap());
    browser.submit(&format!("/c/{iin}/contract/code"), &[("code", &letter)]).await;
    browser.go(&format!("/c/{iin}/contract")).await;
    browser.submit(&format!("/c/{iin}/contract"), &[("read", "yes")]).await;
    browser.go(&format!("/c/{iin}/application")).await;
    let other = sign(&gate, &mut browser, &iin, gate.key("person")).await;
    assert!(other.text.contains("another person than the application names"), "{}", other.text);
    let answer = sign(&gate, &mut browser, &iin, gate.key("entrepreneur")).await;
    assert_eq!(location(&answer), done(&iin, "valid"));
    assert_eq!(gate.house.company_of(&iin).await.kind, CompanyKind::Entrepreneur);
}

#[tokio::test]
async fn a_paper_opened_in_two_windows_is_signed_once() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    let mut other = browser.clone();
    let again = browser.clone();
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
    let rows = gate.house.audit(&bin).await.len();
    let answer = sign(&gate, &mut other, &bin, gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "already"));
    let page = other.go(&location(&answer)).await.text;
    assert!(page.contains("is signed already") && page.contains("has joined the contract"), "{page}");
    assert_eq!(gate.house.audit(&bin).await.len(), rows);
    // Even later, when the company's next paper has pushed it out of the company's head.
    gate.house.change_company(&bin, |company| company.papers.clear()).await;
    let answer = sign(&gate, &mut again.clone(), &bin, gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "already"));
}

#[tokio::test]
async fn what_changed_between_look_and_signature_is_drawn_up_anew_and_the_signature_is_not_taken() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    let first = pdf(&browser).await;
    let mut late = browser.clone();
    gate.house.change_company(&bin, |company| company.profile.phones = "+77010000001".into()).await;
    let answer = sign(&gate, &mut browser, &bin, gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "changed"));
    let page = browser.go(&location(&answer)).await.text;
    assert!(page.contains("was not accepted and not kept") && page.contains("data-sign="), "{page}");
    let company = gate.house.company_of(&bin).await;
    assert_eq!((company.papers_last, company.agreement.clone()), (2, None));
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::Replaced { .. }));
    assert!(matches!(row(&gate, &bin, 2).await.state, PaperState::DrawnUp));
    let second = pdf(&browser).await;
    assert_ne!(first, second);
    // Another window still has the first one, and the signature over it comes late.
    let cms = gate.key("head").sign_cms(&first, false, gate.now(), None);
    assert_eq!(location(&send(&mut late, &bin, &cms).await), done(&bin, "changed"));
    assert_eq!(gate.house.company_of(&bin).await.papers_last, 2, "the second one says what is so");
    // The page itself tells when what it shows is out of date, and draws it up anew at a click.
    gate.house.change_company(&bin, |company| company.profile.phones = "+7 701 000 0000".into()).await;
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("has changed since") && !page.contains("data-sign="), "{page}");
    browser.submit(&format!("/c/{bin}/application/new"), &[]).await;
    browser.go(&format!("/c/{bin}/application")).await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
    assert_eq!(gate.house.company_of(&bin).await.agreement.unwrap().paper, 3);
}

#[tokio::test]
async fn a_certificate_that_signs_in_another_capacity_has_the_application_drawn_up_anew() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    gate.house.change_company(&bin, |company| company.profile.head = Default::default()).await;
    browser.go(&format!("/c/{bin}/application")).await;
    browser.submit(&format!("/c/{bin}/application/new"), &[]).await;
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("person with the right to sign</dd>"), "{page}");
    let answer = sign(&gate, &mut browser, &bin, gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "capacity"));
    let page = browser.go(&location(&answer)).await.text;
    assert!(page.contains("first head</dd>") && page.contains("in another capacity"), "{page}");
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
}

#[tokio::test]
async fn somebody_else_signs_an_application_in_the_own_name() {
    let (gate, sink) = gate();
    let (_, bin) = at_application(&gate, &sink, "head").await;
    // The accountant of the same company, who may sign, and who was invited.
    let accountant = gate.known("accountant").await;
    let since = gate.house.now();
    let confirmed = || Some(ConfirmedEmail { address: "a@example.kz".into(), since });
    let change = gate.house.site.office.change_account(accountant, |account| {
        Ok((Some((Account { email: confirmed(), ..account.clone() }, Vec::new())), ()))
    });
    change.await.unwrap();
    gate.house
        .change_company(&bin, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.roles) = (accountant, vec![Role::Accountant]);
            company.members.push(member);
        })
        .await;
    let mut browser = gate.house.sign_in(accountant).await;
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains(&format!("names {} as signing it", gate.key("head").full_name())), "{page}");
    browser.submit(&format!("/c/{bin}/application/new"), &[]).await;
    browser.go(&format!("/c/{bin}/application")).await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("accountant")).await), done(&bin, "valid"));
    // Who has no number on the site cannot be named.
    let (gate, sink) = self::gate();
    let (_, bin) = at_application(&gate, &sink, "head").await;
    let guest = gate.house.person_with("ҚОНАҚ", |account| account.email = confirmed()).await;
    gate.house
        .change_company(&bin, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.roles) = (guest, vec![Role::Administrator]);
            company.members.push(member);
        })
        .await;
    let mut browser = gate.house.sign_in(guest).await;
    browser.go(&format!("/c/{bin}/application")).await;
    let answer = browser.submit(&format!("/c/{bin}/application/new"), &[]).await;
    assert_eq!(location(&answer), done(&bin, "no-number"));
    assert!(browser.go(&location(&answer)).await.text.contains("whose IIN a certificate has proved"));
}

#[tokio::test]
async fn a_session_that_ends_on_the_way_loses_nothing() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_contract(&gate, "head").await;
    let letter = code(&sink.letters()[0]);
    browser.submit(&format!("/c/{bin}/contract/code"), &[("code", &letter)]).await;
    browser.go(&format!("/c/{bin}/contract")).await;
    let session = browser.cookies.remove("__Host-ofd").unwrap();
    let answer = browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    let back = location(&answer);
    assert!(back.starts_with("/login?next=") && back.contains("done=kept"), "{back}");
    browser.cookies.insert("__Host-ofd".into(), session);
    let next = form_urlencoded::parse(back.split_once('?').unwrap().1.as_bytes())
        .find(|(name, _)| name == "next")
        .unwrap()
        .1
        .into_owned();
    let page = browser.go(&next).await.text;
    assert!(page.contains("name=\"read\" value=\"yes\" checked"), "{page}");
    browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    browser.go(&format!("/c/{bin}/application")).await;
    // A signature is made anew, on the page that it was made for.
    let session = browser.cookies.remove("__Host-ofd").unwrap();
    let cms = gate.key("head").sign_cms(b"whatever", false, gate.now(), None);
    let back = location(&send(&mut browser, &bin, &cms).await);
    assert_eq!(back, format!("/login?next=%2Fc%2F{bin}%2Fapplication&done=ended"));
    browser.cookies.insert("__Host-ofd".into(), session);
    browser.go(&format!("/c/{bin}/application")).await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
}

#[tokio::test]
async fn a_letter_that_does_not_go_is_said_and_where_none_can_go_none_is_asked_for() {
    // No letters at all: the address cannot be confirmed, and nobody is kept from joining.
    let gate = Gate::open();
    let (mut browser, bin) = at_contract(&gate, "head").await;
    assert!(!browser.page.contains("name=\"code\""), "{}", browser.page);
    let answer = browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    assert_eq!(location(&answer), format!("/c/{bin}/application"));
}

/// A folder with versions of the contract: name, first day, a clause.
fn versions(list: &[(&str, &str, &str)]) -> Contracts {
    let folder = tempfile::tempdir().unwrap();
    for (name, day, clause) in list {
        let texts = ["ru", "kk"]
            .map(|code| format!("[{code}]\n# Договор\n## 1. Предмет\n1.1. Одно и то же.\n1.2. {clause}\n"));
        let text = format!("version: {name}\nbegins on: {day}\n\n{}", texts.join("\n"));
        std::fs::write(folder.path().join(format!("{name}.txt")), text).unwrap();
    }
    Contracts::read(folder.path()).unwrap()
}

#[tokio::test]
async fn a_later_version_is_shown_with_what_changed_and_joined_by_a_signature_and_stops_nothing() {
    let contracts = versions(&[("v1", "2026-01-01", "Прежний срок."), ("v2", "2026-01-23", "Новый срок.")]);
    let gate = Gate::with(|config, _| config.people.contracts = contracts);
    let (mut browser, bin) = at_contract(&gate, "head").await;
    assert!(browser.page.contains("Version v1") && !browser.page.contains("What changed"));
    browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    browser.go(&format!("/c/{bin}/application")).await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
    // The next day begins in seven hours.
    gate.house.wait(7 * 3600);
    let mut browser = gate.house.browser();
    gate.sign_in(&mut browser, "head").await;
    let page = browser.go(&format!("/c/{bin}")).await.text;
    assert!(page.contains("A new version of the contract is in force"), "{page}");
    assert!(may_connect_registers(&gate.house.company_of(&bin).await), "nothing stops");
    let page = browser.go(&format!("/c/{bin}/contract")).await.text;
    for part in [
        "Version v2",
        "has joined version v1",
        "<del>1.2. Прежний срок.</del>",
        "<ins>1.2. Новый срок.</ins>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert_eq!(page.matches("Одно и то же").count(), 1, "what stays is no change");
    let stale = browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes"), ("version", "v1")]).await;
    assert_eq!(location(&stale), format!("/c/{bin}/contract?done=unread"));
    browser.go(&format!("/c/{bin}/contract")).await;
    browser.submit(&format!("/c/{bin}/contract"), &[("read", "yes")]).await;
    browser.go(&format!("/c/{bin}/application")).await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
    let agreement = gate.house.company_of(&bin).await.agreement.unwrap();
    assert_eq!((agreement.version.as_str(), agreement.paper), ("v2", 2));
    assert!(!browser.go(&format!("/c/{bin}")).await.text.contains("A new version of the contract"));
}

#[tokio::test]
async fn a_company_of_the_fleet_file_is_taken_over_keeps_its_registers_and_is_asked_for_the_application() {
    let (gate, sink) = gate();
    let bin = gate.key("head").bin().unwrap().to_owned();
    gate.house.blocked_register(&bin).await;
    let (browser, same) = at_application(&gate, &sink, "head").await;
    assert_eq!(same, bin);
    let mut browser = browser;
    let id = super::support::ID;
    let (_, register) = ofd_storage::model::load::<ofd_storage::model::RegisterRecord>(
        &*gate.house.store,
        &ofd_storage::model::register_key(id),
    )
    .await
    .unwrap()
    .unwrap();
    assert_eq!(register.bin, bin, "its registers are still its own");
    assert!(!may_connect_registers(&gate.house.company_of(&bin).await));
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
    assert!(may_connect_registers(&gate.house.company_of(&bin).await));
}

#[tokio::test]
async fn papers_of_another_company_are_nowhere() {
    let (gate, sink) = gate();
    let (browser, bin) = at_application(&gate, &sink, "head").await;
    let stranger: AccountId = gate.house.person("БӨТЕН").await;
    gate.house.company("990940003176", "ТОО «Басқа»", &[(stranger, &[Role::Administrator])]).await;
    let mut other = gate.house.sign_in(stranger).await;
    for path in ["application", "contract", "papers/1/application.pdf", "papers/1/signature.cms"] {
        assert_eq!(other.open(&format!("/c/{bin}/{path}")).await.status, 404, "{path}");
        if path.starts_with("papers") {
            assert_eq!(other.open(&format!("/c/990940003176/{path}")).await.status, 404, "{path}");
        }
    }
    let mut browser = browser;
    for number in ["0", "2", "4294967295", "x", "-1"] {
        let path = format!("/c/{bin}/papers/{number}/application.pdf");
        assert_eq!(browser.open(&path).await.status, 404, "{number}");
    }
    let unsigned = browser.open(&format!("/c/{bin}/papers/1/signature.cms")).await;
    assert_eq!(unsigned.status, 404, "nobody has signed it");
}

#[tokio::test]
async fn whoever_signs_has_confirmed_an_address_also_when_somebody_else_has_read_the_contract() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    // Whoever read the contract is another person, and this one's address is not confirmed.
    let account = gate.house.company_of(&bin).await.members[0].account;
    let office = &gate.house.site.office;
    let confirmed = gate.house.account(account).await.state.email.unwrap();
    let without = |account: &Account| Account { email: None, ..account.clone() };
    office.change_account(account, |account| Ok((Some((without(account), Vec::new())), ()))).await.unwrap();
    let (before, to) = (browser.clone(), format!("/c/{bin}/contract?done=confirm"));
    let answer = sign(&gate, &mut browser, &bin, gate.key("head")).await;
    assert_eq!(location(&answer), to);
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::DrawnUp), "nothing is signed");
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains(&to) && !page.contains("data-sign="), "{page}");
    assert!(browser.go(&to).await.text.contains("confirm your own e-mail address"));
    let with = |account: &Account| Account { email: Some(confirmed.clone()), ..account.clone() };
    office.change_account(account, |account| Ok((Some((with(account), Vec::new())), ()))).await.unwrap();
    let mut browser = before;
    let answer = sign(&gate, &mut browser, &bin, gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
}
