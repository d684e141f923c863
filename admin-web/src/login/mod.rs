//! Signing in and out.

use ofd_storage::store::Store;

use crate::cabinet::Pages;

/// The addresses of this family.
pub(crate) fn pages<S: Store>(pages: Pages<S>) -> Pages<S> {
    pages
}
