//! Reads from the store, in pages that are bounded in bytes as well.

use ofd_office::registers::{RegisterError, newest, record};
use ofd_office::shops::latest_opened;
use ofd_protocol::register::{Phase, Telling};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts;
use ofd_storage::registers;
use ofd_storage::store::{Store, StoreError};

use super::rules::Page;
use super::view::{DocumentView, DocumentsView, RegisterView, ShiftState, ShiftView, ShiftsView};

/// An answer stops growing behind this many bytes; `next` leads on. Frames may have 1 MiB each.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The store is asked for this many entries at once, so that one read of long ones stays small.
const CHUNK: usize = 32;

/// A register as the API shows it.
pub(super) async fn register(
    store: &impl Store,
    id: RegisterId,
    telling: Telling,
) -> Result<RegisterView, RegisterError> {
    let record = record(store, id).await?;
    let Some(organisation) = accounts::organisation(store, &record.bin).await? else {
        let place = format!("register {id}");
        let reason = format!("its organisation {} is not in the store", record.bin);
        return Err(StoreError::Corrupt { place, reason }.into());
    };
    let newest = newest(store, id).await?.register;
    let latest = latest_opened(store, id, &newest, telling).await?;
    let shift = latest.and_then(|latest| ShiftState::of(&latest, telling));
    Ok(RegisterView::of(&record, &organisation, &newest, shift))
}

/// A page of shifts.
pub(super) async fn shifts(
    store: &impl Store,
    id: RegisterId,
    page: Page,
    telling: Telling,
) -> Result<ShiftsView, RegisterError> {
    record(store, id).await?;
    let (mut found, mut bytes, mut after) = (Vec::new(), 0_usize, page.after);
    loop {
        // One more than is asked for tells whether there are more.
        let wanted = page.limit.saturating_sub(found.len()).saturating_add(1).min(CHUNK);
        let chunk = registers::shifts(store, id, after, wanted).await?;
        let is_end = chunk.len() < wanted;
        for loaded in chunk {
            let Some(view) = ShiftView::of(&loaded.register, telling) else { continue };
            if found.len() >= page.limit || bytes >= ANSWER_BYTES_MAX {
                return Ok(ShiftsView { next: Some(after), shifts: found });
            }
            bytes = bytes.saturating_add(view.weight());
            after = view.number;
            found.push(view);
        }
        if is_end {
            return Ok(ShiftsView { shifts: found, next: None });
        }
    }
}

/// A page of the documents of a shift.
pub(super) async fn documents(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
    page: Page,
) -> Result<DocumentsView, RegisterError> {
    record(store, id).await?;
    let loaded = registers::shift(store, id, shift).await?.ok_or(RegisterError::NoSuchShift(shift))?;
    if matches!(loaded.register.phase, Phase::NotOpened) {
        return Err(RegisterError::NoSuchShift(shift));
    }
    let (mut found, mut bytes, mut after) = (Vec::new(), 0_usize, page.after);
    loop {
        let wanted = page.limit.saturating_sub(found.len()).saturating_add(1).min(CHUNK);
        let chunk = registers::documents(store, id, shift, after, wanted).await?;
        let is_end = chunk.len() < wanted;
        for document in &chunk {
            if found.len() >= page.limit || bytes >= ANSWER_BYTES_MAX {
                return Ok(DocumentsView { next: Some(after), documents: found });
            }
            let view = DocumentView::of(document);
            bytes = bytes.saturating_add(view.weight());
            after = view.number;
            found.push(view);
        }
        if is_end {
            return Ok(DocumentsView { documents: found, next: None });
        }
    }
}
