//! What a company says of itself: contacts, attributes, its head, and what it has several of.

/// Where the parts of a kind lie in a company, and how they are numbered.
macro_rules! kept_in {
    ($list:ident) => {
        type Whole = Company;

        fn all(company: &Company) -> &Vec<Self> {
            &company.$list
        }

        fn all_mut(company: &mut Company) -> &mut Vec<Self> {
            &mut company.$list
        }

        fn id(&self) -> u32 {
            self.id
        }

        fn revision(&self) -> u32 {
            self.revision
        }

        fn numbered(self, id: u32, revision: u32) -> Self {
            Self { id, revision, ..self }
        }
    };
}

pub mod addresses;
pub mod bank_accounts;
mod change;
pub mod contact_persons;
mod differences;
pub mod email;
pub mod profile;
pub mod shop_groups;

pub use change::change_particulars;
pub use differences::{differences, registered};

use ofd_storage::accounts::{Address, BankAccount, Company, ContactPerson};

use crate::part::{self, Difference, Whole};

/// Every kind of what a company has several of: what the audit tells of a change from one state to another.
const PARTS: &[fn(&Company, &Company) -> Vec<Difference>] =
    &[part::differences::<Address>, part::differences::<BankAccount>, part::differences::<ContactPerson>];

/// How many kinds there are: whoever shows them shows just as many.
pub const PART_KINDS: usize = PARTS.len();

impl Whole for Company {
    fn take_id(&mut self) -> u32 {
        Company::take_id(self)
    }
}
