//! What people sign and print, as PDF/A-2u: the contract, the applications to it, lists; in Russian, Kazakh and English.
//!
//! The same input gives the same bytes, since they are signed: there is no clock here and no chance, dates and numbers come in.
//! Fonts are embedded, text can be copied and searched. What the papers say lies in `texts/`, readable and kept by version.

mod applications;
pub mod billing;
mod contract;
mod decoration;
mod error;
mod faces;
mod flow;
mod grid;
mod list;
mod page;
mod papers;
mod pdf;
mod template;
mod words;

#[cfg(test)]
mod tests;

pub use applications::{application_one, application_three, application_two};
pub use contract::{Clause, ClauseChange, Contract, ContractPaper, ContractText, changes, contract};
pub use error::{PaperError, TextError};
pub use list::{ListPaper, list};
pub use ofd_edge::{Imprint, Language};
pub use papers::{
    ApplicationOne, ApplicationTwo, BankDetails, Connection, HeadOfCompany, JoinedContract, Party,
    RegisterOnPaper, Signer, SignerCapacity,
};
