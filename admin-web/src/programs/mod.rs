//! An organisation's own programs: the tokens that its administrators give them, and what they read with these.

mod admit;
mod answers;
mod documents;
mod handlers;
mod money;

#[cfg(test)]
pub(crate) use documents::{DOCUMENTS_TAKE, REGISTERS_TAKE, SHIFTS_TAKE};
#[cfg(test)]
pub(crate) use money::{BALANCE_TAKES, ENTRIES_TAKE, INVOICES_TAKE, STATEMENTS_TAKE};

use axum::routing::MethodFilter;
use ofd_storage::accounts::TokenScope;

use crate::cabinet::{Access, Pages, Right};
use crate::routes::{Budget, Menu};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let manage = Access::Member(Right::ManageTokens);
    let pages = pages
        .get("/c/{bin}/tokens", "tokens", manage, handlers::list)
        .title("programs-title")
        .menu(Menu::Member, 40, "menu-tokens")
        .post("/c/{bin}/tokens", "token_make", manage, handlers::make)
        .get("/c/{bin}/tokens/{token}/revoke", "token_revoke", manage, handlers::ask_revoke)
        .title("programs-revoke-title")
        .post("/c/{bin}/tokens/{token}/revoke", "token_revoke_now", manage, handlers::revoke);
    let get = MethodFilter::GET;
    let (registers, read) =
        (Access::Program(TokenScope::RegistersRead), Access::Program(TokenScope::DocumentsRead));
    let billing = Access::Program(TokenScope::BillingRead);
    pages
        .api(get, ("/api/v1/organisations/{bin}/registers", "own_registers"), registers, documents::registers)
        .paid_by(Budget::Own)
        .api(get, ("/api/v1/organisations/{bin}/shifts", "own_shifts"), read, documents::shifts)
        .paid_by(Budget::Own)
        .api(get, ("/api/v1/organisations/{bin}/documents", "own_documents"), read, documents::documents)
        .paid_by(Budget::Own)
        .api(get, ("/api/v1/organisations/{bin}/balance", "own_balance"), billing, money::balance)
        .paid_by(Budget::Own)
        .api(get, ("/api/v1/organisations/{bin}/entries", "own_entries"), billing, money::entries)
        .paid_by(Budget::Own)
        .api(get, ("/api/v1/organisations/{bin}/invoices", "own_invoices"), billing, money::invoices)
        .paid_by(Budget::Own)
        .api(get, ("/api/v1/organisations/{bin}/statements", "own_statements"), billing, money::statements)
        .paid_by(Budget::Own)
}
