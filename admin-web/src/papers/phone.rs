//! Signing a paper on a phone: what the app is given, and the page that waits for it.

use axum::response::Response;
use ofd_office::phone_signing::{
    PhoneDocument, PhoneMethod, PhonePurpose, PhoneRequest, PhoneSecret, SIGNING_FOR_MS,
};
use ofd_storage::accounts::{Company, Paper, paper as paper_row};
use ofd_storage::papers;

use super::naming::called;
use crate::cabinet::{Access, Ask, At, Failure, Pages, see_other};
use crate::phone_signing::{PhonePage, phone_begin, phone_view, three_languages};

/// What stands behind the address of the page that takes the signature.
pub(super) const PHONE: &str = "phone";

/// What the apps call a PDF.
const PDF: &str = "@file/pdf";

/// Adds the page that waits for a phone to one that takes signatures under papers: at its address with `/phone` behind it,
/// for who may sign there.
pub(crate) fn signed_by_phone(
    pages: Pages,
    (path, name): (&'static str, &'static str),
    access: Access,
) -> Pages {
    pages.get(path, name, access, show).post(path, name, access, begin)
}

/// What it is called among what is signed by phone to sign this paper, as it was looked at.
pub(super) fn subject(bin: &str, number: &str, pdf_hash: &str) -> String {
    format!("paper {bin}-{number} {pdf_hash}")
}

/// The page that shows the paper and takes the signature.
fn page_of(ask: &Ask) -> &str {
    ask.path().rsplit_once('/').map_or("", |(page, _)| page)
}

/// The paper that was looked at, while it takes a signature.
async fn to_sign(site: &At, ask: &Ask, number: &str, pdf_hash: &str) -> Result<Option<Paper>, Failure> {
    let stream = Company::stream_of(ask.bin()).ok_or(Failure::NotFound)?;
    let Ok(number) = number.parse() else { return Ok(None) };
    let paper = paper_row(&site.office.store, stream, number).await?;
    Ok(paper.filter(|paper| paper.state.takes_signature() && paper.pdf_hash == pdf_hash))
}

/// Has the paper that the page shows signed on a phone, and leads to the page that waits for it.
async fn begin(site: At, ask: Ask) -> Result<Response, Failure> {
    let (page, fields) = (page_of(&ask), ask.fields());
    let (number, pdf_hash) = (fields.text("paper"), fields.text("pdf_hash"));
    // Whatever became of it meanwhile, its page says it.
    let Some(paper) = to_sign(&site, &ask, number, pdf_hash).await? else { return Ok(see_other(page)) };
    let bin = ask.bin();
    let pdf = papers::pdf(&site.office.store, bin, paper.number).await?.ok_or(Failure::NotFound)?;
    let document = PhoneDocument {
        name: three_languages(&site, |words| called(words, bin, &paper)),
        mime: PDF,
        bytes: pdf,
        // Who has somebody else's request on the phone sees whose it is.
        meta: vec![("IP".to_owned(), ask.by().address()), ("Browser".to_owned(), ask.agent().to_owned())],
    };
    let request = PhoneRequest {
        purpose: PhonePurpose::Documents,
        subject: subject(bin, number, pdf_hash),
        text: three_languages(&site, |words| words.say_with("paper-phone-asks", &called(words, bin, &paper))),
        documents: vec![document],
        method: PhoneMethod::Detached,
        for_ms: SIGNING_FOR_MS,
    };
    let secret = phone_begin(&site, &ask, request).await?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("s", secret.text()).append_pair("paper", number).append_pair("pdf_hash", pdf_hash);
    Ok(see_other(&format!("{}?{}", ask.path(), query.finish())))
}

/// The page that waits for the phone, and then asks whether it is the person who signed.
async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let page = page_of(&ask);
    let Some(secret) = PhoneSecret::read(&site.office.key().await?, ask.parameter("s")) else {
        return Ok(see_other(page));
    };
    let [number, pdf_hash] = ["paper", "pdf_hash"].map(|name| ask.parameter(name));
    let phone = phone_view(&site, &ask, &secret, &subject(ask.bin(), number, pdf_hash)).await?;
    let paper = to_sign(&site, &ask, number, pdf_hash).await?;
    let what = paper.map_or_else(String::new, |paper| called(&site.texts(&ask), ask.bin(), &paper));
    let mut here = form_urlencoded::Serializer::new(String::new());
    for name in ["s", "paper", "pdf_hash"] {
        here.append_pair(name, ask.parameter(name));
    }
    let here = format!("{}?{}", ask.path(), here.finish());
    let shell = site.frame(&ask, "phone-title", ask.path());
    let (back, action) = (page.to_owned(), page.to_owned());
    let hidden = vec![("paper", number.to_owned()), ("pdf_hash", pdf_hash.to_owned())];
    Ok(PhonePage { shell, what, phone, here, back, action, hidden }.answer(&site, &ask))
}
