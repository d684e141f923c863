//! One-time codes by RFC 6238 as programs on phones make them: written from the RFC, to judge the site's.

use hmac::{Hmac, Mac};
use sha1::Sha1;

/// A code holds for so long.
const STEP_SECONDS: u64 = 30;

/// Codes have six digits.
const CODES: u32 = 1_000_000;

/// The code at a time, by the secret as a page shows it: base32, perhaps in groups.
///
/// # Panics
/// The secret is no base32.
pub fn code(secret: &str, unix_seconds: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&base32(secret)).expect("HMAC takes keys of any length");
    mac.update(&(unix_seconds / STEP_SECONDS).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    // RFC 4226: the last four bits say where the number lies, whose sign is left out.
    let offset = usize::from(hash[19] & 0x0f);
    let number = u32::from_be_bytes([hash[offset], hash[offset + 1], hash[offset + 2], hash[offset + 3]]);
    format!("{:06}", (number & 0x7fff_ffff) % CODES)
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            other => panic!("{:?} is no letter of base32", char::from(other)),
        };
        bits = (bits << 5) | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::code;

    /// RFC 6238, appendix B: the key "12345678901234567890", the last six digits of its codes.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
        for (at, expected) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code(secret, at), expected);
        }
    }
}
