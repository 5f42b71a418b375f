//! The models of speech and denoising: which are known, which are installed, and installing them.
//!
//! A known model is pinned twice, by the SHA-256 of what it is made of and of what is made of
//! that, so that it is the same wherever it was installed. Nothing here uses the network.

mod catalogue;
mod own;
mod source;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

pub(crate) use catalogue::KNOWN;
pub(crate) use own::{add_own, own};
use source::Source;

/// A model that callvault knows.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// What it is for, in a few words.
    pub(crate) purpose: &'static str,
    /// As SPDX writes it.
    pub(crate) licence: &'static str,
    /// What it is made of.
    sources: &'static [Source],
    /// What is made of them.
    files: &'static [Installed],
    make: Make,
}

/// Makes the installed files, which are empty, of the sources: both in the catalogue's order, and
/// at their beginning.
type Make = fn(sources: &mut [File], files: &mut [File]) -> anyhow::Result<()>;

/// A file in the directory of models.
#[derive(Debug)]
struct Installed {
    name: &'static str,
    /// In hexadecimal.
    sha256: &'static str,
}

/// What there is of a model in the directory of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Missing,
    Installed,
    /// Files are missing, or not what they should be.
    Damaged,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Installed => "installed",
            Self::Damaged => "damaged",
        }
    }
}

impl Known {
    pub(crate) fn by_name(name: &Path) -> Option<&'static Self> {
        KNOWN.iter().find(|known| name == Path::new(known.name))
    }

    /// The names of its files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &'static str> {
        self.files.iter().map(|file| file.name)
    }

    /// The packages that its sources are in, as pip writes them.
    pub(crate) fn packages(&self) -> BTreeSet<&'static str> {
        self.sources.iter().filter_map(|source| source.package).collect()
    }

    /// Reads its files, to compare their hashes.
    pub(crate) fn state(&self, directory: &Path) -> anyhow::Result<State> {
        let mut found = Vec::new();
        for file in self.files {
            let path = directory.join(file.name);
            match File::open(&path) {
                Ok(mut open) => found.push(sha256(&mut open)? == file.sha256),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).context(path.display().to_string()),
            }
        }
        Ok(match found.len() {
            0 => State::Missing,
            all if all == self.files.len() && found.iter().all(|right| *right) => State::Installed,
            _ => State::Damaged,
        })
    }

    /// Installs it from the files and packages in a directory.
    pub(crate) fn install(&self, from: &Path, directory: &Path) -> anyhow::Result<()> {
        make_directory(directory)?;
        let find = |source: &Source| source.find(from, directory);
        let mut sources = self.sources.iter().map(find).collect::<anyhow::Result<Vec<_>>>()?;
        let made: Vec<_> =
            self.files.iter().map(|_| temporary(directory)).collect::<anyhow::Result<_>>()?;
        let mut files = made.iter().map(NamedTempFile::reopen).collect::<io::Result<Vec<_>>>()?;
        (self.make)(&mut sources, &mut files).with_context(|| format!("making {}", self.name))?;
        for (file, made) in self.files.iter().zip(&made) {
            let is = sha256(&mut made.reopen()?)?;
            anyhow::ensure!(
                is == file.sha256,
                "{} came out with the SHA-256 {is}, and not {}",
                file.name,
                file.sha256
            );
        }
        for (file, made) in self.files.iter().zip(made) {
            put(made, directory, file.name)?;
        }
        Ok(())
    }
}

/// Not a secret, and often installed by another user than the one that the server runs as.
fn make_directory(directory: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o755).create(directory);
    made.with_context(|| format!("making {}", directory.display()))
}

fn temporary(directory: &Path) -> anyhow::Result<NamedTempFile> {
    NamedTempFile::new_in(directory).with_context(|| format!("writing to {}", directory.display()))
}

/// Gives a finished file its name, for good.
fn put(made: NamedTempFile, directory: &Path, name: &str) -> anyhow::Result<()> {
    let path = directory.join(name);
    let written = || {
        made.as_file().set_permissions(Permissions::from_mode(0o644))?;
        made.as_file().sync_all()?;
        made.persist(&path)?;
        File::open(directory)?.sync_all()
    };
    written().with_context(|| format!("writing {}", path.display()))
}

/// Of what follows in a file, in hexadecimal.
fn sha256(file: &mut File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
