//! What a node keeps on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Cluster;

impl Cluster {
    /// Bytes of a keyspace's tables on a node's disk, by table. Only a node that was stopped in order has written all of
    /// its memory there.
    pub fn bytes_on_disk(&self, node: usize, keyspace: &str) -> BTreeMap<String, u64> {
        let folder = self.data_folder(node).join(keyspace);
        let tables = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut bytes = BTreeMap::new();
        for table in tables.flatten() {
            let name = table.file_name().to_string_lossy().into_owned();
            // A table's folder is its name, `-` and its id.
            let name = name.split('-').next().unwrap_or(&name).to_owned();
            *bytes.entry(name).or_default() += bytes_below(&table.path());
        }
        bytes
    }
}

/// Bytes of all files in a folder and the folders in it.
pub fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of_entry = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(of_entry).sum()
}
