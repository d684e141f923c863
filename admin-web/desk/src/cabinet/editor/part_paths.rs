//! Where the pages of several things of a kind are, and what metrics call them.

/// Path and name of the pages of a new one, of one, and of the question before it is deleted.
#[derive(Clone, Copy, Debug)]
pub struct PartPaths {
    /// Path and name of each, in that order.
    pub pages: [(&'static str, &'static str); 3],
}

/// The paths under one that leads to all of them, and the names after that of one.
#[macro_export]
macro_rules! part_paths {
    ($path:literal, $name:literal) => {
        $crate::cabinet::editor::PartPaths {
            pages: [
                (concat!($path, "/new"), concat!($name, "_new")),
                (concat!($path, "/{id}"), $name),
                (concat!($path, "/{id}/delete"), concat!($name, "_delete")),
            ],
        }
    };
}
