//! What a company has several of. Its pages, its lists and what the audit tells of changes are made of this list.

use super::addresses::AddressPages;
use super::bank_accounts::BankAccountPages;
use super::contact_persons::ContactPersonPages;
use super::parts::PartKind;

/// Every kind, in the order of the company's page.
pub(super) const PARTS: [PartKind; 3] = [
    PartKind::of::<AddressPages>(),
    PartKind::of::<BankAccountPages>(),
    PartKind::of::<ContactPersonPages>(),
];
