//! Beginning and ending sessions.

use ofd_storage::accounts::{
    Account, AccountId, AuditAction, AuditEntry, AuditField, AuditSubject, Kept, SessionMethod,
};
use serde::{Deserialize, Serialize};

use super::certificate::{Proven, SignInRefusal};
use super::rules::{Use, set_number, use_challenge};
use crate::by::By;
use crate::change::ChangeError;
use crate::keys::{digest, same};
use crate::office::Office;
use crate::sessions::{Begin, SessionCookie, begin_session};

/// What a session begins with on this request.
pub fn begin(office: &Office, by: &By, agent: &str, method: SessionMethod) -> Begin {
    let (address, agent) = (by.address(), agent.to_owned());
    Begin { method, address, agent, is_code_shown: false, drawn: office.drawn() }
}

/// The row of the audit about a session that began.
pub fn signed_in_row(by: &By, account: &Account, method: SessionMethod) -> AuditEntry {
    let method = AuditField::Method.change("", method.name());
    by.entry_of(account, AuditAction::SignedIn, AuditSubject::Account, method.into_iter().collect())
}

/// A password that was found right.
#[derive(Clone, Serialize, Deserialize)]
pub struct RightPassword {
    /// A digest of what is kept of it.
    of: String,
    /// Whether a one-time code was right besides.
    is_code_shown: bool,
}

impl RightPassword {
    /// The password whose hash is kept so.
    pub fn new(kept: &str) -> Self {
        Self { of: digest(kept), is_code_shown: false }
    }

    /// The same, with a right one-time code besides.
    pub fn with_code(self) -> Self {
        Self { is_code_shown: true, ..self }
    }

    /// Whether it is still the account's.
    fn is_of(&self, account: &Account) -> bool {
        account.password.as_ref().is_some_and(|password| same(&digest(&password.hash), &self.of))
    }
}

/// Signs a person in who showed a certificate: the challenge is used up, the name is the certificate's. `agent` is what
/// the browser calls itself.
///
/// # Errors
/// [`ChangeError`].
pub async fn by_certificate(
    office: &Office,
    (by, agent): (&By, &str),
    id: AccountId,
    proven: &Proven,
) -> Result<Result<(Kept<Account>, SessionCookie), SignInRefusal>, ChangeError> {
    let begin = begin(office, by, agent, SessionMethod::Certificate);
    let (account, outcome) = office
        .change_account(id, |account| {
            let mut changed = account.clone();
            match use_challenge(&mut changed, proven.challenge.used(), by.at) {
                Use::First => {}
                Use::Again => return Ok((None, Err(SignInRefusal::ChallengeUsed))),
                Use::TooMany => return Err(ChangeError::Busy),
            }
            let mut audit = Vec::new();
            let changes = set_number(&mut changed, &proven.iin, &proven.name).ok_or(ChangeError::Busy)?;
            if !changes.is_empty() {
                audit.push(by.entry_of(&changed, AuditAction::PersonChanged, AuditSubject::Account, changes));
            }
            let cookie = begin_session(&mut changed, begin.clone(), by.at);
            audit.push(signed_in_row(by, &changed, SessionMethod::Certificate));
            Ok((Some((changed, audit)), Ok(cookie)))
        })
        .await?;
    Ok(outcome.map(|cookie| (account, cookie)))
}

/// Signs a person in whose password, and code where there is one, were right. `judged` is what is kept of the password
/// that was: none gets in by one that was replaced meanwhile.
///
/// # Errors
/// [`ChangeError`].
pub async fn by_password(
    office: &Office,
    (by, agent): (&By, &str),
    id: AccountId,
    judged: &RightPassword,
) -> Result<Option<SessionCookie>, ChangeError> {
    let begin =
        Begin { is_code_shown: judged.is_code_shown, ..begin(office, by, agent, SessionMethod::Password) };
    let (_, cookie) = office
        .change_account(id, |account| {
            if !judged.is_of(account) {
                return Ok((None, None));
            }
            let mut changed = account.clone();
            let cookie = begin_session(&mut changed, begin.clone(), by.at);
            let audit = vec![signed_in_row(by, &changed, SessionMethod::Password)];
            Ok((Some((changed, audit)), Some(cookie)))
        })
        .await?;
    Ok(cookie)
}
