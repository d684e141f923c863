//! `ofd copy`: moves a whole store to another place or backend.
//!
//! Both stores are walked side by side, in order. What the target lacks or has otherwise is written; at the end both
//! are walked again and compared byte by byte, and every chain and counter of the target is counted anew. A mark in
//! the target says from the first write on that it is not whole, so that nothing serves from it before it is.
//!
//! Every step may be repeated. A copy that was cut off goes on where its mark stands; what it wrote beyond the mark
//! is found to be there.

mod command;
mod crew;
mod mark;
mod one_register;
mod pages;
mod progress;
mod records;
mod side;
mod streams;
mod walk;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::Duration;

use ofd_edge::World;
use ofd_storage::registers;
use ofd_storage::store::{Stamp, Store, StoreError, StreamId};
use tokio_util::sync::CancellationToken;

pub use self::command::{CopyFailure, Done, copy};
use self::mark::{Begun, Marker, Place};
pub use self::progress::{Progress, Sample, Tally};
use self::side::Side;
pub use self::side::{Patience, SideName};
use crate::verify::{Break, Walked};

/// Streams, or records, that are copied or compared at once: a cluster answers in milliseconds, and an embedded store
/// makes all that wait durable with one sync.
const AT_ONCE: usize = 32;

/// Rows go over in appends of about so many bytes: far below what an append may hold, so that a cluster under load
/// takes each well within its deadline.
const PART_LEN: usize = 256 * 1024;

/// The mark is brought up to date this often: so much work at most is looked at again after a cut.
const MARK_EVERY: Duration = Duration::from_secs(2);

/// A source that changes this often while it is compared is in use, and would change for ever.
const ROUNDS_MAX: usize = 3;

/// Why a copy did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A store failed.
    #[error("the {side} failed")]
    Store {
        /// Which of the two.
        side: SideName,
        /// How.
        #[source]
        source: StoreError,
    },
    /// From and to are one store.
    #[error("source and target are the same store; name another one to copy to")]
    SameStore,
    /// The source is not all that it was.
    #[error(
        "at the source {loss}; restore it from a backup, or start `ofd serve --accept-loss` on it once to go on without them, then copy"
    )]
    SourceLost {
        /// What is missing.
        loss: String,
    },
    /// Nothing is there to be copied.
    #[error("{from} holds no key of ticket numbers, so nobody ever served from it; there is nothing to copy")]
    NothingThere {
        /// The source.
        from: String,
    },
    /// The source is itself the target of another copy.
    #[error("the source is itself a copy of {from} that is not finished; finish it first: `{command}`")]
    SourceNotWhole {
        /// Where it comes from.
        from: String,
        /// What continues that copy.
        command: String,
    },
    /// The target is somebody's.
    #[error(
        "the target is not empty: it holds {found}, and no mark of a copy; a copy needs a store that nobody served from: name an empty directory, or a fresh keyspace"
    )]
    NotEmpty {
        /// What was found first.
        found: String,
    },
    /// Programs of before may serve from the target, and they cannot read what would come there.
    #[error(
        "the target may still be served by older programs, which cannot read the registers of this source; when none serves any more run `ofd migrate --finish` with the target's config, then copy"
    )]
    TargetForOlder,
    /// The target is a copy of something else.
    #[error(
        "the target was begun as a copy of {began}, not of {from} ({differs}); continue that one by `{command}`, or name an empty target"
    )]
    OtherSource {
        /// Where the target comes from.
        began: String,
        /// The source that was named now.
        from: String,
        /// By what they differ.
        differs: &'static str,
        /// What continues that copy.
        command: String,
    },
    /// Somebody else writes the target.
    #[error(
        "{what} at the target was written by somebody else; let one `ofd copy`, and no gateway, work on it"
    )]
    TargetInUse {
        /// What it was.
        what: String,
    },
    /// A record cannot be written through the trait.
    #[error("{what} at the source cannot be copied: {reason}; run `ofd verify` on the source")]
    Unreadable {
        /// Which.
        what: String,
        /// Why.
        reason: String,
    },
    /// Parts of the source cannot be read.
    #[error(
        "{damaged}; these shifts cannot be read at the source and were not copied: restore them there from a backup, then continue"
    )]
    Damaged {
        /// Which.
        damaged: Sample,
    },
    /// The source would not stand still.
    #[error("the source changes while it is copied: {moved}; stop every gateway on it, then continue")]
    Moving {
        /// What changed last.
        moved: Sample,
    },
    /// The two are not equal.
    #[error("source and target differ: {differences}; {advice}")]
    Differs {
        /// Where.
        differences: Sample,
        /// What may be done.
        advice: &'static str,
    },
    /// SIGTERM or Ctrl-C.
    #[error("stopped; what was copied stays")]
    Stopped,
    /// A part of the work ended by itself.
    #[error("a part of the work broke off: {0}; see above, then continue")]
    BrokeOff(String),
}

impl CopyError {
    fn is_damage(&self) -> bool {
        let (Self::Store { side: SideName::Source, source: StoreError::Corrupt { .. } }
        | Self::Unreadable { .. }) = self
        else {
            return false;
        };
        true
    }
}

/// How a copy is made.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    /// The source as people call it; the same words every time, for a mark is told by them.
    pub from: String,
    /// What continues the copy.
    pub command: String,
    /// Streams or records at once.
    pub at_once: usize,
    /// Bytes of rows in one append, roughly.
    pub part_len: usize,
    /// How often the mark is brought up to date.
    pub mark_every: Duration,
    /// How long a store may fail in passing.
    pub patience: Patience,
}

impl CopyOptions {
    /// The usual ones.
    pub fn new(from: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            command: command.into(),
            at_once: AT_ONCE,
            part_len: PART_LEN,
            mark_every: MARK_EVERY,
            patience: Patience::default(),
        }
    }
}

/// What came of a copy.
#[derive(Clone, Debug)]
pub struct Report {
    /// What both stores hold.
    pub held: Tally,
    /// What was walked at the target.
    pub walked: Walked,
    /// How many places are broken at both.
    pub breaks: u64,
    /// The first of them.
    pub first_breaks: Vec<Break>,
    /// Whether the copy had been completed before; nothing was written then.
    pub was_complete: bool,
}

/// What all parts of the work share.
struct Job<S, T> {
    source: Side<S>,
    target: Side<T>,
    options: CopyOptions,
    world: Arc<dyn World>,
    progress: Arc<Progress>,
    stop: CancellationToken,
}

impl<S: Store, T: Store> Job<S, T> {
    fn check_stop(&self) -> Result<(), CopyError> {
        if self.stop.is_cancelled() { Err(CopyError::Stopped) } else { Ok(()) }
    }

    fn stamp(&self) -> Stamp {
        Stamp(self.world.bytes())
    }
}

/// What a walk over both sides does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Writes what the target lacks, told by heads alone: a head is written last, so its stream is whole.
    Fill,
    /// Compares every byte and writes what differs.
    Repair,
    /// Compares heads and records and writes what differs.
    RepairHeads,
    /// Compares every byte and writes nothing.
    Compare,
}

impl Pass {
    fn writes(self) -> bool {
        self != Self::Compare
    }

    fn reads_rows(self) -> bool {
        matches!(self, Self::Repair | Self::Compare)
    }
}

/// What a walk over both sides found.
#[derive(Clone, Debug, Default)]
struct Findings {
    /// What the source holds.
    held: Tally,
    /// What was written since it was missing or different.
    written: Sample,
    /// What differs and was not, or cannot be, written.
    differences: Sample,
    /// What cannot be read at the source.
    damaged: Sample,
}

impl Findings {
    fn check_damage(&self) -> Result<(), CopyError> {
        if self.damaged.is_empty() {
            Ok(())
        } else {
            Err(CopyError::Damaged { damaged: self.damaged.clone() })
        }
    }

    fn check_differences(&self, advice: &'static str) -> Result<(), CopyError> {
        if self.differences.is_empty() {
            return Ok(());
        }
        Err(CopyError::Differs { differences: self.differences.clone(), advice })
    }
}

/// A stream as people call it.
fn name_of(stream: StreamId) -> String {
    match u32::try_from(stream.owner).map(ofd_protocol::types::RegisterId) {
        Ok(register) if registers::stream(register, stream.ordinal) == stream => {
            format!("register {register} shift {}", stream.ordinal)
        }
        Ok(_) | Err(_) => stream.to_string(),
    }
}

/// A copy to be made.
pub struct Copying {
    /// How.
    pub options: CopyOptions,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// Stops it between two pages.
    pub stop: CancellationToken,
    /// Learns how far it is.
    pub progress: Arc<Progress>,
}

impl Copying {
    /// Copies `source` to `target`, or continues that, or compares the two when it was complete before.
    ///
    /// # Errors
    /// [`CopyError`]; what was copied until then stays, and the target says that it is not whole.
    pub async fn run<S: Store, T: Store>(&self, source: Arc<S>, target: Arc<T>) -> Result<Report, CopyError> {
        let Self { options, world, stop, progress } = self;
        if source.head_format() > target.head_format() {
            return Err(CopyError::TargetForOlder);
        }
        let side = |name| (name, options.patience, Arc::clone(progress), stop.clone());
        let job = Arc::new(Job {
            source: Side::new(source, side(SideName::Source)),
            target: Side::new(target, side(SideName::Target)),
            options: options.clone(),
            world: Arc::clone(world),
            progress: Arc::clone(progress),
            stop: stop.clone(),
        });
        match mark::begin(&job).await? {
            Begun::Complete => compare(&job).await,
            Begun::Open(mut marker) => {
                let copied = fill_and_check(&job, &mut marker).await;
                if copied.is_err() {
                    marker.leave(&job).await;
                }
                copied
            }
        }
    }
}

async fn fill_and_check<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    marker: &mut Marker,
) -> Result<Report, CopyError> {
    job.progress.begin("copying");
    let filled = pass(job, Pass::Fill, Some(marker)).await?;
    filled.check_damage()?;
    marker.reach(Place::Comparing);
    marker.write(job).await?;
    let mut checked = job.check_round(1).await?;
    for round in 2..=ROUNDS_MAX {
        if checked.is_settled {
            break;
        }
        checked = job.check_round(round).await?;
    }
    let Checked { is_settled, findings, report } = checked;
    match report {
        Some(report) if is_settled => {
            marker.reach(Place::Complete);
            marker.write(job).await?;
            Ok(report)
        }
        _ if job.source.is_shared() => Err(CopyError::Moving { moved: findings.written }),
        _ => Err(CopyError::Differs {
            differences: findings.written,
            advice: "they were written again and again and do not stay: look at the disks of both",
        }),
    }
}

/// What one round of comparing came to.
struct Checked {
    /// Whether both were equal.
    is_settled: bool,
    findings: Findings,
    report: Option<Report>,
}

impl<S: Store, T: Store> Job<S, T> {
    /// Compares everything, writes what differs, and walks the target once nothing did.
    async fn check_round(self: &Arc<Self>, round: usize) -> Result<Checked, CopyError> {
        const ADVICE: &str = "the target holds what the source does not: name an empty target and begin anew";
        self.progress.begin("comparing");
        let findings = pass(self, Pass::Repair, None).await?;
        findings.check_damage()?;
        findings.check_differences(ADVICE)?;
        if !findings.written.is_empty() {
            self.tell_moved(&findings, round);
            return Ok(Checked { is_settled: false, findings, report: None });
        }
        self.progress.begin("walking chains and counters");
        let report = walk::walk(self, findings.held).await?;
        if !self.source.is_shared() {
            return Ok(Checked { is_settled: true, findings, report: Some(report) });
        }
        // The walk took its time; whoever wrote to the source meanwhile is seen in its heads and records.
        self.progress.begin("looking at the source once more");
        let findings = pass(self, Pass::RepairHeads, None).await?;
        findings.check_damage()?;
        findings.check_differences(ADVICE)?;
        let is_settled = findings.written.is_empty();
        if !is_settled {
            self.tell_moved(&findings, round);
        }
        Ok(Checked { is_settled, findings, report: Some(report) })
    }

    fn tell_moved(&self, findings: &Findings, round: usize) {
        let again = if round < ROUNDS_MAX { "they are compared again" } else { "this was the last round" };
        self.progress.say(&format!("changed meanwhile and copied again: {}; {again}", findings.written));
    }
}

async fn compare<S: Store, T: Store>(job: &Arc<Job<S, T>>) -> Result<Report, CopyError> {
    job.progress.begin("comparing");
    let findings = pass(job, Pass::Compare, None).await?;
    findings.check_damage()?;
    findings.check_differences(
        "the copy had been completed, so one of the two was used since then; nothing was written",
    )?;
    job.progress.begin("walking chains and counters");
    let report = walk::walk(job, findings.held).await?;
    Ok(Report { was_complete: true, ..report })
}

/// Walks both sides from where the mark stands, or from the beginning.
async fn pass<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    pass: Pass,
    mut marker: Option<&mut Marker>,
) -> Result<Findings, CopyError> {
    let mut findings = Findings::default();
    records::pass(job, pass, marker.as_deref_mut(), &mut findings).await?;
    streams::pass(job, pass, marker, &mut findings).await?;
    Ok(findings)
}
