//! The number of a certificate, as it comes into an account.

use ofd_storage::accounts::{Password, SessionMethod};

use super::*;
use crate::people::by_iin;

impl Gate {
    /// A person without a number who signs in by password.
    pub(in crate::tests) async fn person_with_password(&self, name: &str) -> AccountId {
        let hash = crate::people::password::hash(&self.house.site.office, HERE, PASSWORD).await.unwrap();
        let password = Password { hash, since: NOW, wrong_in_a_row: 0, locked_until: None };
        self.house.person_with(name, |account| account.password = Some(password)).await
    }

    /// A browser in which that person is signed in by password.
    async fn by_password(&self, id: AccountId) -> Browser {
        let browser = self.house.sign_in(id).await;
        self.change_account(id, |account| account.sessions[0].method = SessionMethod::Password).await;
        browser
    }
}

#[tokio::test]
async fn a_borrowed_session_does_not_become_the_account_of_another_key() {
    let gate = Gate::open();
    let id = gate.person_with_password("ТЕСТОВА ЖАНАР").await;
    let mut thief = gate.by_password(id).await;
    thief.go("/cabinet/add").await;
    let answer = gate.sign(&mut thief, "/cabinet/add", "person").await;
    assert!(answer.status == 200 && answer.text.contains(gate.key("person").full_name()));
    for typed in ["", "Wrong1234"] {
        let answer = thief.submit("/cabinet/add/number", &[("current", typed)]).await;
        assert!(answer.status == 422 && answer.text.contains("This is not the current password"), "{typed}");
    }
    assert!(gate.house.account(id).await.state.iin.is_none());
    let iin = gate.key("person").iin().unwrap();
    assert!(by_iin(&gate.house.site.office, iin).await.unwrap().is_none());
    gate.sign_in(&mut gate.house.browser(), "person").await;
    assert!(gate.house.account(id).await.state.sessions.len() == 1, "the key opens nothing here");
}

#[tokio::test]
async fn the_number_comes_with_the_password_and_a_second_form_does_no_harm() {
    let gate = Gate::open();
    let id = gate.person_with_password("ТЕСТОВА ЖАНАР").await;
    let mut browser = gate.by_password(id).await;
    browser.go("/cabinet/add").await;
    gate.sign(&mut browser, "/cabinet/add", "person").await;
    let mut twice = browser.clone();
    for browser in [&mut browser, &mut twice] {
        let answer = browser.submit("/cabinet/add/number", &[("current", PASSWORD)]).await;
        assert!(location(&answer).starts_with("/sign-up/company?proof="));
    }
    let account = gate.house.account(id).await.state;
    assert_eq!(account.iin.as_deref(), gate.key("person").iin());
    let rows = gate.house.audit_of(id).await;
    let changed = rows.iter().filter(|row| row.action == AuditAction::PersonChanged);
    assert_eq!(changed.count(), 1);
}

#[tokio::test]
async fn what_was_signed_waits_ten_minutes_for_the_password_of_the_same_session() {
    let gate = Gate::open();
    let id = gate.person_with_password("ТЕСТОВА ЖАНАР").await;
    let mut browser = gate.by_password(id).await;
    browser.go("/cabinet/add").await;
    gate.sign(&mut browser, "/cabinet/add", "person").await;
    let proof =
        browser.hidden("/cabinet/add/number").into_iter().find(|(name, _)| name == "proof").unwrap().1;
    let other = gate.person_with_password("ДРУГОЙ").await;
    let mut stranger = gate.by_password(other).await;
    stranger.go("/cabinet/add").await;
    gate.sign(&mut stranger, "/cabinet/add", "head").await;
    let stolen = [("proof", proof.as_str()), ("current", PASSWORD)];
    let answer = stranger.submit("/cabinet/add/number", &stolen).await;
    assert_eq!(location(&answer), "/cabinet/add?done=late");
    gate.house.wait(600);
    let answer = browser.submit("/cabinet/add/number", &[("current", PASSWORD)]).await;
    assert_eq!(location(&answer), "/cabinet/add?done=late");
    assert!(gate.house.account(id).await.state.iin.is_none());
}

#[tokio::test]
async fn a_number_that_was_claimed_and_not_written_is_written_at_the_next_sign_in() {
    let gate = Gate::open();
    let id = gate.person_with_password("ЖАНАР").await;
    let iin = gate.key("person").iin().unwrap();
    gate.house.store.claim("iin", iin, id.to_string().as_bytes(), NOW.0, None).await.unwrap();
    assert!(by_iin(&gate.house.site.office, iin).await.unwrap().is_none(), "the number is no login yet");
    let answer = gate.sign_in(&mut gate.house.browser(), "person").await;
    assert_eq!(location(&answer), "/cabinet");
    let account = gate.house.account(id).await.state;
    assert_eq!((account.iin.as_deref(), account.name.as_str()), (Some(iin), gate.key("person").full_name()));
    let audit = gate.house.audit_of(id).await;
    let fields: Vec<&str> = audit[1].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!((audit[1].action, fields), (AuditAction::PersonChanged, vec!["iin", "name"]));
    assert_eq!(by_iin(&gate.house.site.office, iin).await.unwrap().unwrap().state.id, id);
}

#[tokio::test]
async fn a_number_whose_account_is_being_made_elsewhere_is_not_taken_at_once() {
    let gate = Gate::open();
    let id = gate.person_with_password("ЖАНАР").await;
    let (iin, made) = (gate.key("person").iin().unwrap(), AccountId(0x10_57));
    gate.house.store.claim("iin", iin, made.to_string().as_bytes(), NOW.0, None).await.unwrap();
    let mut browser = gate.by_password(id).await;
    for (wait, is_taken) in [(0, false), (59, false), (1, true)] {
        gate.house.wait(wait);
        browser.go("/cabinet/add").await;
        gate.sign(&mut browser, "/cabinet/add", "person").await;
        let answer = browser.submit("/cabinet/add/number", &[("current", PASSWORD)]).await;
        assert_eq!(answer.status == 303, is_taken, "{wait}: {}", answer.text);
        assert_eq!(gate.house.account(id).await.state.iin.is_some(), is_taken);
    }
}
