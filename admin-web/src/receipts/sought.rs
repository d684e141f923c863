//! What a person of an organisation types to find a receipt: the address of its QR code, its fiscal sign, its offline number.

use ofd_protocol::ticket_number::DocumentRef;
use ofd_storage::model::RegisterRecord;
use ofd_storage::store::StoreError;

use super::lookup::find;
use super::rules::{Check, Number, number};
use crate::site::Site;

/// A text by which a receipt may be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// The address of a QR code; `None` where no receipt can have it.
    Address(Option<Box<Check>>),
    /// The fiscal sign.
    TicketNumber(u64),
    /// The number that it got without a link.
    OfflineNumber(u32),
}

/// Reads what was typed; `None`: no receipt is asked for.
pub(crate) fn read(text: &str) -> Option<Sought> {
    if let Some((path, query)) = text.split_once('?').filter(|(_, query)| query.contains('=')) {
        let mut pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        // Some papers have the number in the path.
        let last = path.rsplit('/').next().unwrap_or_default();
        if !pairs.iter().any(|(name, _)| name == "i") {
            pairs.push(("i".to_owned(), last.to_owned()));
        }
        let value =
            |name: &str| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        return Some(Sought::Address(Check::read(value).map(Box::new)));
    }
    match number(text).ok()? {
        Number::Ticket(number) => Some(Sought::TicketNumber(number)),
        Number::Offline(number) => Some(Sought::OfflineNumber(number)),
    }
}

/// The receipt that the address of a QR code leads to, with its register.
pub(crate) async fn at_address(
    site: &Site,
    check: &Check,
) -> Result<Option<(RegisterRecord, DocumentRef)>, StoreError> {
    let found = find(&site.office.store, site.ticket_number_key()?, check).await?;
    Ok(found.map(|found| (found.register, found.place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_address_a_fiscal_sign_and_an_offline_number_are_told_apart() {
        let query = "i=370454329472674&f=640300014538&s=696.90&t=20260122T170916";
        let check = Check::read(|name| form_value(query, name)).map(Box::new);
        assert!(check.is_some());
        for address in
            [format!("https://ofd.example/?{query}"), format!("ofd.example/t/?{query}"), format!("?{query}")]
        {
            assert_eq!(read(&address), Some(Sought::Address(check.clone())), "{address}");
        }
        let in_path = "https://ofd.example/ticket/370454329472674?f=640300014538&s=696.90&t=20260122T170916";
        assert_eq!(read(in_path), Some(Sought::Address(check)));
        assert_eq!(read("https://ofd.example/?a=b"), Some(Sought::Address(None)));
        assert_eq!(read("370 454-329 472 674"), Some(Sought::TicketNumber(370_454_329_472_674)));
        assert_eq!(read("4228143549"), Some(Sought::OfflineNumber(4_228_143_549)));
        for none in ["", "Магазин", "SWK00032685", "ул. Абая, 1", "what?"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    fn form_value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }
}
