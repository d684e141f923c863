//! One connection's work: register after register, a burst each, and at the end all their shifts closed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::time::sleep;

use super::shared::{Pace, Shared, closing_time};
use crate::client::{Client, ClientError, Fault};
use crate::clock;
use crate::random::Random;
use crate::register::document::Document;
use crate::register::kinds::{Placement, ReportKind};
use crate::register::{Outcome, Register};

/// Documents that a register makes before its worker turns to the next one.
const BURST: u64 = 64;

/// The float that a shop day begins with, in tiyn.
const OPENING_CASH: i64 = 20_000_00;

/// The first pause after a broken link or a 254; it doubles.
const PAUSE_FIRST: Duration = Duration::from_millis(20);

/// The longest pause. A till waits 60 s (WIRE section 1), a test cannot.
const PAUSE_MAX: Duration = Duration::from_millis(1_000);

/// The most receipts that a register makes in one stretch without a link.
const OFFLINE_STRETCH_MAX: u64 = 3;

/// Whether a worker goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// With the same register.
    On,
    /// With the next register: this one stopped.
    Next,
    /// Not at all.
    End,
}

struct Worker {
    shared: Arc<Shared>,
    number: usize,
    client: Client,
    request: BytesMut,
    random: Random,
}

/// Works through every register whose index is `number` modulo `workers`.
pub(super) async fn work(shared: Arc<Shared>, number: usize, workers: usize) {
    let seed = shared.options.seed ^ u64::try_from(number).unwrap_or(0).rotate_left(32);
    let mut worker = Worker {
        number,
        client: Client::new(shared.options.endpoint.clone()),
        request: BytesMut::new(),
        random: Random::new(seed),
        shared: Arc::clone(&shared),
    };
    let mine: Vec<usize> = (number..shared.registers.len()).step_by(workers.max(1)).collect();
    // Registers come round in order, so those that were used are the first ones.
    let mut used = 0_usize;
    let mut round = mine.iter().copied().cycle();
    let mut stopped = 0_usize;
    while let Some(index) = round.next().filter(|_| !shared.is_stopping() && stopped < mine.len()) {
        used = used.saturating_add(1);
        stopped = match worker.burst(index, mine.len() == 1).await {
            Turn::On => 0,
            Turn::Next => stopped.saturating_add(1),
            Turn::End => break,
        };
        if mine.len() > 1 {
            // A connection belongs to one register.
            worker.client.close();
        }
    }
    shared.stats.measured_until_now(shared.started);
    for (at, index) in mine.into_iter().enumerate() {
        // Shifts that an earlier run left open are closed too.
        let left = worker.with(index, |register| register.is_at_work()).unwrap_or(false);
        if at >= used && !left {
            continue;
        }
        if worker.finish(index).await == Turn::End {
            return;
        }
        worker.client.close();
    }
}

impl Worker {
    fn with<T>(&self, index: usize, act: impl FnOnce(&mut Register) -> T) -> Option<T> {
        self.shared.register(index).map(|mut register| act(&mut register))
    }

    /// What was cut off comes first, then INFO where the register does not know its own counts.
    async fn get_ready(&mut self, index: usize) -> Turn {
        loop {
            let ready = self.with(index, |register| {
                if register.state().stop.is_some() {
                    return Some(Turn::Next);
                }
                if register.flight().is_some() || register.drain().unwrap_or(false) {
                    return None;
                }
                if register.must_ask() {
                    return register.begin(Document::Info, clock::now()).err().map(|_| Turn::Next);
                }
                Some(Turn::On)
            });
            match ready {
                Some(Some(turn)) => return turn,
                Some(None) => match self.settle(index, None).await {
                    Turn::On => {}
                    turn @ (Turn::Next | Turn::End) => return turn,
                },
                None => return Turn::End,
            }
        }
    }

    async fn burst(&mut self, index: usize, endless: bool) -> Turn {
        let mut left = if endless { u64::MAX } else { BURST };
        while left > 0 {
            match self.get_ready(index).await {
                Turn::On => {}
                turn @ (Turn::Next | Turn::End) => return turn,
            }
            let Some(intended) = self.next_start().await else { return Turn::End };
            left = left.saturating_sub(1);
            if !self.make(index) {
                return Turn::Next;
            }
            match self.settle(index, intended).await {
                Turn::On => {}
                turn @ (Turn::Next | Turn::End) => return turn,
            }
        }
        Turn::On
    }

    /// Waits for the start of the next document; `None` when the run ends. In the open loop the start is set by the
    /// timetable, and latency counts from there: a slow server cannot make its own tests rarer.
    async fn next_start(&self) -> Option<Option<Instant>> {
        let shared = &self.shared;
        if shared.is_stopping() {
            return None;
        }
        let number = shared.begun.fetch_add(1, Ordering::Relaxed);
        if shared.options.requests.is_some_and(|most| number >= most) {
            shared.stop(closing_time(&shared.options));
            return None;
        }
        let rate = match shared.options.pace {
            Pace::Closed => return Some(None),
            Pace::Resting(rest) => {
                sleep(rest).await;
                return Some(None);
            }
            Pace::Open(rate) => rate,
        };
        let due = Duration::try_from_secs_f64(number as f64 / rate).ok()?;
        if due >= shared.options.duration {
            return None;
        }
        let start = shared.started + due;
        tokio::time::sleep_until(start.into()).await;
        Some(Some(start))
    }

    /// Makes the next document of the register's day and puts it under way; false when it cannot.
    fn make(&mut self, index: usize) -> bool {
        let (length, share) = (self.shared.options.shift_length, self.shared.options.offline);
        let offline = share > 0.0 && self.random.chance(share);
        let stretch = 1 + self.random.below(OFFLINE_STRETCH_MAX);
        let withdraw = self.random.below(2) == 0;
        let stats = &self.shared.stats;
        let made = self.with(index, |register| {
            let now = clock::now();
            let full = length.is_some_and(|most| u64::from(register.state().number_in_shift) >= most);
            let opened = register.totals().opened.is_some();
            if register.must_close() || (full && opened) {
                return register.begin(Document::Close { withdraw }, now).is_ok();
            }
            if !opened && register.totals().cash == 0 {
                let sum = OPENING_CASH;
                let document = Document::Placement { operation: Placement::Deposit, sum };
                return register.begin(document, now).is_ok();
            }
            if offline {
                for _ in 0..stretch {
                    let sale = register.draw_sale();
                    if register.begin_offline(sale, now).is_ok() {
                        stats.offline.fetch_add(1, Ordering::Relaxed);
                    }
                }
                return register.drain().unwrap_or(false);
            }
            let document = register.draw();
            register.begin(document, now).is_ok()
        });
        made.unwrap_or(false)
    }

    fn draw_fault(&mut self) -> Fault {
        let share = self.shared.options.lose_answers;
        if share <= 0.0 || !self.random.chance(share) {
            Fault::None
        } else if self.random.below(2) == 0 {
            Fault::Cut
        } else {
            Fault::Discard
        }
    }

    /// Sends what is under way, and what is queued behind it, until it is answered.
    async fn settle(&mut self, index: usize, intended: Option<Instant>) -> Turn {
        let mut pause = PAUSE_FIRST;
        let trying_since = Instant::now();
        loop {
            let request = &mut self.request;
            let ready = self.shared.register(index).is_some_and(|mut register| {
                request.clear();
                let Some(frame) = register.request(clock::now()) else { return false };
                request.extend_from_slice(frame);
                true
            });
            if !ready {
                return Turn::On;
            }
            if !self.note(index, true) {
                return Turn::End;
            }
            let fault = self.draw_fault();
            let sent = Instant::now();
            self.shared.stats.in_flight.fetch_add(1, Ordering::Relaxed);
            let answer = self.client.exchange(&self.request, fault).await;
            self.shared.stats.in_flight.fetch_sub(1, Ordering::Relaxed);
            let outcome = match answer {
                Ok(frame) => {
                    let took = intended.unwrap_or(sent).elapsed();
                    let Some(mut register) = self.shared.register(index) else { return Turn::End };
                    let outcome = register.take(frame);
                    let took = Some(took).filter(|_| !self.shared.is_stopping());
                    drop(register);
                    if let Outcome::Accepted(answer)
                    | Outcome::Later(answer)
                    | Outcome::CloseFirst(answer)
                    | Outcome::Refused(answer) = &outcome
                    {
                        self.shared.stats.answer(self.number, answer.code, took);
                    }
                    Ok(outcome)
                }
                Err(error) => Err(error),
            };
            let turn = self.after(index, outcome, trying_since);
            if !self.note(index, false) {
                return Turn::End;
            }
            match turn {
                After::Done(turn) => return turn,
                After::Again => {}
                After::Later => {
                    sleep(pause).await;
                    pause = pause.saturating_mul(2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Writes the register's token beside the fleet; false when that is not possible any more.
    fn note(&self, index: usize, sending: bool) -> bool {
        let Some(register) = self.shared.register(index) else { return false };
        let fiscal = register.flight().is_some_and(|flight| flight.document.command().is_fiscal());
        if sending && !fiscal {
            return true;
        }
        match self.shared.tokens.put(index, &register, sending || fiscal) {
            Ok(()) => true,
            Err(error) => {
                drop(register);
                self.shared.give_up(format!("cannot write the token file beside the fleet: {error}"));
                false
            }
        }
    }

    fn after(&self, index: usize, outcome: Result<Outcome, ClientError>, since: Instant) -> After {
        let shared = &self.shared;
        let found = self.with(index, Register::take_findings).unwrap_or_default();
        found.into_iter().for_each(|finding| shared.stats.difference(finding));
        match outcome {
            Ok(Outcome::Accepted(answer)) => {
                if answer.ticket.is_some() {
                    shared.stats.receipts.fetch_add(1, Ordering::Relaxed);
                }
                if answer.report.is_some_and(|it| it.kind == ReportKind::Z) && answer.command == 2 {
                    shared.stats.shifts.fetch_add(1, Ordering::Relaxed);
                }
                After::Done(Turn::On)
            }
            Ok(Outcome::CloseFirst(_)) => After::Done(Turn::On),
            Ok(Outcome::Refused(_)) => {
                let stop = self.with(index, |register| {
                    let stop = register.state().stop.clone();
                    stop.map(|stop| format!("register {}: {stop}", register.identity().id))
                });
                stop.flatten().into_iter().for_each(|stop| shared.stats.difference(stop));
                After::Done(Turn::Next)
            }
            Ok(Outcome::Unreadable(_)) => After::Done(Turn::Next),
            Ok(Outcome::Later(answer)) => {
                shared.stats.retries.fetch_add(1, Ordering::Relaxed);
                let why = format!("the server answers {} and does not recover", answer.code);
                self.patient(since, why)
            }
            Err(error) => {
                self.with(index, Register::lost);
                shared.stats.retries.fetch_add(1, Ordering::Relaxed);
                match error {
                    ClientError::Injected => {
                        shared.stats.lost_on_purpose.fetch_add(1, Ordering::Relaxed);
                        if shared.is_past_last_call() { self.patient(since, late()) } else { After::Again }
                    }
                    ClientError::Connect { .. }
                    | ClientError::Broken(_)
                    | ClientError::Closed
                    | ClientError::Slow(_)
                    | ClientError::Frame(_)
                    | ClientError::Surplus(_) => self.patient(since, super::summary::chain(&error)),
                }
            }
        }
    }

    fn patient(&self, since: Instant, why: String) -> After {
        let shared = &self.shared;
        let waited = since.elapsed();
        if shared.dead.get().is_some() {
            return After::Done(Turn::End);
        }
        if waited >= shared.options.patience || shared.is_past_last_call() {
            let address = shared.options.endpoint.address;
            shared.give_up(format!("gave up on {address} after {:.1} s: {why}", waited.as_secs_f64()));
            return After::Done(Turn::End);
        }
        After::Later
    }

    /// Drains the queue and closes the shift, so that its Z can be compared.
    async fn finish(&mut self, index: usize) -> Turn {
        loop {
            match self.get_ready(index).await {
                Turn::On => {}
                Turn::Next => return Turn::On,
                Turn::End => return Turn::End,
            }
            if self.shared.is_past_last_call() {
                self.shared.give_up(late());
                return Turn::End;
            }
            let closing = self.with(index, |register| {
                let opened = register.totals().opened.is_some() || register.must_close();
                opened && register.begin(Document::Close { withdraw: false }, clock::now()).is_ok()
            });
            if closing != Some(true) {
                return Turn::On;
            }
            match self.settle(index, None).await {
                Turn::On => {}
                Turn::Next => return Turn::On,
                Turn::End => return Turn::End,
            }
        }
    }
}

fn late() -> String {
    "shifts could not be closed in time; the server is too slow, or use fewer registers".to_owned()
}

/// What follows an exchange.
enum After {
    Done(Turn),
    Again,
    Later,
}
