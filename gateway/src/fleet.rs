//! The fleet file: organisations, trade points and registers that are created at the start.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ofd_storage::model::{BinError, Connection, check_bin};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A fleet file that cannot be used: which, where, and what is wrong.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// It cannot be read.
    #[error("{path} cannot be read; check the path and its permissions")]
    Read {
        /// The file that was named.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("{path}: {problem}; docs/config.md describes the file")]
    Form {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong, with line and column.
        problem: String,
    },
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// Who has registers.
    pub organisations: Vec<FleetOrganisation>,
}

/// Whoever owns registers, with the places where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetOrganisation {
    /// BIN or IIN.
    #[serde(deserialize_with = "bin")]
    pub bin: String,
    /// Its name, as receipts print it.
    #[serde(deserialize_with = "filled")]
    pub title: String,
    /// Its legal address.
    #[serde(deserialize_with = "filled")]
    pub address: String,
    /// The same in Kazakh.
    #[serde(default)]
    pub address_kz: Option<String>,
    /// Kind of activity.
    pub okved: String,
    /// Where it trades.
    pub trade_points: Vec<FleetTradePoint>,
}

/// A trade point.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetTradePoint {
    /// What people call the place.
    #[serde(deserialize_with = "filled")]
    pub title: String,
    /// Where it is.
    #[serde(deserialize_with = "filled")]
    pub address: String,
    /// The same in Kazakh.
    #[serde(default)]
    pub address_kz: Option<String>,
    /// Millionths of a degree.
    #[serde(default)]
    pub latitude: Option<i32>,
    /// Millionths of a degree.
    #[serde(default)]
    pub longitude: Option<i32>,
    /// What stands there.
    pub registers: Vec<FleetRegister>,
}

/// A cash register and the number that the tax authority gave it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetRegister {
    /// Its id, once in the file.
    #[serde(deserialize_with = "id")]
    pub id: u32,
    /// Its first token.
    #[serde(deserialize_with = "token")]
    pub token: u32,
    /// The number the tax authority gave.
    #[serde(deserialize_with = "fns_kkm_id")]
    pub fns_kkm_id: String,
    /// The factory's number.
    #[serde(deserialize_with = "filled")]
    pub serial_number: String,
    /// Its model, as the register of models calls it.
    pub model: String,
    /// When it was made.
    pub year: u16,
    /// How it reaches us.
    pub connection: Connection,
    /// Whether its tariff includes TLS; left out: yes.
    #[serde(default = "yes")]
    pub tls: bool,
}

fn yes() -> bool {
    true
}

/// The tax authority's numbers have this many digits.
const FNS_KKM_ID_LEN: usize = 12;

thread_local! {
    // Serde tells the position of an error only where it arises, so doubles are found while the file is read.
    static SEEN: RefCell<HashSet<u32>> = RefCell::default();
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let id = u32::deserialize(deserializer)?;
    if id == 0 {
        return Err(D::Error::custom("id is 0; ids begin at 1"));
    }
    if SEEN.with_borrow_mut(|seen| seen.insert(id)) {
        Ok(id)
    } else {
        Err(D::Error::custom(format!("id {id} stands twice in the file; each register has its own")))
    }
}

fn token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        token @ 1..=ofd_protocol::types::TOKEN_MAX => Ok(token),
        token => Err(D::Error::custom(format!("token is {token}; it must be 1 to 2147483647"))),
    }
}

fn bin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let bin = String::deserialize(deserializer)?;
    if let Err(error @ BinError::Form(_)) = check_bin(&bin) {
        return Err(D::Error::custom(error));
    }
    Ok(bin)
}

/// Digits: they stand in QR texts and lead to the receipt.
fn fns_kkm_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if (1..=FNS_KKM_ID_LEN).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id)
    } else {
        Err(D::Error::custom(format!("fns_kkm_id is {id:?}; it must be {FNS_KKM_ID_LEN} digits")))
    }
}

fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        Err(D::Error::custom("a text is blank; registers refuse blank texts"))
    } else {
        Ok(text)
    }
}

impl Fleet {
    /// Reads a fleet file.
    ///
    /// # Errors
    /// [`FleetError`], naming the file and the position.
    pub fn load(path: &Path) -> Result<Self, FleetError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| FleetError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|problem| FleetError::Form { path: path.to_owned(), problem })
    }

    /// Reads the text of a fleet file.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        SEEN.set(HashSet::new());
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// What is odd but no reason not to start.
    pub fn warnings(&self) -> Vec<String> {
        let checked = self.organisations.iter().map(|organisation| check_bin(&organisation.bin));
        let bins = checked.filter_map(Result::err).map(|error| error.to_string());
        let points = self.organisations.iter().flat_map(|organisation| &organisation.trade_points);
        let registers = points.flat_map(|point| &point.registers);
        let short = registers.filter(|register| register.fns_kkm_id.len() != FNS_KKM_ID_LEN);
        let short = short.map(|register| {
            let FleetRegister { id, fns_kkm_id, .. } = register;
            format!("fns_kkm_id {fns_kkm_id} of register {id} has not {FNS_KKM_ID_LEN} digits")
        });
        bins.chain(short).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"{"organisations":[{"bin":"151140001234","title":"ТОО «Көктем»","address":"Астана","okved":"47111",
      "trade_points":[{"title":"Магазин","address":"Астана","latitude":-51128207,"registers":[
        {"id":203539,"token":671795700,"fns_kkm_id":"640300014538","serial_number":"SWK00032685","model":"m","year":2025,"connection":"wired"}
      ]}]}]}"#;

    #[test]
    fn the_documented_form_is_read() {
        let fleet = Fleet::parse(SAMPLE).unwrap();
        let register = &fleet.organisations[0].trade_points[0].registers[0];
        assert_eq!((register.id, register.connection, register.tls), (203_539, Connection::Wired, true));
        assert_eq!(fleet.warnings().len(), 1, "151140001234 has a wrong check digit");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_position() {
        let wrong = [
            ("\"id\":203539", "\"id\":0", "id is 0"),
            ("\"id\":203539", "\"id\":-1", "invalid value"),
            ("\"token\":671795700", "\"token\":2147483648", "1 to 2147483647"),
            ("\"year\":2025", "\"year\":2025,\"colour\":1", "unknown field `colour`"),
            ("\"fns_kkm_id\":\"640300014538\"", "\"fns_kkm_id\":\"64030001453x\"", "12 digits"),
            ("\"connection\":\"wired\"", "\"connection\":\"wifi\"", "unknown variant `wifi`"),
            ("\"title\":\"Магазин\"", "\"title\":\" \"", "blank"),
            ("151140001234", "1511400012", "it must be 12 digits"),
        ];
        for (from, to, expected) in wrong {
            let error = Fleet::parse(&SAMPLE.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(expected) && error.contains("line "), "{to}: {error}");
        }
    }

    #[test]
    fn an_id_that_stands_twice_is_told_with_its_second_place() {
        let register = SAMPLE.lines().nth(2).unwrap();
        let twice = SAMPLE.replacen(register, &format!("{register},\n{register}"), 1);
        let error = Fleet::parse(&twice).unwrap_err();
        assert!(error.contains("203539 stands twice") && error.contains("line 4"), "{error}");
    }
}
