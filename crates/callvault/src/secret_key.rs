//! The server's key: given, or a file in the data directory that is made at the first start.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use vault::SecretKey;

use crate::config::{Config, Database};

/// The configured key, else the one of the file `secret.key`: 64 hexadecimal characters and a
/// line end, readable by its owner only.
pub(crate) fn secret_key(config: &Config) -> anyhow::Result<SecretKey> {
    const SHAPE: &str = "must be 64 hexadecimal characters";
    if let Some(given) = &config.secret_key {
        return SecretKey::parse(given.reveal())
            .with_context(|| format!("server.secret_key: {SHAPE}"));
    }
    let path = config.data.join("secret.key");
    if !exists(&path)? {
        make(&path, config)?;
    }
    let mode = path.metadata().with_context(|| format!("reading {}", path.display()))?.mode();
    let others = mode & 0o077;
    ensure!(others == 0, "others than its owner may read {0}: `chmod 600 {0}`", path.display());
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    SecretKey::parse(text.trim_end()).with_context(|| format!("{}: {SHAPE}", path.display()))
}

fn exists(path: &Path) -> anyhow::Result<bool> {
    path.try_exists().with_context(|| format!("reading {}", path.display()))
}

/// Makes the file, whole or not at all. Where another process is first, its key stays.
fn make(path: &Path, config: &Config) -> anyhow::Result<()> {
    if let Database::Sqlite(database) = &config.database
        && exists(database)?
    {
        bail!(
            "{} is missing, but {} is there: its secrets open with the key that it was made with",
            path.display(),
            database.display()
        );
    }
    let key = SecretKey::generate()?;
    // A name of its own: another process may be at it, or may have died at it.
    let draft = path.with_extension(&SecretKey::generate()?.to_hex()[..16]);
    let written = write(&key, &draft, path);
    let _ = std::fs::remove_file(&draft);
    written.with_context(|| format!("making {}", path.display()))
}

fn write(key: &SecretKey, draft: &Path, path: &Path) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    writeln!(file, "{}", key.to_hex())?;
    file.sync_all()?;
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
