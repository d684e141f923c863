//! Making a bill for a sum.

use askama::Template;
use axum::response::Response;
use ofd_billing::Tiyn;
use ofd_billing::ledger::LedgerAccount;
use ofd_office::billing::invoices::{IssueError, make_bill, once, sum_of};
use ofd_office::billing::this_month;
use ofd_storage::accounts::{AuditPage, OPERATOR, organisation};
use ofd_storage::ledger::{self, MonthOf};

use super::super::reasons::{failed, looked};
use super::super::told::{bin_of, home};
use super::document::trouble;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::site::Site;

/// Where a bill is made.
pub(super) const OWN: &str = "/c/{bin}/money/bill";

/// The same for the operator's people.
pub(super) const ANY: &str = "/operator/companies/{company}/money/bill";

#[derive(Template)]
#[template(path = "bill.html")]
struct BillPage<'a> {
    shell: Shell<'a>,
    back: (String, String),
    form: Form,
    at: String,
    once: String,
    sum_more: &'static str,
}

/// What is owed, as it would be typed; empty where nothing is.
async fn owed(site: &Site, bin: &str) -> Result<String, Failure> {
    let store = &site.office.store;
    let Some(account) = ledger::of_bin(store, bin).await? else { return Ok(String::new()) };
    let of = MonthOf { account: LedgerAccount::Personal(account.number), opened: account.opened };
    let now = this_month(&site.office, site.config.zone_offset_seconds).map_err(failed)?;
    let balance = ledger::balance(store, of, now).await.map_err(failed)?.sum;
    Ok(if balance < Tiyn::ZERO { balance.negated().to_string() } else { String::new() })
}

fn page<const OPERATORS: bool>(site: &Site, ask: &Ask, form: Form) -> Response {
    let words = site.texts(ask);
    let home = home::<OPERATORS>(bin_of::<OPERATORS>(ask));
    let at = format!("{home}/bill");
    let status = form.status();
    let mut shell = site.frame(ask, "bill-title", &at);
    shell.is_typed = true;
    let page = BillPage {
        shell,
        back: (format!("{home}/invoices"), words.say("invoices-title")),
        form: ask.again(form),
        at,
        once: ask.again_value("once", once(&site.office)),
        sum_more: "inputmode=\"decimal\" maxlength=\"20\" autocomplete=\"off\" required",
    };
    site.show(ask, status, &page)
}

/// Shows the form, with what is owed filled in.
pub(super) async fn show<const OPERATORS: bool>(site: At, ask: Ask) -> Result<Response, Failure> {
    let bin = bin_of::<OPERATORS>(&ask);
    if organisation(&site.office.store, bin).await?.is_none() {
        return Err(Failure::NotFound);
    }
    if OPERATORS {
        looked(&site, &ask, bin, AuditPage::Money).await?;
    }
    let form = Form::filled([("sum", owed(&site, bin).await?)]);
    Ok(page::<OPERATORS>(&site, &ask, form))
}

/// Makes the bill. The same form twice is one bill.
pub(super) async fn make<const OPERATORS: bool>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, bin) = (site.texts(&ask), bin_of::<OPERATORS>(&ask));
    if organisation(&site.office.store, bin).await?.is_none() {
        return Err(Failure::NotFound);
    }
    let typed = ask.fields().text("sum");
    let mut form = Form::filled([("sum", typed.to_owned())]);
    let Some(sum) = sum_of(typed) else {
        form.wrong("sum", words.say("bill-sum-wrong"));
        return Ok(page::<OPERATORS>(&site, &ask, form));
    };
    let told = if OPERATORS { OPERATOR } else { bin };
    let from = (&site.config.issuer, site.config.zone_offset_seconds);
    match make_bill(&site.office, ask.by(), (bin, told), (sum, ask.fields().text("once")), from).await {
        Ok(bill) => Ok(see_other(&format!("{}/invoices/{}", home::<OPERATORS>(bin), bill.number()))),
        Err(error @ IssueError::Sum) => {
            form.wrong("sum", words.say(trouble(error)?));
            Ok(page::<OPERATORS>(&site, &ask, form))
        }
        Err(error) => {
            form.error = Some(words.say(trouble(error)?));
            Ok(page::<OPERATORS>(&site, &ask, form))
        }
    }
}
