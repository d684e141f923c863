//! Contact persons of a company: whom the operator turns to about what.

use ofd_storage::accounts::{
    AuditAction, AuditField, AuditSubject, Company, ContactPerson, ContactPurpose, ToldSubject,
};

use crate::fields::Fields;
use crate::part::Part;
use crate::typed::{Errors, Reader, Wrong, email, full_line, line, phone};

/// Characters of a person's name: the longest in certificates is shorter.
pub const NAME_LEN_MAX: usize = 150;

/// Characters of a position.
pub const POSITION_LEN_MAX: usize = 100;

/// Reads a contact person from a form. Phone or e-mail must be there: else nobody could turn to the person.
pub fn read_contact_person(fields: &Fields) -> (ContactPerson, Errors) {
    let mut reader = Reader::default();
    let purpose = ContactPurpose::from_name(fields.text("purpose")).ok_or(Wrong::Choice);
    let purpose = reader.take("purpose", purpose.map(Some)).unwrap_or(ContactPurpose::General);
    let name = reader.take("name", full_line(fields.text("name"), NAME_LEN_MAX));
    let position = reader.take("position", line(fields.text("position"), POSITION_LEN_MAX));
    let is_reachable = ["phone", "email"].iter().any(|way| !fields.text(way).is_empty());
    let phone = phone(fields.text("phone"));
    let phone = reader.take("phone", if is_reachable { phone } else { Err(Wrong::Empty) });
    let email = reader.take("email", email(fields.text("email")));
    (ContactPerson { id: 0, revision: 0, purpose, name, position, phone, email }, reader.errors)
}

impl Part for ContactPerson {
    kept_in!(contact_persons);

    /// One or two for each purpose, in several offices.
    const MAX: usize = 20;

    const ACTIONS: [AuditAction; 3] = [
        AuditAction::ContactPersonAdded,
        AuditAction::ContactPersonChanged,
        AuditAction::ContactPersonDeleted,
    ];

    fn subject(&self) -> ToldSubject {
        AuditSubject::ContactPerson(self.id).called(self.name.as_str())
    }

    fn told(&self) -> Vec<(AuditField, String)> {
        vec![
            (AuditField::ContactPurpose, self.purpose.name().to_owned()),
            (AuditField::Name, self.name.clone()),
            (AuditField::Position, self.position.clone()),
            (AuditField::Phone, self.phone.clone()),
            (AuditField::Email, self.email.clone()),
        ]
    }
}
