//! Speech as text: what was said on a call, by whom, and when.
//!
//! It knows nothing of callvault, files of audio or networks: samples in, a [`Transcript`] out.
//! Start at [`Transcriber`]. Everything costs CPU time in proportion to what is said, on one
//! thread; run it in a process that may die.

pub mod convert;
mod engine;
mod error;
mod listener;
mod speakers;
mod stretches;
mod transcriber;
mod transcript;
mod turns;
mod vad;
mod whisper;
mod window;
mod words;

pub use engine::{Engine, Hints, Models, Script, SpeakerModels};
pub use error::Error;
pub use speakers::{Diarization, Diarizer, Spoken};
pub use transcriber::Transcriber;
pub use transcript::{Speakers, Transcript, Turn, Word};

/// The sample rate of everything here, in Hz.
pub const SAMPLE_RATE: u32 = 16_000;
