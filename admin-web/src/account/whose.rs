//! Whose account a page of this family is about.

use ofd_storage::accounts::{Account, AccountId, Kept, load};

use crate::cabinet::{Ask, Failure, Signed};
use crate::site::Site;

/// Who is signed in; pages that ask for it are open to nobody else.
pub(super) fn signed(ask: &Ask) -> Result<&Signed, Failure> {
    ask.signed().ok_or(Failure::SignIn)
}

/// The account that the link in a letter names; none where it names none.
pub(super) async fn named(site: &Site, account: &str) -> Result<Option<Kept<Account>>, Failure> {
    match account.parse::<AccountId>() {
        Ok(id) => Ok(load(&site.office.store, id.stream()).await?),
        Err(_) => Ok(None),
    }
}
