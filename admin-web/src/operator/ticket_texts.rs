//! Texts that registers print on receipts: the list, and the form of one.

use askama::Template;
use ofd_office::day::{day, today, written};
use ofd_office::ticket_texts::{
    TEXT_CHARS_MAX, TextDraft, TextPhase, WHOSE_LEN_MAX, apply, change_texts, is_there, phase, read_text,
};
use ofd_storage::accounts::{AuditAction, AuditEntry, Company, OPERATOR, TicketText, TicketTextKind, joined};
use ofd_storage::store::StreamId;
use time::Date;

use crate::cabinet::editor::{
    Deletable, Edit, EditorForm, Here, Item, Opened, Owner, PartPaths, Question, Read, Stored, part_pages,
    part_paths, same,
};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Access, Ask, Choice, Failure, Fields, Pages};
use crate::page::Shell;
use crate::part::{self, Changed, Part, PartRefusal};
use crate::revision::Revision;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

const LIST: &str = "/operator/ticket-texts";

const PATHS: PartPaths = part_paths!("/operator/ticket-texts", "ticket_text");

/// Adds the pages of one.
pub(super) fn pages(pages: Pages, access: Access) -> Pages {
    part_pages::<TextForm>(pages, &PATHS, access)
}

/// The key of how a text stands.
fn phase_key(phase: TextPhase) -> &'static str {
    match phase {
        TextPhase::ToCome => "ticket-text-to-come",
        TextPhase::Holds => "ticket-text-holds",
        TextPhase::Over => "ticket-text-over",
    }
}

/// A day that is kept as people write it.
fn day_text(kept: &str) -> String {
    day(kept).map_or_else(String::new, written)
}

fn today_of(site: &Site, ask: &Ask) -> Date {
    today(ask.now(), site.config.zone_offset_seconds)
}

pub(super) struct Texts;

impl List for Texts {
    type Query = String;
    type Row = TicketText;

    const PATHS: ListPaths = list_paths!("/operator/ticket-texts");
    const TITLE: (&'static str, &'static str) = ("ticket-texts-title", "ticket-texts");
    const COLUMNS: &'static [&'static str] = &[
        "ticket-text-text",
        "ticket-text-kind",
        "ticket-text-whose",
        "ticket-text-from",
        "ticket-text-to",
        "ticket-text-phase",
    ];
    const NONE: &'static str = "ticket-texts-none";
    const NOTE: Option<&'static str> = Some("ticket-texts-note");

    fn done(word: &str) -> Option<&'static str> {
        match word {
            "added" => Some("ticket-text-added"),
            "changed" => Some("ticket-text-changed"),
            "deleted" => Some("ticket-text-deleted"),
            "gone" => Some("ticket-text-gone"),
            _ => None,
        }
    }

    fn adds(site: &Site, ask: &Ask) -> Option<(String, String)> {
        Some((format!("{LIST}/new"), site.texts(ask).say("ticket-text-add")))
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        vec![FilterField::typed("q", "ticket-texts-search", "ticket-texts-search-hint")]
    }

    fn query(ask: &Ask) -> String {
        ask.parameter("q").to_lowercase()
    }

    /// Those that come last first.
    async fn rows(
        site: &Site,
        query: &String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<TicketText>, Failure> {
        let operator = joined(&site.office.store, OPERATOR).await?;
        let mut rows = operator.map(|operator| operator.state.ticket_texts).unwrap_or_default();
        rows.retain(|text| text.text.to_lowercase().contains(query) || text.whose == *query);
        rows.sort_by(|one, other| (&other.from, other.id).cmp(&(&one.from, one.id)));
        Ok(Piece::counted(rows, after, limit))
    }

    fn cells(site: &Site, ask: &Ask, text: &TicketText) -> Vec<Cell> {
        let words = site.texts(ask);
        vec![
            Cell::link(format!("{LIST}/{}", text.id), text.text.as_str()),
            Cell::text(text.kind.text(&words)),
            Cell::text(text.whose.as_str()),
            Cell::text(day_text(&text.from)),
            Cell::text(day_text(&text.to)),
            Cell::text(words.say(phase_key(phase(text, today_of(site, ask))))),
        ]
    }
}

/// The operator, who has the texts.
pub(super) struct OfOperator;

impl Owner for OfOperator {
    type Whole = Company;

    const HOME: &'static str = "ticket-texts-title";

    fn of(ask: &Ask) -> Result<&Company, Failure> {
        Ok(&ask.acting().ok_or(Failure::NotFound)?.company.state)
    }

    fn home(_: &Ask) -> String {
        LIST.to_owned()
    }

    fn stream(_: &Ask) -> Result<StreamId, Failure> {
        Company::stream_of(OPERATOR).ok_or(Failure::NotFound)
    }

    async fn change(
        site: &Site,
        ask: &Ask,
        rule: impl Fn(&Company) -> Changed<Company> + Send + Sync,
    ) -> Result<(Company, Result<(), PartRefusal>), Failure> {
        Ok(change_texts(&site.office, ask.by(), rule).await?)
    }
}

/// What the form has to know: the day it is, and whether the registers that it names are there.
pub(super) struct KnownOfText {
    today: Date,
    is_there: bool,
}

#[derive(Template)]
#[template(path = "ticket_text.html")]
pub(super) struct TextPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    kinds: Vec<Choice>,
    text_more: String,
    whose_more: String,
}

struct TextForm;

impl EditorForm for TextForm {
    type Owner = OfOperator;
    type Known = KnownOfText;
    type Draft = TextDraft;
    type Page<'a> = TextPage<'a>;

    fn title(id: Option<u32>) -> &'static str {
        if id.is_some() { "ticket-text-title" } else { "ticket-text-new" }
    }

    fn done(id: Option<u32>) -> String {
        if id.is_some() { "changed".to_owned() } else { "added".to_owned() }
    }

    fn many() -> &'static str {
        "ticket-text-many"
    }

    async fn known(site: &Site, ask: &Ask) -> Result<KnownOfText, Failure> {
        let is_there = is_there(&site.office.store, ask.fields()).await?;
        Ok(KnownOfText { today: today_of(site, ask), is_there })
    }

    fn stored(here: &Here<'_, OfOperator, KnownOfText>, id: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        let Some(id) = id else {
            let from = written(here.known.today);
            return Some((0, vec![same("kind", TicketTextKind::Ofd.name()), same("from", &from)]));
        };
        let text: &TicketText = part::find(here.owner, id)?;
        let stored = vec![
            Stored::new("kind", text.kind.name(), text.kind.text(&here.words)),
            same("whose", &text.whose),
            same("text", &text.text),
            same("from", &day_text(&text.from)),
            same("to", &day_text(&text.to)),
        ];
        Some((text.revision, stored))
    }

    fn read(fields: &Fields, here: &Here<'_, OfOperator, KnownOfText>) -> Read<TextDraft> {
        Read::of(read_text(fields, here.known.today, here.known.is_there))
    }

    fn apply(operator: &Company, Opened { id, revision }: Opened, draft: &TextDraft) -> Changed<Company> {
        apply(operator, id.map(|id| (id, revision)), draft)
    }

    fn is_told_by(row: &AuditEntry, operator: &Company, id: Option<u32>) -> bool {
        let text: Option<&TicketText> = id.and_then(|id| part::find(operator, id));
        row.action == AuditAction::TicketTextChanged
            && text.is_some_and(|text| row.subject.is_same(&text.subject()))
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &Here<'_, OfOperator, KnownOfText>) -> TextPage<'a> {
        let kind = |kind: TicketTextKind| Choice::new(kind.name(), kind.text(&here.words));
        TextPage {
            shell,
            edit,
            kinds: TicketTextKind::ALL.into_iter().map(kind).collect(),
            text_more: format!("required maxlength=\"{TEXT_CHARS_MAX}\""),
            whose_more: format!("autocomplete=\"off\" maxlength=\"{WHOSE_LEN_MAX}\""),
        }
    }
}

impl Deletable for TextForm {
    fn deleted() -> String {
        "deleted".to_owned()
    }

    fn question(words: &Words<'_>, operator: &Company, id: u32) -> Option<Question> {
        let text: &TicketText = part::find(operator, id)?;
        let days = [("from", day_text(&text.from)), ("to", day_text(&text.to))];
        let days = days.each_ref().map(|(name, value)| (*name, value.as_str()));
        Some(Question {
            revision: text.revision,
            title: "ticket-text-delete",
            item: Item {
                heading: text.text.clone(),
                badges: Vec::new(),
                text: words.say_values("ticket-text-days", &days),
                notes: [text.kind.text(words), text.whose.clone()]
                    .into_iter()
                    .filter(|note| !note.is_empty())
                    .collect(),
            },
            text: words.say("ticket-text-delete-text"),
            note: None,
            stays: false,
        })
    }

    fn delete(operator: &Company, id: u32, revision: Revision) -> Changed<Company> {
        part::delete::<TicketText>(operator, (id, revision))
    }
}
