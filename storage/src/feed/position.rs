//! A reader's position in one register, in the head of its own stream.

use bytes::Bytes;
use ofd_protocol::ticket_number::DocumentRef;
use serde::{Deserialize, Serialize};

use crate::store::{Head, StoreError, StreamId};

/// The encoding of a head; a later one gets another number and this one stays readable.
const FORMAT: u8 = 1;

/// The last document that was taken; number 0 before a shift's first.
pub type Position = DocumentRef;

/// How far a reader is in a register, and what it needs to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The last document that it took.
    pub position: Position,
    /// How many appends it made here, the one that wrote this included. It never falls, and copies keep it.
    pub appends: u64,
    /// What the reader itself needs.
    #[serde(with = "serde_bytes")]
    pub state: Vec<u8>,
}

impl Reading {
    /// Before the first document.
    pub(super) const NOTHING: Self =
        Self { position: DocumentRef { shift: 1, number: 0 }, appends: 0, state: Vec::new() };

    /// The head of a reader's stream.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: it cannot be encoded.
    pub fn encode(&self, stream: StreamId) -> Result<Bytes, StoreError> {
        postcard::to_extend(self, vec![FORMAT]).map(Bytes::from).map_err(|error| StoreError::Corrupt {
            place: stream.to_string(),
            reason: format!("its head cannot be encoded: {error}"),
        })
    }

    /// Reads the head of a reader's stream.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn decode(stream: StreamId, head: &Head) -> Result<Self, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt { place: stream.to_string(), reason };
        match head.bytes.split_first() {
            Some((&FORMAT, bytes)) => postcard::from_bytes(bytes)
                .map_err(|error| corrupt(format!("its head cannot be decoded: {error}"))),
            Some((format, _)) => {
                Err(corrupt(format!("its head has format {format}, a newer program wrote it")))
            }
            None => Err(corrupt("its head is empty".to_owned())),
        }
    }
}
