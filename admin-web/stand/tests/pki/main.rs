//! The stand's PKI, judged by the verifier that the product uses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "functions that tests share are not told from product code"
)]

mod certificates;
mod chains;
mod habits;
mod services;
mod shop;
mod signatures;
mod stand;
