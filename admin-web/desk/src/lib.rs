//! The kit of pages, whatever they are about: texts, numbers and days as people read them, frames, forms, routes, budgets.
//!
//! Nothing here knows an organisation, a register or a receipt. A page says what it shows and what it takes; the rest is
//! done here, once.

pub mod characters;
pub mod compression;
pub mod cookies;
pub mod day;
pub mod decimal;
pub mod format;
pub mod json;
pub mod problem;
pub mod qr;
pub mod sheet;
pub mod words;
