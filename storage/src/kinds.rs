//! Families whose numbers or names are stored, each declared once with the list of all: whoever walks over everything
//! walks over that list, so that nothing new is passed over.

/// Declares a family whose numbers are stored. Numbers are never reused, and stand in their order.
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

/// Declares a family whose names are stored: words joined by `_`, which stay as they are whatever the code calls them.
/// With a column, each member also says what it has there.
macro_rules! names {
    (
        $(#[$about:meta])*
        $visible:vis enum $family:ident {
            $($(#[$about_one:meta])* $one:ident = $name:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        $visible enum $family {
            $(
                #[doc = concat!("Stored as `", $name, "`.")]
                $(#[$about_one])*
                #[serde(rename = $name)]
                $one,
            )+
        }

        impl $family {
            /// Every member, in the order of the declaration.
            $visible const ALL: [Self; [$($name),+].len()] = [$(Self::$one,)+];

            /// The name that is stored, and of which the keys of texts are made.
            #[must_use]
            $visible fn name(self) -> &'static str {
                match self {
                    $(Self::$one => $name,)+
                }
            }

            /// The member of a stored name; `None` when this program knows none.
            #[must_use]
            $visible fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.name() == name)
            }
        }
    };
    (
        $(#[$about:meta])*
        $visible:vis enum $family:ident($(#[$about_column:meta])* $column:ident: $kind:ident) {
            $($(#[$about_one:meta])* $one:ident = $name:literal: $value:ident,)+
        }
    ) => {
        $crate::kinds::names! {
            $(#[$about])*
            $visible enum $family {
                $($(#[$about_one])* $one = $name,)+
            }
        }

        impl $family {
            $(#[$about_column])*
            #[must_use]
            $visible fn $column(self) -> $kind {
                match self {
                    $(Self::$one => $kind::$value,)+
                }
            }
        }
    };
}

pub(crate) use {kinds, names};
