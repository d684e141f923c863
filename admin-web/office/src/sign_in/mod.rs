//! How a person proves who it is, and what a sign-in does to an account.

mod begin;
mod certificate;
mod challenge;
mod landing;
mod rules;

pub use begin::{RightPassword, begin, by_certificate, by_password, signed_in_row};
pub use certificate::{
    Answered, Owner, Proven, SIGN_IN_SUBJECT, SIGNATURE_BYTES_MAX, SignInRefusal, Standing, check, owner_of,
};
pub use challenge::{Challenge, is_challenge};
pub use landing::landing;
pub use rules::{LANDING, OPERATORS_LANDING, Use, next_path, set_number, use_challenge};
