//! Issuing into a series, and reading from it.

use ofd_billing::Day;
use ofd_billing::invoices::{Act, Number};
use ofd_billing::ledger::Source;

use super::error::InvoicingError;
use super::kept::{Document, Issued, SeriesHead, at, corrupt, read_number, rows, source_key, stream};
use super::kind::InvoiceKind;
use super::lists::entries_of;
use crate::entries::lead;
use crate::feed::Stamps;
use crate::settle::settle;
use crate::store::{Append, Store, StoreError, StreamId, StreamKind, Version};

/// How often a number is taken again because somebody else took it.
const TRIES: usize = 16;

/// A document before it has a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft<'a> {
    /// What it will be.
    pub(super) kind: InvoiceKind,
    /// The day that it is issued for.
    pub(super) day: Day,
    /// By what it is issued once.
    pub(super) source: &'a Source,
}

/// The kind and the year of a stream; `None` for what is neither.
#[must_use]
pub fn series_of(stream: StreamId) -> Option<(InvoiceKind, u16)> {
    let of_series = stream.kind == StreamKind::InvoiceSeries;
    let year = u16::try_from(stream.ordinal).ok()?;
    InvoiceKind::of_owner(stream.owner).filter(|_| of_series).map(|kind| (kind, year))
}

/// The head of a series and year.
pub(super) async fn head(
    store: &impl Store,
    kind: InvoiceKind,
    year: u16,
) -> Result<Option<(Version, SeriesHead)>, StoreError> {
    let stream = stream(kind, year);
    let head = store.head(stream).await?;
    head.map(|head| Ok((head.version, SeriesHead::read(stream, &head.bytes)?))).transpose()
}

/// A document by its number; `None` where none has it.
///
/// # Errors
/// Those of the store.
pub async fn by_number(store: &impl Store, number: &Number) -> Result<Option<Issued>, StoreError> {
    let Some(kind) = InvoiceKind::of_series(&number.series) else { return Ok(None) };
    at(store, stream(kind, number.year), number.number).await
}

/// The document of a source in a series and year whose head was read before.
pub(super) async fn of_source(
    store: &impl Store,
    head: &SeriesHead,
    source: &Source,
) -> Result<Option<Issued>, StoreError> {
    let stream = stream(head.kind, head.year);
    let late = || StoreError::Unavailable {
        reason: format!("a document of {stream} cannot be read yet, though its head counts it"),
    };
    let Some(value) = store.row(stream, &source_key(source)).await? else {
        return if head.recent.contains(source) { Err(late()) } else { Ok(None) };
    };
    let issued = at(store, stream, read_number(stream, &value)?).await?.ok_or_else(late)?;
    if issued.source == *source {
        Ok(Some(issued))
    } else {
        Err(corrupt(stream, format!("{source} leads to the document of {}", issued.source)))
    }
}

/// The document of a source of which the series and the year are known.
pub(super) async fn issued(store: &impl Store, draft: Draft<'_>) -> Result<Option<Issued>, StoreError> {
    match head(store, draft.kind, draft.day.month().year()).await? {
        Some((_, head)) => of_source(store, &head, draft.source).await,
        None => Ok(None),
    }
}

/// Issues a document with the next number of its series and year, once: one of the same source stays as it is.
///
/// # Errors
/// [`InvoicingError`]; after [`StoreError::Unknown`] it may have been issued: try again.
pub(super) async fn issue(
    store: &impl Store,
    draft: Draft<'_>,
    make: impl Fn(Number) -> Result<Issued, InvoicingError> + Send + Sync,
    stamps: &impl Stamps,
) -> Result<Issued, InvoicingError> {
    let Draft { kind, day, source } = draft;
    let (series, year) = (kind.series()?, day.month().year());
    let stream = stream(kind, year);
    for _ in 0..TRIES {
        let (expected, at) = match head(store, kind, year).await? {
            Some((version, head)) => (Some(version), head),
            None => (None, SeriesHead::new(kind, year)),
        };
        if let Some(before) = of_source(store, &at, source).await? {
            return Ok(before);
        }
        let last = (at.last > 0).then(|| Number { series: series.clone(), year, number: at.last });
        let number = Number::next(&series, day, last.as_ref())?;
        let issued = make(number)?;
        lead(store, entries_of(&issued)).await?;
        let head = at.with(issued.number().number, source).write()?;
        let rows = rows(stream, &issued)?;
        let append = Append { stream, expected, stamp: stamps(), head, rows, notes: Vec::new() };
        match settle(store, append).await {
            Ok(_) => return Ok(issued),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(InvoicingError::Busy)
}

/// An act with the lines of its invoice.
///
/// # Errors
/// Those of the store; [`StoreError::Corrupt`] where its invoice is missing.
pub async fn act(store: &impl Store, issued: &Issued) -> Result<Option<Act>, StoreError> {
    let Document::Act(kept) = &issued.document else { return Ok(None) };
    let number = &kept.head.number;
    let damaged = |reason: String| StoreError::Corrupt { place: format!("act {number}"), reason };
    let Some(found) = by_number(store, &kept.invoice.number).await? else {
        return Err(damaged(format!("its invoice, {}, is missing", kept.invoice.number)));
    };
    let Document::Invoice(of) = found.document else {
        return Err(damaged(format!("{} is no invoice", kept.invoice.number)));
    };
    let act = Act::of(&of.invoice, number.clone()).map_err(|error| damaged(error.to_string()))?;
    if act.head == kept.head && (act.content.total, act.content.vat) == (kept.total, kept.vat) {
        Ok(Some(act))
    } else {
        Err(damaged(format!("it says something else than its invoice, {}", kept.invoice.number)))
    }
}
