//! Names that only one register may have: its id, its alias in the organisation, its factory number with its model, its
//! number at the tax authority.
//!
//! A name is claimed before the registration bears it, and a claim is never given back. So one whose owner does not bear
//! the name, some time after it was claimed or as soon as it was given up, is taken over.

use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{Company, RegisterData, Registration, RegistrationState, registration};
use ofd_storage::claims::{
    ALIAS_FAMILY, ClaimedName, REGISTER_FAMILY, RNM_FAMILY, SERIAL_FAMILY, name_key, serial_name,
};
use ofd_storage::model::{self, RegisterRecord, register_key, registers_of_fns_kkm_id};
use ofd_storage::store::{Claim, RecordKind, Store as _, StoreError};

use crate::change::ChangeError;
use crate::office::Office;
use crate::typed::Wrong;

/// A claim whose owner does not bear the name after so long was left by a request that ended. Requests are answered much
/// faster ([`ANSWER_WITHIN`](crate::by::ANSWER_WITHIN)).
const CLAIM_SETTLES_MS: u64 = 60 * 1000;

/// So many ids are tried for one register. With a million registers one in two thousand is taken.
const IDS_MAX: u32 = 20;

/// An alias as it is compared: people do not tell capitals apart in it.
fn alias_name(bin: &str, alias: &str) -> String {
    format!("{bin}/{}", alias.to_lowercase())
}

/// The id for a key that a page drew: the same for the same key, so that a form which comes twice begins one registration.
/// The site's key makes it, so nobody chooses his own.
pub(super) async fn claim_id(office: &Office, bin: &str, key: &str) -> Result<RegisterId, ChangeError> {
    let site = office.key().await?;
    let owner = format!("{bin}/{key}");
    for number in 0..IDS_MAX {
        let mark = site.mark("id of a register", &[bin, key, &number.to_string()]);
        let hash = ofd_storage::papers::hash_of(mark.as_bytes());
        let bits = hash.get(..8).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or_default();
        let id = RegisterId((bits & (u32::MAX >> 1)).max(1));
        // The fleet file gives ids too, without a claim.
        if model::load::<RegisterRecord>(&office.store, &register_key(id)).await?.is_some()
            && owner_of_id(office, id).await?.as_deref() != Some(&owner)
        {
            continue;
        }
        let now = office.now().0;
        match office.store.claim(REGISTER_FAMILY, &id.to_string(), owner.as_bytes(), now, None).await? {
            Claim::Granted => return Ok(id),
            Claim::Taken { .. } => {}
        }
    }
    Err(ChangeError::Busy)
}

/// For what an id was drawn: BIN, `/`, the key.
pub(super) async fn owner_of_id(office: &Office, id: RegisterId) -> Result<Option<String>, StoreError> {
    let key = name_key(REGISTER_FAMILY, &id.to_string())?;
    let Some(record) = office.store.record(RecordKind::Name, &key).await? else { return Ok(None) };
    Ok(ClaimedName::decode(&record.bytes).map(|claim| String::from_utf8_lossy(&claim.owner).into_owned()))
}

/// The registration of an id, whosever it is.
async fn registration_of(office: &Office, id: RegisterId) -> Result<Option<Registration>, StoreError> {
    let stream = match owner_of_id(office, id).await? {
        Some(owner) => owner.split_once('/').and_then(|(bin, _)| Company::stream_of(bin)),
        // What the fleet file made has a registration from its first change here on.
        None => {
            let record = model::load::<RegisterRecord>(&office.store, &register_key(id)).await?;
            record.and_then(|(_, record)| Company::stream_of(&record.bin))
        }
    };
    match stream {
        Some(stream) => registration(&office.store, stream, id).await,
        None => Ok(None),
    }
}

/// Whether the owner of a claim bears the name.
async fn bears(office: &Office, (family, name): (&str, &str), owner: RegisterId) -> Result<bool, StoreError> {
    if let Some(found) = registration_of(office, owner).await? {
        return Ok(match family {
            ALIAS_FAMILY => {
                let is_it = |data: &RegisterData| alias_name(&found.bin, &data.alias) == name;
                found.state != RegistrationState::Dropped
                    && [&found.data, found.asked_data()].into_iter().any(is_it)
            }
            _ => found.holds(family, name),
        });
    }
    let Some((_, record)) = model::load::<RegisterRecord>(&office.store, &register_key(owner)).await? else {
        return Ok(false);
    };
    Ok(match family {
        SERIAL_FAMILY => serial_name(&record.model, &record.serial_number) == name,
        RNM_FAMILY => record.fns_kkm_id == name,
        _ => false,
    })
}

async fn is_given_up(office: &Office, id: RegisterId) -> Result<bool, StoreError> {
    let found = registration_of(office, id).await?;
    Ok(found.is_some_and(|found| found.state == RegistrationState::Dropped))
}

fn id_of(owner: &[u8]) -> Option<RegisterId> {
    std::str::from_utf8(owner).ok()?.parse().ok().map(RegisterId)
}

/// Whose a claimed name is, unless whoever claimed it does not bear it and never will.
async fn borne_by(
    office: &Office,
    (family, name): (&str, &str),
    claim: &ClaimedName,
) -> Result<Option<RegisterId>, StoreError> {
    let owner = id_of(&claim.owner).ok_or_else(|| StoreError::Corrupt {
        place: format!("the claim of a name of the family {family}"),
        reason: "its owner is no register".to_owned(),
    })?;
    let is_fresh = office.now().0.saturating_sub(claim.since_ms) < CLAIM_SETTLES_MS;
    // Whoever claimed it just now may be about to bear it; what was given up never will.
    let may_come = is_fresh && !is_given_up(office, owner).await?;
    Ok((may_come || bears(office, (family, name), owner).await?).then_some(owner))
}

/// Whether another register has a name.
async fn is_others(office: &Office, name: (&str, &str), id: RegisterId) -> Result<bool, StoreError> {
    let key = name_key(name.0, name.1)?;
    let Some(record) = office.store.record(RecordKind::Name, &key).await? else { return Ok(false) };
    let Some(claim) = ClaimedName::decode(&record.bytes) else { return Ok(false) };
    Ok(borne_by(office, name, &claim).await?.is_some_and(|owner| owner != id))
}

/// Claims a name; `false`: another register has it.
async fn claim(office: &Office, (family, name): (&str, &str), id: RegisterId) -> Result<bool, ChangeError> {
    let owner = id.to_string();
    let mut from: Option<bytes::Bytes> = None;
    for _ in 0..3 {
        let now = office.now().0;
        match office.store.claim(family, name, owner.as_bytes(), now, from.as_deref()).await? {
            Claim::Granted => return Ok(true),
            Claim::Taken { owner, since_ms } => {
                let claim = ClaimedName { since_ms, owner: owner.clone() };
                if borne_by(office, (family, name), &claim).await?.is_some() {
                    return Ok(false);
                }
                from = Some(owner);
            }
        }
    }
    Err(ChangeError::Busy)
}

/// Whether a register other than this one has, or had, a number of the tax authority. One that the fleet file made has it
/// without a claim.
async fn rnm_is_others(office: &Office, rnm: &str, id: RegisterId) -> Result<bool, StoreError> {
    for known in registers_of_fns_kkm_id(&office.store, rnm).await? {
        let record = model::load::<RegisterRecord>(&office.store, &register_key(known)).await?;
        if known != id && record.is_some_and(|(_, record)| record.fns_kkm_id == rnm) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Claims what only this register may have of its data; with the field that another one has.
pub(super) async fn claim_numbers(
    office: &Office,
    id: RegisterId,
    data: &RegisterData,
) -> Result<Result<(), (&'static str, Wrong)>, ChangeError> {
    let serial = serial_name(&data.model_name, &data.serial_number);
    if !claim(office, (SERIAL_FAMILY, &serial), id).await? {
        return Ok(Err(("serial_number", Wrong::SerialTaken)));
    }
    claim_rnm(office, id, &data.rnm).await
}

/// Claims the number of the tax authority, where there is one.
pub(super) async fn claim_rnm(
    office: &Office,
    id: RegisterId,
    rnm: &str,
) -> Result<Result<(), (&'static str, Wrong)>, ChangeError> {
    let is_free = rnm.is_empty()
        || (!rnm_is_others(office, rnm, id).await? && claim(office, (RNM_FAMILY, rnm), id).await?);
    Ok(if is_free { Ok(()) } else { Err(("rnm", Wrong::RnmTaken)) })
}

/// Claims an alias in the organisation, or none; `false`: another register of it is called so.
pub(super) async fn claim_alias(
    office: &Office,
    (bin, id): (&str, RegisterId),
    alias: &str,
) -> Result<bool, ChangeError> {
    if alias.is_empty() {
        return Ok(true);
    }
    claim(office, (ALIAS_FAMILY, &alias_name(bin, alias)), id).await
}

/// What of a register's data others have, as far as it is known before anything is signed. The alias is claimed by it: in
/// an organisation drafts have theirs too.
pub(super) async fn taken(
    office: &Office,
    (bin, id): (&str, RegisterId),
    data: &RegisterData,
) -> Result<Vec<(&'static str, Wrong)>, ChangeError> {
    let mut errors = Vec::new();
    let serial = serial_name(&data.model_name, &data.serial_number);
    if is_others(office, (SERIAL_FAMILY, &serial), id).await? {
        errors.push(("serial_number", Wrong::SerialTaken));
    }
    if !data.rnm.is_empty()
        && (rnm_is_others(office, &data.rnm, id).await?
            || is_others(office, (RNM_FAMILY, &data.rnm), id).await?)
    {
        errors.push(("rnm", Wrong::RnmTaken));
    }
    if errors.is_empty() && !claim_alias(office, (bin, id), &data.alias).await? {
        errors.push(("alias", Wrong::AliasTaken));
    }
    Ok(errors)
}
