//! A directory as the store.
//!
//! Sizes, listing and deleting go through `object_store`. Writing does not: it would copy the staged
//! bytes a second time, where a link is enough; and neither its links nor its deletions survive a
//! power cut, as it fsyncs no directory for them. Nor does reading, for speed. So `std::fs` is used
//! here.

mod cached;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use crate::error::blocking;
use crate::key::{AUDIO, CONVERTED};
use crate::staged::StagedFile;
use crate::{BlobKey, Error, Result};

/// How much of a file is read at once. Of larger pieces, which one thread makes and another drops,
/// the allocator keeps many: reading them through took 60 MiB more, and twice as long.
const CHUNK: u64 = 64 * 1024;

pub(crate) struct Disk {
    root: PathBuf,
    /// Which of the 256 folders, of audio and then of conversions, this process knows to be
    /// durable themselves.
    durable: [[AtomicBool; 256]; 2],
}

impl Disk {
    pub(crate) fn open(root: &Path) -> Result<Self> {
        make_directory(&root.join(AUDIO))?;
        make_directory(&root.join(CONVERTED))?;
        let durable = [const { [const { AtomicBool::new(false) }; 256] }; 2];
        let disk = Self { root: root.to_path_buf(), durable };
        make_directory(&disk.staging())?;
        Ok(disk)
    }

    pub(crate) fn objects(&self) -> Result<Arc<dyn ObjectStore>> {
        let objects = LocalFileSystem::new_with_prefix(&self.root)?;
        Ok(Arc::new(objects.with_fsync(true)))
    }

    /// Inside the root, so that a staged file is on the same file system, and beside the audio, so
    /// that no listing shows it.
    pub(crate) fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// Gives the staged file a second, final name; the first goes when `Staged` is dropped.
    pub(crate) fn keep(&self, staged: &StagedFile, key: &BlobKey) -> Result<()> {
        staged.file.sync_all()?;
        self.make_folder_of(key)?;
        publish(&staged.path, &self.root.join(key.to_string()), key)?;
        self.sync_directory_of(key)
    }

    /// Reads a part of an object in large pieces. `object_store` would read it in pieces of 8 KiB,
    /// each on another thread; here a small part takes one trip to one, or none at all where the
    /// kernel has it in memory.
    pub(crate) async fn read(
        &self,
        key: BlobKey,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let path = self.root.join(key.to_string());
        if range.end - range.start <= CHUNK
            && let Some(piece) = cached::read(&path, &range)
        {
            return Ok(stream::once(async { Ok(piece) }).boxed());
        }
        let named = key.clone();
        let first = move || {
            let file = Arc::new(File::open(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => Error::Missing(named.clone()),
                _ => error.into(),
            })?);
            let piece = read_piece(&file, &named, &range)?;
            let rest = range.start + piece.len() as u64..range.end;
            Ok((piece, file, rest))
        };
        let (first, file, rest) = blocking(first).await?;
        let rest = stream::try_unfold(rest, move |range| {
            let (file, key) = (Arc::clone(&file), key.clone());
            async move {
                if range.is_empty() {
                    return Ok(None);
                }
                blocking(move || {
                    let piece = read_piece(&file, &key, &range)?;
                    let rest = range.start + piece.len() as u64..range.end;
                    Ok(Some((piece, rest)))
                })
                .await
            }
        });
        Ok(stream::once(async { Ok(first) }).chain(rest).boxed())
    }

    /// Makes a deletion, or a new name, durable.
    pub(crate) fn sync_directory_of(&self, key: &BlobKey) -> Result<()> {
        match sync_directory(&self.folder_of(key)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()), // nothing there at all
            done => Ok(done?),
        }
    }

    /// Removes them, and makes that durable at once: they are in up to 256 folders, and to fsync each
    /// takes as long as to remove hundreds.
    pub(crate) fn delete_all(&self, keys: &[BlobKey]) -> Result<()> {
        for key in keys {
            match fs::remove_file(self.path_of(key)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        match keys {
            [] => Ok(()),
            [one] => self.sync_directory_of(one),
            _ => Ok(rustix::fs::syncfs(File::open(&self.root)?).map_err(io::Error::from)?),
        }
    }

    /// Finds out whether the audio's folder is there: staging has been written to before.
    pub(crate) fn check(&self) -> Result<()> {
        fs::read_dir(self.root.join(AUDIO))?;
        Ok(())
    }

    /// The file that an object is.
    pub(crate) fn path_of(&self, key: &BlobKey) -> PathBuf {
        self.root.join(key.to_string())
    }

    fn make_folder_of(&self, key: &BlobKey) -> Result<()> {
        let kind = usize::from(matches!(key, BlobKey::Converted { .. }));
        let durable = &self.durable[kind][usize::from(key.shard())];
        match private().create(self.folder_of(key)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Whoever made it may not have fsynced it yet, so each process does once.
                if durable.load(Ordering::Acquire) {
                    return Ok(());
                }
            }
            Err(error) => return Err(error.into()),
        }
        sync_directory(&self.root.join(key.folder()))?;
        durable.store(true, Ordering::Release);
        Ok(())
    }

    fn folder_of(&self, key: &BlobKey) -> PathBuf {
        let mut path = self.root.join(key.to_string());
        path.pop();
        path
    }
}

/// Gives the file its final name, at once or not at all, and never in place of another.
fn publish(staged: &Path, object: &Path, key: &BlobKey) -> Result<()> {
    match fs::hard_link(staged, object) {
        Ok(()) => Ok(()),
        Err(error) => match error.kind() {
            io::ErrorKind::AlreadyExists => Err(Error::AlreadyThere(key.clone())),
            // File systems without links: exFAT, some network shares.
            io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied => {
                if object.try_exists()? {
                    return Err(Error::AlreadyThere(key.clone()));
                }
                Ok(fs::rename(staged, object)?)
            }
            _ => Err(error.into()),
        },
    }
}

/// Reads the beginning of a part, which must be there.
fn read_piece(file: &File, key: &BlobKey, range: &Range<u64>) -> Result<Bytes> {
    let length = CHUNK.min(range.end - range.start);
    let mut piece = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact_at(&mut piece, range.start).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Short(key.clone()),
        _ => error.into(),
    })?;
    Ok(piece.into())
}

/// Makes a directory and what is missing above it, durably.
pub(crate) fn make_directory(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    make_directory(parent)?;
    match private().create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(sync_directory(parent)?),
    }
}

/// Recordings are nobody else's business.
pub(crate) fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
