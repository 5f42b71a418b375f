//! Why there is no transcript.

use std::path::PathBuf;

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the model {path} cannot be used: {reason}", path = path.display())]
    Model { path: PathBuf, reason: String },
    /// A language that the model does not know.
    #[error("the speech model does not know the language {0:?}")]
    Language(String),
    #[error("{0}")]
    Engine(String),
}
