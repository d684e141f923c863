//! The QR code of a secret as a picture inside the page.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code that readers need (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A QR code as one SVG path over a square of `side` modules.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct QrPicture {
    /// Modules from edge to edge, the quiet zone included.
    pub(super) side: usize,
    /// The dark modules, row by row.
    pub(super) path: String,
}

impl QrPicture {
    /// `None` when the text is too long for a QR code. A screen has no stains, so that the least correction will do.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let width = code.width();
        let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
        let mut path = String::new();
        for (index, _) in dark {
            let x = index.checked_rem(width)?.saturating_add(QUIET_ZONE);
            let y = index.checked_div(width)?.saturating_add(QUIET_ZONE);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
        Some(Self { side: width.saturating_add(QUIET_ZONE.saturating_mul(2)), path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_holds_every_dark_module() {
        let text = "otpauth://totp/ofd.example:a?secret=GEZDGNBVGY3TQOJQ";
        let picture = QrPicture::of(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        assert_eq!(picture.path.matches('M').count(), dark);
        assert!(picture.path.starts_with("M4 4h1v1h-1z"), "the corner mark begins behind the quiet zone");
        assert_eq!(picture.side, code.width() + 8);
    }

    #[test]
    fn a_text_that_fits_no_code_has_no_picture() {
        assert!(QrPicture::of(&"x".repeat(5000)).is_none());
    }
}
