//! One payment: who paid, what for, whose it is and why; and whose it may be, where it has nobody.

use askama::Template;
use axum::response::Response;
use ofd_billing::PersonalAccount;
use ofd_billing::ledger::Source;
use ofd_office::billing::payments::{MatchError, REASON_CHARS_MAX, match_payment, suggestions};
use ofd_office::billing::{doubt_words, why_words};
use ofd_office::day::{today, written};
use ofd_storage::accounts::{AuditPage, OPERATOR, organisation};
use ofd_storage::ledger;
use ofd_storage::payments::{Payment, payment};

use super::reasons::{looked, payment_failed, reason};
use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::format;
use crate::page::Shell;
use crate::site::Site;

/// Where one payment is.
pub(super) const PATH: &str = "/operator/payments/{payment}";

/// Where somebody says whose it is.
pub(super) const MATCH: &str = "/operator/payments/{payment}/match";

/// Where a payment is.
pub(super) fn path_of(id: &Source) -> String {
    format!("/operator/payments/{id}")
}

/// An account that a payment may be for.
struct SuggestionView {
    number: String,
    title: String,
    /// Why it may be, and what speaks against it.
    why: Vec<String>,
    doubts: Vec<String>,
}

#[derive(Template)]
#[template(path = "payment.html")]
struct PaymentPage<'a> {
    shell: Shell<'a>,
    form: Form,
    /// Where it is.
    at: String,
    sum: String,
    day: String,
    payment: Payment,
    taken_at: String,
    /// The account that has it, with the name of its organisation, by whom it was said, and why.
    matched: Option<(String, String, String, Vec<String>)>,
    /// Where its account is looked at.
    account: Option<String>,
    may_match: bool,
    suggestions: Vec<SuggestionView>,
    account_more: String,
    reason_more: String,
}

/// The payment that the address names.
async fn named(site: &Site, ask: &Ask) -> Result<Payment, Failure> {
    let id = Source::new(ask.part("payment")).map_err(|_| Failure::NotFound)?;
    Ok(payment(&site.office.store, &id).await?.ok_or(Failure::NotFound)?.1)
}

/// The BIN and the name of whose an account is.
async fn holder(site: &Site, ask: &Ask, number: PersonalAccount) -> Result<(String, String), Failure> {
    let Some(found) = ledger::of_number(&site.office.store, number).await? else {
        return Ok((String::new(), String::new()));
    };
    let known = organisation(&site.office.store, &found.bin).await?;
    let words = site.texts(ask);
    let title = known.map_or_else(|| found.bin.clone(), |known| words.organisation(&known.title));
    Ok((found.bin, title))
}

async fn page(site: &Site, ask: &Ask, payment: Payment, form: Form) -> Result<Response, Failure> {
    let words = site.texts(ask);
    let (mut matched, mut account) = (None, None);
    if let Some(to) = &payment.matched {
        let (bin, title) = holder(site, ask, to.number).await?;
        let by = if to.by.is_empty() { words.say("payment-by-rule") } else { to.by.clone() };
        let why = to.why.iter().map(|kept| reason(&words, kept)).collect();
        matched = Some((to.number.to_string(), title, by, why));
        account = (!bin.is_empty()).then(|| format!("/operator/companies/{bin}/money"));
    }
    let mut views = Vec::new();
    if payment.matched.is_none() {
        for one in suggestions(&site.office.store, &payment, &site.config.own).await? {
            let (_, title) = holder(site, ask, one.account).await?;
            let told = |kept: Vec<String>| kept.iter().map(|kept| reason(&words, kept)).collect();
            views.push(SuggestionView {
                number: one.account.to_string(),
                title,
                why: told(why_words(&one.why)),
                doubts: told(doubt_words(&one.doubts)),
            });
        }
    }
    let status = form.status();
    let may_match = payment.matched.is_none() && ask.may(Right::ManagePayments);
    let mut shell = site.frame(ask, "payment-title", &path_of(&payment.id));
    shell.is_typed = may_match;
    let page = PaymentPage {
        shell,
        form: ask.again(form),
        at: path_of(&payment.id),
        sum: format::sum(ask.language(), payment.sum.get()),
        day: written(payment.on.date()),
        taken_at: site.moment(ask, ofd_protocol::types::UnixMillis(payment.taken_at_ms)),
        matched,
        account,
        may_match,
        suggestions: views,
        account_more: "inputmode=\"numeric\" maxlength=\"20\" autocomplete=\"off\" required".to_owned(),
        reason_more: format!("maxlength=\"{REASON_CHARS_MAX}\""),
        payment,
    };
    Ok(site.show(ask, status, &page))
}

/// Shows a payment.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let payment = named(&site, &ask).await?;
    looked(&site, &ask, OPERATOR, AuditPage::Payments).await?;
    page(&site, &ask, payment, Form::default()).await
}

/// Says whose a payment is. Who says the same twice has done it once.
pub(super) async fn set(site: At, ask: Ask) -> Result<Response, Failure> {
    let fields = ask.fields();
    let found = named(&site, &ask).await?;
    let words = site.texts(&ask);
    let (typed, reason) = (fields.text("account"), fields.text("reason").trim());
    let mut form = Form::filled([("account", typed.to_owned()), ("reason", reason.to_owned())]);
    let number = typed.parse::<PersonalAccount>();
    if number.is_err() {
        form.wrong("account", words.say("payment-account-wrong"));
    }
    if reason.is_empty() {
        form.wrong("reason", words.say("payment-reason-missing"));
    }
    if let (Ok(number), true) = (number, form.is_right()) {
        let day = today(ask.now(), site.config.zone_offset_seconds);
        match match_payment(&site.office, ask.by(), &found.id, (number, reason), day).await {
            Ok(_) => return Ok(see_other("/operator/payments?which=unmatched&done=matched")),
            Err(MatchError::NoAccount) => form.wrong("account", words.say("payment-account-unknown")),
            Err(MatchError::Matched) => {
                form.error = Some(words.say("payment-matched-before"));
                let found = named(&site, &ask).await?;
                return page(&site, &ask, found, form).await;
            }
            Err(MatchError::Unknown) => return Err(Failure::NotFound),
            Err(MatchError::Payment(error)) => return Err(payment_failed(error)),
            Err(MatchError::Change(error)) => return Err(error.into()),
        }
    }
    page(&site, &ask, found, form).await
}
