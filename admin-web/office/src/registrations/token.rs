//! The token of a register as its organisation gets it: shown once, when the register is on the books, and once more with
//! every one that is issued in its place.

use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, Token};
use ofd_storage::accounts::{AuditAction, AuditSubject, Registration};

use super::change::{Next, change_registration, find};
use super::making::{failed, make};
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::registers::{RegisterError, change_register, newest};

/// A token that is shown now and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenShown {
    /// Whose token it is.
    pub id: RegisterId,
    /// The token itself.
    pub token: Token,
}

/// What came of asking for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenOutcome {
    /// This is it.
    Shown(TokenShown),
    /// It was shown before; another one can be issued.
    AlreadyShown,
    /// The register is not on the books.
    NotRegistered,
}

/// Shows the first token of a register, once. That it was shown is written first: whoever does not see it after that has
/// another one issued.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no registration of this id.
pub async fn show(office: &Office, by: &By, bin: &str, id: RegisterId) -> Result<TokenOutcome, ChangeError> {
    let (_, registration) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    if !registration.is_registered() {
        return Ok(TokenOutcome::NotRegistered);
    }
    make(office, bin, id).await?;
    let (_, is_first) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if before.is_token_shown {
            return Ok((None, false));
        }
        let subject = AuditSubject::Register(id).called(id.to_string());
        let audit = vec![by.entry(AuditAction::RegisterTokenShown, subject, Vec::new())];
        let registration = Registration { is_token_shown: true, ..before.clone() };
        Ok((Some(Next { registration, papers: Vec::new(), audit }), true))
    })
    .await?;
    if !is_first {
        return Ok(TokenOutcome::AlreadyShown);
    }
    let register = newest(&office.store, id).await.map_err(failed)?.register;
    Ok(TokenOutcome::Shown(TokenShown { id, token: register.tokens.current }))
}

/// Issues another token in place of all that a register of an organisation had, and shows it. `seen` is how many were issued
/// before, as the page said that asks for it: a form that comes twice issues one, since with a second one that which was
/// typed into the till would be good for nothing.
///
/// # Errors
/// [`ChangeError::NotFound`]: the organisation has no such register.
pub async fn reissue(
    office: &Office,
    by: &By,
    (bin, id): (&str, RegisterId),
    seen: Option<u32>,
) -> Result<TokenOutcome, ChangeError> {
    let (_, registration) = find(&office.store, bin, id).await?.ok_or(ChangeError::NotFound)?;
    if !registration.is_registered() {
        return Ok(TokenOutcome::NotRegistered);
    }
    make(office, bin, id).await?;
    let (_, is_new) = change_registration(office, (bin, id), |found| {
        let before = found.registration.as_ref().ok_or(ChangeError::NotFound)?;
        if seen != Some(before.reissued) {
            return Ok((None, false));
        }
        // The first one is good for nothing from then on: nobody waits for it any more.
        let reissued = before.reissued.saturating_add(1);
        let registration = Registration { is_token_shown: true, reissued, ..before.clone() };
        Ok((Some(Next { registration, papers: Vec::new(), audit: Vec::new() }), true))
    })
    .await?;
    if !is_new {
        return Ok(TokenOutcome::AlreadyShown);
    }
    let with = (&office.store, &*office.world);
    match change_register(with, &office.turns, id, &Change::ResetToken, by).await {
        Ok(after) => Ok(TokenOutcome::Shown(TokenShown { id, token: after.register.tokens.current })),
        Err(RegisterError::Final(_)) => Ok(TokenOutcome::NotRegistered),
        Err(error) => Err(failed(error)),
    }
}
