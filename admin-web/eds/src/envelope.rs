//! What a signature or a certificate comes wrapped in: PEM, bare base64, or nothing.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::tlv::FormatError;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes inside `input`: of the first PEM block with any label, of base64 text, or `input` itself.
///
/// # Errors
/// The text is PEM or base64 that does not decode.
pub(crate) fn open<'a>(input: &'a [u8], what: &'static str) -> Result<Cow<'a, [u8]>, FormatError> {
    // Everything that is read here begins with a SEQUENCE, whose tag is the digit 0: a base64 text never begins so,
    // since its first letter holds the tag's upper bits.
    if input.first() == Some(&0x30) {
        return Ok(Cow::Borrowed(input));
    }
    let malformed = FormatError::Malformed { what };
    let Ok(text) = std::str::from_utf8(input) else { return Err(malformed) };
    let text = text.trim_start_matches('\u{feff}').trim();
    let body = match text.split_once("-----BEGIN ") {
        Some((_, block)) => {
            let (_, body) = block.split_once("-----").ok_or_else(|| malformed.clone())?;
            body.split_once("-----END ").ok_or_else(|| malformed.clone())?.0
        }
        None => text,
    };
    let letters: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = LENIENT.decode(letters).map_err(|_| malformed.clone())?;
    if bytes.is_empty() { Err(malformed) } else { Ok(Cow::Owned(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::open;

    #[test]
    fn pem_and_base_64_and_plain_bytes_are_opened() {
        let plain = [0x30, 3, 2, 1, 5];
        assert_eq!(open(&plain, "it").unwrap(), &plain[..]);
        for text in
            ["MAMCAQU=", "MAMC\r\nAQU=\r\n", "MAMCAQU", "-----BEGIN CMS-----\nMAMCAQU=\n-----END CMS-----\n"]
        {
            assert_eq!(open(text.as_bytes(), "it").unwrap(), &plain[..], "{text}");
        }
        for wrong in ["", "hello, world", "-----BEGIN CMS-----\nMAMC", "-----BEGIN CMS", "MAM$"] {
            assert!(open(wrong.as_bytes(), "it").is_err(), "{wrong}");
        }
    }
}
