//! A person's own pages, over a site whose letters stay in a sink.

mod codes;
mod creation;
mod email;
mod password;
mod recovery;

use std::sync::Arc;

use ofd_storage::accounts::{
    Account, AccountId, AuditAction, ConfirmedEmail, Password, Role, SessionMethod, load, save,
};
use ofd_storage::store::Store;

use super::support::HERE;
use super::support::people::{Browser, House, location};
use crate::Mailer;
use crate::mail::{Sink, SunkLetter};

const BIN: &str = "151140001234";
const IIN: &str = "880101300123";
const PASSWORD: &str = "Abcdefg1";

/// A house whose letters can be read.
struct Home {
    house: House,
    sink: Arc<Sink>,
}

/// Whether a password is the one that is kept.
async fn is_kept(home: &Home, kept: &str, typed: &str) -> bool {
    crate::people::password::verify(home.house.site.office.work(), HERE, Some(kept), typed).await.unwrap()
}

impl Home {
    fn open() -> Self {
        let sink = Arc::new(Sink::default());
        let mailer = Mailer::Sink(Arc::clone(&sink));
        Self { house: House::with(|config| config.people.mailer = mailer), sink }
    }

    /// A person with an IIN.
    async fn anna(&self) -> AccountId {
        self.house.person_with("ТЕСТОВА АННА", |account| account.iin = Some(IIN.into())).await
    }

    /// A person whose address is confirmed.
    async fn with_email(&self, name: &str, address: &str) -> AccountId {
        let now = self.house.now();
        let confirmed = ConfirmedEmail { address: address.into(), since: now };
        let id = self.house.person_with(name, |account| account.email = Some(confirmed)).await;
        let owner = id.to_string();
        self.house.store.claim("email", address, owner.as_bytes(), now.0, None).await.unwrap();
        id
    }

    async fn account(&self, id: AccountId) -> Account {
        self.house.account(id).await.state
    }

    /// Changes an account behind the site's back.
    async fn change(&self, id: AccountId, set: impl FnOnce(&mut Account)) {
        let before = load::<Account>(&*self.house.store, id.stream()).await.unwrap().unwrap();
        let mut changed = before.state.clone();
        set(&mut changed);
        let stamp = self.house.site.office.stamp();
        save(&*self.house.store, &before, changed, Vec::new(), stamp).await.unwrap();
    }

    /// Gives an account a password.
    async fn set_password(&self, id: AccountId, typed: &str) {
        let hash = crate::people::password::hash(&self.house.site.office, HERE, typed).await.unwrap();
        let since = self.house.now();
        let password = Password { hash, since, wrong_in_a_row: 0, locked_until: None };
        self.change(id, |account| account.password = Some(password)).await;
    }

    /// A browser in which a person is signed in by password.
    async fn sign_in_by_password(&self, id: AccountId) -> Browser {
        let browser = self.house.sign_in(id).await;
        self.change(id, |account| account.sessions.last_mut().unwrap().method = SessionMethod::Password)
            .await;
        browser
    }

    /// The letters so far, the newest first, once so many are there: some are written after the answer.
    async fn letters(&self, count: usize) -> Vec<SunkLetter> {
        for _ in 0..200 {
            if self.sink.letters().len() >= count {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let letters = self.sink.letters();
        assert_eq!(letters.len(), count, "{:?}", subjects(&letters));
        letters
    }

    async fn actions(&self, id: AccountId) -> Vec<AuditAction> {
        self.house.audit_of(id).await.into_iter().map(|entry| entry.action).collect()
    }
}

fn subjects(letters: &[SunkLetter]) -> Vec<&str> {
    letters.iter().map(|letter| letter.subject.as_str()).collect()
}

/// The path of the link in a letter; the letter's links lead to the site itself.
fn link(letter: &SunkLetter) -> String {
    let line = letter.text.lines().find(|line| line.contains("://") && line.contains("k=")).unwrap();
    line.strip_prefix("https://ofd.example").unwrap().to_owned()
}

/// The code in a letter: the last word of its line.
pub(super) fn code(letter: &SunkLetter) -> String {
    let line = letter.text.lines().find(|line| line.contains("code") || line.contains("код")).unwrap();
    line.rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn personal_data_are_shown_and_changed() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    let page = browser.go("/account").await.text;
    assert!(page.contains("ТЕСТОВА АННА") && page.contains(IIN));
    let answer = browser.submit("/account", &[("phone", "+7 7172 123-456"), ("language", "kk")]).await;
    assert_eq!(location(&answer), "/account?lang=kk&done=saved");
    let page = browser.go(&location(&answer)).await.text;
    assert!(page.contains("Деректер сақталды") && page.contains("+7 7172 123-456"), "in the new language");
    let account = home.account(anna).await;
    assert_eq!((account.phone.as_str(), account.language.as_str()), ("+7 7172 123-456", "kk"));
    let rows = home.house.audit_of(anna).await;
    let fields: Vec<&str> = rows[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!((rows[0].action, fields), (AuditAction::PersonChanged, vec!["phone", "language"]));
}

#[tokio::test]
async fn saving_the_same_again_writes_nothing() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account").await;
    let before = browser.clone();
    for mut browser in [before.clone(), before] {
        browser.submit("/account", &[("phone", "+77172123456"), ("language", "ru")]).await;
    }
    assert_eq!(home.actions(anna).await, [AuditAction::PersonChanged]);
}

#[tokio::test]
async fn wrong_personal_data_come_back_as_they_were_typed() {
    let home = Home::open();
    let anna = home.house.person("АННА").await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account").await;
    let sent = [("name", "Anna\r\nBcc: all@shop.kz"), ("phone", "call \"me\""), ("language", "fr")];
    let answer = browser.submit("/account", &sent).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Give a name without") && answer.text.contains("phone number"));
    assert!(answer.text.contains("call &#34;me&#34;"), "what was typed is still there");
    assert_eq!(home.account(anna).await.name, "АННА");
}

#[tokio::test]
async fn a_name_from_a_certificate_cannot_be_changed_by_hand() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account").await;
    browser.submit("/account", &[("name", "Somebody Else"), ("phone", ""), ("language", "en")]).await;
    assert_eq!(home.account(anna).await.name, "ТЕСТОВА АННА");
}

#[tokio::test]
async fn colleagues_see_a_changed_name_and_the_audit_of_the_company_tells_of_it() {
    let home = Home::open();
    let anna = home.house.person("АННА").await;
    home.house.company(BIN, "ТОО «Көктем»", &[(anna, &[Role::Reader])]).await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account").await;
    browser.submit("/account", &[("name", "Анна Тестова"), ("phone", ""), ("language", "ru")]).await;
    assert_eq!(home.house.company_of(BIN).await.members[0].name, "Анна Тестова");
    let row = &home.house.audit(BIN).await[0];
    assert_eq!((row.action, row.changes[0].before.as_deref()), (AuditAction::PersonChanged, Some("АННА")));
}

#[tokio::test]
async fn the_history_is_the_persons_own() {
    let home = Home::open();
    let (anna, boris) = (home.anna().await, home.house.person("БОРИС").await);
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account").await;
    browser.submit("/account", &[("phone", "+7 777 000-11-22"), ("language", "en")]).await;
    let page = browser.go("/account/history").await.text;
    assert!(page.contains("Phone: +7 777 000-11-22") && page.contains("ТЕСТОВА АННА"));
    let mut browser = home.house.sign_in(boris).await;
    let page = browser.go("/account/history").await.text;
    assert!(!page.contains("+7 777") && page.contains("Nothing has happened yet"));
}

#[tokio::test]
async fn a_long_history_comes_in_pages() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut browser = home.house.sign_in(anna).await;
    browser.go("/account").await;
    for number in 0..51 {
        let phone = format!("+7 777 000-00-{number:02}");
        browser.submit("/account", &[("phone", &phone), ("language", "en")]).await;
        browser.go("/account").await;
    }
    let page = browser.go("/account/history").await.text;
    assert!(page.contains("000-00-50") && !page.contains("Phone: +7 777 000-00-00<"));
    let older = page.split("href=\"").find(|rest| rest.starts_with("/account/history?before=")).unwrap();
    let page = browser.go(older.split('"').next().unwrap()).await.text;
    assert!(page.contains("Phone: +7 777 000-00-00<") && page.contains("To the newest"));
    assert!(!page.contains(">Earlier<"), "there is nothing older");
}

#[tokio::test]
async fn a_session_elsewhere_can_be_ended_and_this_one_cannot() {
    let home = Home::open();
    let anna = home.anna().await;
    let (mut here, mut there) = (home.house.sign_in(anna).await, home.house.sign_in(anna).await);
    let page = here.go("/account/security").await.text;
    assert_eq!(page.matches("action=\"/account/sessions/end\"").count(), 1);
    assert_eq!(page.matches("This device").count(), 1);
    let again = here.clone();
    for mut here in [here.clone(), again] {
        let answer = here.submit("/account/sessions/end", &[]).await;
        assert_eq!(location(&answer), "/account/security?done=ended", "a second time does no harm");
    }
    assert!(location(&there.open("/account").await).starts_with("/login"));
    assert_eq!(home.actions(anna).await, [AuditAction::SessionEnded]);
    let own = home.account(anna).await.sessions[0].id.clone();
    here.go("/account/security").await;
    let token = here.hidden("/sign-out")[0].1.clone();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    here.send("POST", "/account/sessions/end", &kind, format!("csrf={token}&session={own}")).await;
    here.go("/account").await;
}

#[tokio::test]
async fn a_session_of_somebody_else_cannot_be_ended() {
    let home = Home::open();
    let (anna, boris) = (home.anna().await, home.house.person("БОРИС").await);
    let mut other = home.house.sign_in(boris).await;
    let (mut here, _) = (home.house.sign_in(anna).await, home.house.sign_in(anna).await);
    here.go("/account/security").await;
    let foreign = home.account(boris).await.sessions[0].id.clone();
    here.submit("/account/sessions/end", &[("session", &foreign)]).await;
    other.go("/account").await;
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    let home = Home::open();
    let anna = home.anna().await;
    let mut here = home.house.sign_in(anna).await;
    let mut others = [home.house.sign_in(anna).await, home.house.sign_in(anna).await];
    here.go("/account/security").await;
    here.submit("/account/sessions/end-others", &[]).await;
    for other in &mut others {
        assert!(location(&other.open("/account").await).starts_with("/login"));
    }
    let page = here.go("/account/security?done=ended-others").await.text;
    assert!(page.contains("signed out everywhere else") && page.contains("nowhere else"));
}

#[tokio::test]
async fn letters_are_shown_only_where_they_go_nowhere() {
    let off = House::open();
    assert_eq!(off.browser().open("/demo/letters").await.status, 404);
    let home = Home::open();
    let mut browser = home.house.browser();
    assert!(browser.go("/demo/letters").await.text.contains("No letters yet"));
    let anna = home.anna().await;
    let mut signed = home.house.sign_in(anna).await;
    signed.go("/account/email").await;
    signed.submit("/account/email", &[("email", "anna@shop.kz")]).await;
    let page = browser.go("/demo/letters").await.text;
    let path = link(&home.letters(1).await[0]).replace('&', "&#38;");
    assert!(page.contains("anna@shop.kz") && page.contains(&format!("href=\"https://ofd.example{path}\"")));
}
