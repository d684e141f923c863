//! The bytes of papers that organisations sign, and of the signatures under them.
//!
//! A paper is a stream: the head says which paper it is and never changes, one row is the PDF, and each signature file that
//! came is a row under its own hash. What became of the paper stands in the stream of its company
//! ([`crate::accounts::Paper`]), which is written after the bytes and names them by their hashes: whatever it names is
//! there, and what it does not name yet means nothing.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::accounts::{Company, PaperKind};
use crate::settle::settle;
use crate::store::{Append, Row, Stamp, Store, StoreError, StreamId, StreamKind};

/// The largest PDF. Applications have some dozen kilobytes.
pub const PDF_LEN_MAX: usize = 2 * 1024 * 1024;

/// The largest signature file under a paper. With a time stamp they have a dozen kilobytes.
pub const CMS_LEN_MAX: usize = 512 * 1024;

/// The row of the PDF.
const PDF: &[u8] = &[1];

/// The kind byte of the rows of signature files.
const CMS: u8 = 2;

/// What the head of a paper's stream says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperHead {
    /// Whose paper it is.
    pub bin: String,
    /// Its number in the organisation.
    pub number: u32,
    /// What it is.
    pub kind: PaperKind,
    /// SHA-256 of the PDF, in hex.
    pub pdf_hash: String,
}

/// A hash as papers name their bytes.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Where the bytes of a paper lie; `None` for what is no BIN.
#[must_use]
pub fn stream_of(bin: &str, number: u32) -> Option<StreamId> {
    let owner = Company::stream_of(bin)?.owner;
    Some(StreamId { kind: StreamKind::Paper, owner, ordinal: number })
}

fn corrupt(stream: StreamId, reason: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: stream.to_string(), reason: reason.into() }
}

fn stream(bin: &str, number: u32) -> Result<StreamId, StoreError> {
    stream_of(bin, number).ok_or_else(|| StoreError::Corrupt {
        place: format!("paper {number} of an organisation"),
        reason: "its BIN is none".to_owned(),
    })
}

/// Keeps the bytes of a new paper.
///
/// # Errors
/// [`StoreError::Conflict`] where there is a paper of this number, whatever it is; those of the store.
pub async fn draw(
    store: &impl Store,
    (bin, number, kind): (&str, u32, PaperKind),
    pdf: Bytes,
    stamp: Stamp,
) -> Result<PaperHead, StoreError> {
    if pdf.len() > PDF_LEN_MAX {
        return Err(StoreError::TooLarge { what: "the PDF of a paper", len: pdf.len(), max: PDF_LEN_MAX });
    }
    let stream = stream(bin, number)?;
    let head = PaperHead { bin: bin.to_owned(), number, kind, pdf_hash: hash_of(&pdf) };
    let bytes = serde_json::to_vec(&head).map_err(|error| corrupt(stream, error.to_string()))?;
    let rows = vec![Row { key: Bytes::from_static(PDF), value: pdf }];
    settle(store, Append { stream, expected: None, stamp, head: bytes.into(), rows, notes: Vec::new() })
        .await?;
    Ok(head)
}

/// What the head of a paper's stream says; `None` when there is no such paper.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when the head is not that of this paper.
pub async fn head(store: &impl Store, stream: StreamId) -> Result<Option<PaperHead>, StoreError> {
    let Some(kept) = store.head(stream).await? else { return Ok(None) };
    let head: PaperHead =
        serde_json::from_slice(&kept.bytes).map_err(|error| corrupt(stream, error.to_string()))?;
    match stream_of(&head.bin, head.number) {
        Some(own) if own == stream => Ok(Some(head)),
        _ => Err(corrupt(stream, "the head is that of another paper")),
    }
}

/// The bytes of a paper; `None` when there is no such paper.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when they are not those that the paper has had from the start.
pub async fn pdf(store: &impl Store, bin: &str, number: u32) -> Result<Option<Bytes>, StoreError> {
    let stream = stream(bin, number)?;
    let Some(head) = head(store, stream).await? else { return Ok(None) };
    let pdf = store.row(stream, PDF).await?.ok_or_else(|| corrupt(stream, "its PDF is missing"))?;
    if hash_of(&pdf) == head.pdf_hash {
        Ok(Some(pdf))
    } else {
        Err(corrupt(stream, "its PDF is another one"))
    }
}

fn cms_key(hash: &str) -> Option<Bytes> {
    let hash = hex::decode(hash).ok().filter(|hash| hash.len() == 32)?;
    Some([&[CMS], hash.as_slice()].concat().into())
}

/// Keeps a signature file under a paper that is there, and returns its hash. The same file is kept once.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] where others kept files at the same moment: repeat it.
pub async fn sign(
    store: &impl Store,
    (bin, number): (&str, u32),
    cms: Bytes,
    stamp: Stamp,
) -> Result<String, StoreError> {
    if cms.len() > CMS_LEN_MAX {
        return Err(StoreError::TooLarge {
            what: "the signature under a paper",
            len: cms.len(),
            max: CMS_LEN_MAX,
        });
    }
    let (stream, hash) = (stream(bin, number)?, hash_of(&cms));
    let key = cms_key(&hash).ok_or_else(|| corrupt(stream, "a hash is none"))?;
    if store.row(stream, &key).await?.is_some() {
        return Ok(hash);
    }
    let kept = store.head(stream).await?.ok_or_else(|| corrupt(stream, "it is missing"))?;
    let rows = vec![Row { key, value: cms }];
    let append =
        Append { stream, expected: Some(kept.version), stamp, head: kept.bytes, rows, notes: Vec::new() };
    settle(store, append).await?;
    Ok(hash)
}

/// A signature file under a paper, by its hash; `None` when there is none.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when its bytes have another hash.
pub async fn cms(
    store: &impl Store,
    (bin, number): (&str, u32),
    hash: &str,
) -> Result<Option<Bytes>, StoreError> {
    let stream = stream(bin, number)?;
    let Some(key) = cms_key(hash) else { return Ok(None) };
    let Some(cms) = store.row(stream, &key).await? else { return Ok(None) };
    if hash_of(&cms) == hash { Ok(Some(cms)) } else { Err(corrupt(stream, "a signature is another one")) }
}

/// Whether a row of a paper's stream is its PDF.
#[must_use]
pub fn is_pdf(row: &Row) -> bool {
    row.key == PDF
}

/// What of a row of a paper's stream does not fit; `None`: it does.
#[must_use]
pub fn misfit(head: &PaperHead, row: &Row) -> Option<String> {
    match row.key.split_first() {
        Some((1, [])) if hash_of(&row.value) == head.pdf_hash => None,
        Some((1, [])) => Some("its PDF is another one than it was drawn up with".to_owned()),
        Some((&CMS, hash)) if hash == Sha256::digest(&row.value).as_slice() => None,
        Some((&CMS, _)) => Some("a signature file is another one than its key says".to_owned()),
        _ => Some(format!("row {} is of no known kind", row.key.escape_ascii())),
    }
}
