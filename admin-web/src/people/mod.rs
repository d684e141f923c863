//! People: finding accounts, making them, joining companies; their secrets.

pub(crate) mod accounts;
pub(crate) mod joining;
pub(crate) mod letters;
pub(crate) mod password;
pub(crate) mod proof;
pub(crate) mod sealed;
pub(crate) mod totp;

pub(crate) use accounts::{
    Created, NewPerson, by_iin, by_login, claim_email, claim_iin, create_account, email_key, entry_of,
};
pub(crate) use joining::{Founded, appoint_first_administrator, found, join, list_company, member_of};
