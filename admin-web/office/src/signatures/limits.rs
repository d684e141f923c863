//! What bounds the checks of signatures.

use std::time::Duration;

/// Sign-ins by certificate that are checked at once; they wait for responders most of the time. Whoever comes on top is
/// asked to come again.
pub const SIGN_INS_MAX: usize = 64;

/// Of these, sign-ins from one address.
pub const SIGN_INS_PER_ADDRESS_MAX: usize = 16;

/// Uploads of documents that are read or checked at once: each has a file of its own, and some buffers.
pub const UPLOADS_MAX: usize = 8;

/// Of these, uploads of one address, so that a single client who uploads slowly leaves places for others.
pub const UPLOADS_PER_ADDRESS_MAX: usize = 2;

/// Larger forms need a place for uploads. A form with a signature over a challenge does not.
pub const SMALL_UPLOAD_BYTES_MAX: usize = 512 << 10;

/// Memory that a check takes for each byte of a signature file: the file as text, what the text says, its DER while it is
/// made, and the document inside.
pub const MEMORY_FACTOR: usize = 5;

/// The largest document beside a detached signature. It is hashed as it is read from a file.
pub const DOCUMENT_BYTES_MAX: usize = 32 << 20;

/// Certificates of one file whose revocation is looked up. A file of three signers with time stamps has a dozen.
pub const LOOKED_UP_MAX: usize = 64;

/// All lookups of one check take no longer. A page is answered within twenty seconds, and the rest of the check must fit.
pub const LOOK_UP_WITHIN: Duration = Duration::from_secs(8);

/// One question to one responder. Questions to two fit into [`LOOK_UP_WITHIN`].
pub const OCSP_WITHIN: Duration = Duration::from_millis(3500);

/// A connection to a responder, part of the above.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// One revocation list: the national CA's have twenty megabytes.
pub const CRL_WITHIN: Duration = Duration::from_secs(120);

/// Requests to responders and lists at once.
pub const FETCHES_MAX: usize = 16;

/// Redirects that are followed, and only to hosts of the config.
pub const REDIRECTS_MAX: usize = 3;

/// An idle connection to a responder is closed after this.
pub const IDLE_MAX: Duration = Duration::from_secs(30);

/// The largest OCSP answer that is kept. Real ones have five kilobytes, and thousands are kept.
pub const ANSWER_BYTES_MAX: usize = 32 << 10;

/// Certificates whose OCSP answers are kept: at most 128 MiB of them.
pub const ANSWERS_MAX: usize = 4096;

/// How long an answer without nextUpdate is kept.
pub const ANSWER_KEPT_SECONDS: i64 = 300;

/// How long an answer is kept at most, whatever nextUpdate says: a stolen key must not open the cabinet all day after it
/// was revoked.
pub const ANSWER_KEPT_SECONDS_MAX: i64 = 3600;

/// How long it is remembered that there was no answer, so that a responder that is down is not asked by everybody.
pub const SILENCE_KEPT_SECONDS: i64 = 10;

/// Revocation lists of the config: two or three of each CA.
pub const LISTS_MAX: usize = 16;

/// Responders of the config.
pub const RESPONDERS_MAX: usize = 4;

/// A list is fetched again so long before the next one is due, so that nobody waits for it.
pub const LIST_AHEAD_SECONDS: i64 = 600;

/// A list that could not be fetched is not tried again before.
pub const LIST_RETRY_SECONDS: i64 = 60;

/// Time stampers of the config.
pub const STAMPERS_MAX: usize = 4;

/// One request to one time stamper. Requests to two, and the check that follows, fit into a page's answer.
pub const STAMP_WITHIN: Duration = Duration::from_millis(3500);

/// The largest answer of a time stamper. Real ones have four kilobytes, with the stamper's certificate.
pub const STAMP_BYTES_MAX: usize = 64 << 10;
