//! Personal accounts: which one an organisation has, and whose a number is.

use bytes::Bytes;
use ofd_billing::{Month, PersonalAccount};
use serde::{Deserialize, Serialize};

use super::books::books;
use super::closed::first_open;
use crate::claims::{ClaimedName, PERSONAL_ACCOUNT_FAMILY, name_key};
use crate::store::{Claim, RecordKind, Store, StoreError};

/// So many numbers are drawn until one is free: of ten million numbers a million taken leave one in ten drawn twice.
const DRAWS: usize = 16;

/// An organisation's personal account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalAccountRecord {
    /// Its number, as it stands on bills.
    pub number: PersonalAccount,
    /// Whose it is: BIN or IIN.
    pub bin: String,
    /// Its first month.
    pub opened: Month,
    /// When it was opened, in milliseconds of the Unix epoch.
    pub opened_at_ms: u64,
}

/// The personal account of an organisation; `None` where it has none yet.
///
/// # Errors
/// Those of the store.
pub async fn of_bin(store: &impl Store, bin: &str) -> Result<Option<PersonalAccountRecord>, StoreError> {
    let record = store.record(RecordKind::PersonalAccount, bin.as_bytes()).await?;
    record.map(|record| read(bin, &record.bytes)).transpose()
}

/// The personal account of a number; `None` where nobody has it.
///
/// # Errors
/// Those of the store.
pub async fn of_number(
    store: &impl Store,
    number: PersonalAccount,
) -> Result<Option<PersonalAccountRecord>, StoreError> {
    let name = name_key(PERSONAL_ACCOUNT_FAMILY, &number.to_string())?;
    let claimed = store.record(RecordKind::Name, &name).await?;
    let claimed = claimed.and_then(|record| ClaimedName::decode(&record.bytes));
    let Some(bin) = claimed.and_then(|claimed| String::from_utf8(claimed.owner.to_vec()).ok()) else {
        return Ok(None);
    };
    // A number that was drawn and not taken leads to an organisation of another number.
    Ok(of_bin(store, &bin).await?.filter(|account| account.number == number))
}

/// The personal account of an organisation, opened in `month` where it has none; `draw` gives numbers that may be free.
///
/// # Errors
/// Those of the store; [`StoreError::Unavailable`] where no number that was drawn is free.
pub async fn open_personal(
    store: &impl Store,
    bin: &str,
    (month, now_ms): (Month, u64),
    draw: impl Fn() -> PersonalAccount + Send,
) -> Result<PersonalAccountRecord, StoreError> {
    // The operator's own accounts begin no later than the first personal one.
    let books = books(store, month).await?;
    for _ in 0..DRAWS {
        if let Some(account) = of_bin(store, bin).await? {
            return Ok(account);
        }
        let number = draw();
        let claim =
            store.claim(PERSONAL_ACCOUNT_FAMILY, &number.to_string(), bin.as_bytes(), now_ms, None).await?;
        if claim != Claim::Granted {
            continue;
        }
        let opened = month.max(first_open(store, month).await?).max(books.opened);
        let account = PersonalAccountRecord { number, bin: bin.to_owned(), opened, opened_at_ms: now_ms };
        match store.put_record(RecordKind::PersonalAccount, bin.as_bytes(), None, write(&account)?).await {
            Ok(_) => return Ok(account),
            // Somebody else opened it, or this did: the next round reads it.
            Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Unavailable { reason: "no number for a personal account was free".to_owned() })
}

fn corrupt(bin: &str, reason: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: format!("the personal account of {bin}"), reason: reason.into() }
}

/// A personal account as it is kept under `bin`.
pub(crate) fn read(bin: &str, bytes: &[u8]) -> Result<PersonalAccountRecord, StoreError> {
    let account: PersonalAccountRecord =
        serde_json::from_slice(bytes).map_err(|error| corrupt(bin, error.to_string()))?;
    if account.bin == bin { Ok(account) } else { Err(corrupt(bin, format!("it is that of {}", account.bin))) }
}

fn write(account: &PersonalAccountRecord) -> Result<Bytes, StoreError> {
    serde_json::to_vec(account).map(Bytes::from).map_err(|error| corrupt(&account.bin, error.to_string()))
}
