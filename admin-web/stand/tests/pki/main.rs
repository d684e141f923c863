//! The stand's PKI, judged by the verifier that the product uses.

mod certificates;
mod services;
mod signatures;
mod stand;
