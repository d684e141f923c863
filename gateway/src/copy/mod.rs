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
mod error;
mod job;
mod mark;
mod names;
mod notes;
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

use ofd_edge::World;
use ofd_storage::store::Store;
use tokio_util::sync::CancellationToken;

pub use self::command::{CopyFailure, Done, copy};
pub use self::error::CopyError;
pub use self::job::{CopyOptions, Report};
use self::job::{Findings, Job, Pass};
use self::mark::{Begun, Marker, Place};
pub use self::names::SideName;
pub use self::progress::{Progress, Sample, Tally};
pub use self::side::Patience;
use self::side::Side;

/// A source that changes this often while it is compared is in use, and would change for ever.
const ROUNDS_MAX: usize = 3;

/// A copy to be made.
pub struct Copying {
    /// How the copy is made.
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
            let changes = notes::carry(job).await?;
            job.progress.say(&format!("{changes} notes of changes are at the target"));
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
