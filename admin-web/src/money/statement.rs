//! Taking a statement of a bank: a file in, what became of its entries out.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use ofd_office::billing::payments::{STATEMENT_BYTES_MAX, TakeError, TakenFile, take_statement};
use ofd_office::day::{today, written};

use super::reasons::payment_failed;
use crate::cabinet::{Ask, At, Failure, Form};
use crate::format;
use crate::page::Shell;
use crate::site::Site;

/// Where statements are taken.
pub(super) const PATH: &str = "/operator/payments/statement";

/// The largest form: a file with what stands around it.
pub(super) const FORM_BYTES_MAX: usize = STATEMENT_BYTES_MAX.saturating_add(64 * 1024);

/// What may be known, and waits for a person: its day, sum, payer and purpose.
struct PerhapsView {
    day: String,
    sum: String,
    payer: String,
    purpose: String,
}

/// What became of a file.
struct TakenView {
    entries: String,
    matched: String,
    unmatched: String,
    known: String,
    not_ours: String,
    perhaps: Vec<PerhapsView>,
}

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage<'a> {
    shell: Shell<'a>,
    form: Form,
    /// The accounts whose statements are taken.
    ibans: Vec<String>,
    taken: Option<TakenView>,
}

fn taken_view(site: &Site, ask: &Ask, taken: &TakenFile) -> TakenView {
    let (words, language) = (site.texts(ask), ask.language());
    let count = |key: &str, count: usize, sum: ofd_billing::Tiyn| {
        let (count, sum) = (count.to_string(), format::sum(language, sum.get()));
        words.say_values(key, &[("count", count.as_str()), ("sum", sum.as_str())])
    };
    let perhaps = |entry: &ofd_billing::statements::Entry| PerhapsView {
        day: written(entry.day),
        sum: format::sum(language, entry.sum.get()),
        payer: entry.payer.name.clone().unwrap_or_default(),
        purpose: entry.purpose.clone(),
    };
    TakenView {
        entries: words.say_with("statement-entries", &taken.entries.to_string()),
        matched: count("statement-matched", taken.matched, taken.matched_sum),
        unmatched: count("statement-unmatched", taken.unmatched, taken.unmatched_sum),
        known: words.say_with("statement-known", &taken.known.to_string()),
        not_ours: words.say_with("statement-not-ours", &taken.not_ours.to_string()),
        perhaps: taken.perhaps.iter().map(perhaps).collect(),
    }
}

fn page(site: &Site, ask: &Ask, form: Form, taken: Option<&TakenFile>) -> Response {
    let status = form.status();
    let page = StatementPage {
        shell: site.frame(ask, "statement-title", PATH),
        form: if taken.is_some() { form } else { ask.again(form) },
        ibans: site.config.own.ibans.iter().map(ToString::to_string).collect(),
        taken: taken.map(|taken| taken_view(site, ask, taken)),
    };
    site.show(ask, status, &page)
}

/// Shows the form.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    Ok(page(&site, &ask, Form::default(), None))
}

/// Takes a file, whole or not at all. The same file again does nothing.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let mut form = Form::default();
    let bytes = ask.fields().upload("file").and_then(|upload| upload.content.whole().ok());
    let Some(bytes) = bytes.filter(|bytes| bytes.len() <= STATEMENT_BYTES_MAX) else {
        form.wrong("file", words.say("statement-no-file"));
        return Ok(page(&site, &ask, form, None));
    };
    let day = today(ask.now(), site.config.zone_offset_seconds);
    // It goes on when the answer takes too long or its reader is gone: a file is taken whole.
    let (at, by) = (Arc::clone(&site), ask.by().clone());
    let taking =
        tokio::spawn(async move { take_statement(&at.office, &by, &bytes, (&at.config.own, day)).await });
    let Ok(taken) = taking.await else { return Err(Failure::Busy) };
    match taken {
        Ok(taken) => Ok(page(&site, &ask, form, Some(&taken))),
        Err(TakeError::File(fault)) => {
            form.wrong("file", fault.to_string());
            Ok(page(&site, &ask, form, None))
        }
        Err(TakeError::Busy(_)) => {
            form.wrong("file", words.say("statement-busy"));
            Ok(page(&site, &ask, form, None))
        }
        Err(TakeError::NoAccounts) => {
            form.wrong("file", words.say("statement-no-accounts"));
            Ok(page(&site, &ask, form, None))
        }
        Err(TakeError::Day(late)) => {
            form.wrong("file", words.say_with("statement-day", &written(late)));
            Ok(page(&site, &ask, form, None))
        }
        Err(TakeError::Payment(error)) => Err(payment_failed(error)),
        Err(TakeError::Store(error)) => Err(error.into()),
        Err(TakeError::Change(error)) => Err(error.into()),
    }
}
