//! Chains, counts and totals of the target, many registers at once.
//!
//! What is broken here was found equal at both sides before, so it is broken at the source too.

use std::sync::Arc;

use ofd_storage::store::{Store, StreamId, StreamKind};

use super::crew::Crew;
use super::error::CopyError;
use super::job::{Job, Report};
use super::one_register::OneRegister;
use super::progress::Tally;
use crate::verify::{self, Break, Walked};

/// How many breaks are kept to be told; the rest is counted.
const BREAKS_TOLD_MAX: usize = 1000;

/// Walks every register of the target, whose content was found to be `held`.
pub(super) async fn walk<S: Store, T: Store>(job: &Arc<Job<S, T>>, held: Tally) -> Result<Report, CopyError> {
    let mut report =
        Report { held, walked: Walked::default(), breaks: 0, first_breaks: Vec::new(), was_complete: false };
    let mut crew: Crew<u64, (Walked, Vec<Break>)> = Crew::new(job.options.at_once);
    let mut after = None;
    let mut is_over = false;
    loop {
        while !is_over && crew.has_room() {
            job.check_stop()?;
            let Some(owner) = next_owner(job, after).await? else {
                is_over = true;
                break;
            };
            after = Some(owner);
            let job = Arc::clone(job);
            crew.begin(owner, async move { of_register(&job, owner).await });
        }
        let Some((walked, breaks)) = crew.next().await? else { break };
        let sums = [
            (&mut report.walked.registers, walked.registers),
            (&mut report.walked.shifts, walked.shifts),
            (&mut report.walked.documents, walked.documents),
            (&mut report.walked.rows, walked.rows),
        ];
        for (sum, part) in sums {
            *sum = sum.saturating_add(part);
        }
        for found in breaks {
            report.breaks = report.breaks.saturating_add(1);
            if report.first_breaks.len() < BREAKS_TOLD_MAX {
                report.first_breaks.push(found);
            }
        }
    }
    report.first_breaks.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(report)
}

async fn next_owner<S: Store, T: Store>(
    job: &Job<S, T>,
    after: Option<u64>,
) -> Result<Option<u64>, CopyError> {
    let behind = |owner| StreamId { kind: StreamKind::Shift, owner, ordinal: u32::MAX };
    let page = job.target.streams(StreamKind::Shift, after.map(behind), 1).await?;
    Ok(page.first().map(|stream| stream.owner))
}

async fn of_register<S: Store, T: Store>(
    job: &Job<S, T>,
    owner: u64,
) -> Result<(Walked, Vec<Break>), CopyError> {
    let register = OneRegister { store: Arc::clone(job.target.store()), owner };
    let walk = || async {
        let mut breaks = Vec::new();
        let walked = verify::walk_shifts(&register, |found| breaks.push(found)).await?;
        Ok((walked, breaks))
    };
    let walked = tokio::select! {
        walked = job.target.patiently(walk) => walked,
        () = job.stop.cancelled() => return Err(CopyError::Stopped),
    };
    let (walked, breaks) = walked.map_err(|error| job.target.error(error))?;
    job.progress.stream();
    job.progress.documents(walked.documents);
    Ok((walked, breaks))
}
