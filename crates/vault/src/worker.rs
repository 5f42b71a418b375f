//! Strangers' audio is decoded in processes of their own: the same executable, started as
//! `callvault worker`, which first limits its own memory, time and files. A bomb or a crash ends
//! that child and nothing else.
//!
//! The protocol: one line of JSON in, one line of JSON out, over stdin and stdout. End of input
//! ends the worker.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audio::{Limits, Probe};

use crate::{Error, Result};

mod child;
mod pool;
mod wire;

pub use child::worker_main;
use pool::Pool;

/// Where strangers' audio is decoded.
#[derive(Debug, Clone)]
pub enum Workers {
    /// In this process: for tests, which have no executable to start.
    InProcess,
    /// In processes of their own.
    Processes(Arc<Pool>),
}

impl Workers {
    /// Starts up to `count` processes of `program` (this executable), when there is work.
    pub fn processes(program: PathBuf, count: usize) -> Self {
        Self::Processes(Arc::new(Pool::new(program, count)))
    }

    /// Finds out what a file is.
    pub(crate) async fn probe(&self, path: &Path) -> Result<Probe> {
        // A plain WAV needs no codec: its header may be read here, by a bounded parser.
        if let Some(plain) = in_this_process(path, audio::probe_plain_wav).await? {
            return Ok(plain);
        }
        match self {
            Self::InProcess => in_this_process(path, audio::probe).await,
            Self::Processes(pool) => pool.probe(path).await,
        }
    }
}

async fn in_this_process<T: Send + 'static>(
    path: &Path,
    probe: fn(File, &Limits) -> Result<T, audio::Error>,
) -> Result<T> {
    let path = path.to_owned();
    let probed = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        probe(file, &Limits::default())
    });
    probed.await.map_err(anyhow::Error::from)?.map_err(verdict)
}

/// An error of the disk is ours; any other is the file's.
fn verdict(error: audio::Error) -> Error {
    match error {
        audio::Error::Io(error) => Error::Internal(anyhow::Error::new(error).context("probing")),
        other => Error::NotAudio(other.to_string()),
    }
}

/// Longer than any honest file of the largest size takes to decode.
const TASK_TIME: Duration = Duration::from_mins(10);
/// A worker is replaced after so many tasks, so that no leak grows.
const TASKS: u32 = 200;
