//! Families whose numbers are stored, each declared once with the list of all: whoever walks over everything walks over
//! that list, so that nothing new is passed over.

/// Declares such a family. Numbers are never reused, and stand in their order.
macro_rules! kinds {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident {
            $($(#[$about_one:meta])* $one:ident = $number:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        $visible enum $name {
            $($(#[$about_one])* $one = $number,)+
        }

        impl $name {
            /// Every kind, in the order of the numbers.
            $visible const ALL: &'static [Self] = &[$(Self::$one,)+];

            /// The number that is stored.
            #[must_use]
            $visible fn number(self) -> u8 {
                self as u8 // `repr(u8)`: the cast is the definition
            }

            /// The kind of a stored number; `None` when this program knows none.
            #[must_use]
            $visible fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.number() == number)
            }
        }
    };
}

pub(crate) use kinds;
