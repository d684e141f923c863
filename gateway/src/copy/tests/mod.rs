//! Copies between stores in memory and in directories: whole, cut off, disturbed and refused.

mod cuts;
mod refusals;
mod whole;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ofd_storage::model::COPY_MARK_KEY;
use ofd_storage::store::{RecordKind, Stamp, Store, StreamId, StreamKind};
use tokio_util::sync::CancellationToken;

use super::{CopyError, CopyOptions, Copying, Patience, Progress, Report};
use crate::world::SystemWorld;

/// A page for looking at everything.
const ALL: usize = 100_000;

const FROM: &str = "the store of the test";

const COMMAND: &str = "ofd copy --from a.toml --to b.toml";

/// All that must be the same at both sides: everything but versions and the mark.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    records: BTreeMap<(RecordKind, Bytes), Bytes>,
    streams: BTreeMap<StreamId, StreamContent>,
}

/// Stamp, head and rows.
type StreamContent = (Stamp, Bytes, Vec<(Bytes, Bytes)>);

async fn content(store: &impl Store) -> Content {
    let mut content = Content { records: BTreeMap::new(), streams: BTreeMap::new() };
    for &kind in RecordKind::ALL {
        for record in store.records(kind, b"", None, ALL).await.unwrap() {
            if kind != RecordKind::Store || record.key != COPY_MARK_KEY {
                content.records.insert((kind, record.key), record.bytes);
            }
        }
    }
    for &kind in StreamKind::ALL {
        for stream in store.streams(kind, None, ALL).await.unwrap() {
            let head = store.head(stream).await.unwrap().unwrap();
            let rows = store.rows(stream, b"", None, ALL).await.unwrap();
            let rows = rows.into_iter().map(|row| (row.key, row.value)).collect();
            content.streams.insert(stream, (head.stamp, head.bytes, rows));
        }
    }
    content
}

/// A copy with little patience and small parts; and what it said.
fn copying() -> (Copying, Arc<Mutex<Vec<String>>>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&said);
    let patience =
        Patience { first_pause: Duration::ZERO, pause_max: Duration::ZERO, total: Duration::from_secs(30) };
    let options = CopyOptions {
        at_once: 5,
        part_len: 3000,
        mark_every: Duration::ZERO,
        // A look at every minute of eight days takes seconds.
        changes_for: Duration::from_secs(600),
        patience,
        ..CopyOptions::new(FROM, COMMAND)
    };
    let copying = Copying {
        options,
        world: Arc::new(SystemWorld),
        stop: CancellationToken::new(),
        progress: Arc::new(Progress::new(move |line| lines.lock().unwrap().push(line.to_owned()))),
    };
    (copying, said)
}

async fn copy<S: Store, T: Store>(source: &Arc<S>, target: &Arc<T>) -> Result<Report, CopyError> {
    copying().0.run(Arc::clone(source), Arc::clone(target)).await
}
