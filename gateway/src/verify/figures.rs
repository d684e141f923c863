//! Figures of days: they must be what the stored documents come to, up to the reader's position.

use std::collections::BTreeMap;

use ofd_protocol::register::Day;
use ofd_protocol::types::RegisterId;
use ofd_storage::feed::Reading;
use ofd_storage::figures::{self, DayPlaces, FiguresState, KeptDay, Recounted, kept_day};
use ofd_storage::model::register_key;
use ofd_storage::store::{RecordKind, Row, Store, StoreError, StreamId, StreamKind};

use super::walked::{Break, PAGE, Read, Walked, each_stream, is_there, read};

/// Figures that move on each time they are looked at are left to the next walk.
const LOOKS_MAX: usize = 5;

/// Walks the figures of all registers.
pub(super) async fn walk(
    store: &impl Store,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    each_stream(store, StreamKind::Figures, on_break, async |stream, on_break| {
        walked.figures = walked.figures.saturating_add(1);
        judge(store, stream, walked).await?.into_iter().for_each(on_break);
        Ok(())
    })
    .await
}

/// What is stored of a register's figures, all as one append left it.
struct Kept {
    reading: Reading,
    rows: Vec<Row>,
}

/// Reads head and rows as they were at one moment; `None` when there are none, or they would not stand still.
async fn kept(store: &impl Store, stream: StreamId) -> Result<Option<Kept>, StoreError> {
    for _ in 0..LOOKS_MAX {
        let Some(head) = store.head(stream).await? else { break };
        let reading = Reading::decode(stream, &head)?;
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let after = rows.last().map(|row| row.key.clone());
            let page = store.rows(stream, b"", after.as_deref(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            rows.extend(page);
        }
        let again = store.head(stream).await?;
        if again.is_some_and(|again| again.version == head.version) {
            return Ok(Some(Kept { reading, rows }));
        }
    }
    Ok(None)
}

async fn judge(store: &impl Store, stream: StreamId, walked: &mut Walked) -> Result<Vec<Break>, StoreError> {
    let register = u32::try_from(stream.owner).map(RegisterId);
    let Some(register) = register.ok().filter(|register| figures::stream(*register) == stream) else {
        return Ok(vec![Break::elsewhere(stream.to_string(), "no register has such figures")]);
    };
    let broken = |reason: String| Break::elsewhere(format!("register {register} figures"), reason);
    if !is_there(store.record(RecordKind::Register, &register_key(register)).await)? {
        return Ok(vec![broken("the register has no record".to_owned())]);
    }
    let kept = match read(kept(store, stream).await)? {
        Read::Whole(Some(kept)) => kept,
        Read::Whole(None) if store.is_shared() => return Ok(Vec::new()),
        Read::Whole(None) => return Ok(vec![broken("their head is missing".to_owned())]),
        Read::Damaged(damage) => return Ok(vec![damage]),
    };
    walked.days = walked.days.saturating_add(u64::try_from(kept.rows.len()).unwrap_or(u64::MAX));
    let read_all = || -> Result<_, StoreError> {
        let state = FiguresState::decode(stream, &kept.reading.state)?;
        let days = kept.rows.iter().map(|row| kept_day(stream, row));
        let days = days.map(|kept| kept.map(|kept| (kept.day, kept))).collect::<Result<_, _>>()?;
        Ok((state, days))
    };
    let (state, days) = match read(read_all())? {
        Read::Whole(whole) => whole,
        Read::Damaged(damage) => return Ok(vec![damage]),
    };
    let position = kept.reading.position;
    match figures::recount(store, register, position, state.zone_offset_seconds).await {
        Ok(recounted) if position.number > 0 && recounted.last != Some(position) => {
            Ok(vec![broken(format!(
                "they count document {} of shift {}, which is not stored",
                position.number, position.shift
            ))])
        }
        Ok(recounted) => {
            let differences = differences(&days, state.cash, &recounted);
            Ok(differences.into_iter().map(broken).collect())
        }
        // What of the documents cannot be read is told where they are walked.
        Err(StoreError::Corrupt { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// How figures differ from a recount of the same documents.
fn differences(days: &BTreeMap<Day, KeptDay>, cash: i64, recounted: &Recounted) -> Vec<String> {
    let is_counted = |kept: &KeptDay| match recounted.days.get(&kept.day) {
        Some(figures) => kept.figures == *figures,
        None => kept.figures.is_empty(),
    };
    let is_placed = |kept: &KeptDay| {
        let places = recounted.places.get(&kept.day).copied().unwrap_or_default();
        kept.places == DayPlaces::Unknown || kept.places == places
    };
    let kept = days.values().filter(|kept| !is_counted(kept)).map(|kept| kept.day);
    let lacking = recounted.days.keys().filter(|day| !days.contains_key(day)).copied();
    let mut wrong: Vec<Day> = kept.chain(lacking).collect();
    wrong.sort_unstable();
    let mut told: Vec<String> =
        wrong.iter().map(|day| format!("those of {day} are not what its documents come to")).collect();
    let misplaced = days.values().filter(|kept| is_counted(kept) && !is_placed(kept));
    told.extend(misplaced.map(|kept| format!("the documents of {} lie elsewhere than they say", kept.day)));
    if cash != recounted.cash {
        told.push("the cash they carry on is not what its documents come to".to_owned());
    }
    told
}
