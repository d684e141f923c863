//! The organisation's own address: no contact before the code of a letter to it was typed.

use super::super::account::code;
use super::super::support::visible;
use super::*;
use crate::mail::{Mailer, Sink};

const PAGE: &str = "/c/151140001234/contacts/email";
const LETTER: &str = "/c/151140001234/contacts/email/letter";
const START: &str = "/c/151140001234/start";

/// A company whose people just gave it an address; letters stay in the sink.
async fn with_address(mailer: Mailer) -> (Office, Browser) {
    let office = office_in(House::with(|config| config.people.mailer = mailer)).await;
    let mut browser = office.browser().await;
    browser.go(&format!("{HOME}/contacts")).await;
    let answer = browser.submit(&format!("{HOME}/contacts"), &[("email", "info@example.kz")]).await;
    assert_eq!(location(&answer), format!("{HOME}?done=contacts"));
    (office, browser)
}

#[tokio::test]
async fn a_code_that_went_to_the_address_confirms_it_and_another_address_has_to_be_confirmed_anew() {
    let sink = Arc::new(Sink::default());
    let (office, mut browser) = with_address(Mailer::Sink(Arc::clone(&sink))).await;
    let page = browser.go(START).await.text;
    assert!(visible(&page).contains("e-mail is not confirmed: info@example.kz"), "{page}");
    assert!(page.contains(&format!("href=\"{PAGE}\"")), "{page}");
    assert!(browser.go(HOME).await.text.contains("it is not used as a contact"));
    assert!(sink.letters().is_empty(), "a letter goes when somebody asks for it");
    browser.go(PAGE).await;
    let mut twice = browser.clone();
    assert_eq!(location(&browser.submit(LETTER, &[]).await), format!("{PAGE}?done=letter"));
    twice.submit(LETTER, &[]).await;
    let letters = sink.letters();
    assert_eq!(letters.len(), 1, "a double click writes once");
    let letter = &letters[0];
    assert!(letter.text.contains("Көктем"), "whose address it is said to be");
    browser.go(PAGE).await;
    let mut late = browser.clone();
    let answer = browser.submit(PAGE, &[("code", "ZZZZZZ")]).await;
    assert!(answer.status == 422 && answer.text.contains("value=\"ZZZZZZ\""), "{}", answer.text);
    assert!(browser.go(HOME).await.text.contains("it is not used as a contact"));
    browser.go(PAGE).await;
    let right = code(letter);
    let answer = browser.submit(PAGE, &[("code", &right)]).await;
    assert_eq!(location(&answer), format!("{HOME}?done=email-confirmed"));
    assert_eq!(location(&late.submit(PAGE, &[("code", &right)]).await), HOME, "once more is nothing");
    let page = browser.go(HOME).await.text;
    assert!(page.contains("info@example.kz") && !page.contains("it is not used as a contact"), "{page}");
    assert!(!browser.go(START).await.text.contains("is not confirmed"));
    assert_eq!(location(&browser.open(PAGE).await), HOME, "there is nothing to confirm");
    use AuditAction::{CompanyEmailConfirmed, ProfileChanged};
    assert_eq!(office.actions().await[..3], [CompanyEmailConfirmed, ProfileChanged, ProfileChanged]);

    browser.go(&format!("{HOME}/contacts")).await;
    browser.submit(&format!("{HOME}/contacts"), &[("email", "other@example.kz")]).await;
    assert!(browser.go(HOME).await.text.contains("it is not used as a contact"));
}

#[tokio::test]
async fn a_mail_outage_is_said_and_the_address_stays_as_it_was_typed() {
    let (office, mut browser) = with_address(Mailer::Off).await;
    browser.go(PAGE).await;
    let answer = browser.submit(LETTER, &[]).await;
    assert!(answer.status == 422 && answer.text.contains("info@example.kz"), "{}", answer.text);
    assert!(visible(&answer.text).contains("sends no letters"), "{}", answer.text);
    let profile = office.company().await.profile;
    assert_eq!((profile.email.as_str(), profile.pending_email), ("info@example.kz", None));
}

#[tokio::test]
async fn who_only_reads_confirms_nothing() {
    let (office, _) = with_address(Mailer::Sink(Arc::default())).await;
    let mut reader = office.browser_of(BIN, 1).await;
    assert_eq!(reader.open(PAGE).await.status, 403);
    let page = reader.go(HOME).await.text;
    assert!(page.contains("it is not used as a contact") && !page.contains(PAGE), "{page}");
    assert!(!reader.go(START).await.text.contains("is not confirmed"));
}
