//! The project as a tree of text files.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the project.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// From the project's root, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl TextFile {
    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The folder at the root that it lies in.
    pub fn top(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Its name without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file of the project that `.gitignore` does not leave out.
pub fn files() -> Vec<TextFile> {
    let root = root();
    let ignore = fs::read_to_string(root.join(".gitignore")).expect(".gitignore is there");
    let ignored: Vec<&str> = ignore.lines().filter_map(|line| line.strip_prefix('/')).collect();
    let mut files = Vec::new();
    collect(&root, "", &ignored, &mut files);
    assert!(files.len() > 50, "only {} files under {}", files.len(), root.display());
    files
}

fn collect(root: &Path, folder: &str, ignored: &[&str], files: &mut Vec<TextFile>) {
    let entries =
        fs::read_dir(root.join(folder)).unwrap_or_else(|error| panic!("cannot list {folder}: {error}"));
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    for name in names {
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let full = root.join(&path);
        if name == ".git" || ignored.contains(&path.as_str()) || full.is_symlink() {
            continue;
        }
        if full.is_dir() {
            collect(root, &path, ignored, files);
        } else if let Ok(text) = fs::read_to_string(&full) {
            files.push(TextFile { path, text });
        }
    }
}
