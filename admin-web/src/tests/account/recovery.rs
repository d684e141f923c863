//! The way back to a forgotten password.

use super::*;
use crate::people::totp;

const ADDRESS: &str = "anna@shop.kz";
const NEW: &str = "Zyxwvut9";

/// Asks for a letter and returns what the browser shows then.
async fn forgot(browser: &mut Browser, login: &str) -> String {
    browser.go("/forgot").await;
    let answer = browser.submit("/forgot", &[("login", login)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

async fn knows(home: &Home, id: AccountId, typed: &str) -> bool {
    let kept = home.account(id).await.password.unwrap().hash;
    is_kept(home, &kept, typed).await
}

#[tokio::test]
async fn a_password_is_recovered_by_the_letters_link() {
    let home = Home::open();
    let anna = home.with_email("АННА", ADDRESS).await;
    home.set_password(anna, PASSWORD).await;
    home.change(anna, |account| {
        account.totp = Some(totp::begin([7; 20]));
        account.totp.as_mut().unwrap().since = Some(home.house.now());
        account.password.as_mut().unwrap().wrong_in_a_row = 4;
    })
    .await;
    let mut signed = home.house.sign_in(anna).await;
    let mut browser = home.house.browser();
    forgot(&mut browser, "Anna@Shop.kz").await;
    let letter = home.letters(1).await.remove(0);
    assert_eq!(letter.to.as_str(), ADDRESS);
    browser.go(&link(&letter)).await;
    assert!(knows(&home, anna, PASSWORD).await, "looking changes nothing");
    let form = browser.clone();
    let answer = browser.submit("/recover", &[("password", NEW), ("repeat", NEW)]).await;
    assert_eq!(location(&answer), "/login?done=recovered");
    assert!(knows(&home, anna, NEW).await);
    let account = home.account(anna).await;
    assert!(totp::is_on(&account), "one-time codes stay on");
    assert_eq!(account.password.unwrap().wrong_in_a_row, 0);
    assert!(location(&signed.open("/account").await).starts_with("/login"), "sessions end");
    assert!(!browser.is_signed_in(), "the new password has to be used");
    let mut twice = form;
    let answer = twice.submit("/recover", &[("password", "Another1x"), ("repeat", "Another1x")]).await;
    assert!(answer.status == 410 && knows(&home, anna, NEW).await, "the link was used");
    assert_eq!(home.actions(anna).await, [AuditAction::PasswordSet, AuditAction::RecoveryAsked]);
    let letters = home.letters(2).await;
    assert!(letters[0].subject.starts_with("Пароль изменён"));
}

#[tokio::test]
async fn a_password_is_recovered_by_login_and_code() {
    let home = Home::open();
    let anna = home.with_email("АННА", ADDRESS).await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.house.browser();
    let page = forgot(&mut browser, ADDRESS).await;
    assert!(page.contains(&format!("value=\"{ADDRESS}\"")), "the login is there already");
    let typed = code(&home.letters(1).await[0]);
    let fields = [("login", ADDRESS), ("code", typed.as_str()), ("password", NEW), ("repeat", NEW)];
    assert_eq!(location(&browser.submit("/recover", &fields).await), "/login?done=recovered");
    assert!(knows(&home, anna, NEW).await);
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_there_is_an_account() {
    let home = Home::open();
    home.with_email("АННА", ADDRESS).await;
    home.anna().await;
    let mut pages = Vec::new();
    for login in [ADDRESS, "nobody@shop.kz", IIN, "000000000000", "'; drop", &"x".repeat(5000)] {
        let mut browser = home.house.browser();
        let page = forgot(&mut browser, login).await;
        let token = browser.hidden("/recover")[0].1.clone();
        let typed = login.replace('\'', "&#39;");
        let page = page.replace(&token, "").replace(&typed, "");
        // The page's address names what was typed, and changes each time; what is too long for that has none.
        let (_, again) = page.split_once("again=").unwrap_or_default();
        let again = format!("again={}&#38;", again.split('&').next().unwrap());
        pages.push(page.replace(&again, ""));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    home.letters(1).await;
}

#[tokio::test]
async fn a_wrong_code_has_one_answer_whatever_is_wrong() {
    let home = Home::open();
    let anna = home.with_email("АННА", ADDRESS).await;
    home.with_email("БОРИС", "boris@shop.kz").await;
    let mut browser = home.house.browser();
    forgot(&mut browser, ADDRESS).await;
    let typed = code(&home.letters(1).await[0]);
    let mut answers = Vec::new();
    for (login, code) in [
        (ADDRESS, "222222"),
        ("nobody@shop.kz", typed.as_str()),
        ("boris@shop.kz", typed.as_str()),
        ("", typed.as_str()),
        (ADDRESS, ""),
    ] {
        let fields = [("login", login), ("code", code), ("password", NEW), ("repeat", NEW)];
        let mut browser = browser.clone();
        let answer = browser.submit("/recover", &fields).await;
        assert_eq!(answer.status, 422);
        answers.push(answer.text.contains("Login and code do not belong together"));
    }
    assert_eq!(answers, [true; 5]);
    assert!(home.account(anna).await.password.is_none());
}

#[tokio::test]
async fn a_code_tried_too_often_recovers_nothing() {
    let home = Home::open();
    let anna = home.with_email("АННА", ADDRESS).await;
    let mut browser = home.house.browser();
    forgot(&mut browser, ADDRESS).await;
    let typed = code(&home.letters(1).await[0]);
    let with = |code| [("login", ADDRESS), ("code", code), ("password", NEW), ("repeat", NEW)];
    for _ in 0..5 {
        browser.submit("/recover", &with("222222")).await;
    }
    assert_eq!(browser.submit("/recover", &with(&typed)).await.status, 422);
    assert!(home.account(anna).await.password.is_none());
}

#[tokio::test]
async fn an_expired_link_and_one_of_another_account_recover_nothing() {
    let home = Home::open();
    let anna = home.with_email("АННА", ADDRESS).await;
    let boris = home.with_email("БОРИС", "boris@shop.kz").await;
    let mut browser = home.house.browser();
    forgot(&mut browser, ADDRESS).await;
    let letter = home.letters(1).await.remove(0);
    let foreign = link(&letter).replace(&anna.to_string(), &boris.to_string());
    assert_eq!(browser.open(&foreign).await.status, 410);
    browser.go(&link(&letter)).await;
    let fields = [("a", boris.to_string()), ("password", NEW.into()), ("repeat", NEW.into())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(browser.clone().submit("/recover", &fields).await.status, 410);
    home.house.wait(3600);
    let answer = browser.submit("/recover", &[("password", NEW), ("repeat", NEW)]).await;
    assert!(answer.status == 410 && answer.text.contains("one hour"));
    assert_eq!(browser.open(&link(&letter)).await.status, 410);
    assert!(home.account(anna).await.password.is_none() && home.account(boris).await.password.is_none());
}

#[tokio::test]
async fn letters_of_recovery_go_at_most_one_a_minute_then_more_rarely() {
    let home = Home::open();
    home.with_email("АННА", ADDRESS).await;
    let mut browser = home.house.browser();
    for round in 1..=5 {
        for _ in 0..3 {
            forgot(&mut browser, ADDRESS).await;
        }
        home.letters(round).await;
        home.house.wait(60);
    }
    forgot(&mut browser, ADDRESS).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    home.letters(5).await;
    home.house.wait(15 * 60);
    forgot(&mut browser, ADDRESS).await;
    home.letters(6).await;
}

#[tokio::test]
async fn a_weak_password_costs_neither_link_nor_code() {
    let home = Home::open();
    let anna = home.with_email("АННА", ADDRESS).await;
    let mut browser = home.house.browser();
    forgot(&mut browser, ADDRESS).await;
    browser.go(&link(&home.letters(1).await[0])).await;
    for (password, repeat) in [("weak", "weak"), (NEW, PASSWORD)] {
        let answer = browser.submit("/recover", &[("password", password), ("repeat", repeat)]).await;
        assert_eq!(answer.status, 422, "{password}");
    }
    let answer = browser.submit("/recover", &[("password", NEW), ("repeat", NEW)]).await;
    assert_eq!(answer.status, 303, "the form still carries the link");
    assert!(knows(&home, anna, NEW).await);
}

#[tokio::test]
async fn where_no_mail_is_sent_the_page_says_so() {
    let house = House::open();
    let mut browser = house.browser();
    assert!(browser.go("/forgot").await.text.contains("sends no letters at present"));
    let answer = browser.submit("/forgot", &[("login", ADDRESS)]).await;
    assert!(answer.status == 422 && answer.text.contains("sends no letters at present"));
}
