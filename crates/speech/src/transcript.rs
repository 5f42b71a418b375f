//! What comes out.

use serde::{Deserialize, Serialize};

/// What was said on a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// ISO 639-1, as given or detected; `None` where nobody spoke.
    pub language: Option<String>,
    /// How it is known who spoke.
    pub speakers: Speakers,
    /// In the order of their starts.
    pub words: Vec<Word>,
    /// What was said in one go by one speaker, in the order of their starts.
    pub turns: Vec<Turn>,
}

/// How it is known who spoke.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speakers {
    /// Each channel is one speaker: exact.
    Channel,
    /// Told apart by their voices: an estimate, as sure as each turn's confidence.
    Estimated,
    /// Not told apart: all is speaker 0.
    #[default]
    Unknown,
}

/// A word, with its punctuation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub word: String,
    /// From the start of the recording, in ms.
    pub start_ms: u64,
    pub end_ms: u64,
    /// From 0 to 1: the engine's own.
    pub confidence: f32,
    /// From 0.
    pub channel: u16,
    /// From 0; on a stereo call its channel.
    pub speaker: u16,
}

/// A turn of one speaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub speaker: u16,
    pub start_ms: u64,
    pub end_ms: u64,
    pub text: String,
    /// From 0.
    pub channel: u16,
    /// From 0 to 1: how sure it is that this was the speaker. 1 where each channel is one.
    pub confidence: f32,
}
