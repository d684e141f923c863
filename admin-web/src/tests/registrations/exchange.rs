//! The exchange with the tax authority by messages, as a program drives it behind the trait.

use std::pin::Pin;
use std::sync::Mutex;

use ofd_office::registrations::exchange;
use ofd_office::tax_authority::{Answer, Message, Reply, TaxAuthority};

use super::*;

type Awaited<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// A tax authority whose replies are written down before.
#[derive(Default)]
struct Scripted {
    replies: Mutex<Vec<Reply>>,
    /// What came: whether it was sent or asked about, and by which message.
    came: Mutex<Vec<(&'static str, String)>>,
}

impl Scripted {
    fn replies(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        replies.reverse();
        Self { replies: Mutex::new(replies), came: Mutex::default() }
    }

    fn came<'a>(&'a self, how: &'static str, message: &Message) -> Awaited<'a> {
        self.came.lock().unwrap().push((how, message.id.clone()));
        let reply = self.replies.lock().unwrap().pop().expect("no more is asked than is written down");
        Box::pin(async move { reply })
    }

    fn how(&self) -> Vec<&'static str> {
        self.came.lock().unwrap().iter().map(|(how, _)| *how).collect()
    }
}

impl TaxAuthority for Scripted {
    fn at_once(&self, _: &Registration, _: RegistrationOrder) -> Option<Answer> {
        None
    }

    fn send<'a>(&'a self, message: &'a Message) -> Awaited<'a> {
        self.came("sent", message)
    }

    fn ask<'a>(&'a self, message: &'a Message) -> Awaited<'a> {
        self.came("asked", message)
    }
}

fn accepted(rnm: &str) -> Reply {
    Reply::Answered { rnm: rnm.to_owned(), answer: Answer::Accepted }
}

fn refused() -> Reply {
    Reply::Answered { rnm: String::new(), answer: Answer::Refused("нет такой модели".into()) }
}

impl Joined {
    /// A register whose registration was signed and has no number yet.
    async fn asked_for(&mut self) -> RegisterId {
        let id = self.saved(&[("rnm", "")]).await;
        assert_eq!(self.sign_as_head(id).await, "sent");
        id
    }

    /// Lets the exchange go on once for each reply.
    async fn exchange(&self, replies: impl IntoIterator<Item = Reply>) -> Scripted {
        let authority = Scripted::replies(replies);
        let rounds = authority.replies.lock().unwrap().len();
        for _ in 0..rounds {
            exchange(&self.gate.house.site.office, &authority).await.unwrap();
        }
        authority
    }
}

const fn sent(delivery: Delivery) -> RegistrationState {
    RegistrationState::InProcess { order: RegistrationOrder::Register, delivery }
}

#[tokio::test]
async fn what_is_answered_to_the_message_itself_is_so_and_nothing_is_sent_again() {
    let mut joined = Joined::open().await;
    let id = joined.asked_for().await;
    let authority = joined.exchange([accepted("010100000009")]).await;
    assert_eq!(joined.kept(id).await.state, RegistrationState::Registered);
    assert_eq!(joined.record(id).await.unwrap().fns_kkm_id, "010100000009");
    assert!(joined.actions().await.contains(&AuditAction::RegisterRegistered));
    // Nothing is written down that could be replied.
    exchange(&joined.gate.house.site.office, &authority).await.unwrap();
    assert_eq!(authority.how(), ["sent"]);
}

#[tokio::test]
async fn a_message_that_arrived_is_asked_about_until_it_is_answered_and_a_refusal_is_told() {
    let mut joined = Joined::open().await;
    let id = joined.asked_for().await;
    let asked_at = joined.kept(id).await.since;
    joined.gate.house.wait(60);
    let authority = joined.exchange([Reply::Nothing, Reply::Delivered, Reply::Nothing]).await;
    let kept = joined.kept(id).await;
    assert_eq!((kept.state, kept.since), (sent(Delivery::Delivered), asked_at), "it is asked for since then");
    assert_eq!(authority.how(), ["sent", "sent", "asked"]);
    assert_eq!(joined.actions().await[0], AuditAction::RegistrationDelivery);
    let rows = joined.actions().await.len();
    joined.exchange([refused()]).await;
    let page = joined.browser.go(&joined.path(id)).await.text;
    assert!(page.contains("нет такой модели"), "{page}");
    assert_eq!(joined.record(id).await, None);
    assert_eq!(joined.actions().await.len(), rows + 1, "each news is told once");
}

#[tokio::test]
async fn a_lost_reply_is_shown_as_unknown_and_the_same_message_finds_out_what_became_of_it() {
    let mut joined = Joined::open().await;
    let id = joined.asked_for().await;
    let authority = joined.exchange([Reply::Lost, Reply::Lost]).await;
    assert_eq!(joined.kept(id).await.state, sent(Delivery::Unknown));
    let page = joined.browser.go(&joined.path(id)).await.text;
    assert!(page.contains("no reply known") && page.contains("This is not a refusal"), "{page}");
    assert!(
        !page.contains("data-sign=") && !page.contains("/drop\""),
        "it may be on the books by now: {page}"
    );
    let after = joined.exchange([Reply::Delivered, accepted("010100000009")]).await;
    assert_eq!(joined.kept(id).await.state, RegistrationState::Registered);
    let ids = |of: &Scripted| of.came.lock().unwrap().iter().map(|(_, id)| id.clone()).collect::<Vec<_>>();
    let all: Vec<String> = ids(&authority).into_iter().chain(ids(&after)).collect();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|id| *id == all[0]), "it is one message however often it goes: {all:?}");
}

#[tokio::test]
async fn an_answer_that_comes_twice_or_late_changes_nothing_and_another_signature_is_another_message() {
    let mut joined = Joined::open().await;
    let id = joined.asked_for().await;
    let first = joined.exchange([refused()]).await;
    // Signed again, since it was refused: the old message is answered no more.
    let at = joined.path(id);
    joined.browser.go(&at).await;
    joined.browser.submit(&format!("{at}/application"), &[]).await;
    joined.browser.go(&at).await;
    assert_eq!(joined.sign_as_head(id).await, "sent");
    let second = joined.exchange([Reply::Delivered]).await;
    assert_ne!(first.came.lock().unwrap()[0].1, second.came.lock().unwrap()[0].1);
    // People may have entered an answer meanwhile: theirs counts, and what comes later is no news.
    let mut operator = joined.operator().await;
    let one = format!("/operator/registrations/{}/{id}", joined.bin);
    operator.go(&one).await;
    operator.submit(&one, &[("decision", "accept"), ("rnm", "010100000009")]).await;
    let kept = joined.kept(id).await;
    let rows = joined.actions().await.len();
    let late = Scripted::replies([]);
    exchange(&joined.gate.house.site.office, &late).await.unwrap();
    assert_eq!((joined.kept(id).await, joined.actions().await.len()), (kept, rows));
    assert!(late.how().is_empty(), "what was answered is asked about no more");
}

#[tokio::test]
async fn an_answer_without_a_number_or_with_another_registers_is_entered_by_people() {
    let mut joined = Joined::open().await;
    let other = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(other).await, "registered");
    let id = joined.saved(&[("rnm", ""), ("serial_number", "SWK 0002"), ("alias", "Касса 2")]).await;
    assert_eq!(joined.sign_as_head(id).await, "sent");
    joined.exchange([accepted(""), accepted("12"), accepted("010100000001")]).await;
    assert_eq!(joined.kept(id).await.state, sent(Delivery::Waiting));
    let mut operator = joined.operator().await;
    assert!(operator.go("/operator/registrations").await.text.contains(&id.to_string()));
}
