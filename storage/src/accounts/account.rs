//! A person's account: who it is, how the person signs in, and where the person is signed in.

use std::fmt;

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::id::AccountId;
use super::subject::Subject;
use crate::kinds::names;
use crate::store::StreamId;

/// Wrong passwords in a row that lock the password.
pub const PASSWORD_WRONG_MAX: u32 = 5;

/// Sessions one person may have; the one not seen for longest gives way to another.
pub const SESSIONS_MAX: usize = 20;

/// An e-mail address that its owner confirmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedEmail {
    /// The address, as it is compared.
    pub address: String,
    /// When the owner confirmed it.
    pub since: UnixMillis,
}

impl fmt::Debug for ConfirmedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmedEmail").field("since", &self.since).finish_non_exhaustive()
    }
}

/// What a letter carried: a link and a code, of which only hashes are kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// SHA-256 of the link's secret, in hex.
    pub link_hash: String,
    /// SHA-256 of the code, in hex.
    pub code_hash: String,
    /// Until when they hold.
    pub expires_at: UnixMillis,
    /// How often the code may still be tried.
    pub tries_left: u32,
    /// When the letter was sent, so that letters are not sent without pause.
    pub sent_at: UnixMillis,
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// An address that waits for its confirmation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEmail {
    /// The address as it is compared.
    pub address: String,
    /// What the letter carried.
    pub proof: Proof,
}

impl fmt::Debug for PendingEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingEmail").field("proof", &self.proof).finish_non_exhaustive()
    }
}

/// A password, as far as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Its Argon2id hash in the PHC form.
    pub hash: String,
    /// When the link was sent.
    pub since: UnixMillis,
    /// Wrong ones since the last right one, typed by somebody who had shown the password already: in a session, or
    /// before a one-time code. Those at the front door the site counts by itself.
    #[serde(default)]
    pub wrong_in_a_row: u32,
    /// Until when none is taken there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<UnixMillis>,
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Password");
        out.field("since", &self.since).field("wrong_in_a_row", &self.wrong_in_a_row);
        out.field("locked_until", &self.locked_until).finish_non_exhaustive()
    }
}

/// A code for when the device with the one-time codes is lost, as SHA-256 in hex.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCode(pub String);

/// One-time codes by time (RFC 6238).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// The shared secret, in hex.
    pub secret: String,
    /// Since when it is asked for; none while it still has to be tried once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<UnixMillis>,
    /// The step of the last code that was taken: none is taken twice.
    #[serde(default)]
    pub last_step: u64,
    /// Codes for when the device is lost, those not yet used.
    #[serde(default)]
    pub recovery_codes: Vec<RecoveryCode>,
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp").field("since", &self.since).finish_non_exhaustive()
    }
}

names! {
    /// How a session began.
    pub enum SessionMethod {
        /// The person showed who they are by a signature.
        Certificate = "certificate",
        Password = "password",
    }
}

/// Where a person is signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name in the list of sessions: 16 hex digits, no secret.
    pub id: String,
    /// SHA-256 of the cookie's secret, in hex.
    pub secret_hash: String,
    /// The secret before the last rotation, and until when requests that were under way may still bring it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<(String, UnixMillis)>,
    /// Whether the secret of the last rotation was brought yet: only then is it known that its cookie arrived.
    #[serde(default)]
    pub is_renewal_seen: bool,
    /// When the person signed in.
    pub since: UnixMillis,
    /// When it was last used, to some minutes.
    pub seen_at: UnixMillis,
    /// From which network address it was last used.
    pub address: String,
    /// What the browser called itself.
    pub agent: String,
    /// How it began.
    pub method: SessionMethod,
    /// Whether a one-time code was shown in it, besides the password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_code_shown: bool,
    /// What the person's rights were when the secret was last changed; see the site's sessions.
    #[serde(default)]
    pub rights: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Session");
        out.field("id", &self.id).field("since", &self.since).field("seen_at", &self.seen_at);
        out.finish_non_exhaustive()
    }
}

/// A challenge that was answered: it is not taken again while it would still hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedChallenge {
    /// What the challenge held, so that it is used once.
    pub nonce: String,
    /// Until when it would hold.
    pub expires_at: UnixMillis,
}

/// A company that a person acts for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Its BIN or IIN.
    pub bin: String,
    /// Its name when the person joined.
    pub title: String,
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership").finish_non_exhaustive()
    }
}

/// A person who can sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The id by which everything else names the person.
    pub id: AccountId,
    /// When the account was made.
    pub since: UnixMillis,
    /// The person's number, where a certificate proved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iin: Option<String>,
    /// The full name: from the certificate, else as it was typed.
    pub name: String,
    /// A phone number, as it was typed.
    #[serde(default)]
    pub phone: String,
    /// The address, confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<ConfirmedEmail>,
    /// The address that waits for its confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_email: Option<PendingEmail>,
    /// The password, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The way back to a forgotten password, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Proof>,
    /// One-time codes, where they are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// Where the person is signed in, at most [`SESSIONS_MAX`].
    #[serde(default)]
    pub sessions: Vec<Session>,
    /// Challenges that were answered in the last minutes.
    #[serde(default)]
    pub used_challenges: Vec<UsedChallenge>,
    /// The companies the person acts for; whether the person still may is known by each company.
    #[serde(default)]
    pub companies: Vec<Membership>,
    /// When letters that confirm an address went, as far as it delays the next.
    #[serde(default)]
    pub address_letters: Vec<UnixMillis>,
    /// When letters to recover the password went, as far as it delays the next. Anybody may ask for these, so that
    /// they are counted apart.
    #[serde(default)]
    pub recovery_letters: Vec<UnixMillis>,
    /// The language of letters: `ru`, `kk` or `en`.
    #[serde(default)]
    pub language: String,
    /// How many audit rows there are.
    #[serde(default)]
    pub audit_next: u64,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Account {
    /// An account that nobody can sign in to yet.
    pub fn new(id: AccountId, name: String, language: String, now: UnixMillis) -> Self {
        Self {
            id,
            since: now,
            iin: None,
            name,
            phone: String::new(),
            email: None,
            pending_email: None,
            password: None,
            recovery: None,
            totp: None,
            sessions: Vec::new(),
            used_challenges: Vec::new(),
            companies: Vec::new(),
            address_letters: Vec::new(),
            recovery_letters: Vec::new(),
            language,
            audit_next: 0,
        }
    }
}

impl Subject for Account {
    fn stream(&self) -> StreamId {
        self.id.stream()
    }

    fn audit_next(&mut self) -> &mut u64 {
        &mut self.audit_next
    }
}
