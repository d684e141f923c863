//! What the operator's machines ask: is it alive, is it ready, how does the API look.

pub(crate) mod handlers;
