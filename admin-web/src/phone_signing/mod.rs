//! Signing by an app on a phone: the addresses that the app calls, and what pages show that wait for it. What is signed, and
//! what is done with it, is theirs whose page it is. Such a page (`login/phone.rs` is one)
//!
//! 1. asks by [`phone_begin`], and goes on to an address of its own with the secret in it,
//! 2. shows there what [`phone_view`] says, as a [`PhonePage`],
//! 3. takes the form that the page has once something was signed: `ofd_office::phone_signing::confirmed_file` gives the
//!    signature file, and whatever judges one of NCALayer judges it.
//!
//! Pages that have papers signed get all of that from `papers`.

mod handlers;
mod view;

use axum::routing::MethodFilter;

use crate::cabinet::{Access, Pages};
use crate::routes::Budget;

pub(crate) use view::{PhonePage, phone_begin, phone_view, three_languages};

/// The addresses of this family. They take no cookie and no form: the secret in the address is all that counts.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (get, post, put) = (MethodFilter::GET, MethodFilter::POST, MethodFilter::PUT);
    let (secret, documents) = (Access::Secret, "/sign/{secret}/documents");
    pages
        .api(get, ("/sign/{secret}", "phone_described"), secret, handlers::described)
        .paid_by(Budget::Own)
        .api(get, (documents, "phone_documents"), secret, handlers::documents)
        .paid_by(Budget::Own)
        .api(post, (documents, "phone_documents"), secret, handlers::documents)
        .paid_by(Budget::Own)
        .api(put, (documents, "phone_signed"), secret, handlers::signed)
        .paid_by(Budget::Own)
}
