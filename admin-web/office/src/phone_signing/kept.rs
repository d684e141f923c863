//! What is kept of a signing session: its notes.

use bytes::Bytes;
use ofd_eds::Purpose;
use ofd_protocol::types::UnixMillis;
use ofd_storage::store::{Note, NoteKind, Store, StoreError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::secret::PhoneSecret;
use crate::office::Office;

/// A text in the languages of the apps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InThreeLanguages {
    /// The text in Kazakh.
    pub kazakh: String,
    /// The text in Russian.
    pub russian: String,
    /// The text in English.
    pub english: String,
}

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhonePurpose {
    /// To show who somebody is.
    SignIn,
    /// To sign documents.
    Documents,
}

impl PhonePurpose {
    /// As the verifier is asked.
    pub(super) fn to_eds(self) -> Purpose {
        match self {
            Self::SignIn => Purpose::Login,
            Self::Documents => Purpose::Document,
        }
    }
}

/// Where what is signed lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneMethod {
    /// In the signature file.
    Attached,
    /// Beside the signature file, which does not hold it.
    Detached,
}

/// What is to be signed, in Base64, as it is sent.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptDocument {
    pub(super) name: InThreeLanguages,
    pub(super) mime: String,
    pub(super) data: String,
    pub(super) meta: Vec<(String, String)>,
}

/// What was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    /// A digest of the session, or visit, whose page asks.
    pub(super) bound: String,
    pub(super) purpose: PhonePurpose,
    /// What the page that asks calls it: it takes signatures of no other subject.
    pub(super) subject: String,
    /// Who asks for what.
    pub(super) text: InThreeLanguages,
    pub(super) documents: Vec<KeptDocument>,
    pub(super) method: PhoneMethod,
    pub(super) ends_ms: u64,
}

/// What the phone signed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Signed {
    /// In the order of the documents, in Base64.
    pub(super) signatures: Vec<String>,
    /// As the certificate of the first names its owner.
    pub(super) name: String,
    pub(super) iin: String,
    /// Whether everything about the signatures could be checked when they came.
    pub(super) is_checked: bool,
}

/// The steps of a session. Each is a note of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Asked,
    Read,
    Signed,
    Refused,
    Confirmed,
}

impl Step {
    fn byte(self) -> u8 {
        match self {
            Self::Asked => 1,
            Self::Read => 2,
            Self::Signed => 3,
            Self::Refused => 4,
            Self::Confirmed => 5,
        }
    }
}

fn key(secret: &PhoneSecret, step: Step) -> Bytes {
    let mut key = secret.digest().to_vec();
    key.push(step.byte());
    key.into()
}

/// Writes a step. It goes when the session ends.
pub(super) async fn note(
    office: &Office,
    secret: &PhoneSecret,
    step: Step,
    (now, ends_ms): (UnixMillis, u64),
    what: &impl Serialize,
) -> Result<(), StoreError> {
    // What is ours can be written.
    let bytes = serde_json::to_vec(what).unwrap_or_default();
    let (kind, key) = (NoteKind::PhoneSigning, key(secret, step));
    office.store.note(Note { kind, key, bytes: bytes.into(), at_ms: now.0, expires_ms: ends_ms }).await
}

/// Reads a step; `None`: it was not made, or the session is over.
pub(super) async fn noted<T: DeserializeOwned>(
    office: &Office,
    secret: &PhoneSecret,
    step: Step,
    now: UnixMillis,
) -> Result<Option<T>, StoreError> {
    let note = office.store.noted(NoteKind::PhoneSigning, &key(secret, step), now.0).await?;
    // A note of another version of this program is none: the person begins anew.
    Ok(note.and_then(|note| serde_json::from_slice(&note.bytes).ok()))
}
