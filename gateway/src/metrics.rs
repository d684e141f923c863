//! What the gateway counts. Labels are closed sets, never a register or an organisation.

use std::time::Instant;

use metrics::{counter, gauge, histogram};
use ofd_protocol::message::Command;
use ofd_protocol::types::UnixMillis;
use ofd_storage::any::AnyStore;
use ofd_storage::cql::CqlStats;
use ofd_storage::embedded::EmbeddedStats;
use ofd_storage::feed::ReaderName;

/// Every metric of this crate with its labels.
pub const METRICS: &[(&str, &[&str])] = &[
    ("ofd_gateway_connections_open", &["listener"]),
    ("ofd_gateway_connections_total", &["listener", "outcome"]),
    ("ofd_gateway_connections_unproven", &["listener"]),
    ("ofd_gateway_turned_away_total", &["reason"]),
    ("ofd_gateway_frames_unfinished_bytes", &[]),
    ("ofd_gateway_frames_total", &["command", "result"]),
    ("ofd_gateway_answer_seconds", &["command"]),
    ("ofd_gateway_replays_total", &[]),
    ("ofd_gateway_conflicts_total", &[]),
    ("ofd_gateway_lanes_open", &[]),
    ("ofd_gateway_store_appends_total", &[]),
    ("ofd_gateway_store_batches_total", &[]),
    ("ofd_gateway_store_sync_microseconds_total", &[]),
    ("ofd_gateway_store_ready", &[]),
    ("ofd_gateway_store_lost_writes", &[]),
    ("ofd_gateway_store_statements_total", &[]),
    ("ofd_gateway_store_retries_total", &[]),
    ("ofd_gateway_store_unknown_total", &[]),
    ("ofd_gateway_store_unavailable_total", &[]),
    ("ofd_gateway_store_conflicts_total", &[]),
    ("ofd_gateway_clock_held", &[]),
    ("ofd_gateway_scrub_finished_at", &[]),
    ("ofd_gateway_scrub_breaks", &[]),
    ("ofd_gateway_feed_lag_seconds", &["reader"]),
    ("ofd_gateway_feed_documents_total", &["reader"]),
    ("ofd_gateway_charging_failed_total", &[]),
    ("ofd_gateway_charging_owed", &[]),
    ("ofd_gateway_charging_doubtful", &[]),
    ("ofd_gateway_ledger_breaks", &[]),
    ("ofd_gateway_ledger_checked_at", &[]),
    ("ofd_gateway_ledger_carried_total", &[]),
];

fn command_name(code: Option<u32>) -> &'static str {
    code.and_then(Command::from_code).map_or("none", Command::name)
}

/// The result as a label: the code itself, of which there are few.
fn result_name(result: u32) -> &'static str {
    match result {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        5 => "5",
        7 => "7",
        8 => "8",
        9 => "9",
        10 => "10",
        11 => "11",
        13 => "13",
        14 => "14",
        15 => "15",
        17 => "17",
        18 => "18",
        19 => "19",
        254 => "254",
        255 => "255",
        _ => "other",
    }
}

/// A frame was answered.
pub fn frame_answered(command: Option<u32>, result: u32, started: Instant) {
    let command = command_name(command);
    counter!("ofd_gateway_frames_total", "command" => command, "result" => result_name(result)).increment(1);
    histogram!("ofd_gateway_answer_seconds", "command" => command).record(started.elapsed().as_secs_f64());
}

/// A stored answer was given again.
pub fn replay() {
    counter!("ofd_gateway_replays_total").increment(1);
}

/// Another writer was faster.
pub fn conflict() {
    counter!("ofd_gateway_conflicts_total").increment(1);
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionOutcome {
    /// It was served.
    Served,
    /// It was told to come back later.
    OverCap,
    /// It was closed before it said anything, since even the reserve was full.
    Dropped,
    /// Its TLS handshake failed.
    HandshakeFailed,
    /// It had not shown a good token when there were too many like it.
    Evicted,
    /// It showed no good token in time, or after several tries.
    Unproven,
    /// It came to a listener behind a balancer without the balancer's word for whom it comes.
    NotProxied,
}

impl ConnectionOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::OverCap => "over_cap",
            Self::Dropped => "dropped",
            Self::HandshakeFailed => "handshake_failed",
            Self::Evicted => "evicted",
            Self::Unproven => "unproven",
            Self::NotProxied => "not_proxied",
        }
    }
}

/// Which limit turned a request away with 254.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// The register's requests per second.
    RegisterRate,
    /// The register's queue.
    RegisterQueue,
    /// What the register may store in an hour.
    RegisterBytes,
    /// The address's tokens that are not known.
    UnknownToken,
    /// The address's wrong tokens.
    WrongToken,
    /// The address's unknown ids.
    UnknownId,
    /// The memory for frames that have not come whole.
    UnfinishedFrame,
}

impl TurnedAway {
    const ALL: [Self; 7] = [
        Self::RegisterRate,
        Self::RegisterQueue,
        Self::RegisterBytes,
        Self::UnknownToken,
        Self::WrongToken,
        Self::UnknownId,
        Self::UnfinishedFrame,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::RegisterRate => "register_rate",
            Self::RegisterQueue => "register_queue",
            Self::RegisterBytes => "register_bytes",
            Self::UnknownToken => "unknown_token",
            Self::WrongToken => "wrong_token",
            Self::UnknownId => "unknown_id",
            Self::UnfinishedFrame => "unfinished_frame",
        }
    }
}

fn turned_away_by(why: TurnedAway, count: u64) {
    counter!("ofd_gateway_turned_away_total", "reason" => why.name()).increment(count);
}

/// A limit turned a request away.
pub fn turned_away(why: TurnedAway) {
    turned_away_by(why, 1);
}

/// Shows what has not been counted yet as 0: an alert sees the first one ever, and nothing seems to be missing.
pub fn begin() {
    TurnedAway::ALL.into_iter().for_each(|why| turned_away_by(why, 0));
    no_scrub_yet();
}

/// Memory that frames have taken which have not come whole, or wait for their answer.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn frames_unfinished(bytes: usize) {
    gauge!("ofd_gateway_frames_unfinished_bytes").set(bytes as f64);
}

/// Connections that have not shown a good token.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn connections_unproven(listener: &str, open: usize) {
    gauge!("ofd_gateway_connections_unproven", "listener" => listener.to_owned()).set(open as f64);
}

/// A connection was accepted.
pub fn connection(listener: &str, outcome: ConnectionOutcome) {
    counter!("ofd_gateway_connections_total", "listener" => listener.to_owned(), "outcome" => outcome.name())
        .increment(1);
}

/// Connections that are open.
pub fn connections_open(listener: &str, change: f64) {
    gauge!("ofd_gateway_connections_open", "listener" => listener.to_owned()).increment(change);
}

/// Registers with a lane in memory.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn lanes(open: usize) {
    gauge!("ofd_gateway_lanes_open").set(open as f64);
}

/// Whether the store takes writes.
pub fn store_ready(is_ready: bool) {
    gauge!("ofd_gateway_store_ready").set(if is_ready { 1.0 } else { 0.0 });
}

/// Whether writes are held since the clock is wrong.
pub fn clock_held(is_held: bool) {
    gauge!("ofd_gateway_clock_held").set(if is_held { 1.0 } else { 0.0 });
}

/// Before the first scrub of a process.
fn no_scrub_yet() {
    scrub_finished(UnixMillis(0));
    scrub_breaks(0);
}

/// When a scrub last came to its end; 0: never.
#[expect(clippy::cast_precision_loss, reason = "a gauge; seconds stay exact")]
pub fn scrub_finished(at: UnixMillis) {
    gauge!("ofd_gateway_scrub_finished_at").set((at.0 / 1000) as f64);
}

/// How many breaks the last scrub found, or the one under way has found so far.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn scrub_breaks(breaks: u64) {
    gauge!("ofd_gateway_scrub_breaks").set(breaks as f64);
}

/// How long ago the oldest minute began whose announcements a reader may not have read to their end.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn feed_lag(reader: ReaderName, seconds: u64) {
    gauge!("ofd_gateway_feed_lag_seconds", "reader" => reader.name()).set(seconds as f64);
}

/// A reader of the feed took documents.
pub fn feed_documents(reader: ReaderName, documents: usize) {
    let documents = u64::try_from(documents).unwrap_or(u64::MAX);
    counter!("ofd_gateway_feed_documents_total", "reader" => reader.name()).increment(documents);
}

/// Organisations could not be charged, or not as a whole.
pub fn charging_failed(organisations: usize) {
    counter!("ofd_gateway_charging_failed_total").increment(u64::try_from(organisations).unwrap_or(u64::MAX));
}

/// So many organisations are still to be charged for days of an earlier run.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn charging_owed(organisations: usize) {
    gauge!("ofd_gateway_charging_owed").set(organisations as f64);
}

/// What the last proof of the ledger came to: so many breaks, and when it ended.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
pub fn ledger_checked(breaks: u64, at: UnixMillis) {
    gauge!("ofd_gateway_ledger_breaks").set(breaks as f64);
    gauge!("ofd_gateway_ledger_checked_at").set(at.0 as f64 / 1000.0);
}

/// Postings whose legs were left by processes that ended were carried into their accounts.
pub fn ledger_carried(postings: u64) {
    counter!("ofd_gateway_ledger_carried_total").increment(postings);
}

/// Whether charging waits for a person's word on the clock.
pub fn charging_doubtful(is_doubtful: bool) {
    gauge!("ofd_gateway_charging_doubtful").set(f64::from(u8::from(is_doubtful)));
}

/// Acknowledged writes that were found missing when the store was opened; 1 where their number is not known.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn lost_writes(lost: u64) {
    gauge!("ofd_gateway_store_lost_writes").set(lost as f64);
}

/// What a store says of itself; what only the other backend counts stays 0.
pub fn store(store: &AnyStore) {
    let (embedded, cluster) = match store {
        AnyStore::Embedded(store) => (store.stats(), CqlStats::default()),
        AnyStore::Cql(store) => (EmbeddedStats::default(), store.stats()),
    };
    counter!("ofd_gateway_store_appends_total").absolute(embedded.writes);
    counter!("ofd_gateway_store_batches_total").absolute(embedded.batches);
    counter!("ofd_gateway_store_sync_microseconds_total").absolute(embedded.sync_nanoseconds_sum / 1000);
    let lost = store.loss().map_or(0, |loss| loss.writes.unwrap_or(1).max(1));
    lost_writes(lost);
    let CqlStats { statements, retries, unknown, unavailable, conflicts } = cluster;
    counter!("ofd_gateway_store_statements_total").absolute(statements);
    counter!("ofd_gateway_store_retries_total").absolute(retries);
    counter!("ofd_gateway_store_unknown_total").absolute(unknown);
    counter!("ofd_gateway_store_unavailable_total").absolute(unavailable);
    counter!("ofd_gateway_store_conflicts_total").absolute(conflicts);
}
