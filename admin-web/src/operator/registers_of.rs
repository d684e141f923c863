//! The registers of an organisation, as the operator's people see them.

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

pub(super) struct Registers;

impl Registers {
    async fn read(
        site: &Site,
        bin: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<RegisterRecord>, Listing), Failure> {
        let store = &site.office.store;
        let after = after.and_then(plain_number).map(RegisterId);
        let found = registers_of(store, bin, after, limit).await?;
        let next = found.next.map(|next| next.to_string());
        Ok((Piece { rows: found.found, next }, found.listing))
    }
}

impl List for Registers {
    /// Whose registers are asked for.
    type Query = String;
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

    fn query(ask: &Ask) -> String {
        ask.part("company").to_owned()
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        let (store, bin) = (&site.office.store, ask.part("company"));
        if bin == OPERATOR || organisation(store, bin).await?.is_none() {
            return Err(Failure::NotFound);
        }
        Ok(look_at_register((store, &*site.office.world), ask.by(), bin, AuditPage::Register).await?)
    }

    async fn rows(
        site: &Site,
        bin: &String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<RegisterRecord>, Failure> {
        Ok(Self::read(site, bin, after, limit).await?.0)
    }

    async fn page(
        site: &Site,
        ask: &Ask,
        bin: &String,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<RegisterRecord>, Vec<String>), Failure> {
        let (piece, listing) = Self::read(site, bin, after, limit).await?;
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
