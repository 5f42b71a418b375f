//! What can be wrong with a file, in words for the one who sent it.

use std::io;
use std::time::Duration;

/// Why a file is not taken. All but [`Error::Io`] and
/// [`Error::NoEncoder`] are the file's fault, and their text is fit to be shown to whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No format that is known here, and why.
    #[error("{0}")]
    NotAudio(&'static str),
    /// A format that is known, and is not taken: its name.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// More sound than may be.
    #[error("longer than the limit of {limit:?}")]
    TooLong {
        /// The most that is taken.
        limit: Duration,
    },
    /// Well formed, perhaps, and without one sample.
    #[error("no audio in the file")]
    Empty,
    /// A format that is taken, but what is in the file cannot be played: where it breaks.
    #[error("{0}")]
    Damaged(String),
    /// The program that it would need is not installed here, and how it is to be had.
    #[error("{0}")]
    NoEncoder(String),
    /// Reading failed, which says nothing about the file.
    #[error("cannot read the file: {0}")]
    Io(#[from] io::Error),
}

impl Error {
    /// A format by its name, refused.
    pub(crate) fn unsupported(name: impl Into<String>) -> Self {
        Self::Unsupported(name.into())
    }

    /// A file that breaks at something, refused.
    pub(crate) fn damaged(why: impl Into<String>) -> Self {
        Self::Damaged(why.into())
    }
}
