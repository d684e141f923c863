//! What is kept: streams, records and documents. Knows nothing of sockets or pages.

pub mod store;
