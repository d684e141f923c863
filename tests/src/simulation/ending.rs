//! The end of a run: the faults stop, every register settles, and everything is compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::executor::block_on;
use ofd_admin_web::carry_over;
use ofd_gateway::verify;
use ofd_loadtest::{Document, ReportKind};
use ofd_protocol::register::Change;
use ofd_storage::accounts::{AUDIT_PAGE_MAX, AuditEntry, Company, audit_rows, load};
use ofd_storage::erased::DynStore;
use ofd_storage::model::{self, RegisterRecord, register_key};
use ofd_storage::registers::{self, ShiftRow};
use ofd_storage::store::{StoreError, StreamKind};

use super::backend::SimBackend;
use super::ledger::{Checked, Fate};
use super::readers::PROBE;
use super::scheduler::Simulation;
use super::weather::Weather;

/// A register has at most 64 queued documents, and each may need a few tries.
const EXCHANGES_MAX: usize = 400;

/// Receipts with an offline number that are sent once more at the end, of each register.
const REPEATS_MAX: usize = 30;

/// More rows than any shift of a run has.
const ROWS_MAX: usize = 100_000;

/// Long after everything that was begun has ended.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl<B: SimBackend> Simulation<B> {
    /// Lets every register settle and compares what it knows with what is stored.
    pub(super) fn end(&mut self) -> Checked {
        self.is_ending = true;
        self.journal.write(&self.clock, "the faults stop");
        let lands_later = self.random.chance(1, 2);
        if !lands_later {
            self.settle()?;
        }
        for index in 0..self.cluster.gateways.len() {
            self.cluster.gateways[index].store.set_weather(Weather::Calm);
            self.cluster.gateways[index].until_ms = 0;
            if self.cluster.gateways[index].service.is_none() {
                self.cluster.restart(index);
            }
        }
        self.drive()?;
        for index in 0..self.devices.len() {
            self.release(index)?;
            self.settle_device(index)?;
            self.settle()?;
            self.compare_reports(index)?;
            self.compare_documents(index)?;
            self.repeat_offline(index)?;
        }
        self.compare_audits()?;
        self.compare_readers()?;
        self.walk()
    }

    /// People let a register go and give it a token that is good.
    fn release(&mut self, index: usize) -> Checked {
        for change in [Change::Unblock { reason: String::new() }, Change::Paid, Change::Connect] {
            self.begin_change(index, change);
            self.drive()?;
        }
        let device = &mut self.devices[index];
        device.waiting = None;
        device.offline_until_ms = 0;
        device.pause_until_ms = 0;
        if let Some(token) = device.token_given.take() {
            device.register.reset_token(token);
            device.wake();
        }
        if !self.books[index].is_good(self.devices[index].register.state().token) {
            self.begin_change(index, Change::ResetToken);
            self.drive()?;
        }
        Ok(())
    }

    /// The device drains its queue and closes its shift.
    fn settle_device(&mut self, index: usize) -> Checked {
        for _ in 0..EXCHANGES_MAX {
            let codes = self.tally.codes.clone();
            self.devices[index].pause_until_ms = 0;
            self.tick(index)?;
            let register = &self.devices[index].register;
            if self.tasks.is_empty() && register.state().stop.is_none() && !register.is_at_work() {
                return Ok(());
            }
            self.drive()?;
            if self.tally.codes.get(&254) != codes.get(&254) {
                return Err("254 is answered though nothing is wrong".to_owned());
            }
        }
        Err(format!("register {} does not settle", self.devices[index].id()))
    }

    /// X, Z and INFO say what the device counted; what differs is found when it reads the answer.
    fn compare_reports(&mut self, index: usize) -> Checked {
        let documents = [Document::Report(ReportKind::X), Document::Report(ReportKind::Z), Document::Info];
        for document in documents {
            let device = &mut self.devices[index];
            let time = device.time(self.clock.now_ms());
            device.register.begin(document, time).map_err(|error| error.to_string())?;
            self.send(index);
            self.drive()?;
            if self.devices[index].register.flight().is_some() {
                return Err("a report is not answered".to_owned());
            }
        }
        let (own, book) = (self.devices[index].register.totals(), &self.books[index]);
        let lifetime = &book.register().lifetime;
        let non_nullable = [
            own.non_nullable.buy,
            own.non_nullable.buy_return,
            own.non_nullable.sell,
            own.non_nullable.sell_return,
        ];
        if (own.cash, non_nullable) == (lifetime.cash, lifetime.non_nullable) {
            return Ok(());
        }
        Err(format!("register {} has other totals than the server", self.devices[index].id()))
    }

    /// What the device was told is stored is stored, and nothing else.
    fn compare_documents(&mut self, index: usize) -> Checked {
        let id = self.devices[index].id();
        for made in self.books[index].made.values() {
            match (made.fate, made.place) {
                (Fate::Accepted, Some(_)) | (Fate::Refused(_), None) => {}
                (Fate::Pending, _) => return Err(format!("{} of {id} is not settled", made.name)),
                (Fate::Accepted, None) => return Err(format!("{} of {id} is not stored", made.name)),
                (Fate::Refused(code), Some(_)) => {
                    return Err(format!("{} of {id} is stored, and refused with {code}", made.name));
                }
            }
        }
        Ok(())
    }

    /// However late a receipt with an offline number comes again, it gets its answer again (WIRE 13.4).
    fn repeat_offline(&mut self, index: usize) -> Checked {
        let stored = self.books[index].stored();
        for document in self.books[index].offline_receipts().into_iter().take(REPEATS_MAX) {
            let before = self.tally.code(0);
            let gateway = self.random.below(self.cluster.gateways.len());
            self.repeat(gateway, index, document);
            self.drive()?;
            if self.tally.code(0) != before + 1 {
                return Err(format!("the repeat of #{document} is not answered 0"));
            }
        }
        if self.books[index].stored() == stored { Ok(()) } else { Err("a repeat is stored".to_owned()) }
    }

    /// What people changed of registers is in the audits of their organisations, each change once, wherever it ended.
    fn compare_audits(&mut self) -> Checked {
        // Nothing counts as under way any more.
        self.clock.advance(DAY_MS);
        let gateway = self.cluster.gateways.first().ok_or("there is no gateway")?;
        let world = &gateway.world;
        let truth = Arc::clone(self.cluster.truth());
        let (made, told) = block_on(async {
            let store = DynStore::from(Arc::clone(&truth));
            let mut made = Vec::new();
            let mut organisations = BTreeSet::new();
            for device in &self.devices {
                let id = device.id();
                let record = model::load::<RegisterRecord>(&truth, &register_key(id)).await?;
                organisations.extend(record.map(|(_, record)| record.bin));
                for shift in
                    1..=registers::newest(&truth, id).await?.map_or(0, |newest| newest.register.shift_number)
                {
                    for row in registers::shift_rows(&truth, id, shift, None, ROWS_MAX).await? {
                        if let ShiftRow::Change(change) = registers::shift_row(id, shift, &row)? {
                            made.push(change.entry);
                        }
                    }
                }
            }
            let mut told = Vec::new();
            for bin in &organisations {
                carry_over((&store, world), bin).await?;
                let Some(stream) = Company::stream_of(bin) else { continue };
                let left =
                    load::<Company>(&truth, stream).await?.map(|company| company.state.register_changes);
                if let Some(left) = left.filter(|left| !left.is_empty()) {
                    return Ok(Err(format!("{bin} has changes that are not carried over: {left:?}")));
                }
                let mut before = None;
                loop {
                    let rows = audit_rows(&truth, stream, before, AUDIT_PAGE_MAX).await?;
                    let Some(last) = rows.last() else { break };
                    before = Some(last.number);
                    told.extend(rows.into_iter().map(|row| row.entry));
                }
            }
            Ok::<_, StoreError>(Ok((made, told)))
        })
        .map_err(|error| error.to_string())??;
        // What was announced and never made was forestalled, which moves a head.
        self.observe()?;
        let sorted = |mut entries: Vec<AuditEntry>| {
            entries.sort_by_key(|entry| (entry.at.0, format!("{entry:?}")));
            entries
        };
        let (made, told) = (sorted(made), sorted(told));
        self.journal
            .write(&self.clock, format_args!("{} changes of registers are in the audits", told.len()));
        if made == told { Ok(()) } else { Err(format!("made: {made:?}, in the audits: {told:?}")) }
    }

    /// `ofd verify` finds every stored document and no break.
    fn walk(&mut self) -> Checked {
        let mut breaks = Vec::new();
        let truth = self.cluster.truth();
        let of_probe = format!("{:?} {} of ", StreamKind::Figures, PROBE.ordinal);
        let walked = block_on(verify::walk(truth, |found| breaks.push(found.to_string())));
        // The second reader is the simulation's own: no program knows its streams.
        breaks.retain(|found| !found.starts_with(&of_probe));
        let walked = walked.map_err(|error| error.to_string())?;
        if let Some(first) = breaks.first() {
            return Err(format!("verify: {first}"));
        }
        let stored: usize = self.books.iter().map(super::ledger::Book::stored).sum();
        if walked.documents != stored as u64 {
            return Err(format!("{} documents are stored, {stored} are known", walked.documents));
        }
        for (device, book) in self.devices.iter().zip(&self.books) {
            let newest =
                block_on(registers::newest(truth, device.id())).map_err(|error| error.to_string())?;
            if newest.as_ref() != Some(&book.truth) {
                return Err(format!("register {} is not as it was followed", device.id()));
            }
        }
        let (documents, shifts) = (walked.documents, walked.shifts);
        let line =
            format!("{documents} documents in {shifts} shifts, schedule {:016x}", self.journal.schedule());
        self.journal.write(&self.clock, line);
        Ok(())
    }
}
