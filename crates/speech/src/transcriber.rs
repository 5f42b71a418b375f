//! From samples to a transcript.

use crate::engine::Script;
use crate::listener::Listener;
use crate::{Engine, Error, Hints, Transcript};

/// Takes the sound of a call, piece by piece, and tells what was said. However long the call, it
/// uses as much memory, but for the words.
pub struct Transcriber(Inner);

enum Inner {
    Whisper(Box<Listener>),
    Scripted { script: Script, channels: u16, samples: u64 },
}

impl Transcriber {
    /// One for a call of so many channels (at least one).
    ///
    /// # Errors
    ///
    /// [`Error::Model`] where a model cannot be used, [`Error::Language`] where it does not know
    /// the hint's language.
    pub fn new(engine: &Engine, channels: u16, hints: &Hints) -> Result<Self, Error> {
        Ok(Self(match engine {
            Engine::Whisper(models) => {
                Inner::Whisper(Box::new(Listener::new(models, channels, hints)?))
            }
            Engine::Scripted(script) => {
                Inner::Scripted { script: script.clone(), channels, samples: 0 }
            }
        }))
    }

    /// Takes the next samples: for each channel as many, from -1 to 1, at
    /// [`SAMPLE_RATE`](crate::SAMPLE_RATE).
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] where the engine fails.
    pub fn take(&mut self, channels: &[Vec<f32>]) -> Result<(), Error> {
        match &mut self.0 {
            Inner::Whisper(listener) => listener.take(channels),
            Inner::Scripted { samples, .. } => {
                *samples += channels.first().map_or(0, Vec::len) as u64;
                Ok(())
            }
        }
    }

    /// Tells what was said.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] where the engine fails.
    pub fn finish(self) -> Result<Transcript, Error> {
        match self.0 {
            Inner::Whisper(listener) => listener.finish(),
            Inner::Scripted { script, channels, samples } => {
                (script.0)(channels, samples).map_err(Error::Engine)
            }
        }
    }
}
