//! `ofd export`: documents as JSON Lines.

use std::io::Write;

use ofd_protocol::types::RegisterId;
use ofd_storage::any::AnyStore;
use ofd_storage::model::NotWhole;
use ofd_storage::registers::{self, Document, RowKind, ShiftRow};
use ofd_storage::store::{Store, StoreError, StreamId, StreamKind};
use serde_json::json;

use crate::verify::{self, Break};

/// Streams and documents are walked in pages.
const PAGE: usize = 512;

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A copy that is not finished.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// The file could not be written.
    #[error("the export cannot be written; free space or choose another file")]
    Write(#[from] std::io::Error),
}

/// Writes every document that can be read, or those of one register, and returns how many there were; then reads all else
/// that is stored. What cannot be read, or does not fit, goes to `on_break`: nothing is passed over in silence.
///
/// # Errors
/// [`ExportError`]; what was written so far stays.
pub async fn store(
    store: AnyStore,
    only: Option<RegisterId>,
    out: &mut impl Write,
    on_break: &mut impl FnMut(Break),
) -> Result<u64, ExportError> {
    match store {
        AnyStore::Embedded(store) => {
            whole(&verify::inspected(store, only, on_break)?, only, out, on_break).await
        }
        cluster @ AnyStore::Cql(_) => whole(&cluster, only, out, on_break).await,
    }
}

async fn whole(
    store: &impl Store,
    only: Option<RegisterId>,
    out: &mut impl Write,
    on_break: &mut impl FnMut(Break),
) -> Result<u64, ExportError> {
    verify::tell_unfinished(store, on_break).await?;
    let count = run(store, only, out, on_break).await?;
    verify::walk_all_or(store, only, on_break).await?;
    store.close().await?;
    Ok(count)
}

/// Writes every document, or those of one register, and returns how many there were. What cannot be read is told and left
/// out.
///
/// # Errors
/// [`ExportError`]; what was written so far stays.
pub async fn run(
    store: &impl Store,
    only: Option<RegisterId>,
    out: &mut impl Write,
    on_break: &mut impl FnMut(Break),
) -> Result<u64, ExportError> {
    let mut count = 0_u64;
    let mut after: Option<StreamId> =
        only.map(|register| StreamId { kind: StreamKind::Shift, owner: u64::from(register.0), ordinal: 0 });
    loop {
        let page = match store.streams(StreamKind::Shift, after, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                on_break(verify::damage_of(error)?);
                break;
            }
        };
        let Some(last) = page.last().copied() else { break };
        for stream in page {
            let register = RegisterId(u32::try_from(stream.owner).unwrap_or(u32::MAX));
            if only.is_some_and(|only| only != register) {
                out.flush()?;
                return Ok(count);
            }
            count = count.saturating_add(shift(store, register, stream.ordinal, out, on_break).await?);
        }
        after = Some(last);
    }
    out.flush()?;
    Ok(count)
}

/// Writes the documents of a shift one by one, so that one that cannot be read takes no other with it.
async fn shift(
    store: &impl Store,
    register: RegisterId,
    shift: u32,
    out: &mut impl Write,
    on_break: &mut impl FnMut(Break),
) -> Result<u64, ExportError> {
    let (mut count, mut after) = (0_u64, None);
    let prefix = [RowKind::Document.number()];
    loop {
        let rows = store.rows(registers::stream(register, shift), &prefix, after.as_deref(), PAGE).await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                on_break(verify::damage_of(error)?);
                return Ok(count);
            }
        };
        let Some(last) = rows.last() else { return Ok(count) };
        after = Some(last.key.clone());
        for row in &rows {
            match registers::shift_row(register, shift, row) {
                Ok(ShiftRow::Document(document)) => {
                    serde_json::to_writer(&mut *out, &line(register, shift, &document))
                        .map_err(std::io::Error::from)?;
                    out.write_all(b"\n")?;
                    count = count.saturating_add(1);
                }
                // The prefix is that of documents.
                Ok(
                    ShiftRow::Known { .. }
                    | ShiftRow::Unconfirmed(_)
                    | ShiftRow::Change(_)
                    | ShiftRow::Offline { .. }
                    | ShiftRow::Amendment { .. }
                    | ShiftRow::Cancelled { .. },
                ) => {}
                Err(error) => on_break(verify::damage_of(error)?),
            }
        }
    }
}

/// One line: the document as the API shows it, with its register and shift.
fn line(register: RegisterId, shift: u32, document: &Document) -> serde_json::Value {
    let mut line = ofd_admin_web::document_json(document);
    if let Some(object) = line.as_object_mut() {
        object.insert("register".into(), json!(register.0));
        object.insert("shift".into(), json!(shift));
    }
    line
}
