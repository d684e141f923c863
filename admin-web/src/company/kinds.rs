//! What a company has several of. Its pages and its lists are made of this list.

use ofd_office::company::PART_KINDS;

use super::parts::PartKind;

/// Every kind, in the order of the company's page.
pub(super) const PARTS: &[PartKind] = &[
    PartKind::of::<super::addresses::AddressPages>(),
    PartKind::of::<super::bank_accounts::BankAccountPages>(),
    PartKind::of::<super::contact_persons::ContactPersonPages>(),
];

const _: () = assert!(PARTS.len() == PART_KINDS, "the office has another list: its audit tells of each kind");
