//! An organisation's shops, the registers in them, and what each register did lately.

mod by_id;
mod change;
mod draft;
mod holdings;
mod line;
mod list;
mod query;
mod seek;
mod under_way;

pub use by_id::{OwnedRegister, RegisterQuery, RegistersFound, registers_by_id};
pub use change::{
    Outcome, Standing, TradePointRefusal, change_trade_point, delete_trade_point, make_trade_point,
    settle_trade_points, trade_point_of, why_it_stays,
};
pub use draft::{
    COORDINATES_LEN_MAX, Coordinates, DraftRead, GROUPS, TITLE_LEN_MAX, TradePointDraft, address_in,
    coordinates_of, read_draft, title_in,
};
pub use holdings::{SHOPS_MAX, registers_up_to, shops_by_group};
pub use line::{
    RegisterLine, ShiftLine, is_on_line, latest_opened, register_line, shift_line, state_and_heard,
};
pub use list::{SHOP_CHOICES_MAX, Shop, ShopsFound, shops};
pub use query::{LineFilter, ShopQuery, Stage, StatusFilter};
pub use seek::{
    OfflineFound, by_offline_number, by_offline_number_in, by_ticket_number, by_ticket_number_in,
    registers_anywhere,
};
pub use under_way::{place_behind, registrations_under_way};

use ofd_protocol::types::RegisterId;
use ofd_storage::model::RegisterRecord;
use ofd_storage::store::Store;

use crate::registers::{RegisterError, record};

/// The register's record where it is one of the organisation's; of another's, it is as if there were none.
///
/// # Errors
/// [`RegisterError`].
pub async fn register_of(
    store: &impl Store,
    bin: &str,
    id: RegisterId,
) -> Result<RegisterRecord, RegisterError> {
    let found = record(store, id).await?;
    if found.bin == bin { Ok(found) } else { Err(RegisterError::NoSuchRegister(id)) }
}
