//! Frames on a byte stream: tokio-util's decoder and encoder over [`ofd_protocol::frame`].

use bytes::{Buf, Bytes, BytesMut};
use ofd_protocol::frame::{self, FrameError, HEADER_LEN, Header};
use tokio_util::codec::{Decoder, Encoder};

/// Splits frames off a stream and writes answers to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameCodec;

/// Why a stream cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// What comes is no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The link broke.
    #[error("the link broke")]
    Io(#[from] std::io::Error),
    /// An answer is too long for a frame; a fault of ours.
    #[error("an answer of {len} bytes does not fit a frame")]
    AnswerTooLong {
        /// Length of its payload.
        len: usize,
    },
}

impl Decoder for FrameCodec {
    /// One whole frame, header included: the bytes that are stored.
    type Item = Bytes;
    type Error = CodecError;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, CodecError> {
        let Some(header) = frame::header(input)? else { return Ok(None) };
        let size = usize::try_from(header.size).unwrap_or(usize::MAX);
        // SIZE is a promise: whoever reads the stream decides how much room it is worth.
        if input.len() < size {
            return Ok(None);
        }
        Ok(Some(input.split_to(size).freeze()))
    }
}

/// An answer on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// VERSION, ID and REQNUM of the request, and the token to use next.
    pub header: Header,
    /// The encoded message.
    pub payload: Bytes,
}

impl Encoder<&Outgoing> for FrameCodec {
    type Error = CodecError;

    fn encode(&mut self, answer: &Outgoing, out: &mut BytesMut) -> Result<(), CodecError> {
        let len = answer.payload.remaining();
        out.reserve(len.saturating_add(HEADER_LEN));
        frame::put_header(out, &answer.header, len).ok_or(CodecError::AnswerTooLong { len })?;
        out.extend_from_slice(&answer.payload);
        Ok(())
    }
}
