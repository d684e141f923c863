//! The 18-byte header and the splitting of a byte stream into frames (WIRE section 2).
//!
//! ```text
//!  0      2         4        8      12      16        18
//!  +------+---------+--------+------+-------+---------+------------- - -
//!  | A281 | VERSION |  SIZE  |  ID  | TOKEN | REQNUM  | payload
//!  +------+---------+--------+------+-------+---------+------------- - -
//!                   all integers little-endian; SIZE counts the header too
//! ```

use bytes::{BufMut, BytesMut};
use nom::bytes::streaming::tag;
use nom::number::streaming::{le_u16, le_u32};
use nom::{IResult, Parser};

use crate::types::{RegisterId, RequestNumber, Token};

/// The application code as it lies on the wire: 0x81A2, little-endian.
pub const APPCODE: [u8; 2] = 0x81A2_u16.to_le_bytes();

/// Length of the header.
pub const HEADER_LEN: usize = 18;

/// The longest frame that is read, header included. The longest honest receipts stay below 300 KiB.
pub const FRAME_LEN_MAX: usize = 1024 * 1024;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Protocol version as XYZ: 2.0.3 is 203. Kept raw: an unsupported one is answered, not dropped.
    pub version: u16,
    /// Length of the whole frame, header included.
    pub size: u32,
    /// The register's id.
    pub register: RegisterId,
    /// The key that changes with every fiscal command.
    pub token: Token,
    /// The number of the request.
    pub request: RequestNumber,
}

/// Why bytes are not a frame. After either the place where the next frame begins is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The first bytes are not the application code: another protocol speaks here.
    #[error("the frame begins with {0:02X?}, not with A2 81")]
    Foreign([u8; 2]),
    /// SIZE is below the header's length or above the limit.
    #[error("SIZE is {}, it must be {HEADER_LEN} to {FRAME_LEN_MAX}", header.size)]
    Size {
        /// The header that says so; the answer takes VERSION, ID, TOKEN and REQNUM from it.
        header: Header,
    },
}

/// One whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its first 18 bytes, read.
    pub header: Header,
    /// The protobuf message.
    pub payload: &'a [u8],
}

fn fields(input: &[u8]) -> IResult<&[u8], Header> {
    let (input, _) = tag(APPCODE.as_slice())(input)?;
    header_fields(input)
}

fn header_fields(input: &[u8]) -> IResult<&[u8], Header> {
    let (input, (version, size, register, token, request)) =
        (le_u16, le_u32, le_u32, le_u32, le_u16).parse(input)?;
    let header = Header {
        version,
        size,
        register: RegisterId(register),
        token: Token(token),
        request: RequestNumber(request),
    };
    Ok((input, header))
}

/// Reads the header's fields whatever the application code, to answer a frame that cannot be read (WIRE 13.9);
/// `None` when there are fewer bytes than a header has.
pub fn header_of_unreadable(input: &[u8]) -> Option<Header> {
    let rest = input.get(APPCODE.len()..HEADER_LEN)?;
    header_fields(rest).ok().map(|(_, header)| header)
}

/// Reads the header at the front of `input`; `None` asks for more bytes.
///
/// SIZE is judged here, before any of the payload is waited for: a hostile length never buys buffer space.
///
/// # Errors
/// [`FrameError`] when the bytes can never become a frame.
pub fn header(input: &[u8]) -> Result<Option<Header>, FrameError> {
    let header = match fields(input) {
        Ok((_, header)) => header,
        Err(nom::Err::Incomplete(_)) => return Ok(None),
        Err(nom::Err::Error(_) | nom::Err::Failure(_)) => {
            let mut first = [0; 2];
            first.iter_mut().zip(input).for_each(|(to, from)| *to = *from);
            return Err(FrameError::Foreign(first));
        }
    };
    let fits = usize::try_from(header.size).is_ok_and(|size| (HEADER_LEN..=FRAME_LEN_MAX).contains(&size));
    if fits { Ok(Some(header)) } else { Err(FrameError::Size { header }) }
}

/// Takes one frame off the front of `input` and returns it with the rest; `None` asks for more bytes.
///
/// # Errors
/// As [`header`].
pub fn split(input: &[u8]) -> Result<Option<(Frame<'_>, &[u8])>, FrameError> {
    let Some(header) = header(input)? else { return Ok(None) };
    let split = usize::try_from(header.size).ok().and_then(|size| input.split_at_checked(size));
    let Some((whole, rest)) = split else { return Ok(None) };
    Ok(whole.get(HEADER_LEN..).map(|payload| (Frame { header, payload }, rest)))
}

/// Reads bytes that are exactly one frame, as they are kept in the store.
///
/// # Errors
/// [`FrameError`] when they are not.
pub fn whole(input: &[u8]) -> Result<Frame<'_>, FrameError> {
    match split(input)? {
        Some((frame, [])) => Ok(frame),
        Some((frame, _)) => Err(FrameError::Size { header: frame.header }),
        None => match header(input)? {
            Some(header) => Err(FrameError::Size { header }),
            None => Err(FrameError::Foreign([0; 2])),
        },
    }
}

/// Writes the header with the SIZE that `payload_len` gives; `None` when the frame would exceed the limit.
pub fn put_header(out: &mut BytesMut, header: &Header, payload_len: usize) -> Option<()> {
    let size = payload_len.checked_add(HEADER_LEN).filter(|size| *size <= FRAME_LEN_MAX)?;
    out.put_slice(&APPCODE);
    out.put_u16_le(header.version);
    out.put_u32_le(u32::try_from(size).ok()?);
    out.put_u32_le(header.register.0);
    out.put_u32_le(header.token.0);
    out.put_u16_le(header.request.0);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> BytesMut {
        let header = Header {
            version: 203,
            size: 0,
            register: RegisterId(203_539),
            token: Token(671_795_700),
            request: RequestNumber(84),
        };
        let mut out = BytesMut::new();
        put_header(&mut out, &header, 3).unwrap();
        out.extend_from_slice(&[8, 0, 7]);
        out
    }

    #[test]
    fn a_written_header_is_read_back() {
        let bytes = sample();
        let (frame, rest) = split(&bytes).unwrap().unwrap();
        assert_eq!((frame.header.version, frame.header.size, rest.len()), (203, 21, 0));
        assert_eq!(frame.payload, [8, 0, 7]);
        assert_eq!(whole(&bytes).unwrap(), frame);
    }

    #[test]
    fn every_shorter_prefix_of_a_frame_asks_for_more() {
        let bytes = sample();
        for cut in 0..bytes.len() {
            assert_eq!(split(&bytes[..cut]), Ok(None), "cut at {cut}");
        }
    }

    #[test]
    fn another_protocol_is_told_by_its_first_byte() {
        assert_eq!(split(b"GET / HTTP/1.1"), Err(FrameError::Foreign(*b"GE")));
        assert_eq!(header(b"\x16"), Err(FrameError::Foreign([0x16, 0])));
    }

    #[test]
    fn a_size_below_the_header_or_above_the_limit_is_refused_before_the_payload_comes() {
        for size in [0_u32, 17, 1_048_577, u32::MAX] {
            let mut bytes = sample();
            bytes[4..8].copy_from_slice(&size.to_le_bytes());
            assert!(matches!(header(&bytes[..18]), Err(FrameError::Size { header }) if header.size == size));
        }
    }

    #[test]
    fn the_fields_of_a_foreign_header_can_be_answered() {
        let mut bytes = sample();
        bytes[0] = 0;
        let header = header_of_unreadable(&bytes).unwrap();
        assert_eq!((header.version, header.register), (203, RegisterId(203_539)));
        assert_eq!(header_of_unreadable(&bytes[..17]), None);
    }

    #[test]
    fn bytes_after_a_stored_frame_are_an_error() {
        let mut bytes = sample();
        bytes.extend_from_slice(&[0]);
        assert!(whole(&bytes).is_err());
        assert!(whole(&bytes[..5]).is_err());
    }
}
