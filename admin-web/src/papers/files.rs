//! Papers and signatures under them as files.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use ofd_paper::{Contract, ContractPaper, contract as contract_pdf};
use ofd_storage::accounts::{Company, Paper, paper as paper_row};
use ofd_storage::papers;
use ofd_storage::store::StoreError;

use crate::cabinet::{Ask, At, Failure};

/// A PDF is shown within our pages and nowhere else, and runs nothing.
const PDF_POLICY: &str = "default-src 'none'; object-src 'self'; frame-ancestors 'self'";

/// A file to save is no page.
const CMS_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The paper that the address names, of the company that it names.
pub(super) async fn named(site: &At, ask: &Ask) -> Result<Paper, Failure> {
    let number: u32 = ask.part("number").parse().map_err(|_| Failure::NotFound)?;
    let stream = Company::stream_of(ask.bin()).ok_or(Failure::NotFound)?;
    paper_row(&site.office.store, stream, number).await?.ok_or(Failure::NotFound)
}

/// The signature under a paper.
pub(super) async fn signed(site: &At, ask: &Ask, paper: &Paper) -> Result<Bytes, Failure> {
    let signature = paper.state.signature().ok_or(Failure::NotFound)?;
    let about = (ask.bin(), paper.number);
    papers::cms(&site.office.store, about, &signature.cms_hash).await?.ok_or(Failure::NotFound)
}

fn file(bytes: Bytes, kind: &'static str, disposition: &str, policy: &'static str) -> Response {
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

/// The bytes that are signed.
pub(super) async fn pdf(site: At, ask: Ask) -> Result<Response, Failure> {
    let paper = named(&site, &ask).await?;
    let pdf = papers::pdf(&site.office.store, ask.bin(), paper.number).await?.ok_or(Failure::NotFound)?;
    let name = format!("inline; filename=\"application-{}-{}.pdf\"", ask.bin(), paper.number);
    Ok(file(pdf, "application/pdf", &name, PDF_POLICY))
}

/// The signature under them.
pub(super) async fn cms(site: At, ask: Ask) -> Result<Response, Failure> {
    let paper = named(&site, &ask).await?;
    let cms = signed(&site, &ask, &paper).await?;
    let name = format!("attachment; filename=\"application-{}-{}.pdf.cms\"", ask.bin(), paper.number);
    Ok(file(cms, "application/pkcs7-signature", &name, CMS_POLICY))
}

/// The version of the contract that the paper is about, in the language of who asks.
pub(super) async fn contract(site: At, ask: Ask) -> Result<Response, Failure> {
    let paper = named(&site, &ask).await?;
    let version = site.office.contracts.version(&paper.contract).ok_or(Failure::NotFound)?;
    contract_file(&site, &ask, version, &format!("contract-{}-{}", ask.bin(), paper.number))
}

/// A version of the contract as a file of this name, in the language of who asks.
pub(crate) fn contract_file(
    site: &At,
    ask: &Ask,
    version: &Arc<Contract>,
    name: &str,
) -> Result<Response, Failure> {
    let (language, operator) = (ask.language(), site.config.imprint.clone());
    let text = ContractPaper { language, contract: Arc::clone(version), operator };
    let pdf = contract_pdf(&text).map_err(|error| {
        let place = format!("version {} of the contract", version.version);
        StoreError::Corrupt { place, reason: error.to_string() }
    })?;
    Ok(file(pdf.into(), "application/pdf", &format!("inline; filename=\"{name}.pdf\""), PDF_POLICY))
}
