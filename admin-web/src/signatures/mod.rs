//! The public page on which signatures are checked. What judges them is in `office`.

mod file_body;
mod handlers;
mod rules;
mod view;

use crate::cabinet::{Access, Pages};
use crate::routes::Menu;

pub(crate) use handlers::{ToCheck, checked};
pub use ofd_office::signatures::{
    AddressError, FileError, Judged, RevocationPolicy, Signatures, SignaturesConfig, SignaturesConfigError,
    SignaturesError, TEXT_FACTOR, TrustFolder, TrustFolderError, limits, read_file,
};

/// The page of the signature check.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (anyone, max) = (Access::Anyone, rules::FORM_BYTES_MAX);
    pages
        .get(handlers::FORM, "signature", anyone, handlers::show)
        .title("signature-title")
        .menu(Menu::Front, 20, "door-signature")
        .post(handlers::FORM, "signature_check", anyone, handlers::check)
        .files(max)
        .post(handlers::EXTRACT, "signature_document", anyone, handlers::extract)
        .files(max)
        .shown_at(handlers::FORM)
        .title("signature-title")
}
