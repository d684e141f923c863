//! What a company says of itself: contacts, attributes, head; and the page that shows all of it.

mod handlers;
mod rules;
mod view;

pub(super) use handlers::pages;
