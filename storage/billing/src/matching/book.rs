//! What is known of accounts, organisations and invoices, as far as clues ask for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::iban::Iban;
use crate::personal_account::PersonalAccount;
use crate::tiyn::Tiyn;

use super::numbers::invoice_key;

/// Whose a personal account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The BIN or IIN of the organisation.
    pub bin: String,
    /// Whether the account is closed: money for it waits for a person.
    pub is_closed: bool,
}

/// An invoice that is not paid, or not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvoice {
    /// As it stands on the invoice.
    pub number: String,
    /// Whose it is.
    pub account: PersonalAccount,
    /// What is left to pay of it.
    pub left: Tiyn,
}

/// What the caller knows of the clues of an entry, or of all entries of a file.
#[derive(Clone, Debug, Default)]
pub struct Book {
    holders: BTreeMap<PersonalAccount, Holder>,
    by_bin: BTreeMap<String, BTreeSet<PersonalAccount>>,
    invoices: Vec<OpenInvoice>,
    by_number: BTreeMap<String, Vec<usize>>,
    by_sum: BTreeMap<Tiyn, Vec<usize>>,
    payers: BTreeMap<Iban, BTreeSet<PersonalAccount>>,
    own_bins: BTreeSet<String>,
    own_ibans: BTreeSet<Iban>,
    collectors: BTreeSet<String>,
}

impl Book {
    /// A book that knows who we are: a payment from ourselves is none.
    #[must_use]
    pub fn new(
        own_bins: impl IntoIterator<Item = String>,
        own_ibans: impl IntoIterator<Item = Iban>,
    ) -> Self {
        Self {
            own_bins: own_bins.into_iter().collect(),
            own_ibans: own_ibans.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds a personal account: those that clues name, and all of each organisation whose BIN they name.
    pub fn add_account(&mut self, account: PersonalAccount, holder: Holder) {
        self.by_bin.entry(holder.bin.clone()).or_default().insert(account);
        self.holders.insert(account, holder);
    }

    /// Adds an open invoice: those whose numbers clues name, and those that have the very sum left.
    pub fn add_invoice(&mut self, invoice: OpenInvoice) {
        if self.invoices.contains(&invoice) {
            return;
        }
        let at = self.invoices.len();
        self.by_number.entry(invoice_key(&invoice.number)).or_default().push(at);
        self.by_sum.entry(invoice.left).or_default().push(at);
        self.invoices.push(invoice);
    }

    /// Adds an account of a bank from which a personal account was paid before.
    pub fn add_payer(&mut self, iban: Iban, account: PersonalAccount) {
        self.payers.entry(iban).or_default().insert(account);
    }

    /// Adds the BIN of a bank or a payment system that pays for others: who the payer is says nothing then.
    pub fn add_collector(&mut self, bin: String) {
        self.collectors.insert(bin);
    }

    pub(super) fn holder(&self, account: PersonalAccount) -> Option<&Holder> {
        self.holders.get(&account)
    }

    /// The accounts of an organisation that are not closed; those that are when there are no others.
    pub(super) fn accounts_of(&self, bin: &str) -> BTreeSet<PersonalAccount> {
        let Some(all) = self.by_bin.get(bin) else { return BTreeSet::new() };
        let is_open =
            |account: &PersonalAccount| self.holder(*account).is_some_and(|holder| !holder.is_closed);
        let open: BTreeSet<_> = all.iter().copied().filter(is_open).collect();
        if open.is_empty() { all.clone() } else { open }
    }

    pub(super) fn invoices_by_key(&self, key: &str) -> impl Iterator<Item = &OpenInvoice> {
        self.by_number.get(key).into_iter().flatten().filter_map(|at| self.invoices.get(*at))
    }

    pub(super) fn invoices_by_sum(&self, sum: Tiyn) -> impl Iterator<Item = &OpenInvoice> {
        self.by_sum.get(&sum).into_iter().flatten().filter_map(|at| self.invoices.get(*at))
    }

    pub(super) fn paid_from(&self, iban: &Iban) -> BTreeSet<PersonalAccount> {
        self.payers.get(iban).cloned().unwrap_or_default()
    }

    pub(super) fn is_own_bin(&self, bin: &str) -> bool {
        self.own_bins.contains(bin)
    }

    pub(super) fn is_own_iban(&self, iban: &Iban) -> bool {
        self.own_ibans.contains(iban)
    }

    pub(super) fn is_collector(&self, bin: &str) -> bool {
        self.collectors.contains(bin)
    }
}
