//! An archive: a folder or a bucket of the operator's own, where copies are kept when the vault
//! deletes what they are of. Nothing is ever deleted there from here.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::disk::{private, sync_directory};
use crate::error::blocking;
use crate::staged::{self, Staged, StagedFile};
use crate::{Config, CopyKey, Error, Result, s3};

/// Where copies are being written, beside the accounts' folders.
const STAGING: &str = ".callvault";
const PIECE: usize = 64 * 1024;

/// An archive. Cheap to clone.
#[derive(Clone)]
pub struct Archive(Place);

#[derive(Clone)]
enum Place {
    Folder(Arc<Path>),
    Bucket(Arc<dyn ObjectStore>),
}

impl Archive {
    /// Speaks neither to the disk nor to S3 yet: an archive may be away for a while.
    pub fn open(config: &Config) -> Result<Self> {
        if config.url.scheme() == "s3" {
            return Ok(Self(Place::Bucket(s3::open(config)?)));
        }
        let root = config.url.to_file_path();
        let root = root
            .map_err(|()| Error::Settings(format!("{} does not name a directory", config.url)))?;
        Ok(Self(Place::Folder(root.into())))
    }

    /// Copies a file there, durably, in place of what is there.
    ///
    /// The folder must be there already: a disk that is not mounted is not an empty archive.
    pub async fn put(&self, source: &Path, key: &CopyKey) -> Result<()> {
        let (source, key) = (source.to_owned(), key.clone());
        match &self.0 {
            Place::Folder(root) => {
                let root = Arc::clone(root);
                blocking(move || copy(&root, &source, &key)).await
            }
            Place::Bucket(objects) => {
                let opened = blocking(move || {
                    let file = File::open(&source)?;
                    let len = file.metadata()?.len();
                    Ok(StagedFile { file: Arc::new(file), path: source.into(), len })
                });
                let (staged, objects) = (opened.await?, Arc::clone(objects));
                // A task of its own: see `Blobs::keep`.
                tokio::spawn(async move { s3::put(objects.as_ref(), &staged, &key.path()).await })
                    .await?
            }
        }
    }

    /// Reads a copy through: whether it is there, durable, and has this hash.
    pub async fn has(&self, key: &CopyKey, sha256: [u8; 32]) -> Result<bool> {
        let found = match &self.0 {
            Place::Folder(root) => {
                let (root, key) = (Arc::clone(root), key.clone());
                blocking(move || hash_durable(&root, &key)).await?
            }
            Place::Bucket(objects) => match objects.get(&key.path()).await {
                Ok(found) => {
                    let mut hash = Sha256::new();
                    let mut pieces = found.into_stream();
                    while let Some(piece) = pieces.try_next().await? {
                        hash.update(&piece);
                    }
                    Some(hash.finalize().into())
                }
                Err(object_store::Error::NotFound { .. }) => None,
                Err(error) => return Err(error.into()),
            },
        };
        Ok(found == Some(sha256))
    }

    /// Removes what crashes have left of copies that were being written longer ago than this.
    pub async fn sweep(&self, older_than: Duration) -> Result<()> {
        let Place::Folder(root) = &self.0 else { return Ok(()) };
        let staging = root.join(STAGING);
        blocking(move || {
            if staging.is_dir() {
                staged::abandoned(&staging, older_than)?.iter().for_each(staged::forget);
            }
            Ok(())
        })
        .await
    }
}

fn copy(root: &Path, source: &Path, key: &CopyKey) -> Result<()> {
    let staging = root.join(STAGING);
    make_folder(&staging)?;
    let path = staging.join(staged::file_name(Uuid::new_v4()));
    let mut file = staged::create_locked(&path)?;
    let staged = Staged::of(file.try_clone()?, &path); // which removes it where this fails
    io::copy(&mut File::open(source)?, &mut file)?;
    file.sync_all()?;
    for folder in folders(root, key) {
        make_folder(&folder)?;
    }
    fs::rename(staged.path(), root.join(key.as_str()))?;
    make_durable(root, key)
}

fn hash_durable(root: &Path, key: &CopyKey) -> Result<Option<[u8; 32]>> {
    let mut file = match File::open(root.join(key.as_str())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            break;
        }
        hash.update(&piece[..length]);
    }
    file.sync_all()?; // Whoever wrote it may have been killed before.
    make_durable(root, key)?;
    Ok(Some(hash.finalize().into()))
}

/// The folders that lead to a copy, from the top.
fn folders(root: &Path, key: &CopyKey) -> Vec<PathBuf> {
    let path = root.join(key.as_str());
    let mut all: Vec<PathBuf> =
        path.ancestors().skip(1).take_while(|it| *it != root).map(Path::to_owned).collect();
    all.reverse();
    all
}

fn make_folder(path: &Path) -> io::Result<()> {
    match private().create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn make_durable(root: &Path, key: &CopyKey) -> Result<()> {
    sync_directory(root)?;
    for folder in folders(root, key) {
        sync_directory(&folder)?;
    }
    Ok(())
}
