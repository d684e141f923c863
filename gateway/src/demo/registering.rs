//! A register of the demo that its organisation registered by itself: the form, Application No. 2, and the signature under it.
//! Nobody has looked at its token yet, so whoever tries the demo can connect a till with it.

use ofd_admin_web::office::billing::tariffs::{may_be_chosen, money_now};
use ofd_admin_web::office::fields::Fields;
use ofd_admin_web::office::papers::{Around, Outcome, Sent};
use ofd_admin_web::office::registrations::models::models;
use ofd_admin_web::office::registrations::{
    DraftOutcome, DrawnFor, Known, NEW_SHOP, SignOutcome, begin, draw_up, find, read_register, sign,
};
use ofd_admin_web::{By, Site};
use ofd_protocol::register::Day;
use ofd_stand::{Key, system_clock};
use ofd_storage::accounts::{Account, Company};
use ofd_storage::papers;

use super::ports::Failure;

/// By what the form is known, however often it comes.
const FORM: &str = "the-first-of-all";

/// The register as its form says it, but for its shop: a new one, so that its organisation has a shop of its own making.
const TYPED: [(&str, &str); 11] = [
    ("model", "104"),
    ("serial_number", "SWK-DEMO-0007"),
    ("year", "2025"),
    ("rnm", "640399000007"),
    ("connection", "wired"),
    ("alias", "Касса у входа"),
    ("tariff", "free"),
    ("shop", NEW_SHOP),
    ("shop_title", "Жаңа дүкен"),
    ("shop_settlement", "710000000"),
    ("shop_street", "ул. Кенесары, 40"),
];

/// Registers the register, whose number the tax authority has given already: with the signature it is on the books.
pub(super) async fn register(
    site: &Site,
    by: &By,
    (account, key, company): (&Account, &Key, &Company),
    around: &Around,
) -> Result<(), Failure> {
    let (office, bin) = (&site.office, company.bin.as_str());
    let refused = |what: String| Failure::from(format!("the register of {bin} was not registered: {what}"));
    let typed = TYPED.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (fields, models) = (Fields::new(typed.into()), models(&office.store).await?);
    let plans = may_be_chosen(office, bin).await?;
    let known = Known {
        bin,
        model: models.get(fields.text("model")),
        kept_model: None,
        shop: None,
        plans: &plans,
        kept_plan: None,
        today: money_now(office, around.zone_offset_seconds).await?.today(),
        this_year: Day::of(by.at.wall(around.zone_offset_seconds)).date().0,
    };
    let read = read_register(&fields, &known);
    if !read.errors.is_empty() {
        return Err(refused(format!("{:?}", read.errors)));
    }
    let DraftOutcome::Saved(id) = begin(office, by, (bin, FORM), &read.data).await? else {
        return Err(refused("the form was not saved".to_owned()));
    };
    let DrawnFor::Ready(_) = draw_up(office, by, (bin, id, account), around, None).await? else {
        return Err(refused("its application was not drawn up".to_owned()));
    };
    let found = find(&office.store, bin, id).await?;
    let Some(paper) = found.and_then(|(_, registration)| registration.paper) else {
        return Err(refused("it has no application".to_owned()));
    };
    let pdf = papers::pdf(&office.store, bin, paper.number).await?.unwrap_or_default();
    let cms = key.sign_cms(&pdf, false, system_clock()(), None).into();
    let sent = Sent { number: paper.number, pdf_hash: paper.pdf_hash, cms };
    match sign(office, by, (bin, id, account), around, sent).await? {
        // Where something cannot be found out at once it is asked again.
        SignOutcome::Registered | SignOutcome::Paper(Outcome::Valid | Outcome::Checking) => Ok(()),
        other => Err(refused(format!("{other:?}"))),
    }
}
