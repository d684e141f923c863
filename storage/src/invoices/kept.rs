//! Documents as they lie in the stream of their series and year.

use bytes::{BufMut, Bytes, BytesMut};
use ofd_billing::invoices::{Bill, Head, Invoice, Number, Reference};
use ofd_billing::ledger::Source;
use ofd_billing::{Day, PersonalAccount, Tiyn};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::kind::InvoiceKind;
use crate::store::{Row, Store, StoreError, StreamId, StreamKind};

/// The kind byte of documents.
pub(super) const DOCUMENT: u8 = 1;

/// The kind byte of sources.
pub(super) const SOURCE: u8 = 2;

/// Of a source's hash so many bytes are its key.
const HASH_LEN: usize = 16;

/// So many sources the head remembers by name, for a store that shows a row a moment after the head that counts it.
const RECENT_MAX: usize = 32;

/// What an invoice is beside what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptInvoice {
    /// What it says.
    pub invoice: Invoice,
    /// The personal account that was charged.
    pub account: PersonalAccount,
    /// The postings that it stands on. Each is in one invoice; one that corrects another stands on the same.
    pub charged: Vec<Source>,
}

/// What an act says that its invoice does not: its lines are those of the invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAct {
    /// Number, day and parties.
    pub head: Head,
    /// The invoice of the same works.
    pub invoice: Reference,
    /// The sum of the invoice.
    pub total: Tiyn,
    /// The VAT in it.
    pub vat: Tiyn,
}

/// A document of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// An invoice, with what it stands on.
    Invoice(Box<KeptInvoice>),
    /// An act of completed works.
    Act(Box<KeptAct>),
    /// A bill for payment.
    Bill(Box<Bill>),
}

impl Document {
    /// Number, day and parties.
    #[must_use]
    pub fn head(&self) -> &Head {
        match self {
            Self::Invoice(kept) => &kept.invoice.head,
            Self::Act(act) => &act.head,
            Self::Bill(bill) => &bill.head,
        }
    }

    /// Which kind it is of.
    #[must_use]
    pub fn kind(&self) -> InvoiceKind {
        match self {
            Self::Invoice(_) => InvoiceKind::Invoice,
            Self::Act(_) => InvoiceKind::Act,
            Self::Bill(_) => InvoiceKind::Bill,
        }
    }

    /// Its sum, with VAT inside.
    #[must_use]
    pub fn total(&self) -> Tiyn {
        match self {
            Self::Invoice(kept) => kept.invoice.content.total,
            Self::Act(act) => act.total,
            Self::Bill(bill) => bill.total,
        }
    }

    /// The VAT in it.
    #[must_use]
    pub fn vat(&self) -> Tiyn {
        match self {
            Self::Invoice(kept) => kept.invoice.content.vat,
            Self::Act(act) => act.vat,
            Self::Bill(bill) => bill.vat,
        }
    }
}

/// A document that was issued, with how it came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// By what it was issued once.
    pub source: Source,
    /// When it was written, in milliseconds of the Unix epoch.
    pub at_ms: u64,
    /// Who issued it, where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it is.
    pub document: Document,
}

impl Issued {
    /// Its number in its series and year.
    #[must_use]
    pub fn number(&self) -> &Number {
        &self.document.head().number
    }

    /// The day that it is issued for.
    #[must_use]
    pub fn day(&self) -> Day {
        self.document.head().day
    }

    /// The BIN of whom it is for.
    #[must_use]
    pub fn bin(&self) -> &str {
        &self.document.head().recipient.bin
    }
}

/// What the head of a series and year says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeriesHead {
    /// What is in it.
    pub kind: InvoiceKind,
    /// The year of it.
    pub year: u16,
    /// The last number that was given out.
    pub last: u32,
    /// The sources of the newest documents, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<Source>,
}

impl SeriesHead {
    pub(super) fn new(kind: InvoiceKind, year: u16) -> Self {
        Self { kind, year, last: 0, recent: Vec::new() }
    }

    /// The head behind a document.
    pub(super) fn with(mut self, number: u32, source: &Source) -> Self {
        self.last = number;
        self.recent.push(source.clone());
        let old = self.recent.len().saturating_sub(RECENT_MAX);
        self.recent.drain(..old);
        self
    }

    /// Reads the head of a stream.
    pub(super) fn read(stream: StreamId, bytes: &[u8]) -> Result<Self, StoreError> {
        let head: Self =
            serde_json::from_slice(bytes).map_err(|error| corrupt(stream, format!("its head: {error}")))?;
        if self::stream(head.kind, head.year) == stream {
            Ok(head)
        } else {
            Err(corrupt(stream, format!("its head is of {} in {}", head.kind.name(), head.year)))
        }
    }

    pub(super) fn write(&self) -> Result<Bytes, StoreError> {
        let bytes = serde_json::to_vec(self);
        bytes.map(Bytes::from).map_err(|error| corrupt(stream(self.kind, self.year), error.to_string()))
    }
}

/// The stream of a series and year.
pub(super) fn stream(kind: InvoiceKind, year: u16) -> StreamId {
    StreamId { kind: StreamKind::InvoiceSeries, owner: kind.owner(), ordinal: u32::from(year) }
}

/// The key of a document: its number with all bits turned, so that the newest comes first.
pub(super) fn document_key(number: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(5);
    key.put_u8(DOCUMENT);
    key.put_u32(!number);
    key.freeze()
}

/// The key of a source.
pub(super) fn source_key(source: &Source) -> Bytes {
    let hash = Sha256::digest(source.as_str().as_bytes());
    let mut key = BytesMut::with_capacity(HASH_LEN.saturating_add(1));
    key.put_u8(SOURCE);
    key.extend(hash.iter().take(HASH_LEN));
    key.freeze()
}

/// The rows of a document: itself, and where its source leads.
pub(super) fn rows(stream: StreamId, issued: &Issued) -> Result<Vec<Row>, StoreError> {
    let value = serde_json::to_vec(issued).map_err(|error| corrupt(stream, error.to_string()))?;
    let number = issued.number().number;
    let of_source =
        Row { key: source_key(&issued.source), value: Bytes::copy_from_slice(&number.to_be_bytes()) };
    Ok(vec![Row { key: document_key(number), value: value.into() }, of_source])
}

/// A document as it is kept under a number.
pub(super) fn read(stream: StreamId, number: u32, value: &[u8]) -> Result<Issued, StoreError> {
    let issued: Issued = serde_json::from_slice(value)
        .map_err(|error| corrupt(stream, format!("document {number}: {error}")))?;
    let found = issued.number();
    let is_here = found.number == number
        && u32::from(found.year) == stream.ordinal
        && issued.document.kind().owner() == stream.owner;
    if is_here { Ok(issued) } else { Err(corrupt(stream, format!("under {number} lies {found}"))) }
}

/// The document of a number; `None` where none has it.
pub(super) async fn at(
    store: &impl Store,
    stream: StreamId,
    number: u32,
) -> Result<Option<Issued>, StoreError> {
    let row = store.row(stream, &document_key(number)).await?;
    row.map(|value| read(stream, number, &value)).transpose()
}

/// The number that a source's row leads to.
pub(super) fn read_number(stream: StreamId, value: &[u8]) -> Result<u32, StoreError> {
    let number = <[u8; 4]>::try_from(value).map(u32::from_be_bytes);
    number.map_err(|_| corrupt(stream, "the row of a source names no document"))
}

pub(super) fn corrupt(stream: StreamId, reason: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: stream.to_string(), reason: reason.into() }
}
