//! What all pages behind the front door share: who asks, what they may, their forms, and how a page answers.
//!
//! A family of pages adds its addresses to [`Pages`], each with the [`Access`] it takes. Before a handler runs, the
//! session was found, the access judged, the form read and its CSRF token checked; the handler gets it all as an
//! [`Ask`] and answers with a response or a [`Failure`].

mod access;
mod admit;
mod again;
mod answer;
mod ask;
mod devices;
pub mod editor;
mod failure;
mod fields;
mod form;
mod frame;
mod keep;
mod kept;
mod known;
pub mod list;
mod moment;
mod pages;
mod second_factor;
mod session;

pub use access::{Access, Route};
pub use admit::{with_session, without_session};
pub use ask::{Ask, Signed};
pub use devices::known_as;
pub use failure::{Failure, see_other};
pub use form::{Choice, Form};
pub use frame::At;
pub use known::known_by;
pub use ofd_office::fields::Fields;
pub use ofd_office::keys::{SiteKey, digest, same, text_of};
pub use ofd_office::people::acting::Acting;
pub use ofd_office::rights::{Right, may};
pub use ofd_office::sessions::{Begin, SessionCookie, begin_session, end_sessions, is_over};
pub use pages::Pages;
pub use second_factor::show_lack;
