//! PEM, as NCALayer writes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const LINE: usize = 64;

/// `der` between lines that name it, in lines of 64 characters.
pub(super) fn pem(name: &str, der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {name}-----\n");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % LINE == 0 {
            text.push('\n');
        }
        text.push(digit);
    }
    text.push_str(&format!("\n-----END {name}-----\n"));
    text
}
