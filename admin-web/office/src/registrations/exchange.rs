//! The exchange with the tax authority as it goes on by itself: what is asked for is sent, and asked about until it is
//! answered.

use std::time::Duration;

use futures::{StreamExt, stream};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{Delivery, Registration, RegistrationState};
use ofd_storage::store::StoreError;

use super::answer::{AnswerOutcome, enter};
use super::change::{Next, change_registration, find};
use super::fields::rnm;
use super::rules::{Event, next};
use super::sign::rows;
use super::waiting::{self, Queued, Wait};
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::papers::{HERE, keep_doing};
use crate::tax_authority::{Answer, Message, Reply, TaxAuthority};
use crate::typed::Wrong;

/// The lease under which one gateway of a cluster does it.
const LEASE: &str = "tax-authority";

/// What waits is looked through in pages.
const PAGE: usize = 256;

/// Messages that are under way at once: a system that is slow keeps nobody's message back for long, and is not overrun.
const MESSAGES_AT_ONCE: usize = 8;

/// After so long nobody waits for the other side any more: what was sent may have arrived.
const REPLY_WITHIN: Duration = Duration::from_secs(20);

/// Sends what is still to be sent and asks about what was sent, once. What fails is done again.
///
/// # Errors
/// Those of the store that keep everything from being looked at.
pub async fn exchange(office: &Office, authority: &dyn TaxAuthority) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let (found, last) = waiting::page(office, Wait::Authority, after.as_deref(), PAGE).await?;
        let each = stream::iter(&found).for_each_concurrent(MESSAGES_AT_ONCE, |waiting| async move {
            if let Err(error) = one(office, authority, waiting).await {
                let (id, error) = (waiting.id, &error as &dyn std::error::Error);
                tracing::debug!(error, register.id = %id, "the tax authority is asked about {id} later");
            }
        });
        each.await;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

async fn one(
    office: &Office,
    authority: &dyn TaxAuthority,
    Queued { bin, id, .. }: &Queued,
) -> Result<(), ChangeError> {
    let Some((_, registration)) = find(&office.store, bin, *id).await? else { return Ok(()) };
    let RegistrationState::InProcess { delivery, .. } = registration.state else { return Ok(()) };
    let Some(message) = Message::of(&registration) else { return Ok(()) };
    let (reply, if_late) = match delivery {
        Delivery::Waiting | Delivery::Unknown => (authority.send(&message), Reply::Lost),
        // That it arrived is known, whatever becomes of the question.
        Delivery::Delivered => (authority.ask(&message), Reply::Nothing),
    };
    let reply = tokio::time::timeout(REPLY_WITHIN, reply).await.unwrap_or(if_late);
    take(office, (bin, *id), &message, reply).await
}

/// Takes what is known of a message now.
async fn take(
    office: &Office,
    (bin, id): (&str, RegisterId),
    message: &Message,
    reply: Reply,
) -> Result<(), ChangeError> {
    let by = By::program("ofd", office.now(), HERE);
    match reply {
        Reply::Nothing => Ok(()),
        Reply::Answered { rnm: given, answer } => {
            let outcome = match rnm(&given) {
                Ok(rnm) => enter(office, &by, (bin, id), (&rnm, &answer), message.paper()).await?,
                Err(wrong) => AnswerOutcome::Wrong(wrong),
            };
            tell_wrong(message, &outcome, &answer);
            Ok(())
        }
        reply @ (Reply::Delivered | Reply::Lost) => {
            let known = Event::Replied(reply);
            let changed = change_registration(office, (bin, id), |found| {
                let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
                let is_it = before.paper.as_ref().map(|paper| paper.number) == message.paper();
                let state = match next(&before.state, known.clone()) {
                    Ok(state) if is_it && state != before.state => state,
                    // It was answered meanwhile, or this was known.
                    Ok(_) | Err(_) => return Ok((None, ())),
                };
                // Since when it is asked for stays.
                let registration = Registration { state, ..before.clone() };
                let audit = rows(&by, &before.state, (&registration, false));
                Ok((Some(Next { registration, papers: Vec::new(), audit }), ()))
            });
            changed.await.map(drop)
        }
    }
}

/// An answer that cannot be entered stays the tax authority's: people look at it.
fn tell_wrong(message: &Message, outcome: &AnswerOutcome, answer: &Answer) {
    let AnswerOutcome::Wrong(wrong) = outcome else { return };
    let why = match wrong {
        Wrong::Empty => "it gives the register no number",
        Wrong::RnmTaken => "another register has the number that it gives",
        _ => "the number that it gives is none",
    };
    tracing::warn!(
        message.id,
        ?answer,
        "the tax authority's answer to {} cannot be entered: {why}; enter one at the queue of registrations",
        message.id
    );
}

/// Goes on every minute, as long as it runs.
pub async fn keep_exchanging(office: &Office) {
    keep_doing(office, LEASE, |office| Box::pin(exchange(office, &*office.authority))).await;
}
