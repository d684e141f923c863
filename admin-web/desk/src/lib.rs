//! The kit of pages, whatever they are about: what stands before every handler, texts, numbers and days as people read
//! them, frames, forms, lists, routes, budgets, sockets.
//!
//! No record of an organisation, a register or a receipt is read or changed here: a page says what it shows and what it
//! takes, the rest is done here, once. What many pages say alike, of wrong fields or of too many look-ups, is here as well.

mod any_origin;
pub mod assets;
pub mod budget;
pub mod cabinet;
pub mod characters;
mod compression;
pub mod content;
pub mod cookies;
pub mod decimal;
pub mod format;
mod forwarded;
mod gate;
pub mod json;
pub mod limits;
pub mod long_page;
pub mod lookups;
mod mask;
pub mod metrics;
pub mod page;
pub mod page_len;
mod places;
pub mod problem;
pub mod qr;
pub mod router;
pub mod routes;
pub mod serve;
pub mod sheet;
pub mod site;
pub mod token;
pub mod words;
mod wrong;
