//! What was said on a recording, as a file beside its copy: the keys of callvault's own API.

use serde::Serialize;
use store::{RecordingId, SpeakersKnown, Transcript};

use crate::transcripts::spoken;
use crate::{Result, Vault};

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

impl Vault {
    /// The file, as JSON; `None` where the transcript is another one by now.
    pub(super) async fn said(&self, transcript: &Transcript) -> Result<Option<Vec<u8>>> {
        let (id, wanted): (RecordingId, _) = (transcript.recording_id, transcript.clone());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let Some(recording) = reader.any_recording(id).await? else { return Ok(None) };
                let found = reader.transcript_of(id).await?;
                let Some(found) = found.filter(|found| *found == wanted) else { return Ok(None) };
                spoken(reader, recording, found).await.map(Some)
            })
        });
        let Some(all) = read.await? else { return Ok(None) };
        let turns = all.turns.iter().map(|turn| Turn {
            speaker: turn.speaker,
            channel: turn.channel,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: &turn.text,
            confidence: f64::from(turn.confidence_ppm / 100) / 1e4,
        });
        let words = all.words.iter().map(|word| Word {
            word: &word.word,
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: (f64::from(word.confidence) * 1e4).round() / 1e4,
            channel: word.channel,
            speaker: word.speaker,
        });
        let said = Said {
            transcript_id: transcript.transcript_id.to_string(),
            recording_id: id.to_string(),
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
        Ok(Some(text))
    }
}
