//! A test PKI with OCSP, CRL and time stamps, and an NCALayer and an eGov Mobile that sign with its keys.
//!
//! Everything here is made up and known to everybody: people, organisations, and the keys of the CAs too. It serves
//! tests, the demonstration and whoever tries out a program against this one. Nothing that it signs proves anything.

mod asn1;
mod certificate;
mod cms;
pub mod ncalayer;
mod number;
mod oid;
mod people;
pub mod phone;
mod pki;
mod revocation;
mod service;
mod signed_data;
mod signing;
mod switches;
mod time_stamp;
pub mod workshop;

pub use cms::CmsMaker;
pub use pki::{Key, Pki};
pub use service::{Clock, serve, system_clock};
pub use signed_data::SignerFlaw;
pub use switches::{Asked, ListState, OcspState, Settings, Switches};
pub use time_stamp::Stamping;
