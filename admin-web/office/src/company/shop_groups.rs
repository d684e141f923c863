//! Groups of an organisation's shops, as far as the company itself keeps them: which shops are in one, the shops say.

use ofd_storage::accounts::{AuditAction, AuditField, AuditSubject, Company, ShopGroup, ToldSubject};

use crate::fields::Fields;
use crate::part::Part;
use crate::typed::{Errors, Reader, Wrong, full_line};

/// Characters of a group's name.
pub const GROUP_NAME_LEN_MAX: usize = 60;

/// The field of a group's name.
const NAME: &str = "name";

/// Reads a group from a form.
pub fn read_shop_group(fields: &Fields) -> (ShopGroup, Errors) {
    let mut reader = Reader::default();
    let name = reader.take(NAME, full_line(fields.text(NAME), GROUP_NAME_LEN_MAX));
    (ShopGroup { id: 0, revision: 0, name }, reader.errors)
}

/// The groups of these numbers that a company has, by their names, one after the other.
pub fn group_names<'a>(groups: &'a [ShopGroup], ids: &[u32]) -> Vec<&'a str> {
    groups.iter().filter(|group| ids.contains(&group.id)).map(|group| group.name.as_str()).collect()
}

impl Part for ShopGroup {
    kept_in!(shop_groups);

    /// A region, a brand and a manager for each of a chain's shops; all of them are boxes in the form of a shop.
    const MAX: usize = 50;

    const ACTIONS: [AuditAction; 3] =
        [AuditAction::ShopGroupAdded, AuditAction::ShopGroupChanged, AuditAction::ShopGroupDeleted];

    fn subject(&self) -> ToldSubject {
        AuditSubject::ShopGroup(self.id).called(self.name.as_str())
    }

    fn told(&self) -> Vec<(AuditField, String)> {
        vec![(AuditField::Name, self.name.clone())]
    }

    fn check(&self, company: &Company) -> Result<(), (&'static str, Wrong)> {
        let name = self.name.to_lowercase();
        let is_taken = |other: &ShopGroup| other.id != self.id && other.name.to_lowercase() == name;
        if company.shop_groups.iter().any(is_taken) { Err((NAME, Wrong::SameGroup)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::CompanyKind;

    use super::*;
    use crate::part::{PartRefusal, add, change, delete};

    fn group(name: &str) -> ShopGroup {
        ShopGroup { id: 0, revision: 0, name: name.into() }
    }

    #[test]
    fn a_number_of_a_group_is_never_that_of_another_and_names_differ() {
        let kind = CompanyKind::LegalEntity;
        let company = Company::new("151140001234".into(), "ТОО".into(), kind, UnixMillis(0));
        let company = add(&company, &group("Север")).unwrap().unwrap();
        assert_eq!(add(&company, &group("Север")), Ok(None), "a form that was sent twice");
        assert_eq!(add(&company, &group("СЕВЕР")), Err(PartRefusal::Wrong("name", Wrong::SameGroup)));
        let company = add(&company, &group("Юг")).unwrap().unwrap();
        let [north, south] = [company.shop_groups[0].id, company.shop_groups[1].id];
        let renamed = change(&company, (south, 1.into()), &group("север"));
        assert_eq!(renamed, Err(PartRefusal::Wrong("name", Wrong::SameGroup)));
        assert!(
            change(&company, (north, 1.into()), &group("СЕВЕР")).unwrap().is_some(),
            "it is its own name"
        );
        assert_eq!(group_names(&company.shop_groups, &[south, 99]), ["Юг"]);
        let company = delete::<ShopGroup>(&company, (south, 1.into())).unwrap().unwrap();
        let company = add(&company, &group("Юг")).unwrap().unwrap();
        assert_ne!(company.shop_groups[1].id, south, "shops of the group of before are not in this one");
    }

    #[test]
    fn a_group_has_a_name_of_one_line() {
        let read = |name: &str| read_shop_group(&Fields::new(vec![("name".into(), name.into())]));
        assert_eq!(read(" Север ").0.name, "Север");
        assert_eq!(read("").1, [("name", Wrong::Empty)]);
        assert_eq!(read(&"ы".repeat(GROUP_NAME_LEN_MAX + 1)).1, [("name", Wrong::TooLong)]);
    }
}
