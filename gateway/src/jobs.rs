//! What a process that serves does beside that: the jobs of the background, and what an embedded store needs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ofd_billing::charging::ClockWord;
use ofd_billing::invoices::Party;
use ofd_edge::World;
use ofd_storage::store::Store;
use ofd_storage::walks::Walk;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::charging::Charging;
use crate::charging_by_hand::ChargingByHand;
use crate::control::Control;
use crate::control_talk::CONTROL_SOCKET;
use crate::feed;
use crate::invoicing::Invoicing;
use crate::job::keep;
use crate::ledger_watch::LedgerWatch;
use crate::opening::ServedStore;
use crate::profile_news::ProfileNews;
use crate::scrub;
use crate::service::Service;
use crate::walks::Walking;

/// Does all jobs until the process goes down; `zone_offset_seconds` is what days are counted by, `word` what is known of the clock,
/// `supplier` who issues invoices.
pub fn spawn(
    tasks: &mut JoinSet<()>,
    store: &Arc<impl Store>,
    world: &Arc<dyn World>,
    (zone_offset_seconds, word): (i32, ClockWord),
    supplier: Option<&Party>,
    stop: &CancellationToken,
) {
    for walk in Walk::ALL {
        tasks.spawn(keep(Walking::of(walk), Arc::clone(store), Arc::clone(world), stop.clone()));
    }
    let charging = Charging::new(Arc::clone(world), zone_offset_seconds, word);
    tasks.spawn(keep(charging, Arc::clone(store), Arc::clone(world), stop.clone()));
    let watch = LedgerWatch::new(Arc::clone(world), zone_offset_seconds);
    tasks.spawn(keep(watch, Arc::clone(store), Arc::clone(world), stop.clone()));
    let by_hand = ChargingByHand::new(Arc::clone(world), zone_offset_seconds);
    tasks.spawn(keep(by_hand, Arc::clone(store), Arc::clone(world), stop.clone()));
    match supplier {
        Some(supplier) => {
            let invoicing = Invoicing::new(Arc::clone(world), zone_offset_seconds, supplier.clone());
            tasks.spawn(keep(invoicing, Arc::clone(store), Arc::clone(world), stop.clone()));
        }
        // A gateway without a site need not know who it is; one of those with a site makes them.
        None => {
            debug!("no invoices are made here: [site] and operator.bin, .title, .address say who issues them")
        }
    }
    let news = ProfileNews::new(Arc::clone(world));
    tasks.spawn(keep(news, Arc::clone(store), Arc::clone(world), stop.clone()));
    tasks.spawn(feed::keep(Arc::clone(store), Arc::clone(world), zone_offset_seconds, stop.clone()));
}

/// What was heard is noted every so often.
const HEARD_EVERY: Duration = Duration::from_secs(1);

/// Notes which registers the service heard, until the process goes down. Each process notes its own, so there is no lease.
pub async fn note_heard<S: Store, W: World>(service: Arc<Service<S, W>>, stop: CancellationToken) {
    let noting = async {
        loop {
            tokio::time::sleep(HEARD_EVERY).await;
            service.note_heard().await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = noting => {}
    }
}

/// Texts that registers print are read this often: what people change of them is felt everywhere within it.
const TICKET_TEXTS_EVERY: Duration = Duration::from_secs(10);

/// Reads the texts that registers print, until the process goes down. Each process reads for itself, so there is no lease.
pub async fn read_ticket_texts<S: Store, W: World>(service: Arc<Service<S, W>>, stop: CancellationToken) {
    let reading = async {
        loop {
            if let Err(error) = service.read_ticket_texts().await {
                // A store that is not open, or does not answer, is told of by who watches it.
                debug!(%error, "the texts for receipts stay those of before: {error}");
            }
            tokio::time::sleep(TICKET_TEXTS_EVERY).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = reading => {}
    }
}

/// What works on an embedded store beside the service: backups through the control socket, and the scrub. Without
/// either registers are served all the same.
pub fn beside(
    tasks: &mut JoinSet<()>,
    store: &Arc<ServedStore>,
    (path, scrub_days): (&Path, u16),
    stop: &CancellationToken,
) {
    match Control::listen(path) {
        Ok(control) => {
            tasks.spawn(control.serve(Arc::clone(store), stop.clone()));
        }
        Err(error) => {
            let at = path.join(CONTROL_SOCKET);
            let at = at.display();
            warn!(%error, "the control socket {at} cannot be made: {error}; `ofd backup` has to wait for a stop");
        }
    }
    if scrub_days > 0 {
        let every = Duration::from_secs(u64::from(scrub_days).saturating_mul(24 * 3600));
        if let Err(error) = scrub::start(Arc::clone(store), every, stop.clone()) {
            warn!(%error, "the store is not walked beside the service: {error}");
        }
    }
}
