//! The shop that a registration asks for, as it is now.

use ofd_storage::accounts::{Company, Registration};
use ofd_storage::erased::DynStore;
use ofd_storage::model::{self, TradePoint};
use ofd_storage::store::StoreError;

/// The shop that a registration asks for.
pub(super) enum Chosen {
    /// It is in the list.
    Listed(Box<TradePoint>),
    /// It comes with the register.
    New,
    /// It was chosen from the list, and is not there any more.
    Gone,
}

/// What there is of the shop that a registration asks for, as the head of its company says.
pub(super) async fn chosen_shop(
    store: &DynStore,
    company: &Company,
    registration: &Registration,
) -> Result<Chosen, StoreError> {
    let chosen = &registration.asked_data().shop;
    // What is decided of it and not in its record yet.
    let changes = company.trade_point_changes.iter().rev();
    let decided = changes.map(|change| &change.point).find(|point| point.id == chosen.id).cloned();
    let point = match decided {
        Some(point) => Some(point),
        None => model::load::<TradePoint>(store, chosen.id.0.as_bytes()).await?.map(|(_, point)| point),
    };
    Ok(match point {
        Some(point) if point.bin == registration.bin && point.deleted_at.is_none() => {
            Chosen::Listed(Box::new(point))
        }
        None if chosen.is_new => Chosen::New,
        Some(_) | None => Chosen::Gone,
    })
}
