//! An organisation as receipts name it: what it says of itself on the site, else what its record says.

use futures::future::try_join;

use super::company::Company;
use super::subject::{Kept, load};
use crate::model::{self, Organisation};
use crate::store::{Store, StoreError};

/// The organisation with a BIN or IIN as receipts, pages and the API name it; `None` when there is neither a record of it
/// nor a company on the site.
///
/// # Errors
/// Those of the store.
pub async fn organisation(store: &impl Store, bin: &str) -> Result<Option<Organisation>, StoreError> {
    // Each is a round of its own to a cluster, so both are asked for at once.
    let (record, company) =
        try_join(model::load::<Organisation>(store, bin.as_bytes()), joined(store, bin)).await?;
    let record = record.map(|(_, record)| record);
    Ok(match company {
        Some(company) => Some(company.state.named(record)),
        None => record,
    })
}

/// The company with a BIN or IIN, where it came to the site; `None` also where its stream holds an audit alone.
///
/// # Errors
/// Those of the store.
pub async fn joined(store: &impl Store, bin: &str) -> Result<Option<Kept<Company>>, StoreError> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(None) };
    Ok(load::<Company>(store, stream).await?.filter(|company| company.state.is_joined()))
}

impl Company {
    /// The organisation as receipts name it: what the company says of itself goes before its record; what it does not say
    /// is as in the record.
    pub(super) fn named(&self, record: Option<Organisation>) -> Organisation {
        let title = self.title.clone();
        let mut record = record.unwrap_or_else(|| Organisation::titled(&self.bin, &title));
        if !self.profile.attributes.oked.is_empty() {
            record.okved.clone_from(&self.profile.attributes.oked);
        }
        let Some(legal) = self.legal_address() else { return Organisation { title, ..record } };
        let address = legal.line_at(&legal.place);
        let address_kz = match &legal.place_kz {
            Some(place) => Some(legal.line_at(place)),
            // A program of before kept this address, and its Kazakh in the record beside the same Russian.
            None => record.address_kz.filter(|_| record.address == address),
        };
        Organisation { title, address, address_kz, ..record }
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;

    use super::*;
    use crate::accounts::{Address, AddressKind, CompanyKind};

    const BIN: &str = "151140001234";

    fn named(company: &Company, record: Option<Organisation>) -> Organisation {
        company.named(record)
    }

    fn company(addresses: Vec<Address>) -> Company {
        let mut company =
            Company::new(BIN.into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, UnixMillis(1));
        company.addresses = addresses;
        company
    }

    fn address(kind: AddressKind, place: &str, place_kz: Option<&str>) -> Address {
        Address {
            id: 1,
            revision: 1,
            kind,
            country: "KZ".into(),
            settlement: "710000000".into(),
            place: place.into(),
            place_kz: place_kz.map(str::to_owned),
            street: "ул. Абая, 1".into(),
            email: String::new(),
            phone: String::new(),
        }
    }

    fn record(address: &str, address_kz: &str) -> Organisation {
        Organisation {
            bin: BIN.into(),
            title: "ТОО «Прежнее»".into(),
            address: address.into(),
            address_kz: Some(address_kz.into()),
            okved: "47111".into(),
        }
    }

    #[test]
    fn receipts_name_the_legal_address_in_both_languages() {
        let elsewhere = address(AddressKind::Actual, "г. Алматы", Some("Алматы қ."));
        let legal = address(AddressKind::Legal, "г. Астана", Some("Астана қ."));
        let named = named(&company(vec![elsewhere, legal]), Some(record("Берлин", "Берлин қ.")));
        let (title, okved) = ("ТОО «Көктем»".to_owned(), "47111".to_owned());
        let (address, address_kz) = ("г. Астана, ул. Абая, 1".into(), Some("Астана қ., ул. Абая, 1".into()));
        assert_eq!(named, Organisation { bin: BIN.into(), title, address, address_kz, okved });
    }

    #[test]
    fn the_kind_of_activity_is_the_companys_where_it_says_one() {
        let mut company = company(Vec::new());
        company.profile.attributes.oked = "56101".into();
        assert_eq!(named(&company, Some(record("г. Астана", "Астана қ."))).okved, "56101");
        assert_eq!(named(&company, None).okved, "56101", "without a record too");
        company.profile.attributes.oked = String::new();
        assert_eq!(named(&company, Some(record("г. Астана", "Астана қ."))).okved, "47111");
    }

    #[test]
    fn what_a_company_does_not_say_is_as_in_its_record() {
        let known = record("г. Астана", "Астана қ.");
        let expected = Organisation { title: "ТОО «Көктем»".into(), ..known.clone() };
        assert_eq!(named(&company(Vec::new()), Some(known)), expected);
        assert_eq!(named(&company(Vec::new()), None).title, "ТОО «Көктем»");
    }

    #[test]
    fn an_address_abroad_has_no_kazakh_and_takes_none_from_the_record() {
        let abroad = company(vec![address(AddressKind::Legal, "Berlin", None)]);
        let named = named(&abroad, Some(record("г. Астана, ул. Абая, 1", "Астана қ., ул. Абая, 1")));
        assert_eq!((named.address.as_str(), named.address_kz), ("Berlin, ул. Абая, 1", None));
    }

    #[test]
    fn the_kazakh_of_an_address_of_before_is_in_the_record_while_both_say_the_same() {
        let before = company(vec![address(AddressKind::Legal, "г. Астана", None)]);
        let kept = record("г. Астана, ул. Абая, 1", "Астана қ., ул. Абая, 1");
        assert_eq!(named(&before, Some(kept.clone())).address_kz, kept.address_kz);
        let behind = named(&before, Some(record("г. Алматы, ул. Абая, 1", "Алматы қ., ул. Абая, 1")));
        assert_eq!((behind.address.as_str(), behind.address_kz), ("г. Астана, ул. Абая, 1", None));
    }
}
