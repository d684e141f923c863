//! Registrations of registers: what they name is there, and their company knows which of them are under way.

use ofd_storage::accounts::{Company, Registration, RegistrationState};
use ofd_storage::claims::{REGISTER_FAMILY, name_key};
use ofd_storage::model::{self, RegisterRecord, register_key};
use ofd_storage::store::{RecordKind, Store, StoreError};

use super::papers;
use super::walked::is_there;

/// What of a registration does not fit.
pub(super) async fn named(
    store: &impl Store,
    company: &Company,
    found: &Registration,
) -> Result<Vec<String>, StoreError> {
    let id = found.id;
    let mut wrong = Vec::new();
    // One that waits for its token to be fetched is listed since tokens are waited for: a head of before does not have it.
    let may_be_either =
        found.state == RegistrationState::Registered && found.wanted.is_none() && !found.is_token_shown;
    if company.registrations.contains(&id) != found.is_under_way() && !may_be_either {
        wrong.push(format!("whether registration {id} is under way its head and its row tell differently"));
    }
    if let Some(paper) = &found.paper {
        wrong.extend(papers::named(store, company, paper).await?);
    }
    // Of what was registered just now the register is made a moment later.
    let owner = match model::load::<RegisterRecord>(store, &register_key(id)).await {
        Err(StoreError::Corrupt { .. }) => None,
        record => record?.map(|(_, record)| record.bin),
    };
    if owner.as_ref().is_some_and(|bin| *bin != found.bin) {
        wrong.push(format!("register {id}, which it registers, is that of another organisation"));
    }
    // The claim comes before all else, but for a register of the fleet file: that one was there before its registration.
    let key = name_key(REGISTER_FAMILY, &id.to_string())?;
    if owner.is_none() && !is_there(store.record(RecordKind::Name, &key).await)? {
        wrong.push(format!("the id of registration {id} is not claimed for it"));
    }
    Ok(wrong)
}
