//! The shifts of a register as a list.

use ofd_office::shops::{ShiftLine, shift_line};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::AuditPage;
use ofd_storage::registers;

use super::here::{Whose, telling};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Failure};
use crate::format;
use crate::site::Site;
use crate::typed::plain_number;
use crate::words::Words;

/// The register whose shifts are asked for; `None` where the address names none.
pub(crate) struct OfRegister {
    whose: Whose,
    register: Option<RegisterId>,
}

impl OfRegister {
    pub(crate) fn read(ask: &Ask) -> Self {
        Self { whose: Whose::of(ask), register: plain_number(ask.part("register")).map(RegisterId) }
    }

    /// The register, where it is the organisation's own. That it is looked at is written down by [`Self::look`].
    pub(crate) async fn own(&self, site: &Site) -> Result<RegisterId, Failure> {
        let id = self.register.ok_or(Failure::NotFound)?;
        self.whose.known(site, id).await.map(|record| record.id)
    }

    /// Writes down that the operator's people look at what the register sold.
    pub(crate) async fn look(&self, site: &Site) -> Result<(), Failure> {
        let id = self.register.ok_or(Failure::NotFound)?;
        self.whose.register(site, id, AuditPage::Documents).await.map(|_| ())
    }
}

/// The shifts of a register: of the organisation for which the person acts, or of any, for the operator's people.
pub(crate) struct Shifts<const OPERATOR: bool>;

impl<const OPERATOR: bool> List for Shifts<OPERATOR> {
    type Query = OfRegister;
    type Row = ShiftLine;

    const PATHS: ListPaths = if OPERATOR {
        list_paths!("/operator/registers/{company}/{register}/shifts")
    } else {
        list_paths!("/c/{bin}/registers/{register}/shifts")
    };
    const TITLE: (&'static str, &'static str) = ("shops-shifts", "shifts");
    const COLUMNS: &'static [&'static str] = &[
        "shops-shift",
        "shops-opened",
        "shops-closed",
        "shops-documents",
        "shops-sales",
        "shops-sold",
        "shops-returns",
        "shops-returned",
        "shops-report",
    ];
    const NONE: &'static str = "shops-no-shifts";
    const NOTE: Option<&'static str> = None;

    fn heading(site: &Site, ask: &Ask) -> Option<String> {
        Some(site.texts(ask).say_with("shops-shifts-of", ask.part("register")))
    }

    fn back(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let id = ask.part("register");
        let name = site.texts(ask).say_with("shops-register", id);
        Some((Whose::of(ask).register_path(RegisterId(plain_number(id)?)), name))
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        Vec::new()
    }

    fn query(ask: &Ask) -> OfRegister {
        OfRegister::read(ask)
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        OfRegister::read(ask).look(site).await
    }

    /// The newest first. A cursor is the number of the last shift that was shown.
    async fn rows(
        site: &Site,
        query: &OfRegister,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<ShiftLine>, Failure> {
        let (store, id) = (&site.office.store, query.own(site).await?);
        let newest = registers::newest(store, id).await?;
        let last = newest.map_or(0, |newest| newest.register.shift_number);
        let from = after.and_then(plain_number).map_or(last, |after| last.min(after.saturating_sub(1)));
        let count = u32::try_from(limit).unwrap_or(u32::MAX).min(from);
        // Shifts are read in their order, and shown in the other one.
        let before = from.saturating_sub(count);
        let wanted = usize::try_from(count).unwrap_or(limit);
        let shifts = registers::shifts(store, id, before, wanted).await?;
        let lines = shifts.iter().filter_map(|loaded| shift_line(&loaded.register, telling(site)));
        let mut rows: Vec<ShiftLine> = lines.collect();
        rows.reverse();
        Ok(Piece { rows, next: (before > 0).then(|| before.saturating_add(1).to_string()) })
    }

    fn cells(site: &Site, ask: &Ask, shift: &ShiftLine) -> Vec<Cell> {
        let (words, shift_number) = (site.texts(ask), shift.number.to_string());
        let language = words.language;
        let id = RegisterId(plain_number(ask.part("register")).unwrap_or(0));
        let register = Whose::of(ask).register_path(id);
        let href = format!("{register}/shifts/{shift_number}");
        let moment = |at| format::moment(language, at);
        let report = if shift.is_open {
            Cell::link(format!("{register}/x"), words.say("shops-x"))
        } else {
            Cell::link(format!("{href}/z"), words.say("shops-z"))
        };
        vec![
            Cell::link(format!("{href}/documents"), shift_number),
            Cell::text(moment(shift.opened_at)),
            Cell::text(shift.closed_at.map_or_else(|| words.say("shops-open"), moment)),
            Cell::text(shift.documents.to_string()),
            Cell::text(shift.sales.count.to_string()),
            Cell::sum(language, shift.sales.sum.get()),
            Cell::text(shift.returns.count.to_string()),
            Cell::sum(language, shift.returns.sum.get()),
            report,
        ]
    }
}
