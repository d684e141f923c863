//! Signing in by password and one-time code.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AccountId, AuditAction, Password, Role};
use ofd_storage::store::Store;

use super::{Gate, PASSWORD, assert_refused};
use crate::people::password;
use crate::tests::support::people::{Browser, location};
use crate::tests::support::{Answer, HERE, NOW};

/// A person with a password and a confirmed address.
pub(super) async fn with_password(gate: &Gate, label: &str, email: &str) -> AccountId {
    let id = gate.known(label).await;
    let hash = password::hash(&gate.house.site.office, HERE, PASSWORD).await.unwrap();
    gate.change_account(id, |account| {
        account.password = Some(Password { hash, since: NOW, wrong_in_a_row: 0, locked_until: None });
        let address = email.to_owned();
        account.email = Some(ofd_storage::accounts::ConfirmedEmail { address, since: NOW });
    })
    .await;
    gate.house.store.claim("email", email, id.to_string().as_bytes(), NOW.0, None).await.unwrap();
    id
}

pub(super) async fn try_password(browser: &mut Browser, login: &str, password: &str) -> Answer {
    browser.go("/login").await;
    browser.submit("/login/password", &[("login", login), ("password", password)]).await
}

#[tokio::test]
async fn a_password_opens_by_iin_by_bin_and_by_address() {
    let gate = Gate::open();
    let id = with_password(&gate, "person", "timur@example.kz").await;
    gate.house.company("111111111110", "ТОО «Альфа»", &[(id, &[Role::Administrator])]).await;
    let iin = gate.key("person").iin().unwrap();
    for login in [iin, "111111111110", "timur@example.kz", " Timur@Example.KZ "] {
        let mut browser = gate.house.browser();
        assert_eq!(location(&try_password(&mut browser, login, PASSWORD).await), "/cabinet", "{login}");
        assert!(browser.is_signed_in());
    }
    let audit = gate.house.audit_of(id).await;
    assert_eq!(audit[0].changes[0].after.as_deref(), Some("password"));
}

#[tokio::test]
async fn a_wrong_password_reads_as_a_login_that_nobody_has() {
    let gate = Gate::open();
    with_password(&gate, "person", "timur@example.kz").await;
    gate.known("support").await;
    let trouble =
        |page: &str| page.split_once("role=\"alert\">").unwrap().1.split("</p>").next().unwrap().to_owned();
    let mut texts = Vec::new();
    let without_password = gate.key("support").iin().unwrap();
    for login in ["timur@example.kz", "nobody@example.kz", "900000000000", "nonsense", "", without_password] {
        let mut browser = gate.house.browser();
        let answer = try_password(&mut browser, login, "Wrong1234").await;
        assert_refused(&browser, &answer, "Login or password is wrong");
        texts.push(trouble(&answer.text));
        assert!(!answer.text.contains("Wrong1234"), "a password never comes back");
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_login_for_strangers_and_never_the_certificate() {
    let gate = Gate::open();
    let id = with_password(&gate, "person", "timur@example.kz").await;
    let mut browser = gate.house.browser();
    for _ in 0..4 {
        let answer = try_password(&mut browser, "timur@example.kz", "Wrong1234").await;
        assert_refused(&browser, &answer, "Login or password is wrong");
    }
    let locked = "the password is locked until";
    assert_refused(
        &browser,
        &try_password(&mut browser.clone(), "timur@example.kz", "Wrong1234").await,
        locked,
    );
    let answer = try_password(&mut browser, "timur@example.kz", PASSWORD).await;
    assert_refused(&browser, &answer, locked);
    assert!(answer.text.contains("17:19:18"), "in the operator's wall time: {}", answer.text);
    let mut other = gate.house.browser();
    assert_eq!(location(&gate.sign_in(&mut other, "person").await), "/cabinet");
    gate.house.wait(600);
    assert_eq!(location(&try_password(&mut browser, "timur@example.kz", PASSWORD).await), "/cabinet");
    let audit = gate.house.audit_of(id).await;
    let count = |action| audit.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count(AuditAction::PasswordWrong), count(AuditAction::PasswordLocked)), (5, 1));
}

#[tokio::test]
async fn a_login_that_nobody_has_locks_as_one_that_somebody_has() {
    let gate = Gate::open();
    with_password(&gate, "person", "timur@example.kz").await;
    for login in ["timur@example.kz", "nobody-at-all@example.kz", "900000000001"] {
        let mut browser = gate.house.browser();
        for _ in 0..4 {
            let answer = try_password(&mut browser, login, "Wrong1234").await;
            assert_refused(&browser, &answer, "Login or password is wrong");
        }
        for _ in 0..2 {
            let answer = try_password(&mut browser, login, "Wrong1234").await;
            assert_refused(&browser, &answer, "the password is locked until");
        }
    }
}

#[tokio::test]
async fn where_one_time_codes_are_on_the_password_alone_opens_nothing() {
    let gate = Gate::open();
    let id = with_password(&gate, "person", "timur@example.kz").await;
    gate.change_account(id, |account| {
        let secret = "3132333435363738393031323334353637383930".to_owned();
        let (since, last_step, recovery_codes) = (Some(NOW), 0, Vec::new());
        account.totp = Some(ofd_storage::accounts::Totp { secret, since, last_step, recovery_codes });
    })
    .await;
    let mut browser = gate.house.browser();
    let answer = try_password(&mut browser, "timur@example.kz", PASSWORD).await;
    let page = location(&answer);
    assert!(page.starts_with("/login/code?s=") && !browser.is_signed_in());
    assert_eq!(location(&gate.house.browser().open(&page).await), "/login", "it is of this visit");
    browser.go(&page).await;
    let answer = browser.submit("/login/code", &[("code", "000000")]).await;
    assert_refused(&browser, &answer, "The code is wrong");
    let right = code_at(gate.house.now());
    let answer = browser.submit("/login/code", &[("code", &right)]).await;
    assert_eq!(location(&answer), "/cabinet");
    assert!(browser.is_signed_in());
    let mut again = gate.house.browser();
    let page = location(&try_password(&mut again, "timur@example.kz", PASSWORD).await);
    again.go(&page).await;
    let answer = again.submit("/login/code", &[("code", &right)]).await;
    assert_refused(&again, &answer, "The code is wrong");
    gate.house.wait(301);
    assert_eq!(location(&again.submit("/login/code", &[("code", &right)]).await), "/login");
}

pub(super) fn code_at(now: UnixMillis) -> String {
    let secret = b"12345678901234567890".to_vec();
    totp_rs::TOTP::new(totp_rs::Algorithm::SHA1, 6, 1, 30, secret).unwrap().generate(now.0 / 1000)
}
