//! Declarations of addresses with the rights of this site.

use ofd_office::rights::Right;

use crate::routes;

/// What it takes to open an address of the site.
pub type Access = routes::Access<Right>;

/// An address of the site.
pub type Route = routes::Route<Right>;
