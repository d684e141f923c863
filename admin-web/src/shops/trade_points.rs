//! Shops as their organisation's people edit them: the form of a new one and of one that is there, and the question before
//! one is deleted.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::company::addresses::PLACE;
use ofd_office::company::shop_groups::group_names;
use ofd_office::revision::Revision;
use ofd_office::shops::{
    COORDINATES_LEN_MAX, GROUPS, Outcome, SHOPS_MAX, Standing, TITLE_LEN_MAX, TradePointDraft,
    TradePointRefusal, address_in, change_trade_point, coordinates_of, delete_trade_point, make_trade_point,
    read_draft, settle_trade_points, trade_point_of, why_it_stays,
};
use ofd_storage::accounts::{AuditAction, AuditEntry, AuditSubject, Company, ShopGroup};
use ofd_storage::model::{TradePoint, TradePointId, TradePointKind};

use super::here::groups_of;
use super::view::title_of;
use crate::cabinet::editor::{
    Edit, Item, Opened, Question, Stored, question_page, revision_in, same, stale_text, tell_stored,
};
use crate::cabinet::{Access, Ask, At, Choice, Failure, Form, Pages, Right, see_other};
use crate::company::AddressView;
use crate::directories::settlement;
use crate::page::Shell;
use crate::site::Site;
use crate::typed::Wrong;
use crate::vocabulary::Word;
use crate::words::Words;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let edit = Access::Member(Right::ManageRegisters);
    let [new, one, delete] = ["/c/{bin}/shops/new", "/c/{bin}/shops/{shop}", "/c/{bin}/shops/{shop}/delete"];
    pages
        .get(new, "trade_point_new", edit, show_new)
        .post(new, "trade_point_new", edit, take_new)
        .get(one, "trade_point", edit, show)
        .post(one, "trade_point", edit, take)
        .get(delete, "trade_point_delete", edit, ask_delete)
        .post(delete, "trade_point_delete", edit, take_delete)
}

/// The key of what was done, by what the address of the list says.
pub(super) fn done_key(what: &str) -> Option<&'static str> {
    Some(match what {
        "added" => "trade-point-added",
        "changed" => "trade-point-changed",
        "deleted" => "trade-point-deleted",
        "gone" => "trade-point-gone",
        _ => return None,
    })
}

fn home(ask: &Ask) -> String {
    format!("/c/{}/registers", ask.bin())
}

fn done(ask: &Ask, what: &str) -> Response {
    see_other(&format!("{}?done={what}", home(ask)))
}

#[derive(Template)]
#[template(path = "trade_point.html")]
struct TradePointPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    kinds: Vec<Choice>,
    view: AddressView,
    /// The address as it is, where it was never chosen from the directory.
    address: Option<String>,
    title_line: String,
    coordinates_line: String,
    /// Groups to be in.
    groups: Vec<Choice>,
}

/// The shop of the address, where it is the organisation's own.
async fn own(site: &Site, ask: &Ask) -> Result<TradePoint, Failure> {
    settle(site, ask).await?;
    let id = TradePointId::read(ask.part("shop")).ok_or(Failure::NotFound)?;
    trade_point_of(&site.office.store, ask.bin(), &id).await?.ok_or(Failure::NotFound)
}

/// Writes what is decided of the organisation's shops and not in their records yet.
pub(super) async fn settle(site: &Site, ask: &Ask) -> Result<(), Failure> {
    let Some(acting) = ask.acting() else { return Ok(()) };
    Ok(settle_trade_points(&site.office, &acting.company.state).await?)
}

/// What is kept of a shop, field by field.
fn stored(words: &Words<'_>, point: &TradePoint) -> Vec<Stored> {
    let place = point.place.as_ref();
    let code = place.map_or("", |place| place.settlement.as_str());
    let chain = settlement(code).map(|found| found.chain(words.language));
    vec![
        Stored::new(
            "kind",
            point.kind.map_or("", TradePointKind::name),
            point.kind.map_or_else(String::new, |kind| kind.text(words)),
        ),
        same("title", &point.title),
        same("title_kz", point.title_kz.as_deref().unwrap_or("")),
        Stored::new(PLACE.settlement, code, chain.unwrap_or_else(|| code.to_owned())),
        same(PLACE.street, place.map_or("", |place| &place.street)),
        same(PLACE.house, place.map_or("", |place| &place.house)),
        same(PLACE.flat, place.map_or("", |place| &place.flat)),
        same("street_kz", place.map_or("", |place| &place.street_kz)),
        same("coordinates", &coordinates_of(point).map_or_else(String::new, |at| at.to_string())),
    ]
}

/// Tells which groups a shop is in now, where others were ticked.
fn tell_groups(words: &Words<'_>, form: &mut Form, (point, groups): (&TradePoint, &[ShopGroup])) {
    let is_ticked = |group: &ShopGroup| form.has(GROUPS, &group.id.to_string());
    if groups.iter().all(|group| is_ticked(group) == point.groups.contains(&group.id)) {
        return;
    }
    let names = group_names(groups, &point.groups).join(", ");
    let text =
        if names.is_empty() { words.say("stored-now-empty") } else { words.say_with("stored-now", &names) };
    form.wrong(GROUPS, text);
}

/// The groups of an organisation as boxes, by their names.
fn group_choices(groups: &[ShopGroup]) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        groups.iter().map(|group| Choice::new(group.id.to_string(), group.name.as_str())).collect();
    choices.sort_by_key(|choice| choice.label.to_lowercase());
    choices
}

fn page(
    (site, ask): (&Site, &Ask),
    kept: Option<&TradePoint>,
    form: Form,
    revision: Revision,
    status: StatusCode,
) -> Response {
    let words = site.texts(ask);
    let title = if kept.is_some() { "trade-point-edit" } else { "trade-point-new" };
    let mut shell = site.form_frame(ask, title, ask.path());
    shell.has_search = true;
    let edit = Edit {
        form: ask.again(form),
        action: ask.path().to_owned(),
        back: home(ask),
        back_text: words.say("shops-title"),
        opened: Opened { id: None, revision: ask.again_revision(revision) },
        delete: kept.map(|_| format!("{}/delete", ask.path())),
    };
    let choose = Choice::new("", words.say("trade-point-kind-choose"));
    let kinds = TradePointKind::ALL.into_iter().map(|kind| Choice::new(kind.name(), kind.text(&words)));
    let is_text = |point: &&TradePoint| point.place.is_none() && !point.address.is_empty();
    let page = TradePointPage {
        view: AddressView::of(&words, &edit.form, PLACE),
        address: kept.filter(is_text).map(|point| address_in(point, words.language).to_owned()),
        kinds: [choose].into_iter().chain(kinds).collect(),
        title_line: format!("autocomplete=\"off\" maxlength=\"{TITLE_LEN_MAX}\""),
        groups: group_choices(groups_of(ask)),
        coordinates_line: format!("autocomplete=\"off\" maxlength=\"{COORDINATES_LEN_MAX}\""),
        shell,
        edit,
    };
    site.show(ask, status, &page)
}

async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    Ok(page((&site, &ask), None, Form::default(), 0.into(), StatusCode::OK))
}

async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let point = own(&site, &ask).await?;
    let stored = stored(&site.texts(&ask), &point).into_iter().map(|stored| (stored.field, stored.value));
    let groups = point.groups.iter().map(|id| (GROUPS, id.to_string()));
    let form = Form::filled(stored.chain(groups));
    Ok(page((&site, &ask), Some(&point), form, point.revision.into(), StatusCode::OK))
}

/// What the form says, or the page that shows it again.
fn read(site: &Site, ask: &Ask, kept: Option<&TradePoint>) -> Result<TradePointDraft, Box<Response>> {
    let read = read_draft(ask.fields(), kept, groups_of(ask));
    let mut form = Form::sent(ask.fields());
    if read.is_search {
        ask.shown_part(PLACE.settlement);
    } else if read.errors.is_empty() {
        return Ok(read.draft);
    } else {
        form.tell(&site.texts(ask), &read.errors);
    }
    let status = form.status();
    Err(Box::new(page((site, ask), kept, form, revision_in(ask), status)))
}

/// The page again, with why the shop stays as it is.
async fn refused(
    site: &Site,
    ask: &Ask,
    kept: Option<&TradePoint>,
    refusal: TradePointRefusal,
) -> Result<Response, Failure> {
    let words = site.texts(ask);
    let mut form = Form::sent(ask.fields());
    match refusal {
        TradePointRefusal::Gone => return Ok(done(ask, "gone")),
        TradePointRefusal::Same => form.wrong("title", words.wrong(Wrong::SameTradePoint)),
        TradePointRefusal::TooMany => {
            form.error = Some(words.say_with("trade-point-many", &SHOPS_MAX.to_string()));
        }
        TradePointRefusal::HasRegisters(_) | TradePointRefusal::NotKnownYet => {
            form.error = stays_text(&words, refusal);
        }
        TradePointRefusal::Stale => {
            let Some(point) = kept else { return Ok(done(ask, "gone")) };
            form.error = Some(stale(site, ask, point).await?);
            tell_stored(&words, &mut form, &stored(&words, point));
            tell_groups(&words, &mut form, (point, groups_of(ask)));
            return Ok(page((site, ask), kept, form, point.revision.into(), StatusCode::CONFLICT));
        }
    }
    Ok(page((site, ask), kept, form, revision_in(ask), form_status(refusal)))
}

fn form_status(refusal: TradePointRefusal) -> StatusCode {
    match refusal {
        TradePointRefusal::Same | TradePointRefusal::TooMany => StatusCode::UNPROCESSABLE_ENTITY,
        TradePointRefusal::HasRegisters(_)
        | TradePointRefusal::NotKnownYet
        | TradePointRefusal::Stale
        | TradePointRefusal::Gone => StatusCode::CONFLICT,
    }
}

/// Who was faster, and when.
async fn stale(site: &Site, ask: &Ask, point: &TradePoint) -> Result<String, Failure> {
    let stream = Company::stream_of(ask.bin()).ok_or(Failure::NotFound)?;
    let subject = AuditSubject::TradePoint(point.id.clone()).called(point.title.as_str());
    let is_it =
        |row: &AuditEntry| row.action == AuditAction::TradePointChanged && row.subject.is_same(&subject);
    stale_text(site, ask, stream, is_it).await
}

async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let draft = match read(&site, &ask, None) {
        Ok(draft) => draft,
        Err(again) => return Ok(*again),
    };
    let id = TradePointId::from_drawn(site.office.drawn());
    match make_trade_point(&site.office, ask.by(), ask.bin(), &id, &draft).await? {
        Ok(_) => Ok(done(&ask, "added")),
        Err(refusal) => refused(&site, &ask, None, refusal).await,
    }
}

async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let kept = own(&site, &ask).await?;
    let draft = match read(&site, &ask, Some(&kept)) {
        Ok(draft) => draft,
        Err(again) => return Ok(*again),
    };
    let opened = (&kept.id, revision_in(&ask));
    match change_trade_point(&site.office, ask.by(), ask.bin(), opened, &draft).await? {
        Ok(_) => Ok(done(&ask, "changed")),
        Err(refusal) => {
            let now = trade_point_of(&site.office.store, ask.bin(), &kept.id).await?;
            refused(&site, &ask, now.as_ref(), refusal).await
        }
    }
}

/// Why a shop may not be deleted, if it may not: what stands in it, or that this is not known.
fn stays_text(words: &Words<'_>, refusal: TradePointRefusal) -> Option<String> {
    match refusal {
        TradePointRefusal::HasRegisters(Standing { registers, registrations }) => {
            let counts = [("shops-registers-count", registers), ("trade-point-registrations", registrations)];
            let counts = counts.into_iter().filter(|(_, count)| *count > 0);
            let counts =
                counts.map(|(key, count)| words.say_count(key, u64::try_from(count).unwrap_or(u64::MAX)));
            let counts = counts.collect::<Vec<_>>().join(", ");
            Some(words.say_with("trade-point-has-registers", &counts))
        }
        TradePointRefusal::NotKnownYet => Some(words.say("trade-point-not-known-yet")),
        TradePointRefusal::TooMany
        | TradePointRefusal::Same
        | TradePointRefusal::Stale
        | TradePointRefusal::Gone => None,
    }
}

/// The question before a shop is deleted, or why it stays.
fn question(words: &Words<'_>, point: &TradePoint, refusal: Option<TradePointRefusal>) -> Question {
    let stays = refusal.and_then(|refusal| stays_text(words, refusal));
    Question {
        revision: point.revision,
        title: "trade-point-delete",
        item: Item {
            heading: title_of(words, point),
            badges: Vec::new(),
            text: address_in(point, words.language).to_owned(),
            notes: Vec::new(),
        },
        stays: stays.is_some(),
        text: stays.unwrap_or_else(|| words.say("trade-point-delete-text")),
        note: None,
    }
}

async fn ask_delete(site: At, ask: Ask) -> Result<Response, Failure> {
    let point = own(&site, &ask).await?;
    let words = site.texts(&ask);
    let acting = ask.acting().ok_or(Failure::NotFound)?;
    let refusal = why_it_stays(&site.office, &acting.company.state, &point.id).await?;
    let back = (home(&ask), words.say("shops-title"));
    let question = question(&words, &point, refusal);
    Ok(question_page((&site, &ask), question, Form::default(), back, StatusCode::OK))
}

async fn take_delete(site: At, ask: Ask) -> Result<Response, Failure> {
    let point = own(&site, &ask).await?;
    let opened = (&point.id, revision_in(&ask));
    let outcome: Outcome = delete_trade_point(&site.office, ask.by(), ask.bin(), opened).await?;
    let refusal = match outcome {
        Ok(_) => return Ok(done(&ask, "deleted")),
        Err(TradePointRefusal::Gone) => return Ok(done(&ask, "gone")),
        Err(refusal) => refusal,
    };
    let words = site.texts(&ask);
    let Some(now) = trade_point_of(&site.office.store, ask.bin(), &point.id).await? else {
        return Ok(done(&ask, "gone"));
    };
    let mut form = Form::sent(ask.fields());
    form.error = (refusal == TradePointRefusal::Stale).then(|| words.say("stale-delete"));
    let back = (home(&ask), words.say("shops-title"));
    let question = question(&words, &now, Some(refusal));
    Ok(question_page((&site, &ask), question, form, back, StatusCode::CONFLICT))
}
