//! The company as receipts name it: a record of its own, kept in step with the legal address.

use ofd_storage::accounts::{Address, Company, load};
use ofd_storage::model::{self, Organisation};
use ofd_storage::store::StoreError;

use super::addresses::legal_address;
use crate::cabinet::Failure;
use crate::directories::settlement;
use crate::language::Language;
use crate::site::Site;

/// Whoever writes the record at the same time brings the same company; so often it is read again.
const TRIES_MAX: usize = 5;

/// An address in one line, in a language where the directory has it.
pub(crate) fn address_line(address: &Address, language: Language) -> String {
    let place = settlement(&address.settlement).map(|found| found.chain(language));
    let parts = [place.as_deref().unwrap_or(&address.place), &address.street];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The record with what the company says now; `None` when it says so already.
fn renewed(found: Option<&Organisation>, company: &Company) -> Option<Organisation> {
    let legal = legal_address(company);
    let line = |language| legal.map(|address| address_line(address, language));
    let kazakh = legal.filter(|address| settlement(&address.settlement).is_some());
    let renewed = match found {
        // Without a legal address on the site, what another source said of it stays.
        Some(found) => Organisation {
            title: company.title.clone(),
            address: line(Language::Russian).unwrap_or_else(|| found.address.clone()),
            address_kz: match legal {
                Some(_) => kazakh.map(|address| address_line(address, Language::Kazakh)),
                None => found.address_kz.clone(),
            },
            ..found.clone()
        },
        None => Organisation {
            bin: company.bin.clone(),
            title: company.title.clone(),
            address: line(Language::Russian).unwrap_or_default(),
            address_kz: kazakh.map(|address| address_line(address, Language::Kazakh)),
            okved: String::new(),
        },
    };
    (found != Some(&renewed)).then_some(renewed)
}

/// Brings the record that receipts show up to what the company says now. Repeating it is harmless.
///
/// The record is read before the company: whoever changed the company later finds the record moved on and reads again,
/// so the last word is always that of the newest company.
pub(crate) async fn keep_organisation(site: &Site, bin: &str) -> Result<(), Failure> {
    let stream = Company::stream_of(bin).ok_or(Failure::NotFound)?;
    for _ in 0..TRIES_MAX {
        let record = model::load::<Organisation>(&site.store, bin.as_bytes()).await?;
        let company = load::<Company>(&site.store, stream).await?.ok_or(Failure::NotFound)?;
        let Some(renewed) = renewed(record.as_ref().map(|(_, found)| found), &company.state) else {
            return Ok(());
        };
        match record {
            None => {
                if model::create(&site.store, &renewed).await? {
                    return Ok(());
                }
            }
            Some((version, _)) => match model::replace(&site.store, version, &renewed).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            },
        }
    }
    Err(Failure::Busy)
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{AddressKind, CompanyKind};

    use super::*;

    fn company(addresses: Vec<Address>) -> Company {
        let mut company = Company::new(
            "151140001234".into(),
            "ТОО «Көктем»".into(),
            CompanyKind::LegalEntity,
            UnixMillis(1),
        );
        company.addresses = addresses;
        company
    }

    fn address(kind: AddressKind, settlement: &str, place: &str) -> Address {
        let (country, street) = ("KZ".to_owned(), "ул. Абая, 1".to_owned());
        let (email, phone) = (String::new(), String::new());
        let (settlement, place) = (settlement.to_owned(), place.to_owned());
        Address { id: 1, revision: 1, kind, country, settlement, place, street, email, phone }
    }

    #[test]
    fn receipts_name_the_legal_address_in_both_languages() {
        let legal = address(AddressKind::Legal, "710000000", "г. Астана");
        let company = company(vec![address(AddressKind::Actual, "", "elsewhere"), legal]);
        let made = renewed(None, &company).unwrap();
        assert_eq!(made.address, "г. Астана, ул. Абая, 1");
        assert_eq!(made.address_kz.as_deref(), Some("Астана қ., ул. Абая, 1"));
        assert_eq!(renewed(Some(&made), &company), None, "nothing is written that is there");
    }

    #[test]
    fn what_others_said_of_the_company_stays() {
        let found = Organisation {
            bin: "151140001234".into(),
            title: "old".into(),
            address: "г. Астана".into(),
            address_kz: Some("Астана қ.".into()),
            okved: "47111".into(),
        };
        let made = renewed(Some(&found), &company(Vec::new())).unwrap();
        assert_eq!(made, Organisation { title: "ТОО «Көктем»".into(), ..found.clone() });
        let abroad = company(vec![address(AddressKind::Legal, "", "Berlin")]);
        let made = renewed(Some(&found), &abroad).unwrap();
        assert_eq!((made.address.as_str(), made.address_kz), ("Berlin, ул. Абая, 1", None));
        assert_eq!(made.okved, "47111");
    }
}
