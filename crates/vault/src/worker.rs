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

use audio::{Dtln, Encoder, Engine, Limits, Part, Peaks, Probe};
use store::Sound;

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

    /// Makes something of a file's sound, into another, empty file.
    pub(crate) async fn make(&self, making: &Making<'_>) -> Result<()> {
        if let Self::Processes(pool) = self {
            return pool.make(making).await;
        }
        let [from, to] = [making.from, making.to].map(Path::to_path_buf);
        let (product, tools) = (making.product.clone(), making.tools.clone());
        let made = tokio::task::spawn_blocking(move || make_file(&from, &to, &product, &tools));
        made.await.map_err(anyhow::Error::from)?.map_err(|error| match error {
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

/// What is to be made, and of what.
#[derive(Debug)]
pub(crate) struct Making<'a> {
    pub(crate) from: &'a Path,
    pub(crate) to: &'a Path,
    pub(crate) product: Product,
    /// The most that the result can have.
    pub(crate) most_bytes: u64,
    /// For how long it is waited for, and how much of a processor's time it may take.
    pub(crate) patience: Duration,
    pub(crate) tools: Tools,
}

/// What it takes that is not in the program.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    /// LAME's library.
    pub(crate) lame: PathBuf,
    /// DTLN's two models, where they are installed.
    pub(crate) dtln: Option<[PathBuf; 2]>,
}

/// What a worker can make of a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Product {
    Audio { container: audio::Container, part: Part },
    Denoised,
    Peaks(Peaks),
}

impl Product {
    /// For how long its making is waited for. Cleaning takes a tenth of the sound's own time for
    /// each channel at most, and nobody waits for it: it has half of that time, but not for ever.
    pub(crate) fn patience(&self, sound: &Sound) -> Duration {
        match self {
            Self::Denoised => {
                let half = sound.duration() / 2 * u32::from(sound.channels);
                (TASK_TIME + half).min(DENOISE_TIME)
            }
            Self::Audio { .. } | Self::Peaks(_) => TASK_TIME,
        }
    }
}

fn make_file(from: &Path, to: &Path, product: &Product, tools: &Tools) -> Result<(), audio::Error> {
    let from = BufReader::new(File::open(from)?);
    let mut to = BufWriter::new(File::options().write(true).open(to)?);
    let limits = Limits::default();
    match product {
        Product::Audio { container, part } => {
            let encoder = Encoder { lame: &tools.lame };
            audio::convert(from, &mut to, *container, part, encoder, &limits)?;
        }
        Product::Denoised => {
            let dtln = tools.dtln.as_ref().map(|[mask, filter]| Dtln::load(mask, filter));
            let dtln = dtln.transpose()?;
            let engine = dtln.as_ref().map_or(Engine::RnNoise, Engine::Dtln);
            audio::denoise(from, &mut to, engine, &limits)?;
        }
        Product::Peaks(peaks) => {
            audio::peaks(from, &mut to, *peaks, &limits)?;
        }
    }
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
/// Enough to denoise the longest sound, of two channels.
const DENOISE_TIME: Duration = Duration::from_hours(6);
/// A worker is replaced after so many tasks, so that no leak grows.
const TASKS: u32 = 200;
