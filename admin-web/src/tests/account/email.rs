//! The address: letters with link and code, and what they must not do.

use super::*;

/// A browser on the page of personal data after a letter was asked for.
async fn asked(home: &Home, id: AccountId, address: &str) -> Browser {
    let mut browser = home.house.sign_in(id).await;
    browser.go("/account/email").await;
    let answer = browser.submit("/account/email", &[("email", address)]).await;
    assert_eq!(location(&answer), "/account?done=letter");
    browser.go("/account?done=letter").await;
    browser
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_button_behind_the_letters_link() {
    let home = Home::open();
    let anna = home.anna().await;
    home.house.company(BIN, "ТОО «Көктем»", &[(anna, &[Role::Reader])]).await;
    let mut browser = asked(&home, anna, "Anna@Shop.kz").await;
    assert!(browser.page.contains("Waits for confirmation"));
    let letter = home.letters(1).await.remove(0);
    assert_eq!(letter.to.as_str(), "Anna@shop.kz");
    assert!(letter.text.starts_with("Здравствуйте, ТЕСТОВА АННА!"), "in the person's language");
    // Opened on another device, and before that by a program of the mail server.
    let mut elsewhere = home.house.browser();
    for _ in 0..2 {
        elsewhere.go(&link(&letter)).await;
        assert!(home.account(anna).await.email.is_none(), "looking changes nothing");
    }
    let again = elsewhere.clone();
    let answer = elsewhere.submit("/confirm-email", &[]).await;
    assert_eq!(location(&answer), "/confirm-email?done=yes");
    assert!(elsewhere.go("/confirm-email?done=yes").await.text.contains("The address is confirmed"));
    assert_eq!(home.account(anna).await.email.unwrap().address, "anna@shop.kz");
    assert_eq!(home.house.company_of(BIN).await.members[0].email, "anna@shop.kz");
    let (mut twice, answer) = (again.clone(), browser.go("/account").await);
    assert!(answer.text.contains("Confirmed"));
    assert_eq!(twice.submit("/confirm-email", &[]).await.status, 410, "it was used already");
    assert_eq!(home.account(anna).await.email.unwrap().address, "anna@shop.kz");
    assert_eq!(home.actions(anna).await[0], AuditAction::EmailConfirmed);
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_letters_code() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = asked(&home, anna, "anna@shop.kz").await;
    let typed = code(&home.letters(1).await[0]).to_lowercase();
    let again = browser.clone();
    let answer = browser.submit("/account/email/code", &[("code", &typed)]).await;
    assert_eq!(location(&answer), "/account?done=confirmed");
    let mut twice = again;
    assert_eq!(location(&twice.submit("/account/email/code", &[("code", &typed)]).await), "/account");
    assert_eq!(home.account(anna).await.email.unwrap().address, "anna@shop.kz");
}

#[tokio::test]
async fn a_code_typed_wrong_too_often_holds_no_longer_but_the_link_does() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = asked(&home, anna, "anna@shop.kz").await;
    for number in 1..=5 {
        let answer = browser.submit("/account/email/code", &[("code", "222222")]).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.text.contains("too many wrong tries"), number == 5, "{number}");
    }
    let letter = home.letters(1).await.remove(0);
    let answer = browser.submit("/account/email/code", &[("code", &code(&letter))]).await;
    assert!(answer.status == 422 && home.account(anna).await.email.is_none());
    browser.go(&link(&letter)).await;
    assert_eq!(location(&browser.submit("/confirm-email", &[]).await), "/account?done=confirmed");
}

#[tokio::test]
async fn an_old_letter_confirms_nothing() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = asked(&home, anna, "anna@shop.kz").await;
    let letter = home.letters(1).await.remove(0);
    let mut elsewhere = home.house.browser();
    elsewhere.go(&link(&letter)).await;
    home.house.wait(48 * 3600);
    let answer = elsewhere.submit("/confirm-email", &[]).await;
    assert_eq!(answer.status, 410);
    assert!(answer.text.contains("too old"));
    assert_eq!(elsewhere.open(&link(&letter)).await.status, 410);
    browser = {
        drop(browser);
        home.house.sign_in(anna).await
    };
    browser.go("/account").await;
    let answer = browser.submit("/account/email/code", &[("code", &code(&letter))]).await;
    assert!(answer.status == 422 && answer.text.contains("too old"));
}

#[tokio::test]
async fn a_link_says_nothing_about_another_account() {
    let home = Home::open();
    let (anna, boris) = (home.anna().await, home.house.person("БОРИС").await);
    asked(&home, anna, "anna@shop.kz").await;
    asked(&home, boris, "boris@shop.kz").await;
    let [of_boris, of_anna] = <[_; 2]>::try_from(home.letters(2).await).unwrap();
    let mixed = link(&of_anna).replace(&anna.to_string(), &boris.to_string());
    let unknown = link(&of_anna).replace(&anna.to_string(), "00000000000000ff");
    assert!(link(&of_boris) != mixed);
    let mut browser = home.house.browser();
    let pages = [mixed.as_str(), &unknown, "/confirm-email?a=x&k=y", "/confirm-email"];
    let mut texts = Vec::new();
    for page in pages {
        let answer = browser.open(page).await;
        assert_eq!(answer.status, 410, "{page}");
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "one answer to all of them");
}

#[tokio::test]
async fn a_taken_address_is_said_to_be_taken_to_who_reads_its_letters_and_not_by_whom() {
    let home = Home::open();
    home.with_email("БОРИС", "both@shop.kz").await;
    let anna = home.anna().await;
    let mut browser = asked(&home, anna, "both@shop.kz").await;
    assert!(!browser.page.contains("another account"), "asking tells nothing");
    let letter = home.letters(1).await.remove(0);
    let answer = browser.submit("/account/email/code", &[("code", &code(&letter))]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("in another account") && !answer.text.contains("БОРИС"));
    browser.go(&link(&letter)).await;
    let answer = browser.submit("/confirm-email", &[]).await;
    assert!(answer.status == 409 && !answer.text.contains("БОРИС"));
    assert!(home.account(anna).await.email.is_none());
}

#[tokio::test]
async fn letters_do_not_go_twice_within_a_minute() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account/email").await;
    let form = browser.clone();
    for mut browser in [form.clone(), form.clone()] {
        let answer = browser.submit("/account/email", &[("email", "anna@shop.kz")]).await;
        assert_eq!(location(&answer), "/account?done=letter", "the same form twice");
    }
    home.letters(1).await;
    let mut other = form.clone();
    let answer = other.submit("/account/email", &[("email", "victim@shop.kz")]).await;
    assert!(answer.status == 422 && answer.text.contains("in 60 seconds"), "{}", answer.text);
    browser.go("/account").await;
    let answer = browser.submit("/account/email/again", &[]).await;
    assert!(answer.status == 422 && answer.text.contains("in 60 seconds"));
    home.house.wait(60);
    assert_eq!(location(&browser.submit("/account/email/again", &[]).await), "/account?done=letter");
    home.letters(2).await;
}

#[tokio::test]
async fn who_asks_for_many_letters_waits_longer() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    for number in 0..5 {
        browser.go("/account/email").await;
        let address = format!("victim{number}@shop.kz");
        browser.submit("/account/email", &[("email", &address)]).await;
        home.house.wait(60);
    }
    home.letters(5).await;
    browser.go("/account/email").await;
    let answer = browser.submit("/account/email", &[("email", "victim9@shop.kz")]).await;
    assert!(answer.status == 422 && answer.text.contains("in 840 seconds"), "{}", answer.text);
    home.letters(5).await;
}

#[tokio::test]
async fn an_address_that_would_begin_a_header_is_refused() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    for typed in [
        "anna@shop.kz\r\nBcc: all@shop.kz",
        "anna@shop.kz\nSubject: hello",
        "anna@shop.kz%0aBcc:x@y.kz",
        "Anna <anna@shop.kz>",
        "anna@shop.kz, boris@shop.kz",
        "anna@shop.kz\0",
        "",
    ] {
        browser.go("/account/email").await;
        let answer = browser.submit("/account/email", &[("email", typed)]).await;
        assert_eq!(answer.status, 422, "{typed:?}");
    }
    home.letters(0).await;
    assert!(home.account(anna).await.pending_email.is_none());
}

#[tokio::test]
async fn a_name_cannot_write_lines_of_a_letter() {
    let home = Home::open();
    let name = "АННА\r\n\r\nhttps://evil.example/recover";
    let anna = home.house.person_with(name, |_| {}).await;
    asked(&home, anna, "anna@shop.kz").await;
    let letter = home.letters(1).await.remove(0);
    assert!(letter.text.starts_with("Здравствуйте, АННА https://evil.example/recover!\n\n"));
}

#[tokio::test]
async fn where_no_mail_is_sent_the_page_says_so_and_nothing_waits() {
    let house = House::open();
    let anna = house.person("АННА").await;
    let mut browser = house.sign_in(anna).await;
    browser.go("/account/email").await;
    let answer = browser.submit("/account/email", &[("email", "anna@shop.kz")]).await;
    assert!(answer.status == 422 && answer.text.contains("sends no letters at present"));
    assert!(house.account(anna).await.state.pending_email.is_none());
}

#[tokio::test]
async fn the_former_address_signs_in_until_the_new_one_is_confirmed() {
    let home = Home::open();
    let anna = home.with_email("АННА", "old@shop.kz").await;
    let mut browser = asked(&home, anna, "new@shop.kz").await;
    let of = async |address: &str| {
        let found = crate::people::by_login(&home.house.site.office, address).await.unwrap();
        found.map(|account| account.state.id)
    };
    assert_eq!((of("old@shop.kz").await, of("new@shop.kz").await), (Some(anna), None));
    let letters = home.letters(2).await;
    let typed = code(letters.iter().find(|letter| letter.to.as_str() == "new@shop.kz").unwrap());
    browser.submit("/account/email/code", &[("code", &typed)]).await;
    assert_eq!((of("old@shop.kz").await, of("NEW@shop.kz").await), (None, Some(anna)));
}

#[tokio::test]
async fn the_former_address_is_told_that_another_is_asked_for_and_that_it_took_its_place() {
    let home = Home::open();
    let anna = home.with_email("АННА", "old@shop.kz").await;
    let mut browser = asked(&home, anna, "new@shop.kz").await;
    let to_former = |letters: &[SunkLetter]| {
        let told = letters.iter().filter(|letter| letter.to.as_str() == "old@shop.kz");
        told.map(|letter| (letter.subject.clone(), letter.text.clone())).collect::<Vec<_>>()
    };
    let letters = home.letters(2).await;
    let (subject, text) = to_former(&letters).remove(0);
    assert!(subject.starts_with("Меняется адрес") && text.contains("https://ofd.example/forgot"));
    assert!(!text.contains("new@shop.kz"), "letters are forwarded");
    home.house.wait(60);
    assert_eq!(location(&browser.submit("/account/email/again", &[]).await), "/account?done=letter");
    let letters = home.letters(3).await;
    assert_eq!(to_former(&letters).len(), 1, "it is told once");
    let typed = code(letters.iter().find(|letter| letter.to.as_str() == "new@shop.kz").unwrap());
    browser.go("/account").await;
    browser.submit("/account/email/code", &[("code", &typed)]).await;
    let letters = home.letters(4).await;
    let told = to_former(&letters);
    assert!(told.iter().any(|(subject, _)| subject.starts_with("Адрес электронной почты изменён")));
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn who_came_by_password_changes_the_address_with_the_current_password_only() {
    let home = Home::open();
    let anna = home.with_email("АННА", "old@shop.kz").await;
    home.set_password(anna, PASSWORD).await;
    let mut browser = home.sign_in_by_password(anna).await;
    assert!(browser.go("/account/email").await.text.contains("name=\"current\""));
    for typed in ["", "Wrong1234"] {
        let fields = [("email", "thief@shop.kz"), ("current", typed)];
        let answer = browser.submit("/account/email", &fields).await;
        assert!(answer.status == 422 && answer.text.contains("This is not the current password"), "{typed}");
    }
    for _ in 0..5 {
        browser.submit("/account/email", &[("email", "no address"), ("current", "Wrong1234")]).await;
    }
    let account = home.account(anna).await;
    assert!(account.pending_email.is_none());
    assert_eq!(account.password.unwrap().wrong_in_a_row, 2, "only forms that are right otherwise count");
    home.letters(0).await;
    let fields = [("email", "anna@shop.kz"), ("current", PASSWORD)];
    let answer = browser.submit("/account/email", &fields).await;
    assert_eq!(location(&answer), "/account?done=letter");
    home.letters(2).await;
}

#[tokio::test]
async fn another_password_ends_a_change_of_the_address_that_was_begun() {
    let home = Home::open();
    let anna = home.with_email("АННА", "old@shop.kz").await;
    let mut browser = asked(&home, anna, "thief@shop.kz").await;
    let letters = home.letters(2).await;
    let letter = letters.iter().find(|letter| letter.to.as_str() == "thief@shop.kz").unwrap();
    browser.go("/account/password").await;
    let new = [("password", PASSWORD), ("repeat", PASSWORD)];
    assert_eq!(browser.submit("/account/password", &new).await.status, 303);
    assert_eq!(home.house.browser().open(&link(letter)).await.status, 410);
    assert_eq!(home.account(anna).await.email.unwrap().address, "old@shop.kz");
}
