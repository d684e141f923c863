//! Documents as files: PDF in two languages, and of an invoice XML.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use ofd_billing::invoices::{PaperLanguage, invoice_xml};
use ofd_office::billing::invoices::plan_titles;
use ofd_paper::PaperError;
use ofd_paper::billing::{self, BillPaper};
use ofd_storage::accounts::AuditPage;
use ofd_storage::invoices::{Document, Issued, act};
use ofd_storage::store::StoreError;

use super::super::reasons::looked;
use super::super::told::bin_of;
use super::document::named;
use crate::cabinet::{Ask, At, Failure};

/// Where the files of a document are.
pub(super) const OWN: &str = "/c/{bin}/money/invoices/{invoice}/{file}";

/// The same for the operator's people.
pub(super) const ANY: &str = "/operator/companies/{company}/money/invoices/{invoice}/{file}";

/// A PDF is shown within our pages and nowhere else, and runs nothing.
const PDF_POLICY: &str = "default-src 'none'; object-src 'self'; frame-ancestors 'self'";

/// A file to save is no page.
const XML_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The language that a file of this name is in.
pub(super) fn language_of(file: &str) -> Option<PaperLanguage> {
    match file {
        "ru.pdf" => Some(PaperLanguage::Russian),
        "kk.pdf" => Some(PaperLanguage::Kazakh),
        _ => None,
    }
}

/// What an error of a paper is to a page.
pub(super) fn paper_failed(what: &str, error: &PaperError) -> Failure {
    Failure::from(StoreError::Corrupt { place: what.to_owned(), reason: error.to_string() })
}

/// A PDF that is looked at.
pub(super) fn pdf_answer(name: &str, pdf: Vec<u8>) -> Response {
    answer(pdf.into(), "application/pdf", &format!("inline; filename=\"{name}.pdf\""), PDF_POLICY)
}

fn answer(bytes: Bytes, kind: &'static str, disposition: &str, policy: &'static str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    let disposition = HeaderValue::try_from(disposition);
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// A file of a document.
pub(super) async fn one<const OPERATORS: bool>(site: At, ask: Ask) -> Result<Response, Failure> {
    let issued = named::<OPERATORS>(&site, &ask).await?;
    if OPERATORS {
        looked(&site, &ask, bin_of::<OPERATORS>(&ask), AuditPage::Invoices).await?;
    }
    let number = issued.number().to_string();
    if ask.part("file") == "invoice.xml" {
        let Document::Invoice(kept) = &issued.document else { return Err(Failure::NotFound) };
        let titles = plan_titles(&site.office.store).await?;
        let xml = invoice_xml(&kept.invoice, &titles);
        let xml =
            xml.map_err(|error| StoreError::Corrupt { place: number.clone(), reason: error.to_string() })?;
        let name = format!("attachment; filename=\"{number}.xml\"");
        return Ok(answer(xml.into(), "application/xml", &name, XML_POLICY));
    }
    let language = language_of(ask.part("file")).ok_or(Failure::NotFound)?;
    let pdf = pdf(&site, &issued, language).await?;
    Ok(pdf_answer(&number, pdf))
}

async fn pdf(site: &At, issued: &Issued, language: PaperLanguage) -> Result<Vec<u8>, Failure> {
    let store = &site.office.store;
    let number = issued.number().to_string();
    let written = match &issued.document {
        Document::Invoice(kept) => billing::invoice(&kept.invoice, &plan_titles(store).await?, language),
        Document::Act(_) => {
            let act = act(store, issued).await?.ok_or(Failure::NotFound)?;
            billing::act(&act, &plan_titles(store).await?, language)
        }
        Document::Bill(bill) => {
            let qr = site.config.issuer.payment_qr.as_ref().map(|template| template.filled(bill));
            billing::bill(BillPaper { bill, qr: qr.as_deref() }, language)
        }
    };
    written.map_err(|error| paper_failed(&number, &error))
}
