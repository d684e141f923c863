//! How many appends a second the embedded store takes on this machine's disk, against one sync per append.
//!
//! `cargo run --release -p ofd-storage --example append_rate -- [directory] [appenders] [seconds]`
//!
//! A lone appender is one sync per append: it waits for each before the next. Then many appenders run for as
//! long, each on its own streams, with documents like receipts. Only the ratio of the two says something on a
//! virtual disk.
#![expect(clippy::print_stdout, reason = "it prints its results")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStats, EmbeddedStore};
use ofd_storage::store::{Append, Row, Stamp, Store, StoreError, StreamId, StreamKind, Version};

/// Appends of a stream before the next begins, as shifts do.
const STREAM_APPENDS: u64 = 200;
const DOCUMENT_BYTES: usize = 700;
const ANSWER_BYTES: usize = 400;
const HEAD_BYTES: usize = 300;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let appenders: u64 = arguments.next().map_or(Ok(256), |number| number.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(5), |number| number.parse())?;
    let path = directory.join(format!("ofd-append-rate-{}", std::process::id()));
    let measured = measure(&path, appenders, Duration::from_secs(seconds)).await;
    std::fs::remove_dir_all(&path)?;
    measured
}

async fn measure(path: &std::path::Path, appenders: u64, time: Duration) -> Result<(), Box<dyn Error>> {
    let store = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(path))?);
    let lone = run(&store, 1, 0, time).await?;
    report("one sync per append", &lone);
    let grouped = run(&store, appenders, 1, time).await?;
    report(&format!("{appenders} appenders"), &grouped);
    println!("ratio: {:.1} times the appends", grouped.rate() / lone.rate());
    let started = Instant::now();
    store.close().await?;
    let bytes = bytes_below(path)?;
    let appends = lone.stats.writes.saturating_add(grouped.stats.writes);
    println!(
        "closed in {:?}; {} MiB on disk, {} bytes an append",
        started.elapsed(),
        bytes / 1_048_576,
        bytes / appends.max(1)
    );
    let started = Instant::now();
    EmbeddedStore::open(EmbeddedOptions::new(path))?.close().await?;
    println!("opened and closed again in {:?}", started.elapsed());
    Ok(())
}

struct Measured {
    took: Duration,
    stats: EmbeddedStats,
    slowest: Duration,
}

impl Measured {
    fn rate(&self) -> f64 {
        self.stats.writes as f64 / self.took.as_secs_f64()
    }
}

/// Lets appenders work for a while; `series` keeps their streams apart from those of another run.
async fn run(
    store: &Arc<EmbeddedStore>,
    appenders: u64,
    series: u64,
    time: Duration,
) -> Result<Measured, Box<dyn Error>> {
    let (before, started) = (store.stats(), Instant::now());
    let tasks = (0..appenders).map(|appender| {
        let (store, owner) = (Arc::clone(store), series << 32 | appender);
        tokio::spawn(async move { appends(&store, owner, started, time).await })
    });
    let mut slowest = Duration::ZERO;
    for task in tasks.collect::<Vec<_>>() {
        slowest = slowest.max(task.await??);
    }
    let took = started.elapsed();
    let after = store.stats();
    let stats = EmbeddedStats {
        batches: after.batches - before.batches,
        writes: after.writes - before.writes,
        sync_nanoseconds_sum: after.sync_nanoseconds_sum - before.sync_nanoseconds_sum,
        ..after
    };
    Ok(Measured { took, stats, slowest })
}

/// Appends until the time is over; tells the longest wait for an answer.
async fn appends(
    store: &EmbeddedStore,
    owner: u64,
    started: Instant,
    time: Duration,
) -> Result<Duration, StoreError> {
    let mut slowest = Duration::ZERO;
    for number in 0_u64.. {
        let since = Instant::now();
        if since.duration_since(started) > time {
            break;
        }
        store.append(append(owner, number)).await?;
        slowest = slowest.max(since.elapsed());
    }
    Ok(slowest)
}

fn append(owner: u64, number: u64) -> Append {
    let (shift, document) = (number / STREAM_APPENDS, number % STREAM_APPENDS);
    let ordinal = u32::try_from(shift).unwrap_or(u32::MAX);
    let mut stamp = [0; 16];
    let (left, right) = stamp.split_at_mut(8);
    left.copy_from_slice(&owner.to_be_bytes());
    right.copy_from_slice(&number.to_be_bytes());
    Append {
        stream: StreamId { kind: StreamKind::Shift, owner, ordinal },
        expected: (document > 0).then_some(Version(document)),
        stamp: Stamp(stamp),
        head: text(owner, number, HEAD_BYTES),
        rows: vec![Row {
            key: Bytes::copy_from_slice(&document.to_be_bytes()),
            value: text(owner, number, DOCUMENT_BYTES + ANSWER_BYTES),
        }],
        notes: Vec::new(),
    }
}

/// Text like that of receipts: much of it the same everywhere, some of it the register's, some of it new.
fn text(owner: u64, number: u64, len: usize) -> Bytes {
    let mut text = format!("register {owner:016x} \"Магазин {owner}\" Алматы, ул. Абая {} ", owner % 300);
    let mut mixed = owner.wrapping_mul(31).wrapping_add(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    while text.len() < len {
        mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let line = format!("item {:03} Нан ақ 1 дана {:06}.00 tg ", mixed % 500, mixed >> 44);
        text.push_str(&line);
    }
    Bytes::from(text).slice(..len)
}

fn report(what: &str, measured: &Measured) {
    let stats = &measured.stats;
    let syncs = stats.batches.max(1);
    println!(
        "{what}: {:.0} appends/s, {} syncs of {:.1} appends, {} µs a commit (longest {} µs), slowest answer {:?}",
        measured.rate(),
        stats.batches,
        stats.writes as f64 / syncs as f64,
        stats.sync_nanoseconds_sum / syncs / 1000,
        stats.sync_nanoseconds_max / 1000,
        measured.slowest,
    );
}

fn bytes_below(path: &std::path::Path) -> std::io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut sum = 0;
    for entry in std::fs::read_dir(path)? {
        let (entry, blocks) = (entry?, 512);
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.blocks() * blocks };
    }
    Ok(sum)
}
