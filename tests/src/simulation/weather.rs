//! A gateway's way to the store: calm, stormy or cut off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ofd_storage::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use ofd_storage::store::Store;
use ofd_storage::through;

/// How the store treats a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Every call is done as it came.
    Calm = 0,
    /// Calls are lost, delayed and refused by the rates of the run.
    Storm = 1,
    /// Every call is refused.
    Outage = 2,
}

impl Weather {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Calm, Self::Storm, Self::Outage];

    fn rates(self, storm: FaultRates) -> FaultRates {
        match self {
            Self::Calm => FaultRates::default(),
            Self::Storm => storm,
            Self::Outage => FaultRates { refused: 1000, read_refused: 1000, ..FaultRates::default() },
        }
    }
}

/// A store whose faults can be switched on and off while it is used.
pub struct SimStore<S> {
    faces: [Faulty<Arc<S>>; 3],
    weather: AtomicU8,
}

impl<S: Store> SimStore<S> {
    /// A way to `inner` for the gateway `name`, calm at first.
    pub fn new(
        inner: &Arc<S>,
        name: &'static str,
        seed: u64,
        storm: FaultRates,
        sharing: Sharing,
        journal: &FaultJournal,
    ) -> Self {
        let faces = Weather::ALL.map(|weather| {
            let seed = seed.wrapping_add(weather as u64);
            Faulty::new(Arc::clone(inner), name, seed, weather.rates(storm), journal.clone()).sharing(sharing)
        });
        Self { faces, weather: AtomicU8::new(Weather::Calm as u8) }
    }

    /// The weather now.
    pub fn weather(&self) -> Weather {
        Weather::ALL[usize::from(self.weather.load(Ordering::Relaxed))]
    }

    /// Lets the weather change; calls that are under way keep theirs.
    pub fn set_weather(&self, weather: Weather) {
        self.weather.store(weather as u8, Ordering::Relaxed);
    }

    /// Whether writes are under way of which nobody knows when they land.
    pub fn is_owed(&self) -> bool {
        self.faces.iter().any(|face| face.under_way() > 0)
    }

    /// Time enough passes: what is under way lands or vanishes, by seed.
    pub fn settle(&self) {
        self.faces.iter().for_each(Faulty::crash);
    }

    /// What is under way lands.
    pub fn land_all(&self) {
        self.faces.iter().for_each(Faulty::land_all);
    }

    fn face(&self) -> &Faulty<Arc<S>> {
        &self.faces[self.weather() as usize]
    }
}

impl<S: Store> through::Through for SimStore<S> {
    type Inner = Faulty<Arc<S>>;

    fn inner(&self) -> &Faulty<Arc<S>> {
        self.face()
    }
}
