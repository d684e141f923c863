//! Signatures under Application No. 2 of which something cannot be found out: no register comes of one before it holds.

use ofd_stand::OcspState;
use ofd_storage::accounts::PaperFault;
use ofd_storage::note::{Note, NoteKind, REGISTRATION_GROUPS, registration_waiting_key};
use ofd_storage::store::Store;

use super::super::agreement::checks::{PAST_ANSWERS_SECONDS, PAST_SILENCE_SECONDS, Served};
use super::*;

const CHECKING: RegistrationState = RegistrationState::Checking { order: RegistrationOrder::Register };

/// An organisation whose head has signed while the responder was ill.
async fn signed_while(ill: OcspState) -> (Joined, std::sync::Arc<ofd_stand::Switches>, RegisterId) {
    let Served { gate, sink, switches } = Served::open();
    let mut joined = Joined::with(gate, &sink).await;
    let id = joined.saved(&[]).await;
    joined.gate.house.wait(PAST_ANSWERS_SECONDS);
    switches.set_ocsp(ill);
    joined.browser.go(&joined.path(id)).await;
    assert_eq!(joined.sign_as_head(id).await, "checking");
    (joined, switches, id)
}

#[tokio::test]
async fn a_register_waits_for_its_signature_to_be_checked_and_is_made_once_it_holds() {
    let (mut joined, switches, id) = signed_while(OcspState::Down).await;
    let (at, edit) = (joined.path(id), format!("{}/edit", joined.path(id)));
    assert_eq!((joined.kept(id).await.state, joined.record(id).await), (CHECKING, None));
    let page = joined.browser.go(&at).await.text;
    assert!(page.contains("Signature being checked") && page.contains("does not answer now"), "{page}");
    assert!(!page.contains("data-sign=") && !page.contains("/token\""), "nobody signs it twice: {page}");
    assert_eq!(location(&joined.browser.open(&edit).await), format!("{at}?done=closed"));
    let start = format!("/c/{}/start", joined.bin);
    assert!(joined.browser.go(&start).await.text.contains("1 registration is in process"));
    // What was signed has its numbers, although nothing is decided.
    let path = joined.new_path();
    joined.browser.go(&path).await;
    let answer = Joined::send(&mut joined.browser, &path, &[("alias", "Касса 2"), ("rnm", "")]).await;
    assert!(answer.status == 422 && answer.text.contains("is registered already"), "{}", answer.text);
    let rows = joined.actions().await.len();
    for _ in 0..3 {
        joined.gate.house.wait(60);
        joined.go_on().await;
        assert_eq!((joined.kept(id).await.state, joined.record(id).await), (CHECKING, None));
    }
    assert_eq!(joined.actions().await.len(), rows, "that it is still unknown is no news");
    switches.set_ocsp(OcspState::Answers);
    joined.gate.house.wait(PAST_SILENCE_SECONDS);
    for _ in 0..2 {
        joined.go_on().await;
        assert_eq!(joined.kept(id).await.state, RegistrationState::Registered);
        assert_eq!(joined.record(id).await.unwrap().serial_number, "SWK 0001");
    }
    use AuditAction::{PaperValid, RegisterRegistered, TradePointAdded};
    assert_eq!(joined.actions().await[..3], [TradePointAdded, RegisterRegistered, PaperValid]);
    assert_eq!(joined.actions().await.len(), rows + 3, "once");
}

#[tokio::test]
async fn after_a_day_the_signature_is_refused_and_the_application_is_signed_again() {
    let (joined, switches, id) = signed_while(OcspState::TryLater).await;
    joined.gate.house.wait(24 * 3600 - 60);
    joined.go_on().await;
    assert_eq!(joined.kept(id).await.state, CHECKING);
    joined.gate.house.wait(120);
    joined.go_on().await;
    let kept = joined.kept(id).await;
    assert_eq!((kept.state, joined.record(id).await), (RegistrationState::Draft, None));
    let PaperState::Refused { fault, .. } = kept.paper.unwrap().state else { panic!("it is refused") };
    assert_eq!(fault, PaperFault::TooLong);
    switches.set_ocsp(OcspState::Answers);
    joined.gate.house.wait(PAST_SILENCE_SECONDS);
    let mut browser = joined.gate.house.browser();
    joined.gate.sign_in(&mut browser, "head").await;
    let page = browser.go(&joined.path(id)).await.text;
    assert!(page.contains("could not be checked within 24 hours") && page.contains("data-sign="), "{page}");
    let answer = joined.sign(&mut browser, id, joined.gate.key("head")).await;
    assert_eq!(location(&answer), format!("{}?done=registered", joined.path(id)));
    assert!(joined.record(id).await.is_some());
}

#[tokio::test]
async fn a_registration_of_which_no_note_is_left_is_gone_on_with_when_somebody_looks() {
    let (mut joined, switches, id) = signed_while(OcspState::Down).await;
    let store = &joined.gate.house.site.office.store;
    let at_ms = joined.gate.house.now().0 + 1;
    let [check, ..] = REGISTRATION_GROUPS;
    let key = registration_waiting_key(check, &joined.bin, id.0);
    let ended = Note::of_waiting(NoteKind::RegistrationWaiting, key, at_ms);
    store.note(Note { expires_ms: at_ms + 1, ..ended }).await.unwrap();
    switches.set_ocsp(OcspState::Answers);
    joined.gate.house.wait(60);
    joined.go_on().await;
    assert_eq!(joined.kept(id).await.state, CHECKING, "nothing leads to it");
    joined.browser.go(&joined.path(id)).await;
    joined.go_on().await;
    assert_eq!(joined.kept(id).await.state, RegistrationState::Registered);
}
