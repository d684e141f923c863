//! Every address of the site, put together from what families declare.

use std::sync::Arc;

use axum::Router;
use ofd_desk::router::put_together;

use crate::cabinet::Pages;
#[cfg(test)]
use crate::cabinet::Route;
use crate::site::Site;
use crate::{
    account, agreement, assets, audit, company, documents, help, home, login, money, operator, ops, papers,
    phone_signing, programs, receipts, registers, registrations, shops, signatures, signup, staff, start,
};

/// The families of addresses. Each declares its own; whatever the site has comes from here.
const FAMILIES: [fn(Pages) -> Pages; 23] = [
    receipts::pages,
    registers::pages,
    ops::pages,
    assets::pages,
    login::pages,
    phone_signing::pages,
    home::pages,
    signup::pages,
    account::pages,
    start::pages,
    shops::pages,
    registrations::pages,
    documents::pages,
    programs::pages,
    money::pages,
    company::pages,
    agreement::pages,
    papers::pages,
    staff::pages,
    audit::pages,
    operator::pages,
    signatures::pages,
    help::pages,
];

/// Every address with what is declared of it and what answers there.
fn declared() -> Pages {
    FAMILIES.into_iter().fold(Pages::default(), |pages, family| family(pages))
}

/// Every address with what is declared of it.
#[cfg(test)]
pub(crate) fn routes() -> Vec<Route> {
    declared().routes().copied().collect()
}

/// The routes of the site.
pub fn router(site: Arc<Site>) -> Router {
    site.show_banner(agreement::banner);
    put_together(declared(), site)
}
