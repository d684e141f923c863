//! What invoices, acts and bills say of the operator beside its name and address.

use ofd_admin_web::office::billing::{Issuer, QrTemplate};
use ofd_admin_web::office::directories::{Iik, Kbe};
use ofd_billing::Iban;
use ofd_billing::invoices::{BankDetails, Party, VatCertificate};
use ofd_edge::{Imprint, Language};
use serde::Deserialize;

use super::problems::Problems;

/// The particulars of the operator on documents.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Invoices {
    /// Its code of residency and sector (Кбе), two digits.
    pub kbe: String,
    /// The series of its certificate of VAT.
    pub vat_series: String,
    /// The number of that certificate.
    pub vat_number: String,
    /// What the QR code of a bill says: a link in which `{account}`, `{sum}`, `{number}` and `{bin}` are replaced; empty: none.
    pub payment_qr: String,
}

impl Invoices {
    /// What is wrong with it.
    pub(super) fn check(&self, problems: &mut Problems) {
        if !self.kbe.is_empty() && Kbe::parse(&self.kbe).is_none() {
            problems.add("site.invoices.kbe", "it is no Кбе: two digits, such as \"17\"");
        }
        if self.vat_series.is_empty() != self.vat_number.is_empty() {
            problems.add("site.invoices.vat_number", "a certificate of VAT has a series and a number");
        }
        if !self.payment_qr.is_empty()
            && let Err(error) = QrTemplate::new(&self.payment_qr)
        {
            problems.add("site.invoices.payment_qr", error.to_string());
        }
    }

    /// Who issues documents; nobody while it is not known who that is.
    pub fn issuer(&self, imprint: &Imprint, accounts: &[Iban]) -> Issuer {
        let is_known =
            [&imprint.bin, &imprint.title, &imprint.address].iter().all(|text| !text.trim().is_empty());
        let vat_certificate = (!self.vat_number.is_empty())
            .then(|| VatCertificate { series: self.vat_series.clone(), number: self.vat_number.clone() });
        let supplier = Party {
            bin: imprint.bin.clone(),
            title: imprint.title.clone(),
            address: imprint.address.clone(),
            bank: accounts.first().map(|iban| self.bank(iban)),
            vat_certificate,
        };
        Issuer { supplier: is_known.then_some(supplier), payment_qr: QrTemplate::new(&self.payment_qr).ok() }
    }

    fn bank(&self, iban: &Iban) -> BankDetails {
        let bank = Iik::parse(iban.as_str()).ok().and_then(|iik| iik.bank());
        BankDetails {
            iik: iban.as_str().to_owned(),
            bic: bank.map(|bank| bank.bic.to_string()).unwrap_or_default(),
            bank: bank.map(|bank| bank.names.of(Language::Russian).to_owned()).unwrap_or_default(),
            kbe: Some(self.kbe.clone()).filter(|kbe| !kbe.is_empty()),
        }
    }
}
