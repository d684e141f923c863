//! Changes of a register that people make: decided by the protocol's rules, told in the audit of the register's
//! organisation, stored like a document.

use std::sync::atomic::{AtomicBool, Ordering};

use ofd_edge::World;
use ofd_protocol::register::{Change, Register};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    AuditAction, AuditEntry, AuditField, AuditSubject, ChangeId, Company, RegisterChange,
};
use ofd_storage::erased::DynStore;
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::{Stamp, StoreError};
use tokio::sync::{Mutex, MutexGuard};

use super::audit::{announce, carry_over, stamp, withdraw};
use super::error::RegisterError;
use super::find::{newest, record};
use crate::by::By;
use crate::change::{ChangeError, Changeable, Decided, change_read};

/// What the audit calls a change.
fn action(change: &Change) -> AuditAction {
    match change {
        Change::Block { .. } => AuditAction::RegisterBlocked,
        Change::Unblock { .. } => AuditAction::RegisterUnblocked,
        Change::Unpaid { .. } => AuditAction::RegisterUnpaid,
        Change::Paid => AuditAction::RegisterPaid,
        Change::Disconnect => AuditAction::RegisterDisconnected,
        Change::Connect => AuditAction::RegisterConnected,
        Change::Deregister { .. } => AuditAction::RegisterDeregistered,
        Change::ResetToken => AuditAction::RegisterTokenReset,
    }
}

/// What the audit tells of a change. Never a token.
fn entry(change: &Change, id: RegisterId, before: &Register, by: &By, at: UnixMillis) -> AuditEntry {
    let known = before.status.blocked.as_ref().map_or("", |stop| &stop.reason);
    let changes = match change {
        Change::Block { reason } => AuditField::Reason.change(known, reason),
        // Why it was blocked stands in the row of the block.
        Change::Unblock { reason } | Change::Deregister { reason } => AuditField::Reason.change("", reason),
        Change::Unpaid { .. } | Change::Paid | Change::Disconnect | Change::Connect | Change::ResetToken => {
            None
        }
    };
    let subject = AuditSubject::Register(id).called(id.to_string());
    AuditEntry { at, ..by.entry(action(change), subject, changes.into_iter().collect()) }
}

/// A register whose changes are told.
struct Told<'a> {
    world: &'a dyn World,
    bin: &'a str,
    id: RegisterId,
    is_announced: AtomicBool,
}

impl Changeable for Told<'_> {
    type Found = Loaded;
    type Next = (Register, RegisterChange);

    async fn read(&self, store: &DynStore) -> Result<Option<Loaded>, StoreError> {
        registers::newest(store, self.id).await
    }

    async fn write(
        &self,
        store: &DynStore,
        before: Loaded,
        (changed, told): (Register, RegisterChange),
        stamp: Stamp,
    ) -> Result<Loaded, StoreError> {
        self.is_announced.store(true, Ordering::Relaxed);
        announce((store, self.world), self.bin, &told).await.map_err(|error| match error {
            ChangeError::Store(error) => error,
            ChangeError::NotFound | ChangeError::Busy => StoreError::Conflict {
                what: "the audit of a register's organisation".to_owned(),
                expected: None,
                found: None,
            },
        })?;
        registers::append_change(store, &before, changed, &told, stamp).await
    }
}

/// Makes a change and returns the register as it is then; one that is so already writes nothing.
///
/// The audit of the register's organisation has its row when this returns, or gets it before anybody is shown that
/// audit. After [`StoreError::Unknown`] the change may have been made or not, and the audit will tell which.
///
/// # Errors
/// [`RegisterError`].
pub async fn change_register(
    (store, world): (&DynStore, &dyn World),
    turns: &Turns,
    id: RegisterId,
    change: &Change,
    by: &By,
) -> Result<Loaded, RegisterError> {
    let bin = record(store, id).await?.bin;
    let _turn = turns.take(&bin).await;
    carry_over((store, world), &bin).await?;
    let before = newest(store, id).await?;
    let [a, b, c, d, e, f, g, h, ..] = world.draw();
    let number = ChangeId::from_drawn([a, b, c, d, e, f, g, h]);
    let decide = |before: &Loaded| -> Decided<(Register, RegisterChange), bool, RegisterError> {
        let ((token, _), now) = (world.token_and_stamp(), world.now());
        let Some(changed) = change.apply(&before.register, now, token)? else { return Ok((None, false)) };
        let entry = entry(change, id, &before.register, by, now);
        let told = RegisterChange { id: number, register: id, shift: changed.shift_number, entry };
        Ok((Some((changed, told)), true))
    };
    let told = Told { world, bin: &bin, id, is_announced: AtomicBool::new(false) };
    let made: Result<_, RegisterError> =
        change_read((store, || stamp(world)), &told, Some(before), decide).await;
    let settled = match &made {
        Ok((_, true)) => {
            let name = action(change).name();
            tracing::info!(register.id = %id, change = name, "register {id}: {name} by {}", by.actor.name);
            carry_over((store, world), &bin).await
        }
        // It may have landed, or may yet.
        Err(RegisterError::Store(StoreError::Unknown { .. })) => Ok(()),
        Ok((_, false)) | Err(_) if told.is_announced.load(Ordering::Relaxed) => {
            match withdraw((store, world), &bin, number).await {
                Err(ChangeError::Store(error)) => Err(error),
                Ok(()) | Err(ChangeError::NotFound | ChangeError::Busy) => Ok(()),
            }
        }
        Ok((_, false)) | Err(_) => Ok(()),
    };
    if let Err(error) = settled {
        // Whoever looks at the audit does what is left.
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, register.id = %id, "register {id}: the audit of its organisation lacks a change for now");
    }
    made.map(|(after, _)| after)
}

/// Changes of one organisation's registers take turns in a process: each writes twice to the organisation's head, and
/// those that met there would decide anew again and again. Two organisations seldom share a turn.
#[derive(Debug)]
pub struct Turns([Mutex<()>; 64]);

impl Default for Turns {
    fn default() -> Self {
        Self([const { Mutex::const_new(()) }; 64])
    }
}

impl Turns {
    async fn take(&self, bin: &str) -> Option<MutexGuard<'_, ()>> {
        let owner = Company::stream_of(bin).map_or(0, |stream| stream.owner);
        let turn = usize::try_from(owner).ok().and_then(|owner| self.0.get(owner % self.0.len()));
        match turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}
