//! The budget of memory: parts of it, and who holds how much of which.

use std::fmt;
use std::sync::Arc;

use metrics::gauge;
use ofd_edge::{AddressKey, AddressShares, Held, Spent};

use super::blocks::MEMORY_KIB;
use super::refused::{Busy, Reason, none_refused, refused};
use crate::metrics::shown;

const MIB: usize = 1024 * 1024;

/// Forms, and signatures of people who sign in. A usual form takes some kilobytes; one with a signature up to a MiB.
const FORMS_BYTES: usize = 16 * MIB;

/// No address holds more than one part in so many of what forms may take: four attackers fill it, not one.
const FORMS_SHARES: usize = 4;

/// What memory is taken for. What belongs to one part is never spent on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The blocks that passwords are hashed in: always taken, by the threads that hash.
    Passwords,
    /// Forms as they are read, and signatures of people who sign in.
    Forms,
    /// Documents with signatures, which anybody may send.
    Documents,
}

impl Part {
    /// Every part: together they are the budget.
    pub const ALL: [Self; 3] = [Self::Passwords, Self::Forms, Self::Documents];

    /// Its name in metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Passwords => "passwords",
            Self::Forms => "forms",
            Self::Documents => "documents",
        }
    }
}

/// Clones share what is taken.
#[derive(Clone)]
pub(super) struct Memory {
    passwords: usize,
    forms: Arc<AddressShares>,
    documents: Arc<AddressShares>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Memory");
        for part in Part::ALL {
            shown.field(part.name(), &self.max(part));
        }
        shown.finish()
    }
}

impl Memory {
    /// A budget of so many MiB, of which so many passwords have theirs.
    pub(super) fn new(mib: u32, passwords: usize) -> Self {
        let all = usize::try_from(mib).unwrap_or(usize::MAX).saturating_mul(MIB);
        let block = usize::try_from(MEMORY_KIB).unwrap_or(usize::MAX).saturating_mul(1024);
        let passwords = block.saturating_mul(passwords);
        let documents = all.saturating_sub(passwords).saturating_sub(FORMS_BYTES);
        let memory = Self {
            passwords,
            forms: shares(Part::Forms, FORMS_BYTES, FORMS_BYTES / FORMS_SHARES),
            documents: shares(Part::Documents, documents, documents),
        };
        for part in Part::ALL {
            gauge!("ofd_admin_web_work_memory_max_bytes", "part" => part.name()).set(shown(memory.max(part)));
            none_refused(part.name(), &Reason::OF_MEMORY);
        }
        show_taken(Part::Passwords, passwords);
        memory
    }

    fn shares(&self, part: Part) -> Option<&Arc<AddressShares>> {
        match part {
            Part::Passwords => None,
            Part::Forms => Some(&self.forms),
            Part::Documents => Some(&self.documents),
        }
    }

    /// The size of a part.
    pub(super) fn max(&self, part: Part) -> usize {
        self.shares(part).map_or(self.passwords, |shares| shares.max())
    }

    /// The most that one piece of work may take.
    pub(super) fn piece_max(&self, part: Part) -> usize {
        self.shares(part).map_or(0, |shares| shares.per_address_max())
    }

    pub(super) fn take(&self, part: Part, address: AddressKey, bytes: usize) -> Result<Share, Busy> {
        let held = self.shares(part).ok_or(Busy)?.take(address, bytes).map_err(busy(part))?;
        Ok(Share { part, held })
    }

    pub(super) fn in_use(&self, part: Part) -> usize {
        self.shares(part).map_or(self.passwords, |shares| shares.out())
    }
}

fn show_taken(part: Part, bytes: usize) {
    gauge!("ofd_admin_web_work_memory_bytes", "part" => part.name()).set(shown(bytes));
}

fn shares(part: Part, max: usize, per_address_max: usize) -> Arc<AddressShares> {
    AddressShares::new(max, per_address_max, move |bytes| show_taken(part, bytes))
}

fn busy(part: Part) -> impl Fn(Spent) -> Busy {
    move |spent| {
        let reason = match spent {
            Spent::All => Reason::Memory,
            Spent::Address => Reason::Address,
        };
        refused(part.name(), reason);
        Busy
    }
}

/// Memory that is somebody's until this is dropped.
#[derive(Debug)]
pub struct Share {
    part: Part,
    held: Held,
}

impl Share {
    /// Takes so much more.
    ///
    /// # Errors
    /// The part is spent, or the address has its share; nothing more was taken.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Busy> {
        self.held.grow(bytes).map_err(busy(self.part))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(number: u8) -> AddressKey {
        IpAddr::from([10, 0, 0, number]).into()
    }

    #[test]
    fn what_is_taken_is_counted_and_comes_back() {
        let memory = Memory::new(96, 1);
        let mut share = memory.take(Part::Forms, address(1), 1000).unwrap();
        share.grow(500).unwrap();
        assert_eq!(memory.in_use(Part::Forms), 1500);
        drop(share);
        assert_eq!(memory.in_use(Part::Forms), 0);
    }

    #[test]
    fn one_address_cannot_take_all_of_the_forms_and_no_form_takes_what_is_for_documents() {
        let memory = Memory::new(96, 1);
        let own = FORMS_BYTES / FORMS_SHARES;
        let mut mine = memory.take(Part::Forms, address(1), own).unwrap();
        assert_eq!(mine.grow(1), Err(Busy));
        assert_eq!(memory.in_use(Part::Forms), own, "what was refused is not counted");
        let _others: Vec<_> =
            (2..=4).map(|number| memory.take(Part::Forms, address(number), own).unwrap()).collect();
        assert!(memory.take(Part::Forms, address(9), 1).is_err(), "all of it is spent");
        assert!(memory.take(Part::Documents, address(9), 20 << 20).is_ok());
        drop(mine);
        assert!(memory.take(Part::Forms, address(9), 1).is_ok());
    }

    #[test]
    fn documents_never_take_more_than_their_part() {
        let memory = Memory::new(96, 1);
        let max = memory.max(Part::Documents);
        let held = memory.take(Part::Documents, address(1), max).unwrap();
        assert!(memory.take(Part::Documents, address(2), 1).is_err());
        assert!(memory.take(Part::Forms, address(2), 1).is_ok(), "people still sign in");
        drop(held);
        assert!(memory.take(Part::Documents, address(2), max + 1).is_err());
    }
}
