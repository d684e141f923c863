//! Verification of Kazakh electronic signatures.
//!
//! Bytes go in, facts come out: this crate opens no file and no connection and looks at no clock; a large document is read
//! from wherever the caller has it. Time, trusted CAs and revocation data are arguments. [`verify`] is the way in; docs/signatures.md says what is checked and what is not.
//! [`GostTestKey`] signs for made-up people, so that tests and stands need no second curve.

mod algorithm;
mod ber;
mod cause;
mod certificate;
mod cms;
mod constraints;
mod crl;
mod envelope;
mod fact;
mod gost;
mod hash;
pub mod limits;
mod maths;
mod moment;
mod name;
mod ocsp;
mod ocsp_request;
mod oid;
mod policy;
mod revocation;
mod rsa;
mod signer;
mod stamping;
mod subject;
mod time_stamp;
mod tlv;
mod trust;
mod verdict;
mod verify;

pub use algorithm::Scheme;
pub use cause::Cause;
pub use certificate::{Authority, Certificate, KeyUsage};
pub use crl::RevocationList;
/// An object identifier, as policies, purposes and kinds of key storage are named.
pub use der::asn1::ObjectIdentifier;
pub use fact::Fact;
pub use gost::GostTestKey;
pub use hash::HashAlgorithm;
pub use maths::Maths;
pub use moment::Moment;
pub use ocsp_request::{NONCE_BYTES, OcspAnswer, OcspFault, OcspRequest};
pub use revocation::{Evidence, Issued, RevocationData, Source, Unknown};
pub use stamping::{StampFault, Unstamped};
pub use subject::{Owner, Role, Subject};
pub use time_stamp::{TimeStamp, TimeStampFault};
pub use tlv::FormatError;
pub use trust::{Stage, TrustError, TrustStore};
pub use verdict::{Chain, Overall, Reason, Revocation, SignerVerdict, Validity, Verdict};
pub use verify::{
    Purpose, Question, ReadError, VerifyError, document, revocation_needs, verify, verify_reading,
};
