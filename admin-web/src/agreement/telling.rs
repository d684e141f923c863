//! What people are told of a paper.

use ofd_office::by::By;
use ofd_office::papers::{Waits, contract_to_join, waits};
use ofd_storage::accounts::{Company, Member};

use crate::cabinet::{Acting, Right, may};
use crate::site::{Banner, Site};

/// What the company waits for that the person acts for. Its own pages of joining say it themselves, and so does its start page.
pub(crate) fn banner(site: &Site, by: &By, acting: &Acting, path: &str) -> Option<Banner> {
    if acting.is_of_operator() {
        return None;
    }
    let is_here = ["contract", "application", "start"].iter().any(|page| {
        let own = format!("/c/{}/{page}", acting.bin());
        path == own || path.starts_with(&format!("{own}/"))
    });
    if is_here { None } else { waiting(site, by, &acting.company.state, &acting.member) }
}

/// What a company waits for, with where it is done, for one of its people.
pub(crate) fn waiting(site: &Site, by: &By, company: &Company, member: &Member) -> Option<Banner> {
    let contract = contract_to_join(&site.office, by.at, site.config.zone_offset_seconds);
    let words = site.dictionary.words(by.language);
    let (text, label, path) = match waits(company, &contract.version)? {
        Waits::Contract => ("agreement-waits-contract", "agreement-to-contract", "contract"),
        Waits::Signature => ("agreement-waits-signature", "agreement-to-application", "application"),
        Waits::Check => ("agreement-waits-check", "agreement-to-look", "application"),
        Waits::Refused => ("agreement-waits-refused", "agreement-to-application", "application"),
        Waits::Version => ("agreement-waits-version", "agreement-to-contract", "contract"),
    };
    let href = || (format!("/c/{}/{path}", company.bin), words.say(label));
    Some(Banner { text: words.say(text), link: may(member, Right::JoinContract).then(href) })
}
