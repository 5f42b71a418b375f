//! What turns sound into words.

use std::path::PathBuf;
use std::sync::Arc;

use crate::Transcript;

/// What turns sound into words.
#[derive(Debug, Clone)]
pub enum Engine {
    /// whisper.cpp.
    Whisper(Models),
    /// For tests of what is around it.
    Scripted(Script),
}

/// The files that [`Engine::Whisper`] works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Models {
    /// Whisper of any size and quantisation, in ggml's format.
    pub whisper: PathBuf,
    /// Silero VAD, as ONNX.
    pub vad: PathBuf,
    /// What tells speakers on one channel apart; without them there is one speaker.
    pub speakers: Option<SpeakerModels>,
}

/// The two models that tell voices apart, as ONNX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakerModels {
    /// pyannote's segmentation 3.0.
    pub segmentation: PathBuf,
    /// CAM++.
    pub embedding: PathBuf,
}

/// What is known beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// ISO 639-1; `None`: found out.
    pub language: Option<String>,
}

/// What a scripted engine says of a sound of so many channels and samples at
/// [`SAMPLE_RATE`](crate::SAMPLE_RATE): a transcript, or why there is none.
#[derive(Clone)]
pub struct Script(pub Arc<dyn Fn(u16, u64) -> Result<Transcript, String> + Send + Sync>);

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}
