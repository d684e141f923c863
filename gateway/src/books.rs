//! What operators do with the books from the command line.

use ofd_billing::Month;
use ofd_edge::World;
use ofd_storage::charging::Clock;
use ofd_storage::closing::{self, Closing, ClosingError};
use ofd_storage::store::{Stamp, Store, StoreError};

use crate::cli::CloseArgs;

/// Who the record of a close names where it was closed from the command line.
const BY: &str = "ofd ledger close";

/// The present month, where the wall clock is so many seconds ahead of UTC.
///
/// # Errors
/// [`StoreError::Corrupt`] for a year that no account is kept in.
pub fn this_month(world: &impl World, zone_offset_seconds: i32) -> Result<Month, StoreError> {
    Ok(Clock { now: world.now(), zone_offset_seconds }.today()?.month())
}

/// Closes a month, where the wall clock is so many seconds ahead of UTC; what holds it up, or nothing.
///
/// # Errors
/// [`ClosingError`] where it is cut off; the same once more goes on.
pub async fn close(
    store: &impl Store,
    world: &impl World,
    args: &CloseArgs,
    zone_offset_seconds: i32,
) -> Result<Vec<String>, ClosingError> {
    let closing = Closing {
        month: args.month,
        this_month: this_month(world, zone_offset_seconds)?,
        now_ms: world.now().0,
        by: BY.to_owned(),
        leaves_owed: args.leave_owed,
    };
    match closing::close(store, &closing, &|| Stamp(world.bytes())).await {
        Ok(_) => Ok(Vec::new()),
        Err(ClosingError::Refused { obstacles, .. }) => {
            Ok(obstacles.iter().map(ToString::to_string).collect())
        }
        Err(error) => Err(error),
    }
}
