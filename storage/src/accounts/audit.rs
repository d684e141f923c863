//! The audit: who did or looked at what, when and from where. Rows are only ever added.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::account::AccountId;
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

/// What was done. The names are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// An account came into being.
    AccountCreated,
    /// Somebody signed in.
    SignedIn,
    /// A password was wrong.
    PasswordWrong,
    /// The password was locked after too many wrong ones.
    PasswordLocked,
    /// Somebody signed out.
    SignedOut,
    /// A session was ended from the list of sessions.
    SessionEnded,
    /// The password was set or changed.
    PasswordSet,
    /// The way back to a forgotten password was asked for.
    RecoveryAsked,
    /// An e-mail address was confirmed.
    EmailConfirmed,
    /// One-time codes were switched on.
    TotpOn,
    /// One-time codes were switched off.
    TotpOff,
    /// Personal data were changed.
    PersonChanged,
    /// A company was added to the site.
    CompanyCreated,
    /// Particulars of a company were changed.
    ProfileChanged,
    /// An address was added.
    AddressAdded,
    /// An address was changed.
    AddressChanged,
    /// An address was deleted.
    AddressDeleted,
    /// A bank account was added.
    BankAccountAdded,
    /// A bank account was changed.
    BankAccountChanged,
    /// A bank account was deleted.
    BankAccountDeleted,
    /// Somebody was invited.
    Invited,
    /// An invitation was withdrawn.
    InvitationCancelled,
    /// An invitation was taken.
    Joined,
    /// Roles were changed.
    RolesChanged,
    /// An employee was blocked.
    Blocked,
    /// An employee was unblocked.
    Unblocked,
    /// A new bank was applied for.
    BankApplied,
    /// A bank was added to the directory.
    BankApproved,
    /// A bank was not added to the directory.
    BankRejected,
    /// A person of the operator looked at data.
    Looked,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 30] = [
        Self::AccountCreated,
        Self::SignedIn,
        Self::PasswordWrong,
        Self::PasswordLocked,
        Self::SignedOut,
        Self::SessionEnded,
        Self::PasswordSet,
        Self::RecoveryAsked,
        Self::EmailConfirmed,
        Self::TotpOn,
        Self::TotpOff,
        Self::PersonChanged,
        Self::CompanyCreated,
        Self::ProfileChanged,
        Self::AddressAdded,
        Self::AddressChanged,
        Self::AddressDeleted,
        Self::BankAccountAdded,
        Self::BankAccountChanged,
        Self::BankAccountDeleted,
        Self::Invited,
        Self::InvitationCancelled,
        Self::Joined,
        Self::RolesChanged,
        Self::Blocked,
        Self::Unblocked,
        Self::BankApplied,
        Self::BankApproved,
        Self::BankRejected,
        Self::Looked,
    ];

    /// The name that is stored, in texts' keys and in addresses: words joined by `_`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::SignedIn => "signed_in",
            Self::PasswordWrong => "password_wrong",
            Self::PasswordLocked => "password_locked",
            Self::SignedOut => "signed_out",
            Self::SessionEnded => "session_ended",
            Self::PasswordSet => "password_set",
            Self::RecoveryAsked => "recovery_asked",
            Self::EmailConfirmed => "email_confirmed",
            Self::TotpOn => "totp_on",
            Self::TotpOff => "totp_off",
            Self::PersonChanged => "person_changed",
            Self::CompanyCreated => "company_created",
            Self::ProfileChanged => "profile_changed",
            Self::AddressAdded => "address_added",
            Self::AddressChanged => "address_changed",
            Self::AddressDeleted => "address_deleted",
            Self::BankAccountAdded => "bank_account_added",
            Self::BankAccountChanged => "bank_account_changed",
            Self::BankAccountDeleted => "bank_account_deleted",
            Self::Invited => "invited",
            Self::InvitationCancelled => "invitation_cancelled",
            Self::Joined => "joined",
            Self::RolesChanged => "roles_changed",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::BankApplied => "bank_applied",
            Self::BankApproved => "bank_approved",
            Self::BankRejected => "bank_rejected",
            Self::Looked => "looked",
        }
    }
}

/// One field of what was changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name, as texts' keys have it: `email`, `roles`.
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

/// What a row tells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub actor: AuditActor,
    /// From which network address.
    pub address: String,
    /// What was done.
    pub action: AuditAction,
    /// To what: a person's name, an address, a page; may be empty where the action says all.
    #[serde(default)]
    pub subject: String,
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
