//! Verification of Kazakh electronic signatures.
