//! A bucket as the store.

pub(crate) mod versions;

use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig,
    WriteMultipart,
};

use crate::error::blocking;
use crate::staged::StagedFile;
use crate::{BlobKey, Config, Error, Result};

/// Above S3's least size of a part, which is 5 MiB. Two are in memory at a time.
const PART: u64 = 8 * 1024 * 1024;
const PIECE: u64 = 64 * 1024;
/// S3 takes no more parts than this.
const PARTS: u64 = 10_000;
/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn open(config: &Config) -> Result<Arc<dyn ObjectStore>> {
    let bucket = builder(config)?.build()?;
    let prefix = Path::from_url_path(config.url.path()).map_err(object_store::Error::from)?;
    Ok(if prefix.is_root() { Arc::new(bucket) } else { Arc::new(PrefixStore::new(bucket, prefix)) })
}

/// The bucket of a configuration.
fn builder(config: &Config) -> Result<AmazonS3Builder> {
    // Whoever installed one before us is welcome to: any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bucket = config.url.host_str().filter(|bucket| !bucket.is_empty());
    let bucket =
        bucket.ok_or_else(|| Error::Settings(format!("{} names no bucket", config.url)))?;
    let builder = match (&config.s3_access_key, &config.s3_secret_key) {
        (Some(access), Some(secret)) => {
            AmazonS3Builder::new().with_access_key_id(access).with_secret_access_key(secret)
        }
        (None, None) => AmazonS3Builder::from_env(),
        _ => return Err(Error::Settings("S3 needs both keys or none".into())),
    };
    let mut builder = builder.with_bucket_name(bucket).with_client_options(client());
    builder = builder.with_retry(retries());
    if let Some(region) = &config.s3_region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &config.s3_endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http:"));
    }
    Ok(builder)
}

/// No limit on a whole request, for a long recording may be fetched over a thin line; but one on
/// each silence. Waiting for a slow reader of ours does not count as one.
fn client() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(3))
        .with_timeout_disabled()
        .with_read_timeout(Duration::from_mins(1))
}

/// Enough for a hiccup; an outage is told to the caller, who has better plans for it.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: 4,
        retry_timeout: Duration::from_secs(20),
    }
}

/// Uploads a staged file, in one request or in parts.
///
/// Looking first and then writing unconditionally, since a conditional write that is repeated
/// after a lost answer fails on its own success. Keys are random, so nothing comes in between.
pub(crate) async fn keep(
    objects: &dyn ObjectStore,
    staged: &StagedFile,
    key: &BlobKey,
) -> Result<()> {
    let path = key.path();
    match objects.head(&path).await {
        Ok(_) => return Err(Error::AlreadyThere(key.clone())),
        Err(object_store::Error::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    put(objects, staged, &path).await
}

/// The same, in place of whatever is there.
pub(crate) async fn put(objects: &dyn ObjectStore, staged: &StagedFile, path: &Path) -> Result<()> {
    if staged.len <= PART {
        let whole = part(staged, 0, staged.len).await?;
        objects.put(path, PutPayload::from_iter(whole)).await?;
        return Ok(());
    }
    let size = PART.max(staged.len.div_ceil(PARTS));
    let upload = objects.put_multipart(path).await?;
    let chunk = usize::try_from(size).map_err(io::Error::other)?;
    let mut upload = WriteMultipart::new_with_chunk_size(upload, chunk);
    match send_parts(&mut upload, staged, size).await {
        Ok(()) => {
            upload.finish().await?; // which aborts the upload where it fails
            Ok(())
        }
        Err(error) => {
            if let Err(error) = upload.abort().await {
                tracing::warn!(%path, %error, "the parts of a failed upload stay behind");
            }
            Err(error)
        }
    }
}

async fn send_parts(upload: &mut WriteMultipart, staged: &StagedFile, size: u64) -> Result<()> {
    let mut sent = 0;
    while sent < staged.len {
        let length = size.min(staged.len - sent);
        // While one part is sent, the next is read: two at most are in memory.
        let next = part(staged, sent, length).await?;
        upload.wait_for_capacity(1).await?;
        for piece in next {
            upload.put(piece);
        }
        sent += length;
    }
    Ok(())
}

/// Reads a part in pieces that the allocator reuses; whole parts it would keep a few of for later.
async fn part(staged: &StagedFile, from: u64, length: u64) -> Result<Vec<Bytes>> {
    let file = Arc::clone(&staged.file);
    blocking(move || {
        let mut pieces = Vec::new();
        let mut at = from;
        while at < from + length {
            let size = PIECE.min(from + length - at);
            let mut piece = vec![0; usize::try_from(size).map_err(io::Error::other)?];
            file.read_exact_at(&mut piece, at)?;
            pieces.push(piece.into());
            at += size;
        }
        Ok(pieces)
    })
    .await
}

/// Begins an upload and takes it back: that needs the right to write, and leaves nothing behind,
/// even in a bucket that keeps every version.
pub(crate) async fn check(objects: &dyn ObjectStore) -> Result<()> {
    let check = async {
        let mut upload = objects.put_multipart(&Path::from("check")).await?;
        upload.abort().await
    };
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "S3 does not answer").into()),
    }
}
