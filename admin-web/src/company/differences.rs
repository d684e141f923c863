//! What the audit says of a change of a company's particulars: two states compared, part by part.

use ofd_storage::accounts::{
    Address, AddressKind, AuditAction, BankAccount, Company, CompanyKind, FieldChange, HeadOfCompany, Profile,
};

use crate::cabinet::field_change;
use crate::directories::{Directory, countries, legal_forms, ownership_forms, sectors};
use crate::language::Language;

/// A row of the audit without who and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What was done.
    pub(crate) action: AuditAction,
    /// To what.
    pub(crate) subject: String,
    /// The fields.
    pub(crate) changes: Vec<FieldChange>,
}

/// Whatever differs in profile, addresses and bank accounts.
pub(crate) fn differences(before: &Company, after: &Company) -> Vec<Difference> {
    let mut found = Vec::new();
    let changes = compare(&profile_fields(&before.profile), &profile_fields(&after.profile));
    if !changes.is_empty() {
        let subject = String::new();
        found.push(Difference { action: AuditAction::ProfileChanged, subject, changes });
    }
    let addresses = [AuditAction::AddressAdded, AuditAction::AddressChanged, AuditAction::AddressDeleted];
    parts(&mut found, addresses, [&before.addresses, &after.addresses]);
    let accounts =
        [AuditAction::BankAccountAdded, AuditAction::BankAccountChanged, AuditAction::BankAccountDeleted];
    parts(&mut found, accounts, [&before.bank_accounts, &after.bank_accounts]);
    found
}

/// What a company was registered with: each field, and each address and account in one line, since the row tells of
/// several.
pub(crate) fn registered(company: &Company) -> Vec<FieldChange> {
    let mut fields = vec![("bin", company.bin.clone()), ("company_kind", kind_name(company.kind).to_owned())];
    fields.extend(profile_fields(&company.profile));
    let address = |address: &Address| {
        let field = match address.kind {
            AddressKind::Legal => "legal_address",
            AddressKind::Actual => "actual_address",
            AddressKind::Postal => "postal_address",
        };
        (field, address.subject())
    };
    fields.extend(company.addresses.iter().map(address));
    let account = |account: &BankAccount| ("bank_account", [account.iik.as_str(), &account.bank].join(", "));
    fields.extend(company.bank_accounts.iter().map(account));
    fields.into_iter().filter_map(|(name, value)| field_change(name, "", &value)).collect()
}

fn kind_name(kind: CompanyKind) -> &'static str {
    match kind {
        CompanyKind::LegalEntity => "legal_entity",
        CompanyKind::Entrepreneur => "entrepreneur",
        CompanyKind::Operator => "operator",
    }
}

/// A part of a company that the audit names by itself.
pub(super) trait Part {
    /// Its number in the company.
    fn id(&self) -> u32;
    /// What the audit calls it.
    fn subject(&self) -> String;
    /// Its fields by name.
    fn fields(&self) -> Vec<(&'static str, String)>;
}

fn yes(is: bool) -> String {
    if is { "yes".to_owned() } else { String::new() }
}

/// The Russian name stands on documents, so it is what the audit keeps.
fn named(directory: &Directory, code: &str) -> String {
    directory.find(code).map_or_else(|| code.to_owned(), |entry| entry.names.of(Language::Russian).to_owned())
}

fn head_fields(head: &HeadOfCompany) -> [(&'static str, String); 3] {
    [
        ("head_name", head.name.clone()),
        ("head_iin", head.iin.clone()),
        ("head_position", head.position.clone()),
    ]
}

fn profile_fields(profile: &Profile) -> Vec<(&'static str, String)> {
    let attributes = &profile.attributes;
    let mut fields = vec![
        ("email", profile.email.clone()),
        ("phones", profile.phones.clone()),
        ("site", profile.site.clone()),
        ("registered_on", attributes.registered_on.clone()),
        ("document_number", attributes.document_number.clone()),
        ("registered_by", attributes.registered_by.clone()),
        ("legal_form", named(legal_forms(), &attributes.legal_form)),
        ("sector", named(sectors(), &attributes.sector)),
        ("ownership", named(ownership_forms(), &attributes.ownership)),
        ("resident", yes(attributes.is_resident)),
        ("size", attributes.size.clone()),
    ];
    fields.extend(head_fields(&profile.head));
    fields
}

impl Part for Address {
    fn id(&self) -> u32 {
        self.id
    }

    fn subject(&self) -> String {
        [self.place.as_str(), &self.street].join(", ")
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("address_kind", self.kind.name().to_owned()),
            ("country", named(countries(), &self.country)),
            ("place", self.place.clone()),
            ("street", self.street.clone()),
            ("email", self.email.clone()),
            ("phone", self.phone.clone()),
        ]
    }
}

impl Part for BankAccount {
    fn id(&self) -> u32 {
        self.id
    }

    fn subject(&self) -> String {
        self.iik.clone()
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let bank =
            if self.bic.is_empty() { String::new() } else { [self.bic.as_str(), &self.bank].join(" ") };
        vec![
            ("iik", self.iik.clone()),
            ("bank", bank),
            ("kbe", self.kbe.clone()),
            ("account_kind", named(crate::directories::account_types(), &self.kind)),
            ("default", yes(self.is_default)),
            ("guarantee", yes(self.is_guarantee)),
        ]
    }
}

fn compare(before: &[(&'static str, String)], after: &[(&'static str, String)]) -> Vec<FieldChange> {
    before.iter().zip(after).filter_map(|((name, old), (_, new))| field_change(name, old, new)).collect()
}

fn blank<P: Part>(part: &P) -> Vec<(&'static str, String)> {
    part.fields().into_iter().map(|(name, _)| (name, String::new())).collect()
}

fn parts<P: Part>(
    found: &mut Vec<Difference>,
    [added, changed, deleted]: [AuditAction; 3],
    [before, after]: [&[P]; 2],
) {
    for part in after {
        let (action, old) = match before.iter().find(|old| old.id() == part.id()) {
            Some(old) => (changed, old.fields()),
            None => (added, blank(part)),
        };
        let changes = compare(&old, &part.fields());
        if !changes.is_empty() {
            found.push(Difference { action, subject: part.subject(), changes });
        }
    }
    for part in before.iter().filter(|old| !after.iter().any(|part| part.id() == old.id())) {
        let changes = compare(&part.fields(), &blank(part));
        found.push(Difference { action: deleted, subject: part.subject(), changes });
    }
}
