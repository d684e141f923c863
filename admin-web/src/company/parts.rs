//! What a company has several of, as pages: what each kind says of itself, and what the editor makes of it.

use std::future::Future;

use askama::Template;
use ofd_storage::accounts::{AuditEntry, Company};

use super::owner::OfCompany;
use crate::cabinet::editor::{
    Deletable, Edit, EditorForm, Here, Item, Opened, PartPaths, Question, Read, Stored, part_pages,
};
use crate::cabinet::{Access, Ask, Failure, Fields, Pages, Right};
use crate::page::Shell;
use crate::part::{self, Changed, Part};
use crate::revision::Revision;
use crate::site::Site;
use crate::words::Words;

/// A company that a form is read and shown with.
pub(super) type InCompany<'a, K> = Here<'a, OfCompany, K>;

/// The keys of the texts about a kind of part.
pub(super) struct PartTexts {
    /// Heading of the list on the company's page, and what stands there while it is empty.
    pub(super) list: [&'static str; 2],
    /// The link to a new one, and the titles of the form of a new one and of one that is there.
    pub(super) form: [&'static str; 3],
    /// There are as many as may be.
    pub(super) many: &'static str,
    /// The question before one is deleted: title and text.
    pub(super) delete: [&'static str; 2],
    /// Why one stays that must not be deleted, where there are such.
    pub(super) stays: Option<&'static str>,
    /// What was done: added, changed, deleted.
    pub(super) done: [&'static str; 3],
}

/// What a kind of part says of itself for its pages.
pub(super) trait PartPages: Sized + Send + Sync + 'static {
    /// How it is kept, and its rules.
    type Part: Part<Whole = Company>;
    /// What its form has to know beside the company.
    type Known: Send + Sync;
    type Page<'a>: Template;

    /// Its name in addresses that say what was done, before `-added` and the like.
    const NAME: &'static str;

    const PATHS: PartPaths;

    const TEXTS: PartTexts;

    /// Who may change it.
    const RIGHT: Right = Right::EditCompany;

    fn known(site: &Site, ask: &Ask) -> impl Future<Output = Result<Self::Known, Failure>> + Send;

    /// What the form of a new one begins with.
    fn blank(here: &InCompany<'_, Self::Known>) -> Vec<Stored>;

    fn stored(part: &Self::Part, here: &InCompany<'_, Self::Known>) -> Vec<Stored>;

    fn read(fields: &Fields, here: &InCompany<'_, Self::Known>) -> Read<Self::Part>;

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &InCompany<'_, Self::Known>) -> Self::Page<'a>;

    /// What stands about it on the company's page, and where it is asked whether to delete it.
    fn item(words: &Words<'_>, part: &Self::Part) -> Item;

    /// What happens beside when one is deleted, and with what.
    fn with_it(_words: &Words<'_>, _company: &Company, _part: &Self::Part) -> Option<(String, String)> {
        None
    }
}

/// A kind of part as the editor takes it.
struct Of<V>(std::marker::PhantomData<fn() -> V>);

impl<V: PartPages> EditorForm for Of<V> {
    type Owner = OfCompany;
    type Known = V::Known;
    type Draft = V::Part;
    type Page<'a> = V::Page<'a>;

    fn title(id: Option<u32>) -> &'static str {
        let [_, new, one] = V::TEXTS.form;
        if id.is_some() { one } else { new }
    }

    fn done(id: Option<u32>) -> String {
        format!("{}-{}", V::NAME, if id.is_some() { "changed" } else { "added" })
    }

    fn many() -> &'static str {
        V::TEXTS.many
    }

    fn known(site: &Site, ask: &Ask) -> impl Future<Output = Result<V::Known, Failure>> + Send {
        V::known(site, ask)
    }

    fn stored(here: &Here<'_, OfCompany, V::Known>, id: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        let Some(id) = id else { return Some((0, V::blank(here))) };
        let part: &V::Part = part::find(here.owner, id)?;
        Some((part.revision(), V::stored(part, here)))
    }

    fn read(fields: &Fields, here: &Here<'_, OfCompany, V::Known>) -> Read<V::Part> {
        V::read(fields, here)
    }

    fn apply(company: &Company, Opened { id, revision }: Opened, draft: &V::Part) -> Changed<Company> {
        match id {
            Some(id) => part::change(company, (id, revision), draft),
            None => part::add(company, draft),
        }
    }

    fn is_told_by(row: &AuditEntry, company: &Company, id: Option<u32>) -> bool {
        let [_, changed, _] = V::Part::ACTIONS;
        let part: Option<&V::Part> = id.and_then(|id| part::find(company, id));
        row.action == changed && part.is_some_and(|part| row.subject.is_same(&part.subject()))
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &Here<'_, OfCompany, V::Known>) -> V::Page<'a> {
        V::page(shell, edit, here)
    }
}

impl<V: PartPages> Deletable for Of<V> {
    fn deleted() -> String {
        format!("{}-deleted", V::NAME)
    }

    fn question(words: &Words<'_>, company: &Company, id: u32) -> Option<Question> {
        let part: &V::Part = part::find(company, id)?;
        let ([title, text], stays) = (V::TEXTS.delete, part.stays(company));
        Some(Question {
            revision: part.revision(),
            title,
            item: V::item(words, part),
            text: words.say(V::TEXTS.stays.filter(|_| stays).unwrap_or(text)),
            note: V::with_it(words, company, part),
            stays,
        })
    }

    fn delete(company: &Company, id: u32, revision: Revision) -> Changed<Company> {
        part::delete::<V::Part>(company, (id, revision))
    }
}

/// A line of a list on the company's page.
pub(super) struct ListedItem {
    pub(super) item: Item,
    /// Where it is edited, for who may.
    pub(super) edit: Option<String>,
    /// Where it is deleted, for who may and where it can be.
    pub(super) delete: Option<String>,
}

/// All of a kind on the company's page.
pub(super) struct PartList {
    pub(super) heading: String,
    pub(super) items: Vec<ListedItem>,
    /// What stands there when there is none.
    pub(super) empty: String,
    /// Where another one is added, for who may and where it fits, and what the link says.
    pub(super) add: Option<(String, String)>,
}

fn list<V: PartPages>(words: &Words<'_>, ask: &Ask, company: &Company) -> PartList {
    let may_edit = ask.may(V::RIGHT);
    let [(new, _), (one, _), (delete, _)] = V::PATHS.pages;
    let of = |path: &str, id: u32| path.replace("{bin}", &company.bin).replace("{id}", &id.to_string());
    let parts = V::Part::all(company);
    let item = |part: &V::Part| ListedItem {
        item: V::item(words, part),
        edit: may_edit.then(|| of(one, part.id())),
        delete: (may_edit && !part.stays(company)).then(|| of(delete, part.id())),
    };
    let ([heading, empty], [add, ..]) = (V::TEXTS.list, V::TEXTS.form);
    PartList {
        heading: words.say(heading),
        items: parts.iter().map(item).collect(),
        empty: words.say(empty),
        add: (may_edit && parts.len() < V::Part::MAX).then(|| (of(new, 0), words.say(add))),
    }
}

fn pages<V: PartPages>(pages: Pages) -> Pages {
    part_pages::<Of<V>>(pages, &V::PATHS, Access::Member(V::RIGHT))
}

/// A kind of part, whichever it is.
pub(super) struct PartKind {
    pub(super) pages: fn(Pages) -> Pages,
    pub(super) list: fn(&Words<'_>, &Ask, &Company) -> PartList,
    name: &'static str,
    done: [&'static str; 3],
}

impl PartKind {
    pub(super) const fn of<V: PartPages>() -> Self {
        let (name, done) = (V::NAME, V::TEXTS.done);
        Self { pages: pages::<V>, list: list::<V>, name, done }
    }

    /// The key of what was done, by what the address says.
    pub(super) fn done(&self, what: &str) -> Option<&'static str> {
        let what = what.strip_prefix(self.name)?;
        let ends = ["-added", "-changed", "-deleted"].into_iter().zip(self.done);
        ends.into_iter().find(|(end, _)| *end == what).map(|(_, key)| key)
    }
}
