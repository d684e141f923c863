//! People: finding accounts, making them, joining companies; their secrets.

pub(crate) mod accounts;
pub(crate) mod current;
pub(crate) mod joining;
pub(crate) mod letters;
pub(crate) mod password;
pub(crate) mod proof;
pub(crate) mod sealed;
pub(crate) mod totp;

#[cfg(test)]
pub(crate) use accounts::by_iin;
pub(crate) use accounts::{
    Created, NewPerson, by_login, by_login_alike, claim_email, claim_iin, create_account, email_key,
    entry_of, opened_by,
};
pub(crate) use joining::{Founded, appoint_first_administrator, found, join, list_company, member_of};
