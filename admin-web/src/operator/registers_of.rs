//! The registers of an organisation, as the operator's people see them.

use ofd_office::by::By;
use ofd_office::registers::look_at_register;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AuditPage, OPERATOR, organisation};
use ofd_storage::holdings::{Listing, registers_of};
use ofd_storage::model::RegisterRecord;

use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Failure};
use crate::site::Site;
use crate::typed::plain_number;
use crate::words::Words;

/// Whose registers are asked for, and who asks.
pub(super) struct OfOrganisation {
    bin: String,
    by: By,
}

pub(super) struct Registers;

impl Registers {
    async fn read(
        site: &Site,
        query: &OfOrganisation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<RegisterRecord>, Listing), Failure> {
        let (store, bin) = (&site.office.store, query.bin.as_str());
        if bin == OPERATOR || organisation(store, bin).await?.is_none() {
            return Err(Failure::NotFound);
        }
        look_at_register((store, &*site.office.world), &query.by, bin, AuditPage::Register).await?;
        let after = after.and_then(plain_number).map(RegisterId);
        let found = registers_of(store, bin, after, limit).await?;
        let next = found.next.map(|next| next.to_string());
        Ok((Piece { rows: found.found, next }, found.listing))
    }
}

impl List for Registers {
    type Query = OfOrganisation;
    type Row = RegisterRecord;

    const PATHS: ListPaths = list_paths!("/operator/companies/{company}/registers");
    const TITLE: (&'static str, &'static str) = ("operator-registers-of", "registers");
    const COLUMNS: &'static [&'static str] =
        &["registration-system-id", "shops-model", "serial-number", "fns-kkm-id", "shops-year"];
    const NONE: &'static str = "operator-registers-of-none";
    const NOTE: Option<&'static str> = Some("operator-look-written");

    fn heading(site: &Site, ask: &Ask) -> Option<String> {
        Some(site.texts(ask).say_with("operator-registers-of-bin", ask.part("company")))
    }

    fn back(_: &Site, ask: &Ask) -> Option<(String, String)> {
        let bin = ask.part("company");
        Some((format!("/operator/companies/{bin}"), bin.to_owned()))
    }

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        Vec::new()
    }

    fn query(ask: &Ask) -> OfOrganisation {
        OfOrganisation { bin: ask.part("company").to_owned(), by: ask.by().clone() }
    }

    async fn rows(
        site: &Site,
        query: &OfOrganisation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<RegisterRecord>, Failure> {
        Ok(Self::read(site, query, after, limit).await?.0)
    }

    async fn page(
        site: &Site,
        ask: &Ask,
        query: &OfOrganisation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<RegisterRecord>, Vec<String>), Failure> {
        let (piece, listing) = Self::read(site, query, after, limit).await?;
        let said = match listing {
            Listing::Whole => None,
            Listing::BeingMade => Some(site.texts(ask).say("operator-ill-holdings")),
        };
        Ok((piece, said.into_iter().collect()))
    }

    fn cells(_: &Site, _: &Ask, record: &RegisterRecord) -> Vec<Cell> {
        vec![
            Cell::link(format!("/operator/registers/{}/{}", record.bin, record.id), record.id.to_string()),
            Cell::text(record.model.as_str()),
            Cell::text(record.serial_number.as_str()),
            Cell::text(record.fns_kkm_id.as_str()),
            Cell::text(record.year.to_string()),
        ]
    }
}
