//! What a page shows for having a paper signed, and what it takes.

use bytes::Bytes;
use ofd_office::papers::Sent;
use ofd_office::phone_signing::confirmed_file;
use ofd_storage::accounts::{Paper, PaperFault};

use super::phone::{PHONE, subject};
use crate::cabinet::{Ask, Failure, Form};
use crate::sign_in::{Signing, offered_keys};
use crate::site::Site;
use crate::vocabulary::Word;

/// Has a paper of an organisation signed: detached, over exactly its bytes. The signature goes to `page`, where the paper is
/// shown.
pub(crate) fn signing_paper(site: &Site, bin: &str, paper: &Paper, page: &str) -> Signing {
    let (chain, oids) = offered_keys(site);
    let source = format!("/c/{bin}/papers/{}/application.pdf", paper.number);
    Signing {
        is_set_up: site.office.signatures.is_set_up(),
        phone: site.has_phone_signing().then(|| format!("{page}/{PHONE}")),
        action: page.to_owned(),
        hidden: vec![("paper", paper.number.to_string()), ("pdf_hash", paper.pdf_hash.clone())],
        ncalayer: site.config.people.ncalayer.clone(),
        content: String::new(),
        download: source.clone(),
        source,
        is_attached: false,
        chain,
        oids,
        download_text: "application-file-download",
        upload_text: "application-file-upload",
    }
}

/// The signature that came to a page, from NCALayer, as a file, or by a phone whose person confirms it with this form. The
/// error is what the page shows again.
pub(crate) async fn sent_paper(site: &Site, ask: &Ask) -> Result<Result<Sent, Form>, Failure> {
    let (fields, words) = (ask.fields(), site.texts(ask));
    let Ok(number) = fields.text("paper").parse() else {
        return Ok(Err(Form::refused(PaperFault::Empty.text(&words))));
    };
    let (pdf_hash, phone) = (fields.text("pdf_hash").to_owned(), fields.text("phone"));
    let cms = if !phone.is_empty() {
        let (own, subject) = (ask.binding(), subject(ask.bin(), fields.text("paper"), &pdf_hash));
        let about = (phone, subject.as_str(), fields.text("mark"));
        match confirmed_file(&site.office, (&own, ask.now()), about).await? {
            Some(cms) => cms,
            None => return Ok(Err(Form::refused(words.say("login-refused-phone-over")))),
        }
    } else if let Some(upload) = fields.upload("file") {
        upload.content.whole().unwrap_or_default()
    } else {
        Bytes::copy_from_slice(fields.text("signature").as_bytes())
    };
    Ok(Ok(Sent { number, pdf_hash, cms }))
}
