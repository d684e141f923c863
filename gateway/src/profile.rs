//! Profiles: what answers and rules need of a register apart from its state, joined from its records.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use ofd_edge::Imprint;
use ofd_protocol::message::answer::RegistrationData;
use ofd_protocol::types::RegisterId;
use ofd_protocol::version::Version;
use ofd_storage::accounts;
use ofd_storage::model::{self, Organisation, RegisterRecord, TradePoint, register_key};
use ofd_storage::registers::Loaded;
use ofd_storage::store::{HeadFormat, Store, StoreError};
use tokio::time::Instant;

/// A change of what a profile is joined of is told by the register's head. For what somebody changes in the store by hand,
/// and for programs of before, a profile is read anew after this long all the same.
const PROFILE_FOR: Duration = Duration::from_secs(600);

/// A head of the first form cannot tell of changes: then a profile is read anew after this long.
const UNTOLD_PROFILE_FOR: Duration = Duration::from_secs(30);

/// What is known of a register.
#[derive(Debug)]
pub struct Profile {
    /// What is on record of the register.
    pub record: RegisterRecord,
    /// The version of the register's head that it was read after; 0 where none was known.
    version: u64,
    read_at: Instant,
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
    /// Joins the records of a register; `None` when the id was never given. `version` is that of its head when it is read
    /// after the head, else 0: what a head says that was never raised holds of all that was read before it as well.
    ///
    /// # Errors
    /// Those of the store, and [`StoreError::Corrupt`] when a register's organisation or trade point is missing.
    pub async fn load(
        store: &impl Store,
        imprint: &Imprint,
        id: RegisterId,
        version: u64,
    ) -> Result<Option<Self>, StoreError> {
        let read_at = Instant::now();
        let Some((_, record)) = model::load::<RegisterRecord>(store, &register_key(id)).await? else {
            return Ok(None);
        };
        let missing = |what: &str, key: &str| StoreError::Corrupt {
            place: format!("register {id}"),
            reason: format!("its {what} {key} has no record"),
        };
        let organisation = accounts::organisation(store, &record.bin).await?;
        let organisation = organisation.ok_or_else(|| missing("organisation", &record.bin))?;
        let trade_point = model::load::<TradePoint>(store, record.trade_point.0.as_bytes()).await?;
        let (_, trade_point) = trade_point.ok_or_else(|| missing("trade point", &record.trade_point.0))?;
        let data = registration_data(&record, &organisation, &trade_point, imprint);
        Ok(Some(Self { record, version, read_at, data, encoded: Default::default() }))
    }

    /// Whether answers that follow from this head may still name it.
    pub fn holds_for(&self, head: &Loaded) -> bool {
        let may_be_old = match head.format {
            HeadFormat::Tagged => PROFILE_FOR,
            HeadFormat::First => UNTOLD_PROFILE_FOR,
        };
        self.version == head.register.profile_version && self.read_at.elapsed() < may_be_old
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

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{AccountId, Address, AddressKind, Company, CompanyKind, Member, create};
    use ofd_storage::memory::MemoryStore;
    use ofd_storage::samples;
    use ofd_storage::store::Stamp;

    use super::*;

    const BIN: &str = "151140001234";
    const ID: RegisterId = RegisterId(200_001);

    /// A register of the fleet file, and its organisation.
    async fn store() -> MemoryStore {
        let store = MemoryStore::new();
        let (address, okved) = ("г. Актау".to_owned(), "47111".to_owned());
        let organisation =
            Organisation { address, okved, ..Organisation::titled(BIN, "ТОО «Из файла»") };
        model::create(&store, &organisation).await.unwrap();
        model::create(&store, &samples::trade_point(BIN, samples::SHOP)).await.unwrap();
        model::create(&store, &samples::register(ID, BIN)).await.unwrap();
        store
    }

    async fn named(store: &MemoryStore) -> (String, String, String, String) {
        let data = Profile::load(store, &Imprint::default(), ID, 0).await.unwrap().unwrap().data;
        (data.org_title, data.org_address, data.org_address_kz, data.org_okved)
    }

    fn texts(title: &str, address: &str, kazakh: &str) -> (String, String, String, String) {
        (title.to_owned(), address.to_owned(), kazakh.to_owned(), "47111".to_owned())
    }

    #[tokio::test]
    async fn receipts_name_an_organisation_as_its_people_do_from_one_append_on() {
        let store = store().await;
        assert_eq!(named(&store).await, texts("ТОО «Из файла»", "г. Актау", "г. Актау"));
        let kind = CompanyKind::LegalEntity;
        let mut company = Company::new(BIN.into(), "ТОО «Көктем»".into(), kind, UnixMillis(1));
        company.addresses.push(Address {
            id: 1,
            revision: 1,
            kind: AddressKind::Legal,
            country: "KZ".into(),
            settlement: "710000000".into(),
            place: "г. Астана".into(),
            place_kz: Some("Астана қ.".into()),
            street: "Сарайшық, 44".into(),
            email: String::new(),
            phone: String::new(),
        });
        company.members.push(Member {
            account: AccountId(7),
            name: "АХМЕТОВА САУЛЕ".into(),
            iin: None,
            email: String::new(),
            roles: Vec::new(),
            block: None,
            since: UnixMillis(1),
            revision: 1,
        });
        create(&store, company, Vec::new(), Stamp([1; 16])).await.unwrap();
        let (address, kazakh) = ("г. Астана, Сарайшық, 44", "Астана қ., Сарайшық, 44");
        assert_eq!(named(&store).await, texts("ТОО «Көктем»", address, kazakh));
    }
}
