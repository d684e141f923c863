//! Declarations of addresses with the rights of this site.

use crate::rights::Right;
use crate::routes;

/// What it takes to open an address of the site.
pub(crate) type Access = routes::Access<Right>;

/// An address of the site.
pub(crate) type Route = routes::Route<Right>;
