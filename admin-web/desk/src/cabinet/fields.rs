//! Forms as they come: URL-encoded, or in parts with files.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ofd_office::fields::{Fields, Upload};
use ofd_office::signatures::limits::SMALL_UPLOAD_BYTES_MAX;
use ofd_office::work::{Busy, Intake, IntakeError, Share, Upload as Place};

/// A form has a few dozen fields; more are not read.
const FIELDS_MAX: usize = 256;

/// Memory that a form takes for each byte of it: as it came, its fields, and what is made of them.
const MEMORY_FACTOR: usize = 3;

/// Why a form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldsError {
    /// It is no form.
    Kind,
    /// It is cut off or says what it is not.
    Damaged,
    /// It is longer than the page takes.
    TooLarge,
    /// There is no memory for it now.
    Busy,
}

impl From<Busy> for FieldsError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<IntakeError> for FieldsError {
    fn from(error: IntakeError) -> Self {
        if let IntakeError::File(error) = error {
            tracing::error!(%error, "an upload finds no place in site.upload_directory: {error}");
        }
        Self::Busy
    }
}

impl From<MultipartError> for FieldsError {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Damaged }
    }
}

/// Reads a body of at most so many bytes as it comes in; large files that come with it keep `place`.
pub(super) async fn read_fields(
    headers: &HeaderMap,
    body: Body,
    len_max: usize,
    intake: &Intake,
    place: Option<&Place>,
) -> Result<Fields, FieldsError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body = Limited::new(body, len_max);
    match essence.as_str() {
        "application/x-www-form-urlencoded" => read_pairs(body, intake).await,
        "multipart/form-data" => read_parts(kind, Body::new(body), intake, place).await,
        _ => Err(FieldsError::Kind),
    }
}

async fn read_pairs(mut body: Limited<Body>, intake: &Intake) -> Result<Fields, FieldsError> {
    let (mut memory, mut bytes) = (intake.memory(0)?, Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.is::<LengthLimitError>() { FieldsError::TooLarge } else { FieldsError::Damaged }
        })?;
        if let Ok(piece) = frame.into_data() {
            memory.grow(piece.len().saturating_mul(MEMORY_FACTOR))?;
            bytes.extend_from_slice(&piece);
        }
    }
    let pairs = form_urlencoded::parse(&bytes).take(FIELDS_MAX);
    let texts = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Ok(Fields::taken(texts, Vec::new(), memory))
}

async fn read_parts(
    kind: &str,
    body: Body,
    intake: &Intake,
    place: Option<&Place>,
) -> Result<Fields, FieldsError> {
    let request = Request::post("/").header(header::CONTENT_TYPE, kind).body(body);
    let mut request = request.map_err(|_| FieldsError::Kind)?;
    // The body is limited already.
    DefaultBodyLimit::disable().apply(&mut request);
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|_| FieldsError::Damaged)?;
    let (mut texts, mut uploads, mut memory) = (Vec::new(), Vec::new(), intake.memory(0)?);
    while let Some(mut part) = parts.next_field().await? {
        if texts.len().saturating_add(uploads.len()) >= FIELDS_MAX {
            break;
        }
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(ToOwned::to_owned) {
            Some(file_name) => {
                let mut incoming = intake.begin(place.cloned())?;
                while let Some(piece) = part.chunk().await? {
                    incoming.push(&piece).await?;
                }
                uploads.push(Upload { field, file_name, content: incoming.finish().await? });
            }
            None => {
                let text = read_text(part, &mut memory).await?;
                texts.push((field, text));
            }
        }
    }
    Ok(Fields::taken(texts, uploads, memory))
}

/// A part that is no file: of a form with documents, a text is as short as in any other.
async fn read_text(mut part: Field<'_>, memory: &mut Share) -> Result<String, FieldsError> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await? {
        if bytes.len().saturating_add(piece.len()) > SMALL_UPLOAD_BYTES_MAX {
            return Err(FieldsError::TooLarge);
        }
        memory.grow(piece.len().saturating_mul(MEMORY_FACTOR))?;
        bytes.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use ofd_office::work::{Part, Work, WorkConfig};

    const LEN_MAX: usize = 2 << 20;

    async fn read_within(
        work: &Work,
        kind: &'static str,
        body: impl Into<Body>,
    ) -> Result<Fields, FieldsError> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let intake = work.intake(Part::Documents, [127, 0, 0, 1].into());
        read_fields(&headers, body.into(), LEN_MAX, &intake, None).await
    }

    async fn read(kind: &'static str, body: &'static str) -> Result<Fields, FieldsError> {
        read_within(&Work::start(&WorkConfig::small()).unwrap(), kind, body).await
    }

    #[tokio::test]
    async fn forms_are_read_in_both_kinds() {
        let fields = read("application/x-www-form-urlencoded", "a=+1+&r=x&r=y&e=").await.unwrap();
        assert_eq!((fields.text("a"), fields.raw("a"), fields.text("none")), ("1", " 1 ", ""));
        assert_eq!(fields.all("r").collect::<Vec<_>>(), ["x", "y"]);
        assert!(fields.is_ticked("a") && !fields.is_ticked("e"));
        let parts = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.cms\"\r\n\r\nabc\r\n--B--\r\n";
        let fields = read("multipart/form-data; boundary=B", parts).await.unwrap();
        let upload = fields.upload("f").unwrap();
        assert_eq!(
            (fields.text("a"), upload.file_name.as_str(), &upload.content.whole().unwrap()[..]),
            ("1", "x.cms", &b"abc"[..])
        );
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        assert_eq!(read("application/json", "{}").await.unwrap_err(), FieldsError::Kind);
        assert_eq!(read("multipart/form-data", "x").await.unwrap_err(), FieldsError::Damaged);
        assert_eq!(
            read("multipart/form-data; boundary=B", "--B\r\nx").await.unwrap_err(),
            FieldsError::Damaged
        );
    }

    #[tokio::test]
    async fn a_form_is_part_of_the_budget_until_it_is_dropped() {
        let work = Work::start(&WorkConfig::small()).unwrap();
        let body = format!("a={}", "x".repeat(9_998));
        let fields = read_within(&work, "application/x-www-form-urlencoded", body).await.unwrap();
        assert_eq!(work.in_use(Part::Forms), 30_000);
        drop(fields);
        assert_eq!(work.in_use(Part::Forms), 0);
        let long = format!("a={}", "x".repeat(LEN_MAX - 2));
        let refused = read_within(&work, "application/x-www-form-urlencoded", long).await;
        assert_eq!(refused.unwrap_err(), FieldsError::Busy, "no address takes all the memory of forms");
        assert_eq!(work.in_use(Part::Forms), 0);
    }

    #[tokio::test]
    async fn what_is_longer_than_the_page_takes_is_refused_in_both_kinds() {
        let work = Work::start(&WorkConfig::small()).unwrap();
        let part = |kind: &str, len: usize| {
            let head = format!("--B\r\nContent-Disposition: form-data; name=\"a\"{kind}\r\n\r\n");
            format!("{head}{}\r\n--B--\r\n", "x".repeat(len))
        };
        let multipart = "multipart/form-data; boundary=B";
        let file = part("; filename=\"x\"", LEN_MAX + 1);
        assert_eq!(read_within(&work, multipart, file).await.unwrap_err(), FieldsError::TooLarge);
        let text = part("", SMALL_UPLOAD_BYTES_MAX + 1);
        assert_eq!(read_within(&work, multipart, text).await.unwrap_err(), FieldsError::TooLarge);
        let fits = part("; filename=\"x\"", LEN_MAX / 2);
        let fields = read_within(&work, multipart, fits).await.unwrap();
        assert_eq!(fields.upload("a").unwrap().content.len(), LEN_MAX / 2);
        assert_eq!((work.in_use(Part::Documents), work.in_use(Part::Forms)), (0, 0), "it lies in a file");
    }
}
