//! The imprint: who runs this.

use serde::Deserialize;

/// The operator of fiscal data as registers, receipts and pages name it: its name and site are sent to registers of 2.0.4
/// and shown on receipts, all of it stands at the foot of every page. What is not known is empty.
///
/// Not called an operator: that is the whole operator here, and the cashier in the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Imprint {
    /// The operator's name, as receipts print it.
    pub title: String,
    /// Its name in Kazakh.
    pub title_kz: String,
    /// Where people find the operator.
    pub url: String,
    /// The BIN of the operator itself.
    pub bin: String,
    /// Its legal address.
    pub address: String,
    /// The legal address in Kazakh.
    pub address_kz: String,
    /// The phone of its support.
    pub support_phone: String,
    /// The mail address of its support.
    pub support_email: String,
    /// Where its offer is: the contract that users join.
    pub offer_url: String,
    /// Where it says what it does with personal data.
    pub privacy_url: String,
}

/// Nobody in particular: what an operator is in both languages.
impl Default for Imprint {
    fn default() -> Self {
        Self {
            title: "Оператор фискальных данных".into(),
            title_kz: "Фискалдық деректер операторы".into(),
            url: String::new(),
            bin: String::new(),
            address: String::new(),
            address_kz: String::new(),
            support_phone: String::new(),
            support_email: String::new(),
            offer_url: String::new(),
            privacy_url: String::new(),
        }
    }
}
