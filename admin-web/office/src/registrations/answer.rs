//! What the tax authority answered, as the operator's people enter it.

use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{Registration, RegistrationOrder, RegistrationState};

use super::change::{Next, change_with_shop, find};
use super::claims::claim_rnm;
use super::making::make_now;
use super::plans::{note_asked_plan, plan_row};
use super::rules::{Event, next};
use super::sign::{answered, note_for, rows};
use super::waiting::{self, Wait};
use crate::by::By;
use crate::change::ChangeError;
use crate::money_day::money_now;
use crate::office::Office;
use crate::tax_authority::Answer;
use crate::typed::Wrong;

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It is entered; or it was before, just so.
    Entered(Box<Registration>),
    /// Somebody else entered another answer, or nothing was asked.
    NotAsked(Box<Registration>),
    /// Something is wrong with the number of the tax authority.
    Wrong(Wrong),
}

/// Whether a registration is so already as an answer would make it.
fn is_so(registration: &Registration, rnm: &str, answer: &Answer) -> bool {
    match (&registration.state, answer) {
        (RegistrationState::Registered, Answer::Accepted) => rnm.is_empty() || registration.data.rnm == rnm,
        (RegistrationState::Deregistered, Answer::Accepted) => true,
        (RegistrationState::Refused { reason, .. }, Answer::Refused(why)) => reason == why,
        _ => false,
    }
}

/// Enters what the tax authority answered; `rnm` is the number that it gave, where it accepted.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn answer(
    office: &Office,
    by: &By,
    place: (&str, RegisterId),
    given: (&str, &Answer),
) -> Result<AnswerOutcome, ChangeError> {
    enter(office, by, place, given, None).await
}

/// The same; `of` is the paper whose signature asked, where that is known: an answer that comes late answers nothing newer.
pub(super) async fn enter(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    (rnm, given): (&str, &Answer),
    of: Option<u32>,
) -> Result<AnswerOutcome, ChangeError> {
    let (_, registration) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    // Only what comes on the books is given a number.
    let rnm = if registration.order() == RegistrationOrder::Register { rnm } else { "" };
    if *given == Answer::Accepted && matches!(registration.state, RegistrationState::InProcess { .. }) {
        if rnm.is_empty() && registration.order() == RegistrationOrder::Register {
            return Ok(AnswerOutcome::Wrong(Wrong::Empty));
        }
        if let Err((_, wrong)) = claim_rnm(office, id, rnm).await? {
            return Ok(AnswerOutcome::Wrong(wrong));
        }
    }
    if let Ok(state) = next(&registration.state, Event::Answered(given.clone())) {
        note_for(office, (bin, id), &state).await?;
    }
    let money = money_now(office, office.zone_offset_seconds).await?;
    note_asked_plan(office, (bin, id), &registration).await?;
    let (_, outcome) = change_with_shop(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        let is_other = of.is_some() && before.paper.as_ref().map(|paper| paper.number) != of;
        let answered_state = next(&before.state, Event::Answered(given.clone())).ok().filter(|_| !is_other);
        let Some(state) = answered_state else {
            let kept = Box::new(before.clone());
            let is_so = is_so(before, rnm, given);
            return Ok((
                None,
                if is_so { AnswerOutcome::Entered(kept) } else { AnswerOutcome::NotAsked(kept) },
            ));
        };
        let mut registration = answered(before, state, Some(given), (by.at, money))?;
        if *given == Answer::Accepted && !rnm.is_empty() {
            rnm.clone_into(&mut registration.data.rnm);
        }
        let mut audit = rows(by, &before.state, (&registration, found.brings_shop));
        audit.extend(plan_row(by, before, &registration));
        let entered = AnswerOutcome::Entered(Box::new(registration.clone()));
        Ok((Some(Next { registration, papers: Vec::new(), audit }), entered))
    })
    .await?;
    if let AnswerOutcome::Entered(registration) = &outcome {
        if registration.is_registered() || registration.state == RegistrationState::Deregistered {
            make_now(office, bin, id).await;
        }
        waiting::forget(office, Wait::Authority, (bin, id)).await?;
    }
    Ok(outcome)
}
