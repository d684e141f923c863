//! The audit: who did or looked at what, when and from where. Rows are only ever added.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::id::AccountId;
use super::vocabulary::{AuditAction, AuditField, ToldSubject};
use crate::store::{Row, Store, StoreError, StreamId};

/// Rows that one page of the audit may have.
pub const AUDIT_PAGE_MAX: usize = 200;

/// The kind byte of audit rows in their stream.
const ROW_KIND: u8 = 1;

/// Who did it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditActor {
    /// The account; none where nobody was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The name as it was then.
    pub name: String,
    /// A person of the operator, acting as such.
    #[serde(default)]
    pub is_operator: bool,
}

impl fmt::Debug for AuditActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditActor")
            .field("account", &self.account)
            .field("is_operator", &self.is_operator)
            .finish_non_exhaustive()
    }
}

/// One field of what was changed, made by [`AuditField::change`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name. A newer version may have written one that this program does not know.
    pub field: String,
    /// What it was; none when it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now; none when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldChange").field("field", &self.field).finish_non_exhaustive()
    }
}

impl AuditField {
    /// That this field changed; none when it is what it was. Nothing and an empty text are the same.
    pub fn change(self, before: &str, after: &str) -> Option<FieldChange> {
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let field = self.name().to_owned();
        (before != after).then(|| FieldChange { field, before: told(before), after: told(after) })
    }
}

/// What a row tells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When it was done.
    pub at: UnixMillis,
    /// Who did it.
    pub actor: AuditActor,
    /// From which network address.
    pub address: String,
    /// What was done.
    pub action: AuditAction,
    /// To what it was done.
    #[serde(flatten)]
    pub subject: ToldSubject,
    /// What changed in it. Never a secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
}

impl fmt::Debug for AuditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditEntry")
            .field("at", &self.at)
            .field("actor", &self.actor)
            .field("action", &self.action)
            .field("subject", &self.subject)
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}

/// A row of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number in its stream, from 0, without gaps.
    pub number: u64,
    /// What it tells.
    pub entry: AuditEntry,
}

impl AuditRow {
    pub(super) fn encode(&self) -> Result<Row, serde_json::Error> {
        Ok(Row { key: key(self.number), value: serde_json::to_vec(&self.entry)?.into() })
    }

    /// Reads a row of an account's or company's stream.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is none of an audit.
    pub fn decode(stream: StreamId, row: &Row) -> Result<Self, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            place: format!("audit row {} of {stream}", row.key.escape_ascii()),
            reason,
        };
        let number = row.key.strip_prefix(&[ROW_KIND]).and_then(|rest| <[u8; 8]>::try_from(rest).ok());
        let number = number.ok_or_else(|| corrupt("its key is none of an audit row".to_owned()))?;
        let entry = serde_json::from_slice(&row.value).map_err(|error| corrupt(error.to_string()))?;
        Ok(Self { number: !u64::from_be_bytes(number), entry })
    }
}

/// Numbers are stored with all bits turned, so that the newest row comes first.
fn key(number: u64) -> Bytes {
    let mut key = BytesMut::with_capacity(9);
    key.put_u8(ROW_KIND);
    key.put_u64(!number);
    key.freeze()
}

/// Up to `limit` rows of a subject's audit (at most [`AUDIT_PAGE_MAX`]), the newest first, those older than `before`.
///
/// # Errors
/// Those of the store.
pub async fn audit_rows(
    store: &impl Store,
    stream: StreamId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    let after = before.map(key);
    let rows = store.rows(stream, &[ROW_KIND], after.as_deref(), limit.min(AUDIT_PAGE_MAX)).await?;
    rows.iter().map(|row| AuditRow::decode(stream, row)).collect()
}
