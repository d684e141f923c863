//! What the audit says of a change of a company's particulars: two states compared, part by part.

use ofd_storage::accounts::{
    Address, AddressKind, AuditAction, AuditField, AuditSubject, BankAccount, Company, FieldChange,
    HeadOfCompany, Profile, ShopGroup,
};

use super::PARTS;
use crate::directories::{legal_forms, ownership_forms, sectors};
use crate::part::{self, Difference, Part, compare};
use crate::typed::ticked;

/// Whatever differs in the profile and in what there are several of. The pages of a company's people write their own rows.
pub fn differences(before: &Company, after: &Company) -> Vec<Difference> {
    let mut found = Vec::new();
    let changes = compare(&profile_fields(&before.profile), &profile_fields(&after.profile));
    if !changes.is_empty() {
        let subject = AuditSubject::Company.into();
        found.push(Difference { action: AuditAction::ProfileChanged, subject, changes });
    }
    found.extend(PARTS.iter().flat_map(|differences| differences(before, after)));
    // They have pages of their own, beside the shops.
    found.extend(part::differences::<ShopGroup>(before, after));
    found
}

/// What a company was registered with: each field, and each address and account in one line, since the row tells of
/// several.
pub fn registered(company: &Company) -> Vec<FieldChange> {
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
        (AuditField::LegalForm, legal_forms().kept(&attributes.legal_form)),
        (AuditField::Sector, sectors().kept(&attributes.sector)),
        (AuditField::Ownership, ownership_forms().kept(&attributes.ownership)),
        (AuditField::Resident, ticked(attributes.is_resident)),
        (AuditField::Size, attributes.size.clone()),
        (AuditField::Oked, attributes.oked.clone()),
    ];
    fields.extend(head_fields(&profile.head));
    fields
}
