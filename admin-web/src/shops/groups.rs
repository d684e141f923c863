//! Groups of shops: the page of all, the form of one, and the question before one is deleted.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::company::change_particulars;
use ofd_office::company::shop_groups::{GROUP_NAME_LEN_MAX, read_shop_group};
use ofd_office::revision::Revision;
use ofd_office::shops::shops_by_group;
use ofd_storage::accounts::{AuditAction, AuditEntry, Company, ShopGroup};
use ofd_storage::store::StreamId;

use crate::cabinet::editor::{
    Deletable, Edit, EditorForm, Here, Item, Opened, Owner, PartPaths, Question, Read, Stored, part_pages,
    part_paths, same,
};
use crate::cabinet::{Access, Ask, At, Failure, Fields, Pages, Right};
use crate::page::Shell;
use crate::part::{self, Changed, Part, PartRefusal};
use crate::routes::Menu;
use crate::site::Site;
use crate::words::Words;

/// Where the groups of a company are.
const PATH: &str = "/c/{bin}/groups";

/// Where one is made, changed and deleted.
const PATHS: PartPaths = part_paths!("/c/{bin}/groups", "shop_group");

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let see = Access::Member(Right::SeeRegisters);
    let pages =
        pages.get(PATH, "shop_groups", see, list).title("groups-title").menu(Menu::Member, 16, "menu-groups");
    part_pages::<GroupForm>(pages, &PATHS, Access::Member(Right::ManageRegisters))
}

/// A company as what has groups.
struct OfGroups;

impl Owner for OfGroups {
    type Whole = Company;

    const HOME: &'static str = "groups-title";

    fn of(ask: &Ask) -> Result<&Company, Failure> {
        Ok(&ask.acting().ok_or(Failure::NotFound)?.company.state)
    }

    fn home(ask: &Ask) -> String {
        PATH.replace("{bin}", ask.bin())
    }

    fn stream(ask: &Ask) -> Result<StreamId, Failure> {
        Company::stream_of(ask.bin()).ok_or(Failure::NotFound)
    }

    async fn change(
        site: &Site,
        ask: &Ask,
        rule: impl Fn(&Company) -> Changed<Company> + Send + Sync,
    ) -> Result<(Company, Result<(), PartRefusal>), Failure> {
        Ok(change_particulars(&site.office, ask.by(), ask.bin(), rule).await?)
    }
}

#[derive(Template)]
#[template(path = "shop_group.html")]
struct GroupPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
}

/// The form of a group.
struct GroupForm;

impl EditorForm for GroupForm {
    type Owner = OfGroups;
    type Known = ();
    type Draft = ShopGroup;
    type Page<'a> = GroupPage<'a>;

    fn title(id: Option<u32>) -> &'static str {
        if id.is_some() { "group-title" } else { "group-new" }
    }

    fn done(id: Option<u32>) -> String {
        if id.is_some() { "changed" } else { "added" }.to_owned()
    }

    fn many() -> &'static str {
        "group-many"
    }

    async fn known(_: &Site, _: &Ask) -> Result<(), Failure> {
        Ok(())
    }

    fn stored(here: &Here<'_, OfGroups, ()>, id: Option<u32>) -> Option<(u32, Vec<Stored>)> {
        let Some(id) = id else { return Some((0, Vec::new())) };
        let group: &ShopGroup = part::find(here.owner, id)?;
        Some((group.revision, vec![same("name", &group.name)]))
    }

    fn read(fields: &Fields, _: &Here<'_, OfGroups, ()>) -> Read<ShopGroup> {
        Read::of(read_shop_group(fields))
    }

    fn apply(company: &Company, Opened { id, revision }: Opened, draft: &ShopGroup) -> Changed<Company> {
        match id {
            Some(id) => part::change(company, (id, revision), draft),
            None => part::add(company, draft),
        }
    }

    fn is_told_by(row: &AuditEntry, company: &Company, id: Option<u32>) -> bool {
        let group: Option<&ShopGroup> = id.and_then(|id| part::find(company, id));
        row.action == AuditAction::ShopGroupChanged
            && group.is_some_and(|group| row.subject.is_same(&group.subject()))
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, _: &Here<'_, OfGroups, ()>) -> GroupPage<'a> {
        GroupPage { shell, edit }
    }
}

impl Deletable for GroupForm {
    fn deleted() -> String {
        "deleted".to_owned()
    }

    fn question(words: &Words<'_>, company: &Company, id: u32) -> Option<Question> {
        let group: &ShopGroup = part::find(company, id)?;
        Some(Question {
            revision: group.revision,
            title: "group-delete",
            item: Item {
                heading: group.name.clone(),
                badges: Vec::new(),
                text: String::new(),
                notes: Vec::new(),
            },
            text: words.say("group-delete-text"),
            note: None,
            stays: false,
        })
    }

    fn delete(company: &Company, id: u32, revision: Revision) -> Changed<Company> {
        part::delete::<ShopGroup>(company, (id, revision))
    }
}

/// A group in the list.
struct GroupLine {
    name: String,
    shops: String,
    /// Its shops in the list of all.
    href: String,
    /// Where it is changed and deleted, for who may.
    edit: Option<String>,
    delete: Option<String>,
}

#[derive(Template)]
#[template(path = "shop_groups.html")]
struct GroupsPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    groups: Vec<GroupLine>,
    is_complete: bool,
    /// Where another one is made, for who may and where it fits.
    new: Option<String>,
}

/// The key of what was done, by what the address says.
fn done_key(what: &str) -> Option<&'static str> {
    Some(match what {
        "added" => "group-added",
        "changed" => "group-changed",
        "deleted" => "group-deleted",
        "gone" => "group-gone",
        _ => return None,
    })
}

async fn list(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, company) = (site.texts(&ask), OfGroups::of(&ask)?);
    super::trade_points::settle(&site, &ask).await?;
    let (counts, is_complete) = shops_by_group(&site.office.store, ask.bin()).await?;
    let may_edit = ask.may(Right::ManageRegisters);
    let [(new, _), (one, _), (delete, _)] = PATHS.pages;
    let of = |path: &str, id: u32| path.replace("{bin}", ask.bin()).replace("{id}", &id.to_string());
    let mut groups: Vec<&ShopGroup> = company.shop_groups.iter().collect();
    groups.sort_by_key(|group| group.name.to_lowercase());
    let line = |group: &ShopGroup| {
        let count = counts.get(&group.id).copied().unwrap_or(0);
        GroupLine {
            name: group.name.clone(),
            shops: words.say_count("shops-count", u64::try_from(count).unwrap_or(u64::MAX)),
            href: format!("/c/{}/registers?group={}", ask.bin(), group.id),
            edit: may_edit.then(|| of(one, group.id)),
            delete: may_edit.then(|| of(delete, group.id)),
        }
    };
    let page = GroupsPage {
        notice: done_key(ask.parameter("done")).map(|key| words.say(key)),
        groups: groups.into_iter().map(line).collect(),
        is_complete,
        new: (may_edit && company.shop_groups.len() < ShopGroup::MAX).then(|| of(new, 0)),
        shell: site.page(&ask),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
