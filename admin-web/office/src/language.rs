//! The languages of pages and letters.

pub use ofd_edge::Language;
