//! Which documents an organisation has, and which there are of a month: entries of two indexes.

use bytes::Bytes;
use futures::future::try_join_all;
use ofd_billing::Month;
use ofd_billing::invoices::Number;

use super::kept::{Issued, at, stream};
use super::kind::InvoiceKind;
use crate::entries::Entry;
use crate::store::{Record, RecordKind, Store, StoreError};

/// Digits of a number in a key: all of 32 bits.
const NUMBER_DIGITS: usize = 10;

/// Above every month, so that the newest comes first.
const MONTHS_BACK: u32 = 1_000_000;

/// Where a list looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Documents of this month alone.
    pub month: Option<Month>,
    /// Documents of this kind alone.
    pub kind: Option<InvoiceKind>,
}

/// The entries that lead to a document.
pub(super) fn entries_of(issued: &Issued) -> [Entry; 2] {
    let (kind, month, number) = (issued.document.kind(), issued.day().month(), issued.number().number);
    let of_organisation = format!("{}/{}/{}", issued.bin(), back(month), tail(kind, number));
    let of_month = format!("{month}/{}", tail(kind, number));
    [
        Entry { kind: RecordKind::InvoiceOfOrganisation, key: of_organisation.into_bytes() },
        Entry { kind: RecordKind::InvoiceOfMonth, key: of_month.into_bytes() },
    ]
}

/// A month so written that the newest is the first.
fn back(month: Month) -> String {
    format!("{:06}", MONTHS_BACK.saturating_sub(month.number()))
}

fn tail(kind: InvoiceKind, number: u32) -> String {
    format!("{}/{:0NUMBER_DIGITS$}", kind.name(), u32::MAX.saturating_sub(number))
}

/// The kind, year and number of a document, and whose it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Led {
    pub(super) kind: InvoiceKind,
    pub(super) month: Month,
    pub(super) number: u32,
    /// The BIN, where the entry is of an organisation.
    pub(super) bin: Option<String>,
}

/// Where the key of an entry leads; `None` where it is none.
#[must_use]
pub fn document_of_key(kind: RecordKind, key: &[u8]) -> Option<Number> {
    let led = led(kind, key)?;
    let series = led.kind.series().ok()?;
    Some(Number { series, year: led.month.year(), number: led.number })
}

pub(super) fn led(kind: RecordKind, key: &[u8]) -> Option<Led> {
    let text = std::str::from_utf8(key).ok()?;
    let (bin, month, rest) = match kind {
        RecordKind::InvoiceOfOrganisation => {
            let (bin, rest) = text.split_once('/')?;
            let (month, rest) = rest.split_once('/')?;
            let month = Month::try_from(MONTHS_BACK.checked_sub(month.parse().ok()?)?).ok()?;
            let is_bin = bin.len() == 12 && bin.bytes().all(|byte| byte.is_ascii_digit());
            (is_bin.then(|| bin.to_owned()).map(Some)?, month, rest)
        }
        RecordKind::InvoiceOfMonth => {
            let (month, rest) = text.split_once('/')?;
            (None, month.parse().ok()?, rest)
        }
        _ => return None,
    };
    let (name, number) = rest.split_once('/')?;
    let number = u32::MAX.checked_sub(number.parse().ok().filter(|_| number.len() == NUMBER_DIGITS)?)?;
    Some(Led { kind: InvoiceKind::from_name(name)?, month, number, bin }).filter(|led| led.number > 0)
}

/// The documents that entries lead to: an entry comes before its document, and may lead to another's.
async fn read_all(
    store: &impl Store,
    kind: RecordKind,
    entries: &[Record],
) -> Result<Vec<Issued>, StoreError> {
    let found = entries.iter().filter_map(|entry| led(kind, &entry.key)).map(|led| async move {
        let found = at(store, stream(led.kind, led.month.year()), led.number).await?;
        let is_it = |issued: &Issued| {
            issued.day().month() == led.month && led.bin.as_deref().is_none_or(|bin| bin == issued.bin())
        };
        Ok::<_, StoreError>(found.filter(is_it))
    });
    Ok(try_join_all(found).await?.into_iter().flatten().collect())
}

async fn page(
    store: &impl Store,
    (kind, prefix): (RecordKind, String),
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Issued>, Option<Bytes>), StoreError> {
    let entries = store.records(kind, prefix.as_bytes(), after, limit).await?;
    let next = entries.last().filter(|_| entries.len() == limit).map(|last| last.key.clone());
    Ok((read_all(store, kind, &entries).await?, next))
}

/// Up to `limit` documents of an organisation, those of the newest month first, and the key to go on behind; none where these are the
/// last. Within a month they lie by kind. A kind without a month is picked out of all of them: pages may be short.
///
/// # Errors
/// Those of the store.
pub async fn of_organisation(
    store: &impl Store,
    bin: &str,
    place: Place,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Issued>, Option<Bytes>), StoreError> {
    let prefix = match (place.month, place.kind) {
        (Some(month), Some(kind)) => format!("{bin}/{}/{}/", back(month), kind.name()),
        (Some(month), None) => format!("{bin}/{}/", back(month)),
        (None, _) => format!("{bin}/"),
    };
    let (mut found, next) = page(store, (RecordKind::InvoiceOfOrganisation, prefix), after, limit).await?;
    found.retain(|issued| place.kind.is_none_or(|kind| kind == issued.document.kind()));
    Ok((found, next))
}

/// The same of all organisations in a month, by kind.
///
/// # Errors
/// Those of the store.
pub async fn of_month(
    store: &impl Store,
    month: Month,
    kind: Option<InvoiceKind>,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Vec<Issued>, Option<Bytes>), StoreError> {
    let prefix = match kind {
        Some(kind) => format!("{month}/{}/", kind.name()),
        None => format!("{month}/"),
    };
    page(store, (RecordKind::InvoiceOfMonth, prefix), after, limit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_where_they_were_written_for() {
        let key = format!("010101500123/797397/invoice/{:010}", u32::MAX - 7);
        let led = led(RecordKind::InvoiceOfOrganisation, key.as_bytes()).unwrap();
        assert_eq!((led.month.to_string().as_str(), led.number), ("2026-03", 7));
        assert_eq!(
            document_of_key(RecordKind::InvoiceOfOrganisation, key.as_bytes()).unwrap().to_string(),
            "A-2026-000007"
        );
        let key = format!("2026-03/act/{:010}", u32::MAX - 12);
        let number = document_of_key(RecordKind::InvoiceOfMonth, key.as_bytes()).unwrap();
        assert_eq!(number.to_string(), "W-2026-000012");
        for wrong in ["", "2026-03", "2026-03/act/1", "2026-13/act/4294967283", "2026-03/x/4294967283"] {
            assert_eq!(document_of_key(RecordKind::InvoiceOfMonth, wrong.as_bytes()), None, "{wrong}");
        }
    }
}
