//! What people change of a register that is on the books and takes no signature: its alias, whether it is connected, and
//! whether the operator blocks it.

use ofd_protocol::register::Change;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, Registration, Wanted};

use super::change::{Next, change_registration, find};
use super::claims::claim_alias;
use super::draft::DraftOutcome;
use super::making::failed;
use super::rules::Turned;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::registers::{RegisterError, change_register, record};
use crate::revision::Revision;
use crate::typed::Wrong;

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// It is so.
    Done,
    /// The register was taken off the books: nothing of it changes any more.
    Final,
}

/// Changes a register of an organisation, told in its audit and felt at the port at once.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no such register.
pub async fn change_own(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    change: &Change,
) -> Result<ChangeOutcome, ChangeError> {
    if record(&office.store, id).await.map_err(failed)?.bin != bin {
        return Err(ChangeError::NotFound);
    }
    match change_register((&office.store, &*office.world), &office.turns, id, change, by).await {
        Ok(_) => Ok(ChangeOutcome::Done),
        Err(RegisterError::Final(_)) => Ok(ChangeOutcome::Final),
        Err(error) => Err(failed(error)),
    }
}

/// Gives a register another alias. It is the organisation's own, so nobody is asked.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn rename(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    (alias, revision): (&str, Revision),
) -> Result<DraftOutcome<()>, ChangeError> {
    let (_, known) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    if known.data.alias == alias {
        return Ok(DraftOutcome::Saved(()));
    }
    if !known.is_registered() {
        return Ok(DraftOutcome::Turned(Turned::NotRegistered));
    }
    if !claim_alias(office, (bin, id), alias).await? {
        return Ok(DraftOutcome::Taken(vec![("alias", Wrong::AliasTaken)]));
    }
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if before.data.alias == alias {
            return Ok((None, DraftOutcome::Saved(())));
        }
        if !before.is_registered() {
            return Ok((None, DraftOutcome::Turned(Turned::NotRegistered)));
        }
        if !revision.is(before.revision) {
            return Ok((None, DraftOutcome::Stale));
        }
        let mut registration = before.clone();
        alias.clone_into(&mut registration.data.alias);
        if let Some(Wanted::Change(data)) = &mut registration.wanted {
            alias.clone_into(&mut data.alias);
        }
        registration.revision = before.revision.saturating_add(1);
        let subject = AuditSubject::Register(id).called(id.to_string());
        let changes = AuditField::Alias.change(&before.data.alias, alias).into_iter().collect();
        let audit = vec![by.entry(AuditAction::RegistrationSaved, subject, changes)];
        Ok((Some(Next { registration, papers: Vec::new(), audit }), DraftOutcome::Saved(())))
    })
    .await?;
    Ok(outcome)
}

/// The registration of a register, where it has one: what the fleet file made has none.
///
/// # Errors
/// Those of the store.
pub async fn registration_of(
    office: &Office,
    bin: &str,
    id: RegisterId,
) -> Result<Option<Registration>, ChangeError> {
    Ok(find(&office.store, bin, id).await?.map(|(_, registration)| registration))
}
