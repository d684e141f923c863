//! Signing in and up by an app on a phone, and what strangers try with it.

mod papers;

use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_office::phone_signing::{CALL_LEN_MAX, CALLS_MAX};
use ofd_storage::accounts::AuditAction;
use serde_json::{Value, json};

use super::login::Gate;
use super::support::people::{Browser, location};
use super::support::{Answer, header_of, send};
use crate::Limits;
use crate::budget::ClientAddress;

/// Somebody's phone: it has no cookie.
struct Phone<'a> {
    gate: &'a Gate,
    address: String,
    from: [u8; 4],
}

impl<'a> Phone<'a> {
    /// Scans the code of the page that a browser shows.
    fn scan(gate: &'a Gate, browser: &Browser) -> Self {
        let link = browser.page.split("link=").nth(1).expect("the page has a link to the app");
        let link = link.split(['&', '"']).next().unwrap();
        let pairs = form_urlencoded::parse(link.as_bytes()).next().unwrap();
        let address = pairs.0.strip_prefix("https://ofd.example").unwrap().to_owned();
        Self { gate, address, from: [10, 0, 0, 9] }
    }

    async fn call(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let address = ClientAddress(self.from.into());
        let request = Request::builder().method(method).uri(path).extension(address);
        send(&self.gate.house.router, request.body(body.into()).unwrap()).await
    }

    async fn documents(&self) -> Value {
        let described = self.call("GET", &self.address, "").await;
        assert_eq!(described.status, 200, "{}", described.text);
        let uri = described.json()["document"]["uri"].as_str().unwrap().to_owned();
        let read = self.call("GET", uri.strip_prefix("https://ofd.example").unwrap(), "").await;
        assert_eq!(read.status, 200, "{}", read.text);
        read.json()
    }

    async fn bring(&self, what: &Value) -> Answer {
        self.call("PUT", &format!("{}/documents", self.address), what.to_string()).await
    }

    /// Reads, signs with a key and brings it.
    async fn sign(&self, label: &str) -> Answer {
        let documents = self.documents().await;
        self.bring(&self.signed(documents, label)).await
    }

    /// What was read, with a signature in the place of the document.
    fn signed(&self, mut documents: Value, label: &str) -> Value {
        let is_attached = documents["signMethod"] == "CMS_WITH_DATA";
        let data = &mut documents["documentsToSign"][0]["document"]["file"]["data"];
        let text = STANDARD.decode(data.as_str().unwrap()).unwrap();
        let cms = self.gate.key(label).sign_cms(&text, is_attached, self.gate.now(), None);
        *data = Value::String(STANDARD.encode(cms));
        documents
    }
}

/// Goes from a page of signing to the one that waits for a phone, and says where that is.
async fn asks(browser: &mut Browser, page: &str) -> String {
    browser.go(page).await;
    let waiting = location(&browser.submit("/login/phone", &[]).await).to_owned();
    assert!(waiting.starts_with("/login/phone?"), "{waiting}");
    browser.go(&waiting).await;
    waiting
}

#[tokio::test]
async fn who_has_an_account_signs_in_by_a_phone_and_confirms_it_on_the_page() {
    let gate = Gate::open();
    let id = gate.known("person").await;
    let mut browser = gate.house.browser();
    let waiting = asks(&mut browser, "/login").await;
    let answer = browser.open(&waiting).await;
    assert_eq!(header_of(&answer, "refresh"), "4", "the page looks again without a script");
    assert!(
        answer.text.contains("class=\"qr\"") && answer.text.contains("https://m.egov.kz/mobileSign/?link=")
    );
    let phone = Phone::scan(&gate, &browser);
    let described = phone.call("GET", &phone.address, "").await.json();
    let code = described["description"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert!(
        answer.text.contains(&format!("<strong class=\"code\">{code}</strong>")),
        "{code}: {}",
        answer.text
    );
    assert!(described["description"].as_str().unwrap().contains("https://ofd.example"));
    assert_eq!(phone.sign("person").await.status, 200);
    assert!(!browser.is_signed_in());

    let page = browser.go(&waiting).await;
    assert_eq!(header_of(&page, "refresh"), "", "nothing is waited for any more");
    assert!(page.text.contains("ТЕСТОВ ТИМУР"), "{}", page.text);
    let answer = browser.submit("/login/certificate", &[]).await;
    assert_eq!(location(&answer), "/cabinet");
    assert!(browser.is_signed_in());
    assert_eq!(gate.house.audit_of(id).await[0].action, AuditAction::SignedIn);
}

#[tokio::test]
async fn who_has_no_account_signs_up_by_a_phone() {
    let gate = Gate::open();
    for (page, is_told) in [("/sign-up", false), ("/login", true)] {
        let mut browser = gate.house.browser();
        let waiting = asks(&mut browser, page).await;
        assert_eq!(Phone::scan(&gate, &browser).sign("entrepreneur").await.status, 200);
        browser.go(&waiting).await;
        let answer = browser.submit("/login/certificate", &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains("ТЕСТОВА АЛИЯ") && answer.text.contains("action=\"/sign-up\""));
        assert_eq!(answer.text.contains("There is no account"), is_told, "{page}: {}", answer.text);
    }
}

#[tokio::test]
async fn who_is_signed_in_adds_an_organisation_by_a_phone() {
    let gate = Gate::open();
    let id = gate.known("head").await;
    let mut browser = gate.house.sign_in(id).await;
    let waiting = asks(&mut browser, "/cabinet/add").await;
    assert_eq!(Phone::scan(&gate, &browser).sign("head").await.status, 200);
    browser.go(&waiting).await;
    let answer = browser.submit("/cabinet/add", &[]).await;
    assert!(location(&answer).starts_with("/sign-up/company?"), "{}", answer.text);
}

#[tokio::test]
async fn nobody_is_signed_in_by_what_another_visit_asked_for() {
    let gate = Gate::open();
    gate.known("person").await;
    let (mut victim, mut other) = (gate.house.browser(), gate.house.browser());
    let waiting = asks(&mut victim, "/login").await;
    let phone = Phone::scan(&gate, &victim);
    assert_eq!(phone.sign("person").await.status, 200);
    let page = other.go(&waiting).await;
    assert!(
        !page.text.contains("ТЕСТОВ ТИМУР") && page.text.contains("belongs to another visit"),
        "{}",
        page.text
    );
    // The form of the one, sent by the other.
    victim.go(&waiting).await;
    let stolen = victim.hidden("/login/certificate");
    let fields: Vec<(&str, &str)> = stolen
        .iter()
        .filter(|(name, _)| name != "csrf")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    other.go("/login").await;
    let answer = other.submit("/login/certificate", &fields).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert!(!other.is_signed_in());
    assert_eq!(location(&victim.submit("/login/certificate", &[]).await), "/cabinet");
}

#[tokio::test]
async fn a_photographed_code_that_a_stranger_signs_signs_nobody_in_without_the_page() {
    let gate = Gate::open();
    gate.known("person").await;
    gate.known("employee").await;
    let mut victim = gate.house.browser();
    let waiting = asks(&mut victim, "/login").await;
    let photographed = Phone { from: [10, 9, 9, 9], ..Phone::scan(&gate, &victim) };
    assert_eq!(photographed.sign("employee").await.status, 200);
    let page = victim.go(&waiting).await;
    assert!(page.text.contains("ТЕСТОВ ДАНИЯР"), "the page says whose signature it is: {}", page.text);
    assert!(!victim.is_signed_in(), "nothing happens by itself");
    // The phone of the page's own person comes too late, and changes nothing.
    assert_eq!(photographed.sign("person").await.status, 200);
    let page = victim.go(&waiting).await;
    assert!(page.text.contains("ТЕСТОВ ДАНИЯР") && !page.text.contains("ТЕСТОВ ТИМУР"), "{}", page.text);
    let other = victim.submit("/login/certificate", &[("mark", "0000")]).await;
    assert_eq!(other.status, 422, "what is confirmed is what was shown: {}", other.text);
}

#[tokio::test]
async fn a_confirmation_counts_once() {
    let gate = Gate::open();
    gate.known("person").await;
    let mut browser = gate.house.browser();
    let waiting = asks(&mut browser, "/login").await;
    assert_eq!(Phone::scan(&gate, &browser).sign("person").await.status, 200);
    browser.go(&waiting).await;
    let mut double = browser.clone();
    assert_eq!(location(&browser.submit("/login/certificate", &[]).await), "/cabinet");
    let again = double.submit("/login/certificate", &[]).await;
    assert_eq!(again.status, 422, "{}", again.text);
    assert!(!double.is_signed_in());
}

#[tokio::test]
async fn after_its_time_nothing_is_left_of_it() {
    let gate = Gate::open();
    gate.known("person").await;
    let mut browser = gate.house.browser();
    let waiting = asks(&mut browser, "/login").await;
    let phone = Phone::scan(&gate, &browser);
    let documents = phone.documents().await;
    gate.house.wait(15 * 60);
    for method in ["GET", "POST"] {
        phone.call(method, &format!("{}/documents", phone.address), "").await.problem(404);
    }
    phone.call("GET", &phone.address, "").await.problem(404);
    phone.bring(&documents).await.problem(404);
    let page = browser.go(&waiting).await;
    assert!(
        page.text.contains("its time is over") && header_of(&page, "refresh").is_empty(),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_signature_over_other_bytes_or_by_a_wrong_key_is_refused_to_the_phone() {
    let gate = Gate::open();
    let mut browser = gate.house.browser();
    let waiting = asks(&mut browser, "/login").await;
    let phone = Phone::scan(&gate, &browser);
    for label in ["wrong-purpose", "revoked", "expired", "self-signed"] {
        let answer = phone.sign(label).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (403, Some("403")), "{label}");
    }
    let mut documents = phone.documents().await;
    let cms = gate.key("person").sign_cms(b"something else", true, gate.now(), None);
    documents["documentsToSign"][0]["document"]["file"]["data"] = Value::String(STANDARD.encode(cms));
    assert_eq!(phone.bring(&documents).await.status, 403);
    phone.bring(&json!({"documentsToSign": []})).await.problem(400);
    phone.call("PUT", &format!("{}/documents", phone.address), "no JSON").await.problem(400);
    assert!(browser.go(&waiting).await.text.contains("The phone has the request"));
}

#[tokio::test]
async fn who_refuses_on_the_phone_is_told_so_on_the_page() {
    let gate = Gate::open();
    let mut browser = gate.house.browser();
    let waiting = asks(&mut browser, "/login").await;
    let phone = Phone::scan(&gate, &browser);
    assert_eq!(phone.bring(&json!({"status": "CANCELED"})).await.status, 200);
    let page = browser.go(&waiting).await;
    assert!(
        page.text.contains("On the phone it was refused") && page.text.contains("href=\"/login\""),
        "{}",
        page.text
    );
    assert_eq!(phone.sign("person").await.status, 403);
}

#[tokio::test]
async fn more_than_a_phone_needs_is_not_answered() {
    let gate = Gate::open();
    let mut browser = gate.house.browser();
    asks(&mut browser, "/login").await;
    let phone = Phone::scan(&gate, &browser);
    for _ in 0..CALLS_MAX {
        assert_eq!(phone.call("GET", &phone.address, "").await.status, 200);
    }
    let refused = phone.call("GET", &phone.address, "").await;
    refused.problem(429);
    assert!(!header_of(&refused, "retry-after").is_empty());
    // The budget is the secret's alone.
    asks(&mut browser, "/login").await;
    let other = Phone::scan(&gate, &browser);
    assert_eq!(other.call("GET", &other.address, "").await.status, 200);
}

#[tokio::test]
async fn a_call_of_more_than_4_mib_is_not_taken() {
    let gate = Gate::open();
    let mut browser = gate.house.browser();
    asks(&mut browser, "/login").await;
    let phone = Phone::scan(&gate, &browser);
    let body = vec![b' '; CALL_LEN_MAX + 1];
    phone.call("PUT", &format!("{}/documents", phone.address), body).await.problem(413);
}

#[tokio::test]
async fn a_stranger_without_a_secret_pays_by_the_address_and_learns_nothing() {
    let gate = Gate::with(|config, _| {
        config.limits = Limits {
            address_burst: NonZeroU32::new(3).unwrap(),
            address_per_second: NonZeroU32::MIN,
            ..config.limits
        };
    });
    let phone = Phone { gate: &gate, address: String::new(), from: [10, 9, 9, 9] };
    let guess = format!("{}.{}", "A".repeat(43), "B".repeat(16));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        // A body that never ends would not be waited for: nothing of it is read.
        let endless = Body::new(Endless);
        let answer = phone.call("PUT", &format!("/sign/{guess}/documents"), endless).await;
        statuses.push(answer.status.as_u16());
        assert!(!answer.text.contains(&guess), "{}", answer.text);
    }
    assert_eq!(statuses[..3], [404, 404, 404]);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn without_tls_there_is_no_signing_by_phone() {
    let gate = Gate::with(|config, _| config.public_url = "http://ofd.example".into());
    let mut browser = gate.house.browser();
    let page = browser.go("/login").await;
    assert!(!page.text.contains("/login/phone"), "{}", page.text);
    let phone = Phone { gate: &gate, address: String::new(), from: [10, 0, 0, 9] };
    for path in ["/sign/x", "/sign/x/documents"] {
        phone.call("GET", path, "").await.problem(404);
    }
}

/// A body that says nothing and goes on.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, std::io::Error>>> {
        std::task::Poll::Pending
    }
}
