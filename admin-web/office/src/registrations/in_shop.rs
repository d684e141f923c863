//! Which registrations keep a shop: where one of them will bring a register, the shop must not go.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{Company, Registration, RegistrationState, Wanted};
use ofd_storage::erased::DynStore;
use ofd_storage::model::TradePointId;
use ofd_storage::store::StoreError;

use super::change::{AT_ONCE, read};
use super::waiting::{Wait, of_organisation};

/// Whether a registration brings its register into a shop, or has brought it there. What is saved and not signed keeps no
/// shop: whoever goes on with it is told that the shop is gone.
fn keeps(registration: &Registration, shop: &TradePointId) -> bool {
    let wanted = match (&registration.state, &registration.wanted) {
        (
            RegistrationState::Checking { .. } | RegistrationState::InProcess { .. },
            Some(Wanted::Change(data)),
        ) => Some(&data.shop.id),
        _ => None,
    };
    let own = match &registration.state {
        RegistrationState::Checking { .. } | RegistrationState::InProcess { .. } => true,
        RegistrationState::Draft | RegistrationState::Deregistered | RegistrationState::Dropped => false,
        RegistrationState::Registered | RegistrationState::Refused { .. } => registration.is_registered(),
    };
    (own && registration.data.shop.id == *shop) || wanted == Some(shop)
}

/// The registrations of a company that keep a shop, as the head of it that was read says, and those whose register is
/// still to be made. Whoever signs one notes that before the append that conflicts with a decision on this head.
pub(crate) async fn in_shop(
    store: &DynStore,
    company: &Company,
    shop: &TradePointId,
    now: UnixMillis,
) -> Result<Vec<RegisterId>, StoreError> {
    let mut ids: BTreeSet<u32> = company.registrations.iter().map(|id| id.0).collect();
    ids.extend(of_organisation(store, Wait::Making, &company.bin, now).await?.into_iter().map(|id| id.0));
    let found = stream::iter(ids).map(|id| read(store, company, RegisterId(id))).buffered(AT_ONCE);
    let found: Vec<Option<Registration>> = found.try_collect().await?;
    Ok(found.into_iter().flatten().filter(|one| keeps(one, shop)).map(|one| one.id).collect())
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::{Delivery, RegistrationOrder};
    use ofd_storage::samples;

    use super::*;

    #[test]
    fn what_is_signed_keeps_its_shop_and_the_one_that_it_asks_for() {
        use RegistrationOrder::{Change, Register};
        use RegistrationState::{Checking, Deregistered, Draft, InProcess, Refused, Registered};
        let [own, other] = [7, 8].map(|byte| TradePointId::from_drawn([byte; 16]));
        let mut registration = samples::registration(RegisterId(7), "151140001234");
        registration.data.shop.id = own.clone();
        let mut moved = registration.data.clone();
        moved.shop.id = other.clone();
        let refused = |order| Refused { order, reason: "no".into() };
        for (state, is_moved, keeps_own, keeps_other) in [
            (Draft, false, false, false),
            (Checking { order: Register }, false, true, false),
            (InProcess { order: Register, delivery: Delivery::Waiting }, false, true, false),
            (refused(Register), false, false, false),
            (Registered, false, true, false),
            (Registered, true, true, false),
            (Checking { order: Change }, true, true, true),
            (InProcess { order: Change, delivery: Delivery::Unknown }, true, true, true),
            (refused(Change), true, true, false),
            (Deregistered, false, false, false),
        ] {
            registration.wanted = is_moved.then(|| Wanted::Change(Box::new(moved.clone())));
            registration.state = state.clone();
            let found = (keeps(&registration, &own), keeps(&registration, &other));
            assert_eq!(found, (keeps_own, keeps_other), "{state:?}");
        }
    }
}
