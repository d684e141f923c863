//! At which state of something a form was opened.

use std::fmt;

/// The revision that a form was opened at. One that is missing or damaged is that of no state, so that what the form says
/// is never written over what nobody has compared it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(Option<u32>);

impl Revision {
    /// As a form brings it.
    pub fn read(text: &str) -> Self {
        Self(text.parse().ok())
    }

    /// Whether what is kept is still as the form showed it.
    pub fn is(self, kept: u32) -> bool {
        self.0 == Some(kept)
    }
}

impl From<u32> for Revision {
    fn from(kept: u32) -> Self {
        Self(Some(kept))
    }
}

/// As a form carries it; one of no state stays one.
impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |revision| revision.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_revision_is_that_of_no_state() {
        for damaged in ["", "x", "-1", "1.0", "4294967296"] {
            let read = Revision::read(damaged);
            assert!(![0, 1, u32::MAX].into_iter().any(|kept| read.is(kept)), "{damaged}");
            assert_eq!(Revision::read(&read.to_string()), read, "shown again it is none either");
        }
        assert!(Revision::read("7").is(7) && !Revision::from(7).is(8));
        assert_eq!(Revision::from(7).to_string(), "7");
    }
}
