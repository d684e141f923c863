//! The page of the signature check.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use ofd_eds::{FormatError, Moment, Purpose, Stage};
use ofd_office::signatures::limits::DOCUMENT_BYTES_MAX;
use ofd_office::signatures::moment_of;
use ofd_office::signatures::{Signatures, SignaturesError};
use ofd_protocol::types::UnixMillis;

use super::file_body::FileBody;
use super::rules::{disposition, document_name, format_text, limit_text};
use super::view::{Checked, Composer, VerdictView};
use crate::cabinet::{Ask, At, Failure, Form};
use crate::page::Shell;
use crate::site::Site;
use crate::words::Words;
use crate::work::Content;

/// Where the form is.
pub(super) const FORM: &str = "/signature";
/// Where the document inside a signature file is given out.
pub(super) const EXTRACT: &str = "/signature/document";

#[derive(Template)]
#[template(path = "signature.html")]
struct FormPage<'a> {
    shell: Shell<'a>,
    form: Form,
    notices: Notices,
}

#[derive(Template)]
#[template(path = "signature-result.html")]
struct ResultPage<'a> {
    shell: Shell<'a>,
    verdict: VerdictView,
    notices: Notices,
    form: Form,
}

/// What must be known of this installation before its verdicts are read.
struct Notices {
    is_off: bool,
    is_test: bool,
}

impl Notices {
    fn of(signatures: &Signatures) -> Self {
        let is_off = !signatures.is_set_up();
        Self { is_off, is_test: !is_off && signatures.stage() == Stage::Test }
    }
}

fn show_form(site: &Site, ask: &Ask, form: Form) -> Response {
    let form = ask.again(form);
    let (status, notices) = (form.status(), Notices::of(&site.office.signatures));
    let page = FormPage { shell: site.page(ask), form, notices };
    site.show(ask, status, &page)
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    Ok(show_form(&site, &ask, Form::default()))
}

/// Moments before 1970 are shown as its beginning.
fn millis_of(at: Moment) -> UnixMillis {
    UnixMillis(u64::try_from(at.unix()).unwrap_or_default().saturating_mul(1000))
}

/// What is wrong beside which field, where a file cannot be taken.
fn refuse(form: &mut Form, words: &Words<'_>, error: SignaturesError) -> Result<(), Failure> {
    let (say, say_with) = (|key: &str| words.say(key), |key: &str, value: &str| words.say_with(key, value));
    match error {
        SignaturesError::Format(FormatError::TooMuch { what, limit }) => {
            let (what, limit) = (say(limit_text(what)), limit.to_string());
            let told = words.say_values("signature-over-limit", &[("what", &what), ("limit", &limit)]);
            form.wrong("cms", told);
        }
        SignaturesError::Format(error) => form.wrong("cms", say(format_text(&error))),
        SignaturesError::DocumentMissing => form.wrong("document", say("signature-document-missing")),
        SignaturesError::TooLarge { max } => {
            // Whole megabytes, rounded down: what is told fits.
            form.wrong("cms", say_with("signature-too-large", &(max >> 20).to_string()));
        }
        SignaturesError::Busy => return Err(Failure::Busy),
        SignaturesError::Failed(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "a check of a signature failed");
            return Err(Failure::Busy);
        }
    }
    Ok(())
}

/// A signature file, and the document where that is another file, each with its name.
pub(crate) struct ToCheck<'a> {
    pub(crate) cms: Content,
    pub(crate) file: &'a str,
    pub(crate) document: Option<(&'a str, Content)>,
}

/// The page with what a check comes to; `at` is the address of the page that shows it, or its form.
pub(crate) async fn checked(
    site: &Site,
    ask: &Ask,
    what: ToCheck<'_>,
    at: &str,
) -> Result<Response, Failure> {
    let (signatures, mut form, now) = (&site.office.signatures, Form::default(), moment_of(ask.now()));
    let (named, document) = what.document.unzip();
    match signatures.verify(what.cms, document, Purpose::Document, (ask.ip(), now)).await {
        Ok(judged) => {
            let moment = |at: Moment| site.moment(ask, millis_of(at));
            let checked =
                Checked { file: what.file, document: named, at: now, site: &site.config.public_url };
            let verdict = Composer { words: site.texts(ask), moment: &moment, checked }.compose(&judged);
            let (shell, notices) = (site.frame(ask, "signature-title", at), Notices::of(signatures));
            Ok(site.show(ask, StatusCode::OK, &ResultPage { shell, verdict, notices, form }))
        }
        Err(error) => {
            refuse(&mut form, &site.texts(ask), error)?;
            Ok(show_form(site, ask, form))
        }
    }
}

/// Judges a signature file, together with its document where that is another file.
pub(super) async fn check(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let say = |key: &str| words.say(key);
    let mut form = Form::default();
    let document = ask.fields().upload("document");
    let document = document.map(|upload| (upload.file_name.as_str(), upload.content.clone()));
    if document.as_ref().is_some_and(|(_, document)| document.len() > DOCUMENT_BYTES_MAX) {
        form.wrong("document", say("signature-document-too-large"));
    }
    let Some(cms) = ask.fields().upload("cms") else {
        form.wrong("cms", say("signature-no-file"));
        return Ok(show_form(&site, &ask, form));
    };
    if !form.is_right() {
        return Ok(show_form(&site, &ask, form));
    }
    let what = ToCheck { cms: cms.content.clone(), file: &cms.file_name, document };
    checked(&site, &ask, what, FORM).await
}

/// Gives the document that a signature file holds.
pub(super) async fn extract(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let mut form = Form::default();
    let Some(cms) = ask.fields().upload("cms") else {
        form.wrong("cms", words.say("signature-no-file"));
        return Ok(show_form(&site, &ask, form));
    };
    match site.office.signatures.extract(cms.content.clone(), ask.ip()).await {
        Ok(Some(document)) => Ok(file(&document_name(&cms.file_name), document)),
        Ok(None) => {
            form.wrong("cms", words.say("signature-nothing-inside"));
            Ok(show_form(&site, &ask, form))
        }
        Err(error) => {
            refuse(&mut form, &words, error)?;
            Ok(show_form(&site, &ask, form))
        }
    }
}

/// A file to save. It is somebody's: no browser may show it as a page of ours.
fn file(name: &str, content: Content) -> Response {
    let body = match content {
        Content::Memory(bytes) => Body::from(bytes),
        Content::File(spooled) => Body::new(FileBody::new(spooled)),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let disposition = HeaderValue::try_from(disposition(name));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    );
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
