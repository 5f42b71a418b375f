//! Writes what was said in files of audio, one transcript a line, as JSON.
//!
//!     transcribe WHISPER.bin SILERO.onnx LANGUAGE|auto FILE…

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use audio::Limits;
use speech::{Engine, Hints, Models, SAMPLE_RATE, Transcriber};

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Audio(#[from] audio::Error),
    #[error(transparent)]
    Speech(#[from] speech::Error),
    #[error("usage: transcribe WHISPER.bin SILERO.onnx LANGUAGE|auto FILE…")]
    Usage,
}

fn main() -> Result<(), Error> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [whisper, vad, language, files @ ..] = &words[..] else { return Err(Error::Usage) };
    let (whisper, vad) = (PathBuf::from(whisper), PathBuf::from(vad));
    let engine = Engine::Whisper(Models { whisper, vad, speakers: None });
    let hints = Hints { language: (language != "auto").then(|| language.clone()) };
    let limits = Limits::default();
    for file in files {
        let channels = audio::probe(File::open(file)?, &limits)?.channels;
        let mut transcriber = Transcriber::new(&engine, channels, &hints)?;
        audio::hear(File::open(file)?, SAMPLE_RATE, &limits, &mut |samples| {
            transcriber.take(samples).map_err(Error::from)
        })?;
        let transcript = transcriber.finish()?;
        let json = serde_json::to_string(&transcript).map_err(std::io::Error::from)?;
        writeln!(std::io::stdout(), "{json}")?;
    }
    Ok(())
}
