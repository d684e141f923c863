//! What all pages behind the front door share: who asks, what they may, their forms, and how a page answers.
//!
//! A family of pages adds its addresses to [`Pages`], each with the [`Access`] it takes. Before a handler runs, the
//! session was found, the access judged, the form read and its CSRF token checked; the handler gets it all as an
//! [`Ask`] and answers with a response or a [`Failure`].

mod access;
mod admit;
mod again;
mod ask;
mod change;
mod devices;
pub(crate) mod editor;
mod failure;
mod fields;
mod form;
mod frame;
mod keep;
mod keys;
mod known;
pub(crate) mod list;
mod mask;
mod moment;
mod pages;
mod second_factor;
mod sessions;

pub(crate) use crate::rights::{Right, may};
pub(crate) use access::{Access, Route};
pub(crate) use admit::{with_session, without_session};
pub(crate) use ask::{Ask, Signed};
pub(crate) use change::{change_account, change_company, entry, look_at};
pub(crate) use devices::known_as;
pub(crate) use failure::{Failure, see_other};
pub(crate) use fields::Fields;
pub(crate) use form::{Choice, Form};
pub(crate) use frame::At;
pub(crate) use keys::{SiteKey, digest, same, text_of};
pub(crate) use known::known_by;
pub(crate) use mask::masked;
pub(crate) use moment::moment_of;
pub(crate) use pages::Pages;
pub(crate) use sessions::{Begin, SessionCookie, begin_session, end_sessions, is_over};
