//! A company as what people edit pieces of.

use ofd_office::company::change_particulars;
use ofd_storage::accounts::Company;
use ofd_storage::store::StreamId;

use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, Failure};
use crate::part::{Changed, PartRefusal};
use crate::site::Site;

/// The company for which the person acts: the one in the address, or the operator.
pub(crate) struct OfCompany;

impl Owner for OfCompany {
    type Whole = Company;

    const HOME: &'static str = "menu-company";

    fn of(ask: &Ask) -> Result<&Company, Failure> {
        Ok(&ask.acting().ok_or(Failure::NotFound)?.company.state)
    }

    fn home(ask: &Ask) -> String {
        format!("/c/{}", ask.bin())
    }

    fn stream(ask: &Ask) -> Result<StreamId, Failure> {
        Company::stream_of(ask.bin()).ok_or(Failure::NotFound)
    }

    async fn change(
        site: &Site,
        ask: &Ask,
        rule: impl Fn(&Company) -> Changed<Company> + Send + Sync,
    ) -> Result<(Company, Result<(), PartRefusal>), Failure> {
        Ok(change_particulars(&site.office, ask.by(), ask.bin(), rule).await?)
    }
}
