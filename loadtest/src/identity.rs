//! Who a simulated register is.

use ofd_protocol::types::{RegisterId, Token};

/// All that one register says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Id at the operator.
    pub id: RegisterId,
    /// The token given at registration.
    pub token: Token,
    /// 12-digit number at the tax authority.
    pub fns_kkm_id: String,
    /// The serial number from the factory.
    pub serial_number: String,
    /// The organisation's name.
    pub title: String,
    /// The trade point's address.
    pub address: String,
    /// The organisation's BIN.
    pub bin: String,
    /// Its kind of activity.
    pub okved: String,
}
