//! Drives a fleet against a server, bounded by time or by requests, and compares every Z with the registers' counts.

pub mod stats;
pub mod summary;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

pub use self::stats::Progress;
use self::stats::Stats;
pub use self::summary::Report;
use crate::client::{Endpoint, is_ours};
use crate::fleet::memory::{self, Ending, Resumed};
use crate::fleet::tokens::TokenFile;
use crate::fleet::{Fleet, FleetError};
use crate::register::Register;

/// How often the registers' memory is written while they run.
const MEMORY_PERIOD: Duration = Duration::from_secs(5);

/// Writing the memory may take this part of the time at most: of large fleets it is written less often.
const MEMORY_SHARE: u32 = 20;

/// However slowly the server answers, closing all shifts takes no longer than this.
const CLOSING_SECONDS_MAX: u64 = 300;

/// How fast requests are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each register sends the next request when it has the answer.
    Closed,
    /// As [`Pace::Closed`], after a rest: a shop has no customer at every moment.
    Resting(Duration),
    /// Documents start at this rate a second, whatever the server does; latency counts from the intended start.
    Open(f64),
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server and how it is spoken to.
    pub endpoint: Endpoint,
    /// The fleet file; its memory lies beside it.
    pub fleet: PathBuf,
    /// How many registers are at work at once, each on a connection of its own.
    pub connections: usize,
    /// When to stop; shifts are closed after that.
    pub duration: Duration,
    /// Stop earlier, after so many documents.
    pub requests: Option<u64>,
    /// How fast.
    pub pace: Pace,
    /// The share of answers that get lost.
    pub lose_answers: f64,
    /// The share of receipts that are made offline.
    pub offline: f64,
    /// Documents in a shift; the shift is closed at the end in any case.
    pub shift_length: Option<u64>,
    /// What registers without memory draw from.
    pub seed: u64,
    /// Protocol version.
    pub version: u16,
    /// How long a register tries to reach a server that does not answer, before the run gives up.
    pub patience: Duration,
}

impl Options {
    /// Ten seconds with 256 registers at once and nothing that goes wrong.
    pub fn new(endpoint: Endpoint, fleet: impl Into<PathBuf>) -> Self {
        Self {
            endpoint,
            fleet: fleet.into(),
            connections: 256,
            duration: Duration::from_secs(10),
            requests: None,
            pace: Pace::Closed,
            lose_answers: 0.0,
            offline: 0.0,
            shift_length: None,
            seed: 1,
            version: 203,
            patience: Duration::from_secs(15),
        }
    }
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The fleet.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The address.
    #[error("{0} is a public address; send load only to your own server on a loopback or private address")]
    Foreign(SocketAddr),
    /// An option.
    #[error("{0}")]
    Option(&'static str),
    /// The statistics.
    #[error("the statistics cannot be set up")]
    Statistics(#[from] hdrhistogram::CreationError),
    /// The token file.
    #[error("cannot write {path}; free space or fix permissions")]
    Tokens {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What all workers share.
struct Shared {
    options: Options,
    registers: Vec<Mutex<Register>>,
    tokens: TokenFile,
    stats: Stats,
    started: Instant,
    /// Documents begun, against `options.requests` and for the open loop's timetable.
    begun: AtomicU64,
    /// No new documents: shifts are closed.
    stopping: AtomicBool,
    /// Why the run gave up on the server.
    dead: OnceLock<String>,
    /// After this moment nothing is sent any more.
    last_call: Mutex<Instant>,
}

impl Shared {
    fn register(&self, index: usize) -> Option<std::sync::MutexGuard<'_, Register>> {
        // A poisoned lock is a worker that panicked; its register is still whole enough to be saved.
        self.registers.get(index).map(|register| register.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed) || self.dead.get().is_some()
    }

    fn give_up(&self, why: String) {
        // The first reason is the one that is told.
        let _ = self.dead.set(why);
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_past_last_call(&self) -> bool {
        Instant::now() > *self.last_call.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self, closing: Duration) {
        if !self.stopping.swap(true, Ordering::Relaxed) {
            *self.last_call.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + closing;
        }
    }

    fn save(&self, ending: Ending) -> Result<(), FleetError> {
        let states = self.registers.iter().map(|register| {
            let register = register.lock().unwrap_or_else(PoisonError::into_inner);
            (register.identity().id, register.state().clone())
        });
        memory::write(&self.options.fleet, states, ending)
    }
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

fn closing_time(options: &Options) -> Duration {
    let least = options.patience.saturating_mul(2).max(options.endpoint.exchange_max.saturating_mul(3));
    least.max(Duration::from_secs(CLOSING_SECONDS_MAX))
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
