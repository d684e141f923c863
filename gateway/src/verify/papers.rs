//! Papers that companies sign: their bytes are those that their heads and keys name, and what a company names is there.

use ofd_storage::accounts::{Company, Paper};
use ofd_storage::papers;
use ofd_storage::store::{Store, StoreError, StreamId, StreamKind};

use super::walked::{Break, Read, Walked, each_stream, is_there, read, tell_of};

/// A paper has a row for its PDF and one for each signature that came; a page of them has some megabytes at most.
const ROWS: usize = 4;

/// Walks the bytes of all papers.
pub(super) async fn walk(
    store: &impl Store,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    each_stream(store, StreamKind::Paper, on_break, async |stream, on_break| {
        let mut rows = 0;
        tell_of(store, on_break, async || {
            rows = 0;
            judge(store, stream, &mut rows).await
        })
        .await?;
        walked.papers = walked.papers.saturating_add(rows);
        Ok(())
    })
    .await
}

async fn judge(store: &impl Store, stream: StreamId, rows: &mut u64) -> Result<Vec<Break>, StoreError> {
    let broken = |reason: String| Break::elsewhere(stream.to_string(), reason);
    let head = match read(papers::head(store, stream).await)? {
        Read::Whole(Some(head)) => head,
        // In a cluster a list may name a stream that never came to be.
        Read::Whole(None) if store.is_shared() => return Ok(Vec::new()),
        Read::Whole(None) => return Ok(vec![broken("its head is missing".to_owned())]),
        Read::Damaged(damage) => return Ok(vec![damage]),
    };
    let (mut wrong, mut after, mut has_pdf) = (Vec::new(), None, false);
    loop {
        let page = match read(store.rows(stream, b"", after.as_deref(), ROWS).await)? {
            Read::Whole(page) => page,
            Read::Damaged(damage) => {
                wrong.push(damage);
                return Ok(wrong);
            }
        };
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        for row in &page {
            *rows = rows.saturating_add(1);
            has_pdf |= papers::is_pdf(row);
            wrong.extend(papers::misfit(&head, row).map(&broken));
        }
    }
    if !has_pdf {
        wrong.push(broken("its PDF is missing".to_owned()));
    }
    Ok(wrong)
}

/// What of a paper that a company names does not fit: its bytes come before it, and so does the signature under it.
pub(super) async fn named(
    store: &impl Store,
    company: &Company,
    paper: &Paper,
) -> Result<Vec<String>, StoreError> {
    let (bin, number) = (company.bin.as_str(), paper.number);
    let Some(stream) = papers::stream_of(bin, number) else { return Ok(Vec::new()) };
    let mut wrong = Vec::new();
    if number > company.papers_last {
        wrong.push(format!("it counts {} papers and names paper {number}", company.papers_last));
    }
    // What is damaged is told where it lies.
    match papers::head(store, stream).await {
        Err(StoreError::Corrupt { .. }) => return Ok(wrong),
        found => match found? {
            Some(head) if head.pdf_hash == paper.pdf_hash => {}
            Some(_) => wrong.push(format!("paper {number} names other bytes than those that are kept")),
            None => {
                wrong.push(format!("paper {number}, which it names, is missing"));
                return Ok(wrong);
            }
        },
    }
    if let Some(signature) = paper.state.signature()
        && !is_there(papers::cms(store, (bin, number), &signature.cms_hash).await)?
    {
        wrong.push(format!("the signature under paper {number} is missing"));
    }
    Ok(wrong)
}
