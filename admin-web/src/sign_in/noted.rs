//! Wrong passwords in the audit of whose they were meant to be.
//!
//! They are written after the answer: else its time would tell that somebody has the login.

use ofd_storage::accounts::{AccountId, AuditAction, AuditEntry, AuditSubject};
use tokio::sync::Semaphore;

use crate::cabinet::{Ask, At};

/// Rows under way at once. The budgets of tries let few through, so that more are a store in trouble.
const BEHIND_MAX: usize = 32;

static BEHIND: Semaphore = Semaphore::const_new(BEHIND_MAX);

/// Writes down that a password was wrong, and that no more are judged for a while where this was one too many.
pub(crate) fn wrong(site: &At, ask: &Ask, id: AccountId, is_locked: bool) {
    let Ok(turn) = BEHIND.try_acquire() else {
        tracing::warn!("a wrong password is not in the audit: the store is too slow");
        return;
    };
    let locked = is_locked.then_some(AuditAction::PasswordLocked);
    let actions = std::iter::once(AuditAction::PasswordWrong).chain(locked);
    let rows: Vec<AuditEntry> =
        actions.map(|action| ask.by().entry(action, AuditSubject::Account, Vec::new())).collect();
    let site = At::clone(site);
    tokio::spawn(async move {
        let _turn = turn;
        let written =
            site.office.change_account(id, |account| Ok((Some((account.clone(), rows.clone())), ()))).await;
        if let Err(failure) = written {
            tracing::warn!(?failure, "a wrong password is not in the audit");
        }
    });
}
