//! What people do at the site, without the site: no page, no request, no answer.
//!
//! Whoever wants something done, a page or the API, says what and on whose behalf; a rule decides, the store keeps it
//! with its row in the audit, and the answer is a value or an error that says what stands against it.

pub mod api_token;
pub mod companies;
pub mod directories;
pub mod language;
pub mod mail;
pub mod metrics;
pub mod signatures;
pub mod work;
