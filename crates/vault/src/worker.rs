//! Strangers' audio is decoded in processes of their own: the same executable, started as
//! `callvault worker`, which first limits its own memory, time and files. A bomb or a crash ends
//! that child and nothing else.
//!
//! The protocol: one line of JSON in, one line of JSON out, over stdin and stdout. End of input
//! ends the worker.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audio::{Encoder, Limits, Probe};

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

    /// Writes a file's sound into another, empty file, in another container.
    pub(crate) async fn convert(&self, conversion: &Conversion<'_>) -> Result<()> {
        if let Self::Processes(pool) = self {
            return pool.convert(conversion).await;
        }
        let [from, to, lame] =
            [conversion.from, conversion.to, conversion.lame].map(Path::to_path_buf);
        let container = conversion.container;
        let converted =
            tokio::task::spawn_blocking(move || convert_file(&from, &to, container, &lame));
        converted.await.map_err(anyhow::Error::from)?.map_err(|error| match error {
            audio::Error::Io(error) => anyhow::Error::new(error).context("converting").into(),
            audio::Error::NoEncoder(why) => Error::NoSuchForm(why),
            other => not_convertible(&other.to_string()),
        })
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

/// What is to be converted, and how.
#[derive(Debug)]
pub(crate) struct Conversion<'a> {
    pub(crate) from: &'a Path,
    pub(crate) to: &'a Path,
    pub(crate) container: audio::Container,
    /// The most that the result can have.
    pub(crate) most_bytes: u64,
    /// LAME's library.
    pub(crate) lame: &'a Path,
}

fn convert_file(
    from: &Path,
    to: &Path,
    container: audio::Container,
    lame: &Path,
) -> Result<(), audio::Error> {
    let from = BufReader::new(File::open(from)?);
    let mut to = BufWriter::new(File::options().write(true).open(to)?);
    let encoder = Encoder { lame };
    audio::convert(from, &mut to, container, encoder, &Limits::default())?;
    Ok(to.flush()?)
}

fn not_convertible(why: &str) -> Error {
    Error::NoSuchForm(format!("the recording cannot be converted: {why}"))
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
