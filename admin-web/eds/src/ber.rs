//! BER to DER, as far as signature files need it: indefinite lengths become definite, strings in pieces are joined.
//!
//! Whatever is DER already is copied as it is, byte by byte: certificates and signed attributes inside must not change.

use crate::limits::{DEPTH_MAX, PIECES_MAX};
use crate::tlv::FormatError;

const WHAT: &str = "the signature file";
const MALFORMED: FormatError = FormatError::Malformed { what: WHAT };
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
                let count = usize::from(long & 0x7F);
                if count > size_of::<u32>() {
                    return Err(MALFORMED);
                }
                let bytes = self.take(count)?;
                let length = bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
                Some(usize::try_from(length).map_err(|_| MALFORMED)?)
            }
        };
        Ok(Head { tag, length })
    }

    /// Takes one value off the front and writes it as DER.
    fn value(&mut self, depth: usize, out: &mut Vec<u8>) -> Result<(), FormatError> {
        if depth == DEPTH_MAX {
            return Err(FormatError::TooMuch { what: "the nesting of the signature file", limit: DEPTH_MAX });
        }
        let before = self.rest;
        let head = self.head()?;
        if head.tag & CONSTRUCTED == 0 {
            self.take(head.length.ok_or(MALFORMED)?)?;
            out.extend_from_slice(consumed(before, self.rest)?);
            return Ok(());
        }
        let mut body = Vec::new();
        match head.length {
            Some(length) => {
                let mut inner = Walker { rest: self.take(length)?, pieces: self.pieces };
                while !inner.rest.is_empty() {
                    inner.part(&head, depth, &mut body)?;
                }
                self.pieces = inner.pieces;
                let original = consumed(before, self.rest)?;
                // Nothing in it changed, or only its own length would be written in another way: DER or not is then for
                // the strict reader to say.
                if head.tag != PIECES && body.len() == length && original.ends_with(&body) {
                    out.extend_from_slice(original);
                    return Ok(());
                }
            }
            None => {
                while self.rest.first_chunk() != Some(&[0, 0]) {
                    self.part(&head, depth, &mut body)?;
                }
                self.take(2)?;
            }
        }
        let tag = if head.tag == PIECES { OCTET_STRING } else { head.tag };
        write(tag, &body, out)
    }

    /// One value inside `head`: a piece of its string, or a value of its own.
    fn part(&mut self, head: &Head, depth: usize, body: &mut Vec<u8>) -> Result<(), FormatError> {
        if head.tag != PIECES {
            return self.value(depth + 1, body);
        }
        self.pieces += 1;
        if self.pieces > PIECES_MAX {
            return Err(FormatError::TooMuch { what: "the number of pieces of a string", limit: PIECES_MAX });
        }
        let piece = self.head()?;
        // Pieces of pieces are allowed by BER and written by nobody.
        if piece.tag != OCTET_STRING {
            return Err(MALFORMED);
        }
        body.extend_from_slice(self.take(piece.length.ok_or(MALFORMED)?)?);
        Ok(())
    }
}

fn consumed<'a>(before: &'a [u8], rest: &[u8]) -> Result<&'a [u8], FormatError> {
    let length = before.len().checked_sub(rest.len()).ok_or(MALFORMED)?;
    before.get(..length).ok_or(MALFORMED)
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

/// The one value that `bytes` hold, as DER. Nothing may follow it.
pub(crate) fn to_der(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut walker = Walker { rest: bytes, pieces: 0 };
    let mut out = Vec::with_capacity(bytes.len());
    walker.value(0, &mut out)?;
    if walker.rest.is_empty() { Ok(out) } else { Err(FormatError::Trailing { what: WHAT }) }
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
    fn what_is_der_or_only_written_in_another_way_stays_as_it_came() {
        for same in
            [&[0x30, 3, 2, 1, 5][..], &[0x30, 0x81, 3, 2, 1, 5], &[0x30, 0], &[0x30, 4, 2, 0x81, 1, 5]]
        {
            assert_eq!(to_der(same).unwrap(), same);
        }
    }

    #[test]
    fn what_is_cut_off_or_followed_by_more_is_refused() {
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 2, 1, 2, 4, 1, 3, 0, 0, 2, 1, 5, 0, 0];
        for cut in 0..ber.len() {
            assert!(to_der(&ber[..cut]).is_err(), "cut at {cut}");
        }
        let followed = [&ber[..], &[0]].concat();
        assert_eq!(to_der(&followed), Err(FormatError::Trailing { what: "the signature file" }));
        for wrong in [&[4, 0x80, 0, 0][..], &[0x24, 3, 2, 1, 1], &[0x3F, 1, 0], &[0x30, 0x85, 0, 0, 0, 0, 0]]
        {
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
