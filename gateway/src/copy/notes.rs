//! Notes that go over: what was announced of changes lately, minute by minute, which papers wait for their check, and for what
//! registrations wait.
//!
//! Of announcements the last hour suffices: how far readers are in a store is not copied, so on the target they begin with a
//! sweep over all registers, which finds whatever was announced before. Sessions of signing by phone are over after a quarter
//! of an hour, which a copy takes; a register that talks is noted as heard again, and of a silent one its documents tell.

use std::sync::Arc;

use bytes::Bytes;
use ofd_storage::note::{NOTE_GRACE_MS, NOTE_SHARDS, PAPERS_WAITING, REGISTRATION_GROUPS, change_group};
use ofd_storage::store::{Note, NoteKind, Store};
use tokio::task::JoinSet;

use super::crew::Crew;
use super::error::CopyError;
use super::job::Job;

/// A group holds a note for each register of its shard.
const PAGE: usize = 512;

const MINUTE_MS: u64 = 60_000;

/// Writes to the target what the source has noted of changes. Of what is there already the later note stays, so this may
/// be repeated, and the source may go on.
pub(super) async fn carry<S: Store, T: Store>(job: &Arc<Job<S, T>>) -> Result<u64, CopyError> {
    job.progress.begin("copying what was noted of changes");
    let now_ms = job.world.now().0;
    let span_ms = u64::try_from(job.options.changes_for.as_millis()).unwrap_or(u64::MAX);
    let minute = |ms: u64| u32::try_from(ms / MINUTE_MS).unwrap_or(u32::MAX);
    let first = minute(now_ms.saturating_sub(span_ms).saturating_sub(NOTE_GRACE_MS));
    // Clocks of gateways differ.
    let last = minute(now_ms.saturating_add(NOTE_GRACE_MS));
    let mut minutes = first..=last;
    let mut crew: Crew<u32, u64> = Crew::new(job.options.at_once);
    let mut carried = 0_u64;
    loop {
        while crew.has_room() {
            job.check_stop()?;
            let Some(minute) = minutes.next() else { break };
            let job = Arc::clone(job);
            crew.begin(minute, async move { of_minute(&job, minute, now_ms).await });
        }
        match crew.next().await? {
            Some(count) => carried = carried.saturating_add(count),
            None => break,
        }
    }
    of_group(job, NoteKind::PaperWaiting, &PAPERS_WAITING, now_ms).await?;
    for group in REGISTRATION_GROUPS {
        of_group(job, NoteKind::RegistrationWaiting, &[group], now_ms).await?;
    }
    Ok(carried)
}

async fn of_group<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    kind: NoteKind,
    group: &[u8],
    now_ms: u64,
) -> Result<u64, CopyError> {
    let mut carried = 0_u64;
    let mut after: Option<Bytes> = None;
    loop {
        let page = job.source.notes(kind, group, after.as_deref(), PAGE, now_ms).await?;
        let Some(last) = page.last() else { return Ok(carried) };
        after = Some(last.key.clone());
        let is_last = page.len() < PAGE;
        carried = carried.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        write_all(job, page).await?;
        if is_last {
            return Ok(carried);
        }
    }
}

async fn of_minute<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    minute: u32,
    now_ms: u64,
) -> Result<u64, CopyError> {
    let mut carried = 0_u64;
    for shard in 0..NOTE_SHARDS {
        let group = change_group(minute, u8::try_from(shard).unwrap_or(u8::MAX));
        carried = carried.saturating_add(of_group(job, NoteKind::Change, &group, now_ms).await?);
    }
    Ok(carried)
}

/// Writes them all at once: an embedded store makes all that wait durable with one sync.
async fn write_all<S: Store, T: Store>(job: &Arc<Job<S, T>>, notes: Vec<Note>) -> Result<(), CopyError> {
    let mut writes = JoinSet::new();
    for note in notes {
        let job = Arc::clone(job);
        writes.spawn(async move {
            let store = job.target.store();
            let written = job.target.patiently(|| store.note(note.clone())).await;
            written.map_err(|error| job.target.error(error))
        });
    }
    while let Some(written) = writes.join_next().await {
        written.map_err(|error| CopyError::BrokeOff(error.to_string()))??;
    }
    Ok(())
}
