//! One-time codes: turning them on, signing in with them, and the codes for a lost device.

use totp_rs::{Algorithm, TOTP};

use super::*;
use crate::people::totp;

/// What the app on the person's phone shows now.
async fn app(home: &Home, id: AccountId) -> String {
    let secret = hex::decode(home.account(id).await.totp.unwrap().secret).unwrap();
    TOTP::new(Algorithm::SHA1, 6, 1, 30, secret).unwrap().generate(home.house.now().0 / 1000)
}

/// A browser of a person with codes switched on, and the codes for a lost device.
async fn switched_on(home: &Home, id: AccountId) -> (Browser, Vec<String>) {
    home.set_password(id, PASSWORD).await;
    let mut browser = home.house.sign_in(id).await;
    browser.go("/account/security").await;
    let answer = browser.submit("/account/totp/begin", &[("current", PASSWORD)]).await;
    assert_eq!(location(&answer), "/account/totp");
    let page = browser.go("/account/totp").await.text;
    assert!(page.contains("<svg") && page.contains("otpauth://totp/ofd.example:"));
    let typed = app(home, id).await;
    let answer = browser.submit("/account/totp", &[("code", &typed)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let codes = answer.text.split("<li class=\"code\">").skip(1);
    let codes: Vec<String> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    (browser, codes)
}

#[tokio::test]
async fn codes_are_on_once_the_app_showed_one_and_recovery_codes_are_shown_once() {
    let home = Home::open();
    let anna = home.anna().await;
    let (mut browser, codes) = switched_on(&home, anna).await;
    assert_eq!(codes.len(), totp::RECOVERY_CODES);
    let account = home.account(anna).await;
    assert!(totp::is_on(&account));
    assert!(totp::take(account.totp.as_ref().unwrap(), &codes[0], home.house.now()).is_some());
    let page = browser.go("/account/security").await.text;
    assert!(page.contains("8 recovery codes are left") && !page.contains(&codes[0]));
    assert_eq!(
        location(&browser.open("/account/totp").await),
        "/account/security",
        "the secret is not shown again"
    );
    assert_eq!(home.actions(anna).await, [AuditAction::TotpOn]);
}

#[tokio::test]
async fn a_wrong_code_switches_nothing_on() {
    let home = Home::open();
    let anna = home.anna().await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account/security").await;
    browser.submit("/account/totp/begin", &[]).await;
    browser.go("/account/totp").await;
    let right = app(&home, anna).await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    let answer = browser.submit("/account/totp", &[("code", wrong)]).await;
    assert!(answer.status == 422 && answer.text.contains("This is not the code"));
    assert!(!totp::is_on(&home.account(anna).await));
}

#[tokio::test]
async fn the_form_that_switches_on_may_come_twice() {
    let home = Home::open();
    let anna = home.anna().await;
    let (mut browser, _) = switched_on(&home, anna).await;
    let before = home.account(anna).await.totp;
    let token = browser.hidden("/sign-out")[0].1.clone();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    for path in ["/account/totp", "/account/totp/begin"] {
        let answer = browser.send("POST", path, &kind, format!("csrf={token}&code=000000")).await;
        assert_eq!(answer.status, 303, "{path}");
    }
    assert!(home.account(anna).await.totp == before, "neither secret nor codes are others");
}

#[tokio::test]
async fn codes_guard_a_password_so_there_has_to_be_one() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    let page = browser.go("/account/security").await.text;
    assert!(page.contains("Set a password first"));
    let token = browser.hidden("/sign-out")[0].1.clone();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = browser.send("POST", "/account/totp/begin", &kind, format!("csrf={token}")).await;
    assert_eq!(location(&answer), "/account/security?done=password-first");
    assert!(home.account(anna).await.totp.is_none());
}

#[tokio::test]
async fn who_came_by_password_switches_on_with_the_current_password_only() {
    let home = Home::open();
    let anna = home.anna().await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.sign_in_by_password(anna).await;
    assert!(browser.go("/account/security").await.text.contains("name=\"current\""));
    for typed in ["", "Wrong1234"] {
        let answer = browser.submit("/account/totp/begin", &[("current", typed)]).await;
        assert!(answer.status == 422 && answer.text.contains("This is not the current password"), "{typed}");
    }
    assert!(home.account(anna).await.totp.is_none());
    let answer = browser.submit("/account/totp/begin", &[("current", PASSWORD)]).await;
    assert_eq!(location(&answer), "/account/totp");
    let mut browser = home.house.sign_in(anna).await;
    assert!(!browser.go("/account/security").await.text.contains("name=\"current\""), "by certificate");
}

#[tokio::test]
async fn who_came_by_password_switches_off_with_a_code_only() {
    let home = Home::open();
    let anna = home.anna().await;
    let (_, codes) = switched_on(&home, anna).await;
    let mut browser = home.sign_in_by_password(anna).await;
    browser.go("/account/totp/off").await;
    let answer = browser.submit("/account/totp/off", &[("code", "ABCDE-FGHJK")]).await;
    assert!(answer.status == 422 && answer.text.contains("4 tries are left"));
    assert!(totp::is_on(&home.account(anna).await));
    let again = browser.clone();
    let answer = browser.submit("/account/totp/off", &[("code", &codes[5])]).await;
    assert_eq!(location(&answer), "/account/security?done=totp-off");
    assert!(home.account(anna).await.totp.is_none());
    let mut twice = again;
    assert_eq!(location(&twice.submit("/account/totp/off", &[("code", "x")]).await), "/account/security");
    assert_eq!(home.actions(anna).await[0], AuditAction::TotpOff);
}

#[tokio::test]
async fn wrong_codes_lock_like_wrong_passwords() {
    let home = Home::open();
    let anna = home.anna().await;
    switched_on(&home, anna).await;
    home.house.wait(60);
    let mut browser = home.sign_in_by_password(anna).await;
    browser.go("/account/totp/off").await;
    for _ in 0..4 {
        browser.submit("/account/totp/off", &[("code", "x")]).await;
    }
    let answer = browser.submit("/account/totp/off", &[("code", "x")]).await;
    assert!(answer.text.contains("Too many were wrong in a row"), "{}", answer.text);
    let right = app(&home, anna).await;
    let answer = browser.submit("/account/totp/off", &[("code", &right)]).await;
    assert_eq!(answer.status, 422, "even the right one has to wait");
    assert!(totp::is_on(&home.account(anna).await));
}

#[tokio::test]
async fn a_certificate_switches_off_without_a_code() {
    let home = Home::open();
    let anna = home.anna().await;
    let (mut browser, _) = switched_on(&home, anna).await;
    let page = browser.go("/account/totp/off").await.text;
    assert!(!page.contains("name=\"code\""));
    assert!(totp::is_on(&home.account(anna).await), "asking is not doing");
    browser.submit("/account/totp/off", &[]).await;
    assert!(home.account(anna).await.totp.is_none());
}

#[tokio::test]
async fn new_recovery_codes_end_the_former_ones() {
    let home = Home::open();
    let anna = home.anna().await;
    let (mut browser, former) = switched_on(&home, anna).await;
    browser.go("/account/totp/codes").await;
    let answer = browser.submit("/account/totp/codes", &[]).await;
    assert!(answer.status == 200 && answer.text.matches("<li class=\"code\">").count() == 8);
    let kept = home.account(anna).await.totp.unwrap();
    let of_the_page: Vec<&str> = answer
        .text
        .split("<li class=\"code\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    assert!(totp::take(&kept, of_the_page[7], home.house.now()).is_some());
    for code in former.iter().filter(|code| !of_the_page.contains(&code.as_str())) {
        assert!(totp::take(&kept, code, home.house.now()).is_none(), "{code}");
    }
}

#[tokio::test]
async fn a_right_password_buys_no_more_guesses_at_the_code() {
    let home = Home::open();
    let anna = home.with_email("АННА", "anna@shop.kz").await;
    switched_on(&home, anna).await;
    home.house.wait(60);
    let mut browser = home.sign_in_by_password(anna).await;
    browser.go("/account/totp/off").await;
    for _ in 0..3 {
        browser.submit("/account/totp/off", &[("code", "x")]).await;
    }
    let mut guesser = home.house.browser();
    guesser.go("/login").await;
    let fields = [("login", "anna@shop.kz"), ("password", PASSWORD)];
    let answer = guesser.submit("/login/password", &fields).await;
    assert!(location(&answer).starts_with("/login/code?"), "it was right");
    assert_eq!(home.account(anna).await.password.unwrap().wrong_in_a_row, 3);
    let right = app(&home, anna).await;
    browser.submit("/account/totp/off", &[("code", &right)]).await;
    assert_eq!(home.account(anna).await.password.unwrap().wrong_in_a_row, 0, "a right code does");
}
