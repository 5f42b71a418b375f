//! What can go wrong with bytes.

use std::error::Error as StdError;
use std::io;

use crate::BlobKey;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such object.
    #[error("{0} is not in the audio store")]
    Missing(BlobKey),
    /// An object is never overwritten.
    #[error("{0} is in the audio store already")]
    AlreadyThere(BlobKey),
    /// The object ends before the part that was asked for.
    #[error("{0} is shorter than it should be")]
    Short(BlobKey),
    /// The disk, or the quota on it, is full.
    #[error("no space left in the audio store")]
    NoSpace,
    /// The store does not accept the credentials, or grants them too little.
    #[error("the audio store refuses access")]
    Refused(#[source] Cause),
    /// The store could not be made from its settings, and why.
    #[error("{0}")]
    Settings(String),
    /// The disk or the server failed.
    #[error("the audio store failed")]
    Backend(#[source] Cause),
}

type Cause = Box<dyn StdError + Send + Sync>;

impl Error {
    /// Says what an error means for this object.
    pub(crate) fn of(key: &BlobKey, error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing(key.clone()),
            object_store::Error::AlreadyExists { .. } => Self::AlreadyThere(key.clone()),
            other => other.into(),
        }
    }

    fn new(cause: Cause) -> Self {
        let mut next: Option<&(dyn StdError + 'static)> = Some(cause.as_ref());
        while let Some(error) = next {
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if let Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) = kind {
                return Self::NoSpace;
            }
            next = error.source();
        }
        Self::Backend(cause)
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => Self::Refused(error.into()),
            _ => Self::new(error.into()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::new(error.into())
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Backend(error.into())
    }
}

/// Does something that blocks, off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}
