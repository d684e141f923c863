//! The token of forms as pages carry it: hidden anew on each page.
//!
//! Pages are compressed. Whoever sees how long they are, and makes a browser load pages with guesses in their address,
//! would find by and by a secret that stands in all of them (BREACH). One that looks different each time is not found.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a token, and of what hides it.
const BYTES: usize = 32;

/// A token hidden by fresh random bytes, which go with it. What stands before the last dot says whose it is, which is no
/// secret.
pub(crate) fn masked(token: &str, mask: [u8; BYTES]) -> String {
    with_mark(token, |mark| {
        let bytes = URL_SAFE_NO_PAD.decode(mark).ok().filter(|bytes| bytes.len() == BYTES)?;
        let hidden = bytes.iter().zip(mask).map(|(byte, mask)| byte ^ mask);
        Some(URL_SAFE_NO_PAD.encode(mask.into_iter().chain(hidden).collect::<Vec<_>>()))
    })
}

/// The token that a form brings; what was never hidden stays as it is.
pub(crate) fn unmasked(sent: &str) -> String {
    with_mark(sent, |mark| {
        let bytes = URL_SAFE_NO_PAD.decode(mark).ok()?;
        let (mask, hidden) = bytes.split_at_checked(BYTES).filter(|(_, hidden)| hidden.len() == BYTES)?;
        Some(
            URL_SAFE_NO_PAD
                .encode(hidden.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect::<Vec<_>>()),
        )
    })
}

/// A token with another mark behind its last dot; as it is where it has none that could be changed.
fn with_mark(token: &str, change: impl FnOnce(&str) -> Option<String>) -> String {
    let at = token.rfind('.').map_or(0, |dot| dot + 1);
    let (whose, mark) = token.split_at(at);
    // Pages without forms have no token at all.
    change(mark).map_or_else(|| token.to_owned(), |mark| format!("{whose}{mark}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_looks_different_each_time_and_comes_back_the_same() {
        let token = URL_SAFE_NO_PAD.encode([7; BYTES]);
        let (one, other) = (masked(&token, [1; BYTES]), masked(&token, [2; BYTES]));
        assert!(one != other && !one.contains(&token) && one.len() == 86);
        assert_eq!((unmasked(&one), unmasked(&other)), (token.clone(), token.clone()));
        assert_eq!(unmasked(&token), token);
        let told = format!("7.session.{token}");
        let hidden = masked(&told, [3; BYTES]);
        assert!(hidden.starts_with("7.session.") && !hidden.contains(&token));
        assert_eq!(unmasked(&hidden), told);
        for strange in ["", "x", "Ж", &"A".repeat(87), &"A".repeat(200), "7.", "7.session.x"] {
            assert_eq!(unmasked(strange), strange);
        }
        assert_eq!(masked("", [1; BYTES]), "");
    }
}
