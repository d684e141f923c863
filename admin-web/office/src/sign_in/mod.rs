//! How a person proves who it is, and what a sign-in does to an account.

mod rules;

pub use rules::{LANDING, Use, next_path, set_number, use_challenge};
