//! Signatures of which something could not be found out are asked about again every minute, for a day.
//!
//! Each waits as a note, which is written before the company says that its signature is being checked and runs out by
//! itself; where it is gone and the company still says so, whoever looks at the paper and a walk note it anew. Every step reads what is there and decides anew, so it does not matter how many gateways take it, or where one of
//! them ends.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures::future::BoxFuture;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Paper, PaperFault, PaperSignature, PaperState, joined};
use ofd_storage::leases::{Holder, JobLease, Turn};
use ofd_storage::papers;
use ofd_storage::store::StoreError;

use super::judge::judge;
use super::kept::{become_of, keep};
use super::rules::{Event, Judgement, is_over, next};
use super::waiting::{self, Waiting, forget};
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::signatures::moment_of;

/// Between two questions about a signature.
pub const RECHECK_EVERY: Duration = Duration::from_secs(60);

/// The lease under which one gateway of a cluster asks.
const LEASE: &str = "paper-checks";

/// Waiting papers are looked through in pages.
const PAGE: usize = 256;

/// Between a note and the company that says the same lie some writes. After so long nobody is at it any more.
const SAID_WITHIN_MS: u64 = 10 * 60 * 1000;

/// From where is asked: nobody's address, so that nobody's places are taken.
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Asks about every signature that is being checked, once, and says about how many. What fails is asked about again.
///
/// # Errors
/// Those of the store that keep everything from being asked.
pub async fn recheck(office: &Office) -> Result<usize, StoreError> {
    let (mut after, mut asked) = (None, 0_usize);
    loop {
        let (found, last) = waiting::page(office, after.as_deref(), PAGE).await?;
        for waiting in &found {
            asked = asked.saturating_add(1);
            match one(office, waiting).await {
                Ok(()) => {}
                // Nobody has time for it, or somebody else changes the company: in a minute again.
                Err(error) => tracing::debug!(%error, "a signature under a paper is asked about later"),
            }
        }
        match last {
            Some(last) => after = Some(last),
            None => return Ok(asked),
        }
    }
}

/// Asks about one signature.
async fn one(office: &Office, paper: &Waiting) -> Result<(), ChangeError> {
    let (bin, number) = (paper.bin.as_str(), paper.number);
    let company = joined(&office.store, bin).await?;
    let waiting = company.as_ref().and_then(|company| {
        let paper = company.state.paper(number)?;
        match &paper.state {
            PaperState::Checking { signature, doubt } => Some((signature.clone(), *doubt)),
            _ => None,
        }
    });
    let now = office.now();
    let Some((signature, doubt)) = waiting else {
        // It was settled, or whoever noted it ended before the company said so. Who noted it just now is about to say so.
        let is_old = now.0.saturating_sub(paper.since.0) >= SAID_WITHIN_MS;
        return if is_old { Ok(forget(office, (bin, number), now).await?) } else { Ok(()) };
    };
    let (cms_hash, judgement) = judge_kept(office, (bin, number), (&signature, doubt)).await?;
    let of = signature.cms_hash;
    let by = By::program("ofd", now, HERE);
    let (_, is_done) = office
        .change_company(bin, |company| {
            let Some(paper) = company.paper(number) else { return Ok((None, true)) };
            let event = Event::Judged { of: of.clone(), cms_hash: cms_hash.clone(), judgement };
            let Ok(state) = next(&paper.state, event, now) else { return Ok((None, true)) };
            let is_done = !matches!(state, PaperState::Checking { .. });
            if state == paper.state {
                return Ok((None, is_done));
            }
            let (changed, audit) = become_of(&by, company, Paper { state, ..paper.clone() });
            // That it is still unknown, for another reason or with a time stamp now, is no news to anybody.
            let audit = if is_done { audit } else { Vec::new() };
            Ok((Some((changed, audit)), is_done))
        })
        .await?;
    if is_done {
        forget(office, (bin, number), now).await?;
    }
    Ok(())
}

/// Judges a signature that is kept under a paper once more: the hash of its file, and what was found. When its day is over
/// and it can be judged by no means, it stays unknown, which ends it: whoever signed can sign again.
pub(crate) async fn judge_kept(
    office: &Office,
    paper: (&str, u32),
    (signature, doubt): (&PaperSignature, PaperFault),
) -> Result<(String, Judgement), ChangeError> {
    let now = office.now();
    match judge_files(office, paper, &signature.cms_hash, now).await {
        Err(ChangeError::Store(error @ (StoreError::Unavailable { .. } | StoreError::Unknown { .. }))) => {
            Err(error.into())
        }
        Err(error) if is_over(signature.at, now) => {
            let (bin, number, error) = (paper.0, paper.1, &error as &dyn std::error::Error);
            tracing::error!(
                error,
                "the signature under paper {number} of {bin} could not be judged in a day"
            );
            Ok((signature.cms_hash.clone(), Judgement::Unknown(doubt)))
        }
        judged => judged,
    }
}

async fn judge_files(
    office: &Office,
    (bin, number): (&str, u32),
    of: &str,
    now: UnixMillis,
) -> Result<(String, Judgement), ChangeError> {
    let missing = || StoreError::Corrupt {
        place: format!("paper {number} of {bin}"),
        reason: "what is being checked is not kept".to_owned(),
    };
    let pdf = papers::pdf(&office.store, bin, number).await?.ok_or_else(missing)?;
    let cms = papers::cms(&office.store, (bin, number), of).await?.ok_or_else(missing)?;
    let judged = judge(office, (&pdf, cms), (HERE, moment_of(now))).await?;
    let cms_hash = papers::hash_of(&judged.cms);
    if cms_hash != of {
        keep(office, (bin, number), judged.cms).await?;
    }
    Ok((cms_hash, judged.judgement))
}

/// Asks every minute, as long as it runs.
pub async fn keep_rechecking(office: &Office) {
    keep_doing(office, LEASE, |office| Box::pin(async move { recheck(office).await.map(drop) })).await;
}

/// What is done every minute.
pub(crate) type MinuteStep = for<'a> fn(&'a Office) -> BoxFuture<'a, Result<(), StoreError>>;

/// Does something every minute under a lease, as long as it runs.
pub(crate) async fn keep_doing(office: &Office, lease: &'static str, step: MinuteStep) {
    let mut lease = JobLease::new(lease, Holder::from_drawn(office.drawn()));
    loop {
        let pause = match lease.turn(&office.store, office.now()).await {
            Ok(Turn::Others { left }) => left,
            Ok(Turn::Ours) => {
                if let Err(error) = step(office).await {
                    tell(&error);
                }
                RECHECK_EVERY
            }
            Err(error) => {
                tell(&error);
                RECHECK_EVERY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

fn tell(error: &StoreError) {
    match error {
        // A store that is not open, or takes no writes, says so itself.
        StoreError::Unavailable { .. } => tracing::debug!(%error, "what waits is done later: {error}"),
        _ => tracing::warn!(%error, "what waits for a signature or a register is done later: {error}"),
    }
}
