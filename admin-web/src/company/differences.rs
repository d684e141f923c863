//! What the audit says of a change of a company's particulars: two states compared, part by part.

use ofd_storage::accounts::{
    Address, AddressKind, AuditAction, AuditField, AuditSubject, BankAccount, Company, FieldChange,
    HeadOfCompany, Profile, ToldSubject,
};

use crate::directories::{Directory, countries, legal_forms, ownership_forms, sectors};
use crate::language::Language;

/// A row of the audit without who and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What was done.
    pub(crate) action: AuditAction,
    /// To what.
    pub(crate) subject: ToldSubject,
    /// The fields.
    pub(crate) changes: Vec<FieldChange>,
}

/// Whatever differs in profile, addresses and bank accounts.
pub(crate) fn differences(before: &Company, after: &Company) -> Vec<Difference> {
    let mut found = Vec::new();
    let changes = compare(&profile_fields(&before.profile), &profile_fields(&after.profile));
    if !changes.is_empty() {
        let subject = AuditSubject::Company.into();
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
    let mut fields = vec![
        (AuditField::Bin, company.bin.clone()),
        (AuditField::CompanyKind, company.kind.name().to_owned()),
    ];
    fields.extend(profile_fields(&company.profile));
    let address = |address: &Address| {
        let field = match address.kind {
            AddressKind::Legal => AuditField::LegalAddress,
            AddressKind::Actual => AuditField::ActualAddress,
            AddressKind::Postal => AuditField::PostalAddress,
        };
        (field, address.subject().text)
    };
    fields.extend(company.addresses.iter().map(address));
    let account =
        |account: &BankAccount| (AuditField::BankAccount, [account.iik.as_str(), &account.bank].join(", "));
    fields.extend(company.bank_accounts.iter().map(account));
    fields.into_iter().filter_map(|(field, value)| field.change("", &value)).collect()
}

/// A part of a company that the audit names by itself.
pub(super) trait Part {
    /// Its number in the company.
    fn id(&self) -> u32;
    /// It as the audit tells of it.
    fn subject(&self) -> ToldSubject;
    /// Its fields.
    fn fields(&self) -> Vec<(AuditField, String)>;
}

fn yes(is: bool) -> String {
    if is { "yes".to_owned() } else { String::new() }
}

/// The Russian name stands on documents, so it is what the audit keeps.
fn named(directory: &Directory, code: &str) -> String {
    directory.find(code).map_or_else(|| code.to_owned(), |entry| entry.names.of(Language::Russian).to_owned())
}

fn head_fields(head: &HeadOfCompany) -> [(AuditField, String); 3] {
    [
        (AuditField::HeadName, head.name.clone()),
        (AuditField::HeadIin, head.iin.clone()),
        (AuditField::HeadPosition, head.position.clone()),
    ]
}

fn profile_fields(profile: &Profile) -> Vec<(AuditField, String)> {
    let attributes = &profile.attributes;
    let mut fields = vec![
        (AuditField::Email, profile.email.clone()),
        (AuditField::Phones, profile.phones.clone()),
        (AuditField::Site, profile.site.clone()),
        (AuditField::RegisteredOn, attributes.registered_on.clone()),
        (AuditField::DocumentNumber, attributes.document_number.clone()),
        (AuditField::RegisteredBy, attributes.registered_by.clone()),
        (AuditField::LegalForm, named(legal_forms(), &attributes.legal_form)),
        (AuditField::Sector, named(sectors(), &attributes.sector)),
        (AuditField::Ownership, named(ownership_forms(), &attributes.ownership)),
        (AuditField::Resident, yes(attributes.is_resident)),
        (AuditField::Size, attributes.size.clone()),
    ];
    fields.extend(head_fields(&profile.head));
    fields
}

impl Part for Address {
    fn id(&self) -> u32 {
        self.id
    }

    fn subject(&self) -> ToldSubject {
        AuditSubject::Address(self.id).called([self.place.as_str(), &self.street].join(", "))
    }

    fn fields(&self) -> Vec<(AuditField, String)> {
        vec![
            (AuditField::AddressKind, self.kind.name().to_owned()),
            (AuditField::Country, named(countries(), &self.country)),
            (AuditField::Place, self.place.clone()),
            (AuditField::Street, self.street.clone()),
            (AuditField::Email, self.email.clone()),
            (AuditField::Phone, self.phone.clone()),
        ]
    }
}

impl Part for BankAccount {
    fn id(&self) -> u32 {
        self.id
    }

    fn subject(&self) -> ToldSubject {
        AuditSubject::BankAccount(self.id).called(self.iik.as_str())
    }

    fn fields(&self) -> Vec<(AuditField, String)> {
        let bank =
            if self.bic.is_empty() { String::new() } else { [self.bic.as_str(), &self.bank].join(" ") };
        vec![
            (AuditField::Iik, self.iik.clone()),
            (AuditField::Bank, bank),
            (AuditField::Kbe, self.kbe.clone()),
            (AuditField::AccountKind, named(crate::directories::account_types(), &self.kind)),
            (AuditField::Default, yes(self.is_default)),
            (AuditField::Guarantee, yes(self.is_guarantee)),
        ]
    }
}

fn compare(before: &[(AuditField, String)], after: &[(AuditField, String)]) -> Vec<FieldChange> {
    before.iter().zip(after).filter_map(|((field, old), (_, new))| field.change(old, new)).collect()
}

fn blank<P: Part>(part: &P) -> Vec<(AuditField, String)> {
    part.fields().into_iter().map(|(field, _)| (field, String::new())).collect()
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
