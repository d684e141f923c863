//! Holds writes while the wall clock is wrong.
//!
//! A document that is accepted under a wrong clock keeps its time for good, and every later one of its register cannot
//! be earlier. So nothing is written
//!
//! - while the wall clock and the clock since boot part by more than a minute: somebody set the wall clock. A clock
//!   that NTP slews is no jump, since both go faster or slower together; steps of less than a minute are followed over
//!   the time;
//! - while the wall clock lies more than a minute behind the last document that was written.
//!
//! It ends when they agree again, or when somebody says so by `ofd serve --accept-clock`. What is known outlives the
//! process, in the store.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::model::CLOCK_KEY;
use ofd_storage::store::{RecordKind, Store, StoreError};
use serde::{Deserialize, Serialize};
use tracing::{error, info, warn};

use super::{Clocks, Reading};

/// Two clocks that differ by more than this do not agree. Far above what NTP steps, and below what a register or a
/// person would notice on paper.
const TOLERANCE_MS: u64 = 60_000;

/// Smaller steps are followed when the clocks have agreed for so long: many of them in years are no jump.
const FOLLOWED_AFTER_MS: u64 = 3_600_000;

/// What is known is written down when the last document is this much later than the one written down. Less than the
/// tolerance, so that what a crash forgets is no matter.
const KEPT_EVERY_MS: u64 = 30_000;

/// What outlives the process: a record of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptClock {
    /// When the last document was written, by a clock that was believed.
    pub newest: UnixMillis,
    /// By how much the wall clock was ahead of the clock since boot, in which start of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<KeptBoot>,
}

/// The clocks of one start of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBoot {
    /// The id by which other gateways know it.
    pub id: String,
    /// Wall clock less clock since boot, in milliseconds.
    pub offset_ms: i64,
}

/// Holds writes while the wall clock is wrong.
pub struct ClockGuard {
    clocks: Box<dyn Clocks>,
    boot_id: Option<String>,
    state: Mutex<State>,
}

struct State {
    /// The offset that is believed, and since when by the clock since boot.
    offset_ms: i64,
    since_boot_ms: u64,
    newest: UnixMillis,
    held: Option<String>,
    /// What the store has.
    kept: Option<KeptClock>,
}

fn offset(reading: Reading) -> i64 {
    let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    signed(reading.wall.0).saturating_sub(signed(reading.boot_ms))
}

impl State {
    /// Why nothing may be written now.
    fn judge(&mut self, reading: Reading) -> Option<String> {
        let offset = offset(reading);
        let parted_ms = offset.saturating_sub(self.offset_ms);
        if parted_ms.unsigned_abs() > TOLERANCE_MS {
            let way = if parted_ms > 0 { "forward" } else { "back" };
            let by = told(parted_ms.unsigned_abs());
            return Some(format!("the clock of this machine was set {way} by {by} while it ran; {HELP}"));
        }
        let behind_ms = self.newest.0.saturating_sub(reading.wall.0);
        if behind_ms > TOLERANCE_MS {
            let by = told(behind_ms);
            return Some(format!(
                "the clock of this machine is {by} behind the last document in the store; {HELP}"
            ));
        }
        if reading.boot_ms.saturating_sub(self.since_boot_ms) >= FOLLOWED_AFTER_MS {
            (self.offset_ms, self.since_boot_ms) = (offset, reading.boot_ms);
        }
        None
    }
}

const HELP: &str = "no document is taken until it is right again (see to NTP); if it is right now, start with \
                    `ofd serve --accept-clock`";

/// A span as people say it, to the nearest: two clocks are never read at one moment, and ten years must not be told as a
/// day less for a millisecond.
fn told(ms: u64) -> String {
    let seconds = Duration::from_millis(ms.saturating_add(500)).as_secs();
    match seconds {
        0..=599 => format!("{seconds} s"),
        600..=172_799 => format!("{} min", seconds.saturating_add(30) / 60),
        _ => format!("{} days", seconds.saturating_add(43_200) / 86_400),
    }
}

impl ClockGuard {
    /// Believes the clocks as they are now.
    pub fn new(clocks: impl Clocks) -> Self {
        let (reading, boot_id) = (clocks.read(), clocks.boot_id());
        let state = State {
            offset_ms: offset(reading),
            since_boot_ms: reading.boot_ms,
            newest: UnixMillis(0),
            held: None,
            kept: None,
        };
        Self { clocks: Box::new(clocks), boot_id, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what an earlier process knew, or what it is told instead: that the clock is right.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn begin(&self, store: &impl Store, is_accepted: bool) -> Result<(), StoreError> {
        let kept = load(store).await?.map(|(_, kept)| kept);
        let wall = self.clocks.read().wall;
        {
            let mut state = self.state();
            if let Some(kept) = &kept {
                state.newest = if is_accepted { kept.newest.min(wall) } else { kept.newest };
                let same_boot = kept.boot.as_ref().filter(|boot| Some(&boot.id) == self.boot_id.as_ref());
                if let Some(boot) = same_boot.filter(|_| !is_accepted) {
                    state.offset_ms = boot.offset_ms;
                }
            }
            state.kept = kept;
        }
        if is_accepted {
            warn!("the clock of this machine is taken as right (--accept-clock)");
            // Other gateways may know of later documents; somebody says that those are of no matter.
            self.keep(store, UnixMillis::min).await?;
        }
        // Whatever is wrong is told at the start, not with the first document.
        let _held = self.check();
        Ok(())
    }

    /// Whether something may be written now.
    ///
    /// # Errors
    /// Why not, and what to do.
    pub fn check(&self) -> Result<(), String> {
        let mut state = self.state();
        let held = state.judge(self.clocks.read());
        match (&state.held, &held) {
            (None, Some(reason)) => error!(reason, "writes are held: {reason}"),
            (Some(_), None) => info!("the clock agrees again; documents are taken"),
            (None, None) | (Some(_), Some(_)) => {}
        }
        state.held.clone_from(&held);
        held.map_or(Ok(()), Err)
    }

    /// A document was written.
    pub fn wrote(&self) {
        let wall = self.clocks.read().wall;
        let mut state = self.state();
        if state.held.is_none() {
            state.newest = state.newest.max(wall);
        }
    }

    /// Writes down what is known, if it is worth it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_if_due(&self, store: &impl Store) -> Result<(), StoreError> {
        let is_due = {
            let state = self.state();
            let kept = state.kept.as_ref();
            let kept_newest = kept.map_or(0, |kept| kept.newest.0);
            let kept_boot = kept.and_then(|kept| kept.boot.as_ref()).map(|boot| &boot.id);
            state.held.is_none()
                && (state.newest.0.saturating_sub(kept_newest) >= KEPT_EVERY_MS
                    || kept_boot != self.boot_id.as_ref())
        };
        if is_due { self.keep(store, UnixMillis::max).await } else { Ok(()) }
    }

    /// Writes down what is known; of several gateways' last documents the one that `of_both` chooses.
    async fn keep(
        &self,
        store: &impl Store,
        of_both: fn(UnixMillis, UnixMillis) -> UnixMillis,
    ) -> Result<(), StoreError> {
        let mut kept = {
            let state = self.state();
            let boot = self.boot_id.clone().map(|id| KeptBoot { id, offset_ms: state.offset_ms });
            KeptClock { newest: state.newest, boot }
        };
        let found = load(store).await?;
        let version = found.as_ref().map(|(version, _)| *version);
        if let Some((_, others)) = found.filter(|_| store.is_shared()) {
            kept.newest = of_both(kept.newest, others.newest);
        }
        let bytes = serde_json::to_vec(&kept).map(Bytes::from).unwrap_or_default();
        match store.put_record(RecordKind::Store, CLOCK_KEY, version, bytes).await {
            Ok(_) => self.state().kept = Some(kept),
            // Another gateway was faster; the next time will do.
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// What the store has. A record that cannot be read says nothing: it is no reason not to serve.
async fn load(store: &impl Store) -> Result<Option<(ofd_storage::store::Version, KeptClock)>, StoreError> {
    let Some(record) = store.record(RecordKind::Store, CLOCK_KEY).await? else { return Ok(None) };
    let unknown = KeptClock { newest: UnixMillis(0), boot: None };
    Ok(Some((record.version, serde_json::from_slice(&record.bytes).unwrap_or(unknown))))
}
