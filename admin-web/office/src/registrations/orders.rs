//! What is asked of the tax authority for a register that is on the books: other data or another place, or to be taken off.

use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AuditAction, AuditField, AuditSubject, FieldChange, REGISTRATIONS_UNDER_WAY_MAX, Registration,
    RegistrationOrder, Wanted,
};

use super::change::{Next, change_registration, find};
use super::claims::taken;
use super::draft::{DraftOutcome, replaced, told_changes, with_free_shop};
use super::rules::{Event, next};
use super::sign::in_state;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::revision::Revision;
use crate::typed::Wrong;

/// What the audit tells of what is wanted.
fn changes(before: &Registration, wanted: Option<&Wanted>) -> Vec<FieldChange> {
    let order = |order: RegistrationOrder| AuditField::RegistrationOrder.change("", order.name());
    match wanted {
        // What was wanted before, and is not any more.
        None => {
            let order = before.wanted.as_ref().map(|_| before.order().name()).unwrap_or_default();
            AuditField::RegistrationOrder.change(order, "").into_iter().collect()
        }
        Some(Wanted::Change(data)) => order(RegistrationOrder::Change)
            .into_iter()
            .chain(told_changes(Some(&before.data), data))
            .collect(),
        Some(Wanted::Deregister(reason)) => {
            let reason = AuditField::DeregistrationReason.change("", reason.name());
            order(RegistrationOrder::Deregister).into_iter().chain(reason).collect()
        }
    }
}

/// Saves what is wanted of a register that is on the books; `None`: nothing any more. It is asked for by a signature.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn want(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    (wanted, revision): (Option<Wanted>, Revision),
) -> Result<DraftOutcome<()>, ChangeError> {
    let (_, known) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    let wanted = match wanted {
        Some(Wanted::Change(data)) => {
            Some(Wanted::Change(Box::new(with_free_shop(office, bin, &data).await?)))
        }
        other => other,
    };
    if let Err(turned) = next(&known.state, Event::Wanted) {
        return Ok(DraftOutcome::Turned(turned));
    }
    if let Some(Wanted::Change(data)) = &wanted {
        // A number that was given is on every receipt: it becomes another one, never none.
        if data.rnm.is_empty() && !known.data.rnm.is_empty() {
            return Ok(DraftOutcome::Taken(vec![("rnm", Wrong::Empty)]));
        }
        let errors = taken(office, (bin, id), data).await?;
        if !errors.is_empty() {
            return Ok(DraftOutcome::Taken(errors));
        }
    }
    // What is as it is needs nobody's leave.
    let wanted =
        wanted.filter(|wanted| !matches!(wanted, Wanted::Change(data) if data.says_same(&known.data)));
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        // Its settings may have made it so just now.
        let is_so = |wanted: &Wanted| matches!(wanted, Wanted::Change(data) if data.says_same(&before.data));
        let wanted = wanted.clone().filter(|wanted| !is_so(wanted));
        if before.wanted == wanted {
            return Ok((None, DraftOutcome::Saved(())));
        }
        let state = match next(&before.state, Event::Wanted) {
            Ok(state) => state,
            Err(turned) => return Ok((None, DraftOutcome::Turned(turned))),
        };
        if !revision.is(before.revision) {
            return Ok((None, DraftOutcome::Stale));
        }
        let under_way = &found.company.state.registrations;
        if wanted.is_some() && !under_way.contains(&id) && under_way.len() >= REGISTRATIONS_UNDER_WAY_MAX {
            return Ok((None, DraftOutcome::TooMany));
        }
        let paper = replaced(by, before.paper.as_ref());
        let registration = Registration {
            revision: before.revision.saturating_add(1),
            wanted: wanted.clone(),
            paper: paper.clone().or_else(|| before.paper.clone()),
            ..in_state(before, state, by.at)
        };
        let subject = AuditSubject::Register(id).called(id.to_string());
        let row = by.entry(AuditAction::RegistrationSaved, subject, changes(before, wanted.as_ref()));
        let next = Next { registration, papers: paper.into_iter().collect(), audit: vec![row] };
        Ok((Some(next), DraftOutcome::Saved(())))
    })
    .await?;
    Ok(outcome)
}
