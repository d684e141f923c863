//! The operator's people see every company: a password alone, which can be guessed, overheard or used elsewhere, is not
//! enough for them. A certificate is; a password is with a one-time code.

use ofd_storage::accounts::{Account, OPERATOR, Session, SessionMethod};
use ofd_storage::store::StoreError;

use super::acting::acting_in;
use super::totp;
use crate::office::Office;

/// What a session of the operator's people lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The account has no one-time codes.
    Codes,
    /// It has, and none was shown in this session: it began before they were switched on.
    Shown,
}

/// What keeps a session from all but the way to one-time codes. Blocked people of the operator may nothing for it, so
/// that for their own companies they are as all others.
///
/// # Errors
/// Those of the store.
pub async fn lack(office: &Office, account: &Account, session: &Session) -> Result<Option<Lack>, StoreError> {
    let suffices = match session.method {
        SessionMethod::Certificate => true,
        SessionMethod::Password => session.is_code_shown && totp::is_on(account),
    };
    if suffices || !office.operator.needs_second_factor {
        return Ok(None);
    }
    let acting = acting_in(office, account, OPERATOR).await?;
    if !acting.is_some_and(|acting| acting.member.block.is_none() && !acting.member.roles.is_empty()) {
        return Ok(None);
    }
    Ok(Some(if totp::is_on(account) { Lack::Shown } else { Lack::Codes }))
}
