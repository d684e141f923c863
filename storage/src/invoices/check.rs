//! The proof of documents: numbers have no holes, each document adds up, and each invoice is what was posted.

use std::collections::BTreeSet;

use ofd_billing::charging::by_rate;
use ofd_billing::invoices::{Act, Bill, InvoiceSort};
use ofd_billing::ledger::{LedgerAccount, OwnAccount, Source, shard_of};
use ofd_billing::{Month, Tiyn};

use super::charged::{ChargedPosting, charges_of};
use super::kept::{Document, Issued, KeptInvoice, SeriesHead, at, corrupt, stream};
use super::kind::InvoiceKind;
use super::lists::{Place, entries_of, of_organisation};
use super::making::rounding;
use super::series::{act, by_number, head, of_source, series_of};
use crate::entries::is_missing;
use crate::ledger::{self, Fault, MonthOf, PersonalAccountRecord, kept_books};
use crate::store::{Store, StoreError, StreamId, StreamKind};

/// Streams and documents are walked in pages.
const PAGE: usize = 64;

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Series and years.
    pub series: u64,
    /// Documents in them.
    pub documents: u64,
}

/// Walks all series, telling each fault.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn check(store: &impl Store, on_fault: &mut impl FnMut(Fault)) -> Result<Checked, StoreError> {
    let (mut checked, mut after) = (Checked::default(), None::<StreamId>);
    loop {
        let page = store.streams(StreamKind::InvoiceSeries, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(checked) };
        after = Some(*last);
        for stream in page {
            match check_series(store, stream, &mut checked, on_fault).await {
                Ok(()) => {}
                Err(StoreError::Corrupt { place, reason }) => on_fault(Fault { place, reason }),
                Err(error) => return Err(error),
            }
        }
    }
}

async fn check_series(
    store: &impl Store,
    at_stream: StreamId,
    checked: &mut Checked,
    on_fault: &mut impl FnMut(Fault),
) -> Result<(), StoreError> {
    let Some((kind, year)) = series_of(at_stream) else {
        return Err(corrupt(at_stream, "this program knows no such series"));
    };
    let Some((_, head)) = head(store, kind, year).await? else {
        // In a cluster a list may name a stream that never came to be.
        return if store.is_shared() { Ok(()) } else { Err(corrupt(at_stream, "its head is missing")) };
    };
    checked.series = checked.series.saturating_add(1);
    for number in 1..=head.last {
        let found = at(store, stream(kind, year), number).await;
        let (place, wrong) = match found {
            Ok(Some(issued)) => {
                let place = issued.number().to_string();
                (place, judged(store, &head, &issued).await)
            }
            Ok(None) => (place_of(kind, year, number), Ok(vec!["it is missing".to_owned()])),
            Err(error) => (place_of(kind, year, number), Err(error)),
        };
        checked.documents = checked.documents.saturating_add(1);
        let wrong = match wrong {
            Ok(wrong) => wrong,
            Err(StoreError::Corrupt { place, reason }) => vec![format!("{place}: {reason}")],
            Err(error) => return Err(error),
        };
        for reason in wrong {
            on_fault(Fault { place: format!("document {place}"), reason });
        }
    }
    Ok(())
}

fn place_of(kind: InvoiceKind, year: u16, number: u32) -> String {
    format!("{number} of the series of {} in {year}", kind.name())
}

/// What does not fit of a document.
async fn judged(store: &impl Store, head: &SeriesHead, issued: &Issued) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    let found = of_source(store, head, &issued.source).await?;
    if found.as_ref().map(Issued::number) != Some(issued.number()) {
        wrong.push(format!("it is not found by its source, {}", issued.source));
    }
    for entry in entries_of(issued) {
        if is_missing(store, &entry).await? {
            wrong.push(format!("no entry leads to it from {}", entry.key.escape_ascii()));
        }
    }
    match &issued.document {
        Document::Invoice(kept) => wrong.extend(of_invoice(store, issued, kept).await?),
        Document::Act(_) => {
            let _: Option<Act> = act(store, issued).await?;
        }
        Document::Bill(bill) => {
            let Bill { head, account, pay_by, lines, .. } = &**bill;
            if Bill::new(head.clone(), account.clone(), *pay_by, lines.clone()).as_ref() != Ok(&**bill) {
                wrong.push("its sums are not those of its lines".to_owned());
            }
        }
    }
    Ok(wrong)
}

async fn of_invoice(
    store: &impl Store,
    issued: &Issued,
    kept: &KeptInvoice,
) -> Result<Vec<String>, StoreError> {
    let mut wrong: Vec<String> =
        kept.invoice.content.check().err().map(|error| error.to_string()).into_iter().collect();
    let Some(account) = ledger::of_number(store, kept.account).await? else {
        wrong.push(format!("its personal account, {}, is nobody's", kept.account));
        return Ok(wrong);
    };
    if account.bin != issued.bin() {
        wrong.push(format!("its personal account, {}, is that of {}", kept.account, account.bin));
    }
    // What it stands on landed in the month of its first day or later.
    let first = kept.invoice.content.lines.iter().map(|line| line.line.from.month()).min();
    let postings = charges_of(store, &account, first.unwrap_or(kept.invoice.content.month)).await?;
    wrong.extend(not_posted(kept, &postings)?);
    wrong.extend(named_wrong(store, kept).await?);
    wrong.extend(twice(store, issued, kept, &account).await?);
    if !is_rounded(store, issued, kept.account).await? {
        wrong.push("what its VAT as a whole is more than that of its days is not posted".to_owned());
    }
    Ok(wrong)
}

/// Where the lines of an invoice are not what its postings charged.
fn not_posted(kept: &KeptInvoice, postings: &[ChargedPosting]) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    let mut days = Vec::new();
    for source in &kept.charged {
        match postings.iter().find(|posting| posting.source == *source) {
            Some(posting) => days.extend(&posting.charges),
            None => wrong.push(format!("{source}, which it stands on, was not posted")),
        }
    }
    let too_much = |error: ofd_billing::TiynError| StoreError::Corrupt {
        place: format!("document {}", kept.invoice.head.number),
        reason: error.to_string(),
    };
    let lines = kept.invoice.content.lines.iter().map(|line| &line.line);
    let of_lines = by_rate(lines.map(|line| (line.basis.rate, line.sum, line.vat))).map_err(too_much)?;
    let of_days = by_rate(days.iter().map(|one| (one.basis.rate, one.sum, one.vat))).map_err(too_much)?;
    let rates: BTreeSet<_> = of_lines.keys().chain(of_days.keys()).collect();
    for rate in rates {
        let (lines, days) =
            (of_lines.get(rate).copied().unwrap_or_default(), of_days.get(rate).copied().unwrap_or_default());
        if lines != days {
            wrong.push(format!(
                "of {} % its lines are {} and what was posted is {}",
                rate.percent(),
                lines.sum,
                days.sum
            ));
        }
    }
    Ok(wrong)
}

/// Where an invoice names another wrongly, or stands in place of one with other lines.
async fn named_wrong(store: &impl Store, kept: &KeptInvoice) -> Result<Option<String>, StoreError> {
    let (first, is_corrected) = match &kept.invoice.sort {
        InvoiceSort::First => return Ok(None),
        InvoiceSort::Corrected(first) => (first, true),
        InvoiceSort::Additional(first) => (first, false),
    };
    let Some(Document::Invoice(named)) = by_number(store, &first.number).await?.map(|one| one.document)
    else {
        return Ok(Some(format!("the invoice that it names, {}, is missing", first.number)));
    };
    let is_first = named.invoice.sort == InvoiceSort::First && named.invoice.reference() == *first;
    let is_same = named.invoice.head.recipient.bin == kept.invoice.head.recipient.bin
        && named.invoice.content.month == kept.invoice.content.month;
    if !is_first || !is_same {
        return Ok(Some(format!("the invoice that it names, {}, is another", first.number)));
    }
    let is_as = !is_corrected || named.invoice.content == kept.invoice.content;
    Ok((!is_as).then(|| format!("it stands in place of {}, with other lines", first.number)))
}

/// Whether something that an invoice stands on is in another as well. One that corrects another stands on the same.
async fn twice(
    store: &impl Store,
    issued: &Issued,
    kept: &KeptInvoice,
    account: &PersonalAccountRecord,
) -> Result<Option<String>, StoreError> {
    if matches!(kept.invoice.sort, InvoiceSort::Corrected(_)) {
        return Ok(None);
    }
    let charged: BTreeSet<&Source> = kept.charged.iter().collect();
    let mut month = Some(issued.day().month());
    // Those of its own month, and of the next ones, which might have taken the same again.
    for _ in 0..2 {
        let Some(at) = month else { break };
        let place = Place { month: Some(at), kind: Some(InvoiceKind::Invoice) };
        let (others, _) = of_organisation(store, &account.bin, place, None, PAGE).await?;
        for other in others.iter().filter(|other| other.number() != issued.number()) {
            let Document::Invoice(found) = &other.document else { continue };
            let is_corrected = matches!(found.invoice.sort, InvoiceSort::Corrected(_));
            let same = found.charged.iter().find(|source| charged.contains(source));
            if let Some(source) = same.filter(|_| !is_corrected) {
                return Ok(Some(format!("{source} is in {} as well", other.number())));
            }
        }
        month = at.next();
    }
    Ok(None)
}

/// Whether what is posted with an invoice is in the ledger.
async fn is_rounded(
    store: &impl Store,
    issued: &Issued,
    account: ofd_billing::PersonalAccount,
) -> Result<bool, StoreError> {
    let damaged =
        |reason: String| StoreError::Corrupt { place: format!("document {}", issued.number()), reason };
    let Some(posting) = rounding(issued).map_err(|error| damaged(error.to_string()))? else {
        return Ok(true);
    };
    let Some(books) = kept_books(store).await? else { return Ok(false) };
    let own = LedgerAccount::Own(OwnAccount::Revenue, shard_of(account));
    let of = MonthOf { account: own, opened: books.opened };
    let now: Month = issued.day().month();
    let found = ledger::find(store, of, now, &posting.source).await?;
    Ok(found.is_some_and(|(_, entry)| entry.sum() == posting.legs.first().map_or(Tiyn::ZERO, |leg| leg.sum)))
}
