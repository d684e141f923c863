//! What people change of a register that is on the books and takes no signature: its alias, whether it is connected, and
//! whether the operator blocks it.

use ofd_protocol::register::Change;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AuditAction, AuditSubject, Paper, RegisterData, Registration, Wanted};

use super::change::{Next, change_registration, find};
use super::claims::claim_alias;
use super::draft::{DraftOutcome, replaced, told_changes};
use super::fields::alias;
use super::making::{failed, make_now};
use super::rules::{Event, Turned, next};
use super::sign::in_state;
use super::waiting::{Wait, note};
use crate::by::By;
use crate::change::ChangeError;
use crate::fields::Fields;
use crate::office::Office;
use crate::registers::{RegisterError, change_register, record};
use crate::revision::Revision;
use crate::typed::{Errors, Reader, Wrong};

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

/// What an organisation settles by itself of a register that is on the books: nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What it calls the register; may be empty.
    pub alias: String,
}

impl Settings {
    /// Those that registration data have.
    #[must_use]
    pub fn of(data: &RegisterData) -> Self {
        Self { alias: data.alias.clone() }
    }

    fn set_in(&self, data: &mut RegisterData) {
        self.alias.clone_into(&mut data.alias);
    }
}

/// Reads the form of a register's settings.
pub fn read_settings(fields: &Fields) -> (Settings, Errors) {
    let mut reader = Reader::default();
    let alias = reader.take("alias", alias(fields.text("alias")));
    (Settings { alias }, reader.errors)
}

/// What came of settings that were saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// They are so.
    Done,
    /// They are so, and nothing is left of what was wanted: there is nothing to sign any more.
    WishMet,
}

/// Settles what an organisation may settle by itself. What the port needs of it, the port knows at once.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn settle(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    (settings, revision): (&Settings, Revision),
) -> Result<DraftOutcome<Settled>, ChangeError> {
    let (_, known) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    if Settings::of(&known.data) == *settings {
        return Ok(DraftOutcome::Saved(Settled::Done));
    }
    if !known.is_registered() {
        return Ok(DraftOutcome::Turned(Turned::NotRegistered));
    }
    if known.data.alias != settings.alias && !claim_alias(office, (bin, id), &settings.alias).await? {
        return Ok(DraftOutcome::Taken(vec![("alias", Wrong::AliasTaken)]));
    }
    // The record follows, even where this process ends before it does.
    note(office, Wait::Making, (bin, id)).await?;
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if Settings::of(&before.data) == *settings {
            return Ok((None, DraftOutcome::Saved(Settled::Done)));
        }
        if !before.is_registered() {
            return Ok((None, DraftOutcome::Turned(Turned::NotRegistered)));
        }
        if !revision.is(before.revision) {
            return Ok((None, DraftOutcome::Stale));
        }
        let mut registration = before.clone();
        settings.set_in(&mut registration.data);
        if let Some(Wanted::Change(data)) = &mut registration.wanted {
            settings.set_in(data);
        }
        registration.revision = before.revision.saturating_add(1);
        let subject = AuditSubject::Register(id).called(id.to_string());
        let changes = told_changes(Some(&before.data), &registration.data);
        let audit = vec![by.entry(AuditAction::RegistrationSaved, subject, changes)];
        let (registration, papers) = without_met_wish(by, registration);
        let is_met = registration.wanted.is_none() && before.wanted.is_some();
        let settled = if is_met { Settled::WishMet } else { Settled::Done };
        Ok((Some(Next { registration, papers, audit }), DraftOutcome::Saved(settled)))
    })
    .await?;
    if matches!(outcome, DraftOutcome::Saved(_)) {
        make_now(office, bin, id).await;
    }
    Ok(outcome)
}

/// A registration that wants nothing any more where all that it wanted is so, with the paper that says it. What is asked
/// for already is left to the tax authority.
pub(crate) fn without_met_wish(by: &By, registration: Registration) -> (Registration, Vec<Paper>) {
    let is_met =
        matches!(&registration.wanted, Some(Wanted::Change(data)) if data.says_same(&registration.data));
    let state = match next(&registration.state, Event::Wanted) {
        Ok(state) if is_met => state,
        Ok(_) | Err(_) => return (registration, Vec::new()),
    };
    let paper = replaced(by, registration.paper.as_ref());
    let met = Registration {
        wanted: None,
        paper: paper.clone().or_else(|| registration.paper.clone()),
        ..in_state(&registration, state, by.at)
    };
    (met, paper.into_iter().collect())
}

/// The registration of a register of an organisation; `None`: it has no such register.
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
