//! What can go wrong with a deed, in words that every door can translate.

use std::time::Duration;

use store::Damage;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a deed was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or not the caller's: the two are not told apart.
    #[error("not found")]
    NotFound,
    /// The credentials are missing, unknown or wrong.
    #[error("bad credentials")]
    BadCredentials,
    /// It comes too often from there, or for this account: what, and when to come again.
    #[error("{what}")]
    TooMany { what: &'static str, retry_after: Duration },
    /// The caller may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The recording may not be deleted, and why: a legal hold, or the account's minimum retention.
    #[error("{0}")]
    Kept(String),
    /// An argument that cannot be used: its name in callvault's own API, and why.
    #[error("{what}: {why}")]
    Invalid { what: &'static str, why: String },
    /// The audio cannot be played back, and why.
    #[error("{0}")]
    NotAudio(String),
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// More bytes than an upload may have.
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// No room left to keep it.
    #[error("no space left")]
    NoSpace,
    /// The bytes of the recording are known to be wrong, and how.
    #[error("the recording is damaged: {}", describe(*.0))]
    Damaged(Damage),
    /// The recording is there, but its audio was deleted.
    #[error("the recording's audio was deleted")]
    NoAudio,
    /// The recording is there, but not in this form, and why.
    #[error("{0}")]
    NoSuchForm(String),
    /// The database, the audio store or the workers cannot serve just now.
    #[error("unavailable: {what}")]
    Unavailable { what: &'static str, retry_after: Duration },
    /// Anything that no caller can act on. Its text is logged, never sent.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl Error {
    pub(crate) fn invalid(what: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { what, why: why.into() }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NoSpace => Self::NoSpace,
            store::Error::Unavailable(source) => {
                tracing::error!(error = format!("{source:#}"), "the database is unavailable");
                Self::Unavailable { what: "database", retry_after: RETRY_AFTER }
            }
            other => Self::Internal(other.into()),
        }
    }
}

impl From<blob::Error> for Error {
    fn from(error: blob::Error) -> Self {
        match error {
            blob::Error::NoSpace => Self::NoSpace,
            blob::Error::Backend(_) | blob::Error::Refused(_) => {
                let error = anyhow::Error::from(error);
                tracing::error!(error = format!("{error:#}"), "the audio store is unavailable");
                Self::Unavailable { what: "audio store", retry_after: RETRY_AFTER }
            }
            other => Self::Internal(other.into()),
        }
    }
}

fn describe(damage: Damage) -> &'static str {
    match damage {
        Damage::Missing => "its bytes are missing",
        Damage::Size => "its bytes are too few or too many",
        Damage::Hash => "its bytes are not those that were sent",
    }
}

const RETRY_AFTER: Duration = Duration::from_secs(5);
