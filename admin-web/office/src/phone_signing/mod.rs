//! Signing by phone: a page shows a secret as a QR code or a link, the state's app comes for what is to be signed, and brings
//! the signature. docs/signatures.md tells of it.
//!
//! What is asked, that it was read, what was signed or that it was refused are notes of their own, below a digest of the
//! secret. Each is written once and never changed, so that neither a lost answer nor a second phone does anything twice. The
//! visit that asked, and no other, learns of them and confirms on its page what the phone signed.

mod apps;
mod calls;
mod kept;
mod messages;
mod secret;
mod visit;

#[cfg(test)]
mod tests;

pub use apps::{AppLinks, AppLinksError, LINK, has_phone_signing};
pub use calls::{CALL_LEN_MAX, CALLS_MAX, Call, NotTaken, Taken, described, documents, take};
pub use kept::{InThreeLanguages, PhoneMethod, PhonePurpose};
pub use messages::{Described, DocumentsToSign};
pub use secret::{PhoneSecret, is_ours};
pub use visit::{
    DOCUMENTS_LEN_MAX, PhoneDocument, PhoneError, PhoneRequest, PhoneState, SIGNING_FOR_MS, SignedByPhone,
    begin, confirmed, confirmed_file, state,
};
