//! Keys by which banks and terminals tell of payments: whoever calls has a record with all keys that it ever had. And what they
//! were answered.
//!
//! A secret is not among what is kept: it is made anew of the store's own key, the caller, the number and a salt whenever a
//! signature is checked.

use ofd_billing::Tiyn;
use ofd_billing::ledger::Source;
use serde::{Deserialize, Serialize};

use crate::model::{self, Model};
use crate::store::{RecordKind, Store, StoreError, Version};

/// So many keys of a caller hold at once: the new one is in use before the old one is revoked.
pub const VALID_KEYS_MAX: usize = 2;

/// Keys that a caller ever had.
pub const KEYS_MAX: usize = 200;

/// Callers are read in pages.
const PAGE: usize = 128;

/// More callers than banks and terminals there are.
pub const CLIENTS_MAX: usize = 500;

/// Letters of a caller's id.
pub const CLIENT_LEN_MAX: usize = 20;

/// That a key does not hold any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Since when, in milliseconds of the Unix epoch.
    pub at_ms: u64,
    /// Who revoked it.
    pub by: String,
}

/// One key of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentKey {
    /// Its number among those of the caller, from one.
    pub number: u32,
    /// What its secret is made with, in hex.
    pub salt: String,
    /// When it was made, in milliseconds of the Unix epoch.
    pub made_at_ms: u64,
    /// Who made it.
    pub made_by: String,
    /// Since when it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
}

/// A bank or a terminal that tells of payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentClient {
    /// By what it is known: letters from a to z, digits and `-`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its keys, in the order in which they were made.
    #[serde(default)]
    pub keys: Vec<PaymentKey>,
}

impl Model for PaymentClient {
    const KIND: RecordKind = RecordKind::PaymentKey;

    fn key(&self) -> Vec<u8> {
        self.id.as_bytes().to_vec()
    }
}

impl PaymentClient {
    /// The key of this number, where it holds.
    #[must_use]
    pub fn valid(&self, number: u32) -> Option<&PaymentKey> {
        self.keys.iter().find(|key| key.number == number && key.revoked.is_none())
    }

    /// How many of its keys hold.
    #[must_use]
    pub fn valid_count(&self) -> usize {
        self.keys.iter().filter(|key| key.revoked.is_none()).count()
    }
}

/// Whether a text may be a caller's id.
#[must_use]
pub fn is_client_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=CLIENT_LEN_MAX).contains(&id.len()) && id.bytes().all(is_plain)
}

/// A caller; `None` where nobody has this id.
///
/// # Errors
/// Those of the store.
pub async fn client(store: &impl Store, id: &str) -> Result<Option<(Version, PaymentClient)>, StoreError> {
    if !is_client_id(id) {
        return Ok(None);
    }
    model::load(store, id.as_bytes()).await
}

/// All callers, by their ids.
///
/// # Errors
/// Those of the store.
pub async fn clients(store: &impl Store) -> Result<Vec<PaymentClient>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.records(PaymentClient::KIND, b"", after.as_deref(), PAGE).await?;
        for record in &page {
            found.push(model::decode::<PaymentClient>(record)?.1);
        }
        match page.last().filter(|_| page.len() == PAGE && found.len() < CLIENTS_MAX) {
            Some(last) => after = Some(last.key.clone()),
            None => return Ok(found),
        }
    }
}

/// Writes a caller; false where somebody else changed it since it was read.
///
/// # Errors
/// Those of the store.
pub async fn save(
    store: &impl Store,
    read: Option<Version>,
    client: &PaymentClient,
) -> Result<bool, StoreError> {
    match read {
        None => model::create(store, client).await,
        Some(read) => match model::replace(store, read, client).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        },
    }
}

/// What a caller was answered about a payment: the same is answered however often it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAnswer {
    /// The payment that was told of.
    pub payment: Source,
    /// What its account came to after it.
    pub balance: Tiyn,
}

impl Model for CallAnswer {
    const KIND: RecordKind = RecordKind::CallAnswer;

    fn key(&self) -> Vec<u8> {
        self.payment.as_str().as_bytes().to_vec()
    }
}

/// Keeps an answer, or gives the balance of the one that was kept first.
///
/// # Errors
/// Those of the store.
pub async fn answered(store: &impl Store, answer: CallAnswer) -> Result<Tiyn, StoreError> {
    let key = answer.key();
    if let Some((_, known)) = model::load::<CallAnswer>(store, &key).await? {
        return Ok(known.balance);
    }
    if model::create(store, &answer).await? {
        return Ok(answer.balance);
    }
    let lost =
        || StoreError::Unavailable { reason: format!("the answer to {} is not read yet", answer.payment) };
    Ok(model::load::<CallAnswer>(store, &key).await?.ok_or_else(lost)?.1.balance)
}
