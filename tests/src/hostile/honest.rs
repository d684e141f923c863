//! The honest fleet: registers that sell at their own pace, whatever else happens, and note how long each sale took.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ofd_loadtest::client::Keep;
use ofd_loadtest::{Client, ClientError, Endpoint, Register, Till, TillError};
use tokio::task::JoinSet;

use crate::device::Way;
use crate::process::Setup;

/// Registers that sell, one in six each over TCP and TLS with a connection kept or a new one for each sale, and over SIM
/// the same two.
pub const REGISTERS: usize = 36;

/// Each sells so often: 180 sales a second together, a hundredth of what the machine could do.
const EVERY: Duration = Duration::from_millis(200);

/// A till waits so long for its answer, then the shop is offline.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the registers speak.
pub const VERSION: u16 = 203;

/// What became of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was accepted.
    Sold,
    /// Another code, or no answer: why.
    Refused(String),
}

/// One sale, and how long it took.
#[derive(Clone, Debug)]
pub struct Sale {
    /// When it was to begin.
    pub at: Instant,
    /// From then to its answer.
    pub took: Duration,
    /// What became of it.
    pub fate: Fate,
}

/// Registers at work.
pub struct Fleet {
    sales: Arc<Mutex<Vec<Sale>>>,
    /// So many of them sell.
    active: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
    workers: JoinSet<()>,
}

/// Sales of a stretch of time.
#[derive(Clone, Debug, Default)]
pub struct Sales {
    /// How long each accepted one took, the quickest first.
    took: Vec<Duration>,
    /// Why others were not accepted, and how many.
    pub refused: BTreeMap<String, u64>,
}

impl Fleet {
    /// Opens the shops: the first registers of the setup.
    pub fn open(setup: &Setup) -> Self {
        let mut fleet = Self {
            sales: Arc::default(),
            active: Arc::new(AtomicUsize::new(REGISTERS)),
            stopped: Arc::default(),
            workers: JoinSet::new(),
        };
        let start = Instant::now();
        for (index, identity) in setup.fleet.registers().take(REGISTERS).enumerate() {
            let register = Register::new(identity, VERSION, 7);
            let worker = Worker {
                till: Till::new(register, Client::new(endpoint(index, setup))),
                index,
                next: start + EVERY.mul_f64(index as f64 / REGISTERS as f64),
                sales: Arc::clone(&fleet.sales),
                active: Arc::clone(&fleet.active),
                stopped: Arc::clone(&fleet.stopped),
            };
            fleet.workers.spawn(worker.work());
        }
        fleet
    }

    /// Lets only the first so many sell.
    pub fn limit(&self, registers: usize) {
        self.active.store(registers, Ordering::Relaxed);
    }

    /// The sales that were to begin from one moment to another, as far as they have come to an end.
    pub fn between(&self, from: Instant, to: Instant) -> Sales {
        let sales = self.sales.lock().unwrap_or_else(PoisonError::into_inner);
        Sales::of(sales.iter().filter(|sale| from <= sale.at && sale.at < to))
    }

    /// Closes the shops.
    pub async fn close(mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        while self.workers.join_next().await.is_some() {}
    }
}

/// How the register of this number reaches the server.
fn endpoint(index: usize, setup: &Setup) -> Endpoint {
    let mut endpoint = match index % 6 {
        0 => Way::Plain,
        1 => Way::PlainPerRequest,
        2 => Way::Tls,
        3 => Way::TlsPerRequest,
        _ => Way::Sim,
    }
    .endpoint(setup);
    if index % 6 == 5 {
        endpoint.keep = Keep::PerRequest;
    }
    endpoint.exchange_max = PATIENCE;
    endpoint
}

struct Worker {
    till: Till,
    index: usize,
    /// When its next sale is to begin.
    next: Instant,
    sales: Arc<Mutex<Vec<Sale>>>,
    active: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Worker {
    async fn work(mut self) {
        loop {
            tokio::time::sleep_until(self.next.into()).await;
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let at = self.next;
            self.next += EVERY;
            if self.index >= self.active.load(Ordering::Relaxed) {
                self.till.client.close();
                continue;
            }
            // The buyer has left while the till waited for the answer to the sale before.
            let fate = if at.elapsed() > PATIENCE {
                Fate::Refused("no time for it".to_owned())
            } else {
                sell(&mut self.till).await
            };
            let sale = Sale { at, took: at.elapsed(), fate };
            self.sales.lock().unwrap_or_else(PoisonError::into_inner).push(sale);
        }
    }
}

/// One sale, or the one before again when that was not answered.
async fn sell(till: &mut Till) -> Fate {
    let sold = if till.register.flight().is_some() { till.retry().await } else { till.any_sale().await };
    match sold {
        Ok(_) => Fate::Sold,
        Err(TillError::Later(answer) | TillError::Refused(answer)) => Fate::Refused(answer.code.to_string()),
        Err(TillError::Lost(error)) => Fate::Refused(short(&error).to_owned()),
        Err(error) => Fate::Refused(error.to_string()),
    }
}

fn short(error: &ClientError) -> &'static str {
    match error {
        ClientError::Connect { .. } => "no connection",
        ClientError::Slow(_) => "no answer in 5 s",
        ClientError::Broken(_) | ClientError::Closed => "link cut",
        ClientError::Frame(_) | ClientError::Surplus(_) | ClientError::Injected => "no answer of ours",
    }
}

impl Sales {
    /// What became of many sales.
    pub fn of<'a>(sales: impl Iterator<Item = &'a Sale>) -> Self {
        let mut all = Self::default();
        for sale in sales {
            match &sale.fate {
                Fate::Sold => all.took.push(sale.took),
                Fate::Refused(why) => *all.refused.entry(why.clone()).or_default() += 1,
            }
        }
        all.took.sort_unstable();
        all
    }

    /// How many were accepted.
    pub fn sold(&self) -> usize {
        self.took.len()
    }

    /// How many were not.
    pub fn refused(&self) -> u64 {
        self.refused.values().sum()
    }

    /// In how many milliseconds this share of the accepted sales was answered; 0 when there was none.
    pub fn within_ms(&self, share: f64) -> f64 {
        let rank = (share * self.took.len() as f64).ceil() as usize;
        let took = self.took.get(rank.clamp(1, self.took.len().max(1)) - 1);
        took.map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_accepted_sales_and_refusals_are_counted_by_reason() {
        let at = Instant::now();
        let sold = (1..=100).map(|ms| Sale { at, took: Duration::from_millis(ms), fate: Fate::Sold });
        let refused = ["254", "254", "no connection"].map(|why| Sale {
            at,
            took: PATIENCE,
            fate: Fate::Refused(why.into()),
        });
        let all: Vec<Sale> = sold.rev().chain(refused).collect();
        let sales = Sales::of(all.iter());
        assert_eq!((sales.sold(), sales.refused()), (100, 3));
        assert_eq!(sales.refused["254"], 2);
        assert_eq!([0.5, 0.99, 1.0].map(|share| sales.within_ms(share)), [50.0, 99.0, 100.0]);
        assert_eq!(Sales::default().within_ms(0.99), 0.0);
    }
}
