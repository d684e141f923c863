//! Organisations that could not be charged: from which month on a later run has to charge them.

use std::collections::BTreeMap;

use ofd_billing::Month;
use serde::{Deserialize, Serialize};

use crate::model::{self, Model};
use crate::store::{RecordKind, Store, StoreError, Version};

/// After so many runs that could not charge an organisation it is charged without what cannot be read.
pub(super) const FAILURES_MAX: u32 = 3;

/// Records are walked in pages.
const PAGE: usize = 256;

/// A longer reason is cut off.
const REASON_CHARS_MAX: usize = 500;

/// What an organisation was not charged for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeOwed {
    /// Whose it is.
    pub bin: String,
    /// The first month that it was not charged for; none: it was since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Month>,
    /// How many runs could not charge it, or not as a whole, one after the other.
    pub failures: u32,
    /// Why, as it was told last.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Model for ChargeOwed {
    const KIND: RecordKind = RecordKind::ChargeOwed;

    fn key(&self) -> Vec<u8> {
        self.bin.clone().into_bytes()
    }
}

/// Of these organisations, in the order of BINs, those that a run could not charge.
pub(super) async fn among(
    store: &impl Store,
    bins: &[String],
) -> Result<BTreeMap<String, (Version, ChargeOwed)>, StoreError> {
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else { return Ok(BTreeMap::new()) };
    let mut found = BTreeMap::new();
    // The first may have a record itself; a walk begins behind a key.
    match model::load::<ChargeOwed>(store, first.as_bytes()).await {
        Ok(known) => found.extend(known.map(|known| (first.clone(), known))),
        Err(StoreError::Corrupt { .. }) => {}
        Err(error) => return Err(error),
    }
    let mut after = first.clone().into_bytes();
    loop {
        let page = match store.records(ChargeOwed::KIND, b"", Some(&after), PAGE).await {
            Ok(page) => page,
            // Whoever is owed and cannot be read waits, and the others do not wait for it.
            Err(StoreError::Corrupt { .. }) => return Ok(found),
            Err(error) => return Err(error),
        };
        for record in &page {
            if record.key[..] > *last.as_bytes() {
                return Ok(found);
            }
            if let Ok((version, owed)) = model::decode::<ChargeOwed>(record) {
                found.insert(owed.bin.clone(), (version, owed));
            }
        }
        match page.last().filter(|_| page.len() == PAGE) {
            Some(last) => after = last.key.to_vec(),
            None => return Ok(found),
        }
    }
}

/// Notes that an organisation was not charged for the months from `from` on, or what it was not charged for before.
pub(super) async fn owe(
    store: &impl Store,
    known: Option<&(Version, ChargeOwed)>,
    (bin, from, reason): (&str, Month, String),
) -> Result<(), StoreError> {
    let before = known.map(|(_, owed)| owed);
    let owed = ChargeOwed {
        bin: bin.to_owned(),
        from: before.and_then(|owed| owed.from).map_or(Some(from), |before| Some(before.min(from))),
        failures: before.map_or(0, |owed| owed.failures).saturating_add(1),
        reason: reason.chars().take(REASON_CHARS_MAX).collect(),
    };
    write(store, known.map(|(version, _)| *version), &owed).await
}

/// Notes that an organisation was charged for all that it was not.
pub(super) async fn settle(
    store: &impl Store,
    (version, owed): &(Version, ChargeOwed),
) -> Result<(), StoreError> {
    if owed.from.is_none() {
        return Ok(());
    }
    let settled = ChargeOwed { from: None, failures: 0, reason: String::new(), bin: owed.bin.clone() };
    write(store, Some(*version), &settled).await
}

/// Whoever else was faster noted the same.
async fn write(store: &impl Store, known: Option<Version>, owed: &ChargeOwed) -> Result<(), StoreError> {
    let written = match known {
        Some(version) => model::replace(store, version, owed).await.map(|_| ()),
        None => model::create(store, owed).await.map(|_| ()),
    };
    match written {
        Err(StoreError::Conflict { .. }) => Ok(()),
        written => written,
    }
}

/// Every organisation that is not charged as it should be, with the reason.
///
/// # Errors
/// Those of the store.
pub async fn owed(store: &impl Store) -> Result<Vec<ChargeOwed>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None::<Vec<u8>>);
    loop {
        let page = store.records(ChargeOwed::KIND, b"", after.as_deref(), PAGE).await?;
        for record in &page {
            let (_, owed) = model::decode::<ChargeOwed>(record)?;
            found.extend(Some(owed).filter(|owed| owed.from.is_some()));
        }
        match page.last().filter(|_| page.len() == PAGE) {
            Some(last) => after = Some(last.key.to_vec()),
            None => return Ok(found),
        }
    }
}
