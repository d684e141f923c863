//! Scenarios that chance finds too rarely: the same devices and checks, with the order of events written down.

use ofd_loadtest::Document;
use ofd_loadtest::register::kinds::Placement;
use ofd_storage::faulty::FaultRates;

use super::Outcome;
use super::backend::InMemory;
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
