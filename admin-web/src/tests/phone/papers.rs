//! Papers signed by an app on a phone: Application No. 1, as every other.

use std::sync::Arc;

use ofd_storage::accounts::{PaperKind, PaperState, Role};
use ofd_storage::papers;

use super::super::agreement::{at_application, done, gate, pdf, row, sign};
use super::super::registrations::Joined;
use super::*;
use crate::mail::Sink;

/// A company whose application is there to be signed: the browser of its head shows it.
async fn head() -> (Gate, Arc<Sink>, Browser, String) {
    let (gate, sink) = gate();
    let (browser, bin) = at_application(&gate, &sink, "head").await;
    (gate, sink, browser, bin)
}

/// Goes from the application to the page that waits for a phone, and says where that is.
async fn asks_for(browser: &mut Browser, bin: &str) -> String {
    browser.go(&format!("/c/{bin}/application")).await;
    let waiting = location(&browser.submit(&format!("/c/{bin}/application/phone"), &[]).await);
    assert!(waiting.starts_with(&format!("/c/{bin}/application/phone?")), "{waiting}");
    browser.go(&waiting).await;
    waiting
}

async fn confirm(browser: &mut Browser, waiting: &str, bin: &str) -> Answer {
    browser.go(waiting).await;
    browser.submit(&format!("/c/{bin}/application"), &[]).await
}

#[tokio::test]
async fn a_paper_is_signed_on_a_phone_over_exactly_its_bytes_and_confirmed_on_its_page() {
    let (gate, _sink, mut browser, bin) = head().await;
    let bytes = pdf(&browser).await;
    let waiting = asks_for(&mut browser, &bin).await;
    assert_eq!(header_of(&browser.open(&waiting).await, "refresh"), "4", "it looks again without a script");
    assert!(browser.page.contains(&format!("Application No. 1, {bin}-1")), "{}", browser.page);
    let phone = Phone::scan(&gate, &browser);
    let described = phone.call("GET", &phone.address, "").await.json();
    let text = described["description"].as_str().unwrap();
    for part in ["Подписание документа: Заявка № 1", "№ 1 өтінім", &bin] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let documents = phone.documents().await;
    assert_eq!(documents["signMethod"], "CMS_SIGN_ONLY", "the signature stands beside the paper");
    let file = &documents["documentsToSign"][0]["document"]["file"];
    assert_eq!(file["mime"], "@file/pdf");
    assert_eq!(STANDARD.decode(file["data"].as_str().unwrap()).unwrap(), bytes);
    assert_eq!(phone.bring(&phone.signed(documents, "head")).await.status, 200);
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::DrawnUp), "nothing happens by itself");

    let page = browser.go(&waiting).await;
    assert!(page.text.contains(gate.key("head").full_name()), "{}", page.text);
    let answer = browser.submit(&format!("/c/{bin}/application"), &[]).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
    assert_eq!(gate.house.company_of(&bin).await.agreement.unwrap().paper, 1);
    let state = row(&gate, &bin, 1).await.state;
    let hash = &state.signature().unwrap().cms_hash;
    assert!(papers::cms(&*gate.house.store, (&bin, 1), hash).await.unwrap().is_some());
}

#[tokio::test]
async fn who_refuses_a_paper_on_the_phone_signs_it_later_by_either_way() {
    let (gate, _sink, mut browser, bin) = head().await;
    let waiting = asks_for(&mut browser, &bin).await;
    let phone = Phone::scan(&gate, &browser);
    assert_eq!(phone.bring(&json!({"status": "CANCELED"})).await.status, 200);
    let page = browser.go(&waiting).await.text;
    let back = format!("href=\"/c/{bin}/application\"");
    assert!(page.contains("On the phone it was refused") && page.contains(&back), "{page}");
    assert_eq!(phone.sign("head").await.status, 403);
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::DrawnUp));
    browser.go(&format!("/c/{bin}/application")).await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
}

#[tokio::test]
async fn a_slow_phone_is_waited_for_as_long_as_its_request_holds() {
    let (gate, _sink, mut browser, bin) = head().await;
    let waiting = asks_for(&mut browser, &bin).await;
    let phone = Phone::scan(&gate, &browser);
    let documents = phone.documents().await;
    gate.house.wait(14 * 60);
    assert!(browser.go(&waiting).await.text.contains("The phone has the request"));
    assert_eq!(phone.bring(&phone.signed(documents.clone(), "head")).await.status, 200);
    browser.go(&waiting).await;
    gate.house.wait(60);
    // Signed in time, confirmed too late.
    phone.bring(&documents).await.problem(404);
    let late = browser.submit(&format!("/c/{bin}/application"), &[]).await;
    assert!(late.status == 422 && late.text.contains("its time is over"), "{}", late.text);
    assert!(browser.go(&waiting).await.text.contains("its time is over"));
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::DrawnUp));
    let waiting = asks_for(&mut browser, &bin).await;
    Phone::scan(&gate, &browser).sign("head").await;
    assert_eq!(location(&confirm(&mut browser, &waiting, &bin).await), done(&bin, "valid"));
}

#[tokio::test]
async fn a_paper_that_is_brought_and_confirmed_twice_is_signed_once() {
    let (gate, _sink, mut browser, bin) = head().await;
    let waiting = asks_for(&mut browser, &bin).await;
    let phone = Phone::scan(&gate, &browser);
    let brought = phone.signed(phone.documents().await, "head");
    for _ in 0..2 {
        assert_eq!(phone.bring(&brought).await.status, 200);
    }
    browser.go(&waiting).await;
    let mut double = browser.clone();
    let answer = browser.submit(&format!("/c/{bin}/application"), &[]).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
    let rows = gate.house.audit(&bin).await.len();
    let again = double.submit(&format!("/c/{bin}/application"), &[]).await;
    assert_eq!(location(&again), done(&bin, "already"));
    assert_eq!(gate.house.audit(&bin).await.len(), rows);
    assert!(browser.go(&waiting).await.text.contains("was signed and confirmed"));
    // A page from before offers it still, and leads to what became of it.
    let mut late = double;
    late.go(&format!("/c/{bin}/application")).await;
    assert!(!late.page.contains("/application/phone"), "{}", late.page);
}

#[tokio::test]
async fn the_key_of_somebody_else_is_named_on_the_page_and_signs_nothing() {
    let (gate, _sink, mut browser, bin) = head().await;
    let waiting = asks_for(&mut browser, &bin).await;
    let phone = Phone::scan(&gate, &browser);
    for label in ["wrong-purpose", "revoked", "expired", "self-signed"] {
        assert_eq!(phone.sign(label).await.status, 403, "{label}");
    }
    let mut documents = phone.documents().await;
    let cms = gate.key("head").sign_cms(b"another paper", false, gate.now(), None);
    documents["documentsToSign"][0]["document"]["file"]["data"] = Value::String(STANDARD.encode(cms));
    assert_eq!(phone.bring(&documents).await.status, 403);
    assert!(browser.go(&waiting).await.text.contains("The phone has the request"));
    for (label, why) in [
        ("head-b", "the key of another organisation"),
        ("person", "a personal key"),
        ("employee", "an employee without the right to sign"),
        ("accountant", "another person than the application names"),
    ] {
        let waiting = asks_for(&mut browser, &bin).await;
        assert_eq!(Phone::scan(&gate, &browser).sign(label).await.status, 200, "{label}");
        let page = browser.go(&waiting).await.text;
        assert!(page.contains(gate.key(label).full_name()), "{label}: {page}");
        let answer = browser.submit(&format!("/c/{bin}/application"), &[]).await;
        assert!(answer.status == 422 && answer.text.contains(why), "{label}: {why}: {}", answer.text);
    }
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::DrawnUp));
}

#[tokio::test]
async fn what_changed_while_the_phone_signed_is_drawn_up_anew_and_the_signature_is_not_taken() {
    let (gate, _sink, mut browser, bin) = head().await;
    let mut late = browser.clone();
    let waiting = asks_for(&mut browser, &bin).await;
    Phone::scan(&gate, &browser).sign("head").await;
    gate.house.change_company(&bin, |company| company.profile.phones = "+77010000001".into()).await;
    assert_eq!(location(&confirm(&mut browser, &waiting, &bin).await), done(&bin, "changed"));
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::Replaced { .. }));
    assert!(matches!(row(&gate, &bin, 2).await.state, PaperState::DrawnUp));
    // What the phone signed is of no use under the new one.
    browser.go(&waiting).await;
    browser.go(&format!("/c/{bin}/application")).await;
    let hidden = browser.hidden(&format!("/c/{bin}/application"));
    let of = |name: &str| hidden.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let secret = form_urlencoded::parse(waiting.split_once('?').unwrap().1.as_bytes())
        .find(|(name, _)| name == "s")
        .unwrap()
        .1
        .into_owned();
    let fields = [("phone", secret.as_str()), ("mark", "x"), ("paper", &of("paper"))];
    let answer = browser.submit(&format!("/c/{bin}/application"), &fields).await;
    assert!(answer.status == 422 && answer.text.contains("its time is over"), "{}", answer.text);
    // A page that shows the one of before asks for nothing, and leads to the one of now.
    let answer = late.submit(&format!("/c/{bin}/application/phone"), &[]).await;
    assert_eq!(location(&answer), format!("/c/{bin}/application"));
    let waiting = asks_for(&mut browser, &bin).await;
    Phone::scan(&gate, &browser).sign("head").await;
    assert_eq!(location(&confirm(&mut browser, &waiting, &bin).await), done(&bin, "valid"));
}

#[tokio::test]
async fn a_session_that_ends_while_the_phone_signs_takes_the_request_along() {
    let (gate, _sink, mut browser, bin) = head().await;
    let waiting = asks_for(&mut browser, &bin).await;
    Phone::scan(&gate, &browser).sign("head").await;
    browser.go(&waiting).await;
    let mut shown = browser.clone();
    shown.cookies.remove("__Host-ofd");
    let back = location(&shown.submit(&format!("/c/{bin}/application"), &[]).await);
    assert_eq!(back, format!("/login?next=%2Fc%2F{bin}%2Fapplication&done=ended"));
    assert_eq!(shown.open(&waiting).await.status, 303, "the page that waits is the person's");
    // Another session of the same person, and another person of the company.
    let mut other = gate.house.browser();
    gate.sign_in(&mut other, "head").await;
    let accountant = gate.known("accountant").await;
    gate.house
        .change_company(&bin, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.roles) = (accountant, vec![Role::Accountant]);
            company.members.push(member);
        })
        .await;
    let mut colleague = gate.house.sign_in(accountant).await;
    for browser in [&mut other, &mut colleague] {
        let page = browser.go(&waiting).await.text;
        assert!(page.contains("belongs to another visit"), "{page}");
        assert!(!page.contains(gate.key("head").iin().unwrap()), "{page}");
    }
    assert!(matches!(row(&gate, &bin, 1).await.state, PaperState::DrawnUp));
    let waiting = asks_for(&mut other, &bin).await;
    Phone::scan(&gate, &other).sign("head").await;
    assert_eq!(location(&confirm(&mut other, &waiting, &bin).await), done(&bin, "valid"));
}

#[tokio::test]
async fn who_is_of_another_company_has_none_of_its_papers_signed() {
    let (gate, _sink, mut browser, bin) = head().await;
    let stranger = gate.house.person("БӨТЕН").await;
    gate.house.company("990940003176", "ТОО «Басқа»", &[(stranger, &[Role::Administrator])]).await;
    let mut other = gate.house.sign_in(stranger).await;
    let waiting = asks_for(&mut browser, &bin).await;
    assert_eq!(other.open(&waiting).await.status, 404);
    other.go("/cabinet").await;
    let hash = row(&gate, &bin, 1).await.pdf_hash;
    let csrf = other.hidden("/sign-out");
    let (_, csrf) = csrf.iter().find(|(name, _)| name == "csrf").unwrap();
    for (own, status) in [(bin.as_str(), 404), ("990940003176", 303)] {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("csrf", csrf.as_str()), ("paper", "1"), ("pdf_hash", &hash)])
            .finish();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let answer = other.send("POST", &format!("/c/{own}/application/phone"), &kind, body).await;
        assert_eq!(answer.status, status, "{own}");
        if status == 303 {
            assert_eq!(location(&answer), format!("/c/{own}/application"), "there is nothing to sign");
        }
    }
}

#[tokio::test]
async fn without_tls_papers_are_not_signed_by_phone() {
    let sink = Arc::new(Sink::default());
    let mailer = crate::Mailer::Sink(Arc::clone(&sink));
    let gate = Gate::with(|config, _| {
        config.public_url = "http://ofd.example".into();
        config.people.mailer = mailer;
    });
    let (browser, _) = at_application(&gate, &sink, "head").await;
    assert!(
        browser.page.contains("data-sign=") && !browser.page.contains("/application/phone"),
        "{}",
        browser.page
    );
}

#[tokio::test]
async fn application_no_2_is_signed_on_a_phone_and_registers_the_register() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let at = format!("/c/{}/registrations/{id}", joined.bin);
    let bytes = pdf(&joined.browser).await;
    let ask = format!("{at}/phone");
    let mut browser = joined.browser.clone();
    let waiting = location(&browser.submit(&ask, &[]).await);
    assert!(waiting.starts_with(&format!("{ask}?")), "{waiting}");
    browser.go(&waiting).await;
    // Somebody else's key registers nothing.
    let number = joined.kept(id).await.paper.unwrap().number;
    Phone::scan(&joined.gate, &browser).sign("head-b").await;
    browser.go(&waiting).await;
    let answer = browser.submit(&at, &[]).await;
    assert!(
        answer.status == 422 && answer.text.contains("the key of another organisation"),
        "{}",
        answer.text
    );
    assert!(matches!(row(&joined.gate, &joined.bin, number).await.state, PaperState::DrawnUp));

    browser.go(&at).await;
    let waiting = location(&browser.submit(&ask, &[]).await);
    browser.go(&waiting).await;
    let phone = Phone::scan(&joined.gate, &browser);
    let documents = phone.documents().await;
    assert_eq!(documents["signMethod"], "CMS_SIGN_ONLY");
    let data = documents["documentsToSign"][0]["document"]["file"]["data"].as_str().unwrap();
    assert_eq!(STANDARD.decode(data).unwrap(), bytes, "over exactly the bytes that were shown");
    assert_eq!(phone.bring(&phone.signed(documents, "head")).await.status, 200);
    assert!(!joined.kept(id).await.is_registered(), "nothing happens by itself");
    browser.go(&waiting).await;
    let mut double = browser.clone();
    let answer = browser.submit(&at, &[]).await;
    assert_eq!(location(&answer), format!("{at}?done=registered"));
    assert_eq!(location(&double.submit(&at, &[]).await), format!("{at}?done=already"));
    let kept = joined.kept(id).await;
    let paper = kept.paper.as_ref().unwrap();
    assert!(kept.is_registered() && paper.kind == PaperKind::ApplicationTwo, "{kept:?}");
    let hash = &paper.state.signature().unwrap().cms_hash;
    let about = (joined.bin.as_str(), paper.number);
    assert!(papers::cms(&*joined.gate.house.store, about, hash).await.unwrap().is_some());
}
