//! The scheduler: one thread, tasks that are polled in an order drawn from the seed, and a clock of its own.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::executor::block_on;
use ofd_admin_web::RegisterError;
use ofd_edge::World;
use ofd_gateway::service::Reply;
use ofd_protocol::register::Change;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::registers::Loaded;
use ofd_storage::store::{StoreError, StreamKind};
use tokio::runtime::Runtime;

use super::backend::SimBackend;
use super::device::Device;
use super::gateways::Cluster;
use super::journal::Journal;
use super::ledger::{Book, Checked};
use super::options::SimOptions;
use super::outcome::{Outcome, Tally};
use super::replies::Exchange;
use super::weather::Weather;
use super::world::Clock;
use crate::random::Random;

/// What a gateway does with what was announced, or with all registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It looks at what was announced in the shard of this register.
    Pass(RegisterId),
    /// It goes on with its sweep.
    Sweep,
}

/// How many documents were taken.
pub(super) type Taken = Result<usize, StoreError>;

/// What a task was for.
pub(super) enum Purpose {
    /// A device asks.
    Exchange(Exchange),
    /// A person changes a register.
    Change { device: usize, change: Change },
    /// Somebody who is not the device asks, under a token that must not be good.
    Stranger(Exchange),
    /// A reader of the feed goes on.
    Reading(Way),
}

/// What came of a task.
pub(super) enum Finished {
    /// A gateway answered a device.
    Reply(Reply),
    /// The register after the change.
    Changed(Result<Box<Loaded>, RegisterError>),
    /// How many documents a reader took.
    Read(Taken),
}

/// Something under way at a gateway.
pub(super) struct Task {
    pub(super) id: u64,
    pub(super) gateway: usize,
    pub(super) purpose: Purpose,
    /// It is still on the link until then.
    pub(super) arrives_ms: u64,
    pub(super) future: Pin<Box<dyn Future<Output = Finished>>>,
}

/// A run under way.
pub(super) struct Simulation<B: SimBackend> {
    pub(super) options: SimOptions,
    pub(super) random: Random,
    pub(super) clock: Clock,
    pub(super) cluster: Cluster<B>,
    pub(super) books: Vec<Book>,
    pub(super) devices: Vec<Device>,
    pub(super) tasks: Vec<Task>,
    pub(super) journal: Journal,
    pub(super) tally: Tally,
    /// No more faults: every register settles.
    pub(super) is_ending: bool,
    /// The latest time that a gateway's clock showed.
    pub(super) latest: UnixMillis,
    /// The number of the last write that was seen.
    pub(super) writes: u64,
    runtime: Runtime,
    tasks_begun: u64,
    faults_told: usize,
    stamps: super::stamps::Stamps,
}

/// A time that passes at one go is at most this long, so that timers fire one after the other.
const ADVANCE_MS_MAX: u64 = 1000;

/// Of a thousand steps so many poll a task, when there is one.
const POLLS: usize = 700;

impl<B: SimBackend> Simulation<B> {
    /// Opens a store, registers the fleet and starts the gateways.
    pub(super) fn new(options: SimOptions, backend: B) -> Checked<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
        let (clock, mut random) = (Clock::default(), Random::new(options.seed ^ 0x5EED));
        let guard = runtime.enter();
        let cluster = Cluster::new(backend, &options, &clock);
        let fleet = ofd_loadtest::Fleet::of_size(options.registers, options.seed);
        runtime.block_on(cluster.register(&fleet));
        let devices: Vec<Device> =
            fleet.registers().map(|identity| Device::new(identity, &mut random, options.seed)).collect();
        let open = |device: &Device| block_on(Book::open(cluster.truth(), device.id()));
        let books = devices.iter().map(open).collect::<Checked<Vec<Book>>>()?;
        cluster.log.take();
        drop(guard);
        Ok(Self {
            options,
            random,
            clock,
            cluster,
            books,
            devices,
            tasks: Vec::new(),
            journal: Journal::default(),
            tally: Tally::default(),
            is_ending: false,
            latest: UnixMillis(0),
            writes: 0,
            runtime,
            tasks_begun: 0,
            faults_told: 0,
            stamps: super::stamps::Stamps::default(),
        })
    }

    /// One step: a task is polled, a device acts, or something else happens; then time passes.
    pub(super) fn step(&mut self) -> Checked {
        let drawn = self.random.below(1000);
        let disturbances = usize::from(self.options.rates.disturbances);
        if drawn < disturbances {
            self.disturb()?;
        } else if drawn < POLLS && !self.tasks.is_empty() {
            self.poll_some()?;
        } else {
            let device = self.random.below(self.devices.len());
            self.tick(device)?;
        }
        let longest = usize::from(self.options.rates.step_ms_max);
        let passes = match self.random.below(400) {
            0 => self.random.below(3_000),
            _ => self.random.below(longest + 1),
        };
        self.pass(passes as u64);
        self.come_back();
        Ok(())
    }

    /// Lets time pass, for timers too.
    pub(super) fn pass(&mut self, milliseconds: u64) {
        let mut left = milliseconds;
        while left > 0 {
            let part = left.min(ADVANCE_MS_MAX.max(milliseconds / 16));
            self.clock.advance(part);
            self.runtime.block_on(tokio::time::advance(Duration::from_millis(part)));
            left -= part;
        }
        for gateway in &self.cluster.gateways {
            self.latest = self.latest.max(World::now(&gateway.world));
        }
    }

    /// Gateways that were down start again, weather calms.
    fn come_back(&mut self) {
        let now = self.clock.now_ms();
        for index in 0..self.cluster.gateways.len() {
            let gateway = &self.cluster.gateways[index];
            if gateway.until_ms > now {
                continue;
            }
            if gateway.service.is_none() {
                self.journal.write(&self.clock, format_args!("{} starts", gateway.name));
                self.cluster.restart(index);
            } else if gateway.store.weather() != Weather::Calm {
                self.journal.write(&self.clock, format_args!("{} has calm weather", gateway.name));
                gateway.store.set_weather(Weather::Calm);
            }
        }
    }

    /// Begins a task at a gateway.
    pub(super) fn begin(
        &mut self,
        gateway: usize,
        purpose: Purpose,
        arrives_ms: u64,
        future: impl Future<Output = Finished> + 'static,
    ) -> u64 {
        self.tasks_begun += 1;
        let id = self.tasks_begun;
        self.tasks.push(Task { id, gateway, purpose, arrives_ms, future: Box::pin(future) });
        id
    }

    /// Polls a task that arrived; which, is drawn.
    pub(super) fn poll_some(&mut self) -> Checked {
        let now = self.clock.now_ms();
        let arrived = |task: &Task| task.arrives_ms <= now;
        let count = self.tasks.iter().filter(|task| arrived(task)).count();
        if count == 0 {
            return Ok(());
        }
        let drawn = self.random.below(count);
        let found = self.tasks.iter().enumerate().filter(|(_, task)| arrived(task)).nth(drawn);
        let index = found.map(|(index, _)| index).ok_or("a task that was counted is gone")?;
        let task = &mut self.tasks[index];
        let polled = {
            let _guard = self.runtime.enter();
            let mut context = Context::from_waker(Waker::noop());
            catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut context)))
        };
        let polled = polled.map_err(|_| format!("task {} panicked", task.id))?;
        self.journal.polled(task.id, polled.is_ready());
        self.observe()?;
        if let Poll::Ready(finished) = polled {
            let task = self.tasks.swap_remove(index);
            self.finish(task, finished)?;
        }
        Ok(())
    }

    /// Notes the faults of the stores, and follows what was written.
    pub(super) fn observe(&mut self) -> Checked {
        for line in self.cluster.faults.lines_after(self.faults_told) {
            self.faults_told += 1;
            self.tally.store_faults += 1;
            self.tally.late_landings += u64::from(line.contains("after a read showed"));
            self.journal.write(&self.clock, format_args!("  {line}"));
        }
        for applied in self.cluster.log.take() {
            self.writes += 1;
            self.stamps.note(applied)?;
            let truth = self.cluster.truth();
            block_on(self.stamps.check(truth, applied))?;
            if applied.stream.kind != StreamKind::Shift {
                continue;
            }
            let id = RegisterId(u32::try_from(applied.stream.owner).unwrap_or(0));
            let book = self.devices.iter().position(|device| device.id() == id);
            let book = book.ok_or_else(|| format!("a write for register {id}, which there is not"))?;
            for line in block_on(self.books[book].follow(truth, self.writes))? {
                self.tally.documents += u64::from(line.starts_with("stored"));
                self.tally.again += u64::from(line.starts_with("again"));
                self.journal.write(&self.clock, line);
            }
        }
        Ok(())
    }

    fn finish(&mut self, task: Task, finished: Finished) -> Checked {
        match (task.purpose, finished) {
            (Purpose::Exchange(exchange), Finished::Reply(reply)) => {
                self.answered(task.id, task.gateway, &exchange, &reply)
            }
            (Purpose::Stranger(exchange), Finished::Reply(reply)) => {
                self.stranger_answered(task.gateway, &exchange, &reply)
            }
            (Purpose::Change { device, change }, Finished::Changed(result)) => {
                self.changed(device, &change, result)
            }
            (Purpose::Reading(way), Finished::Read(taken)) => {
                self.has_read(way, taken);
                Ok(())
            }
            (Purpose::Exchange(_) | Purpose::Stranger(_), Finished::Changed(_) | Finished::Read(_))
            | (Purpose::Change { .. }, Finished::Reply(_) | Finished::Read(_))
            | (Purpose::Reading(_), Finished::Reply(_) | Finished::Changed(_)) => {
                Err("a task ended as another one".to_owned())
            }
        }
    }

    /// Polls until nothing is under way; a task that never ends is a violation.
    pub(super) fn drive(&mut self) -> Checked {
        const POLLS_MAX: usize = 20_000;
        for _ in 0..POLLS_MAX {
            if self.tasks.is_empty() {
                return Ok(());
            }
            self.poll_some()?;
            self.pass(1);
        }
        Err(format!("{} tasks never end", self.tasks.len()))
    }

    /// The tasks of a gateway that died are dropped where they stand.
    pub(super) fn drop_tasks(&mut self, gateway: Option<usize>) {
        let _guard = self.runtime.enter();
        for task in self.tasks.extract_if(.., |task| gateway.is_none_or(|index| index == task.gateway)) {
            if let Purpose::Change { device, change: Change::ResetToken } = &task.purpose {
                self.devices[*device].reset_is_under_way = false;
            }
        }
    }

    /// The run is over: everything is dropped within its runtime.
    pub(super) fn close(mut self, violation: Option<String>) -> Outcome {
        if let Some(violation) = &violation {
            self.journal.write(&self.clock, format_args!("VIOLATION: {violation}"));
        }
        self.drop_tasks(None);
        Outcome { journal: self.journal, violation, tally: self.tally }
    }
}
