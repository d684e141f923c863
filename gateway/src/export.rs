//! `ofd export`: documents as JSON Lines.

use std::io::Write;

use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{self, Document};
use ofd_storage::store::{Store, StoreError, StreamId, StreamKind};
use serde_json::json;

/// Streams and documents are walked in pages.
const PAGE: usize = 512;

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("the export cannot be written; free space or choose another file")]
    Write(#[from] std::io::Error),
}

/// Writes every document, or those of one register, and returns how many there were.
///
/// # Errors
/// [`ExportError`]; what was written so far stays.
pub async fn run(
    store: &impl Store,
    only: Option<RegisterId>,
    out: &mut impl Write,
) -> Result<u64, ExportError> {
    let mut count = 0_u64;
    let mut after: Option<StreamId> = only.and_then(|register| {
        let before = register.0.checked_sub(1)?;
        Some(StreamId { kind: StreamKind::Shift, owner: u64::from(before), ordinal: u32::MAX })
    });
    loop {
        let page = store.streams(StreamKind::Shift, after, PAGE).await?;
        let Some(last) = page.last().copied() else { break };
        for stream in page {
            let register = RegisterId(u32::try_from(stream.owner).unwrap_or(u32::MAX));
            if only.is_some_and(|only| only != register) {
                out.flush()?;
                return Ok(count);
            }
            count = count.saturating_add(shift(store, register, stream.ordinal, out).await?);
        }
        after = Some(last);
    }
    out.flush()?;
    Ok(count)
}

async fn shift(
    store: &impl Store,
    register: RegisterId,
    shift: u32,
    out: &mut impl Write,
) -> Result<u64, ExportError> {
    let (mut count, mut after) = (0_u64, 0_u32);
    loop {
        let page = registers::documents(store, register, shift, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.number;
        for document in &page {
            serde_json::to_writer(&mut *out, &line(register, shift, document))
                .map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
            count = count.saturating_add(1);
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
