//! How a person proves who it is, by a certificate or a password, and how a session begins. The pages that ask for it are
//! in `login`, `signup` and `home`; what is done is the office's.

mod noted;
mod refused;
mod signing;

use axum::response::Response;

use crate::cabinet::{Ask, Failure, SessionCookie, see_other, with_session};
use crate::limits::BODY_LEN_MAX;
use crate::site::Site;

pub(crate) use noted::wrong as note_wrong;
#[cfg(test)]
pub(crate) use ofd_office::sign_in::Answered;
pub(crate) use ofd_office::sign_in::{
    Challenge, LANDING, OPERATORS_LANDING, Proven, RightPassword, SignInRefusal, Standing, Use, begin,
    by_certificate, by_password, landing, next_path, set_number, signed_in_row, use_challenge,
};
pub(crate) use ofd_office::tries::{Refused, Try, Who};
pub(crate) use refused::sign_in_refusal_text;
pub(crate) use signing::{Signing, offered_keys, signing};

use ofd_office::sign_in::{self as office, SIGNATURE_BYTES_MAX};

/// A form with a signature: in Base64 it is longer by a third, and the form's other fields come on top.
pub(crate) const SIGNED_FORM_LEN_MAX: usize = SIGNATURE_BYTES_MAX + SIGNATURE_BYTES_MAX / 2 + BODY_LEN_MAX;

/// Checks the signature that a form brought over the challenge of its page.
pub(crate) async fn check(site: &Site, ask: &Ask) -> Result<Result<Proven, SignInRefusal>, Failure> {
    let bound = (ask.binding(), &site.config.public_url);
    Ok(office::check(&site.office, ask.by(), ask.fields(), (&bound.0, bound.1)).await?)
}

/// Goes on with the session that has just begun.
pub(crate) fn go_on(site: &Site, cookie: &SessionCookie, path: &str) -> Response {
    with_session(see_other(path), cookie, site.is_tls())
}
