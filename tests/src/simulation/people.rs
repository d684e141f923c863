//! People: they block registers and let them go, hand out new tokens, and see to devices that stopped.

use std::sync::Arc;

use ofd_admin_web::{By, RegisterError, change_register};
use ofd_protocol::register::{Change, StatusName};
use ofd_protocol::types::UnixMillis;
use ofd_storage::erased::DynStore;
use ofd_storage::registers::Loaded;

use super::backend::SimBackend;
use super::ledger::{Checked, Fate};
use super::scheduler::{Finished, Purpose, Simulation};

/// Who the audit says changed a register.
fn by() -> By {
    By::program("simulation", UnixMillis(0), [127, 0, 0, 1].into())
}

impl<B: SimBackend> Simulation<B> {
    /// A person begins to change a register, on the site of some gateway that is up.
    pub(super) fn begin_change(&mut self, device: usize, wanted: Change) {
        let gateway = self.random.below(self.cluster.gateways.len());
        let at = &self.cluster.gateways[gateway];
        let is_reset = wanted == Change::ResetToken;
        if (is_reset && self.devices[device].reset_is_under_way) || at.service.is_none() {
            return;
        }
        let id = self.devices[device].id();
        self.journal.write(&self.clock, format_args!("a person at {}: {wanted:?} {id}", at.name));
        let (store, world) = (DynStore::from(Arc::clone(&at.store)), at.world.clone());
        let (turns, asked) = (Arc::clone(&at.turns), wanted.clone());
        let future = async move {
            let changed = change_register((&store, &world), &turns, id, &asked, &by()).await;
            Finished::Changed(changed.map(Box::new))
        };
        self.devices[device].reset_is_under_way |= is_reset;
        self.begin(gateway, Purpose::Change { device, change: wanted }, 0, future);
    }

    /// A change is done, or its outcome is not known.
    pub(super) fn changed(
        &mut self,
        index: usize,
        change: &Change,
        result: Result<Box<Loaded>, RegisterError>,
    ) -> Checked {
        let device = &mut self.devices[index];
        device.reset_is_under_way &= *change != Change::ResetToken;
        let after = match result {
            Ok(after) => after,
            Err(error) => {
                self.journal.write(&self.clock, format_args!("{change:?} {}: {error}", device.id()));
                return Ok(());
            }
        };
        let truth = &self.books[index].truth;
        let (known, told) = (truth.register.shift_number, after.register.shift_number);
        if known < told || (known == told && truth.version < after.version) {
            return Err(format!("{change:?} {} is said to be done and is not", device.id()));
        }
        self.tally.changes += 1;
        self.journal.write(&self.clock, format_args!("{change:?} {} is done", device.id()));
        if *change == Change::ResetToken {
            self.tally.token_resets += 1;
            device.token_given = Some(after.register.tokens.current);
        }
        Ok(())
    }

    /// Somebody stands before a device that stopped.
    pub(super) fn see_to(&mut self, index: usize) -> Checked {
        let stop = self.devices[index].register.state().stop.clone();
        let code = stop.and_then(|stop| stop.code);
        let is_active = self.books[index].register().status.name() == StatusName::Active;
        match code {
            Some(2) => self.begin_change(index, Change::ResetToken),
            Some(code @ (15 | 18 | 19)) if is_active => self.go_on(index, code)?,
            Some(15 | 18 | 19) if self.random.chance(1, 40) => {
                let status = &self.books[index].register().status;
                let change = match (&status.blocked, &status.unpaid) {
                    (Some(_), _) => Change::Unblock { reason: String::new() },
                    (None, Some(_)) => Change::Paid,
                    (None, None) => Change::Connect,
                };
                self.begin_change(index, change);
            }
            Some(15 | 18 | 19) => {}
            _ => return Err(format!("register {} stopped: {code:?}", self.devices[index].id())),
        }
        Ok(())
    }

    /// The device sends the refused document again; or it forgets it, once no copy of it can arrive any more.
    fn go_on(&mut self, index: usize, code: u32) -> Checked {
        let wants_to_forget = !self.has_task(index) && !self.is_ending && self.random.chance(1, 3);
        if wants_to_forget {
            // A person takes minutes; nothing stays under way for so long.
            self.settle()?;
        }
        // A document that a copy brought in after all is on the site: it is not forgotten.
        let document = self.devices[index].refused_document();
        let is_stored = document.is_some_and(|number| self.books[index].place(number).is_some());
        let device = &mut self.devices[index];
        if !wants_to_forget || is_stored {
            self.journal.write(&self.clock, format_args!("{} goes on", device.id()));
            device.wake();
            return Ok(());
        }
        self.journal.write(&self.clock, format_args!("{} forgets the refused document", device.id()));
        device.forget();
        self.tally.forgotten += 1;
        let made = document.and_then(|number| self.books[index].made.get_mut(&number));
        if let Some(made) = made {
            made.fate = Fate::Refused(code);
        }
        Ok(())
    }

    /// What is under way to the store lands or vanishes.
    pub(super) fn settle(&mut self) -> Checked {
        self.cluster.gateways.iter().for_each(|gateway| gateway.store.settle());
        self.observe()
    }
}
