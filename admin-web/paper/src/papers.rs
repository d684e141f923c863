//! What papers are made of, as plain data. What is not known is empty, and stands on paper as a dash.

use ofd_edge::{Imprint, Language};
use time::Date;

/// Application No. 1: an organisation joins the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationOne {
    /// The language it is written in.
    pub language: Language,
    /// Its number at the operator.
    pub number: String,
    /// The day it is made on.
    pub date: Date,
    /// The version that is joined.
    pub contract: JoinedContract,
    /// The organisation that joins.
    pub organisation: Party,
    /// Who signs for it.
    pub signer: Signer,
    /// Whom it joins.
    pub operator: Imprint,
    /// Where anybody can check the signature, printed as a link and a QR code; empty: not printed.
    pub check_url: String,
}

/// Application No. 2: a register is connected, for money by a tariff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationTwo {
    /// The language it is written in.
    pub language: Language,
    /// Its number at the operator.
    pub number: String,
    /// The day it is made on.
    pub date: Date,
    /// The version that the organisation joined.
    pub contract: JoinedContract,
    /// Whose register it is.
    pub organisation: Party,
    /// Who signs for it.
    pub signer: Signer,
    /// Who connects it.
    pub operator: Imprint,
    /// What is connected.
    pub register: RegisterOnPaper,
    /// Where anybody can check the signature, printed as a link and a QR code; empty: not printed.
    pub check_url: String,
}

/// Which version of the contract an application is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedContract {
    /// The version as [`crate::Contract`] has it.
    pub version: String,
    /// From when on it holds.
    pub begins_on: Date,
    /// A sample is marked as one on every page: nobody has joined anything by it.
    pub is_sample: bool,
}

/// What an application says of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// BIN, or the IIN of an entrepreneur.
    pub bin: String,
    /// The full name, as certificates have it.
    pub title: String,
    /// Where it is registered.
    pub legal_address: String,
    /// Where it works.
    pub actual_address: String,
    /// The account it pays from.
    pub bank: BankDetails,
    /// Who leads it.
    pub head: HeadOfCompany,
    /// What it does, by the classifier of economic activities.
    pub oked: String,
    /// Where letters go.
    pub email: String,
    /// Its phones, as they are dialled.
    pub phone: String,
}

/// An account at a bank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankDetails {
    /// The bank's name.
    pub bank: String,
    /// The bank's code.
    pub bic: String,
    /// The account's number.
    pub iik: String,
}

/// Who leads an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadOfCompany {
    /// Such as director.
    pub position: String,
    /// Surname, name and patronymic.
    pub name: String,
}

/// The person who signs an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Surname, name and patronymic, as the certificate has them.
    pub name: String,
    /// The IIN of the certificate.
    pub iin: String,
    /// What lets the person sign.
    pub capacity: SignerCapacity,
}

/// In which capacity a person signs for an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerCapacity {
    /// Its head, by the certificate.
    Head,
    /// A person with the right to sign, by the certificate.
    Signatory,
    /// The entrepreneur, who is the organisation.
    Entrepreneur,
    /// An employee who manages registers.
    RegisterManager,
}

/// What an application says of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterOnPaper {
    /// The day it was entered here.
    pub registered_on: Date,
    /// The id it is known by here.
    pub system_id: String,
    /// What the organisation calls it.
    pub alias: String,
    /// Its number at the tax authority (RNM).
    pub kgd_number: String,
    /// Make and model.
    pub model: String,
    /// The factory number.
    pub serial_number: String,
    /// The year it was made in.
    pub year: String,
    /// How it is connected.
    pub connection: Connection,
    /// The tariff it is served by.
    pub tariff: String,
    /// From when on the service is given; `None`: from the first receipt.
    pub connected_on: Option<Date>,
    /// The trade point.
    pub trade_point: String,
    /// Where that is.
    pub address: String,
}

/// How a register is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// By a cable, after a visit.
    Wired,
    /// By a SIM card.
    Sim,
}
