//! How a company's particulars are shown.

use ofd_office::company::email::unconfirmed;
use ofd_office::company::profile::SIZES;
use ofd_protocol::types::LocalDateTime;
use ofd_storage::accounts::{Attributes, Company, CompanyKind, HeadOfCompany, Member, Profile};

use crate::cabinet::editor::{Stored, same};
use crate::cabinet::{Ask, Choice, Right};
use crate::day::{day, written};
use crate::directories::{Directory, legal_forms, ownership_forms, sectors};
use crate::format;
use crate::language::Language;
use crate::typed::ticked;
use crate::words::Words;

/// One thing that is known of a company.
pub(super) struct Particular {
    /// What it is.
    pub(super) label: String,
    pub(super) value: String,
    /// Where it leads; only of web sites.
    pub(super) href: Option<String>,
}

/// Particulars that are edited together.
pub(super) struct Section {
    pub(super) heading: String,
    /// What is known; what is not known is left out.
    pub(super) particulars: Vec<Particular>,
    /// What to do when nothing is known.
    pub(super) empty: String,
    /// Where it is edited, for who may.
    pub(super) edit: Option<String>,
    /// Its address is still to be confirmed: what is said, and where, for who may.
    pub(super) unconfirmed: Option<(String, Option<String>)>,
}

fn particulars(found: impl IntoIterator<Item = (String, String)>) -> Vec<Particular> {
    let found = found.into_iter().filter(|(_, value)| !value.is_empty());
    found.map(|(label, value)| Particular { label, value, href: None }).collect()
}

fn link(ask: &Ask, path: &str) -> Option<String> {
    ask.may(Right::EditCompany).then(|| format!("/c/{}/{path}", ask.bin()))
}

fn contacts(words: &Words<'_>, ask: &Ask, company: &Company) -> Section {
    let profile: &Profile = &company.profile;
    let mut particulars = particulars([
        (words.say("company-email"), profile.email.clone()),
        (words.say("company-phones"), profile.phones.clone()),
        (words.say("company-site"), profile.site.clone()),
    ]);
    for one in particulars.iter_mut().filter(|one| one.value == profile.site) {
        one.href = Some(profile.site.clone());
    }
    let (heading, empty) = (words.say("company-contacts"), words.say("company-contacts-empty"));
    let unconfirmed = unconfirmed(company);
    let unconfirmed =
        unconfirmed.map(|_| (words.say("company-email-unconfirmed"), link(ask, "contacts/email")));
    Section { heading, particulars, empty, edit: link(ask, "contacts"), unconfirmed }
}

fn named(directory: &Directory, code: &str, language: Language) -> String {
    directory.find(code).map_or_else(|| code.to_owned(), |entry| entry.names.of(language).to_owned())
}

/// A day of a form as the language writes it.
fn day_text(words: &Words<'_>, text: &str) -> String {
    let midnight = day(text).and_then(|day| {
        let (year, month) = (u32::try_from(day.year()).ok()?, u32::from(u8::from(day.month())));
        LocalDateTime::new(year, month, day.day().into(), 0, 0, 0)
    });
    let moment = midnight.map(|midnight| format::moment(words.language, midnight)).unwrap_or_default();
    moment.split(',').next().unwrap_or_default().to_owned()
}

/// The size of a business.
fn size_text(words: &Words<'_>, size: &str) -> String {
    match size {
        "small" => words.say("company-size-small"),
        "medium" => words.say("company-size-medium"),
        "large" => words.say("company-size-large"),
        _ => String::new(),
    }
}

fn yes_or_no(words: &Words<'_>, is: bool) -> String {
    words.say(if is { "company-yes" } else { "company-no" })
}

fn attributes(words: &Words<'_>, ask: &Ask, attributes: &Attributes) -> Section {
    let language = words.language;
    let is_known = *attributes != Attributes::default();
    let resident = if is_known { yes_or_no(words, attributes.is_resident) } else { String::new() };
    let particulars = particulars([
        (words.say("company-oked"), attributes.oked.clone()),
        (words.say("company-registered-on"), day_text(words, &attributes.registered_on)),
        (words.say("company-document-number"), attributes.document_number.clone()),
        (words.say("company-registered-by"), attributes.registered_by.clone()),
        (words.say("company-legal-form"), named(legal_forms(), &attributes.legal_form, language)),
        (words.say("company-sector"), named(sectors(), &attributes.sector, language)),
        (words.say("company-ownership"), named(ownership_forms(), &attributes.ownership, language)),
        (words.say("company-size"), size_text(words, &attributes.size)),
        (words.say("company-resident"), resident),
    ]);
    let (heading, empty) = (words.say("company-attributes"), words.say("company-attributes-empty"));
    Section { heading, particulars, empty, edit: link(ask, "attributes"), unconfirmed: None }
}

fn head(words: &Words<'_>, ask: &Ask, head: &HeadOfCompany) -> Section {
    let particulars = match head.name.as_str() {
        "" => Vec::new(),
        name => particulars([
            (words.say("company-head-position"), head.position.clone()),
            (words.say("company-head-name"), name.to_owned()),
            (words.say("company-head-iin"), head.iin.clone()),
        ]),
    };
    let (heading, empty) = (words.say("company-head"), words.say("company-head-empty"));
    Section { heading, particulars, empty, edit: link(ask, "head"), unconfirmed: None }
}

/// Contacts, attributes, and the head where it is not the entrepreneur himself.
pub(super) fn sections(words: &Words<'_>, ask: &Ask, company: &Company) -> Vec<Section> {
    let profile = &company.profile;
    let mut sections = vec![contacts(words, ask, company), attributes(words, ask, &profile.attributes)];
    match company.kind {
        CompanyKind::LegalEntity => sections.push(head(words, ask, &profile.head)),
        CompanyKind::Entrepreneur | CompanyKind::Operator => {}
    }
    sections
}

/// What a company is.
pub(super) fn company_kind(words: &Words<'_>, kind: CompanyKind) -> String {
    words.say(match kind {
        CompanyKind::LegalEntity | CompanyKind::Operator => "company-kind-legal-entity",
        CompanyKind::Entrepreneur => "company-kind-entrepreneur",
    })
}

/// Entries of a directory to choose from, or none of them.
pub(super) fn choices(words: &Words<'_>, directory: &Directory, with_code: bool) -> Vec<Choice> {
    let entries = directory.entries().iter().map(|entry| {
        let name = entry.names.of(words.language);
        let label = if with_code { format!("{} — {name}", entry.code) } else { name.to_owned() };
        Choice::new(&entry.code, label)
    });
    std::iter::once(Choice::new("", words.say("company-not-said"))).chain(entries).collect()
}

/// Sizes to choose from.
pub(super) fn sizes(words: &Words<'_>) -> Vec<Choice> {
    let sizes = SIZES.into_iter().map(|size| Choice::new(size, size_text(words, size)));
    std::iter::once(Choice::new("", words.say("company-not-said"))).chain(sizes).collect()
}

/// The company's people to choose from, or somebody else.
pub(super) fn employees(words: &Words<'_>, members: &[Member]) -> Vec<Choice> {
    let people = members.iter().map(|member| Choice::new(member.account.to_string(), member.name.clone()));
    std::iter::once(Choice::new("", words.say("company-head-other"))).chain(people).collect()
}

/// What the form of attributes begins with: who never said otherwise is a resident.
pub(super) fn attributes_stored(words: &Words<'_>, attributes: &Attributes) -> Vec<Stored> {
    let is_resident = attributes.is_resident || *attributes == Attributes::default();
    let listed =
        |field, directory, code: &str| Stored::new(field, code, named(directory, code, words.language));
    let Attributes { registered_on, legal_form, sector, ownership, size, .. } = attributes;
    vec![
        same("oked", &attributes.oked),
        Stored::new(
            "registered_on",
            day(registered_on).map(written).unwrap_or_default(),
            day_text(words, registered_on),
        ),
        same("document_number", &attributes.document_number),
        same("registered_by", &attributes.registered_by),
        listed("legal_form", legal_forms(), legal_form),
        listed("sector", sectors(), sector),
        listed("ownership", ownership_forms(), ownership),
        Stored::new("size", size, size_text(words, size)),
        Stored::new("is_resident", ticked(is_resident), yes_or_no(words, is_resident)),
    ]
}

/// What the form of the head begins with: of an employee the name is not typed.
pub(super) fn head_stored(words: &Words<'_>, head: &HeadOfCompany) -> Vec<Stored> {
    let typed = |text| if head.account.is_some() { "" } else { text };
    let employee = match head.account {
        Some(id) => Stored::new("employee", id.to_string(), &head.name),
        None => Stored::new("employee", "", words.say("company-head-other")),
    };
    let position = match head.position.as_str() {
        "" => words.say("company-head-position-usual"),
        position => position.to_owned(),
    };
    vec![
        employee,
        same("name", typed(&head.name)),
        same("iin", typed(&head.iin)),
        same("position", &position),
    ]
}
