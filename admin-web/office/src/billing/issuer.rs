//! Who issues invoices, acts and bills, and what the QR code of a bill says.

use ofd_billing::invoices::{Bill, Party};

/// Who issues documents.
#[derive(Clone, Debug, Default)]
pub struct Issuer {
    /// The operator; nobody while its BIN, name and address are not known.
    pub supplier: Option<Party>,
    /// What the QR code of a bill says, where one is printed.
    pub payment_qr: Option<QrTemplate>,
}

/// A link by which a bill is paid, with names in braces that are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrTemplate(String);

/// Why a text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrTemplateError {
    /// Nobody would know whose the money is.
    #[error("{{account}} is missing in it: nobody would know whose the money is")]
    NoAccount,
    /// A brace that is none of the names.
    #[error("a name in it is none of {{account}}, {{sum}}, {{number}}, {{bin}}")]
    Name,
    /// More than a code holds.
    #[error("it is longer than {QR_LEN_MAX} bytes")]
    Length,
}

/// The longest template: a code of more is hard to read from a screen.
const QR_LEN_MAX: usize = 500;

impl QrTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// [`QrTemplateError`].
    pub fn new(text: &str) -> Result<Self, QrTemplateError> {
        if text.len() > QR_LEN_MAX {
            return Err(QrTemplateError::Length);
        }
        if !text.contains("{account}") {
            return Err(QrTemplateError::NoAccount);
        }
        let bare = ["{account}", "{sum}", "{number}", "{bin}"]
            .into_iter()
            .fold(text.to_owned(), |text, name| text.replace(name, ""));
        if bare.contains(['{', '}']) { Err(QrTemplateError::Name) } else { Ok(Self(text.to_owned())) }
    }

    /// What the code of a bill says.
    #[must_use]
    pub fn filled(&self, bill: &Bill) -> String {
        let told = [
            ("{account}", bill.account.clone()),
            ("{sum}", bill.total.to_string()),
            ("{number}", bill.head.number.to_string()),
            ("{bin}", bill.head.recipient.bin.clone()),
        ];
        told.into_iter().fold(self.0.clone(), |text, (name, value)| text.replace(name, &value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_the_account_and_nothing_unknown() {
        assert!(QrTemplate::new("https://pay.kz/?a={account}&s={sum}").is_ok());
        assert_eq!(QrTemplate::new(""), Err(QrTemplateError::NoAccount));
        assert_eq!(QrTemplate::new("https://pay.kz/?a={account}&x={what}"), Err(QrTemplateError::Name));
        assert_eq!(QrTemplate::new(&format!("{{account}}{}", "x".repeat(500))), Err(QrTemplateError::Length));
    }
}
