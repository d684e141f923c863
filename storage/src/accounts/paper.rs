//! A paper that an organisation signs: what is kept of it beside its bytes, which lie in [`crate::papers`].

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::kinds::names;
use crate::store::{Row, Store, StoreError, StreamId};

/// Papers that one page of a list may have.
pub const PAPER_PAGE_MAX: usize = 200;

/// The kind byte of papers among the rows of a company's stream.
const ROW_KIND: u8 = 2;

names! {
    /// What a paper is.
    pub enum PaperKind {
        /// By which an organisation joins the contract.
        ApplicationOne = "application_one",
        /// By which an organisation asks to connect a register.
        ApplicationTwo = "application_two",
        /// By which an organisation has the registration of a register changed, or the register taken off the books.
        ApplicationThree = "application_three",
    }
}

names! {
    /// In which capacity a person signs.
    pub enum Capacity {
        /// As the head of the organisation.
        Head = "head",
        /// By the right to sign that the certificate bears.
        Signatory = "signatory",
        /// As the entrepreneur, who is the organisation.
        Entrepreneur = "entrepreneur",
        /// As an employee who manages registers; good for papers about registers alone.
        RegisterManager = "register_manager",
    }
}

names! {
    /// What is wrong with a signature under a paper, or cannot be found out now.
    pub enum PaperFault {
        /// Nothing was sent.
        Empty = "empty",
        /// It is no signature file, or over a limit.
        Unreadable = "unreadable",
        /// Nobody has signed it.
        NoSigner = "no_signer",
        /// More than one signed.
        SeveralSigners = "several_signers",
        /// The signature is not over the bytes of this paper.
        OtherDocument = "other_document",
        /// The signature itself does not hold.
        SignatureBad = "signature_bad",
        /// An algorithm or a key by which nothing is proven.
        Algorithm = "algorithm",
        /// The certificate is not for signing.
        WrongPurpose = "wrong_purpose",
        /// The chain leads to nobody who is trusted.
        Untrusted = "untrusted",
        /// A CA's certificate does not hold.
        AuthorityBad = "authority_bad",
        /// The time stamp does not hold.
        TimeStampBad = "time_stamp_bad",
        /// The certificate was revoked.
        Revoked = "revoked",
        /// The certificate was out of its time.
        Expired = "expired",
        /// The certificate's time has not begun.
        NotYetValid = "not_yet_valid",
        /// The certificate is that of another organisation.
        OtherOrganisation = "other_organisation",
        /// The certificate is that of another person than the paper names.
        OtherPerson = "other_person",
        /// The certificate is a person's own, where that of the organisation is needed.
        PersonalKey = "personal_key",
        /// The certificate is that of an employee without the right to sign.
        NoRight = "no_right",
        /// Whether a certificate is revoked cannot be found out now.
        RevocationUnknown = "revocation_unknown",
        /// The CA that issued the certificate is not known here.
        IssuerUnknown = "issuer_unknown",
        /// No time stamper gives a time stamp now.
        NoTimeStamp = "no_time_stamp",
        /// It could not be found out within the time that there is for it.
        TooLong = "too_long",
    }
}

/// Who is named on a paper as signing it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperSigner {
    /// IIN of the person.
    pub iin: String,
    /// The name as certificates have it.
    pub name: String,
    /// In which capacity the person signs.
    pub capacity: Capacity,
}

impl fmt::Debug for PaperSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaperSigner").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

/// A signature under a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperSignature {
    /// SHA-256 of the signature file, in hex: under it the file lies.
    pub cms_hash: String,
    /// When it came.
    pub at: UnixMillis,
}

/// How far a paper is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum PaperState {
    /// Its bytes are fixed, nobody has signed them.
    DrawnUp,
    /// Signed; something cannot be found out yet.
    Checking {
        /// What is checked.
        signature: PaperSignature,
        /// What cannot be found out.
        doubt: PaperFault,
    },
    /// Signed, and the signature holds.
    Valid {
        /// By which signature.
        signature: PaperSignature,
        /// When that was found.
        at: UnixMillis,
    },
    /// The signature does not hold, or it was not found out whether it does. The paper can be signed again.
    Refused {
        /// What was refused.
        signature: PaperSignature,
        /// When it was refused.
        at: UnixMillis,
        /// Why it was refused.
        fault: PaperFault,
    },
    /// Another one was drawn up in its place.
    Replaced {
        /// When that was.
        at: UnixMillis,
    },
}

impl PaperState {
    /// Whether it can be signed.
    #[must_use]
    pub fn takes_signature(&self) -> bool {
        match self {
            Self::DrawnUp | Self::Refused { .. } => true,
            Self::Checking { .. } | Self::Valid { .. } | Self::Replaced { .. } => false,
        }
    }

    /// The signature that counts, or is to be judged.
    #[must_use]
    pub fn signature(&self) -> Option<&PaperSignature> {
        match self {
            Self::DrawnUp | Self::Replaced { .. } => None,
            Self::Checking { signature, .. }
            | Self::Valid { signature, .. }
            | Self::Refused { signature, .. } => Some(signature),
        }
    }
}

/// A paper of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Its number in the organisation, from 1. Numbers may have gaps.
    pub number: u32,
    /// What it is.
    pub kind: PaperKind,
    /// When it was drawn up: the day that it bears.
    pub drawn_at: UnixMillis,
    /// The code of the language it is written in.
    pub language: String,
    /// The version of the contract that it is about.
    pub contract: String,
    /// SHA-256 of its bytes, in hex.
    pub pdf_hash: String,
    /// SHA-256 of what it says of the organisation, in hex: where that is another one by now, it has to be drawn up anew.
    pub facts_hash: String,
    /// Who is named on it as signing it.
    pub signer: PaperSigner,
    /// The register that it is about, where it is about one: with its registration it stands while it is not done with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterId>,
    /// How far it is.
    #[serde(flatten)]
    pub state: PaperState,
}

impl Paper {
    /// Its row in the stream of the company.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn row(&self) -> Result<Row, serde_json::Error> {
        Ok(Row { key: key(self.number), value: serde_json::to_vec(self)?.into() })
    }

    /// Whether a row of a company's stream is one of papers.
    #[must_use]
    pub fn is_row(row: &Row) -> bool {
        row.key.first() == Some(&ROW_KIND)
    }

    /// Reads a row of a company's stream.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is none of a paper.
    pub fn decode(stream: StreamId, row: &Row) -> Result<Self, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            place: format!("paper {} of {stream}", row.key.escape_ascii()),
            reason,
        };
        let paper: Self = serde_json::from_slice(&row.value).map_err(|error| corrupt(error.to_string()))?;
        if key(paper.number) == row.key {
            Ok(paper)
        } else {
            Err(corrupt("its key is that of another".to_owned()))
        }
    }
}

/// Numbers are stored with all bits turned, so that the newest paper comes first.
fn key(number: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(5);
    key.put_u8(ROW_KIND);
    key.put_u32(!number);
    key.freeze()
}

/// Up to `limit` papers of a company (at most [`PAPER_PAGE_MAX`]), the newest first, those older than `before`.
///
/// # Errors
/// Those of the store.
pub async fn papers(
    store: &impl Store,
    stream: StreamId,
    before: Option<u32>,
    limit: usize,
) -> Result<Vec<Paper>, StoreError> {
    let after = before.map(key);
    let rows = store.rows(stream, &[ROW_KIND], after.as_deref(), limit.min(PAPER_PAGE_MAX)).await?;
    rows.iter().map(|row| Paper::decode(stream, row)).collect()
}

/// One paper of a company; `None` when there is none of this number.
///
/// # Errors
/// Those of the store.
pub async fn paper(store: &impl Store, stream: StreamId, number: u32) -> Result<Option<Paper>, StoreError> {
    let key = key(number);
    let value = store.row(stream, &key).await?;
    value.map(|value| Paper::decode(stream, &Row { key, value })).transpose()
}
