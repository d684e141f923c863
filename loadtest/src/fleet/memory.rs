//! The fleet's memory between runs: `<fleet>.state` beside the fleet file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ofd_protocol::types::RegisterId;
use serde::{Deserialize, Serialize};

use super::Fleet;
use super::error::FleetError;
use super::files::{beside, write_whole};
use super::tokens::{Slot, TokenFile};
use crate::identity::Identity;
use crate::register::Register;
use crate::register::state::State;

/// The form of the file; another one is not read.
const FORMAT: u32 = 1;

/// Whether a run ended, or was cut off, after it wrote the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// Registers went on after the file was written.
    Running,
    /// It is the last word.
    Clean,
}

#[derive(Serialize, Deserialize)]
struct StateFile {
    format: u32,
    ending: Ending,
    registers: BTreeMap<RegisterId, State>,
}

/// How the registers of a fleet were set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resumed {
    /// Registers without memory: they ask INFO first.
    pub fresh: usize,
    /// Registers that go on exactly where they stopped.
    pub exact: usize,
    /// Registers whose memory is older than their documents: they take over what INFO shows.
    pub stale: usize,
}

/// The state file of a fleet file.
pub fn state_path(fleet: &Path) -> PathBuf {
    beside(fleet, ".state")
}

/// The token file of a fleet file.
pub fn tokens_path(fleet: &Path) -> PathBuf {
    beside(fleet, ".tokens")
}

/// Writes the memory of `registers`.
///
/// # Errors
/// [`FleetError::Write`].
pub fn write(
    fleet: &Path,
    registers: impl Iterator<Item = (RegisterId, State)>,
    ending: Ending,
) -> Result<(), FleetError> {
    let path = state_path(fleet);
    let file = StateFile { format: FORMAT, ending, registers: registers.collect() };
    let failed = |source| FleetError::Write { path: path.clone(), source };
    let bytes = serde_json::to_vec(&file).map_err(|error| failed(error.into()))?;
    write_whole(&path, &bytes).map_err(failed)
}

/// Sets up every register of a fleet from what earlier runs left.
///
/// # Errors
/// [`FleetError`] when a file is there that cannot be read.
pub fn resume(
    path: &Path,
    fleet: &Fleet,
    version: u16,
    seed: u64,
) -> Result<(Vec<Register>, Resumed), FleetError> {
    let (mut saved, ending) = read(path)?;
    let slots = TokenFile::read(&tokens_path(path));
    let mut resumed = Resumed::default();
    let registers = fleet
        .registers()
        .map(|identity| {
            let slot = slots.get(&identity.id).copied().filter(|slot| slot.given == identity.token);
            let state = match saved.remove(&identity.id) {
                Some(state) => go_on(state, &identity, version, slot, ending, &mut resumed),
                None => {
                    resumed.fresh = resumed.fresh.saturating_add(1);
                    let mut state = State::new(&identity, version, seed);
                    if let Some(slot) = slot {
                        (state.token, state.request, state.accepted) =
                            (slot.token, slot.request, slot.accepted);
                    }
                    state
                }
            };
            Register::with_state(identity, state)
        })
        .collect();
    Ok((registers, resumed))
}

fn read(fleet: &Path) -> Result<(BTreeMap<RegisterId, State>, Ending), FleetError> {
    let path = state_path(fleet);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((BTreeMap::new(), Ending::Clean));
        }
        Err(source) => return Err(FleetError::Read { path, source }),
    };
    let parse = |source| FleetError::Parse { path: path.clone(), what: "state file of this version", source };
    let file: StateFile = serde_json::from_slice(&bytes).map_err(parse)?;
    if file.format != FORMAT {
        let other = serde::de::Error::custom(format!("format {} is not {FORMAT}", file.format));
        return Err(parse(other));
    }
    Ok((file.registers, file.ending))
}

fn go_on(
    mut state: State,
    identity: &Identity,
    version: u16,
    slot: Option<Slot>,
    ending: Ending,
    resumed: &mut Resumed,
) -> State {
    state.version = version;
    // A register that was stopped starts again: whoever starts a run has looked at it.
    if state.stop.take().is_some() {
        state.distrust();
    }
    if state.token_given != identity.token {
        (state.token_given, state.token) = (identity.token, identity.token);
    }
    let in_flight = state.flight.as_ref().map(|flight| flight.request.0);
    let exact = match (ending, slot) {
        (Ending::Clean, _) => true,
        (Ending::Running, Some(slot)) => {
            slot.accepted == state.accepted && (!slot.busy || in_flight == Some(slot.request))
        }
        (Ending::Running, None) => false,
    };
    if exact {
        resumed.exact = resumed.exact.saturating_add(1);
    } else {
        if let Some(slot) = slot {
            (state.token, state.request, state.accepted) = (slot.token, slot.request, slot.accepted);
        }
        state.distrust();
        resumed.stale = resumed.stale.saturating_add(1);
    }
    state
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::Token;

    use super::*;
    use crate::clock;
    use crate::register::document::Document;
    use crate::register::state::Known;

    fn fleet_file() -> (tempfile::TempDir, PathBuf, Fleet) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.json");
        let fleet = Fleet::of_size(3, 1);
        fleet.write(&path).unwrap();
        (folder, path, fleet)
    }

    fn save(path: &Path, registers: &[Register], ending: Ending) {
        let states = registers.iter().map(|register| (register.identity().id, register.state().clone()));
        write(path, states, ending).unwrap();
    }

    #[test]
    fn a_second_run_goes_on_where_the_first_stopped() {
        let (_folder, path, fleet) = fleet_file();
        assert_eq!(Fleet::read(&path).unwrap(), fleet);
        let (mut registers, resumed) = resume(&path, &fleet, 203, 9).unwrap();
        assert_eq!(resumed, Resumed { fresh: 3, exact: 0, stale: 0 });
        let sale = registers[1].draw_sale();
        registers[1].begin(sale, clock::now()).unwrap();
        let queued = registers[1].draw_sale();
        registers[1].begin_offline(queued, clock::now()).unwrap();
        save(&path, &registers, Ending::Clean);
        let (mut again, resumed) = resume(&path, &fleet, 203, 9).unwrap();
        assert_eq!(resumed, Resumed { fresh: 0, exact: 3, stale: 0 });
        assert_eq!(again[1].state(), registers[1].state());
        let now = clock::now();
        assert_eq!(again[1].request(now).unwrap(), registers[1].request(now).unwrap());
    }

    #[test]
    fn a_memory_older_than_its_documents_is_not_trusted() {
        let (_folder, path, fleet) = fleet_file();
        let (mut registers, _) = resume(&path, &fleet, 203, 9).unwrap();
        registers[0].begin(Document::System, clock::now()).unwrap();
        save(&path, &registers, Ending::Running);
        let tokens = TokenFile::open(&tokens_path(&path), &registers).unwrap();
        tokens.put(0, &registers[0], true).unwrap();
        tokens.put(1, &registers[1], true).unwrap();
        registers[2].reset_token(Token(77));
        tokens.put(2, &registers[2], false).unwrap();
        let (again, resumed) = resume(&path, &fleet, 203, 9).unwrap();
        // The second was busy with a request that its memory does not hold.
        assert_eq!(resumed, Resumed { fresh: 0, exact: 2, stale: 1 });
        assert_eq!(again[1].state().known, Known::Stale);
        assert!(again[0].flight().is_some());
    }

    #[test]
    fn a_token_given_anew_in_the_fleet_file_is_taken() {
        let (_folder, path, mut fleet) = fleet_file();
        let (registers, _) = resume(&path, &fleet, 203, 9).unwrap();
        save(&path, &registers, Ending::Clean);
        fleet.organisations[0].trade_points[0].registers[0].token = Token(4_242);
        let (again, _) = resume(&path, &fleet, 203, 9).unwrap();
        assert_eq!(again[0].state().token, Token(4_242));
    }

    #[test]
    fn a_broken_state_file_is_named_and_not_overwritten() {
        let (_folder, path, fleet) = fleet_file();
        std::fs::write(state_path(&path), b"{").unwrap();
        let error = resume(&path, &fleet, 203, 9).unwrap_err();
        assert!(error.to_string().contains("fleet.json.state"), "{error}");
    }
}
