//! What the page does that asks for a signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::store::StoreError;

use super::kept::{
    Asked, InThreeLanguages, KeptDocument, PhoneMethod, PhonePurpose, Signed, Step, note, noted,
};
use super::secret::PhoneSecret;
use crate::keys::{digest, same};
use crate::office::Office;

/// From the page to the signature: time to find the phone, to open the app and to read what is signed.
pub const SIGNING_FOR_MS: u64 = 15 * 60 * 1000;

/// All documents of one session: what comes back holds them in Base64 beside certificates, within one call.
pub const DOCUMENTS_LEN_MAX: usize = 2 * 1024 * 1024;

/// Documents of one session: the apps show them one by one.
const DOCUMENTS_MAX: usize = 16;

/// What a page asks to sign.
pub struct PhoneRequest {
    /// What the signature is for.
    pub purpose: PhonePurpose,
    /// What the page calls it: it takes signatures of no other subject.
    pub subject: String,
    /// Who asks for what, as the app shows it.
    pub text: InThreeLanguages,
    /// What is signed.
    pub documents: Vec<PhoneDocument>,
    /// Where that lies.
    pub method: PhoneMethod,
    /// For how long, [`SIGNING_FOR_MS`] at most.
    pub for_ms: u64,
}

/// A document to sign.
pub struct PhoneDocument {
    /// Its name, as the app shows it.
    pub name: InThreeLanguages,
    /// `@file/pdf` or `text/plain`, as the apps call them.
    pub mime: &'static str,
    /// Exactly what is signed.
    pub bytes: Bytes,
    /// What the app shows besides: name and value.
    pub meta: Vec<(String, String)>,
}

/// Why nothing can be asked for.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// No app would take it.
    #[error(
        "the documents have more than {DOCUMENTS_LEN_MAX} bytes together, or are more than {DOCUMENTS_MAX}, or none"
    )]
    TooLarge,
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a session that only `binding` learns of: the session of who is signed in, or the visit of who is not.
///
/// # Errors
/// [`PhoneError`].
pub async fn begin(
    office: &Office,
    (binding, now): (&str, UnixMillis),
    request: PhoneRequest,
) -> Result<PhoneSecret, PhoneError> {
    let len: usize = request.documents.iter().map(|document| document.bytes.len()).sum();
    let count = request.documents.len();
    if len > DOCUMENTS_LEN_MAX || count == 0 || count > DOCUMENTS_MAX {
        return Err(PhoneError::TooLarge);
    }
    let secret = PhoneSecret::new(&office.key().await?, office.drawn());
    let documents = request.documents.into_iter().map(|document| KeptDocument {
        name: document.name,
        mime: document.mime.to_owned(),
        data: STANDARD.encode(&document.bytes),
        meta: document.meta,
    });
    let ends_ms = now.0.saturating_add(request.for_ms.min(SIGNING_FOR_MS));
    let asked = Asked {
        bound: digest(binding),
        purpose: request.purpose,
        subject: request.subject,
        text: request.text,
        documents: documents.collect(),
        method: request.method,
        ends_ms,
    };
    note(office, &secret, Step::Asked, (now, ends_ms), &asked).await?;
    Ok(secret)
}

/// How far a session has come, as its page sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneState {
    /// It is over, or another visit's: nothing is told of it.
    Over,
    /// No phone has come.
    Asked {
        /// When it ends.
        until: UnixMillis,
    },
    /// A phone has read what is to be signed.
    Read {
        /// When it ends.
        until: UnixMillis,
    },
    /// The person refused on the phone.
    Refused,
    /// It is signed, and waits to be confirmed.
    Signed(SignedByPhone),
    /// It was signed, confirmed and taken.
    Confirmed,
}

/// What a phone signed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedByPhone {
    /// Signature files in the order of the documents, in Base64.
    pub signatures: Vec<String>,
    /// Who signed, by the certificate.
    pub name: String,
    /// That person's number.
    pub iin: String,
    /// Whether everything could be checked when it came.
    pub is_checked: bool,
    /// A digest of the signatures: what is confirmed is what was shown.
    pub mark: String,
}

impl std::fmt::Debug for SignedByPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedByPhone").field("is_checked", &self.is_checked).finish_non_exhaustive()
    }
}

/// What was asked for, where this visit and no other asked for it.
async fn own(
    office: &Office,
    (binding, now): (&str, UnixMillis),
    (secret, subject): (&PhoneSecret, &str),
) -> Result<Option<Asked>, StoreError> {
    let asked: Option<Asked> = noted(office, secret, Step::Asked, now).await?;
    Ok(asked.filter(|asked| same(&asked.bound, &digest(binding)) && asked.subject == subject))
}

/// How far a session has come.
///
/// # Errors
/// Those of the store.
pub async fn state(
    office: &Office,
    (binding, now): (&str, UnixMillis),
    (secret, subject): (&PhoneSecret, &str),
) -> Result<PhoneState, StoreError> {
    let Some(asked) = own(office, (binding, now), (secret, subject)).await? else {
        return Ok(PhoneState::Over);
    };
    if noted::<()>(office, secret, Step::Confirmed, now).await?.is_some() {
        return Ok(PhoneState::Confirmed);
    }
    if let Some(signed) = noted::<Signed>(office, secret, Step::Signed, now).await? {
        let Signed { signatures, name, iin, is_checked } = signed;
        let mark = digest(&signatures.join("\n"));
        return Ok(PhoneState::Signed(SignedByPhone { signatures, name, iin, is_checked, mark }));
    }
    if noted::<()>(office, secret, Step::Refused, now).await?.is_some() {
        return Ok(PhoneState::Refused);
    }
    let until = UnixMillis(asked.ends_ms);
    let read = noted::<()>(office, secret, Step::Read, now).await?;
    Ok(if read.is_some() { PhoneState::Read { until } } else { PhoneState::Asked { until } })
}

/// The signature file, in Base64, of the one document that was to be signed, where a form confirms it: by the secret as a
/// text, the subject, and the mark of what the page showed.
///
/// # Errors
/// Those of the store.
pub async fn confirmed_file(
    office: &Office,
    own: (&str, UnixMillis),
    (secret, subject, mark): (&str, &str, &str),
) -> Result<Option<Bytes>, StoreError> {
    let Some(secret) = PhoneSecret::read(&office.key().await?, secret) else { return Ok(None) };
    let signed = confirmed(office, own, (&secret, subject), mark).await?;
    let file = signed.and_then(|signed| signed.signatures.into_iter().next());
    Ok(file.map(|file| Bytes::from(file.into_bytes())))
}

/// The signatures that a person confirms on the page, if they are those that the page showed by `mark`. That they were
/// taken is noted; what is done with them must not happen twice by itself.
///
/// # Errors
/// Those of the store.
pub async fn confirmed(
    office: &Office,
    (binding, now): (&str, UnixMillis),
    (secret, subject): (&PhoneSecret, &str),
    mark: &str,
) -> Result<Option<SignedByPhone>, StoreError> {
    let Some(asked) = own(office, (binding, now), (secret, subject)).await? else { return Ok(None) };
    let Some(signed) = noted::<Signed>(office, secret, Step::Signed, now).await? else { return Ok(None) };
    let Signed { signatures, name, iin, is_checked } = signed;
    let found = digest(&signatures.join("\n"));
    if !same(&found, mark) {
        return Ok(None);
    }
    note(office, secret, Step::Confirmed, (now, asked.ends_ms), &()).await?;
    Ok(Some(SignedByPhone { signatures, name, iin, is_checked, mark: found }))
}
