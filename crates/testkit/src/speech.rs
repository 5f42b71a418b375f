//! Speech that nobody has to recognise.

use std::sync::Arc;

use speech::{Engine, Script, Speakers, Transcript, Turn, Word};

/// A dialogue of two, whatever is heard; on one channel nobody knows who speaks.
pub fn said() -> vault::Speech {
    scripted(|channels, _| Ok(dialogue(channels)))
}

/// Whatever a test wants to have been said on so many channels and samples, or why nothing was.
pub fn scripted(
    script: impl Fn(u16, u64) -> Result<Transcript, String> + Send + Sync + 'static,
) -> vault::Speech {
    let engine = Engine::Scripted(Script(Arc::new(script)));
    vault::Speech { engine, model: "scripted".to_owned(), language: None, jobs: 1 }
}

/// What [`said`] says.
pub fn dialogue(channels: u16) -> Transcript {
    let lines = ["Hello, how can I help you?", "I want my money back!", "Of course. One moment."];
    let (mut words, mut turns) = (Vec::new(), Vec::new());
    for (at, line) in (0_u16..).zip(lines) {
        let speaker = if channels > 1 { at % 2 } else { 0 };
        let (channel, start_ms) = (speaker, u64::from(at) * 2_000);
        let end_ms = start_ms + 1_500;
        for (place, word) in (0_u64..).zip(line.split(' ')) {
            let start_ms = start_ms + place * 200;
            words.push(Word {
                word: word.to_owned(),
                start_ms,
                end_ms: start_ms + 150,
                confidence: 0.5,
                channel,
                speaker,
            });
        }
        turns.push(Turn {
            speaker,
            start_ms,
            end_ms,
            text: line.to_owned(),
            channel,
            confidence: if channels > 1 { 1.0 } else { 0.0 },
        });
    }
    let speakers = if channels > 1 { Speakers::Channel } else { Speakers::Unknown };
    Transcript { language: Some("en".to_owned()), speakers, words, turns }
}
