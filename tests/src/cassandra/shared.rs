//! One cluster at a time in a process, and one node that tests share.

use std::ops::Deref;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, RwLockReadGuard};

use super::turn::{TURN, TURN_WITHIN, Turn};
use super::{Cluster, Options};

/// A shared node that nobody uses is kept this long: tests that run one after another need not start it each time, and
/// it does not keep its memory and the ports from others for long.
const IDLE_KEPT: Duration = Duration::from_secs(10);

/// How often it is asked whether the shared node is still used.
const LOOK_EVERY: Duration = Duration::from_secs(1);

static SHARED: Mutex<Option<Arc<Cluster>>> = Mutex::const_new(None);

static LAST_USED: SyncMutex<Option<Instant>> = SyncMutex::new(None);

/// Waits for the right to a cluster of one's own; the shared node is ended when nobody uses it.
async fn turn() -> Turn {
    let Ok(turn) = tokio::time::timeout(TURN_WITHIN, TURN.write()).await else {
        panic!("other tests of this process use their clusters for more than {TURN_WITHIN:?}");
    };
    drop(SHARED.lock().await.take());
    turn
}

impl Cluster {
    /// Starts one node on 127.0.0.1 and waits until it serves.
    ///
    /// # Panics
    /// When Java or Maven is missing, other clusters keep the ports, or the node does not start.
    pub async fn one(options: Options) -> Self {
        let turn = turn().await;
        Self::begin(1, options, Some(turn)).await
    }

    /// Starts three nodes on 127.0.0.1, .2 and .3 and waits until all of them serve and see each other.
    ///
    /// # Panics
    /// When Java or Maven is missing, other clusters keep the ports, or the nodes do not start.
    pub async fn three(options: Options) -> Self {
        let turn = turn().await;
        Self::begin(3, options, Some(turn)).await
    }
}

/// A lease of the shared node, which is a [`Cluster`] of one node.
///
/// The node runs as long as there are leases, and for some seconds after. Take one in each test and keep it to its end;
/// share it within a test by reference, or by [`Arc`]. Two leases in one test may wait for each other for ever.
#[derive(Debug)]
pub struct Shared {
    cluster: Arc<Cluster>,
    _turn: RwLockReadGuard<'static, ()>,
}

impl Deref for Shared {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.cluster.log_tail(0));
        }
        *LAST_USED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// A lease of the node that all tests of this process share; the first one starts it.
///
/// It asks for no password and has no TLS. It is not to be disturbed: take [`Cluster::one`] for that.
///
/// # Panics
/// When it does not start, or has ended by itself.
pub async fn shared() -> Shared {
    let Ok(turn) = tokio::time::timeout(TURN_WITHIN, TURN.read()).await else {
        panic!("another test of this process uses its cluster for more than {TURN_WITHIN:?}");
    };
    let mut kept = SHARED.lock().await;
    if let Some(cluster) = kept.take_if(|cluster| !cluster.is_running(0)) {
        panic!("the shared node ended by itself\n{}", cluster.log_tail(0));
    }
    let cluster = match &*kept {
        Some(cluster) => Arc::clone(cluster),
        None => {
            let cluster = Arc::new(Cluster::begin(1, Options::default(), None).await);
            *kept = Some(Arc::clone(&cluster));
            std::thread::spawn(end_when_idle);
            cluster
        }
    };
    Shared { cluster, _turn: turn }
}

/// Ends the shared node when nobody uses it for some time. When the process ends before that, the watchdog does it.
fn end_when_idle() {
    loop {
        std::thread::sleep(LOOK_EVERY);
        // Who has a lease, waits for one or has a cluster of its own stands in the way of this.
        let Ok(_turn) = TURN.try_write() else { continue };
        let last_used = *LAST_USED.lock().unwrap_or_else(PoisonError::into_inner);
        if last_used.is_none_or(|last| last.elapsed() > IDLE_KEPT) {
            drop(SHARED.blocking_lock().take());
            return;
        }
    }
}
