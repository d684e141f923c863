//! What a company has several of. Its pages, its lists and what the audit tells of changes are made of this list.

use super::addresses::AddressPages;
use super::bank_accounts::BankAccountPages;
use super::contact_persons::ContactPersonPages;
use super::parts::Kind;

/// Every kind, in the order of the company's page.
pub(super) const PARTS: [Kind; 3] =
    [Kind::of::<AddressPages>(), Kind::of::<BankAccountPages>(), Kind::of::<ContactPersonPages>()];
