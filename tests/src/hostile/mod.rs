//! What strangers can do to honest registers: every attack that was ever seen to stop shops, made again on the real
//! program, with the figures side by side with those of an older one.
//!
//! The server is a process of its own in a memory cgroup of its own. Registers and visitors run in this process at the
//! usual priority and measure; attackers run on threads of a low priority and at bounded rates, so that on a small
//! machine it is the server that is measured and not the attackers' own hunger for processors. Before each attack there
//! is a quiet stretch, against which it is judged.

pub mod attacks;
pub mod bounds;
pub mod cage;
pub mod honest;
pub mod place;
pub mod table;
pub mod visitor;
pub mod watch;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Handle, Runtime};

use self::attacks::{Attack, Means, Tally};
use self::bounds::{Measured, Row};
use self::cage::Cage;
use self::honest::{Fleet, Sales};
use self::place::{Place, Target};
use self::watch::{Log, Visit, Watch};
use crate::process::Server;

/// Before each attack everything is quiet for so long.
const QUIET_SECONDS: u64 = 4;

/// After each attack whoever it kept busy has so long to come back.
const AFTERWARDS_SECONDS: u64 = 2;

/// What a scenario takes beside its attack.
pub const BESIDE_SECONDS: u64 = QUIET_SECONDS + AFTERWARDS_SECONDS;

/// Registers that do not sell after so long will not.
const SELLING_WITHIN: Duration = Duration::from_secs(20);

/// A server that ends by itself right after its start is started again so often.
const STARTS_MAX: usize = 3;

/// All sell when for so long none was refused.
const SELLING_FOR: Duration = Duration::from_secs(1);

/// A sale that began has come to its end after this, whatever became of it.
const LAST_SALES: Duration = Duration::from_secs(6);

/// How often a server under attack is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A server that was told to stop has ended after this.
const STOPPED_WITHIN: Duration = Duration::from_secs(12);

/// Threads of attackers: as many as the smallest machine has processors.
const CREW_THREADS: usize = 2;

/// How far attackers' priority lies below that of registers and server: a tenth of their share of a processor that both
/// want. The lowest of all would make them harmless on a machine that has other work.
const BELOW: i32 = 10;

/// There is no lower priority.
const LOWEST: i32 = 19;

/// Threads for attackers, who take little of a processor that anybody else wants.
///
/// # Errors
/// Those of threads.
pub fn crew() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(CREW_THREADS)
        .on_thread_start(|| {
            // On Linux priorities are of threads. Who may not even lower one attacks at the usual priority.
            let own = getpriority_process(None).unwrap_or(0);
            let _ = setpriority_process(None, (own + BELOW).min(LOWEST));
        })
        .enable_all()
        .build()
}

/// A stretch of time.
type Stretch = (Instant, Instant);

/// What is known of a scenario before its last sales have come to an end.
struct Made {
    quiet: Stretch,
    attack: Stretch,
    peak_bytes: u64,
    end: Option<String>,
    tally: Tally,
}

/// A program under attack. What is first goes first when a run is broken off: the server before its cage and folder.
struct Run<'a> {
    running: Option<(Server, Watch)>,
    cage: Option<Cage>,
    place: Place,
    crew: &'a Handle,
    fleet: Fleet,
    log: Log,
    /// How many processes were killed in the cage so far.
    killed: u64,
    /// How many files the server that runs may open.
    files: Option<u32>,
}

/// Makes attacks on a program and tells what came of them.
///
/// # Errors
/// When the program cannot be started, or the owner cannot sign up before any attack.
pub async fn measure(program: &Path, attacks: &[Attack], crew: &Handle) -> io::Result<Measured> {
    let mut place = Place::prepare(program).await?;
    let (cage, caged) = match Cage::new() {
        Ok(cage) => {
            let told = cage.to_string();
            (Some(cage), told)
        }
        Err(why) => (None, format!("no memory cgroup, so nothing is killed for its size ({why})")),
    };
    let (log, server) = (Log::default(), place.start(cage.as_ref(), None).await?);
    place.settle().await?;
    let target = place.target()?;
    let watch = Watch::start(server.pid(), place.setup.ports, &log);
    let fleet = Fleet::open(&place.setup);
    let mut run =
        Run { place, cage, crew, fleet, log, running: Some((server, watch)), killed: 0, files: None };
    let mut made = Vec::new();
    for attack in attacks {
        eprintln!("hostile: {} ({} s)", attack.what, attack.seconds + BESIDE_SECONDS);
        let ended = run.prepare(attack).await?;
        // What died of an attack only after its time was over died of it all the same.
        if let Some(Made { end: end @ None, .. }) = made.last_mut() {
            *end = ended;
        }
        made.push(run.make(attack, &target).await?);
    }
    tokio::time::sleep(LAST_SALES).await;
    let rows = attacks.iter().zip(&made).map(|(attack, made)| run.row(attack, made)).collect();
    let Run { fleet, running, cage, .. } = run;
    fleet.close().await;
    if let Some((server, watch)) = running {
        drop(watch);
        stop(server).await;
    }
    // Removed only once nothing runs in it.
    drop(cage);
    Ok(Measured { program: version(program), caged, rows })
}

/// What a program calls itself.
fn version(program: &Path) -> String {
    let output = std::process::Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|error| error.to_string())
}

async fn stop(mut server: Server) {
    if !server.is_running() {
        return;
    }
    server.terminate();
    let since = Instant::now();
    // One that does not end by itself is killed when it is dropped.
    while server.is_running() && since.elapsed() < STOPPED_WITHIN {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Run<'_> {
    /// Sees to a server at which everybody sells, and tells how the one before came to its end, where it did by itself.
    async fn prepare(&mut self, attack: &Attack) -> io::Result<Option<String>> {
        self.fleet.limit(attack.registers);
        let mut ended = self.end();
        for _ in 0..STARTS_MAX {
            self.ready(attack.files).await?;
            self.wait_until_all_sell().await;
            match self.end() {
                None => break,
                end => ended = end,
            }
        }
        Ok(ended)
    }

    /// How the server came to its end; `None` while it runs.
    fn end(&mut self) -> Option<String> {
        let killed = self.cage.as_ref().map_or(0, Cage::killed);
        let is_killed = killed > std::mem::replace(&mut self.killed, killed);
        let is_over = self.running.as_mut().is_some_and(|(server, _)| !server.is_running());
        let how = if is_killed { "killed for its memory" } else { "ended" };
        is_over.then(|| how.to_owned())
    }

    /// Makes one attack while registers sell.
    async fn make(&mut self, attack: &Attack, target: &Target) -> io::Result<Made> {
        let since = Instant::now();
        tokio::time::sleep(Duration::from_secs(QUIET_SECONDS)).await;
        let quiet = (since, Instant::now());
        let tally = Tally::default();
        let Some((server, watch)) = &mut self.running else {
            return Err(io::Error::other("no server runs that could be attacked"));
        };
        watch.forget_peak();
        let since = Instant::now();
        let work = (attack.run)(Means { target: target.clone(), tally: tally.clone() });
        let at_work = self.crew.spawn(work);
        let mut is_running = true;
        while is_running && since.elapsed() < Duration::from_secs(attack.seconds) {
            tokio::time::sleep(LOOK_EVERY).await;
            is_running = server.is_running();
        }
        at_work.abort();
        let attacked = (since, Instant::now());
        tokio::time::sleep(Duration::from_secs(AFTERWARDS_SECONDS)).await;
        let peak_bytes = watch.peak_bytes();
        let end = self.end();
        Ok(Made { quiet, attack: attacked, peak_bytes, end, tally })
    }

    /// Sees to a server that runs and may open so many files.
    async fn ready(&mut self, files: Option<u32>) -> io::Result<()> {
        let is_running = self.running.as_mut().is_some_and(|(server, _)| server.is_running());
        if is_running && self.files == files {
            return Ok(());
        }
        if let Some((server, watch)) = self.running.take() {
            drop(watch);
            stop(server).await;
        }
        let server = self.place.start(self.cage.as_ref(), files).await?;
        let watch = Watch::start(server.pid(), self.place.setup.ports, &self.log);
        self.running = Some((server, watch));
        self.files = files;
        Ok(())
    }

    /// Waits until nobody is refused any more. Where that does not come, what follows shows it.
    async fn wait_until_all_sell(&self) {
        let since = Instant::now();
        while since.elapsed() < SELLING_WITHIN {
            tokio::time::sleep(SELLING_FOR).await;
            let now = Instant::now();
            let sales = self.fleet.between(now - SELLING_FOR, now);
            if sales.sold() > 0 && sales.refused() == 0 {
                return;
            }
        }
    }

    fn row(&self, attack: &Attack, made: &Made) -> Row {
        let sales = |(from, to): Stretch| -> Sales { self.fleet.between(from, to) };
        let (quiet, during) = (sales(made.quiet), sales(made.attack));
        let (from, to) = made.attack;
        let visits = |visit| self.log.visits(visit, from, to);
        Row {
            name: attack.name.to_owned(),
            what: attack.what.to_owned(),
            quiet_p99_ms: quiet.within_ms(0.99),
            p50_ms: during.within_ms(0.5),
            p99_ms: during.within_ms(0.99),
            max_ms: during.within_ms(1.0),
            sold: during.sold() as u64,
            refused: during.refused.clone(),
            peak_bytes: made.peak_bytes,
            sign_in: visits(Visit::SignIn),
            health: visits(Visit::Health),
            end: made.end.clone(),
            tally: made.tally.told(),
            wrong: (attack.judge)(&made.tally, attack.seconds),
            spares_site: attack.spares_site,
        }
    }
}
