//! Changes of a register that a person makes: decided by the protocol's rules, stored like a document.

use ofd_protocol::register::{Change, Register};
use ofd_protocol::types::RegisterId;
use ofd_storage::registers;
use ofd_storage::store::{Stamp, StoreError};

use super::reading::{newest, record};
use crate::problem::{Kind, Problem};
use crate::site::Site;

/// The register may take documents in the same moment: so often the change is decided anew.
const CONFLICTS_MAX: usize = 10;

/// The name of a change in the log.
fn name(change: &Change) -> &'static str {
    match change {
        Change::Block { .. } => "block",
        Change::Unblock => "unblock",
        Change::Unpaid => "unpaid",
        Change::Paid => "paid",
        Change::Disconnect => "disconnect",
        Change::Connect => "connect",
        Change::Deregister { .. } => "deregister",
        Change::ResetToken => "reset-token",
    }
}

/// Makes a change and returns the register as it is then; one that is so already writes nothing.
pub(super) async fn make(site: &Site, id: RegisterId, change: &Change) -> Result<Register, Problem> {
    let store = &site.store;
    record(store, id).await?;
    for _ in 0..CONFLICTS_MAX {
        let before = newest(store, id).await?;
        let (token, stamp) = site.config.world.token_and_stamp();
        let changed = change.apply(&before.register, site.now(), token);
        let changed = changed.map_err(|last| Problem::new(Kind::Deregistered, last.to_string()))?;
        let Some(changed) = changed else { return Ok(before.register) };
        match registers::append_change(store, id, &before, changed, Stamp(stamp)).await {
            Ok(after) => {
                let name = name(change);
                tracing::info!(register.id = %id, change = name, "register {id}: {name} through the API");
                return Ok(after.register);
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::busy())
}
