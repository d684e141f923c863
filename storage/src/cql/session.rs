//! What every call shares: the session, its statements, and the loop that repeats what failed in passing.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use futures::TryFutureExt;
use scylla::client::session::Session;
use scylla::response::query_result::QueryResult;
use scylla::serialize::row::SerializeRow;
use scylla::statement::prepared::PreparedStatement;
use tokio::sync::MutexGuard;
use tokio::time::{Instant, timeout_at};

use super::failure::Failure;
use super::lanes::Lanes;
use super::options::Deadlines;
use super::statements::Statements;
use super::stats::{Counters, count};
use crate::store::{Stamp, StoreError};

/// How often one statement is sent. Without a quorum every try fails at once, and the device is told soon to come again.
const TRIES_MAX: usize = 4;

/// The pause before the first repeat; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(15);

/// A session with all that is needed to use it.
pub(super) struct Connected {
    pub(super) session: Session,
    pub(super) statements: Statements,
    pub(super) counters: Counters,
    lanes: Lanes,
    deadlines: Deadlines,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected").finish_non_exhaustive()
    }
}

impl Connected {
    pub(super) fn new(session: Session, statements: Statements, deadlines: Deadlines) -> Self {
        Self { session, statements, counters: Counters::default(), lanes: Lanes::new(), deadlines }
    }

    /// When a call begins and when it is over at the latest.
    pub(super) fn clock(&self) -> (Instant, Instant) {
        let begun = Instant::now();
        (begun, begun + self.deadlines.call)
    }

    /// Waits until no other write of this process to the partition is under way.
    pub(super) async fn turn(
        &self,
        deadline: Instant,
        partition: impl Hash,
    ) -> Result<Option<MutexGuard<'_, ()>>, StoreError> {
        timeout_at(deadline, self.lanes.turn(partition)).await.map_err(|_| {
            self.unavailable(Failure::not_sent("other writes to the same place are waiting for the cluster"))
        })
    }

    /// Runs a statement until it gives a result, can never give one, or has had its time.
    ///
    /// A failure tells of all tries together whether one may land.
    pub(super) async fn run<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        deadline: Instant,
        send: impl Fn() -> F,
    ) -> Result<T, Failure> {
        count(&self.counters.statements);
        let mut may_land = false;
        let mut tries = 0;
        loop {
            let failure = match timeout_at(deadline, send()).await {
                Ok(Ok(result)) => return Ok(result),
                Ok(Err(failure)) => failure,
                Err(_) => Failure { may_land: true, is_passing: false, reason: "no answer in time".into() },
            };
            may_land |= failure.may_land;
            tries += 1;
            if !failure.is_passing || tries >= TRIES_MAX || Instant::now() >= deadline {
                return Err(Failure { may_land, ..failure });
            }
            count(&self.counters.retries);
            self.pause(deadline, tries).await;
        }
    }

    /// Sends a statement once.
    pub(super) async fn send(
        &self,
        statement: &PreparedStatement,
        values: impl SerializeRow,
    ) -> Result<QueryResult, Failure> {
        self.session.execute_unpaged(statement, values).map_err(Failure::from).await
    }

    /// Waits a little longer with every round, and never as long as somebody else who met with the same.
    pub(super) async fn pause(&self, deadline: Instant, round: usize) {
        let doubled = PAUSE.saturating_mul(1 << round.min(5));
        let jitter = f64::from(self.draw_stamp().0.first().copied().unwrap_or(0)) / 255.0;
        tokio::time::sleep_until((Instant::now() + doubled.mul_f64(0.5 + jitter)).min(deadline)).await;
    }

    /// A value that no other write carries. Without randomness two writes could not be told apart, so none is made.
    #[expect(clippy::expect_used, reason = "no write may carry a stamp that another one carries")]
    pub(super) fn draw_stamp(&self) -> Stamp {
        let mut stamp = [0; 16];
        getrandom::fill(&mut stamp).expect("the system's random generator works");
        Stamp(stamp)
    }

    pub(super) fn unavailable(&self, failure: Failure) -> StoreError {
        count(&self.counters.unavailable);
        StoreError::Unavailable { reason: failure.reason }
    }
}
