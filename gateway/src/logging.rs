//! Structured logs: for people on a terminal, or JSON for machines.

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// A filter in the environment wins over the config's.
const FILTER_ENV: &str = "OFD_LOG";

/// Starts logging to standard error. A second call changes nothing.
///
/// # Errors
/// What is wrong with the filter.
pub fn start(config: &LogConfig) -> Result<(), String> {
    let filter = std::env::var(FILTER_ENV).unwrap_or_else(|_| config.filter.clone());
    let filter = EnvFilter::try_new(&filter)
        .map_err(|error| format!("the log filter {filter:?} is wrong: {error}"))?;
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // Tests start several servers in one process; the first one's log serves all.
    drop(started);
    Ok(())
}
