//! Streams of both sides: what is missing or different at the target is written, rows first, the head last.

use std::sync::Arc;

use bytes::Bytes;
use ofd_storage::store::{APPEND_LEN_MAX, Append, Head, Row, Store, StreamId, StreamKind, Version};

use super::crew::Crew;
use super::error::CopyError;
use super::job::{Findings, Job, Pass};
use super::mark::{Marker, Place};
use super::names::stream_name;
use super::pages::{Lists, Rows, Streams, Turn};
use super::progress::Tally;

/// Rows in one append at most, however short they are: each is a statement to a cluster.
const PART_ROWS_MAX: usize = 512;

/// A stream that moves this often, at either side, while it is copied is left for the next round.
const TRIES_MAX: usize = 5;

/// Walks the streams of both sides.
pub(super) async fn pass<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    pass: Pass,
    mut marker: Option<&mut Marker>,
    findings: &mut Findings,
) -> Result<(), CopyError> {
    let place = marker.as_ref().map_or(Place::Begun, |marker| marker.place().clone());
    for &kind in StreamKind::ALL {
        let after = match &place {
            Place::Begun | Place::Records { .. } => None,
            Place::Streams(reached) if kind < reached.kind => continue,
            Place::Streams(reached) if kind == reached.kind => Some(*reached),
            Place::Streams(_) => None,
            Place::Comparing | Place::Complete => continue,
        };
        of_kind(job, pass, (kind, after), marker.as_deref_mut(), findings).await?;
    }
    Ok(())
}

/// What came of one stream.
struct Outcome {
    stream: StreamId,
    held: Tally,
    verdict: Verdict,
}

enum Verdict {
    /// Both sides have it alike.
    Equal,
    /// It was written, or would not stand still.
    Written,
    /// It differs, and this is how.
    Differs(String),
    /// The source cannot read it, and this is why.
    Damaged(String),
}

async fn of_kind<S: Store, T: Store>(
    job: &Arc<Job<S, T>>,
    pass: Pass,
    (kind, after): (StreamKind, Option<StreamId>),
    mut marker: Option<&mut Marker>,
    findings: &mut Findings,
) -> Result<(), CopyError> {
    let lists = if job.source.is_shared() { Lists::Asked } else { Lists::Whole };
    let mut ours = Streams::after(kind, after, lists);
    // The target's lists were written by copies, entry by entry before each stream.
    let mut theirs = Streams::after(kind, after, Lists::Whole);
    let mut crew: Crew<StreamId, Outcome> = Crew::new(job.options.at_once);
    let mut is_over = false;
    loop {
        while !is_over && crew.has_room() {
            job.check_stop()?;
            let (source, target) = (ours.peek(&job.source).await?, theirs.peek(&job.target).await?);
            let turn = Turn::of(source.as_ref(), target.as_ref());
            match (turn, source, target) {
                (Turn::Both | Turn::SourceOnly, Some(stream), _) => {
                    ours.skip();
                    let is_there = turn == Turn::Both;
                    if is_there {
                        theirs.skip();
                    }
                    let job = Arc::clone(job);
                    crew.begin(stream, async move { bring(&job, pass, stream, is_there).await });
                }
                (Turn::TargetOnly, _, Some(stream)) => {
                    theirs.skip();
                    findings.differences.add(format!("{}: the source has none", stream_name(stream)));
                }
                _ => is_over = true,
            }
        }
        let done = crew.next().await?;
        let is_more = done.is_some();
        if let Some(outcome) = done {
            job.progress.stream();
            take(findings, outcome);
        }
        // A stream that cannot be read holds the mark: whoever continues must meet it again.
        if let (Some(marker), Some(stream)) = (marker.as_deref_mut(), crew.done_up_to())
            && findings.damaged.is_empty()
        {
            marker.reach(Place::Streams(*stream));
            marker.write_if_due(job).await?;
        }
        if !is_more && is_over {
            return Ok(());
        }
    }
}

fn take(findings: &mut Findings, Outcome { stream, held, verdict }: Outcome) {
    findings.held.add(&held);
    let name = stream_name(stream);
    match verdict {
        Verdict::Equal => {}
        Verdict::Written => findings.written.add(name),
        Verdict::Differs(how) => findings.differences.add(format!("{name}: {how}")),
        Verdict::Damaged(why) => findings.damaged.add(format!("{name}: {why}")),
    }
}

/// Compares one stream as the pass has it, and writes it where it differs.
async fn bring<S: Store, T: Store>(
    job: &Job<S, T>,
    pass: Pass,
    stream: StreamId,
    is_there: bool,
) -> Result<Outcome, CopyError> {
    let mut held = Tally::default();
    let verdict = match try_bring(job, pass, stream, is_there, &mut held).await {
        Err(error) if error.is_damage() => Verdict::Damaged(text_of(&error)),
        settled => settled?,
    };
    Ok(Outcome { stream, held, verdict })
}

/// An error with its cause.
fn text_of(error: &CopyError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

async fn try_bring<S: Store, T: Store>(
    job: &Job<S, T>,
    pass: Pass,
    stream: StreamId,
    is_there: bool,
    held: &mut Tally,
) -> Result<Verdict, CopyError> {
    let Some(source) = job.source.head(stream).await? else {
        return Ok(Verdict::Differs("it is listed at the source and has no head there".to_owned()));
    };
    held.head(stream, &source.bytes);
    let target = if is_there { job.target.head(stream).await? } else { None };
    let how = match &target {
        None => Some(Difference::curable("the target has none".to_owned())),
        Some(target) if !is_same(&source, target) => Some(Difference::curable("its heads differ".to_owned())),
        Some(_) if pass.reads_rows() => compare_rows(job, stream, held).await?,
        Some(_) => None,
    };
    match how {
        None => Ok(Verdict::Equal),
        Some(how) if pass.writes() && how.is_curable => {
            copy(job, stream, target, held).await?;
            Ok(Verdict::Written)
        }
        Some(how) => Ok(Verdict::Differs(how.what)),
    }
}

/// How a stream differs.
struct Difference {
    what: String,
    /// Whether writing it again helps. Rows are never taken away, so a row of the target alone is not the source's.
    is_curable: bool,
}

impl Difference {
    fn curable(what: String) -> Self {
        Self { what, is_curable: true }
    }
}

/// Versions begin anew at the target; what a head says, and whose it is, must be the same.
fn is_same(source: &Head, target: &Head) -> bool {
    source.stamp == target.stamp && source.bytes == target.bytes
}

/// Compares the rows of both sides one by one; says how they differ.
async fn compare_rows<S: Store, T: Store>(
    job: &Job<S, T>,
    stream: StreamId,
    held: &mut Tally,
) -> Result<Option<Difference>, CopyError> {
    let (mut ours, mut theirs) = (Rows::of(stream), Rows::of(stream));
    let documents = held.documents;
    loop {
        job.check_stop()?;
        let (source, target) = (ours.next(&job.source).await?, theirs.next(&job.target).await?);
        let turn = Turn::of(source.as_ref().map(|row| &row.key), target.as_ref().map(|row| &row.key));
        let (row, side) = match (turn, source, target) {
            (Turn::Both, Some(source), Some(target)) if source == target => {
                held.row(stream, &source);
                continue;
            }
            (Turn::Both, Some(source), _) => (source, "differs"),
            (Turn::SourceOnly, Some(source), _) => (source, "is missing at the target"),
            (Turn::TargetOnly, _, Some(extra)) => (extra, "is at the target alone"),
            _ => {
                job.progress.documents(held.documents.saturating_sub(documents));
                return Ok(None);
            }
        };
        let what = format!("row 0x{} {side}", hex::encode(&row.key));
        return Ok(Some(Difference { what, is_curable: turn != Turn::TargetOnly }));
    }
}

/// Copies a stream until it stands still at both sides.
async fn copy<S: Store, T: Store>(
    job: &Job<S, T>,
    stream: StreamId,
    mut target: Option<Head>,
    held: &mut Tally,
) -> Result<(), CopyError> {
    for _ in 0..TRIES_MAX {
        let Some(source) = job.source.head(stream).await? else { return Ok(()) };
        let mut counted = Tally::default();
        counted.head(stream, &source.bytes);
        match attempt(job, stream, &source, target.as_ref(), &mut counted).await? {
            Attempt::Done => {
                *held = counted;
                job.progress.documents(counted.documents);
                return Ok(());
            }
            Attempt::SourceMoved | Attempt::TargetMoved => target = job.target.head(stream).await?,
        }
    }
    // Its head at the target says that it is not whole, so the next round takes it up again.
    Ok(())
}

enum Attempt {
    Done,
    SourceMoved,
    TargetMoved,
}

/// Writes rows in parts, each with an empty head that no reader takes for a state, and the head with the last rows.
async fn attempt<S: Store, T: Store>(
    job: &Job<S, T>,
    stream: StreamId,
    source: &Head,
    target: Option<&Head>,
    counted: &mut Tally,
) -> Result<Attempt, CopyError> {
    let mut part = Part::new(stream, target.map(|head| head.version));
    // An append with a stamp that the head bears is taken for done: the head must bear another one first.
    if target.is_some_and(|target| target.stamp == source.stamp) && !part.write(job).await? {
        return Ok(Attempt::TargetMoved);
    }
    let mut rows = Rows::of(stream);
    while let Some(row) = rows.next(&job.source).await? {
        job.check_stop()?;
        counted.row(stream, &row);
        let len = row.key.len().saturating_add(row.value.len());
        let is_full = part.len.saturating_add(len) > job.options.part_len || part.rows.len() >= PART_ROWS_MAX;
        if is_full && !part.rows.is_empty() && !part.write(job).await? {
            return Ok(Attempt::TargetMoved);
        }
        part.push(row, len);
    }
    // Rows may have come after the head was read; with it they would be those of no state.
    if job.source.head(stream).await?.is_none_or(|head| head.stamp != source.stamp) {
        return Ok(Attempt::SourceMoved);
    }
    if part.len.saturating_add(source.bytes.len()) > APPEND_LEN_MAX && !part.write(job).await? {
        return Ok(Attempt::TargetMoved);
    }
    let is_done = part.finish(job, source).await?;
    Ok(if is_done { Attempt::Done } else { Attempt::TargetMoved })
}

/// Rows that wait for their append.
struct Part {
    stream: StreamId,
    expected: Option<Version>,
    rows: Vec<Row>,
    len: usize,
}

impl Part {
    fn new(stream: StreamId, expected: Option<Version>) -> Self {
        Self { stream, expected, rows: Vec::new(), len: 0 }
    }

    fn push(&mut self, row: Row, len: usize) {
        self.rows.push(row);
        self.len = self.len.saturating_add(len);
    }

    /// Writes the rows so far; false when the target moved.
    async fn write<S: Store, T: Store>(&mut self, job: &Job<S, T>) -> Result<bool, CopyError> {
        let append = Append {
            stream: self.stream,
            expected: self.expected,
            stamp: job.stamp(),
            head: Bytes::new(),
            rows: std::mem::take(&mut self.rows),
            notes: Vec::new(),
        };
        self.len = 0;
        let version = job.target.append(&append).await?;
        self.expected = version;
        Ok(version.is_some())
    }

    /// Writes the rest of the rows with the head; false when the target moved.
    async fn finish<S: Store, T: Store>(self, job: &Job<S, T>, head: &Head) -> Result<bool, CopyError> {
        let (stamp, head) = (head.stamp, head.bytes.clone());
        let append = Append {
            stream: self.stream,
            expected: self.expected,
            stamp,
            head,
            rows: self.rows,
            notes: Vec::new(),
        };
        Ok(job.target.append(&append).await?.is_some())
    }
}
