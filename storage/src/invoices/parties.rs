//! Whom a document is for, as it is called on the day of it.

use ofd_billing::Day;
use ofd_billing::invoices::{BankDetails, Contract, Party};
use ofd_protocol::types::UnixMillis;

use super::error::InvoicingError;
use crate::accounts::{Company, joined, organisation};
use crate::charging::Clock;
use crate::store::{Store, StoreError};

/// An organisation as documents name it: with its legal address and the account that documents name.
///
/// # Errors
/// [`InvoicingError::NoOrganisation`], and those of the store.
pub async fn recipient(store: &impl Store, bin: &str) -> Result<Party, InvoicingError> {
    let Some(known) = organisation(store, bin).await? else {
        return Err(InvoicingError::NoOrganisation(bin.to_owned()));
    };
    let company: Option<Company> = joined(store, bin).await?.map(|kept| kept.state);
    let bank = company.as_ref().and_then(|company| {
        let named = company.bank_accounts.iter().find(|account| account.is_default);
        named.or_else(|| company.bank_accounts.first())
    });
    let bank = bank.map(|account| BankDetails {
        iik: account.iik.clone(),
        bic: account.bic.clone(),
        bank: account.bank.clone(),
        kbe: Some(account.kbe.clone()).filter(|kbe| !kbe.is_empty()),
    });
    let legal = company.as_ref().and_then(Company::legal_address);
    let address = if known.address.trim().is_empty() {
        legal.map(|legal| legal.line_at(&legal.place)).unwrap_or_default()
    } else {
        known.address
    };
    Ok(Party { bin: bin.to_owned(), title: known.title, address, bank, vat_certificate: None })
}

/// The contract that an organisation joined, by the number of its application; `None` where it has not joined here.
///
/// # Errors
/// Those of the store.
pub async fn contract_of(
    store: &impl Store,
    bin: &str,
    zone_offset_seconds: i32,
) -> Result<Option<Contract>, StoreError> {
    let agreement = joined(store, bin).await?.and_then(|kept| kept.state.agreement);
    agreement.map(|agreement| contract((bin, agreement.paper), agreement.at, zone_offset_seconds)).transpose()
}

fn contract(
    (bin, paper): (&str, u32),
    at: UnixMillis,
    zone_offset_seconds: i32,
) -> Result<Contract, StoreError> {
    let day: Day = Clock { now: at, zone_offset_seconds }.today()?;
    Ok(Contract { number: format!("{bin}-{paper}"), day })
}
