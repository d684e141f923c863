//! `ofd verify`: walks everything that a store holds and says where it breaks.
//!
//! Every kind of stream and record is walked, each by what it means: what is stored must read, and what leads to
//! something else must lead to something of which it is true. What is below that, bytes and files, the embedded store
//! looks at by itself (`ofd_storage::embedded`), before.

mod figures;
mod invoices;
mod ledger;
mod papers;
mod people;
mod records;
mod registrations;
mod rows;
mod shifts;
#[cfg(test)]
mod tests;
mod unconfirmed;
mod unfound;
mod walked;

use std::sync::Arc;

use ofd_protocol::types::RegisterId;
use ofd_storage::any::AnyStore;
use ofd_storage::embedded::{EmbeddedStore, PastDamage};
use ofd_storage::model::{NotWhole, check_whole};
use ofd_storage::store::{RecordKind, Store, StoreError, StreamKind};

pub use self::ledger::{Extent, judged as ledger};
use self::shifts::Only;
pub use self::shifts::walk as walk_shifts;
pub(crate) use self::walked::damage_of;
pub use self::walked::{Break, Place, Walked};

/// Reads all of a store that can be read, telling what cannot, and what does not fit, to `on_break`; then closes it. With
/// `only` what breaks elsewhere than in that register is left out.
///
/// # Errors
/// [`NotWhole`]: the store is a copy that is not finished, or fails otherwise than by damage of one place.
pub async fn store(
    store: AnyStore,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<Walked, NotWhole> {
    match store {
        AnyStore::Embedded(store) => finish(&inspected(store, only, on_break)?, only, on_break).await,
        cluster @ AnyStore::Cql(_) => finish(&cluster, only, on_break).await,
    }
}

async fn finish(
    store: &impl Store,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<Walked, NotWhole> {
    tell_unfinished(store, on_break).await?;
    let walked = walk_all_or(store, only, on_break).await?;
    store.close().await?;
    Ok(walked)
}

/// Walks the whole store, or the shifts of one register.
///
/// # Errors
/// As [`walk`].
pub(crate) async fn walk_all_or(
    store: &impl Store,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<Walked, StoreError> {
    match only {
        None => walk(store, on_break).await,
        Some(register) => walk_register(store, register, on_break).await,
    }
}

/// Refuses a copy that is not finished. A mark that cannot be read is a break as any other.
pub(crate) async fn tell_unfinished(
    store: &impl Store,
    on_break: &mut impl FnMut(Break),
) -> Result<(), NotWhole> {
    match check_whole(store).await {
        Err(NotWhole::Store(StoreError::Corrupt { place, reason })) => {
            on_break(Break::elsewhere(place, reason));
            Ok(())
        }
        found => found,
    }
}

/// An embedded store as far as it can be read, after a look at all its bytes that told what cannot.
pub(crate) fn inspected(
    store: EmbeddedStore,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<PastDamage, StoreError> {
    let store = Arc::new(store);
    if let Some(loss) = store.loss() {
        on_break(Break::elsewhere("the journal", loss.to_string()));
    }
    let found = store.inspect(&mut |damage| {
        if only.is_none() {
            on_break(Break::elsewhere(damage.place, damage.reason));
        }
    })?;
    Ok(PastDamage::new(store, found))
}

/// Walks the whole store, telling each break to `on_break`.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn walk(store: &impl Store, mut on_break: impl FnMut(Break)) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    for &kind in StreamKind::ALL {
        match kind {
            StreamKind::Shift => shifts::walk_into(store, Only::All, &mut walked, &mut on_break).await?,
            StreamKind::Account => people::accounts(store, &mut walked, &mut on_break).await?,
            StreamKind::Company => people::companies(store, &mut walked, &mut on_break).await?,
            StreamKind::Figures => figures::walk(store, &mut walked, &mut on_break).await?,
            StreamKind::Paper => papers::walk(store, &mut walked, &mut on_break).await?,
            StreamKind::LedgerMonth => ledger::walk(store, &mut walked, &mut on_break).await?,
            // What stands on the ledger is looked at with it.
            StreamKind::InvoiceSeries => {}
        }
    }
    for &kind in RecordKind::ALL {
        records::walk(store, kind, &mut walked, &mut on_break).await?;
    }
    Ok(walked)
}

/// Walks the shifts of one register.
///
/// # Errors
/// As [`walk`].
pub async fn walk_register(
    store: &impl Store,
    register: RegisterId,
    mut on_break: impl FnMut(Break),
) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    shifts::walk_into(store, Only::Register(register), &mut walked, &mut on_break).await?;
    Ok(walked)
}
