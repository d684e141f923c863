//! Drives a fleet against a server, bounded by time or by requests, and compares every Z with the registers' counts.

mod shared;
pub mod stats;
pub mod summary;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

pub use self::shared::{Options, Pace};
use self::shared::{Shared, closing_time};
pub use self::stats::Progress;
use self::stats::Stats;
pub use self::summary::Report;
use crate::client::is_ours;
use crate::fleet::memory::{self, Ending, Resumed};
use crate::fleet::tokens::TokenFile;
use crate::fleet::{Fleet, FleetError};

/// How often the registers' memory is written while they run.
const MEMORY_PERIOD: Duration = Duration::from_secs(5);

/// Writing the memory may take this part of the time at most: of large fleets it is written less often.
const MEMORY_SHARE: u32 = 20;

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The fleet file or its memory.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The server's address is not one of ours.
    #[error("{0} is a public address; send load only to your own server on a loopback or private address")]
    Foreign(SocketAddr),
    /// The options do not go together.
    #[error("{0}")]
    Option(&'static str),
    /// The histograms cannot be made.
    #[error("the statistics cannot be set up")]
    Statistics(#[from] hdrhistogram::CreationError),
    /// The token file.
    #[error("cannot write {path}; free space or fix permissions")]
    Tokens {
        /// The token file that cannot be written.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Runs a fleet until its bound is met and every shift is closed; `on_progress` is called once a second.
///
/// # Errors
/// [`RunError`] when it cannot begin; all that goes wrong later is in the [`Report`].
pub async fn run(options: Options, on_progress: impl FnMut(&Progress)) -> Result<Report, RunError> {
    run_until(options, on_progress, std::future::pending()).await
}

/// As [`run`], but stops early, closing shifts, when `stop` completes.
///
/// # Errors
/// As [`run`].
pub async fn run_until(
    options: Options,
    mut on_progress: impl FnMut(&Progress),
    stop: impl Future<Output = ()>,
) -> Result<Report, RunError> {
    let (shared, resumed) = begin(options)?;
    let workers = shared.options.connections.min(shared.registers.len());
    let mut tasks = JoinSet::new();
    for worker in 0..workers {
        tasks.spawn(worker::work(Arc::clone(&shared), worker, workers));
    }
    let mut saving = tokio::spawn(save_now_and_then(Arc::clone(&shared)));
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    second.tick().await;
    tokio::pin!(stop);
    let mut may_stop = true;
    loop {
        tokio::select! {
            done = tasks.join_next() => match done {
                None => break,
                Some(Ok(())) => {}
                Some(Err(error)) => shared.give_up(format!("a worker of ofd-load failed: {error}")),
            },
            () = &mut stop, if may_stop => {
                may_stop = false;
                shared.stop(closing_time(&shared.options));
            }
            _ = second.tick() => {
                on_progress(&shared.stats.progress(shared.started, shared.is_stopping()));
            }
        }
        if shared.started.elapsed() >= shared.options.duration {
            shared.stop(closing_time(&shared.options));
        }
    }
    shared.stopping.store(true, Ordering::Relaxed);
    saving.abort();
    // An aborted write may still be under way on its thread; the last word must come after it.
    let _ = (&mut saving).await;
    let saved = {
        let shared = Arc::clone(&shared);
        tokio::task::spawn_blocking(move || shared.save(Ending::Clean)).await
    };
    let failure = match saved {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(summary::chain(&error)),
        Err(error) => Some(error.to_string()),
    };
    Ok(summary::report(&shared, workers, resumed, failure))
}

fn begin(options: Options) -> Result<(Arc<Shared>, Resumed), RunError> {
    if !is_ours(options.endpoint.address.ip()) {
        return Err(RunError::Foreign(options.endpoint.address));
    }
    if options.connections == 0 {
        return Err(RunError::Option("--connections must be at least 1"));
    }
    let shares = [options.lose_answers, options.offline];
    if shares.iter().any(|share| !(0.0..=0.9).contains(share)) {
        return Err(RunError::Option("--lose-answers and --offline are shares from 0 to 0.9"));
    }
    if matches!(options.pace, Pace::Open(rate) if !(rate > 0.0 && rate.is_finite())) {
        return Err(RunError::Option("--rate must be above 0"));
    }
    let fleet = Fleet::read(&options.fleet)?;
    let (registers, resumed) = memory::resume(&options.fleet, &fleet, options.version, options.seed)?;
    let path = memory::tokens_path(&options.fleet);
    let tokens = TokenFile::open(&path, &registers).map_err(|source| RunError::Tokens { path, source })?;
    let started = Instant::now();
    let shared = Shared {
        last_call: Mutex::new(started + options.duration + closing_time(&options)),
        registers: registers.into_iter().map(Mutex::new).collect(),
        tokens,
        stats: Stats::new()?,
        started,
        begun: AtomicU64::new(0),
        stopping: AtomicBool::new(false),
        dead: OnceLock::new(),
        options,
    };
    // Whatever the next write finds is newer than a memory that says `Clean`.
    shared.save(Ending::Running)?;
    Ok((Arc::new(shared), resumed))
}

async fn save_now_and_then(shared: Arc<Shared>) {
    let mut pause = MEMORY_PERIOD;
    loop {
        tokio::time::sleep(pause).await;
        let writer = Arc::clone(&shared);
        let began = Instant::now();
        let written = tokio::task::spawn_blocking(move || writer.save(Ending::Running)).await;
        if let Ok(Err(error)) = written {
            shared.stats.difference(summary::chain(&error));
        }
        pause = MEMORY_PERIOD.max(began.elapsed().saturating_mul(MEMORY_SHARE));
    }
}
