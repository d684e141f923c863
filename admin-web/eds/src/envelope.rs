//! What a signature or a certificate comes wrapped in: PEM, bare base64, or nothing, and what programs and people do to
//! such a text on its way.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::tlv::FormatError;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What begins a PEM block, before its label.
const BEGIN: &str = "-----BEGIN ";

/// Labels of blocks that lie beside a signature in one file.
const OTHER_LABELS: &[&str] = &["CERTIFICATE", "KEY", "CRL", "PARAMETERS"];

/// Line ends as texts inside of other formats have them: escaped in JSON and in XML. A slash is escaped in JSON too.
const ESCAPES: &[(&str, &str)] = &[
    ("\\r", ""),
    ("\\n", ""),
    ("\\t", ""),
    ("\\/", "/"),
    ("&#13;", ""),
    ("&#10;", ""),
    ("&#xD;", ""),
    ("&#xd;", ""),
    ("&#xA;", ""),
    ("&#xa;", ""),
];

/// The bytes inside `input`: of a PEM block, of base64 text, or `input` itself.
///
/// # Errors
/// The text is PEM or base64 that does not decode.
pub(crate) fn open<'a>(input: &'a [u8], what: &'static str) -> Result<Cow<'a, [u8]>, FormatError> {
    let malformed = FormatError::Malformed { what };
    let text = text(input);
    // Everything that is read here begins with a SEQUENCE, whose tag is the digit 0: a base64 text never begins so,
    // since its first letter holds the tag's upper bits. A text before a PEM block may.
    let is_pem = text.as_ref().is_some_and(|text| text.contains(BEGIN));
    if input.first() == Some(&0x30) && !is_pem {
        return Ok(Cow::Borrowed(input));
    }
    let text = text.ok_or_else(|| malformed.clone())?;
    let body = if is_pem { block(&text).ok_or_else(|| malformed.clone())? } else { &text };
    let bytes = LENIENT.decode(letters(body)).map_err(|_| malformed.clone())?;
    if bytes.is_empty() { Err(malformed) } else { Ok(Cow::Owned(bytes)) }
}

/// The letters of a text in UTF-8 or, as some systems of Windows write it, in UTF-16.
fn text(input: &[u8]) -> Option<Cow<'_, str>> {
    // A text of Latin letters has a zero in every other byte.
    let decode: Option<fn([u8; 2]) -> u16> = match input {
        [0xFF, 0xFE, ..] | [1..=0xFF, 0, 1..=0xFF, 0, ..] => Some(u16::from_le_bytes),
        [0xFE, 0xFF, ..] | [0, 1..=0xFF, 0, 1..=0xFF, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    let Some(decode) = decode else { return std::str::from_utf8(input).ok().map(Cow::Borrowed) };
    let (units, _) = input.as_chunks::<2>();
    char::decode_utf16(units.iter().copied().map(decode)).collect::<Result<String, _>>().ok().map(Cow::Owned)
}

/// The contents of the first PEM block that is not of what lies beside a signature; without one of the first.
fn block(text: &str) -> Option<&str> {
    let mut blocks = text.split(BEGIN).skip(1).filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        Some((label, rest.split_once("-----END ")?.0))
    });
    let first = blocks.next()?;
    let is_other = |label: &str| OTHER_LABELS.iter().any(|other| label.contains(other));
    let rest = blocks.find(|(label, _)| is_other(first.0) && !is_other(label));
    Some(rest.unwrap_or(first).1)
}

/// What of a text is base64: without spaces, line ends in whatever form, quotes, and the zero bytes at the end.
fn letters(body: &str) -> Vec<u8> {
    let mut body = Cow::Borrowed(body);
    if body.contains(['\\', '&']) {
        for (escape, letter) in ESCAPES {
            body = Cow::Owned(body.replace(escape, letter));
        }
    }
    let is_between = |char: &char| {
        char.is_whitespace() || matches!(char, '"' | '\'' | ',' | '\0' | '\u{feff}' | '\u{200b}')
    };
    let kept = body.chars().filter(|char| !is_between(char));
    kept.map(|char| u8::try_from(char).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::open;

    const PLAIN: [u8; 5] = [0x30, 3, 2, 1, 5];
    const PEM: &str = "-----BEGIN CMS-----\nMAMCAQU=\n-----END CMS-----\n";

    #[test]
    fn pem_and_base_64_and_plain_bytes_are_opened() {
        assert_eq!(open(&PLAIN, "it").unwrap(), &PLAIN[..]);
        for text in ["MAMCAQU=", "MAMC\r\nAQU=\r\n", "MAMCAQU", PEM] {
            assert_eq!(open(text.as_bytes(), "it").unwrap(), &PLAIN[..], "{text}");
        }
        for wrong in ["", "hello, world", "-----BEGIN CMS-----\nMAMC", "-----BEGIN CMS", "MAM$"] {
            assert!(open(wrong.as_bytes(), "it").is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_programs_do_to_a_text_is_undone() {
        for text in [
            "\"MAMC\\r\\nAQU=\"",
            "'MAMCAQU='\n",
            "MAMC&#13;\nAQU=&#13;\n",
            "MAMC&#xD;&#xA;AQU=",
            "\u{feff}MAMCAQU=\0\0",
            "\"-----BEGIN CMS-----\\nMAMCAQU=\\n-----END CMS-----\\n\"",
            "\"-----BEGIN CMS-----\\r\\nMAMCAQU=\\r\\n-----END CMS-----\"",
        ] {
            assert_eq!(open(text.as_bytes(), "it").unwrap(), &PLAIN[..], "{text}");
        }
        // A slash that JSON escapes is a letter of base64.
        assert_eq!(open(b"MAP\\/\\/w==", "it").unwrap(), &[0x30, 3, 0xFF, 0xFF][..]);
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        for text in ["MAMC\r\nAQU=", PEM] {
            for mark in ["", "\u{feff}"] {
                let text = format!("{mark}{text}");
                let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                for bytes in [little, big] {
                    assert_eq!(open(&bytes, "it").unwrap(), &PLAIN[..], "{text:?} {:?}", &bytes[..2]);
                }
            }
        }
    }

    #[test]
    fn a_text_before_a_block_and_blocks_of_certificates_are_passed_over() {
        let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for before in ["Подпись к договору № 7:\n\n", "0 - a number\n", certificate] {
            assert_eq!(open(format!("{before}{PEM}").as_bytes(), "it").unwrap(), &PLAIN[..], "{before}");
        }
        assert_eq!(open(certificate.as_bytes(), "it").unwrap(), &[0x30, 0][..]);
        let two = format!("{certificate}{}", certificate.replace("MAA=", "MAMCAQU="));
        assert_eq!(open(two.as_bytes(), "it").unwrap(), &[0x30, 0][..]);
    }
}
