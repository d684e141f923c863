//! The operator's people: a password alone opens the way to one-time codes, and nothing else.

use ofd_storage::accounts::{AccountId, AuditAction, OPERATOR, Role};

use super::password::{code_at, try_password, with_password};
use super::{Gate, PASSWORD};
use crate::tests::support::people::{Browser, location};

const ADDRESS: &str = "timur@example.kz";
const PAGES: [&str; 5] =
    ["/cabinet", "/operator/companies", "/c/111111111110", "/account", "/account/security"];

/// Somebody of the operator who is an administrator of a company too, with a password.
async fn of_the_operator(gate: &Gate) -> AccountId {
    let id = with_password(gate, "person", ADDRESS).await;
    gate.house.company(OPERATOR, "ОФД", &[(id, &[Role::OperatorAdministrator])]).await;
    gate.house.company("111111111110", "ТОО «Альфа»", &[(id, &[Role::Administrator])]).await;
    id
}

async fn assert_closed(browser: &mut Browser) {
    for page in PAGES {
        let answer = browser.open(page).await;
        assert_eq!(answer.status, 403, "{page}");
        assert!(answer.text.contains("A second factor is needed"), "{page}: {}", answer.text);
        assert!(!answer.text.contains("Альфа"), "{page}");
    }
}

#[tokio::test]
async fn a_password_alone_opens_the_way_to_one_time_codes_and_with_them_everything() {
    let gate = Gate::open();
    let id = of_the_operator(&gate).await;
    let mut browser = gate.house.browser();
    try_password(&mut browser, ADDRESS, PASSWORD).await;
    assert_closed(&mut browser).await;
    let page = browser.open("/cabinet").await.text;
    assert!(page.contains("Switch one-time codes on") && page.contains("Or sign in with your signature"));
    let answer = browser.submit("/account/totp/begin", &[("current", "Wrong1234")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("A second factor is needed"), "and no other page: {}", answer.text);
    let answer = browser.submit("/account/totp/begin", &[("current", PASSWORD)]).await;
    assert_eq!(location(&answer), "/account/totp");
    browser.go("/account/totp").await;
    let totp = gate.house.account(id).await.state.totp.unwrap();
    assert_closed(&mut browser).await;
    browser.go("/account/totp").await;
    let code = code_of(&totp.secret, gate.house.now());
    let answer = browser.submit("/account/totp", &[("code", &code)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for page in PAGES {
        assert_eq!(browser.open(page).await.status, 200, "{page}");
    }
    let audit = gate.house.audit_of(id).await;
    assert!(audit.iter().any(|entry| entry.action == AuditAction::TotpOn));
    // The next time the password asks for a code, and then nothing is closed.
    gate.house.wait(60);
    let mut again = gate.house.browser();
    let page = location(&try_password(&mut again, ADDRESS, PASSWORD).await);
    again.go(&page).await;
    let code = code_of(&totp.secret, gate.house.now());
    assert_eq!(location(&again.submit("/login/code", &[("code", &code)]).await), "/cabinet");
    assert_eq!(again.open("/operator/companies").await.status, 200);
}

#[tokio::test]
async fn a_session_of_before_the_codes_has_to_begin_anew() {
    let gate = Gate::open();
    let id = of_the_operator(&gate).await;
    let mut browser = gate.house.browser();
    try_password(&mut browser, ADDRESS, PASSWORD).await;
    with_codes(&gate, id).await;
    assert_closed(&mut browser).await;
    let page = browser.go("/account/totp").await.text;
    assert!(page.contains("sign in again") && !page.contains("/account/totp/begin"), "{page}");
    browser.submit("/sign-out", &[]).await;
    let page = location(&try_password(&mut browser, ADDRESS, PASSWORD).await);
    browser.go(&page).await;
    let answer = browser.submit("/login/code", &[("code", &code_at(gate.house.now()))]).await;
    assert_eq!(location(&answer), "/cabinet");
    assert_eq!(browser.open("/operator/companies").await.status, 200);
    // Whoever switches the codes off again is where the others are.
    gate.house.wait(60);
    browser.go("/account/totp/off").await;
    let answer = browser.submit("/account/totp/off", &[("code", &code_at(gate.house.now()))]).await;
    assert_eq!(location(&answer), "/account/security?done=totp-off");
    assert_closed(&mut browser).await;
}

#[tokio::test]
async fn a_certificate_suffices_and_so_does_nothing_where_it_is_switched_off() {
    let gate = Gate::open();
    of_the_operator(&gate).await;
    let mut browser = gate.house.browser();
    try_password(&mut browser, ADDRESS, PASSWORD).await;
    assert_closed(&mut browser).await;
    // The page of signing in takes that session for none.
    assert_eq!(location(&gate.sign_in(&mut browser, "person").await), "/cabinet");
    assert_eq!(browser.open("/operator/companies").await.status, 200);

    let gate = Gate::with(|config, _| config.people.staff_second_factor = false);
    of_the_operator(&gate).await;
    let mut browser = gate.house.browser();
    try_password(&mut browser, ADDRESS, PASSWORD).await;
    assert_eq!(browser.open("/operator/companies").await.status, 200);
}

#[tokio::test]
async fn people_of_companies_need_no_second_factor() {
    let gate = Gate::open();
    let id = with_password(&gate, "person", ADDRESS).await;
    let chief = gate.known("support").await;
    gate.house.company(OPERATOR, "ОФД", &[(chief, &[Role::OperatorAdministrator])]).await;
    gate.house.company("111111111110", "ТОО «Альфа»", &[(id, &[Role::Administrator])]).await;
    let mut browser = gate.house.browser();
    try_password(&mut browser, ADDRESS, PASSWORD).await;
    assert_eq!(browser.open("/c/111111111110").await.status, 200);
    assert_eq!(browser.open("/operator/companies").await.status, 404);
}

async fn with_codes(gate: &Gate, id: AccountId) {
    let now = gate.house.now();
    gate.change_account(id, |account| {
        let mut totp = crate::people::totp::begin(*b"12345678901234567890");
        totp.since = Some(now);
        account.totp = Some(totp);
    })
    .await;
}

/// The code of a secret in hex.
fn code_of(secret: &str, now: ofd_protocol::types::UnixMillis) -> String {
    let bytes = hex::decode(secret).unwrap();
    let totp = totp_rs::TOTP::new(totp_rs::Algorithm::SHA1, 6, 1, 30, bytes);
    totp.unwrap().generate(now.0 / 1000)
}
