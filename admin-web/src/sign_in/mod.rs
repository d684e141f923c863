//! How a person proves who it is, by a certificate or a password, and how a session begins. The pages that ask for it are
//! in `login`, `signup` and `home`.

mod begin;
mod certificate;
mod challenge;
mod noted;

use crate::limits::BODY_LEN_MAX;

pub(crate) use begin::{RightPassword, begin, by_certificate, by_password, go_on, signed_in_row};
#[cfg(test)]
pub(crate) use certificate::Answered;
pub(crate) use certificate::{Proven, SignInRefusal, Standing, check};
pub(crate) use challenge::{Challenge, Signing, signing};
pub(crate) use noted::wrong as note_wrong;
pub(crate) use ofd_office::sign_in::{LANDING, Use, next_path, set_number, use_challenge};
pub(crate) use ofd_office::tries::{Refused, Try, Who};

use certificate::SIGNATURE_BYTES_MAX;

/// A form with a signature: in Base64 it is longer by a third, and the form's other fields come on top.
pub(crate) const SIGNED_FORM_LEN_MAX: usize = SIGNATURE_BYTES_MAX + SIGNATURE_BYTES_MAX / 2 + BODY_LEN_MAX;
