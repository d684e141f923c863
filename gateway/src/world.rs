//! The system's clock and generator, for everything that runs outside of tests.

use ofd_edge::{DRAWN_LEN, World};
use ofd_protocol::types::UnixMillis;

use crate::clock;

/// The system's clock and generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemWorld;

impl World for SystemWorld {
    fn now(&self) -> UnixMillis {
        clock::now()
    }

    #[expect(
        clippy::expect_used,
        reason = "without randomness tokens could be guessed; no request may be served then"
    )]
    fn draw(&self) -> [u8; DRAWN_LEN] {
        let mut drawn = [0; DRAWN_LEN];
        getrandom::fill(&mut drawn).expect("the system's random generator works");
        drawn
    }
}
