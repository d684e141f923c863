//! Devices: simulated registers that send, wait, lose answers, go offline and come back.

use std::sync::Arc;

use bytes::Bytes;
use ofd_gateway::service::{Origin, Reply};
use ofd_loadtest::register::kinds::Placement;
use ofd_loadtest::register::totals::OfflineMark;
use ofd_loadtest::{Document, Outcome, Renumber};

use super::backend::SimBackend;
use super::device::Waiting;
use super::ledger::{Checked, Fate, Sent};
use super::replies::{self, Exchange, frame_of, header};
use super::scheduler::{Finished, Purpose, Simulation};

/// Who cannot read the store cannot tell the registration data either.
const WITHOUT_STORE: &str = "result 254 without the service part";

/// So many pass a sale that was set aside. Where tokens do not rotate it is told for so many only (WIRE 13.3).
const PASSING_MAX: u32 = 10;

/// Tills wait 5 seconds at least, often 7.
const PATIENCE_MS: (u64, usize) = (5_000, 2_000);

/// Where all requests come from.
pub(super) const ORIGIN: Origin =
    Origin { address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), is_tls: false };

impl<B: SimBackend> Simulation<B> {
    /// Lets a device do what is next.
    pub(super) fn tick(&mut self, index: usize) -> Checked {
        let now = self.clock.now_ms();
        let device = &mut self.devices[index];
        if let Some(waiting) = &device.waiting {
            if waiting.until_ms <= now {
                self.give_up(index);
            }
            return Ok(());
        }
        if let Some(token) = device.token_given.take() {
            self.journal.write(&self.clock, format_args!("{} gets its new token", device.id()));
            device.register.reset_token(token);
            device.wake();
        }
        if device.offline_until_ms > now {
            self.work_offline(index);
            return Ok(());
        }
        if device.pause_until_ms > now {
            return Ok(());
        }
        if device.register.state().stop.is_some() {
            return self.see_to(index);
        }
        let spells = usize::from(self.options.rates.offline_spells);
        if !self.is_ending && self.random.chance(spells, 1000) {
            let spell = 1 + self.random.below(30_000) as u64;
            self.devices[index].offline_until_ms = now + spell;
            self.tally.offline_spells += 1;
            self.journal.write(&self.clock, format_args!("{} has no link", self.devices[index].id()));
            return Ok(());
        }
        if !self.may_go_on(index) {
            return Ok(());
        }
        if self.prepare(index)? {
            self.send(index);
        }
        Ok(())
    }

    /// No answer came: the device will send the document again.
    fn give_up(&mut self, index: usize) {
        let sets_aside = !self.is_ending && self.random.chance(1, 3);
        let device = &mut self.devices[index];
        // The first document of a shift is not passed: the till's own report tells the time of the first it counted.
        // Where tokens do not rotate a sale must come again before too many others.
        let sets_aside = sets_aside
            && device.register.totals().opened.is_some()
            && (self.options.rotate_tokens || device.register.state().queue.is_empty());
        device.waiting = None;
        let request = device.register.flight().map(|flight| flight.request);
        let is_set_aside = sets_aside && device.register.set_aside();
        if is_set_aside {
            device.passed.get_or_insert(0);
            self.tally.set_aside += 1;
        } else {
            device.register.lost();
        }
        if !self.options.rotate_tokens && !is_set_aside {
            device.keep_request(request);
        }
        device.pause_until_ms = self.clock.now_ms() + self.random.below(2_000) as u64;
        self.tally.answers_lost += 1;
        self.journal.write(&self.clock, format_args!("{} waits no longer", device.id()));
    }

    fn work_offline(&mut self, index: usize) {
        let now = self.clock.now_ms();
        // Two of one sum in one second could not be told apart.
        let sum = 1_00 + self.random.below(5_000_00) as i64;
        let (drawn, device) = (self.random.below(100), &mut self.devices[index]);
        let time = device.time(now);
        match drawn {
            0..=9 => {
                let sale = device.register.draw_sale();
                if device.register.begin_offline(sale, time).is_ok() {
                    self.journal.write(&self.clock, format_args!("{} sells without a link", device.id()));
                }
            }
            10 => {
                let deposit = Document::Placement { operation: Placement::Deposit, sum };
                if device.register.begin_offline(deposit, time).is_ok() {
                    self.journal
                        .write(&self.clock, format_args!("{} takes cash without a link", device.id()));
                }
            }
            11 => {
                let fresh = self.random.chance(1, 2) && self.options.rotate_tokens;
                let number = if fresh { Renumber::Fresh } else { Renumber::Keep };
                device.register.resend_offline(number);
            }
            _ => {}
        }
    }

    /// Puts the next document under way; false when there is none.
    fn prepare(&mut self, index: usize) -> Checked<bool> {
        let (ending, now) = (self.is_ending, self.clock.now_ms());
        let closes = self.random.chance(1, 25);
        let (withdraw, deposits) = (self.random.chance(1, 2), self.random.chance(1, 3));
        let passes = !ending && self.random.chance(1, 2);
        let device = &mut self.devices[index];
        let (time, register) = (device.time(now), &mut device.register);
        let refused = |error: ofd_loadtest::RegisterError| error.to_string();
        if register.flight().is_some() {
            return Ok(true);
        }
        if !register.has_set_aside() {
            device.passed = None;
            device.has_waited = false;
        }
        if let Some(passed) = device.passed.as_mut().filter(|passed| passes && **passed < PASSING_MAX)
            && !register.must_ask()
            && !register.must_close()
        {
            *passed += 1;
            let sale = register.draw_sale();
            return register.begin(sale, time).map_err(refused).map(|()| true);
        }
        if register.drain().map_err(refused)? {
            return Ok(true);
        }
        let document = if register.must_ask() {
            Document::Info
        } else if register.must_close() || (ending && register.totals().opened.is_some()) {
            Document::Close { withdraw }
        } else if ending {
            return Ok(false);
        } else if closes {
            Document::Close { withdraw }
        } else if register.totals().cash <= 0 && deposits {
            Document::Placement { operation: Placement::Deposit, sum: 20_000_00 }
        } else {
            register.draw()
        };
        register.begin(document, time).map_err(refused)?;
        Ok(true)
    }

    /// Sends what is under way.
    pub(super) fn send(&mut self, index: usize) {
        let rates = self.options.rates;
        let now = self.clock.now_ms();
        let count = self.cluster.gateways.len();
        if !self.is_ending && self.random.chance(usize::from(rates.switches), 1000) {
            self.devices[index].gateway = self.random.below(count);
        }
        let device = &mut self.devices[index];
        let gateway = device.gateway % count;
        let time = device.time(now);
        let Some(raw) = device.register.request(time).map(Bytes::copy_from_slice) else { return };
        let Some(flight) = device.register.flight() else { return };
        let document = device.document();
        let name = match document {
            Some(number) => format!("{} #{number}", flight.document.command()),
            None => flight.document.command().to_string(),
        };
        let (date_time, has_offline_number) = (flight.date_time, flight.offline_number.is_some());
        if let Some(document) = document {
            let sent = Sent { document, is_offline: flight.mark != OfflineMark::Absent, date_time };
            self.books[index].sent(&raw, sent, &name);
        }
        device.last_frame = Some(raw.clone());
        let since = self.writes;
        let exchange = Exchange { device: index, raw, name, document, date_time, has_offline_number, since };
        let mut tasks: Vec<u64> = self.ask(gateway, exchange.clone()).into_iter().collect();
        if !self.is_ending && self.random.chance(usize::from(rates.duplicates), 1000) {
            self.tally.duplicates += 1;
            let other = (gateway + 1) % count;
            tasks.extend(self.ask(other, exchange));
        }
        let until_ms = now + PATIENCE_MS.0 + self.random.below(PATIENCE_MS.1) as u64;
        if tasks.is_empty() {
            self.give_up(index);
            // The next one up is tried then.
            self.devices[index].gateway = gateway + 1;
        } else {
            self.devices[index].waiting = Some(Waiting { tasks, until_ms });
        }
    }

    /// A request goes to a gateway; `None` when it is down.
    pub(super) fn ask(&mut self, gateway: usize, exchange: Exchange) -> Option<u64> {
        let asked = header(&exchange.raw);
        let (at, name) = (self.cluster.gateways[gateway].name, &exchange.name);
        let Some(service) = self.cluster.gateways[gateway].service.as_ref().map(Arc::clone) else {
            self.journal.write(&self.clock, format_args!("{} {name} finds {at} down", asked.register));
            return None;
        };
        let is_slow = self.random.chance(usize::from(self.options.rates.slow_links), 1000);
        let delay = if is_slow && !self.is_ending { self.random.below(12_000) as u64 } else { 0 };
        let (version, request) = (asked.version, asked.request.0);
        let line = format!("{} {name} v{version} req {request} to {at}", asked.register);
        self.journal.write(&self.clock, line);
        let raw = exchange.raw.clone();
        let future = async move { Finished::Reply(service.handle(&raw, ORIGIN).await) };
        Some(self.begin(gateway, Purpose::Exchange(exchange), self.clock.now_ms() + delay, future))
    }

    /// An answer leaves a gateway: it is judged, and reaches the device unless it is lost or came too late.
    pub(super) fn answered(
        &mut self,
        task: u64,
        gateway: usize,
        exchange: &Exchange,
        reply: &Reply,
    ) -> Checked {
        let index = exchange.device;
        let (book, truth) = (&self.books[index], self.cluster.truth());
        let judged = replies::judge(book, truth, exchange, reply, self.latest);
        let code = futures::executor::block_on(judged)?;
        self.tally.count_code(code);
        let id = self.devices[index].id();
        let place = exchange.document.and_then(|number| book.made.get(&number)?.place);
        let place = place.map_or(String::new(), |place| format!(" at {}/{}", place.shift, place.number));
        let name = &exchange.name;
        let at = self.cluster.gateways[gateway].name;
        let line = format!("{id} {name} from {at} -> {code}{place}");
        let waits = self.devices[index].waiting.as_ref().is_some_and(|waiting| waiting.tasks.contains(&task));
        if !waits {
            self.journal.write(&self.clock, format_args!("{line}, too late"));
            return Ok(());
        }
        if !self.is_ending && self.random.chance(usize::from(self.options.rates.answers_lost), 1000) {
            self.journal.write(&self.clock, format_args!("{line}, lost on the way"));
            return Ok(());
        }
        // A device drops the document at 11, so it does not do so while a copy is still on a slow link: such a copy
        // is no concern of the server's.
        if code == 11 && self.has_copy(exchange) {
            self.journal.write(&self.clock, format_args!("{line}, with a copy on the way"));
            return Ok(());
        }
        self.journal.write(&self.clock, line);
        self.take(exchange, reply)
    }

    fn has_copy(&self, exchange: &Exchange) -> bool {
        self.tasks.iter().any(|task| match &task.purpose {
            Purpose::Exchange(other) => {
                other.device == exchange.device && other.document == exchange.document
            }
            Purpose::Change { .. } | Purpose::Stranger(_) | Purpose::Reading(_) => false,
        })
    }

    /// Whether any request of a device is on its way or being served.
    pub(super) fn has_task(&self, index: usize) -> bool {
        self.tasks.iter().any(|task| match &task.purpose {
            Purpose::Exchange(exchange) => exchange.device == index,
            Purpose::Change { .. } | Purpose::Stranger(_) | Purpose::Reading(_) => false,
        })
    }

    /// Whether the device may send a new document while copies of the one before are on slow links.
    ///
    /// Such a copy comes under a token that is not good any more, unless tokens do not rotate, or the document
    /// before was a retry after a token reset: then the next document comes under the same token, and nothing in the
    /// protocol tells the old copy from a new document.
    ///
    /// Nor may it while a sale is set aside, since what passes it comes under the same token.
    fn may_go_on(&self, index: usize) -> bool {
        if self.devices[index].passed.is_some() && self.has_task(index) {
            return false;
        }
        let is_retry = self.devices[index].register.flight().is_some();
        let rotates = self.options.rotate_tokens && self.books[index].register().tokens.kept.is_some();
        is_retry || rotates || !self.has_task(index)
    }

    /// The device reads the answer.
    fn take(&mut self, exchange: &Exchange, reply: &Reply) -> Checked {
        let index = exchange.device;
        let pause = self.random.below(300) as u64;
        let device = &mut self.devices[index];
        device.waiting = None;
        device.pause_until_ms = self.clock.now_ms() + pause;
        let flight = device.register.flight().cloned();
        let outcome = device.register.take(&frame_of(reply));
        let mut findings = device.register.take_findings().into_iter();
        if let Some(finding) = findings.find(|finding| !finding.contains(WITHOUT_STORE)) {
            return Err(format!("the device finds: {finding}"));
        }
        device.refused = flight.filter(|_| device.register.state().stop.is_some());
        let made = exchange.document.and_then(|number| self.books[index].made.get_mut(&number));
        match (outcome, made) {
            (Outcome::Accepted(_), Some(made)) => {
                made.fate = Fate::Accepted;
                made.offline_frame = exchange.has_offline_number.then(|| exchange.raw.clone());
            }
            // Under a token that was reset nothing is said of the document.
            (Outcome::Refused(answer), _) if answer.code == 2 => {}
            (Outcome::CloseFirst(answer) | Outcome::Refused(answer), Some(made)) => {
                if made.place.is_some() {
                    return Err(format!("{} is stored, and refused with {}", made.name, answer.code));
                }
                // A device that stopped keeps the document; a person decides what becomes of it.
                if answer.code == 11 {
                    made.fate = Fate::Refused(11);
                }
            }
            (Outcome::Accepted(_) | Outcome::CloseFirst(_) | Outcome::Refused(_) | Outcome::Later(_), _) => {}
            (Outcome::Unreadable(what), _) => return Err(format!("the device cannot read: {what}")),
        }
        Ok(())
    }
}
