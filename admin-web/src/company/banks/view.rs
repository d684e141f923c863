//! An application for a bank as pages show it.

use ofd_storage::accounts::BankApplication;

use crate::cabinet::Ask;
use crate::long_page::len_of;
use crate::site::Site;
use crate::words::Words;

/// An application as pages show it.
pub(super) struct ApplicationView {
    pub(super) bic: String,
    pub(super) name: String,
    pub(super) comment: String,
    pub(super) company: String,
    pub(super) bin: String,
    /// When and by whom it was made.
    pub(super) made: String,
    /// On which day it was made: all that the operator's list tells of it, whose rows nobody's audit tells of.
    pub(super) day: String,
    pub(super) state: String,
    /// How the state is marked: a class of the badge.
    pub(super) mark: &'static str,
    /// When and by whom it was decided.
    pub(super) decided: Option<String>,
    /// Why it was rejected.
    pub(super) reason: Option<String>,
    /// Where it is decided, while it waits.
    pub(super) decide: Option<[String; 2]>,
}

/// Letters of an application on a page beside what is in it.
const APPLICATION_LEN: usize = 700;

impl ApplicationView {
    /// What it comes to on a page.
    pub(super) fn len(&self) -> usize {
        let texts = [&self.bic, &self.name, &self.comment, &self.company, &self.made, &self.state];
        let more = [&self.decided, &self.reason].into_iter().filter_map(|text| text.as_deref());
        let links = self.decide.iter().flatten().map(String::as_str);
        len_of(APPLICATION_LEN, texts.into_iter().map(String::as_str).chain(more).chain(links))
    }

    pub(super) fn of(site: &Site, ask: &Ask, application: &BankApplication) -> Self {
        use ofd_storage::accounts::ApplicationState::{Approved, Rejected, Waiting};
        let words: Words<'_> = site.texts(ask);
        let when_by = |at, by: &str| {
            let when = site.moment(ask, at);
            words.say_values("company-when-by", &[("when", &when), ("who", by)])
        };
        let (state, mark, decided, reason) = match &application.state {
            Waiting => ("company-bank-waiting", "warn", None, None),
            Approved { at, by } => ("company-bank-approved", "", Some(when_by(*at, by)), None),
            Rejected { at, by, reason } => {
                ("company-bank-rejected", "bad", Some(when_by(*at, by)), Some(reason.clone()))
            }
        };
        let path = format!("/operator/banks/{}/{}", application.bin, application.id);
        let is_waiting = application.state == Waiting;
        Self {
            bic: application.bic.clone(),
            name: application.name.clone(),
            comment: application.comment.clone(),
            company: words.organisation(&application.company),
            bin: application.bin.clone(),
            made: when_by(application.at, &application.by),
            day: site.day(ask, application.at),
            state: words.say(state),
            mark,
            decided,
            reason,
            decide: is_waiting.then(|| [format!("{path}/approve"), format!("{path}/reject")]),
        }
    }
}
