//! What people do, without HTTP: decided and written here, asked for by pages and by the API, each in its own words.

pub(crate) mod registers;
