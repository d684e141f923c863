//! What is left to do of an organisation's registrations, counted for the page on which its people land.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_storage::accounts::{Company, REGISTRATIONS_UNDER_WAY_MAX, Registration, RegistrationState};
use ofd_storage::store::StoreError;

use super::change::{AT_ONCE, read, under_way};
use super::waiting::{Wait, of_organisation};
use crate::office::Office;

/// Visits that are counted; whoever waits for more has a technician in the house.
const VISITS_MAX: usize = 300;

/// How many registrations of an organisation wait, and for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Saved, or wanted of a register that is on the books, and not signed yet.
    pub unsigned: usize,
    /// Refused by the tax authority: to be corrected and signed again.
    pub refused: usize,
    /// Signed: the signature is being checked, or the tax authority has not answered.
    pub asked: usize,
    /// On the books, and nobody fetched the first token.
    pub tokens: usize,
    /// Visits of a technician that are still to be made.
    pub visits: usize,
}

/// Counts registrations under way.
fn count(registrations: &[Registration]) -> Left {
    let mut left = Left::default();
    for registration in registrations {
        let count = match &registration.state {
            RegistrationState::Draft => &mut left.unsigned,
            RegistrationState::Registered if registration.wanted.is_some() => &mut left.unsigned,
            RegistrationState::Refused { .. } => &mut left.refused,
            RegistrationState::Checking { .. } | RegistrationState::InProcess { .. } => &mut left.asked,
            RegistrationState::Registered if !registration.is_token_shown => &mut left.tokens,
            RegistrationState::Registered | RegistrationState::Deregistered | RegistrationState::Dropped => {
                continue;
            }
        };
        *count = count.saturating_add(1);
    }
    left
}

/// What is left to do of a company's registrations.
///
/// # Errors
/// Those of the store.
pub async fn left(office: &Office, company: &Company) -> Result<Left, StoreError> {
    let store = &office.store;
    let left = count(&under_way(store, company, REGISTRATIONS_UNDER_WAY_MAX).await?);
    // A note may lead to a visit that was made, or was never asked for.
    let noted = of_organisation(store, Wait::Visit, &company.bin, office.now()).await?;
    let found = stream::iter(noted.into_iter().take(VISITS_MAX)).map(|id| read(store, company, id));
    let found: Vec<Option<Registration>> = found.buffered(AT_ONCE).try_collect().await?;
    let visits = found.iter().flatten().filter(|one| one.has_open_visit()).count();
    Ok(Left { visits, ..left })
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::RegisterId;
    use ofd_storage::accounts::{Delivery, DeregistrationReason, RegistrationOrder, Wanted};
    use ofd_storage::samples;

    use super::*;

    #[test]
    fn each_registration_waits_for_one_thing_or_for_nothing() {
        let order = RegistrationOrder::Change;
        let of = |state: RegistrationState, is_wanted: bool| Registration {
            state,
            wanted: is_wanted.then_some(Wanted::Deregister(DeregistrationReason::Other)),
            is_token_shown: true,
            ..samples::registration(RegisterId(7), "151140001234")
        };
        let all = [
            of(RegistrationState::Draft, false),
            of(RegistrationState::Registered, true),
            of(RegistrationState::Registered, false),
            Registration { is_token_shown: false, ..of(RegistrationState::Registered, false) },
            of(RegistrationState::Dropped, false),
            of(RegistrationState::Deregistered, true),
            of(RegistrationState::Refused { order, reason: "no".into() }, true),
            of(RegistrationState::Checking { order }, true),
            of(RegistrationState::InProcess { order, delivery: Delivery::Unknown }, true),
        ];
        assert_eq!(count(&all), Left { unsigned: 2, refused: 1, asked: 2, tokens: 1, visits: 0 });
    }
}
