//! Forms that are shown again with what was typed: after an error, in another language, after the session ended.
//!
//! A form that was sent is answered by sending the browser on to the page's own address, so that Back and Reload show a
//! page and send nothing twice. What was typed goes along in a cookie of that page alone. It is sealed by the site's key,
//! so that nobody reads it in a borrowed browser, bound to the person, or to the visit of who is not signed in, and worth
//! nothing after an hour. The site itself keeps nothing, so nobody can fill it up, and every process over one store can
//! go on where another one was asked. Passwords are never kept.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use ofd_office::revision::Revision;

use super::ask::Ask;
use super::failure::see_other;
use super::form::Form;
use super::kept::{Again, FormPlace, KEPT_FOR_MS, PARTS_MAX, Shown, Why, whose};
use crate::cookies::FormCookie;
use crate::site::Site;

impl Ask {
    /// A form as its page shows it: with what was typed before, where the address says so. Every page with a form asks
    /// this before it shows it; what a form that was sent led to can be shown at the page's own address then.
    pub fn again(&self, form: Form) -> Form {
        self.again_in("", form)
    }

    /// The same for one of several forms of a page.
    pub fn again_in(&self, slot: &'static str, form: Form) -> Form {
        if let Some(again) = &self.inner.again {
            return again.form(slot).unwrap_or(form);
        }
        self.note(|shown| {
            shown.slots.insert(slot.to_owned(), form.kept());
        });
        form
    }

    /// The same for what a page with a form shows besides, and the form brings back: a revision, a statement.
    pub fn again_value(&self, name: &'static str, value: String) -> String {
        if let Some(again) = &self.inner.again {
            return again.value(name).map_or(value, str::to_owned);
        }
        self.note(|shown| {
            shown.values.insert(name.to_owned(), value.clone());
        });
        value
    }

    /// The revision that a form was opened at, or is to be sent with now.
    pub fn again_revision(&self, revision: impl Into<Revision>) -> Revision {
        Revision::read(&self.again_value("revision", revision.into().to_string()))
    }

    /// Notes at which address a page can be shown again.
    pub fn shown_at(&self, at: &str) {
        self.note(|shown| shown.at = Some(at.to_owned()));
    }

    /// Notes which part of the page is to be seen when it is shown again.
    pub fn shown_part(&self, part: &'static str) {
        self.note(|shown| shown.part = Some(part));
    }

    /// Whether a form is shown again.
    pub fn is_again(&self) -> bool {
        self.inner.again.is_some()
    }

    /// Whether the form is shown again because the session ended that it was opened in.
    pub fn is_after_end(&self) -> bool {
        self.inner.again.as_ref().is_some_and(|again| again.why == Why::Ended)
    }

    fn note(&self, write: impl FnOnce(&mut Shown)) {
        if self.inner.is_post {
            write(&mut self.inner.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        }
    }

    fn take_shown(&self, status: StatusCode) -> Option<(String, Option<&'static str>, Again)> {
        let mut shown = self.inner.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Shown { at, part, slots, values } = std::mem::take(&mut *shown);
        let until_ms = self.now().0.saturating_add(KEPT_FOR_MS);
        let again = Again { until_ms, why: Why::Answered, status: status.as_u16(), slots, values };
        at.filter(|_| !again.slots.is_empty()).map(|at| (at, part, again))
    }
}

/// Statuses of pages that show a form again. Whoever is told to wait stays where that is said.
fn shows_a_form(response: &Response) -> bool {
    let statuses = [StatusCode::OK, StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    statuses.contains(&response.status())
        && kind.is_some_and(|kind| kind.starts_with("text/html"))
        && !response.headers().contains_key(header::RETRY_AFTER)
}

/// Sends the browser on to a page's own address where a form was answered with the page that shows it again. There that
/// page has the status that it would have had here.
pub(super) async fn on_its_own_page(
    site: &Site,
    ask: &Ask,
    mut response: Response,
    cookies: &mut Vec<HeaderValue>,
) -> Response {
    if !ask.inner.is_post {
        let status = ask.inner.again.as_ref().and_then(|again| StatusCode::from_u16(again.status).ok());
        if let Some(status) = status.filter(|_| response.status() == StatusCode::OK) {
            *response.status_mut() = status;
        }
        return response;
    }
    if !shows_a_form(&response) {
        if response.status().is_redirection() && ask.inner.has_kept {
            // What was typed is done with.
            let forget = (0..PARTS_MAX).map(|part| FormCookie { part, path: ask.path() });
            cookies.extend(forget.filter_map(|kept| kept.remove(site.is_tls())));
        }
        return response;
    }
    let Some((at, part, again)) = ask.take_shown(response.status()) else { return response };
    let Ok(key) = site.office.key().await else { return response };
    let whose = whose(ask.account_id(), ask.visit());
    let Some((address, kept)) = again.carried(site, &key, FormPlace { whose: &whose, at: &at }) else {
        // Longer than cookies may be: then this answer is the page, as it stands.
        return response;
    };
    cookies.extend(kept);
    see_other(&part.map_or_else(|| address.clone(), |part| format!("{address}#{part}")))
}
