//! Statements of the site that a page carries and a later form brings back: what was proven, to whom, until when.
//!
//! They are marked, so that nobody makes one or changes one, and bound to the session or visit that got them, so that
//! nobody uses another's. They are not secret: who holds one may read it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ofd_protocol::types::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::{SiteKey, same, text_of};

/// Statements are some hundred bytes; longer ones are not read.
const SEALED_LEN_MAX: usize = 16 * 1024;

/// What a statement is about. The names keep one kind from being taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealKind {
    /// A challenge to sign.
    Challenge,
    /// What a certificate proved about somebody without an account.
    Proven,
    /// A password was right, the one-time code is still missing.
    PasswordRight,
    /// A company that who is signed in may bring.
    Company,
    /// What a certificate proved about who is signed in, before the account gets its number.
    Number,
}

impl SealKind {
    fn name(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Proven => "proven",
            Self::PasswordRight => "password-right",
            Self::Company => "company",
            Self::Number => "number",
        }
    }
}

/// Why a statement is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFault {
    /// It is none of ours, of another kind, or of another session or visit.
    Strange,
    /// Its time is over.
    Expired,
}

/// The binding to a session that has just begun.
pub fn session_binding(session: &str) -> String {
    format!("session:{session}")
}

/// Writes a statement.
pub fn seal(
    key: &SiteKey,
    kind: SealKind,
    binding: &str,
    until: UnixMillis,
    statement: &impl Serialize,
) -> String {
    // Our own statements always can be written; an empty one would be refused.
    let statement = text_of(&serde_json::to_vec(statement).unwrap_or_default());
    let until = until.0.to_string();
    let mark = key.mark("sealed", &[kind.name(), binding, &until, &statement]);
    format!("{statement}.{until}.{mark}")
}

/// Reads a statement that came back.
pub fn open<T: DeserializeOwned>(
    key: &SiteKey,
    kind: SealKind,
    binding: &str,
    now: UnixMillis,
    text: &str,
) -> Result<T, SealFault> {
    let mut parts = text.splitn(3, '.');
    let (Some(statement), Some(until), Some(mark)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(SealFault::Strange);
    };
    let is_ours = text.len() <= SEALED_LEN_MAX
        && same(mark, &key.mark("sealed", &[kind.name(), binding, until, statement]));
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(statement).ok()?;
        Some((UnixMillis(until.parse().ok()?), serde_json::from_slice(&bytes).ok()?))
    };
    let (until, statement) = is_ours.then(read).flatten().ok_or(SealFault::Strange)?;
    if now >= until { Err(SealFault::Expired) } else { Ok(statement) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const LATER: UnixMillis = UnixMillis(1_800_000_060_000);

    fn key() -> SiteKey {
        SiteKey::new([3; 32])
    }

    fn opened(kind: SealKind, binding: &str, now: UnixMillis, text: &str) -> Result<String, SealFault> {
        open(&key(), kind, binding, now, text)
    }

    #[test]
    fn a_statement_comes_back_as_it_was_until_its_time_is_over() {
        let text = seal(&key(), SealKind::Proven, "visit:a", LATER, &"ТЕСТОВ".to_owned());
        assert_eq!(opened(SealKind::Proven, "visit:a", NOW, &text).unwrap(), "ТЕСТОВ");
        assert_eq!(opened(SealKind::Proven, "visit:a", LATER, &text), Err(SealFault::Expired));
    }

    #[test]
    fn a_statement_of_another_visit_kind_or_key_is_strange() {
        let text = seal(&key(), SealKind::Proven, "visit:a", LATER, &"ТЕСТОВ".to_owned());
        assert_eq!(opened(SealKind::Proven, "visit:b", NOW, &text), Err(SealFault::Strange));
        assert_eq!(opened(SealKind::Company, "visit:a", NOW, &text), Err(SealFault::Strange));
        let other = seal(&SiteKey::new([4; 32]), SealKind::Proven, "visit:a", LATER, &"ТЕСТОВ".to_owned());
        assert_eq!(opened(SealKind::Proven, "visit:a", NOW, &other), Err(SealFault::Strange));
    }

    #[test]
    fn whoever_changes_a_statement_or_its_time_is_found_out() {
        let text = seal(&key(), SealKind::Proven, "visit:a", NOW, &"ТЕСТОВ".to_owned());
        let later = text.replacen(&NOW.0.to_string(), &LATER.0.to_string(), 1);
        for wrong in [later.as_str(), "", ".", "..", "a.1.b", &text.replacen('.', "A.", 1)] {
            assert_eq!(opened(SealKind::Proven, "visit:a", NOW, wrong), Err(SealFault::Strange), "{wrong}");
        }
    }
}
