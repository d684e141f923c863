//! Beginning and ending sessions.

use axum::response::Response;
use ofd_office::change::ChangeError;
use ofd_storage::accounts::{Account, AccountId, AuditAction, AuditField, AuditSubject, Kept, SessionMethod};
use serde::{Deserialize, Serialize};

use super::certificate::{Proven, SignInRefusal};
use crate::cabinet::{
    Ask, Begin, Failure, SessionCookie, begin_session, digest, same, see_other, with_session,
};
use crate::site::Site;
use ofd_office::sign_in::{Use, set_number, use_challenge};

/// What a session begins with on this request.
pub(crate) fn begin(site: &Site, ask: &Ask, method: SessionMethod) -> Begin {
    let (address, agent) = (ask.by().address(), ask.agent().to_owned());
    Begin { method, address, agent, is_code_shown: false, drawn: site.office.drawn() }
}

/// The row of the audit about a session that began.
pub(crate) fn signed_in_row(
    ask: &Ask,
    account: &Account,
    method: SessionMethod,
) -> ofd_storage::accounts::AuditEntry {
    let method = AuditField::Method.change("", method.name());
    ask.by().entry_of(account, AuditAction::SignedIn, AuditSubject::Account, method.into_iter().collect())
}

/// A password that was found right.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RightPassword {
    /// A digest of what is kept of it.
    of: String,
    /// Whether a one-time code was right besides.
    is_code_shown: bool,
}

impl RightPassword {
    pub(crate) fn new(kept: &str) -> Self {
        Self { of: digest(kept), is_code_shown: false }
    }

    pub(crate) fn with_code(self) -> Self {
        Self { is_code_shown: true, ..self }
    }

    /// Whether it is still the account's.
    fn is_of(&self, account: &Account) -> bool {
        account.password.as_ref().is_some_and(|password| same(&digest(&password.hash), &self.of))
    }
}

/// Signs a person in who showed a certificate: the challenge is used up, the name is the certificate's.
pub(crate) async fn by_certificate(
    site: &Site,
    ask: &Ask,
    id: AccountId,
    proven: &Proven,
) -> Result<Result<(Kept<Account>, SessionCookie), SignInRefusal>, Failure> {
    let begin = begin(site, ask, SessionMethod::Certificate);
    let (account, outcome) = site
        .office
        .change_account(id, |account| {
            let mut changed = account.clone();
            match use_challenge(&mut changed, proven.challenge.used(), ask.now()) {
                Use::First => {}
                Use::Again => return Ok((None, Err(SignInRefusal::ChallengeUsed))),
                Use::TooMany => return Err(ChangeError::Busy),
            }
            let mut audit = Vec::new();
            let changes = set_number(&mut changed, &proven.iin, &proven.name).ok_or(ChangeError::Busy)?;
            if !changes.is_empty() {
                audit.push(ask.by().entry_of(
                    &changed,
                    AuditAction::PersonChanged,
                    AuditSubject::Account,
                    changes,
                ));
            }
            let cookie = begin_session(&mut changed, begin.clone(), ask.now());
            audit.push(signed_in_row(ask, &changed, SessionMethod::Certificate));
            Ok((Some((changed, audit)), Ok(cookie)))
        })
        .await?;
    Ok(outcome.map(|cookie| (account, cookie)))
}

/// Signs a person in whose password, and code where there is one, were right. `judged` is what is kept of the password
/// that was: none gets in by one that was replaced meanwhile.
pub(crate) async fn by_password(
    site: &Site,
    ask: &Ask,
    id: AccountId,
    judged: &RightPassword,
) -> Result<Option<SessionCookie>, Failure> {
    let begin = Begin { is_code_shown: judged.is_code_shown, ..begin(site, ask, SessionMethod::Password) };
    let (_, cookie) = site
        .office
        .change_account(id, |account| {
            if !judged.is_of(account) {
                return Ok((None, None));
            }
            let mut changed = account.clone();
            let cookie = begin_session(&mut changed, begin.clone(), ask.now());
            let audit = vec![signed_in_row(ask, &changed, SessionMethod::Password)];
            Ok((Some((changed, audit)), Some(cookie)))
        })
        .await?;
    Ok(cookie)
}

/// Goes on with the session that has just begun.
pub(crate) fn go_on(site: &Site, cookie: &SessionCookie, path: &str) -> Response {
    with_session(see_other(path), cookie, site.is_tls())
}
