//! Receipts that are found by what is on their paper, in the box that finds shops and registers too.

use ofd_office::shops::{OfflineFound, by_offline_number, by_ticket_number};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;

use super::here::register_path;
use crate::cabinet::{Ask, Failure, Right};
use crate::receipts::sought::{self, Sought};
use crate::site::Site;
use crate::words::Words;

/// Receipts that a typed number leads to.
#[derive(Default)]
pub(super) struct Receipts {
    /// What each is, with where it is shown.
    pub(super) found: Vec<(String, String)>,
    /// How far they were looked for, where that is not everywhere.
    pub(super) looked: Option<String>,
}

/// Where a document is shown.
fn document_path(bin: &str, (id, place): (RegisterId, DocumentRef)) -> String {
    format!("{}/shifts/{}/documents/{}", register_path(bin, id), place.shift, place.number)
}

/// Where the receipt is whose QR address was typed, for who may see receipts; another organisation's is as if there were
/// none.
pub(super) async fn at_address(site: &Site, ask: &Ask) -> Result<Option<String>, Failure> {
    let Some(Sought::Address(Some(check))) = sought::read(ask.parameter("q")) else { return Ok(None) };
    if !ask.may(Right::SeeDocuments) {
        return Ok(None);
    }
    let found = sought::at_address(site, &check).await?;
    let own = found.filter(|(register, _)| register.bin == ask.bin());
    Ok(own.map(|(register, place)| document_path(ask.bin(), (register.id, place))))
}

/// In which shifts of which registers an offline number was looked for.
pub(crate) fn looked_text(words: &Words<'_>, found: &OfflineFound) -> String {
    let key = if found.is_all { "shops-looked-offline" } else { "shops-looked-offline-in-some" };
    let (shifts, registers) = (found.shifts.to_string(), found.registers.to_string());
    words.say_values(key, &[("shifts", &shifts), ("registers", &registers)])
}

/// The receipts of the organisation that a typed number leads to, for who may see receipts.
pub(super) async fn by_number(site: &Site, ask: &Ask) -> Result<Receipts, Failure> {
    if !ask.may(Right::SeeDocuments) {
        return Ok(Receipts::default());
    }
    let (store, words) = (&site.office.store, site.texts(ask));
    let (found, looked) = match sought::read(ask.parameter("q")) {
        Some(Sought::TicketNumber(number)) => {
            let found = by_ticket_number(store, site.ticket_number_key()?, ask.bin(), number).await?;
            (found.into_iter().collect(), None)
        }
        Some(Sought::OfflineNumber(number)) => {
            let found = by_offline_number(store, ask.bin(), number).await?;
            let looked = looked_text(&words, &found);
            (found.receipts, Some(looked))
        }
        Some(Sought::Address(_)) | None => (Vec::new(), None),
    };
    let link = |(id, place): (RegisterId, DocumentRef)| {
        let values = [id.to_string(), place.shift.to_string(), place.number.to_string()];
        let [register, shift, number] = values.each_ref().map(String::as_str);
        let values = [("register", register), ("shift", shift), ("number", number)];
        (document_path(ask.bin(), (id, place)), words.say_values("shops-receipt-at", &values))
    };
    Ok(Receipts { found: found.into_iter().map(link).collect(), looked })
}
