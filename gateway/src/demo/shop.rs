//! A simulated register's day in the demo: sales, returns, lost answers, spells without a link, closed shifts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ofd_loadtest::client::tls::Tls;
use ofd_loadtest::random::Random;
use ofd_loadtest::register::state::State;
use ofd_loadtest::{
    Answer, Client, Document, Endpoint, Fault, Operation, Register, Renumber, Till, TillError, Withdraw,
};
use ofd_protocol::types::RegisterId;
use tokio_util::sync::CancellationToken;

use super::clock::DemoClocks;
use super::ports::Failure;

/// A customer comes every so often, in milliseconds.
const CUSTOMER_MS: std::ops::Range<i64> = 250..1200;

/// One answer in so many is lost.
const LOST: f64 = 0.06;

/// One receipt in so many begins a spell without a link.
const OFFLINE: f64 = 0.03;

/// A shift has about so many documents in the demo.
const SHIFT_DOCUMENTS: u64 = 40;

/// After a lost link a till waits before it tries again; real ones longer.
const RETRY_AFTER: Duration = Duration::from_millis(400);

/// The register whose clock is wrong has it ahead by so much: a till is told after a quarter of an hour.
const AHEAD_SECONDS: i64 = 20 * 60;

/// Between two customers of the register whose shift is to last.
const SELDOM: Duration = Duration::from_secs(20);

/// So often a till tries again at the close of a day before it leaves it to the next morning.
const CLOSE_TRIES: u32 = 6;

/// How a register behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// As it should.
    Usual,
    /// Its clock is ahead, which the server warns of.
    ClockAhead,
    /// It keeps its shift open until the server wants it closed.
    LongShift,
    /// It was heard some days ago for the last time.
    Silent,
}

/// What a register does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A customer comes.
    Serve,
    /// The shift is closed.
    Close,
}

/// How a register reaches the server.
pub(super) enum Link {
    Plain(SocketAddr),
    Tls(SocketAddr, PathBuf),
    Sim(SocketAddr),
}

/// What all registers did, for the live line.
#[derive(Default)]
pub(super) struct Board {
    receipts: AtomicU64,
    returns: AtomicU64,
    offline: AtomicU64,
    lost: AtomicU64,
    shifts: AtomicU64,
    news: Mutex<News>,
}

#[derive(Default)]
struct News {
    first_receipt: Option<String>,
    last_receipt: Option<String>,
    last: String,
    differences: Vec<String>,
}

impl Board {
    fn news(&self) -> std::sync::MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, id: RegisterId, what: &str) {
        self.news().last = format!("register {id} {what}");
    }

    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn first_receipt(&self) -> Option<String> {
        self.news().first_receipt.clone()
    }

    pub(super) fn last_receipt(&self) -> Option<String> {
        self.news().last_receipt.clone()
    }

    pub(super) fn differences(&self) -> Vec<String> {
        self.news().differences.clone()
    }

    pub(super) fn line(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (receipts, returns, offline) = (of(&self.receipts), of(&self.returns), of(&self.offline));
        let (lost, shifts) = (of(&self.lost), of(&self.shifts));
        let last = self.news().last.clone();
        format!(
            "receipts {receipts} (returns {returns}, offline {offline})  answers lost {lost}  shifts {shifts}  | {last}"
        )
    }
}

/// A register with its cashier.
pub(super) struct Shop {
    till: Till,
    random: Random,
    role: Role,
}

impl Shop {
    pub(super) fn new(register: Register, link: &Link, role: Role, seed: u64) -> Result<Self, Failure> {
        let endpoint = match link {
            Link::Plain(address) | Link::Sim(address) => Endpoint::plain(*address),
            Link::Tls(address, certificate) => {
                Endpoint::tls(*address, Tls::pinned(certificate, "localhost")?)
            }
        };
        let started = crate::clock::now().0;
        Ok(Self {
            till: Till::new(register, Client::new(endpoint)),
            random: Random::new(seed ^ started),
            role,
        })
    }

    fn id(&self) -> RegisterId {
        self.till.register.identity().id
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// Does one thing of the days before the start.
    pub(super) async fn live(&mut self, act: Act, clocks: &DemoClocks, board: &Board) {
        let ahead = if self.role == Role::ClockAhead { AHEAD_SECONDS } else { 0 };
        self.till.now = Some(clocks.shown(ahead));
        match act {
            Act::Serve => {
                let done = self.go_on(false, board).await;
                self.see(done, board);
            }
            Act::Close => {
                for _ in 0..CLOSE_TRIES {
                    if !self.till.register.is_at_work() {
                        break;
                    }
                    let done = self.go_on(true, board).await;
                    self.see(done, board);
                }
            }
        }
    }

    /// From now on its clock is that of the machine.
    pub(super) fn wake(&mut self) {
        self.till.now = None;
    }

    /// Works until told to stop, and returns what the register must remember.
    pub(super) async fn work(
        mut self,
        board: std::sync::Arc<Board>,
        stop: CancellationToken,
    ) -> (RegisterId, State) {
        let mut documents = self.random.below(SHIFT_DOCUMENTS);
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.next_customer() => {}
            }
            documents = documents.saturating_add(1);
            let is_due = documents >= SHIFT_DOCUMENTS && self.role != Role::LongShift;
            let has_closed = is_due || self.till.register.must_close();
            let done = self.go_on(has_closed, &board).await;
            if has_closed && done.is_ok() && !self.till.register.is_at_work() {
                documents = 0;
            }
            if !self.see(done, &board) {
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
        // What is still under way is asked for once more; else the next start does.
        if self.till.register.flight().is_some() {
            drop(self.till.retry().await);
        }
        (self.id(), self.till.register.state().clone())
    }

    async fn next_customer(&mut self) {
        let pause = self.random.between(CUSTOMER_MS.start, CUSTOMER_MS.end);
        match self.role {
            Role::Usual | Role::ClockAhead => {
                tokio::time::sleep(Duration::from_millis(pause.unsigned_abs())).await;
            }
            Role::LongShift => tokio::time::sleep(SELDOM).await,
            Role::Silent => std::future::pending().await,
        }
    }

    /// Does what is next: what is under way comes before anything else.
    async fn go_on(&mut self, closes: bool, board: &Board) -> Result<(), TillError> {
        if self.till.register.flight().is_some() {
            self.again(board).await
        } else if self.till.register.must_ask() {
            self.till.info().await.map(|_| ())
        } else if closes || self.till.register.must_close() {
            self.close(board).await
        } else {
            self.serve(board).await
        }
    }

    /// Notes what is wrong; `false`: the link was lost, or the server wants to be asked later.
    fn see(&mut self, done: Result<(), TillError>, board: &Board) -> bool {
        let has_come = !matches!(done, Err(TillError::Lost(_) | TillError::Later(_)));
        if let Err(error) = done
            && has_come
        {
            self.note(board, error.to_string());
        }
        for difference in self.till.differences() {
            self.note(board, difference);
        }
        has_come
    }

    fn note(&self, board: &Board, what: String) {
        let what = format!("register {}: {what}", self.id());
        let mut news = board.news();
        news.last.clone_from(&what);
        news.differences.push(what);
    }

    async fn serve(&mut self, board: &Board) -> Result<(), TillError> {
        let document = self.till.register.draw();
        if matches!(&document, Document::Receipt(receipt) if receipt.operation != Operation::Sell) {
            Board::count(&board.returns);
        }
        if document.can_be_offline() && self.random.chance(OFFLINE) {
            return self.without_a_link(document, board).await;
        }
        if self.random.chance(LOST) {
            let fault = if self.random.chance(0.5) { Fault::Discard } else { Fault::Cut };
            Board::count(&board.lost);
            board.tell(self.id(), "lost the answer to a document and asks again");
            return self.till.send_with(document, fault).await.map(|_| ());
        }
        let answer = self.till.send(document).await?;
        self.taken(&answer, board);
        Ok(())
    }

    /// Sends what is under way again; sometimes as a receipt that was meanwhile given an offline number.
    async fn again(&mut self, board: &Board) -> Result<(), TillError> {
        let as_offline = self.random.chance(0.3);
        let answer = if as_offline {
            Board::count(&board.offline);
            self.till.retry_offline(Renumber::Fresh).await?
        } else {
            self.till.retry().await?
        };
        self.taken(&answer, board);
        Ok(())
    }

    async fn without_a_link(&mut self, document: Document, board: &Board) -> Result<(), TillError> {
        self.till.make_offline(document)?;
        let further = self.till.register.draw_sale();
        self.till.make_offline(further)?;
        board.tell(self.id(), "sold without a link and now sends what it kept");
        for answer in self.till.drain().await? {
            Board::count(&board.offline);
            self.taken(&answer, board);
        }
        Ok(())
    }

    async fn close(&mut self, board: &Board) -> Result<(), TillError> {
        let withdraw = if self.random.chance(0.7) { Withdraw::Everything } else { Withdraw::Nothing };
        self.till.close_shift(withdraw).await?;
        Board::count(&board.shifts);
        board.tell(self.id(), "closed its shift; its totals and the Z report agree");
        Ok(())
    }

    fn taken(&self, answer: &Answer, board: &Board) {
        let Some(ticket) = &answer.ticket else { return };
        Board::count(&board.receipts);
        {
            let mut news = board.news();
            news.first_receipt.get_or_insert_with(|| ticket.qr.clone());
            news.last_receipt = Some(ticket.qr.clone());
        }
        board.tell(self.id(), &format!("sold: receipt {}", ticket.number));
    }
}
