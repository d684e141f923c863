//! Invoices and the papers beside them: what they say and that it adds up. How they look comes elsewhere.

mod content;
mod documents;
mod number;
mod statement;
mod texts;
mod xml;

pub use content::{Content, ContentError, ContentLine, MonthDocuments, RateTotal};
pub use documents::{
    Act, BankDetails, Bill, BillFor, BillLine, Contract, DocumentError, Head, Invoice, InvoiceSort, Party,
    Reference, VatCertificate,
};
pub use number::{Number, NumberError, Series};
pub use statement::{
    InFavourOf, Reconciliation, Sides, StatementEntry, StatementError, TurnoverRow, Turnovers,
    reconciliation, turnovers,
};
pub use texts::{PaperLanguage, line_text};
pub use xml::{NAMESPACE, invoice_xml};
