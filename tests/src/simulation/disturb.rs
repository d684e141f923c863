//! What happens besides: weather, crashes, clocks, evictions, people, strangers.

use ofd_loadtest::Register;
use ofd_loadtest::register::state::State;
use ofd_protocol::register::Change;

use super::backend::SimBackend;
use super::ledger::Checked;
use super::scheduler::Simulation;
use super::weather::Weather;

/// A gateway's clock is rarely wrong by more, in milliseconds.
const SKEW_MS_MAX: usize = 10_000;

/// When it is, then by so much. Two clocks are 40 hours apart at most, and with one long wait still within the 72 hours
/// in which a sale that was set aside is told.
const SKEW_GREAT_MS_MAX: usize = 20 * 3600 * 1000;

impl<B: SimBackend> Simulation<B> {
    /// Something happens; what, is drawn.
    pub(super) fn disturb(&mut self) -> Checked {
        let gateway = self.random.below(self.cluster.gateways.len());
        let device = self.random.below(self.devices.len());
        match self.random.below(125) {
            0..=19 => self.blow(gateway),
            20..=26 => self.crash(gateway),
            27..=28 => self.crash_all()?,
            29..=48 => self.evict(gateway, device),
            49..=56 => self.set_clock(gateway),
            57..=58 => self.set_device_clock(device),
            59..=61 => self.wait_long()?,
            62..=71 => self.order(device),
            72..=75 => self.install_anew(device),
            76..=83 => {
                let receipts = self.books[device].offline_receipts();
                if !receipts.is_empty() {
                    let number = *self.random.pick(&receipts);
                    self.repeat(gateway, device, number);
                }
            }
            84..=99 => self.stranger(gateway, device),
            _ => self.begin_reading(gateway, device),
        }
        Ok(())
    }

    fn blow(&mut self, index: usize) {
        let weather = if self.random.chance(1, 8) { Weather::Outage } else { Weather::Storm };
        let is_long = self.random.chance(usize::from(self.options.rates.long_storms), 1000);
        let lasts = match weather {
            Weather::Storm if is_long => u64::MAX,
            Weather::Calm | Weather::Storm => self.clock.now_ms() + self.random.below(60_000) as u64,
            Weather::Outage => self.clock.now_ms() + self.random.below(10_000) as u64,
        };
        let gateway = &mut self.cluster.gateways[index];
        if gateway.service.is_none() {
            return;
        }
        gateway.until_ms = lasts;
        gateway.store.set_weather(weather);
        self.journal.write(&self.clock, format_args!("{} has weather: {weather:?}", gateway.name));
    }

    fn crash(&mut self, index: usize) {
        if self.cluster.gateways[index].service.is_none() {
            return;
        }
        self.tally.crashes += 1;
        let down = self.random.below(10_000) as u64;
        self.journal.write(&self.clock, format_args!("{} dies", self.cluster.gateways[index].name));
        self.drop_tasks(Some(index));
        self.cluster.crash(index, down);
    }

    fn crash_all(&mut self) -> Checked {
        self.tally.crashes_of_all += 1;
        self.journal.write(&self.clock, "everything dies");
        self.drop_tasks(None);
        self.cluster.crash_all();
        self.observe()
    }

    fn evict(&mut self, gateway: usize, device: usize) {
        let (gateway, id) = (&self.cluster.gateways[gateway], self.devices[device].id());
        if let Some(service) = &gateway.service {
            self.journal.write(&self.clock, format_args!("{} forgets {id}", gateway.name));
            service.forget(id);
        }
    }

    fn set_clock(&mut self, index: usize) {
        // A write that is under way when shifts suddenly are too old is what refusals by the clock are fenced for.
        let is_owed = self.cluster.gateways.iter().any(|gateway| gateway.store.is_owed());
        let is_great = self.random.chance(if is_owed { 5 } else { 1 }, 6);
        let most = if is_great { SKEW_GREAT_MS_MAX } else { SKEW_MS_MAX };
        let skew = self.random.below(2 * most) as i64 - most as i64;
        let gateway = &self.cluster.gateways[index];
        gateway.world.set_skew(skew);
        self.journal.write(&self.clock, format_args!("the clock of {} is {skew} ms ahead", gateway.name));
    }

    fn set_device_clock(&mut self, index: usize) {
        let most = if self.random.chance(1, 2) { SKEW_GREAT_MS_MAX } else { SKEW_MS_MAX };
        let device = &mut self.devices[index];
        device.skew_ms = self.random.below(2 * most) as i64 - most as i64;
        let (id, skew) = (device.id(), device.skew_ms);
        self.journal.write(&self.clock, format_args!("the clock of {id} is {skew} ms ahead"));
    }

    /// Hours pass, in which nothing is sent; what was under way to the store has landed or vanished by then.
    fn wait_long(&mut self) -> Checked {
        // What was sent without an answer waits once.
        if self.devices.iter().any(|device| device.has_unanswered() && device.has_waited) {
            return Ok(());
        }
        self.devices.iter_mut().for_each(|device| device.has_waited = device.has_unanswered());
        self.settle()?;
        let minutes = 10 + self.random.below(26 * 60) as u64;
        self.journal.write(&self.clock, format_args!("{minutes} minutes pass"));
        self.tally.long_waits += 1;
        self.pass(minutes * 60_000);
        Ok(())
    }

    fn order(&mut self, device: usize) {
        let change = match self.random.below(13) {
            0..=2 => Change::Block { reason: "қарыз".to_owned() },
            3..=4 => Change::Unblock { reason: "төленді".to_owned() },
            5..=6 => Change::Disconnect,
            7 => Change::Connect,
            8..=9 => Change::Unpaid { reason: String::new() },
            10 => Change::Paid,
            _ => Change::ResetToken,
        };
        self.begin_change(device, change);
    }

    /// A till is installed anew: it counts its requests from 1 again, and may have lost its counters.
    fn install_anew(&mut self, index: usize) {
        let device = &mut self.devices[index];
        let old = device.register.state();
        let is_idle = device.waiting.is_none() && old.flight.is_none() && old.queue.is_empty();
        // Where tokens do not rotate a number that was used before means a retry, and another document under it is
        // refused with 9 (WIRE 13.2).
        if !self.options.rotate_tokens || !is_idle || old.stop.is_some() {
            return;
        }
        let mut state = State { request: 0, ..old.clone() };
        let identity = device.register.identity().clone();
        // A report shows 0 for cash below zero: whoever takes that over counts on from a wrong number.
        let is_empty = self.random.chance(1, 2) && self.books[index].register().lifetime.cash >= 0;
        if is_empty {
            let fresh = State::new(&identity, state.version, self.random.draw());
            // The number of documents tells them apart in the ledger.
            state = State { token: state.token, number: state.number, ..fresh };
        }
        device.register = Register::with_state(identity, state);
        let what = if is_empty { " and empty" } else { "" };
        self.journal.write(&self.clock, format_args!("{} is installed anew{what}", device.id()));
    }
}
