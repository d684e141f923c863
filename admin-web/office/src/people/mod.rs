//! People: finding accounts, making them, joining companies; their secrets.

pub mod accounts;
pub mod acting;
pub mod joining;
pub mod password;
pub mod proof;
pub mod sealed;
pub mod second_factor;
pub mod totp;

pub use accounts::email_key;
pub use joining::member_of;
