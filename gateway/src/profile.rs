//! Profiles: what answers and rules need of a register apart from its state, joined from its records.

use std::sync::OnceLock;

use bytes::Bytes;
use ofd_edge::Imprint;
use ofd_protocol::message::answer::RegistrationData;
use ofd_protocol::types::RegisterId;
use ofd_protocol::version::Version;
use ofd_storage::model::{self, Organisation, RegisterRecord, TradePoint, register_key};
use ofd_storage::store::{Store, StoreError};

/// What is known of a register.
#[derive(Debug)]
pub struct Profile {
    /// What is on record of the register.
    pub record: RegisterRecord,
    data: RegistrationData,
    /// Encoded once per version, not per answer: many tills ask for it with every receipt.
    encoded: [OnceLock<Bytes>; Version::ALL.len()],
}

/// Stands for a text that is not known: no text in registration data may be blank.
const BLANK: &str = "-";

fn filled(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { BLANK.to_owned() } else { text.to_owned() }
}

impl Profile {
    /// Joins the records of a register; `None` when the id was never given.
    ///
    /// # Errors
    /// Those of the store, and [`StoreError::Corrupt`] when a register's organisation or trade point is missing.
    pub async fn load(
        store: &impl Store,
        imprint: &Imprint,
        id: RegisterId,
    ) -> Result<Option<Self>, StoreError> {
        let Some((_, record)) = model::load::<RegisterRecord>(store, &register_key(id)).await? else {
            return Ok(None);
        };
        let missing = |what: &str, key: &str| StoreError::Corrupt {
            place: format!("register {id}"),
            reason: format!("its {what} {key} has no record"),
        };
        let organisation = model::load::<Organisation>(store, record.bin.as_bytes()).await?;
        let (_, organisation) = organisation.ok_or_else(|| missing("organisation", &record.bin))?;
        let trade_point = model::load::<TradePoint>(store, record.trade_point.0.as_bytes()).await?;
        let (_, trade_point) = trade_point.ok_or_else(|| missing("trade point", &record.trade_point.0))?;
        let data = registration_data(&record, &organisation, &trade_point, imprint);
        Ok(Some(Self { record, data, encoded: Default::default() }))
    }

    /// The encoded registration data for a version.
    pub fn reg_info(&self, version: Version) -> Bytes {
        let index = Version::ALL.iter().position(|each| *each == version).unwrap_or(0);
        match self.encoded.get(index) {
            Some(cell) => cell.get_or_init(|| self.data.encode(version)).clone(),
            None => self.data.encode(version),
        }
    }
}

fn registration_data(
    record: &RegisterRecord,
    organisation: &Organisation,
    trade_point: &TradePoint,
    imprint: &Imprint,
) -> RegistrationData {
    let kazakh = |known: &Option<String>, plain: &str| filled(known.as_deref().unwrap_or(plain));
    RegistrationData {
        fns_kkm_id: filled(&record.fns_kkm_id),
        serial_number: filled(&record.serial_number),
        kkm_id: record.id.to_string(),
        point_of_payment_number: record.point_of_payment_number.clone(),
        terminal_number: record.terminal_number.clone(),
        pos_title: filled(&trade_point.title),
        pos_address: filled(&trade_point.address),
        pos_address_kz: kazakh(&trade_point.address_kz, &trade_point.address),
        latitude: trade_point.latitude.unwrap_or(0),
        longitude: trade_point.longitude.unwrap_or(0),
        org_title: filled(&organisation.title),
        org_address: filled(&organisation.address),
        org_address_kz: kazakh(&organisation.address_kz, &organisation.address),
        org_inn: filled(&organisation.bin),
        org_okved: filled(&organisation.okved),
        ofd_title: filled(&imprint.title),
        ofd_title_kz: filled(&imprint.title_kz),
        ofd_url: filled(&imprint.url),
    }
}
