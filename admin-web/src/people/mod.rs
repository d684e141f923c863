//! What pages need of people beside what the office knows: their letters, and what they read of passwords.

pub(crate) mod current;
pub(crate) mod letters;
pub(crate) mod passwords;

#[cfg(test)]
pub(crate) use ofd_office::people::accounts::by_iin;
pub(crate) use ofd_office::people::accounts::{
    Created, NewPerson, by_login, by_login_alike, claim_email, claim_iin, create_account, email_key,
    opened_by,
};
pub(crate) use ofd_office::people::joining::{
    Founded, appoint_first_administrator, found, is_of_fleet, join, list_company, member_of,
};
pub(crate) use ofd_office::people::{password, proof, sealed, totp};
