//! Reading the text of a config: each line that cannot be read is told, not the first alone.

use serde::de::DeserializeOwned;

use super::problems::Problems;

/// How many lines that cannot be read are told at once.
const LINES_MAX: usize = 20;

/// Reads a config. A line that cannot be read is told and left out, as far as the rest can be read without it; then
/// there is a config all the same, for what else is wrong with it.
pub(super) fn read<T: DeserializeOwned>(text: &str, problems: &mut Problems) -> Option<T> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut left_out: Vec<String> = Vec::new();
    loop {
        let text = lines.join("\n");
        let error = match toml::from_str(&text) {
            Ok(config) => return Some(config),
            Err(error) => error,
        };
        let is_missing = |key: &String| error.message().contains(&format!("missing field `{key}`"));
        if left_out.iter().any(is_missing) {
            // The key is there. Its line could not be read, which was told already.
            return None;
        }
        problems.add("", error.to_string());
        let at =
            error.span().map(|span| text.get(..span.start).map_or(0, |before| before.matches('\n').count()));
        let line = at.and_then(|at| lines.get_mut(at))?;
        // The name of a table is never left out: the lines below it would be read as those of the table before.
        let key =
            line.split_once('=').filter(|_| !line.trim_start().starts_with('[')).map(|(key, _)| key.trim());
        left_out.push(key?.to_owned());
        line.clear();
        if left_out.len() >= LINES_MAX {
            return None;
        }
    }
}
