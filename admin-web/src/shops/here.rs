//! What the pages of registers share: which register an address names, and whose it must be.

use ofd_office::by::By;
use ofd_office::registers::{RegisterError, look_at_register};
use ofd_office::shops::register_of;
use ofd_protocol::register::Telling;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AuditPage, ShopGroup};
use ofd_storage::model::{RegisterRecord, TradePointId};

use crate::cabinet::{Ask, Failure, Right};
use crate::site::Site;
use crate::typed::plain_number;

/// Times of devices are shown as the devices themselves are told.
pub(crate) fn telling(site: &Site) -> Telling {
    Telling { now: site.office.now(), zone_offset_seconds: site.config.zone_offset_seconds }
}

/// What a person is told who asked for something of a register.
fn failure(error: RegisterError) -> Failure {
    match error {
        RegisterError::NoSuchRegister(_) | RegisterError::NoSuchShift(_) => Failure::NotFound,
        RegisterError::BeingCreated | RegisterError::Busy | RegisterError::Final(_) => Failure::Busy,
        RegisterError::Store(error) => Failure::Store(error),
    }
}

/// Whose registers an address is about: of the organisation for which the person acts, or, on the operator's pages, of the
/// one that they name.
#[derive(Clone, Debug)]
pub(crate) struct Whose {
    bin: String,
    /// Who looks for the operator, which is written down.
    looks: Option<By>,
}

impl Whose {
    /// Of an address.
    pub(crate) fn of(ask: &Ask) -> Self {
        match ask.part("company") {
            "" => Self { bin: ask.bin().to_owned(), looks: None },
            company => Self { bin: company.to_owned(), looks: Some(ask.by().clone()) },
        }
    }

    /// Whether the pages are the operator's.
    pub(crate) fn is_looked_at(&self) -> bool {
        self.looks.is_some()
    }

    /// Where a register's page is.
    pub(crate) fn register_path(&self, id: RegisterId) -> String {
        if self.is_looked_at() {
            format!("/operator/registers/{}/{id}", self.bin)
        } else {
            register_path(&self.bin, id)
        }
    }

    /// A register of the organisation, of which nothing is shown; others' are not found.
    pub(crate) async fn known(&self, site: &Site, id: RegisterId) -> Result<RegisterRecord, Failure> {
        register_of(&site.office.store, &self.bin, id).await.map_err(failure)
    }

    /// A register of the organisation; others' are not found, as if there were none. A look of the operator's people is in
    /// the organisation's audit before anything is shown.
    pub(crate) async fn register(
        &self,
        site: &Site,
        id: RegisterId,
        page: AuditPage,
    ) -> Result<RegisterRecord, Failure> {
        let record = self.known(site, id).await?;
        if let Some(by) = &self.looks {
            let with = (&site.office.store, &*site.office.world);
            look_at_register(with, by, &self.bin, page).await?;
        }
        Ok(record)
    }
}

/// Whether who asks may see what registers sold, on the pages of an organisation or of the operator.
pub(super) fn may_read(ask: &Ask) -> bool {
    ask.may(Right::SeeDocuments) || ask.may(Right::SeeAnyRegister)
}

/// The register of an address.
pub(crate) fn id_of(ask: &Ask) -> Result<RegisterId, Failure> {
    plain_number(ask.part("register")).map(RegisterId).ok_or(Failure::NotFound)
}

/// Where a register's page is.
pub(crate) fn register_path(bin: &str, id: RegisterId) -> String {
    format!("/c/{bin}/registers/{id}")
}

/// Where a shop is edited.
pub(super) fn shop_path(bin: &str, id: &TradePointId) -> String {
    format!("/c/{bin}/shops/{}", id.0)
}

/// The groups of the organisation for which the person acts.
pub(super) fn groups_of(ask: &Ask) -> &[ShopGroup] {
    ask.acting().map_or(&[], |acting| &acting.company.state.shop_groups)
}
