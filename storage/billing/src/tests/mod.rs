//! The rules of money, as docs/billing.md says them.

mod charging;
mod chosen;
mod document;
mod examples;
mod invoices;
mod ledger;
mod plain;
mod scenario;
mod schema;
mod seeded;
mod standing;
mod tariffs;
mod year;
