//! What the app does: it comes with the secret and nothing else.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ofd_edge::Imprint;
use ofd_eds::Overall;
use ofd_protocol::types::UnixMillis;
use ofd_storage::store::StoreError;

use super::kept::{Asked, Signed, Step, note, noted};
use super::messages::{Described, DocumentsToSign, Said, read};
use super::secret::PhoneSecret;
use crate::office::Office;
use crate::signatures::{SignaturesError, moment_of};
use crate::work::{Busy, Content, Part};

/// A call of the app: documents of [`super::DOCUMENTS_LEN_MAX`] inside of signatures, in Base64, with certificates.
pub const CALL_LEN_MAX: usize = 4 * 1024 * 1024;

/// Calls by one secret: two or three are needed, a lost answer costs one more.
pub const CALLS_MAX: u32 = 30;

/// Memory that a call takes for each byte: as text, and as the signatures in it.
const MEMORY_FACTOR: usize = 3;

/// A call of the app, as all of them are made.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// By which secret.
    pub secret: &'a PhoneSecret,
    /// When it was made.
    pub now: UnixMillis,
    /// The address that it came from.
    pub from: IpAddr,
}

/// What became of what the app brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is kept, now or from before.
    Kept,
    /// The person refused, now or before.
    Refused,
}

/// Why nothing was kept of what the app brought.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// There is no such session, or it is over.
    #[error("there is no such session any more")]
    Over,
    /// It is not what apps bring.
    #[error("it has not one signature for each document")]
    Unreadable,
    /// A signature does not hold, or is over something else.
    #[error("a signature does not hold")]
    Wrong,
    /// It was refused before.
    #[error("the person has refused")]
    Refused,
    /// It cannot be checked now; another try may help.
    #[error("it cannot be checked now")]
    Busy,
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Busy> for NotTaken {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// API 1: who asks for what. `None`: there is no such session any more.
///
/// # Errors
/// Those of the store.
pub async fn described(
    office: &Office,
    call: Call<'_>,
    (imprint, public_url): (&Imprint, &str),
    zone_offset_seconds: i32,
) -> Result<Option<Described>, StoreError> {
    let asked: Option<Asked> = noted(office, call.secret, Step::Asked, call.now).await?;
    let uri = format!("{public_url}/sign/{}/documents", call.secret.text());
    Ok(asked.map(|asked| Described::new((&asked, &call.secret.code()), (imprint, uri), zone_offset_seconds)))
}

/// API 2: what is to be signed; the page sees from now on that a phone has read it.
///
/// # Errors
/// Those of the store.
pub async fn documents(office: &Office, call: Call<'_>) -> Result<Option<DocumentsToSign>, StoreError> {
    let Some(asked) = noted::<Asked>(office, call.secret, Step::Asked, call.now).await? else {
        return Ok(None);
    };
    note(office, call.secret, Step::Read, (call.now, asked.ends_ms), &()).await?;
    Ok(Some(DocumentsToSign::new(asked, &call.secret.code())))
}

/// Takes what the app brings. The first that holds is kept; whatever comes behind it is answered the same way and changes
/// nothing.
///
/// # Errors
/// [`NotTaken`].
pub async fn take(office: &Office, call: Call<'_>, body: &Content) -> Result<Taken, NotTaken> {
    let (secret, now) = (call.secret, call.now);
    let asked: Asked = noted(office, secret, Step::Asked, now).await?.ok_or(NotTaken::Over)?;
    let ends = (now, asked.ends_ms);
    let memory = body.len().saturating_mul(MEMORY_FACTOR);
    let _memory = office.work().take(Part::Documents, call.from, memory)?;
    let said = read(body.reader(), asked.documents.len()).ok_or(NotTaken::Unreadable)?;
    if noted::<Signed>(office, secret, Step::Signed, now).await?.is_some() {
        return Ok(Taken::Kept);
    }
    let is_refused = noted::<()>(office, secret, Step::Refused, now).await?.is_some();
    match said {
        Said::Refused => {
            note(office, secret, Step::Refused, ends, &()).await?;
            Ok(Taken::Refused)
        }
        Said::Signatures(_) if is_refused => Err(NotTaken::Refused),
        Said::Signatures(signatures) => {
            let signed = checked(office, call, &asked, signatures).await?;
            note(office, secret, Step::Signed, ends, &signed).await?;
            Ok(Taken::Kept)
        }
    }
}

/// Signatures of all documents, each over exactly ours, where none is wrong. What cannot be checked is not wrong: whoever
/// takes it from the page judges it again, with its own question.
async fn checked(
    office: &Office,
    call: Call<'_>,
    asked: &Asked,
    signatures: Vec<String>,
) -> Result<Signed, NotTaken> {
    let mut signed =
        Signed { signatures: Vec::new(), name: String::new(), iin: String::new(), is_checked: true };
    let purpose = asked.purpose.to_eds();
    for (document, signature) in asked.documents.iter().zip(signatures) {
        let document = STANDARD.decode(&document.data).map_err(|_| NotTaken::Over)?;
        let from = (call.from, moment_of(call.now));
        let cms = Bytes::from(signature.clone().into_bytes());
        let judged = office.signatures.verify(cms, Some(Bytes::from(document).into()), purpose, from).await;
        let judged = judged.map_err(|error| match error {
            SignaturesError::Format(_)
            | SignaturesError::DocumentMissing
            | SignaturesError::TooLarge { .. } => NotTaken::Wrong,
            SignaturesError::Busy | SignaturesError::Failed(_) => NotTaken::Busy,
        })?;
        match judged.verdict.overall() {
            Overall::Valid => {}
            Overall::Invalid => return Err(NotTaken::Wrong),
            Overall::Indeterminate => signed.is_checked = false,
        }
        let certificate = judged.verdict.signers.first().and_then(|signer| signer.certificate.as_ref());
        if let Some(subject) = certificate.map(|certificate| certificate.subject())
            && signed.iin.is_empty()
        {
            signed.iin = subject.iin.clone().unwrap_or_default();
            signed.name = subject.full_name().unwrap_or_default();
        }
        signed.signatures.push(signature);
    }
    Ok(signed)
}
