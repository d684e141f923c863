//! Setting and changing the password.

use super::*;

const NEW: &str = "Zyxwvut9";

async fn sent(browser: &mut Browser, fields: &[(&str, &str)]) -> crate::tests::support::Answer {
    browser.go("/account/password").await;
    browser.submit("/account/password", fields).await
}

#[tokio::test]
async fn who_came_by_certificate_sets_a_password_without_knowing_one() {
    let home = Home::open();
    let anna = home.with_email("АННА", "anna@shop.kz").await;
    let (mut browser, mut other) = (home.house.sign_in(anna).await, home.house.sign_in(anna).await);
    let page = browser.go("/account/password").await.text;
    assert!(!page.contains("name=\"current\"") && page.contains("anna@shop.kz"));
    let answer = sent(&mut browser, &[("password", PASSWORD), ("repeat", PASSWORD)]).await;
    assert_eq!(location(&answer), "/account/security?done=password");
    let page = browser.go(&location(&answer)).await.text;
    assert!(page.contains("The password is saved") && page.contains("The password was set on"));
    let kept = home.account(anna).await.password.unwrap().hash;
    assert!(is_kept(&home, &kept, PASSWORD).await);
    assert!(location(&other.open("/account").await).starts_with("/login"), "other sessions end");
    let letter = home.letters(1).await.remove(0);
    assert!(letter.subject.starts_with("Пароль изменён") && !letter.text.contains(PASSWORD));
    assert_eq!(home.actions(anna).await, [AuditAction::PasswordSet]);
}

#[tokio::test]
async fn who_came_by_password_has_to_know_the_current_one() {
    let home = Home::open();
    let anna = home.anna().await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.sign_in_by_password(anna).await;
    let new = [("password", NEW), ("repeat", NEW)];
    let answer = sent(&mut browser, &new).await;
    assert!(answer.status == 422 && answer.text.contains("This is not the current password"));
    let answer = sent(&mut browser, &[("current", PASSWORD), new[0], new[1]]).await;
    assert_eq!(location(&answer), "/account/security?done=password");
    browser.go("/account").await;
    let kept = home.account(anna).await.password.unwrap();
    assert!(is_kept(&home, &kept.hash, NEW).await);
    assert_eq!(kept.wrong_in_a_row, 0);
}

#[tokio::test]
async fn guessing_the_current_password_locks_it_for_ten_minutes() {
    let home = Home::open();
    let anna = home.anna().await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.sign_in_by_password(anna).await;
    let new = [("password", NEW), ("repeat", NEW)];
    for left in (1..5).rev() {
        let answer = sent(&mut browser, &[("current", "Wrong1234"), new[0], new[1]]).await;
        assert!(answer.text.contains(&format!("{left} tr")), "{left}: {}", answer.text);
    }
    for typed in ["Wrong1234", PASSWORD] {
        let answer = sent(&mut browser, &[("current", typed), new[0], new[1]]).await;
        assert!(answer.status == 422 && answer.text.contains("Too many were wrong in a row"), "{typed}");
    }
    assert_eq!(home.actions(anna).await[0], AuditAction::PasswordLocked);
    home.house.wait(600);
    let answer = sent(&mut browser, &[("current", PASSWORD), new[0], new[1]]).await;
    assert_eq!(answer.status, 303, "the lock is over");
}

#[tokio::test]
async fn many_guesses_at_once_are_no_more_guesses() {
    let home = Home::open();
    let anna = home.anna().await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.sign_in_by_password(anna).await;
    browser.go("/account/password").await;
    let here = tokio::task::LocalSet::new();
    let mut guesses = tokio::task::JoinSet::new();
    for number in 0..12 {
        let mut browser = browser.clone();
        let guess = async move {
            let typed = format!("Wrong123{number}");
            let fields = [("current", typed.as_str()), ("password", NEW), ("repeat", NEW)];
            browser.submit("/account/password", &fields).await.text
        };
        guesses.spawn_local_on(guess, &here);
    }
    let texts = here.run_until(guesses.join_all()).await;
    let judged = texts.iter().filter(|text| text.contains("not the current")).count();
    assert!(judged <= 4, "{judged} were judged");
    let answer = sent(&mut browser, &[("current", PASSWORD), ("password", NEW), ("repeat", NEW)]).await;
    assert_eq!(answer.status, 422, "it is locked");
}

#[tokio::test]
async fn a_weak_or_mistyped_password_is_explained_and_never_sent_back() {
    let home = Home::open();
    let anna = home.with_email("АННА", "Anna1@shop.kz").await;
    let mut browser = home.house.sign_in(anna).await;
    for (password, repeat, said) in [
        ("short1A", "short1A", "at least 8 characters"),
        ("alllower1", "alllower1", "Add a capital Latin letter"),
        ("ALLUPPER1", "ALLUPPER1", "Add a small Latin letter"),
        ("NoDigitsHere", "NoDigitsHere", "Add a digit"),
        ("Anna1@shop.kz", "Anna1@shop.kz", "must not be your login"),
        (PASSWORD, NEW, "The passwords differ"),
        (PASSWORD, "", "The passwords differ"),
    ] {
        let answer = sent(&mut browser, &[("password", password), ("repeat", repeat)]).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{password}: {}", answer.text);
        assert!(!answer.text.contains(&format!("value=\"{password}\"")), "{password}");
    }
    assert!(home.account(anna).await.password.is_none());
}

#[tokio::test]
async fn a_try_at_the_current_password_is_spent_only_on_a_form_that_is_right_otherwise() {
    let home = Home::open();
    let anna = home.anna().await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.sign_in_by_password(anna).await;
    for _ in 0..6 {
        sent(&mut browser, &[("current", "Wrong1234"), ("password", "weak"), ("repeat", "weak")]).await;
    }
    assert_eq!(home.account(anna).await.password.unwrap().wrong_in_a_row, 0);
}
