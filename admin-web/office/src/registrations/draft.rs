//! Saving what an organisation says of a register, before anything is signed.

use ofd_billing::tariffs::TariffHistory;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AuditAction, AuditEntry, AuditField, AuditSubject, FieldChange, Paper, PaperState,
    REGISTRATIONS_UNDER_WAY_MAX, RegisterData, Registration, RegistrationState, joined,
};
use ofd_storage::model::{self, TradePoint, TradePointId};

use super::change::{Next, change_registration};
use super::claims::{claim_id, taken};
use super::rules::{Event, Turned, next};
use crate::by::By;
use crate::change::ChangeError;
use crate::keys::text_of;
use crate::office::Office;
use crate::papers::{self, may_connect_registers};
use crate::revision::Revision;
use crate::typed::Errors;

/// What came of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftOutcome<T> {
    /// It is saved.
    Saved(T),
    /// Others have something of it that only one register may have.
    Taken(Errors),
    /// Somebody else saved it meanwhile; nothing was changed.
    Stale,
    /// It cannot be edited now.
    Turned(Turned),
    /// The organisation has not joined the contract yet.
    NoContract,
    /// Too many are under way.
    TooMany,
}

/// Shops of one name at one address that were deleted one after the other, of which a new one is still told apart.
const DELETED_TWINS_MAX: u32 = 20;

/// The registration that was begun.
pub type Begun = RegisterId;

/// The registration as it is then.
pub type Edited = Box<Registration>;

/// What a form is given, so that it begins one registration however often it comes.
#[must_use]
pub fn first_key(office: &Office) -> String {
    text_of(&office.drawn::<12>())
}

/// What the audit tells of the data of a register.
fn changes(before: Option<&RegisterData>, after: &RegisterData) -> Vec<(AuditField, String, String)> {
    let told = |data: &RegisterData| {
        [
            (AuditField::RegisterModel, data.model_name.clone()),
            (AuditField::SerialNumber, data.serial_number.clone()),
            (AuditField::Year, data.year.to_string()),
            (AuditField::Rnm, data.rnm.clone()),
            (AuditField::Connection, data.connection.name().to_owned()),
            (AuditField::Alias, data.alias.clone()),
            (AuditField::Tariff, data.tariff.to_string()),
            (AuditField::TradePoint, format!("{}, {}", data.shop.title, data.shop.address)),
        ]
    };
    let before = before.map(told);
    let value = |index: usize| {
        let known = before.as_ref().and_then(|before| before.get(index));
        known.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    told(after).into_iter().enumerate().map(|(index, (field, after))| (field, value(index), after)).collect()
}

/// The same as rows have it.
pub(super) fn told_changes(before: Option<&RegisterData>, after: &RegisterData) -> Vec<FieldChange> {
    let changes = changes(before, after);
    changes.iter().filter_map(|(field, before, after)| field.change(before, after)).collect()
}

fn row(by: &By, id: RegisterId, before: Option<&RegisterData>, after: &RegisterData) -> AuditEntry {
    let subject = AuditSubject::Register(id).called(id.to_string());
    by.entry(AuditAction::RegistrationSaved, subject, told_changes(before, after))
}

/// The id of a new shop follows from its name and address. Where that id is of one that was deleted, another one is taken.
pub(super) async fn with_free_shop(
    office: &Office,
    bin: &str,
    data: &RegisterData,
) -> Result<RegisterData, ChangeError> {
    let mut data = data.clone();
    for number in 1..=DELETED_TWINS_MAX {
        let shop = &mut data.shop;
        let kept = model::load::<TradePoint>(&office.store, shop.id.0.as_bytes()).await?;
        if !shop.is_new || kept.is_none_or(|(_, kept)| kept.deleted_at.is_none()) {
            break;
        }
        shop.id = TradePointId::derive(bin, &shop.title, &format!("{}\n{number}", shop.address));
    }
    Ok(data)
}

/// Begins a registration with what a form says. `key` is what the form was given; one that comes twice begins one.
///
/// # Errors
/// [`ChangeError`].
pub async fn begin(
    office: &Office,
    by: &By,
    (bin, key): (&str, &str),
    data: &RegisterData,
) -> Result<DraftOutcome<Begun>, ChangeError> {
    // For what cannot be begun no name is claimed.
    let company = joined(&office.store, bin).await?.ok_or(ChangeError::NotFound)?;
    if !may_connect_registers(&company.state) {
        return Ok(DraftOutcome::NoContract);
    }
    let id = claim_id(office, bin, key).await?;
    let data = &with_free_shop(office, bin, data).await?;
    let errors = taken(office, (bin, id), data).await?;
    if !errors.is_empty() {
        return Ok(DraftOutcome::Taken(errors));
    }
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        if let Some(known) = &found.registration {
            let is_same = known.data == *data;
            return Ok((None, if is_same { DraftOutcome::Saved(id) } else { DraftOutcome::Stale }));
        }
        if !may_connect_registers(&found.company.state) {
            return Ok((None, DraftOutcome::NoContract));
        }
        if found.company.state.registrations.len() >= REGISTRATIONS_UNDER_WAY_MAX {
            return Ok((None, DraftOutcome::TooMany));
        }
        let registration = Registration {
            id,
            bin: bin.to_owned(),
            created_at: by.at,
            revision: 1,
            data: data.clone(),
            state: RegistrationState::Draft,
            since: by.at,
            registered_at: None,
            wanted: None,
            paper: None,
            is_token_shown: false,
            reissued: 0,
            visit: None,
            plans: TariffHistory::default(),
        };
        let audit = vec![row(by, id, None, data)];
        Ok((Some(Next { registration, papers: Vec::new(), audit }), DraftOutcome::Saved(id)))
    })
    .await?;
    Ok(outcome)
}

/// A paper that waited for a signature, with another in its place or none: what it says is not so any more.
pub(super) fn replaced(by: &By, paper: Option<&Paper>) -> Option<Paper> {
    let paper = paper?;
    let state = papers::next(&paper.state, papers::Event::DrawnAnew, by.at).ok()?;
    matches!(state, PaperState::Replaced { .. }).then(|| Paper { state, ..paper.clone() })
}

/// Saves what a form says of a registration that was not signed, or was refused.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has none of this id.
pub async fn edit(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    (data, revision): (&RegisterData, Revision),
) -> Result<DraftOutcome<Edited>, ChangeError> {
    let data = &with_free_shop(office, bin, data).await?;
    let errors = taken(office, (bin, id), data).await?;
    if !errors.is_empty() {
        return Ok(DraftOutcome::Taken(errors));
    }
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if before.data == *data {
            return Ok((None, DraftOutcome::Saved(Box::new(before.clone()))));
        }
        if !revision.is(before.revision) {
            return Ok((None, DraftOutcome::Stale));
        }
        let state = match next(&before.state, Event::Edited) {
            Ok(state) => state,
            Err(turned) => return Ok((None, DraftOutcome::Turned(turned))),
        };
        let paper = replaced(by, before.paper.as_ref());
        let registration = Registration {
            revision: before.revision.saturating_add(1),
            data: data.clone(),
            since: if state == before.state { before.since } else { by.at },
            state,
            paper: paper.clone().or_else(|| before.paper.clone()),
            ..before.clone()
        };
        let audit = vec![row(by, id, Some(&before.data), data)];
        let saved = DraftOutcome::Saved(Box::new(registration.clone()));
        Ok((Some(Next { registration, papers: paper.into_iter().collect(), audit }), saved))
    })
    .await?;
    Ok(outcome)
}

/// Gives a registration up that was not signed, or was refused: its place and its alias are free again.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has none of this id.
pub async fn drop_draft(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    revision: Revision,
) -> Result<DraftOutcome<()>, ChangeError> {
    let (_, outcome) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        let state = match next(&before.state, Event::Dropped) {
            Ok(state) if state == before.state => return Ok((None, DraftOutcome::Saved(()))),
            Ok(state) => state,
            Err(turned) => return Ok((None, DraftOutcome::Turned(turned))),
        };
        if !revision.is(before.revision) {
            return Ok((None, DraftOutcome::Stale));
        }
        let paper = replaced(by, before.paper.as_ref());
        let registration = Registration {
            revision: before.revision.saturating_add(1),
            state,
            since: by.at,
            paper: paper.clone().or_else(|| before.paper.clone()),
            ..before.clone()
        };
        let subject = AuditSubject::Register(id).called(id.to_string());
        let audit = vec![by.entry(AuditAction::RegistrationDropped, subject, Vec::new())];
        Ok((Some(Next { registration, papers: paper.into_iter().collect(), audit }), DraftOutcome::Saved(())))
    })
    .await?;
    Ok(outcome)
}
