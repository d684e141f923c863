//! Checks of electronic signatures, with revocation data that is fetched. docs/signatures.md says what is checked.

mod address;
mod answers;
mod check;
mod fetch;
mod handlers;
pub mod limits;
mod lists;
mod rules;
mod trust_folder;
mod view;

#[cfg(test)]
mod tests;

use crate::cabinet::{Access, Pages};
use crate::routes::Menu;

pub use address::AddressError;
pub use check::{RevocationPolicy, Signatures, SignaturesConfig, SignaturesConfigError, SignaturesError};
pub use trust_folder::{FileError, TEXT_FACTOR, TrustFolder, TrustFolderError, read_file};

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
