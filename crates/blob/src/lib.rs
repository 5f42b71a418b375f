//! Where the bytes are: on a disk or in an S3 bucket, behind one type.
//!
//! It deliberately does not know: rows, accounts, what audio is, HTTP.
//! Start reading at [`Blobs`]; `key.rs` names the objects, `staged.rs` is a write in progress,
//! `archive.rs` is where copies go that are kept elsewhere.

mod archive;
mod disk;
mod error;
mod key;
mod s3;
mod staged;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};
use url::Url;
use uuid::Uuid;

pub use archive::Archive;
use disk::Disk;
pub use error::{Error, Result};
pub use key::{BlobKey, CopyKey, Extension};
pub use s3::versions::Keeps;
pub use staged::{Abandoned, Staged};

/// Where the bytes are to be.
#[derive(Clone)]
pub struct Config {
    /// `file:///a/directory` or `s3://bucket/prefix`.
    pub url: Url,
    /// An S3 server other than Amazon's, as `https://host:port`.
    pub s3_endpoint: Option<String>,
    /// Default: `us-east-1`.
    pub s3_region: Option<String>,
    /// Without the two keys, Amazon's own ways hold: its environment variables, a machine's role.
    pub s3_access_key: Option<String>,
    pub s3_secret_key: Option<String>,
    /// Where uploads to S3 wait; a `file:` store has a directory of its own for that.
    pub staging: PathBuf,
}

impl Config {
    /// Whether, and why, the store keeps what is deleted in it. A bucket is asked.
    pub async fn keeps_deleted(&self) -> Result<Option<Keeps>> {
        if self.url.scheme() == "s3" { s3::versions::keeps(self).await } else { Ok(None) }
    }
}

/// Deletions in S3 at a time.
const AT_ONCE: usize = 8;

/// Objects that are written once, read in ranges and deleted. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    /// For a `file:` store: what `object_store` leaves undone there.
    disk: Option<Arc<Disk>>,
    staging: Arc<Path>,
}

/// An object, as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: BlobKey,
    pub size: u64,
    pub modified: SystemTime,
}

/// An object as a file. A copy goes with it.
#[derive(Debug)]
pub struct AsFile(Where);

#[derive(Debug)]
enum Where {
    Object(PathBuf),
    Copy(Staged),
}

impl AsFile {
    pub fn path(&self) -> &Path {
        match &self.0 {
            Where::Object(path) => path,
            Where::Copy(staged) => staged.path(),
        }
    }
}

impl AsRef<Path> for AsFile {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}

impl Blobs {
    /// Opens the store, and makes the directories it needs. It does not yet speak to S3: see
    /// [`Blobs::check`].
    pub fn open(config: &Config) -> Result<Self> {
        match config.url.scheme() {
            "file" => {
                let root = config.url.to_file_path().ok().filter(|root| root.has_root());
                let root = root.ok_or_else(|| {
                    Error::Settings(format!("{} does not name a directory", config.url))
                })?;
                let disk = Disk::open(&root)?;
                let staging = disk.staging().into();
                Ok(Self { objects: disk.objects()?, disk: Some(Arc::new(disk)), staging })
            }
            "s3" => {
                let objects = s3::open(config)?;
                disk::make_directory(&config.staging)?;
                Ok(Self { objects, disk: None, staging: config.staging.as_path().into() })
            }
            other => Err(Error::Settings(format!("audio is kept in file: or s3:, not {other}:"))),
        }
    }

    /// Opens a staging file for what is to become this recording, to be streamed into.
    pub async fn stage(&self, recording: Uuid) -> Result<Staged> {
        Staged::create(Arc::clone(&self.staging), recording).await
    }

    /// Makes staged bytes an object. When this returns they are durable, and the staging file is
    /// still there: drop it when the recording has its row.
    ///
    /// An object that is there already stays as it is: [`Error::AlreadyThere`]. Where the caller
    /// goes away meanwhile, the object may come to be all the same.
    pub async fn keep(&self, staged: &mut Staged, key: &BlobKey) -> Result<()> {
        staged.finish().await?;
        let (key, staged) = (key.clone(), staged.file());
        if let Some(disk) = &self.disk {
            let disk = Arc::clone(disk);
            return error::blocking(move || disk.keep(&staged, &key)).await;
        }
        // A task of its own: an upload that its caller gave up would leave parts behind, which
        // cost money and which no listing shows.
        let objects = Arc::clone(&self.objects);
        tokio::spawn(async move { s3::keep(objects.as_ref(), &staged, &key).await }).await?
    }

    /// Tells how many bytes an object has.
    pub async fn size(&self, key: &BlobKey) -> Result<u64> {
        let head = self.objects.head(&key.path()).await;
        Ok(head.map_err(|e| Error::of(key, e))?.size)
    }

    /// Reads a part of an object, which must lie within it.
    pub async fn read(
        &self,
        key: &BlobKey,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let key = key.clone();
        if range.is_empty() {
            // Neither HTTP nor object_store has a range of nothing.
            self.size(&key).await?;
            return Ok(stream::empty().boxed());
        }
        if let Some(disk) = &self.disk {
            return disk.read(key, range).await;
        }
        let options =
            GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let found = self.objects.get_opts(&key.path(), options).await;
        let found = found.map_err(|e| Error::of(&key, e))?;
        if found.range != range {
            return Err(Error::Short(key));
        }
        let pieces = found.into_stream();
        Ok(pieces.map(move |piece| piece.map_err(|e| Error::of(&key, e))).boxed())
    }

    /// Deletes an object. Deleting what is not there is no error.
    pub async fn delete(&self, key: &BlobKey) -> Result<()> {
        match self.objects.delete(&key.path()).await.map_err(|e| Error::of(key, e)) {
            Ok(()) | Err(Error::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        let Some(disk) = self.disk.clone() else {
            return Ok(());
        };
        let key = key.clone();
        error::blocking(move || disk.sync_directory_of(&key)).await
    }

    /// Deletes many, likewise, in less time than one after the other: on a disk, one look at it makes
    /// all of them durable; in S3 a few are deleted at a time.
    pub async fn delete_all(&self, keys: Vec<BlobKey>) -> Result<()> {
        if let Some(disk) = self.disk.clone() {
            return error::blocking(move || disk.delete_all(&keys)).await;
        }
        let deletions = keys.into_iter().map(|key| async move { self.delete(&key).await });
        stream::iter(deletions).buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Gives an object as a file, to be read and not to be changed: where it is, or a copy.
    pub async fn as_file(&self, key: &BlobKey) -> Result<AsFile> {
        if let Some(disk) = &self.disk {
            self.size(key).await?;
            return Ok(AsFile(Where::Object(disk.path_of(key))));
        }
        let length = self.size(key).await?;
        let mut copy = self.stage(Uuid::new_v4()).await?;
        let mut pieces = self.read(key, 0..length).await?;
        while let Some(piece) = pieces.try_next().await? {
            copy.write(&piece).await?;
        }
        copy.finish().await?;
        Ok(AsFile(Where::Copy(copy)))
    }

    /// Lists all audio, in no particular order. Files that are none of ours are left out.
    pub fn list(&self) -> BoxStream<'static, Result<Listed>> {
        self.list_folder(key::AUDIO)
    }

    /// Lists all conversions, likewise.
    pub fn list_converted(&self) -> BoxStream<'static, Result<Listed>> {
        self.list_folder(key::CONVERTED)
    }

    fn list_folder(&self, folder: &str) -> BoxStream<'static, Result<Listed>> {
        let listing = self.objects.list(Some(&folder.into()));
        listing
            .filter_map(async |object| match object {
                Ok(object) => {
                    let Some(key) = BlobKey::parse(object.location.as_ref()) else {
                        tracing::warn!(path = %object.location, "not an object of callvault");
                        return None;
                    };
                    let modified = object.last_modified.into();
                    Some(Ok(Listed { key, size: object.size, modified }))
                }
                Err(error) => Some(Err(error.into())),
            })
            .boxed()
    }

    /// Finds out whether the store can be reached and written to, within ten seconds.
    pub async fn check(&self) -> Result<()> {
        let mut staged = self.stage(Uuid::new_v4()).await?;
        staged.write(b"?").await?;
        staged.finish().await?;
        match &self.disk {
            Some(disk) => {
                let disk = Arc::clone(disk);
                error::blocking(move || disk.check()).await
            }
            None => s3::check(self.objects.as_ref()).await,
        }
    }

    /// The recordings that are being staged, or were when something crashed.
    pub async fn staged(&self) -> Result<Vec<Uuid>> {
        let staging = Arc::clone(&self.staging);
        error::blocking(move || Ok(staged::list(&staging)?)).await
    }

    /// The staging files that nobody writes to any more and that are older than this.
    pub async fn abandoned(&self, older_than: Duration) -> Result<Vec<Abandoned>> {
        let staging = Arc::clone(&self.staging);
        error::blocking(move || Ok(staged::abandoned(&staging, older_than)?)).await
    }

    /// Removes an abandoned staging file.
    pub async fn forget(&self, abandoned: Abandoned) -> Result<()> {
        error::blocking(move || {
            staged::forget(&abandoned);
            Ok(())
        })
        .await
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("url", &self.url.as_str())
            .field("s3_endpoint", &self.s3_endpoint)
            .field("s3_region", &self.s3_region)
            .field("staging", &self.staging)
            .finish_non_exhaustive() // the keys are secrets
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blobs({})", self.objects)
    }
}

#[cfg(test)]
mod tests;
