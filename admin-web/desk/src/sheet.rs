//! Files for spreadsheets, as those of our users expect them.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use csv::{QuoteStyle, Terminator, WriterBuilder};

/// Where spreadsheets of our users expect a new cell to begin: the comma is their decimal mark.
const SEPARATOR: u8 = b';';

/// Marks the file as UTF-8, without which spreadsheets take Cyrillic for something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file of lines, each of as many cells as it needs.
pub struct Sheet(csv::Writer<Vec<u8>>);

/// A file without lines.
impl Default for Sheet {
    fn default() -> Self {
        Self(writer().from_writer(BYTE_ORDER_MARK.as_bytes().to_vec()))
    }
}

fn writer() -> WriterBuilder {
    let mut writer = WriterBuilder::new();
    writer.delimiter(SEPARATOR).terminator(Terminator::CRLF).quote_style(QuoteStyle::Always).flexible(true);
    writer
}

impl Sheet {
    /// What follows in a file that began before.
    pub fn more() -> Self {
        Self(writer().from_writer(Vec::new()))
    }

    /// Adds a line of cells.
    pub fn line<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) {
        // Memory takes whatever is written to it, and lines may differ in length: none of these fails.
        for cell in cells {
            let _ = self.0.write_field(harmless(cell.as_ref()).as_bytes());
        }
        let _ = self.0.write_record(None::<&[u8]>);
    }

    /// The lines so far.
    pub fn into_bytes(self) -> Bytes {
        self.0.into_inner().unwrap_or_default().into()
    }

    /// The file as an answer that browsers save under a name; `None` where a header cannot carry the name.
    pub fn answer(self, name: &str) -> Option<Response> {
        saved_as(name, self.into_bytes().into())
    }
}

/// A file's bytes, all at once or as they come, as an answer that browsers save under a name; `None` where a header cannot
/// carry the name.
pub fn saved_as(name: &str, body: Body) -> Option<Response> {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\"")).ok()?;
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Some(response)
}

/// What begins a formula: in the widths of letters that input methods type as well, which spreadsheets take for the same.
const FORMULA: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '\u{2212}'];

/// Spreadsheets keep so many digits of a number; the others become zeros.
const DIGITS_KEPT: usize = 15;

/// What is not seen, and what a spreadsheet may leave out before it looks at a cell.
fn is_unseen(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(char, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it: people type names and reasons, and who
/// opens the file must not run what they typed. So does a number of which it would lose zeros at the beginning or digits at
/// the end: a BIN, an IIN, a number of the tax authority or of a maker is a text.
fn harmless(text: &str) -> Cow<'_, str> {
    let begins_cell = text.starts_with(['\t', '\r', '\n']);
    let is_formula = begins_cell || text.trim_start_matches(is_unseen).starts_with(FORMULA);
    let is_of_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_cut = is_of_digits && (text.len() > DIGITS_KEPT || (text.len() > 1 && text.starts_with('0')));
    if is_formula || is_cut { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: &[&[&str]]) -> String {
        let mut sheet = Sheet::default();
        lines.iter().for_each(|cells| sheet.line(*cells));
        String::from_utf8(sheet.into_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_cell_is_text_whatever_is_in_it() {
        let cell = |text: &str| file(&[&[text]]);
        assert_eq!(cell("a;\"b\"\nc"), "\u{feff}\"a;\"\"b\"\"\nc\"\r\n");
        assert_eq!(cell(""), "\u{feff}\"\"\r\n");
        for formula in [
            "=1+1",
            "+7",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            " =1",
            "\u{a0}=1",
            "＝1+1",
            "＋7",
            "－1",
            "＠SUM(A1)",
            "﹦1",
            "\u{2212}1",
            "\u{feff}=1",
            "\u{200b}=1",
            "\u{3000}=1",
            "\u{2060} \u{200b}\u{2003}=1",
            "\u{b}=1",
            "\u{202e}＝1",
        ] {
            assert_eq!(cell(formula), format!("\u{feff}\"'{formula}\"\r\n"));
        }
    }

    #[test]
    fn a_number_of_which_a_spreadsheet_would_lose_something_is_written_as_text() {
        for kept in ["012345678901", "00", "0000000000000001", "1234567890123456"] {
            assert_eq!(file(&[&[kept]]), format!("\u{feff}\"'{kept}\"\r\n"));
        }
        for plain in
            ["0", "151140001234", "123456789012345", "0,50", "01.02.2026", "09:30", "SWK 0001", "12 345"]
        {
            assert_eq!(file(&[&[plain]]), format!("\u{feff}\"{plain}\"\r\n"));
        }
    }

    #[test]
    fn lines_may_differ_in_length() {
        let expected = "\u{feff}\"a\";\"b\"\r\n\"only\"\r\n\"\";\"\";\"\"\r\n";
        assert_eq!(file(&[&["a", "b"], &["only"], &["", "", ""]]), expected);
    }
}
