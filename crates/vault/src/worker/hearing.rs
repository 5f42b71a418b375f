//! Having speech transcribed, each recording in a process of its own.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use audio::Limits;
use speech::{Engine, Hints, Models, Transcriber, Transcript};

use super::Workers;
use crate::Result;

/// What is to be transcribed, and how.
#[derive(Debug)]
pub(crate) struct Hearing<'a> {
    pub(crate) from: &'a Path,
    /// An empty file, for the result.
    pub(crate) to: &'a Path,
    pub(crate) engine: &'a Engine,
    pub(crate) hints: &'a Hints,
    pub(crate) duration: Duration,
    pub(crate) channels: u16,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Heard {
    Said(Transcript),
    /// There is none to be had of this, and why.
    Refused(String),
    /// The worker ended, or did not: perhaps by no fault of the file's.
    Broke(String),
}

/// What a worker may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) memory_bytes: u64,
    pub(super) cpu_time: Duration,
    pub(super) file_bytes: u64,
}

/// What even the smallest model needs: its buffers and the other models.
const HEAD_ROOM: u64 = 2 << 30;
/// A word of four hours takes some 120 bytes, and nobody says ten in a second.
const RESULT: u64 = 64 << 20;
/// For models to be read.
const START: Duration = Duration::from_mins(2);
/// A model of so many bytes takes the CPU for as long as the sound lasts, on the slowest machine
/// that one would do this on.
const REAL_TIME_BYTES: u64 = 32 << 20;

impl Allowance {
    /// In proportion to the model and to the sound.
    pub(super) fn of(hearing: &Hearing<'_>, model_bytes: u64) -> Self {
        let model = u32::try_from(model_bytes / REAL_TIME_BYTES).unwrap_or(u32::MAX);
        let effort = model.saturating_add(2);
        let sound = hearing.duration.saturating_mul(hearing.channels.into());
        Self {
            memory_bytes: HEAD_ROOM.saturating_add(model_bytes.saturating_mul(3)),
            cpu_time: START.saturating_add(sound.saturating_mul(effort)),
            file_bytes: RESULT,
        }
    }

    /// For how long the result is waited for: others use the same cores.
    pub(super) fn patience(&self) -> Duration {
        self.cpu_time.saturating_mul(8)
    }
}

impl Workers {
    /// Tells what was said in a file.
    pub(crate) async fn hear(&self, hearing: &Hearing<'_>) -> Result<Heard> {
        let models = match (self, hearing.engine) {
            (Self::Processes(pool), Engine::Whisper(models)) => {
                return pool.hear(hearing, models).await;
            }
            (Self::Processes(_) | Self::InProcess, engine) => engine.clone(),
        };
        let (from, hints) = (hearing.from.to_owned(), hearing.hints.clone());
        let heard = tokio::task::spawn_blocking(move || hear_file(&from, &models, &hints));
        Ok(match heard.await.map_err(anyhow::Error::from)? {
            Ok(transcript) => Heard::Said(transcript),
            Err(Failure::Refused(why)) => Heard::Refused(why),
            Err(Failure::Failed(why)) => Heard::Broke(why),
        })
    }
}

/// Reads what a worker has written.
pub(super) async fn result(path: &Path) -> Result<Transcript> {
    let path: PathBuf = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let file = BufReader::new(File::open(path)?.take(RESULT));
        anyhow::Ok(serde_json::from_reader(file)?)
    });
    Ok(read.await.map_err(anyhow::Error::from)??)
}

/// Why a file was not transcribed.
pub(super) enum Failure {
    /// The file's fault, or the model's: it will not be otherwise.
    Refused(String),
    Failed(String),
}

impl From<audio::Error> for Failure {
    fn from(error: audio::Error) -> Self {
        match error {
            audio::Error::Io(error) => Self::Failed(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<speech::Error> for Failure {
    fn from(error: speech::Error) -> Self {
        match error {
            speech::Error::Model { .. } | speech::Error::Language(_) => {
                Self::Refused(error.to_string())
            }
            speech::Error::Engine(why) => Self::Failed(why),
        }
    }
}

/// Transcribes a file, and writes the result as JSON into another, empty one.
pub(super) fn hear_into(
    from: &Path,
    to: &Path,
    models: Models,
    hints: &Hints,
) -> Result<(), Failure> {
    let transcript = hear_file(from, &Engine::Whisper(models), hints)?;
    let write = || {
        let mut to = BufWriter::new(File::options().write(true).open(to)?);
        serde_json::to_writer(&mut to, &transcript)?;
        to.flush()
    };
    write().map_err(|error| Failure::Failed(error.to_string()))
}

fn hear_file(from: &Path, engine: &Engine, hints: &Hints) -> Result<Transcript, Failure> {
    let open = || File::open(from).map(BufReader::new).map_err(audio::Error::from);
    let limits = Limits::default();
    let channels = audio::probe(open()?, &limits)?.channels;
    let mut transcriber = Transcriber::new(engine, channels, hints)?;
    audio::hear(open()?, speech::SAMPLE_RATE, &limits, &mut |block| {
        transcriber.take(block).map_err(Failure::from)
    })?;
    Ok(transcriber.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_grows_with_model_and_sound() {
        let models = Models { whisper: PathBuf::new(), vad: PathBuf::new(), speakers: None };
        let (engine, hints) = (Engine::Whisper(models), Hints::default());
        let hearing = |minutes, channels| Hearing {
            from: Path::new("/"),
            to: Path::new("/"),
            engine: &engine,
            hints: &hints,
            duration: Duration::from_mins(minutes),
            channels,
        };
        let of = |minutes, channels, model| {
            let all = Allowance::of(&hearing(minutes, channels), model);
            (all.memory_bytes >> 20, all.cpu_time.as_secs() / 60)
        };
        assert_eq!(of(10, 1, 80 << 20), (2_288, 2 + 10 * 4));
        assert_eq!(of(10, 2, 80 << 20), (2_288, 2 + 20 * 4));
        assert_eq!(of(10, 1, 1 << 30), (2_048 + 3_072, 2 + 10 * 34));
        assert_eq!(of(u64::MAX / 60, 8, u64::MAX).0, u64::MAX >> 20);
    }
}
