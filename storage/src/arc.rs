//! A store behind an `Arc` is a store: several users of one backend in one process.

use std::sync::Arc;

use crate::store::Store;
use crate::through::Through;

impl<S: Store> Through for Arc<S> {
    type Inner = S;

    fn inner(&self) -> &S {
        self
    }
}
