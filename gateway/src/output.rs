//! What the binary says to whoever started it.

use std::io::Write;

/// A line on standard output. A closed pipe is no fault of ours.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line on standard error.
pub(crate) fn say_error(line: &str) {
    let _ = writeln!(std::io::stderr(), "ofd: {line}");
}
