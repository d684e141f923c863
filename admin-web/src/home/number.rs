//! What a signature does to the account of who is signed in: the challenge is used up, and an account that came without
//! a number gets it.
//!
//! With the number everybody who has the person's key can sign in. So it is asked twice: for the signature, and for the
//! current password, which who sits at a borrowed session does not know.

use askama::Template;
use axum::response::Response;
use ofd_office::change::ChangeError;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AuditAction, AuditSubject};

use crate::cabinet::{Ask, Failure, Form};
use crate::page::Shell;
use crate::people::claim_iin;
use crate::people::sealed::{SealKind, seal};
use crate::sign_in::{Proven, Use, set_number, use_challenge};
use crate::site::Site;

/// From the signature to the password: time to look it up.
const PASSWORD_WITHIN_MS: u64 = 10 * 60 * 1000;

/// Why a certificate adds nothing to the account of who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAdded {
    /// It is another person's.
    OtherPerson,
    /// The challenge was used before.
    Used,
}

#[derive(Template)]
#[template(path = "cabinet_add_number.html")]
struct NumberPage<'a> {
    shell: Shell<'a>,
    proven: Proven,
    sealed: String,
    form: Form,
}

pub(super) fn page(site: &Site, ask: &Ask, proven: Proven, sealed: String, form: Form) -> Response {
    let (shell, status) = (site.frame(ask, "cabinet-number-title", "/cabinet/add"), form.status());
    site.show(ask, status, &NumberPage { shell, proven, sealed, form })
}

/// Asks for the current password before the number of a certificate is written into the account.
pub(super) async fn ask_password(site: &Site, ask: &Ask, proven: &Proven) -> Result<Response, Failure> {
    let until = UnixMillis(ask.now().0.saturating_add(PASSWORD_WITHIN_MS));
    let sealed = seal(&site.office.key().await?, SealKind::Number, &ask.binding(), until, proven);
    Ok(page(site, ask, proven.clone(), sealed, Form::default()))
}

/// Notes what a certificate proves about who is signed in.
pub(super) async fn note(site: &Site, ask: &Ask, proven: &Proven) -> Result<Result<(), NotAdded>, Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let is_own = match &account.iin {
        Some(iin) => *iin == proven.iin,
        None => claim_iin(&site.office, ask.by(), &proven.iin, account.id).await?,
    };
    if !is_own {
        return Ok(Err(NotAdded::OtherPerson));
    }
    let (_, outcome) = site
        .office
        .change_account(account.id, |account| {
            let mut changed = account.clone();
            match use_challenge(&mut changed, proven.challenge.used(), ask.now()) {
                Use::First => {}
                Use::Again => return Ok((None, Err(NotAdded::Used))),
                Use::TooMany => return Err(ChangeError::Busy),
            }
            if account.iin.is_some() && account.iin.as_ref() != Some(&proven.iin) {
                // The certificate of somebody else was faster.
                return Ok((None, Err(NotAdded::OtherPerson)));
            }
            let mut audit = Vec::new();
            if account.iin.is_none() {
                let changes = set_number(&mut changed, &proven.iin, &proven.name).unwrap_or_default();
                audit.push(ask.by().entry(AuditAction::PersonChanged, AuditSubject::Account, changes));
            }
            Ok((Some((changed, audit)), Ok(())))
        })
        .await?;
    Ok(outcome)
}
