//! A file as the body of an answer.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::work::Spooled;

/// So much is read from a file at once.
const PIECE_BYTES: usize = 64 * 1024;

/// A piece of the file is in memory at a time, however slowly it is taken.
pub(super) struct FileBody {
    spooled: Arc<Spooled>,
    at: u64,
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

impl FileBody {
    pub(super) fn new(spooled: Arc<Spooled>) -> Self {
        Self { spooled, at: 0, reading: None }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let (spooled, at) = (Arc::clone(&self.spooled), self.at);
        let reading = self
            .reading
            .get_or_insert_with(|| tokio::task::spawn_blocking(move || spooled.piece(at, PIECE_BYTES)));
        let read = ready!(Pin::new(reading).poll(cx));
        self.reading = None;
        match read.map_err(io::Error::other).flatten() {
            Ok(piece) if piece.is_empty() => Poll::Ready(None),
            Ok(piece) => {
                self.at = self.at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                Poll::Ready(Some(Ok(Frame::data(piece.into()))))
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.at >= self.spooled.size()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.spooled.size().saturating_sub(self.at))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::work::{Content, Part, Work, WorkConfig};

    #[tokio::test]
    async fn a_file_is_given_out_as_it_came_piece_by_piece() {
        let work = Work::start(&WorkConfig::small()).unwrap();
        let intake = work.intake(Part::Documents, [127, 0, 0, 1].into());
        let mut incoming = intake.begin(None).unwrap();
        let bytes: Vec<u8> = (0..12 * PIECE_BYTES + 17).map(|at| (at % 251) as u8).collect();
        incoming.push(&bytes).await.unwrap();
        let Content::File(spooled) = incoming.finish().await.unwrap() else { panic!("it stays in memory") };
        let mut body = FileBody::new(spooled);
        assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        let mut came = Vec::new();
        while let Some(frame) = body.frame().await {
            let piece = frame.unwrap().into_data().unwrap();
            assert!(piece.len() <= PIECE_BYTES);
            came.extend_from_slice(&piece);
        }
        assert!(body.is_end_stream());
        assert!(came == bytes, "what was given out is what came in");
    }
}
