//! Records of both sides: what is missing or different at the target is written.

use std::sync::Arc;

use bytes::Bytes;
use ofd_storage::claims::ClaimedName;
use ofd_storage::store::{Claim, Record, RecordKind, Store, StoreError};

use super::crew::Crew;
use super::mark::{Marker, Place};
use super::pages::{Records, Turn};
use super::{CopyError, Findings, Job, Pass};

/// Whoever else writes a record at the target is met this often before the copy gives up.
const TRIES_MAX: usize = 5;

/// A record as people call it: its key as text when it is text, else in hex.
pub(super) fn name_of(kind: RecordKind, key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => {
            format!("record {kind:?} {text:?}")
        }
        Ok(_) | Err(_) => format!("record {kind:?} 0x{}", hex::encode(key)),
    }
}

/// Walks the records of both sides.
pub(super) async fn pass<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    pass: Pass,
    mut marker: Option<&mut Marker>,
    findings: &mut Findings,
) -> Result<(), CopyError> {
    let place = marker.as_ref().map_or(Place::Begun, |marker| marker.place().clone());
    for &kind in RecordKind::ALL {
        let after = match &place {
            Place::Begun => None,
            Place::Records { kind: reached, .. } if kind < *reached => continue,
            Place::Records { kind: reached, key } if kind == *reached => Some(key.clone()),
            Place::Records { .. } => None,
            Place::Streams(_) | Place::Comparing | Place::Complete => continue,
        };
        of_kind(job, pass, (kind, after), marker.as_deref_mut(), findings).await?;
    }
    Ok(())
}

async fn of_kind<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    pass: Pass,
    (kind, after): (RecordKind, Option<Bytes>),
    mut marker: Option<&mut Marker>,
    findings: &mut Findings,
) -> Result<(), CopyError> {
    let mut ours = Records::after(kind, after.clone());
    let mut theirs = Records::after(kind, after);
    let mut crew: Crew<Bytes, ()> = Crew::new(job.options.at_once);
    let mut is_over = false;
    loop {
        while !is_over && crew.has_room() {
            job.check_stop()?;
            let turn = Turn::of(
                ours.peek(&job.source).await?.map(|record| &record.key),
                theirs.peek(&job.target).await?.map(|record| &record.key),
            );
            let (source, target) = match turn {
                Turn::Both => (ours.take(), theirs.take()),
                Turn::SourceOnly => (ours.take(), None),
                Turn::TargetOnly => (None, theirs.take()),
                Turn::Over => (None, None),
            };
            match (source, target) {
                (None, None) => is_over = true,
                (None, Some(extra)) => {
                    let name = name_of(kind, &extra.key);
                    findings.differences.add(format!("{name}: the source has none"));
                }
                (Some(source), target) => judge(job, pass, kind, (source, target), &mut crew, findings),
            }
        }
        let is_more = crew.next().await?.is_some();
        if let (Some(marker), Some(key)) = (marker.as_deref_mut(), crew.done_up_to()) {
            marker.reach(Place::Records { kind, key: key.clone() });
            marker.write_if_due(job).await?;
        }
        if !is_more && is_over {
            return Ok(());
        }
    }
}

fn judge<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    pass: Pass,
    kind: RecordKind,
    (source, target): (Record, Option<Record>),
    crew: &mut Crew<Bytes, ()>,
    findings: &mut Findings,
) {
    findings.held.record(kind, &source.key, &source.bytes);
    job.progress.record();
    if target.as_ref().is_some_and(|target| target.bytes == source.bytes) {
        return crew.pass(source.key);
    }
    let name = name_of(kind, &source.key);
    if !pass.writes() {
        let what = if target.is_some() { "it differs" } else { "the target has none" };
        findings.differences.add(format!("{name}: {what}"));
        return crew.pass(source.key);
    }
    findings.written.add(name);
    let job = Arc::clone(job);
    crew.begin(source.key.clone(), async move { write(&job, kind, &source, target).await });
}

async fn write<S: Store, T: Store>(
    job: &Job<S, T>,
    kind: RecordKind,
    source: &Record,
    mut target: Option<Record>,
) -> Result<(), CopyError> {
    if kind == RecordKind::Name {
        return claim(job, source, target).await;
    }
    for _ in 0..TRIES_MAX {
        match &target {
            Some(target) if target.bytes == source.bytes => return Ok(()),
            // Facts of the store never change: another one at the target is another store's.
            Some(_) if kind == RecordKind::Store => break,
            Some(_) | None => {}
        }
        let expected = target.as_ref().map(|target| target.version);
        let store = job.target.store();
        let put = || store.put_record(kind, &source.key, expected, source.bytes.clone());
        match job.target.patiently(put).await {
            Ok(_) => return Ok(()),
            // Of a write that was repeated the first one may have landed.
            Err(StoreError::Conflict { .. }) => target = job.target.record(kind, &source.key).await?,
            Err(error) => return Err(job.target.error(error)),
        }
    }
    Err(CopyError::TargetInUse { what: name_of(kind, &source.key) })
}

/// Names go by claims alone; the time of the first claim goes with them.
async fn claim<S: Store, T: Store>(
    job: &Job<S, T>,
    source: &Record,
    target: Option<Record>,
) -> Result<(), CopyError> {
    let unreadable = |reason: &str| CopyError::Unreadable {
        what: name_of(RecordKind::Name, &source.key),
        reason: reason.to_owned(),
    };
    let key = std::str::from_utf8(&source.key).map_err(|_| unreadable("its key is no text"))?;
    let (family, name) = key.split_once('/').ok_or_else(|| unreadable("its key names no family"))?;
    let held = ClaimedName::decode(&source.bytes).ok_or_else(|| unreadable("it is too short"))?;
    let mut from = target.and_then(|target| ClaimedName::decode(&target.bytes)).map(|name| name.owner);
    for _ in 0..TRIES_MAX {
        let store = job.target.store();
        let claim = || store.claim(family, name, &held.owner, held.since_ms, from.as_deref());
        match job.target.patiently(claim).await {
            Ok(Claim::Granted) => return Ok(()),
            Ok(Claim::Taken { owner, .. }) => from = Some(owner),
            Err(error) => return Err(job.target.error(error)),
        }
    }
    Err(CopyError::TargetInUse { what: name_of(RecordKind::Name, &source.key) })
}
