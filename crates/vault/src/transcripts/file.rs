//! What was said on a recording, as a file in an archive or an export: the keys of callvault's own
//! API.

use serde::Serialize;
use store::SpeakersKnown;

use crate::Spoken;

/// A transcript as `GET /api/v1/recordings/{recording_id}/transcript` shows it.
#[derive(Debug, Serialize)]
struct Said<'a> {
    transcript_id: String,
    recording_id: String,
    status: &'static str,
    error: Option<&'a str>,
    language: Option<&'a str>,
    speakers: Option<&'static str>,
    rate: f64,
    cost: f64,
    created: String,
    finished: Option<String>,
    turns: Vec<Turn<'a>>,
    words: Vec<Word<'a>>,
}

#[derive(Debug, Serialize)]
struct Turn<'a> {
    speaker: u16,
    channel: u16,
    start_ms: u64,
    end_ms: u64,
    text: &'a str,
    confidence: f64,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
struct Word<'a> {
    word: &'a str,
    start_ms: u64,
    end_ms: u64,
    confidence: f64,
    channel: u16,
    speaker: u16,
}

impl Spoken {
    /// The file, as JSON.
    pub(crate) fn json(&self) -> Vec<u8> {
        let transcript = &self.transcript;
        let turns = self.turns.iter().map(|turn| Turn {
            speaker: turn.speaker,
            channel: turn.channel,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: &turn.text,
            confidence: f64::from(turn.confidence_ppm / 100) / 1e4,
        });
        let words = self.words.iter().map(|word| Word {
            word: &word.word,
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: (f64::from(word.confidence) * 1e4).round() / 1e4,
            channel: word.channel,
            speaker: word.speaker,
        });
        let said = Said {
            transcript_id: transcript.transcript_id.to_string(),
            recording_id: transcript.recording_id.to_string(),
            status: transcript.status.as_str(),
            error: transcript.error.as_deref(),
            language: transcript.language.as_deref(),
            speakers: transcript.speakers.map(SpeakersKnown::as_str),
            rate: transcript.rate.as_f64(),
            cost: transcript.cost.as_f64(),
            created: transcript.created.to_string(),
            finished: transcript.finished.map(|time| time.to_string()),
            turns: turns.collect(),
            words: words.collect(),
        };
        // Texts and numbers: this cannot fail.
        let mut text = serde_json::to_vec_pretty(&said).unwrap_or_default();
        text.push(b'\n');
        text
    }
}
