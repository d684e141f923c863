//! The people of a company as a file. Its page is the list of employees.

use ofd_storage::accounts::Member;

use super::people::wanted;
use crate::cabinet::editor::Owner;
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths, query_is_request};
use crate::cabinet::{Ask, Failure};
use crate::company::OfCompany;
use crate::site::Site;
use crate::vocabulary::roles_text;
use crate::words::Words;

pub(super) struct Employees;

impl List for Employees {
    query_is_request!();

    type Row = Member;

    const PATHS: ListPaths = list_paths!("/c/{bin}/employees");
    const TITLE: (&'static str, &'static str) = ("staff-title", "employees");
    const COLUMNS: &'static [&'static str] = &["staff-name", "staff-email", "staff-roles", "staff-state"];
    const NONE: &'static str = "staff-none-found";
    const NOTE: Option<&'static str> = None;

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        Vec::new()
    }

    /// A cursor is how many were read before: they are as they were when the request came.
    async fn rows(_: &Site, ask: &Ask, after: Option<&str>, limit: usize) -> Result<Piece<Member>, Failure> {
        let members = wanted(ask, OfCompany::of(ask)?).into_iter().cloned().collect();
        Ok(Piece::counted(members, after, limit))
    }

    fn cells(site: &Site, ask: &Ask, member: &Member) -> Vec<Cell> {
        let words = site.texts(ask);
        let state = if member.block.is_some() { "staff-state-blocked" } else { "staff-state-active" };
        vec![
            Cell::text(member.name.as_str()),
            Cell::text(member.email.as_str()),
            Cell::text(roles_text(&words, &member.roles)),
            Cell::text(words.say(state)),
        ]
    }
}
