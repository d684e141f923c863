//! What the pages of registers share: which register an address names, and whose it must be.

use ofd_office::registers::RegisterError;
use ofd_office::shops::register_of;
use ofd_protocol::register::Telling;
use ofd_protocol::types::RegisterId;
use ofd_storage::model::{RegisterRecord, TradePointId};

use crate::cabinet::{Ask, Failure};
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

/// A register of the organisation for which the person acts. Others' are not found, as if there were none.
pub(crate) async fn own(site: &Site, bin: &str, id: RegisterId) -> Result<RegisterRecord, Failure> {
    register_of(&site.office.store, bin, id).await.map_err(failure)
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
