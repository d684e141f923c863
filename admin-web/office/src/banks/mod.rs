//! Banks: the directory, companies' applications for banks it lacks, and the operator's decisions on them.

pub mod applications;
mod directory;
pub mod rules;

pub use directory::{KnownBank, find_banks, is_known, known_banks};
