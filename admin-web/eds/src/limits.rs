//! The bounds of what is read. None of them is a number that the input names.

/// What [`CMS_BYTES_MAX`] bounds, as errors name it.
pub const FILE_SIZE: &str = "the size of the signature file in bytes";
/// What [`SIGNERS_MAX`] bounds.
pub const SIGNERS: &str = "the number of signers";
/// What [`CERTIFICATES_MAX`] bounds.
pub const CERTIFICATES: &str = "the number of certificates";
/// What [`ATTRIBUTES_MAX`] bounds.
pub const ATTRIBUTES: &str = "the number of attributes";
/// What [`DEPTH_MAX`] bounds.
pub const NESTING: &str = "the nesting of the signature file";
/// What [`PIECES_MAX`] bounds.
pub const PIECES: &str = "the number of pieces of a string";

/// The largest signature file. It may hold the signed document; larger documents are signed detached.
pub const CMS_BYTES_MAX: usize = 8 << 20;

/// The largest certificate. Real ones have two kilobytes.
pub const CERTIFICATE_BYTES_MAX: usize = 64 << 10;

/// The largest revocation list. The national CA's have about twenty megabytes.
pub const CRL_BYTES_MAX: usize = 64 << 20;

/// The largest OCSP answer. Real ones have five kilobytes.
pub const OCSP_BYTES_MAX: usize = 256 << 10;

/// How deep values may be nested. A real signature with a time stamp has about twenty levels.
pub const DEPTH_MAX: usize = 48;

/// How many pieces a streamed string may have, and how many values a set that is read whole.
pub const PIECES_MAX: usize = 1 << 16;

/// The most signers of one file: each costs several signature checks.
pub const SIGNERS_MAX: usize = 32;

/// The most certificates in one file.
pub const CERTIFICATES_MAX: usize = 64;

/// The most attributes of a signer, of each kind.
pub const ATTRIBUTES_MAX: usize = 32;

/// The longest signature: of an RSA key of 8192 bits.
pub const SIGNATURE_BYTES_MAX: usize = 1024;

/// The work of one verification, in tenths of a millisecond on a machine of today: half a second. A file of 32 signers,
/// each with a certificate, a time stamp and an OCSP answer of GOST 34.10-2015, takes less than half of it.
pub const WORK_MAX: u32 = 6000;

/// The most extensions of a certificate or a revocation list.
pub const EXTENSIONS_MAX: usize = 32;

/// The most object identifiers in one list: roles, policies.
pub const OIDS_MAX: usize = 64;

/// The most attributes of a name.
pub const NAME_ATTRIBUTES_MAX: usize = 32;

/// The most answers in one OCSP response that are looked at.
pub const OCSP_ANSWERS_MAX: usize = 16;

/// The longest chain, from the signer to the root. The national PKI has three.
pub const CHAIN_MAX: usize = 6;

/// The most issuers that are tried to build one chain. All certificates of a file may claim one name.
pub const CHAIN_CHECKS_MAX: usize = 256;

/// The most subtrees of names that a CA's certificate may be limited to or kept out of, and the most names of a
/// certificate that are held against them.
pub const CONSTRAINTS_MAX: usize = 64;

/// The most certificates in a trust store, and the most files of revocation data of each kind.
pub const TRUST_MAX: usize = 256;

/// Clocks of others may be ahead of ours by so many seconds.
pub const CLOCK_SKEW_SECONDS: i64 = 300;

/// How long an OCSP answer without nextUpdate is believed. RFC 6960 leaves it to the reader; the national responder's
/// lists live about a day.
pub const OCSP_AGE_SECONDS_MAX: i64 = 24 * 3600;
