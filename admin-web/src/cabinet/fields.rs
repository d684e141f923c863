//! Forms as they come: URL-encoded, or in parts with files.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::{HeaderMap, Request, header};
use bytes::Bytes;

/// A form has a few dozen fields; more are not read.
const FIELDS_MAX: usize = 256;

/// A file that came with a form.
#[derive(Clone)]
pub(crate) struct Upload {
    /// The field's name.
    pub(crate) field: String,
    /// What the browser called the file.
    pub(crate) file_name: String,
    /// Its content.
    pub(crate) bytes: Bytes,
}

/// The fields of a form.
#[derive(Clone, Default)]
pub(crate) struct Fields {
    texts: Vec<(String, String)>,
    uploads: Vec<Upload>,
}

/// Forms hold passwords.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fields").field("len", &self.texts.len()).finish_non_exhaustive()
    }
}

/// Why a form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldsError {
    /// It is no form.
    Kind,
    /// It is cut off or says what it is not.
    Damaged,
}

impl Fields {
    /// Fields from pairs.
    pub(crate) fn new(texts: Vec<(String, String)>) -> Self {
        Self { texts, uploads: Vec::new() }
    }

    /// Reads a body.
    pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, FieldsError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Ok(Self::new(
                form_urlencoded::parse(&body)
                    .take(FIELDS_MAX)
                    .map(|(name, value)| (name.into_owned(), value.into_owned()))
                    .collect(),
            )),
            "multipart/form-data" => Self::read_parts(kind, body).await,
            _ => Err(FieldsError::Kind),
        }
    }

    async fn read_parts(kind: &str, body: Bytes) -> Result<Self, FieldsError> {
        let request = Request::post("/").header(header::CONTENT_TYPE, kind).body(Body::from(body));
        let mut request = request.map_err(|_| FieldsError::Kind)?;
        // The body is in memory and was measured already.
        DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, &()).await;
        let mut parts = parts.map_err(|_| FieldsError::Damaged)?;
        let mut fields = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|_| FieldsError::Damaged)? {
            if fields.texts.len().saturating_add(fields.uploads.len()) >= FIELDS_MAX {
                break;
            }
            let field = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(ToOwned::to_owned);
            let bytes = part.bytes().await.map_err(|_| FieldsError::Damaged)?;
            match file_name {
                Some(file_name) => fields.uploads.push(Upload { field, file_name, bytes }),
                None => fields.texts.push((field, String::from_utf8_lossy(&bytes).into_owned())),
            }
        }
        Ok(fields)
    }

    /// Puts into the files' bytes what has to last as long as they do.
    pub(super) fn hold_files(&mut self, hold: impl Fn(Bytes) -> Bytes) {
        for upload in &mut self.uploads {
            upload.bytes = hold(std::mem::take(&mut upload.bytes));
        }
    }

    /// The value of a field without blanks around it; empty where it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The value as it came: of a password blanks count.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.texts.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field with several.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// The file of a field; none when the person chose none.
    pub(crate) fn upload(&self, name: &str) -> Option<&Upload> {
        self.uploads.iter().find(|upload| upload.field == name && !upload.bytes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    async fn read(kind: &'static str, body: &'static str) -> Result<Fields, FieldsError> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Fields::read(&headers, Bytes::from_static(body.as_bytes())).await
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
            (fields.text("a"), upload.file_name.as_str(), &upload.bytes[..]),
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
}
