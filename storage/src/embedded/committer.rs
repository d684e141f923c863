//! The one thread that writes: it gathers the writes that wait, judges them, and commits them with one sync.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use super::batch::Batch;
use super::codec::{self, Count};
use super::engine::{Cure, Engine, Outcome, WriteError};
use super::judge::Judge;
use super::loss::{self, Loss, OnLoss};
use super::request::{Answer, Message, Write};
use super::space::SpaceWatch;
use super::stats::Counters;
use super::witness::Witness;
use crate::store::{Health, StoreError};

/// Writes in a batch: bounds how long the first one waits for the judging of the others.
pub(super) const BATCH_WRITES_MAX: usize = 1024;

/// Bytes at which a batch is full; with the last write it stays below the smallest memtable.
pub(super) const BATCH_BYTES_MAX: usize = 3 * 1024 * 1024;

/// How often an idle committer looks after the disk and the engine.
const IDLE_CHECK_EVERY: Duration = Duration::from_millis(500);

/// How long reads that are under way may keep an engine from being closed.
const READERS_WAIT_MAX: Duration = Duration::from_secs(5);

/// Makes the engine, at the start and after a failure that a new one cures.
pub(super) type Opener = Box<dyn FnMut() -> Result<Arc<dyn Engine>, StoreError> + Send>;

/// What the committer and the callers share.
pub(super) struct Shared {
    engine: RwLock<Option<Arc<dyn Engine>>>,
    health: RwLock<Health>,
    pub(super) counters: Counters,
    /// Room in the queue, in units of [`super::ROOM_UNIT_BYTES`]. Closed when no more writes are taken.
    pub(super) room: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn new(engine: Arc<dyn Engine>, room_units: usize) -> Self {
        Self {
            engine: RwLock::new(Some(engine)),
            health: RwLock::new(Health::Ready),
            counters: Counters::default(),
            room: Arc::new(Semaphore::new(room_units)),
        }
    }

    /// The engine; `None` while it is opened again, and after the end.
    pub(super) fn engine(&self) -> Option<Arc<dyn Engine>> {
        self.engine.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn health(&self) -> Health {
        self.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_engine(&self, engine: Option<Arc<dyn Engine>>) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }

    fn set_health(&self, health: Health) {
        let mut held = self.health.write().unwrap_or_else(PoisonError::into_inner);
        if *held == health {
            return;
        }
        match &health {
            Health::Ready => tracing::info!("the store takes writes again"),
            Health::ReadOnly(reason) => tracing::error!(reason, "the store takes no writes now: {reason}"),
        }
        *held = health;
    }

    /// Closes the engine once no read uses it; puts it back when reads do not let go of it.
    fn close_engine(&self) -> Result<(), ()> {
        let Some(engine) = self.engine.write().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        let since = Instant::now();
        while Arc::strong_count(&engine) > 1 {
            if since.elapsed() > READERS_WAIT_MAX {
                self.set_engine(Some(engine));
                return Err(());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// How much was written, who bears witness to it, and what of it is missing.
pub(super) struct Progress {
    count: Count,
    witness: Witness,
    loss: Option<Loss>,
    on_loss: OnLoss,
}

impl Progress {
    /// Of an engine that was just opened.
    pub(super) fn of_opened(engine: &dyn Engine, mut witness: Witness, on_loss: OnLoss) -> Self {
        let (count, loss) = loss::find(engine, witness.said());
        if loss.is_none() && count > witness.said() {
            witness.say(count);
        }
        Self { count, witness, loss, on_loss }
    }

    /// What was found missing.
    pub(super) fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    /// Why nothing may be written before a person decided.
    fn hold(&self) -> Option<String> {
        let loss = self.loss.as_ref().filter(|_| self.on_loss == OnLoss::Hold)?;
        Some(format!(
            "{loss}; copy the directory, then restore it from a backup, or go on without them by one start with \
             `ofd serve --accept-loss`"
        ))
    }

    /// A batch of so many writes is durable, and this is its number.
    fn done(&mut self, count: Count) {
        self.count = count;
        self.witness.say(count);
    }
}

/// Whether the engine takes writes, as far as the last one told.
enum State {
    Working,
    /// Something is missing, and nobody has said to go on without it.
    Held {
        reason: String,
    },
    Broken {
        cure: Cure,
        reason: String,
        next_try: Instant,
    },
}

/// The state of the writing thread.
pub(super) struct Committer {
    shared: Arc<Shared>,
    queue: Receiver<Message>,
    judge: Judge,
    space: SpaceWatch,
    opener: Opener,
    progress: Progress,
    state: State,
}

impl Committer {
    pub(super) fn new(
        shared: Arc<Shared>,
        queue: Receiver<Message>,
        space: SpaceWatch,
        opener: Opener,
        progress: Progress,
    ) -> Self {
        let state = match progress.hold() {
            Some(reason) => State::Held { reason },
            None => State::Working,
        };
        if let State::Held { reason } = &state {
            shared.set_health(Health::ReadOnly(reason.clone()));
        }
        Self { shared, queue, judge: Judge::new(), space, opener, progress, state }
    }

    /// Works until the store is closed or dropped; returns the way to tell the one who closed it.
    pub(super) fn run(mut self) -> Option<oneshot::Sender<()>> {
        let _if_it_panics = Epitaph(Arc::clone(&self.shared));
        self.accept_loss();
        let closer = loop {
            match self.queue.recv_timeout(IDLE_CHECK_EVERY) {
                Ok(Message::Write(first)) => {
                    let (writes, closer) = self.gather(first);
                    self.commit(writes);
                    if closer.is_some() {
                        break closer;
                    }
                }
                Ok(Message::Close(closer)) => break Some(closer),
                Err(RecvTimeoutError::Timeout) => self.look_after(),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        for message in self.queue.try_iter() {
            match message {
                Message::Write(write) => write.refuse("it is closed"),
                Message::Close(closer) => drop(closer.send(())),
            }
        }
        if self.shared.close_engine().is_err() {
            tracing::warn!("the store is closed while reads are under way; its lock stays until they end");
        }
        closer
    }

    /// Writes down that the store goes on without what is missing: from here on its count is ahead of what it was, and
    /// its journal of its tables.
    fn accept_loss(&mut self) {
        if self.progress.loss.is_none() || self.progress.on_loss == OnLoss::Hold {
            return;
        }
        self.progress.count = self.progress.count.max(self.progress.witness.said());
        let Ok(engine) = self.ready_engine() else { return };
        // Where this fails, the next start finds the same loss.
        if let Err(mut error) = self.write_counted(engine.as_ref(), Batch::default(), 0) {
            drop(engine);
            self.fail(&mut error);
        }
    }

    /// Takes what waits, without waiting for more: under load the last sync let a crowd gather.
    fn gather(&self, first: Write) -> (Vec<Write>, Option<oneshot::Sender<()>>) {
        let mut bytes = first.len();
        let mut writes = vec![first];
        while writes.len() < BATCH_WRITES_MAX && bytes < BATCH_BYTES_MAX {
            match self.queue.try_recv() {
                Ok(Message::Write(write)) => {
                    bytes = bytes.saturating_add(write.len());
                    writes.push(write);
                }
                Ok(Message::Close(closer)) => return (writes, Some(closer)),
                Err(_) => break, // empty, or no sender is left and the next receive tells so
            }
        }
        (writes, None)
    }

    fn commit(&mut self, writes: Vec<Write>) {
        let engine = match self.ready_engine() {
            Ok(engine) => engine,
            Err(reason) => return writes.into_iter().for_each(|write| write.refuse(&reason)),
        };
        let mut batch = Batch::default();
        let judged = writes.into_iter().map(|write| self.judge(engine.as_ref(), &mut batch, write));
        let answers: Vec<Answer> = judged.collect();
        self.judge.sweep(engine.as_ref(), &mut batch);
        match self.write(engine.as_ref(), batch, answers.len()) {
            Ok(()) => answers.into_iter().for_each(Answer::send),
            Err(mut error) => {
                self.fail(&mut error);
                answers.into_iter().for_each(|answer| answer.fail(&error));
            }
        }
    }

    fn judge(&mut self, engine: &dyn Engine, batch: &mut Batch, write: Write) -> Answer {
        match write {
            Write::Append(append, reply) => {
                let decided = self.judge.append(engine, batch, &append);
                Answer::Version(reply, decided)
            }
            Write::Record(record, reply) => {
                let decided = self.judge.record(engine, batch, &record);
                Answer::Version(reply, decided)
            }
            Write::Claim(claim, reply) => {
                let decided = self.judge.claim(engine, batch, &claim);
                Answer::Claim(reply, decided)
            }
            Write::Note(note, reply) => {
                let decided = self.judge.note(engine, batch, &note);
                Answer::Note(reply, decided)
            }
        }
    }

    /// The commit point. A batch without puts rests on what earlier batches made durable.
    fn write(&mut self, engine: &dyn Engine, batch: Batch, writes: usize) -> Result<(), WriteError> {
        if batch.is_empty() {
            return Ok(());
        }
        let (since, writes) = (Instant::now(), writes.try_into().unwrap_or(u64::MAX));
        self.write_counted(engine, batch, writes)?;
        self.shared.counters.batch(writes, since.elapsed());
        Ok(())
    }

    /// Writes a batch with its number; the witness learns of it once it is durable, and before anybody is told.
    fn write_counted(&mut self, engine: &dyn Engine, batch: Batch, writes: u64) -> Result<(), WriteError> {
        let count = self.progress.count.after(writes);
        let mut puts = batch.into_puts();
        puts.push(codec::put_count(count));
        engine.apply(puts)?;
        engine.sync()?;
        self.progress.done(count);
        Ok(())
    }

    /// Remembers the failure and says in its reason what helps.
    fn fail(&mut self, error: &mut WriteError) {
        self.judge.forget();
        self.shared.counters.failure();
        let help = match error.cure {
            Cure::Wait => "this passes by itself",
            Cure::Reopen => "free space if the disk is full; the store recovers by itself",
            Cure::Restart => "check the disk, then restart: no write is accepted until then",
        };
        error.reason = format!("{}; {help}", error.reason);
        if error.cure == Cure::Wait && error.outcome == Outcome::NotWritten {
            return;
        }
        let (cure, reason) = (error.cure, error.reason.clone());
        self.shared.set_health(Health::ReadOnly(reason.clone()));
        self.space.last = None; // what it knew did not keep the write from failing
        self.state = State::Broken { cure, reason, next_try: soon() };
    }

    /// The engine if writes may be tried now, else why not.
    fn ready_engine(&mut self) -> Result<Arc<dyn Engine>, String> {
        let shortage = self.space.shortage();
        if let State::Held { reason } = &self.state {
            return Err(reason.clone());
        }
        if let State::Broken { cure, reason, next_try } = &self.state {
            if *cure == Cure::Restart || shortage.is_some() || Instant::now() < *next_try {
                return Err(reason.clone());
            }
            self.reopen()?;
        }
        if let Some(reason) = shortage {
            self.shared.set_health(Health::ReadOnly(reason.clone()));
            return Err(reason);
        }
        self.shared.set_health(Health::Ready);
        self.shared.engine().ok_or_else(|| "it is closed".to_owned())
    }

    fn reopen(&mut self) -> Result<(), String> {
        let opened = match self.shared.close_engine() {
            Ok(()) => (self.opener)().map_err(|error| error.to_string()),
            Err(()) => Err("reads keep it open".to_owned()),
        };
        match opened {
            Ok(engine) => {
                // What failed may have landed, so the count is what the engine holds, as after any start.
                let (count, loss) = loss::find(&*engine, self.progress.witness.said());
                self.progress.count = count;
                self.shared.set_engine(Some(engine));
                self.state = match loss {
                    None => State::Working,
                    Some(loss) => {
                        self.progress.loss = Some(loss);
                        self.progress.on_loss = OnLoss::Hold;
                        let reason = self.progress.hold().unwrap_or_default();
                        self.shared.set_health(Health::ReadOnly(reason.clone()));
                        State::Held { reason }
                    }
                };
                match &self.state {
                    State::Held { reason } => Err(reason.clone()),
                    State::Working | State::Broken { .. } => Ok(()),
                }
            }
            Err(error) => {
                let reason = format!("opening the store again failed ({error}); it is tried again by itself");
                self.shared.set_health(Health::ReadOnly(reason.clone()));
                self.state = State::Broken { cure: Cure::Reopen, reason: reason.clone(), next_try: soon() };
                Err(reason)
            }
        }
    }

    /// Notices while nobody writes what a write would notice, so that health is true of an idle store as well.
    fn look_after(&mut self) {
        let Ok(engine) = self.ready_engine() else { return };
        if let Err(mut error) = engine.check() {
            drop(engine);
            self.fail(&mut error);
        }
    }
}

/// When to try again what failed now.
fn soon() -> Instant {
    let now = Instant::now();
    now.checked_add(IDLE_CHECK_EVERY).unwrap_or(now)
}

/// Says what happened when the committer stops by a panic: its callers must not wait, nor health say ready.
struct Epitaph(Arc<Shared>);

impl Drop for Epitaph {
    fn drop(&mut self) {
        self.0.room.close();
        let reason = if thread::panicking() {
            "its writer stopped in a panic, see the log; restart the process"
        } else {
            "it is closed"
        };
        *self.0.health.write().unwrap_or_else(PoisonError::into_inner) = Health::ReadOnly(reason.to_owned());
    }
}
