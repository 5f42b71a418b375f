//! Bytes on their way in: a file in the staging directory, named after the recording that it is to
//! become. It stays there until the recording has its row, so that what a crash leaves behind is
//! found by its name, and nothing else is ever taken for a leftover.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::Result;
use crate::error::blocking;

/// How much is gathered before a thread is asked to write it.
const BUFFER: usize = 256 * 1024;
const ENDING: &str = "part";

/// A staging file. Dropped, it is removed; [`Blobs::keep`](crate::Blobs::keep) makes its bytes an
/// object, beside which it stays until then.
#[derive(Debug)]
pub struct Staged {
    file: StagedFile,
    buffer: Vec<u8>,
    remove: bool,
    /// A write failed or was given up halfway: what is in the file is not what was written.
    torn: bool,
}

/// What has been written to the disk of it.
#[derive(Debug, Clone)]
pub(crate) struct StagedFile {
    /// Locked for as long as it is open: see [`abandoned`].
    pub(crate) file: Arc<File>,
    pub(crate) path: Arc<Path>,
    pub(crate) len: u64,
}

/// A staging file that a crash has left behind.
#[derive(Debug)]
pub struct Abandoned {
    recording: Uuid,
    path: PathBuf,
}

impl Abandoned {
    /// The recording that it was to become.
    pub fn recording(&self) -> Uuid {
        self.recording
    }
}

impl Staged {
    pub(crate) async fn create(staging: Arc<Path>, recording: Uuid) -> Result<Self> {
        let path = staging.join(file_name(recording));
        blocking(move || Ok(Self::of(create_locked(&path)?, &path))).await
    }

    pub(crate) fn of(file: File, path: &Path) -> Self {
        let file = StagedFile { file: Arc::new(file), path: path.into(), len: 0 };
        Self { file, buffer: Vec::new(), remove: true, torn: false }
    }

    /// Ends it, and leaves the file for the sweep: for when nobody knows whether there is a row.
    pub fn leave(mut self) {
        self.remove = false;
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        self.file.len += bytes.len() as u64;
        if self.buffer.len() < BUFFER { Ok(()) } else { self.finish().await }
    }

    /// Writes out what is buffered, so that whoever opens [`Staged::path`] sees all of it.
    pub async fn finish(&mut self) -> Result<()> {
        if self.torn {
            return Err(io::Error::other("an earlier write to the staging file failed").into());
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let file = Arc::clone(&self.file.file);
        self.torn = true;
        self.buffer = blocking(move || {
            (&*file).write_all(&buffer)?;
            buffer.clear();
            Ok(buffer)
        })
        .await?;
        self.torn = false;
        Ok(())
    }

    /// Takes what another process has written to [`Staged::path`], instead of writing.
    pub async fn written_by_another(&mut self) -> Result<()> {
        let file = Arc::clone(&self.file.file);
        self.file.len = blocking(move || Ok(file.metadata()?.len())).await?;
        Ok(())
    }

    /// The file, to be looked at and not to be changed.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// How many bytes were written.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> u64 {
        self.file.len
    }

    pub(crate) fn file(&self) -> StagedFile {
        self.file.clone()
    }
}

impl AsRef<Path> for Staged {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.remove {
            remove(&self.file.path);
        }
    }
}

pub(crate) fn file_name(recording: Uuid) -> String {
    format!("{recording}.{ENDING}")
}

/// Makes a file that nobody takes for abandoned while it is open.
pub(crate) fn create_locked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(path)?;
    file.lock()?;
    Ok(file)
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "a staging file stays behind");
        }
        _ => {}
    }
}

/// What is in the staging directory.
pub(crate) fn list(staging: &Path) -> io::Result<Vec<Uuid>> {
    Ok(entries(staging)?.into_iter().map(|(recording, _)| recording).collect())
}

/// What processes that crashed have left. A file in use is held by a lock, in this process or
/// another; the age protects those whose owner is just about to lock them.
pub(crate) fn abandoned(staging: &Path, older_than: Duration) -> io::Result<Vec<Abandoned>> {
    let mut found = Vec::new();
    for (recording, path) in entries(staging)? {
        match is_abandoned(&path, older_than) {
            Ok(true) => found.push(Abandoned { recording, path }),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {} // dropped just now
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

pub(crate) fn forget(abandoned: &Abandoned) {
    remove(&abandoned.path);
}

fn entries(staging: &Path) -> io::Result<Vec<(Uuid, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(staging)? {
        let path = entry?.path();
        let staged = path.extension().is_some_and(|ending| ending == ENDING);
        let name = path.file_stem().and_then(|name| name.to_str());
        if let Some(recording) = name.filter(|_| staged).and_then(|n| Uuid::try_parse(n).ok()) {
            found.push((recording, path));
        }
    }
    Ok(found)
}

fn is_abandoned(path: &Path, older_than: Duration) -> io::Result<bool> {
    let file = File::open(path)?;
    // By the machine's clock, which also stamped the file. Not yet written, by that clock, is
    // as fresh as can be.
    let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
    if age < older_than {
        return Ok(false);
    }
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
