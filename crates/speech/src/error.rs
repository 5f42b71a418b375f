//! Why there is no transcript.

use std::path::PathBuf;

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the model {path} cannot be used: {reason}", path = path.display())]
    Model { path: PathBuf, reason: String },
    #[error("{0}")]
    Engine(String),
}
