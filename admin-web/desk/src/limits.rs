//! What bounds clients. The defaults stop no family behind one address and no app that checks receipts.

use std::num::NonZeroU32;
use std::time::Duration;

pub(crate) const fn count(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// Pages that one address may open at once: people who click fast. Receipts have budgets of their own.
pub const ADDRESS_BURST: NonZeroU32 = count(60);

/// And then per second.
pub const ADDRESS_PER_SECOND: NonZeroU32 = count(10);

/// Look-ups of one address in a minute that find no receipt. All users of a mobile operator may share the address, and
/// some of them mistype; whoever tries numbers through is told so little by this that it is of no use.
pub const LOOKUPS_MISSED_PER_MINUTE: NonZeroU32 = count(60);

/// So many times more look-ups may find one: people scan what they hold in their hands.
pub const LOOKUPS_FOUND_PER_MISSED: NonZeroU32 = count(10);

/// Pages and receipts that all together may ask for at once.
pub const ALL_BURST: NonZeroU32 = count(4000);

/// And then per second: what reading costs must not hurt the registers' writing.
pub const ALL_PER_SECOND: NonZeroU32 = count(2000);

/// Connections held at once. Each costs at most [`READ_BUFFER_LEN_MAX`] and one answer.
pub const CONNECTIONS_MAX: usize = 1024;

/// Connections of one address: a browser opens six, an office behind one address a few dozen.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 128;

/// Of these, connections that have asked for nothing yet: browsers open one or two ahead.
pub const SILENT_PER_ADDRESS_MAX: usize = 32;

/// A connection counts as one of them from then on: until a request has been read, time passes on a busy machine.
pub const SILENT_AFTER: Duration = Duration::from_secs(2);

/// Requests for pages in flight at once. With those below they are fewer than [`CONNECTIONS_MAX`], so that there is always
/// a connection which asks for nothing and can be closed for a new one.
pub const REQUESTS_MAX: usize = 256;

/// Of these, requests of one address: more than an office sends at once, an eighth of all.
pub const REQUESTS_PER_ADDRESS_MAX: usize = 32;

/// Requests of the API in flight at once, which no page takes.
pub const API_REQUESTS_MAX: usize = 64;

/// Questions whether the process is well at once, which neither pages nor the API take.
pub const HEALTH_REQUESTS_MAX: usize = 16;

const _: () = assert!(REQUESTS_MAX + API_REQUESTS_MAX + HEALTH_REQUESTS_MAX < CONNECTIONS_MAX);

/// A body may be late by so much at any time: links stall.
pub const BODY_GRACE: Duration = Duration::from_secs(5);

/// Beyond that a body must come at this rate on the whole, half of what the oldest phones send.
pub const BODY_BYTES_PER_SECOND_MIN: NonZeroU32 = count(1024);

/// Request line and headers of one request.
pub const READ_BUFFER_LEN_MAX: usize = 16 * 1024;

/// Headers of one request.
pub const HEADERS_MAX: usize = 64;

/// The body of one request; the largest honest one is a reason of 500 characters.
pub const BODY_LEN_MAX: usize = 64 * 1024;

/// Requests that one connection carries before it is closed, so that connections spread over gateways again.
pub const REQUESTS_PER_CONNECTION_MAX: u32 = 1000;

/// A request's headers arrive within this time; an idle connection is closed after it.
pub const HEADER_READ_WITHIN: Duration = Duration::from_secs(15);

/// A request is answered within this time, its body included.
pub use ofd_office::by::ANSWER_WITHIN;

/// A client that takes nothing of its answer for this long is gone.
pub const WRITE_STALL_MAX: Duration = Duration::from_secs(15);

/// Requests in flight are finished within this time when the site stops.
pub const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);

/// What can be set in the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages that one address may open at once, [`ADDRESS_BURST`] if not configured.
    pub address_burst: NonZeroU32,
    /// And then per second, [`ADDRESS_PER_SECOND`] if not configured.
    pub address_per_second: NonZeroU32,
    /// Look-ups of one address in a minute that find nothing, [`LOOKUPS_MISSED_PER_MINUTE`] if not configured.
    pub lookups_missed_per_minute: NonZeroU32,
    /// Look-ups of one address in a minute, whatever they find.
    pub lookups_found_per_minute: NonZeroU32,
    /// What all together may ask for at once, [`ALL_BURST`] if not configured.
    pub all_burst: NonZeroU32,
    /// And then per second, [`ALL_PER_SECOND`] if not configured.
    pub all_per_second: NonZeroU32,
    /// Connections held at once, [`CONNECTIONS_MAX`] if not configured.
    pub connections_max: usize,
    /// Of these, those of one address: [`CONNECTIONS_PER_ADDRESS_MAX`] if not configured.
    pub connections_per_address_max: usize,
    /// Of these, those that asked for nothing yet: [`SILENT_PER_ADDRESS_MAX`] if not configured.
    pub silent_per_address_max: usize,
    /// Requests for pages in flight at once, [`REQUESTS_MAX`] if not configured.
    pub requests_max: usize,
    /// Of these, those of one address: [`REQUESTS_PER_ADDRESS_MAX`] if not configured.
    pub requests_per_address_max: usize,
    /// By so much a body may be late at any time, [`BODY_GRACE`] if not configured.
    pub body_grace: Duration,
    /// Slower bodies are not waited for, [`BODY_BYTES_PER_SECOND_MIN`] if not configured.
    pub body_bytes_per_second_min: NonZeroU32,
    /// A request's headers arrive within this time, [`HEADER_READ_WITHIN`] if not configured.
    pub header_read_within: Duration,
    /// A request is answered within this time, [`ANSWER_WITHIN`] if not configured.
    pub answer_within: Duration,
    /// A client that takes nothing for so long is gone, [`WRITE_STALL_MAX`] if not configured.
    pub write_stall_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address_burst: ADDRESS_BURST,
            address_per_second: ADDRESS_PER_SECOND,
            lookups_missed_per_minute: LOOKUPS_MISSED_PER_MINUTE,
            lookups_found_per_minute: LOOKUPS_MISSED_PER_MINUTE.saturating_mul(LOOKUPS_FOUND_PER_MISSED),
            all_burst: ALL_BURST,
            all_per_second: ALL_PER_SECOND,
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            silent_per_address_max: SILENT_PER_ADDRESS_MAX,
            requests_max: REQUESTS_MAX,
            requests_per_address_max: REQUESTS_PER_ADDRESS_MAX,
            body_grace: BODY_GRACE,
            body_bytes_per_second_min: BODY_BYTES_PER_SECOND_MIN,
            header_read_within: HEADER_READ_WITHIN,
            answer_within: ANSWER_WITHIN,
            write_stall_max: WRITE_STALL_MAX,
        }
    }
}
