//! Every JSON shape, in the vendor's spelling.

use serde::Serialize;
use vault::{
    Format, Prices, RecordingId, SpeakersKnown, Spoken, Time, Transcript, TranscriptStatus,
};

use crate::filter::time;
use crate::transcriptions::Type;

/// An answer that may be delivered later.
pub(crate) trait Telling: Serialize {
    /// The recordings that it tells of.
    fn about(&self) -> Vec<RecordingId>;

    /// Whether it has what was said on them.
    fn has_words(&self) -> bool {
        false
    }
}

/// Answer to a list.
#[derive(Debug, Serialize)]
pub(crate) struct RecordingList {
    pub api_id: String,
    pub meta: Meta,
    pub objects: Vec<Recording>,
}

/// Where a page is. Three numbers; two paths with their queries, or null.
#[derive(Debug, Serialize)]
pub(crate) struct Meta {
    pub limit: u64,
    pub next: Option<String>,
    pub offset: u64,
    pub previous: Option<String>,
    pub total_count: u64,
}

/// Answer to a get: a recording with an `api_id` beside its fields.
#[derive(Debug, Serialize)]
pub(crate) struct OneRecording {
    pub api_id: String,
    #[serde(flatten)]
    pub recording: Recording,
}

/// What a delete has to say where it is delivered: there is no such thing as an empty form.
#[derive(Debug, Serialize)]
pub(crate) struct Gone {
    pub api_id: String,
}

impl Telling for RecordingList {
    fn about(&self) -> Vec<RecordingId> {
        self.objects.iter().filter_map(Recording::id).collect()
    }
}

impl Telling for OneRecording {
    fn about(&self) -> Vec<RecordingId> {
        self.recording.id().into_iter().collect()
    }
}

impl Telling for Gone {
    fn about(&self) -> Vec<RecordingId> {
        Vec::new()
    }
}

/// Answer to a list of transcriptions.
#[derive(Debug, Serialize)]
pub(crate) struct TranscriptionList {
    pub api_id: String,
    pub meta: Meta,
    pub objects: Vec<Transcription>,
}

/// A transcription, without its text. In the vendor's fixtures, of which there are two, the times
/// are numbers here, unlike a recording's; the ids, the call, the language, the time, the error and
/// the URI are ours.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Transcription {
    /// When it was asked for.
    pub add_time: String,
    pub call_uuid: String,
    /// In US dollars, as the next: 0 unless it is a success.
    pub cost: f64,
    /// Null unless it failed.
    pub error: Option<String>,
    /// ISO 639-1; null where nobody spoke.
    pub language: Option<String>,
    /// For each minute that is begun.
    pub rate: f64,
    pub recording_duration_ms: u64,
    pub recording_id: String,
    pub recording_start_ms: u64,
    pub resource_uri: String,
    /// How it is known who spoke: `channel`, `estimated`, `unknown`; null before it is known.
    pub speakers: Option<&'static str>,
    /// `in-progress`, `success` or `failed`.
    pub status: &'static str,
    pub transcription_id: String,
}

/// Answer to a get of a transcription.
#[derive(Debug, Serialize)]
pub(crate) struct OneTranscription {
    pub api_id: String,
    /// Empty unless it is a success.
    pub transcription: Said,
    #[serde(flatten)]
    pub about: Transcription,
}

/// What was said, in the form that was asked for.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Said {
    Text(String),
    Raw(Vec<Word>),
    Diarized(Vec<Turn>),
}

/// A word, with its punctuation.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub(crate) struct Word {
    pub word: String,
    /// From the start of the recording.
    pub start_ms: u64,
    pub end_ms: u64,
    /// From 0 to 1.
    pub confidence: f64,
    pub channel: u16,
}

/// What was said in one go.
#[derive(Debug, Serialize)]
pub(crate) struct Turn {
    /// On a stereo call its channel.
    pub speaker: u16,
    pub start_ms: u64,
    pub end_ms: u64,
    pub text: String,
    pub channel: u16,
    /// From 0 to 1: that it was this speaker.
    pub confidence: f64,
}

/// Answer to a create. The ids are ours.
#[derive(Debug, Serialize)]
pub(crate) struct Begun {
    pub api_id: String,
    pub message: &'static str,
    pub recording_id: String,
    pub transcription_id: String,
}

impl Telling for TranscriptionList {
    fn about(&self) -> Vec<RecordingId> {
        self.objects.iter().filter_map(Transcription::id).collect()
    }
}

impl Telling for OneTranscription {
    fn about(&self) -> Vec<RecordingId> {
        self.about.id().into_iter().collect()
    }

    fn has_words(&self) -> bool {
        true
    }
}

impl Telling for Begun {
    fn about(&self) -> Vec<RecordingId> {
        self.recording_id.parse().into_iter().collect()
    }
}

impl Transcription {
    fn id(&self) -> Option<RecordingId> {
        self.recording_id.parse().ok()
    }

    pub(crate) fn new(row: &Transcript, of: &vault::Recording) -> Self {
        let (id, number) = (row.recording_id, |micros: u128| u64::try_from(micros / 1000));
        Self {
            add_time: time::write(row.created),
            call_uuid: of.call.call_uuid.clone(),
            cost: row.cost.as_f64(),
            error: row.error.clone(),
            language: row.language.clone(),
            rate: row.rate.as_f64(),
            recording_duration_ms: number(of.sound.duration().as_micros()).unwrap_or(u64::MAX),
            recording_id: id.to_string(),
            recording_start_ms: number(micros(of.start)).unwrap_or(u64::MAX),
            resource_uri: format!("/v1/Account/{}/Transcription/{id}/", of.auth_id),
            speakers: row.speakers.map(SpeakersKnown::as_str),
            status: match row.status {
                TranscriptStatus::InProgress => "in-progress",
                TranscriptStatus::Success => "success",
                TranscriptStatus::Failed => "failed",
            },
            transcription_id: row.transcript_id.to_string(),
        }
    }
}

impl OneTranscription {
    pub(crate) fn new(spoken: &Spoken, wanted: Type) -> Self {
        let transcription = match wanted {
            Type::Transcription => Said::Text(text(spoken)),
            Type::Raw => Said::Raw(spoken.words.iter().map(Word::from).collect()),
            Type::Diarized => Said::Diarized(spoken.turns.iter().map(Turn::from).collect()),
        };
        let about = Transcription::new(&spoken.transcript, &spoken.recording);
        Self { api_id: api_id(), transcription, about }
    }
}

impl From<&vault::Word> for Word {
    fn from(word: &vault::Word) -> Self {
        Self {
            word: word.word.clone(),
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: (f64::from(word.confidence) * 1e4).round() / 1e4,
            channel: word.channel,
        }
    }
}

impl From<&vault::Turn> for Turn {
    fn from(turn: &vault::Turn) -> Self {
        Self {
            speaker: turn.speaker,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: turn.text.clone(),
            channel: turn.channel,
            confidence: f64::from(turn.confidence_ppm / 100) / 1e4,
        }
    }
}

/// A transcript as the vendor's fixtures show one: a paragraph for each turn, which says who spoke
/// where that is known.
pub(crate) fn text(spoken: &Spoken) -> String {
    let known = spoken.transcript.speakers != Some(SpeakersKnown::Unknown);
    let paragraph = |turn: &vault::Turn| {
        if known {
            format!("\nSpeaker {}: {}\n", turn.speaker, turn.text)
        } else {
            format!("\n{}\n", turn.text)
        }
    };
    spoken.turns.iter().map(paragraph).collect()
}

/// The immediate answer to an asynchronous request.
#[derive(Debug, Serialize)]
pub(crate) struct Spawned {
    pub api_id: String,
    pub message: &'static str,
}

/// An error's body.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub api_id: String,
    pub error: String,
}

/// A recording. Every field is there always, null where there is nothing to say: one SDK reads 17
/// of them unasked. <https://www.plivo.com/docs/voice/api/recordings#the-recording-object>
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Recording {
    /// `2026-11-22 01:02:03.000456+00:00`.
    pub add_time: String,
    pub call_uuid: String,
    pub conference_name: Option<String>,
    pub conference_uuid: Option<String>,
    /// Empty where nobody knows: the SDKs declare a string here, unlike for conferences.
    pub from_number: String,
    /// In US dollars: the last charge, 0 before the first.
    pub monthly_recording_storage_amount: f64,
    pub mpc_name: Option<String>,
    pub mpc_uuid: Option<String>,
    /// Milliseconds in a string with five decimals, as the next two, which count from 1970.
    pub recording_duration_ms: String,
    pub recording_end_ms: String,
    /// `mp3` for MP3, `wav` for everything else.
    pub recording_format: &'static str,
    pub recording_id: String,
    pub recording_start_ms: String,
    /// In days, 1 on the first.
    pub recording_storage_duration: u64,
    /// In US dollars for a minute and month.
    pub recording_storage_rate: f64,
    /// `conference` or `normal`.
    pub recording_type: &'static str,
    pub recording_url: String,
    pub resource_uri: String,
    /// In seconds, a multiple of 60.
    pub rounded_recording_duration: u64,
    pub to_number: String,
}

impl Recording {
    fn id(&self) -> Option<RecordingId> {
        self.recording_id.parse().ok()
    }

    /// Dresses a recording in Plivo's words. Its URLs carry its owner's Auth ID, which may be a
    /// subaccount's.
    pub(crate) fn new(
        row: &vault::Recording,
        prices: &Prices,
        now: Time,
        public_url: &str,
    ) -> Self {
        let (id, call) = (row.recording_id, &row.call);
        let duration = row.sound.duration();
        let cost = prices.storage_of(row, now);
        let format = match row.sound.format {
            Format::Mp3 => "mp3",
            _ => "wav",
        };
        let path = format!("/v1/Account/{}/Recording/{id}", row.auth_id);
        // GUESS: Plivo's multi-party calls are its newer conferences, so they are called so too.
        let conference =
            [&call.conference_name, &call.conference_uuid, &call.mpc_name, &call.mpc_uuid]
                .into_iter()
                .any(Option::is_some);
        Self {
            add_time: time::write(row.add_time),
            call_uuid: call.call_uuid.clone(),
            conference_name: call.conference_name.clone(),
            conference_uuid: call.conference_uuid.clone(),
            from_number: call.from_number.clone().unwrap_or_default(),
            monthly_recording_storage_amount: cost.last_month.as_f64(),
            mpc_name: call.mpc_name.clone(),
            mpc_uuid: call.mpc_uuid.clone(),
            recording_duration_ms: milliseconds(duration.as_micros()),
            recording_end_ms: milliseconds(micros(row.start) + duration.as_micros()),
            recording_format: format,
            recording_id: id.to_string(),
            recording_start_ms: milliseconds(micros(row.start)),
            recording_storage_duration: cost.days,
            recording_storage_rate: cost.rate.as_f64(),
            recording_type: if conference { "conference" } else { "normal" },
            recording_url: format!("{public_url}{path}.{format}"),
            resource_uri: format!("{path}/"),
            rounded_recording_duration: cost.rounded_duration.as_secs(),
            to_number: call.to_number.clone().unwrap_or_default(),
        }
    }
}

/// The id of this answer: the request's, so that what a client reports can be found in the log.
pub(crate) fn api_id() -> String {
    web::RequestId::current().to_string()
}

fn micros(time: Time) -> u128 {
    u128::try_from(time.as_micros()).unwrap_or(0)
}

/// Writes `345100.00000`, exactly.
fn milliseconds(micros: u128) -> String {
    format!("{}.{:03}00", micros / 1000, micros % 1000)
}

#[cfg(test)]
mod tests;
