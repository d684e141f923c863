//! Shifts of all registers over a period as a list.

use ofd_office::documents::{Cursor, ShiftOfRegister, shifts};

use super::over_period::{Of, fields, missing, query, wrong};
use super::tabs::{SHIFTS, tabs};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, Tab, query_is_request};
use crate::cabinet::{Ask, Failure};
use crate::format;
use crate::shops::{register_path, telling};
use crate::site::Site;
use crate::words::Words;

pub(super) struct Shifts;

impl List for Shifts {
    query_is_request!();

    type Row = ShiftOfRegister;

    const PATHS: ListPaths = SHIFTS.paths;
    const TITLE: (&'static str, &'static str) = SHIFTS.title;
    const COLUMNS: &'static [&'static str] = &[
        "shops-shift",
        "documents-register",
        "shops-opened",
        "shops-closed",
        "shops-documents",
        "shops-sales",
        "shops-sold",
        "shops-returns",
        "shops-returned",
        "shops-report",
    ];
    const NONE: &'static str = "documents-no-shifts";
    const NOTE: Option<&'static str> = Some("documents-shifts-hint");

    fn tabs(site: &Site, ask: &Ask) -> Vec<Tab> {
        tabs(site, ask, Self::PATHS)
    }

    fn wrong(site: &Site, ask: &Ask) -> Vec<(&'static str, String)> {
        wrong(site, ask, Of::Shifts)
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        fields(words, Of::Shifts)
    }

    async fn filed(
        site: &Site,
        ask: &Ask,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<ShiftOfRegister>, Option<&'static str>), Failure> {
        // What is wrong was told before.
        let query = query(site, ask, Of::Shifts).map_err(|_| Failure::Unreadable)?;
        let after = after.and_then(Cursor::read);
        let found = shifts(&site.office.store, ask.bin(), &query, after, limit, telling(site)).await?;
        let said = missing(found.is_complete);
        Ok((Piece { rows: found.shifts, next: found.next.map(|next| next.text()) }, said))
    }

    fn cells(site: &Site, ask: &Ask, shift: &ShiftOfRegister) -> Vec<Cell> {
        let (words, line) = (site.texts(ask), &shift.line);
        let (language, number) = (words.language, line.number.to_string());
        let register = register_path(ask.bin(), shift.register);
        let of_shift = format!("{register}/shifts/{number}");
        let moment = |at| format::moment(language, at);
        let report = if line.is_open {
            Cell::link(format!("{register}/x"), words.say("shops-x"))
        } else {
            Cell::link(format!("{of_shift}/z"), words.say("shops-z"))
        };
        vec![
            Cell::link(format!("{of_shift}/documents"), number),
            Cell::link(register, shift.register.to_string()),
            Cell::text(moment(line.opened_at)),
            Cell::text(line.closed_at.map_or_else(|| words.say("shops-open"), moment)),
            Cell::text(line.documents.to_string()),
            Cell::text(line.sales.count.to_string()),
            Cell::sum(language, line.sales.sum.get()),
            Cell::text(line.returns.count.to_string()),
            Cell::sum(language, line.returns.sum.get()),
            report,
        ]
    }
}
