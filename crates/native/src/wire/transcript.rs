//! Transcripts, and what is found in them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::{Direction, SpeakersKnown};

/// How far a transcript is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TranscriptState {
    /// A UUID; another one where it was removed and made again.
    pub transcript_id: String,
    pub recording_id: String,
    /// `in_progress`, `success` or `failed`.
    pub status: &'static str,
    /// Why it failed; else null.
    pub error: Option<String>,
    /// ISO 639-1; null where nobody spoke, and before it is known.
    pub language: Option<String>,
    /// How it is known who spoke: `channel`, exactly; `estimated`, by their voices; `unknown`, then
    /// all is speaker 0.
    pub speakers: Option<&'static str>,
    /// In US dollars: of a minute, when it was asked for.
    pub rate: f64,
    /// 0 unless it is a success.
    pub cost: f64,
    #[schema(format = DateTime)]
    pub created: String,
    #[schema(format = DateTime)]
    pub finished: Option<String>,
}

/// What was said on a recording.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Transcript {
    #[serde(flatten)]
    pub state: TranscriptState,
    /// In the order of their starts; empty unless it is a success.
    pub turns: Vec<Turn>,
    pub words: Vec<Word>,
}

/// What was said in one go by one speaker.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Turn {
    /// From 0; on a stereo call its channel.
    pub speaker: u16,
    pub channel: u16,
    /// From the start of the recording.
    pub start_ms: u64,
    pub end_ms: u64,
    pub text: String,
    /// 0 to 1: that it was this speaker.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
}

/// A word, with its punctuation.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Word {
    pub word: String,
    pub start_ms: u64,
    pub end_ms: u64,
    /// 0 to 1: the engine's own.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    pub channel: u16,
    pub speaker: u16,
}

/// What is known beforehand.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `transcript.rs` reads it")]
pub(crate) struct TranscriptWish {
    /// The language spoken, by its ISO 639-1 code; default: it is detected.
    #[schema(example = "en")]
    language: Option<String>,
}

/// A page of hits, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hits {
    pub hits: Vec<Hit>,
    /// What to send as `offset` for the next page; null where there is none.
    pub next: Option<u64>,
}

/// A turn in which all was said that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hit {
    pub recording_id: String,
    pub call_uuid: String,
    /// When the recorded audio starts.
    #[schema(format = DateTime)]
    pub start: String,
    #[schema(required)]
    pub from_number: Option<String>,
    #[schema(required)]
    pub to_number: Option<String>,
    /// `inbound`, `outbound` or `internal`.
    #[schema(required)]
    pub direction: Option<&'static str>,
    pub channel: u16,
    pub speaker: u16,
    /// From the start of the recording.
    pub start_ms: u64,
    pub end_ms: u64,
    /// The whole turn.
    pub text: String,
    /// What of the text was asked for: from which character (counted as Unicode has them) to
    /// before which.
    pub matches: Vec<(usize, usize)>,
}

impl From<vault::Transcript> for TranscriptState {
    fn from(row: vault::Transcript) -> Self {
        Self {
            transcript_id: row.transcript_id.to_string(),
            recording_id: row.recording_id.to_string(),
            status: row.status.as_str(),
            error: row.error,
            language: row.language,
            speakers: row.speakers.map(SpeakersKnown::as_str),
            rate: row.rate.as_f64(),
            cost: row.cost.as_f64(),
            created: row.created.to_string(),
            finished: row.finished.map(|time| time.to_string()),
        }
    }
}

impl From<vault::Spoken> for Transcript {
    fn from(spoken: vault::Spoken) -> Self {
        Self {
            state: spoken.transcript.into(),
            turns: spoken.turns.into_iter().map(Turn::from).collect(),
            words: spoken.words.into_iter().map(Word::from).collect(),
        }
    }
}

impl From<vault::Turn> for Turn {
    fn from(turn: vault::Turn) -> Self {
        Self {
            speaker: turn.speaker,
            channel: turn.channel,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: turn.text,
            confidence: f64::from(turn.confidence_ppm / 100) / 1e4,
        }
    }
}

impl From<vault::Word> for Word {
    fn from(word: vault::Word) -> Self {
        Self {
            word: word.word,
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: (f64::from(word.confidence) * 1e4).round() / 1e4,
            channel: word.channel,
            speaker: word.speaker,
        }
    }
}

impl From<vault::Hit> for Hit {
    fn from(hit: vault::Hit) -> Self {
        let vault::Hit { recording, turn, places } = hit;
        Self {
            recording_id: recording.recording_id.to_string(),
            call_uuid: recording.call.call_uuid,
            start: recording.start.to_string(),
            from_number: recording.call.from_number,
            to_number: recording.call.to_number,
            direction: recording.call.direction.map(Direction::as_str),
            channel: turn.channel,
            speaker: turn.speaker,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: turn.text,
            matches: places.into_iter().map(|place| (place.start, place.end)).collect(),
        }
    }
}
