//! A QR code as a picture inside the page.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code that readers need (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A QR code as one SVG path over a square of `side` modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrPicture {
    /// Modules from edge to edge, the quiet zone included.
    pub side: usize,
    /// The dark modules, row by row, a run at a time.
    pub path: String,
}

impl QrPicture {
    /// `None` when the text is too long for a QR code.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let colors = code.to_colors();
        let mut path = String::with_capacity(colors.len().saturating_mul(4));
        for (y, row) in colors.chunks(width.max(1)).enumerate() {
            let mut x = 0_usize;
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
                    let (x, y) = (x.saturating_add(QUIET_ZONE), y.saturating_add(QUIET_ZONE));
                    let length = run.len();
                    path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                x = x.saturating_add(run.len());
            }
        }
        Some(Self { side: width.saturating_add(QUIET_ZONE.saturating_mul(2)), path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_holds_every_dark_module_of_the_code() {
        let text = "https://ofd.example/?i=370454329472674&f=640300014538&s=696.90&t=20260122T170916";
        let picture = QrPicture::of(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let drawn: usize = picture
            .path
            .split('M')
            .skip(1)
            .map(|run| run.split(['h', 'v']).nth(1).unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(drawn, dark);
        assert_eq!(picture.side, code.width() + 8);
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "the corner mark begins behind the quiet zone");
        assert!(picture.path.len() < 12_000, "{}", picture.path.len());
    }

    #[test]
    fn a_text_that_fits_no_code_has_no_picture() {
        assert_eq!(QrPicture::of(&"x".repeat(5000)), None);
    }
}
