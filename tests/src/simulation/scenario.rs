//! Scenarios that chance finds too rarely: the same devices and checks, with the order of events written down.

use ofd_loadtest::Document;
use ofd_loadtest::register::kinds::Placement;
use ofd_storage::faulty::FaultRates;

use super::Outcome;
use super::backend::{InMemory, SimBackend};
use super::ledger::Checked;
use super::options::{Rates, SimOptions};
use super::scheduler::Simulation;
use super::weather::Weather;

/// A try of a document is under way to the store and its outcome not known; a day later the document is refused since
/// its shift is too old, and dropped by the device. The first try must not land any more.
pub fn a_try_under_way_when_the_clock_refuses() -> Outcome {
    let storm = FaultRates { late: 1000, ..FaultRates::default() };
    let rates = Rates { storm, ..Rates::calm() };
    let options = SimOptions { seed: 1, registers: 1, gateways: 1, steps: 0, rotate_tokens: true, rates };
    let mut simulation = Simulation::new(options, InMemory).expect("a store without faults starts");
    let violation = play(&mut simulation).and_then(|()| simulation.end()).err();
    simulation.close(violation)
}

fn play(simulation: &mut Simulation<InMemory>) -> Checked {
    simulation.is_ending = true;
    simulation.tick(0)?;
    simulation.drive()?;
    deposit(simulation)?;
    simulation.cluster.gateways[0].store.set_weather(Weather::Storm);
    deposit(simulation)?;
    simulation.cluster.gateways[0].store.set_weather(Weather::Calm);
    simulation.pass(25 * 3600 * 1000);
    simulation.send(0);
    simulation.drive()?;
    if (simulation.tally.code(254), simulation.tally.code(11)) != (1, 1) {
        return Err("the scenario did not come about".to_owned());
    }
    simulation.cluster.gateways[0].store.land_all();
    simulation.observe()
}

/// The device puts cash in, and sends that once.
fn deposit(simulation: &mut Simulation<InMemory>) -> Checked {
    let time = simulation.devices[0].time(simulation.clock.now_ms());
    let document = Document::Placement { operation: Placement::Deposit, sum: 1_000_00 };
    simulation.devices[0].register.begin(document, time).map_err(|error| error.to_string())?;
    simulation.send(0);
    simulation.drive()
}

/// How long a bad hour lasts.
const HOUR_MS: u64 = 3600 * 1000;

/// For an hour every answer comes after 6 s, and the till gives up after 5: it sets each sale aside and lets the next
/// pass. Then the link is good again, and it sends its queue. Everything sold is stored once.
pub fn an_hour_in_which_every_answer_comes_after_6_s<B: SimBackend>(backend: B) -> Outcome {
    let rates = Rates::calm();
    let options = SimOptions { seed: 2, registers: 1, gateways: 1, steps: 0, rotate_tokens: true, rates };
    let mut simulation = Simulation::new(options, backend).expect("a store without faults starts");
    let violation = play_late_answers(&mut simulation).and_then(|()| simulation.end()).err();
    simulation.close(violation)
}

fn play_late_answers<B: SimBackend>(simulation: &mut Simulation<B>) -> Checked {
    simulation.is_ending = true;
    simulation.tick(0)?;
    simulation.drive()?;
    let (mut sold, end) = (0_u64, simulation.clock.now_ms() + HOUR_MS);
    while simulation.clock.now_ms() < end {
        sell(simulation)?;
        sold += 1;
        // Nobody waits for the answer any more when it comes.
        simulation.devices[0].waiting = None;
        simulation.pass(6_000);
        simulation.drive()?;
        if !simulation.devices[0].register.set_aside() {
            return Err("a sale cannot be set aside".to_owned());
        }
    }
    let documents = simulation.books[0].register().documents;
    if u64::from(documents) != sold {
        return Err(format!("{sold} were sold, {documents} are stored"));
    }
    while simulation.devices[0].register.drain().map_err(|error| error.to_string())? {
        simulation.send(0);
        simulation.drive()?;
        if simulation.devices[0].register.flight().is_some() {
            return Err("a sale of the queue is not answered".to_owned());
        }
    }
    let register = simulation.books[0].register();
    if u64::from(register.documents) != sold {
        return Err(format!("{sold} were sold, {} are stored after the queue", register.documents));
    }
    Ok(())
}

/// The device sells, and sends that once.
fn sell<B: SimBackend>(simulation: &mut Simulation<B>) -> Checked {
    let time = simulation.devices[0].time(simulation.clock.now_ms());
    let sale = simulation.devices[0].register.draw_sale();
    simulation.devices[0].register.begin(sale, time).map_err(|error| error.to_string())?;
    simulation.send(0);
    Ok(())
}
