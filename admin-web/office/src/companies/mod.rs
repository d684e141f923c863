//! Organisations as the operator's people look for them. No page is in here: pages and files of rows call it.

pub mod search;
