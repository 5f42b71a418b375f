//! From samples to a transcript.

use crate::{Engine, Error, Hints, Transcript};

/// Takes the sound of a call, piece by piece, and tells what was said. However long the call, it
/// uses as much memory.
#[derive(Debug)]
pub struct Transcriber {
    engine: Engine,
    channels: u16,
    samples: u64,
}

impl Transcriber {
    /// One for a call of so many channels (at least one).
    ///
    /// # Errors
    ///
    /// [`Error::Model`] where a model cannot be used.
    pub fn new(engine: &Engine, channels: u16, _hints: &Hints) -> Result<Self, Error> {
        Ok(Self { engine: engine.clone(), channels, samples: 0 })
    }

    /// Takes the next samples: for each channel as many, from -1 to 1, at
    /// [`SAMPLE_RATE`](crate::SAMPLE_RATE).
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] where the engine fails.
    pub fn take(&mut self, channels: &[Vec<f32>]) -> Result<(), Error> {
        self.samples += channels.first().map_or(0, Vec::len) as u64;
        Ok(())
    }

    /// Tells what was said.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] where the engine fails.
    pub fn finish(self) -> Result<Transcript, Error> {
        match self.engine {
            Engine::Scripted(script) => {
                (script.0)(self.channels, self.samples).map_err(Error::Engine)
            }
            Engine::Whisper(_) => Err(Error::Engine("not built yet".to_owned())),
        }
    }
}
