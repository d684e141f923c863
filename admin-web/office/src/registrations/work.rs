//! What is left to do of registrations, every minute: signatures are asked about again, registers are made of which the
//! making was cut off, and what waits for long is noted anew, since notes run out.

use ofd_storage::accounts::{PaperState, RegistrationState};
use ofd_storage::store::StoreError;

use super::change::find;
use super::making::make;
use super::sign::{Rejudged, settle_again};
use super::waiting::{self, Queued, Wait, forget, note, note_anew};
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::papers::{HERE, judge_kept, keep_doing};

/// The lease under which one gateway of a cluster does it.
const LEASE: &str = "registrations";

/// What waits is looked through in pages.
const PAGE: usize = 256;

/// Between a note and the append that says the same lie some writes. After so long nobody is at it any more.
const SAID_WITHIN_MS: u64 = 10 * 60 * 1000;

/// What waits for the tax authority is noted anew after so long: a note is kept for a year.
const NOTED_ANEW_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Goes on with every registration that waits, once. What fails is gone on with again.
///
/// # Errors
/// Those of the store that keep everything from being looked at.
pub async fn go_on(office: &Office) -> Result<(), StoreError> {
    for wait in Wait::ALL {
        let mut after = None;
        loop {
            let (found, last) = waiting::page(office, wait, after.as_deref(), PAGE).await?;
            for waiting in &found {
                if let Err(error) = one(office, wait, waiting).await {
                    let (id, error) = (waiting.id, &error as &dyn std::error::Error);
                    tracing::debug!(error, register.id = %id, "registration {id} is gone on with later");
                }
            }
            match last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
    }
    Ok(())
}

async fn one(office: &Office, wait: Wait, waiting: &Queued) -> Result<(), ChangeError> {
    let place = (waiting.bin.as_str(), waiting.id);
    if wait == Wait::Plan {
        return Box::pin(plan_begins(office, waiting)).await;
    }
    let age_ms = office.now().0.saturating_sub(waiting.noted_at.0);
    let found = find(&office.store, place.0, place.1).await?;
    let state = found.as_ref().map(|(_, registration)| &registration.state);
    let has_visit = found.as_ref().is_some_and(|(_, registration)| registration.has_open_visit());
    // Whatever else is asked for of it: it is on the books, with what its organisation settles by itself.
    let is_made = found.as_ref().is_some_and(|(_, registration)| registration.is_registered());
    match (wait, state) {
        (Wait::Visit, Some(_)) if has_visit => {
            if age_ms >= NOTED_ANEW_MS {
                note_anew(office, wait, waiting).await?;
            }
            Ok(())
        }
        (Wait::Check, Some(RegistrationState::Checking { .. })) => check(office, waiting).await,
        (Wait::Making, Some(state)) if is_made || *state == RegistrationState::Deregistered => {
            make(office, place.0, place.1).await
        }
        (Wait::Authority, Some(RegistrationState::InProcess { .. })) if age_ms >= NOTED_ANEW_MS => {
            Ok(note_anew(office, wait, waiting).await?)
        }
        (Wait::Authority, Some(RegistrationState::InProcess { .. })) => Ok(()),
        // It was settled, or whoever noted it ended before it was said. Who noted it just now is about to say so.
        _ if age_ms >= SAID_WITHIN_MS => Ok(forget(office, wait, place).await?),
        _ => Ok(()),
    }
}

/// Tells the port on the first day of a plan that was chosen. What was noted today is looked at tomorrow: plans begin at midnight.
async fn plan_begins(office: &Office, waiting: &Queued) -> Result<(), ChangeError> {
    if office.day_of(waiting.noted_at) >= office.day_of(office.now()) {
        return Ok(());
    }
    let place = (waiting.bin.as_str(), waiting.id);
    let found = find(&office.store, place.0, place.1).await?;
    let Some((_, registration)) = found.filter(|(_, found)| found.is_registered()) else {
        return Ok(forget(office, Wait::Plan, place).await?);
    };
    // Also for one that waits further: the one before it may have begun.
    Box::pin(make(office, place.0, place.1)).await?;
    if registration.has_plan_ahead(office.now()) {
        Ok(note_anew(office, Wait::Plan, waiting).await?)
    } else {
        Ok(forget(office, Wait::Plan, place).await?)
    }
}

/// Asks about the signature under a registration's paper once more.
async fn check(office: &Office, waiting: &Queued) -> Result<(), ChangeError> {
    let (bin, id) = (waiting.bin.as_str(), waiting.id);
    let Some((_, registration)) = find(&office.store, bin, id).await? else { return Ok(()) };
    let Some(paper) = registration.paper else { return Ok(()) };
    let PaperState::Checking { signature, doubt } = &paper.state else { return Ok(()) };
    let (cms_hash, judgement) = judge_kept(office, (bin, paper.number), (signature, *doubt)).await?;
    let by = By::program("ofd", office.now(), HERE);
    let of = signature.cms_hash.clone();
    // It may be on the books, or go to the tax authority, by what was found.
    for wait in [Wait::Making, Wait::Authority] {
        note(office, wait, (bin, id)).await?;
    }
    let found_out = Rejudged { of, cms_hash, judgement };
    if settle_again(office, &by, (bin, id), &found_out).await? {
        forget(office, Wait::Check, (bin, id)).await?;
    }
    Ok(())
}

/// Goes on every minute, as long as it runs.
pub async fn keep_going(office: &Office) {
    keep_doing(office, LEASE, |office| Box::pin(go_on(office))).await;
}
