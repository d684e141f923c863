//! Entries of statements that may be payments which are known: kept beside the payment that each may be, until a person says which of both
//! is so. Nothing is posted for them before.

use bytes::Bytes;
use ofd_billing::ledger::Source;
use serde::{Deserialize, Serialize};

use crate::feed::Stamps;
use crate::model::{self, Model};
use crate::payments::{self, Payment, PaymentError};
use crate::store::{RecordKind, Store, StoreError};

/// How often an entry is decided again because somebody else was at it.
const TRIES: usize = 4;

/// So many records are looked at for a page of those that wait.
const LOOKED_MAX: usize = 1_000;

/// What a person said of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It is another payment than the known one.
    Another,
    /// It is the known one.
    Same,
}

/// An entry that may be a payment which is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerhapsKnown {
    /// The payment that it is if it is another.
    pub payment: Payment,
    /// The one that it may be.
    pub rival: Source,
    /// What was said of it, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<(Said, String)>,
}

impl Model for PerhapsKnown {
    const KIND: RecordKind = RecordKind::PerhapsKnown;

    fn key(&self) -> Vec<u8> {
        self.payment.id.as_str().as_bytes().to_vec()
    }
}

/// Keeps an entry; as it is kept, which is with what was said where it came before.
///
/// # Errors
/// Those of the store; keeping it again is harmless.
pub async fn keep(store: &impl Store, one: PerhapsKnown) -> Result<PerhapsKnown, StoreError> {
    let id = one.payment.id.clone();
    match model::create(store, &one).await {
        Ok(true) => Ok(one),
        Ok(false) | Err(StoreError::Unknown { .. }) => {
            let busy = || StoreError::Unavailable { reason: format!("entry {id} is just being kept") };
            kept(store, &id).await?.ok_or_else(busy)
        }
        Err(error) => Err(error),
    }
}

/// An entry as it is kept; `None` where none has this id.
///
/// # Errors
/// Those of the store.
pub async fn kept(store: &impl Store, id: &Source) -> Result<Option<PerhapsKnown>, StoreError> {
    let found = model::load::<PerhapsKnown>(store, id.as_str().as_bytes()).await?;
    Ok(found.map(|(_, one)| one))
}

/// Up to `limit` entries of which nothing was said, those behind the key `after`, and the key to go on behind.
///
/// # Errors
/// Those of the store.
pub async fn waiting(
    store: &impl Store,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<PerhapsKnown>, Option<Bytes>), StoreError> {
    let (mut found, mut after, mut looked) = (Vec::new(), after.map(Bytes::copy_from_slice), 0_usize);
    while looked < LOOKED_MAX {
        let page = store.records(PerhapsKnown::KIND, b"", after.as_deref(), limit).await?;
        looked = looked.saturating_add(limit.max(1));
        for record in &page {
            after = Some(record.key.clone());
            let (_, one) = model::decode::<PerhapsKnown>(record)?;
            found.extend(Some(one).filter(|one| one.said.is_none()));
            if found.len() >= limit {
                return Ok((found, after));
            }
        }
        if page.len() < limit {
            return Ok((found, None));
        }
    }
    Ok((found, after))
}

/// Says which of both an entry is; another payment is taken and posted. To say the same again is `Ok` and finishes what was cut off.
///
/// # Errors
/// [`PaymentError::Matched`] where the opposite was said before.
pub async fn say(
    store: &impl Store,
    id: &Source,
    (said, by): (Said, &str),
    at: (time::Date, u64),
    stamps: &impl Stamps,
) -> Result<PerhapsKnown, PaymentError> {
    for _ in 0..TRIES {
        let found = model::load::<PerhapsKnown>(store, id.as_str().as_bytes()).await?;
        let (version, known) = found.ok_or_else(|| PaymentError::Unknown(id.clone()))?;
        let next = match &known.said {
            Some((before, _)) if *before != said => return Err(PaymentError::Matched(id.clone())),
            Some(_) => known,
            None => {
                let next = PerhapsKnown { said: Some((said, by.to_owned())), ..known };
                match model::replace(store, version, &next).await {
                    Ok(_) => next,
                    Err(StoreError::Conflict { .. } | StoreError::Unknown { .. }) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        finish(store, &next, at, stamps).await?;
        return Ok(next);
    }
    Err(crate::ledger::LedgerError::Busy.into())
}

/// Takes the payment of an entry that was said to be another; what was taken is not taken again.
///
/// # Errors
/// [`PaymentError`].
pub async fn finish(
    store: &impl Store,
    one: &PerhapsKnown,
    at: (time::Date, u64),
    stamps: &impl Stamps,
) -> Result<(), PaymentError> {
    if matches!(one.said, Some((Said::Another, _))) {
        payments::take(store, one.payment.clone(), at, stamps).await?;
    }
    Ok(())
}
