//! The folders of fjall's keyspaces, looked at before fjall opens them.
//!
//! fjall believes the list of tables that a keyspace has: what is not on it is removed as left over, and a keyspace that
//! the keyspace of keyspaces does not name is removed as a whole. The list has a checksum that fjall writes and never
//! reads; one flipped bit in it could cost all that is stored. And where fjall panics while it opens a keyspace it holds a
//! lock that its destructor asks for: the second panic ends the process.

use std::fs;
use std::io;
use std::path::Path;

use lsm_tree::SequenceNumberCounter;
use xxhash_rust::xxh3::xxh3_128;

use super::fault::{corrupt, read_error};
use crate::store::StoreError;

/// The folder with a folder for each keyspace, which is named by a number.
const FOLDER: &str = "keyspaces";

/// The file that names the list of tables: its number, its checksum, and the kind of that, of which there is one.
const CURRENT: &str = "current";
const CURRENT_LEN: usize = 8 + 16 + 1;

/// Refuses a store whose keyspaces fjall would misread. A new store has none yet.
pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    let folder = path.join(FOLDER);
    if !folder.is_dir() {
        return Ok(());
    }
    let mut keyspaces = Vec::new();
    for entry in folder.read_dir().map_err(|error| failed(error, path))? {
        let entry = entry.map_err(|error| failed(error, path))?;
        if entry.file_type().map_err(|error| failed(error, path))?.is_file() {
            continue;
        }
        let name = entry.file_name();
        if name.to_str().and_then(|name| name.parse::<u64>().ok()).is_none() {
            return Err(corrupt(path, &format!("its folder {FOLDER}/{} is no keyspace", name.display())));
        }
        // Without this file it was never finished.
        if entry.path().join(CURRENT).is_file() {
            check_list(path, &entry.path())?;
            keyspaces.push(entry.path());
        }
    }
    // Only now: opening a keyspace removes what its list does not name.
    for keyspace in keyspaces {
        let (next, seen) = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
        // What panics here does so without the lock. Errors are left to fjall, which meets them again.
        drop(lsm_tree::Config::new(keyspace, next, seen).open());
    }
    Ok(())
}

/// A keyspace's list of tables is the one that was written.
fn check_list(path: &Path, keyspace: &Path) -> Result<(), StoreError> {
    let current = keyspace.join(CURRENT);
    let told = |file: &Path, what: &str| {
        corrupt(path, &format!("its file {} {what}", file.strip_prefix(path).unwrap_or(file).display()))
    };
    let bytes = fs::read(&current).map_err(|error| failed(error, path))?;
    let parts = bytes.split_first_chunk::<8>().and_then(|(number, rest)| {
        let (checksum, rest) = rest.split_first_chunk::<16>()?;
        (rest == [0]).then(|| (u64::from_le_bytes(*number), u128::from_le_bytes(*checksum)))
    });
    let Some((number, checksum)) = parts else {
        return Err(told(&current, &format!("is not {CURRENT_LEN} bytes that end with 0")));
    };
    let list = keyspace.join(format!("v{number}"));
    match fs::read(&list) {
        Ok(bytes) if xxh3_128(&bytes) == checksum => Ok(()),
        Ok(_) => Err(told(&list, "has another checksum than it was written with")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(told(&list, "is missing")),
        Err(error) => Err(failed(error, path)),
    }
}

fn failed(error: io::Error, path: &Path) -> StoreError {
    read_error(error.into(), "reading the keyspaces of", path)
}
