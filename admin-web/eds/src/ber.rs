//! BER to DER, as far as signature files need it: indefinite and needlessly long lengths become definite and short,
//! strings in pieces, and in pieces of pieces, are joined.
//!
//! What is DER already comes out as it went in, byte by byte: certificates and signed attributes inside must not change.

use crate::limits::{DEPTH_MAX, NESTING, PIECES as PIECES_NAME, PIECES_MAX};
use crate::tlv::FormatError;

const WHAT: &str = "the signature file";
const MALFORMED: FormatError = FormatError::Malformed { what: WHAT };
const TOO_DEEP: FormatError = FormatError::TooMuch { what: NESTING, limit: DEPTH_MAX };
const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;
/// An OCTET STRING in pieces.
const PIECES: u8 = OCTET_STRING | CONSTRUCTED;

/// One value's header.
struct Head {
    tag: u8,
    /// `None`: until two zero bytes.
    length: Option<usize>,
}

struct Walker<'a> {
    rest: &'a [u8],
    pieces: usize,
}

impl<'a> Walker<'a> {
    fn byte(&mut self) -> Result<u8, FormatError> {
        let (first, rest) = self.rest.split_first().ok_or(MALFORMED)?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FormatError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(MALFORMED)?;
        self.rest = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<Head, FormatError> {
        let tag = self.byte()?;
        // Tags of several bytes occur in no structure that is read here.
        if tag & 0x1F == 0x1F {
            return Err(MALFORMED);
        }
        let length = match self.byte()? {
            short @ 0..=0x7F => Some(usize::from(short)),
            0x80 if tag & CONSTRUCTED == 0 => return Err(MALFORMED),
            0x80 => None,
            long => {
                let bytes = self.take(usize::from(long & 0x7F))?;
                // Leading zeros say nothing.
                let bytes = bytes.iter().skip_while(|byte| **byte == 0);
                if long == 0xFF || bytes.clone().count() > size_of::<u32>() {
                    return Err(MALFORMED);
                }
                let length = bytes.fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
                Some(usize::try_from(length).map_err(|_| MALFORMED)?)
            }
        };
        Ok(Head { tag, length })
    }

    /// Takes one value off the front and writes it as DER.
    fn value(&mut self, depth: usize, out: &mut Vec<u8>) -> Result<(), FormatError> {
        if depth == DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        let head = self.head()?;
        if head.tag & CONSTRUCTED == 0 {
            let body = self.take(head.length.ok_or(MALFORMED)?)?;
            return write(head.tag, body, out);
        }
        let mut body = Vec::new();
        self.parts(&head, depth, &mut body)?;
        let tag = if head.tag == PIECES { OCTET_STRING } else { head.tag };
        write(tag, &body, out)
    }

    /// All values inside `head`, whose own header was taken.
    fn parts(&mut self, head: &Head, depth: usize, body: &mut Vec<u8>) -> Result<(), FormatError> {
        match head.length {
            Some(length) => {
                let mut inner = Walker { rest: self.take(length)?, pieces: self.pieces };
                while !inner.rest.is_empty() {
                    inner.part(head, depth, body)?;
                }
                self.pieces = inner.pieces;
            }
            None => {
                while self.rest.first_chunk() != Some(&[0, 0]) {
                    self.part(head, depth, body)?;
                }
                self.take(2)?;
            }
        }
        Ok(())
    }

    /// One value inside `head`: a piece of its string, or a value of its own.
    fn part(&mut self, head: &Head, depth: usize, body: &mut Vec<u8>) -> Result<(), FormatError> {
        if head.tag != PIECES {
            return self.value(depth + 1, body);
        }
        self.pieces += 1;
        if self.pieces > PIECES_MAX {
            return Err(FormatError::TooMuch { what: PIECES_NAME, limit: PIECES_MAX });
        }
        let piece = self.head()?;
        match piece.tag {
            OCTET_STRING => body.extend_from_slice(self.take(piece.length.ok_or(MALFORMED)?)?),
            PIECES if depth + 1 == DEPTH_MAX => return Err(TOO_DEEP),
            PIECES => self.parts(&piece, depth + 1, body)?,
            _ => return Err(MALFORMED),
        }
        Ok(())
    }
}

/// Appends one value as DER.
pub(crate) fn write(tag: u8, body: &[u8], out: &mut Vec<u8>) -> Result<(), FormatError> {
    out.push(tag);
    match u8::try_from(body.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = u32::try_from(body.len()).map_err(|_| MALFORMED)?.to_be_bytes();
            let bytes: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).map_err(|_| MALFORMED)?);
            out.extend_from_slice(&bytes);
        }
    }
    out.extend_from_slice(body);
    Ok(())
}

/// The one value that `bytes` hold, as DER. Nothing may follow it but line ends and the zero bytes that native Kalkan
/// writes behind its files.
pub(crate) fn to_der(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut walker = Walker { rest: bytes, pieces: 0 };
    let mut out = Vec::with_capacity(bytes.len());
    walker.value(0, &mut out)?;
    let is_nothing = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    if walker.rest.iter().all(is_nothing) { Ok(out) } else { Err(FormatError::Trailing { what: WHAT }) }
}

#[cfg(test)]
mod tests {
    use super::{DEPTH_MAX, FormatError, to_der};

    #[test]
    fn indefinite_lengths_become_definite_and_pieces_are_joined() {
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 2, 1, 2, 4, 1, 3, 0, 0, 2, 1, 5, 0, 0];
        assert_eq!(to_der(&ber).unwrap(), [0x30, 8, 4, 3, 1, 2, 3, 2, 1, 5]);
        let definite = [0x24, 6, 4, 1, 7, 4, 1, 8];
        assert_eq!(to_der(&definite).unwrap(), [4, 2, 7, 8]);
        let inside_definite = [0x30, 6, 0x30, 0x80, 5, 0, 0, 0];
        assert_eq!(to_der(&inside_definite).unwrap(), [0x30, 4, 0x30, 2, 5, 0]);
    }

    #[test]
    fn what_is_der_stays_as_it_came_and_needlessly_long_lengths_become_short() {
        for same in [&[0x30, 3, 2, 1, 5][..], &[0x30, 0], &[4, 2, 0x30, 0x80]] {
            assert_eq!(to_der(same).unwrap(), same);
        }
        for long in [
            &[0x30, 0x81, 3, 2, 1, 5][..],
            &[0x30, 4, 2, 0x81, 1, 5],
            &[0x30, 0x85, 0, 0, 0, 0, 3, 2, 1, 5],
            &[0x30, 0x82, 0, 4, 2, 0x81, 1, 5],
        ] {
            assert_eq!(to_der(long).unwrap(), [0x30, 3, 2, 1, 5], "{long:?}");
        }
    }

    #[test]
    fn pieces_of_pieces_are_joined() {
        let definite = [0x24, 10, 0x24, 5, 4, 1, 1, 4, 0, 4, 1, 2];
        assert_eq!(to_der(&definite).unwrap(), [4, 2, 1, 2]);
        let indefinite = [0x24, 0x80, 0x24, 0x80, 4, 1, 1, 0, 0, 0x24, 3, 4, 1, 2, 0, 0];
        assert_eq!(to_der(&indefinite).unwrap(), [4, 2, 1, 2]);
        let deep = |depth: usize| [[0x24, 0x80].repeat(depth), vec![0; 2 * depth]].concat();
        assert_eq!(to_der(&deep(DEPTH_MAX)).unwrap(), [4, 0]);
        for depth in [DEPTH_MAX + 1, 1_000_000] {
            assert!(matches!(to_der(&deep(depth)), Err(FormatError::TooMuch { .. })), "{depth}");
        }
    }

    #[test]
    fn zeros_and_line_ends_behind_are_nothing_and_whatever_else_is_refused() {
        let good = [0x30, 3, 2, 1, 5];
        for behind in [&[0][..], b"\r\n", b"\n", &[0, 0, b'\n']] {
            assert_eq!(to_der(&[&good[..], behind].concat()).unwrap(), good, "{behind:?}");
        }
        for behind in [&[1][..], b"\nx", &[0x30, 0]] {
            let refused = Err(FormatError::Trailing { what: "the signature file" });
            assert_eq!(to_der(&[&good[..], behind].concat()), refused, "{behind:?}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_value_is_refused() {
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 2, 1, 2, 4, 1, 3, 0, 0, 2, 1, 5, 0, 0];
        for cut in 0..ber.len() {
            assert!(to_der(&ber[..cut]).is_err(), "cut at {cut}");
        }
        for wrong in [
            &[4, 0x80, 0, 0][..],
            &[0x24, 3, 2, 1, 1],
            &[0x3F, 1, 0],
            &[0x30, 0x85, 1, 0, 0, 0, 0],
            &[0x30, 0xFF, 0],
        ] {
            assert!(to_der(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| [[0x30, 0x80].repeat(depth), vec![0; 2 * depth]].concat();
        assert!(to_der(&nested(DEPTH_MAX)).is_ok());
        for depth in [DEPTH_MAX + 1, 1000, 1_000_000] {
            assert!(matches!(to_der(&nested(depth)), Err(FormatError::TooMuch { .. })), "{depth}");
        }
    }
}
