//! For whom a person acts.

use ofd_storage::accounts::{Account, Company, Kept, Member, OPERATOR, joined};
use ofd_storage::store::StoreError;

use crate::office::Office;
use crate::rights::{Right, may};

/// For whom a person acts, and as what.
#[derive(Clone, Debug)]
pub struct Acting {
    /// The company; the operator where the person acts for it.
    pub company: Kept<Company>,
    /// The person in it.
    pub member: Member,
}

impl Acting {
    /// Whether the person has a right there.
    pub fn may(&self, right: Right) -> bool {
        may(&self.member, right)
    }

    /// The company's BIN.
    pub fn bin(&self) -> &str {
        &self.company.state.bin
    }

    /// The company's name.
    pub fn title(&self) -> &str {
        &self.company.state.title
    }

    /// Whether it is the operator for which the person acts.
    pub fn is_of_operator(&self) -> bool {
        self.bin() == OPERATOR
    }
}

/// A person acting for a company; none where the person is none of its people, or it is not here.
///
/// # Errors
/// Those of the store.
pub async fn acting_in(office: &Office, account: &Account, bin: &str) -> Result<Option<Acting>, StoreError> {
    let Some(company) = joined(&office.store, bin).await? else { return Ok(None) };
    let member = company.state.member(account.id).cloned();
    Ok(member.map(|member| Acting { company, member }))
}
