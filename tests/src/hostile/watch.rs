//! What somebody sees who looks at the server from outside: its memory, and whether the site answers a stranger.

use std::fs;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::http::Request;
use crate::process::{Ports, local};

/// How often memory is read.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often a visitor comes.
const VISIT_EVERY: Duration = Duration::from_millis(500);

/// A person waits so long for a page, a balancer for a sign of health.
const PATIENCE: Duration = Duration::from_secs(5);

/// The visitor's address: nobody else comes from there.
const VISITOR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 9, 1));

/// What a visitor asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// The page of signing in.
    SignIn,
    /// `/healthz` of the site.
    Health,
}

impl Visit {
    const ALL: [Self; 2] = [Self::SignIn, Self::Health];

    fn target(self) -> &'static str {
        match self {
            Self::SignIn => "/login",
            Self::Health => "/healthz",
        }
    }
}

/// One visit: when, what for, and what was seen where that was something else.
type Seen = (Instant, Visit, Result<(), String>);

/// What became of every visit.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Seen>>>);

/// Looks at one process as long as this value lives.
pub struct Watch {
    peak: Arc<AtomicU64>,
    pid: u32,
    _looking: JoinSet<()>,
}

/// Visits of a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visits {
    /// How many visits were made.
    pub asked: u64,
    /// How many of them saw what they came for.
    pub answered: u64,
    /// What the first of the others saw.
    pub instead: Option<String>,
}

impl Watch {
    /// Begins to look, and to write down what visitors see.
    pub fn start(pid: u32, ports: Ports, log: &Log) -> Self {
        let peak = Arc::<AtomicU64>::default();
        let mut looking = JoinSet::new();
        looking.spawn(read_memory(pid, Arc::clone(&peak)));
        for visit in Visit::ALL {
            looking.spawn(come_again(visit, ports, log.clone()));
        }
        Self { peak, pid, _looking: looking }
    }

    /// From now on only later peaks of memory count.
    pub fn forget_peak(&self) {
        // Without the right to this the peak since the start counts, which is never too little.
        let _ = fs::write(format!("/proc/{}/clear_refs", self.pid), "5");
        self.peak.store(0, Ordering::Relaxed);
    }

    /// The most memory that was resident, in bytes.
    pub fn peak_bytes(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }
}

impl Log {
    /// What visitors saw who came from one moment to another.
    pub fn visits(&self, visit: Visit, from: Instant, to: Instant) -> Visits {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut visits = Visits::default();
        for (_, _, saw) in seen.iter().filter(|(at, what, _)| *what == visit && from <= *at && *at < to) {
            visits.asked += 1;
            match saw {
                Ok(()) => visits.answered += 1,
                Err(instead) => visits.instead = visits.instead.or_else(|| Some(instead.clone())),
            }
        }
        visits
    }
}

async fn read_memory(pid: u32, peak: Arc<AtomicU64>) {
    loop {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        peak.fetch_max(resident_bytes(&status), Ordering::Relaxed);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The larger of what is resident and what was at most, by the text of `/proc/PID/status`.
fn resident_bytes(status: &str) -> u64 {
    let kib = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    kib("VmRSS:").max(kib("VmHWM:")) * 1024
}

async fn come_again(visit: Visit, ports: Ports, log: Log) {
    let mut next = Instant::now();
    // Visits overlap: one that waits keeps no other from coming.
    let mut visits = JoinSet::new();
    loop {
        tokio::time::sleep_until(next.into()).await;
        next += VISIT_EVERY;
        let log = log.clone();
        visits.spawn(async move {
            let at = Instant::now();
            let saw = come(visit, ports).await;
            log.0.lock().unwrap_or_else(PoisonError::into_inner).push((at, visit, saw));
        });
        while visits.try_join_next().is_some() {}
    }
}

async fn come(visit: Visit, ports: Ports) -> Result<(), String> {
    let request = Request { from: VISITOR, ..Request::get(visit.target()) };
    match tokio::time::timeout(PATIENCE, request.send(local(ports.site))).await {
        Ok(Ok(answer)) if answer.status == 200 => Ok(()),
        Ok(Ok(answer)) => Err(answer.status.to_string()),
        Ok(Err(error)) => Err(error.kind().to_string()),
        Err(_) => Err("no answer in 5 s".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_larger_of_now_and_before() {
        let status = "Name:\tofd\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(resident_bytes(status), 2 << 20);
        assert_eq!(resident_bytes("VmRSS:\t    3 kB\n"), 3 << 10);
        assert_eq!(resident_bytes(""), 0);
    }
}
