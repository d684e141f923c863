//! Who may read the files of the operator: nobody else.

use std::fs::File;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

use crate::config::{Config, Mail, StoreConfig};

/// What all others may do with a file.
const OTHERS: u32 = 0o007;

/// From here on every file and directory that this process makes is for its user alone, unless it says otherwise.
pub fn private() {
    let _before = rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Opens a file to be written anew, for this user alone, also when it was there with other rights.
///
/// # Errors
/// Those of the operating system.
pub fn create_private(path: &Path) -> io::Result<File> {
    let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    // A device such as /dev/stdout is nobody's file.
    if file.metadata()?.is_file() {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        file.set_len(0)?;
    }
    Ok(file)
}

/// Files with secrets, and directories with what was sold, that everybody on this machine may read.
pub fn warnings(config: &Config, file: &Path) -> Vec<String> {
    let open = secrets(config, file).into_iter().filter(|(path, _)| is_open(path));
    open.map(|(path, what)| {
        let path = path.display();
        format!("{path} can be read by everybody on this machine, and holds {what}; chmod o= {path}")
    })
    .collect()
}

fn is_open(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.permissions().mode() & OTHERS != 0)
}

/// Paths with what is in them.
fn secrets(config: &Config, file: &Path) -> Vec<(PathBuf, &'static str)> {
    const KEY: &str = "a private key";
    const PASSWORD: &str = "a password";
    let mut found: Vec<(PathBuf, &'static str)> = Vec::new();
    let mut add = |path: Option<&PathBuf>, what| found.extend(path.map(|path| (path.clone(), what)));
    add(config.bootstrap.as_ref(), "tokens of registers");
    for listener in &config.listeners {
        add(listener.tls.as_ref().map(|tls| &tls.key), KEY);
    }
    match &config.store {
        StoreConfig::Embedded { path, .. } => add(Some(path), "what was sold to whom"),
        StoreConfig::Cql(cluster) => {
            add(cluster.password_file.as_ref(), PASSWORD);
            add(cluster.tls.as_ref().and_then(|tls| tls.key.as_ref()), KEY);
        }
    }
    if let Some(site) = &config.site {
        match &site.api_token_file {
            Some(path) => add(Some(path), "the token of the API"),
            // Of a token in the config itself nothing else is known than that it is there.
            None if site.api_token.is_some() && std::env::var_os(crate::config::API_TOKEN_ENV).is_none() => {
                found.push((file.to_owned(), "the token of the API"));
            }
            None => {}
        }
        if let Some(Mail::Smtp(server)) = &site.mail {
            found.extend(server.password_file.iter().map(|path| (path.clone(), PASSWORD)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_of_before_is_made_private_and_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.jsonl");
        std::fs::write(&path, "before").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(create_private(&path).unwrap());
        assert_eq!((mode(&path), path.metadata().unwrap().len()), (0o600, 0));
    }
}
