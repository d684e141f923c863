//! The whole verification over files that OpenSSL signed; data/make.py says how they came to be.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "functions that tests share are not told from product code"
)]

mod asking;
mod cases;
mod revocation;
mod stamping;
mod stand;
mod verdicts;
