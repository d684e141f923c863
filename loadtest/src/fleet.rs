//! The fleet file: which registers there are, whose they are, and the tokens they were given.

mod error;
pub(crate) mod files;
pub mod generate;
pub mod memory;
pub mod tokens;

use std::path::Path;

use ofd_protocol::types::{RegisterId, Token};
use serde::{Deserialize, Serialize};

pub use self::error::FleetError;
use crate::identity::Identity;

/// A fleet: organisations, their trade points, their registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// The organisations that own registers.
    pub organisations: Vec<Organisation>,
}

/// Whoever owns registers, with the places where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// BIN, or IIN of a person in trade.
    pub bin: String,
    /// The name, as receipts print it.
    pub title: String,
    /// The legal address, as receipts print it.
    pub address: String,
    /// The same in Kazakh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_kz: Option<String>,
    /// Kind of activity.
    pub okved: String,
    /// Where it trades.
    pub trade_points: Vec<TradePoint>,
}

/// A place where registers stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradePoint {
    /// The name, as people call the place.
    pub title: String,
    /// The address, as receipts print it.
    pub address: String,
    /// The same in Kazakh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_kz: Option<String>,
    /// The registers that stand there.
    pub registers: Vec<FleetRegister>,
}

/// A register as the fleet file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetRegister {
    /// Id at the operator.
    pub id: RegisterId,
    /// The token given at registration.
    pub token: Token,
    /// 12-digit number at the tax authority.
    pub fns_kkm_id: String,
    /// The serial number from the factory.
    pub serial_number: String,
    /// The model, as the register of models calls it.
    pub model: String,
    /// Year of make.
    pub year: u16,
    /// `wired` or another kind of link.
    pub connection: String,
}

impl Fleet {
    /// Reads a fleet file.
    ///
    /// # Errors
    /// [`FleetError`] when it cannot be read, is not a fleet, holds an id twice, or no register.
    pub fn read(path: &Path) -> Result<Self, FleetError> {
        let bytes =
            std::fs::read(path).map_err(|source| FleetError::Read { path: path.to_owned(), source })?;
        let fleet: Self = serde_json::from_slice(&bytes).map_err(|source| FleetError::Parse {
            path: path.to_owned(),
            what: "fleet file",
            source,
        })?;
        let mut ids: Vec<RegisterId> = fleet.registers().map(|register| register.id).collect();
        ids.sort_unstable();
        if ids.is_empty() {
            return Err(FleetError::Empty(path.to_owned()));
        }
        if let Some([id, _]) = ids.windows(2).find(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(FleetError::Twice { path: path.to_owned(), id: *id });
        }
        Ok(fleet)
    }

    /// Writes a fleet file, whole or not at all.
    ///
    /// # Errors
    /// [`FleetError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), FleetError> {
        let failed = |source| FleetError::Write { path: path.to_owned(), source };
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        files::write_whole(path, &bytes).map_err(failed)
    }

    /// Every register with what it says about itself, in the order of the file.
    pub fn registers(&self) -> impl Iterator<Item = Identity> + '_ {
        self.organisations.iter().flat_map(|organisation| {
            organisation.trade_points.iter().flat_map(move |point| {
                point.registers.iter().map(move |register| Identity {
                    id: register.id,
                    token: register.token,
                    fns_kkm_id: register.fns_kkm_id.clone(),
                    serial_number: register.serial_number.clone(),
                    title: organisation.title.clone(),
                    address: point.address.clone(),
                    bin: organisation.bin.clone(),
                    okved: organisation.okved.clone(),
                })
            })
        })
    }
}
