//! Every JSON shape, in the vendor's spelling.

use serde::Serialize;
use vault::{
    Direction, Export, ExportKind, Format, Kind, Spoken, Time, Transcript, TranscriptStatus,
};

use crate::AudioFormat;
use crate::links::Links;

/// A list of recordings.
#[derive(Debug, Serialize)]
pub(crate) struct Recordings {
    pub recordings: Vec<Recording>,
}

/// A list of transcriptions.
#[derive(Debug, Serialize)]
pub(crate) struct Transcriptions {
    pub transcriptions: Vec<Transcription>,
}

/// A transcription, without its text. The vendor's shape of one is not known: this one is ours.
#[derive(Debug, Serialize)]
pub(crate) struct Transcription {
    /// The recording's.
    pub id: i64,
    pub call_id: String,
    /// `in_progress`, `complete`, `failed`.
    pub status: &'static str,
    /// Why it failed; else null.
    pub error: Option<String>,
    /// ISO 639-1; null where nobody spoke, and before it is known.
    pub language: Option<String>,
    /// Of the recording, in milliseconds.
    pub duration: u64,
    /// When it was asked for, as `start` of a recording.
    pub created: String,
    #[serde(rename = "_links")]
    pub links: SelfLink,
}

/// A transcription with what was said.
#[derive(Debug, Serialize)]
pub(crate) struct OneTranscription {
    #[serde(flatten)]
    pub about: Transcription,
    /// Empty unless it is complete.
    pub segments: Vec<Segment>,
}

/// What was said in one go.
#[derive(Debug, Serialize)]
pub(crate) struct Segment {
    /// On a stereo call its channel.
    pub speaker: u16,
    /// In milliseconds from the start of the recording.
    pub start: u64,
    pub end: u64,
    pub text: String,
}

impl Transcription {
    pub(crate) fn new(row: &Transcript, of: &vault::Recording, links: &Links) -> Self {
        Self {
            id: of.number.0,
            call_id: of.call.call_uuid.clone(),
            status: match row.status {
                TranscriptStatus::InProgress => "in_progress",
                TranscriptStatus::Success => "complete",
                TranscriptStatus::Failed => "failed",
            },
            error: row.error.clone(),
            language: row.language.clone(),
            duration: milliseconds(of.sound.duration()),
            created: time(row.created),
            links: SelfLink {
                itself: Link { href: links.to(&format!("/transcription/{}", of.number)) },
            },
        }
    }
}

impl OneTranscription {
    pub(crate) fn new(spoken: &Spoken, links: &Links) -> Self {
        let segment = |turn: &vault::Turn| Segment {
            speaker: turn.speaker,
            start: turn.start_ms,
            end: turn.end_ms,
            text: turn.text.clone(),
        };
        Self {
            about: Transcription::new(&spoken.transcript, &spoken.recording, links),
            segments: spoken.turns.iter().map(segment).collect(),
        }
    }
}

fn milliseconds(span: std::time::Duration) -> u64 {
    u64::try_from((span.as_micros() + 500) / 1_000).unwrap_or(u64::MAX)
}

/// One page of a list.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Page<T> {
    #[serde(rename = "_embedded")]
    pub embedded: T,
    #[serde(rename = "_links")]
    pub links: PageLinks,
    /// From 1.
    pub page: u64,
    pub page_size: u32,
    pub total_items: u64,
    pub total_pages: u64,
}

/// The way to other pages. At an end there is none beyond it.
#[derive(Debug, Serialize)]
pub(crate) struct PageLinks {
    pub first: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<Link>,
    #[serde(rename = "self")]
    pub itself: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Link>,
    pub last: Link,
}

/// An absolute URL.
#[derive(Debug, Serialize)]
pub(crate) struct Link {
    pub href: String,
}

/// A link to the thing itself.
#[derive(Debug, Serialize)]
pub(crate) struct SelfLink {
    #[serde(rename = "self")]
    pub itself: Link,
}

/// A recording. Every field is there always. What nobody knows of a call is an empty text: the
/// vendor declares texts there, and clients take them for that.
#[derive(Debug, Serialize)]
pub(crate) struct Recording {
    pub id: i64,
    pub call_id: String,
    /// `INBOUND`, `OUTBOUND`, `INTRA_PBX`.
    pub call_direction: &'static str,
    /// Digits without a plus, or a SIP address.
    pub caller_id: String,
    pub cnam: String,
    pub dnis: String,
    /// In milliseconds.
    pub duration: u64,
    /// `2019-01-01T00:00:00+0000`.
    pub start: String,
    pub end: String,
    pub extensions: Vec<String>,
    /// Null always, as on the vendor's rows.
    pub extension: Option<String>,
    /// Good for a path and for a key of S3; no other recording has it.
    pub file_name: String,
    /// Of what is kept; its download may be a conversion of another size.
    pub file_size_in_bytes: u64,
    /// It wants the bearer token, as everything does.
    pub download_url: String,
    /// The rules that caused it, as far as they are numbers.
    pub rule_ids: Vec<i64>,
    #[serde(rename = "_links")]
    pub links: SelfLink,
}

impl Recording {
    /// Dresses a recording in the vendor's words.
    pub(crate) fn new(
        row: &vault::Recording,
        audio: AudioFormat,
        links: &Links,
        shelf: &str,
    ) -> Self {
        let (call, number) = (&row.call, row.number);
        let on_demand = call.kind == Kind::OnDemand;
        let rules = if on_demand { &[][..] } else { &call.rule_ids[..] };
        let duration = row.sound.duration();
        Self {
            id: number.0,
            call_id: call.call_uuid.clone(),
            call_direction: call.direction.map_or("", direction),
            caller_id: party(call.from_number.as_deref()),
            cnam: call.cnam.clone().unwrap_or_default(),
            dnis: party(call.to_number.as_deref()),
            duration: milliseconds(duration),
            start: time(row.start),
            end: time(row.start.plus(duration)),
            extensions: call.extensions.clone(),
            extension: None,
            file_name: format!(
                "{}.{number}.{}.{}",
                row.root_id,
                row.start.as_micros() / 1_000,
                ending(audio, row.sound.format)
            ),
            file_size_in_bytes: row.size_bytes,
            download_url: links.to(&format!("/audio/recording/{number}")),
            rule_ids: rules.iter().filter_map(|rule| rule.parse().ok()).collect(),
            links: SelfLink { itself: Link { href: format!("{shelf}/{number}") } },
        }
    }
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(crate) struct JobIds {
    pub job_ids: [String; 1],
}

/// A list of jobs.
#[derive(Debug, Serialize)]
pub(crate) struct JobList {
    pub jobs: Vec<Job>,
}

/// An export. Of its states the vendor shows `complete` only.
#[derive(Debug, Serialize)]
pub(crate) struct Job {
    pub id: String,
    /// `pending`, `in_progress`, `complete`, `failed`, `expired`.
    pub status: &'static str,
    /// 0 while it is pending.
    pub files_total: u64,
    /// How many were looked at.
    pub files_completed: u64,
    /// 404 unless it is complete.
    pub download_url: String,
    /// Null until it is complete.
    pub valid_until: Option<String>,
    #[serde(rename = "_links")]
    pub links: SelfLink,
}

impl Job {
    /// Dresses an export in the vendor's words; `jobs` is the URL of the list that it is in.
    pub(crate) fn new(row: &Export, links: &Links, jobs: &str) -> Self {
        let id = row.export_id;
        let retrieve = match row.kind {
            ExportKind::Company | ExportKind::OnDemand | ExportKind::Selection => "retrieve?jobId=",
            ExportKind::RecordingsTranscriptions => "recordings_transcriptions/retrieve?job_id=",
        };
        Self {
            id: id.to_string(),
            status: row.state.as_str(),
            files_total: row.files_total,
            files_completed: row.files_completed,
            download_url: links.to(&format!("/bulkDownload/{retrieve}{id}")),
            valid_until: row.zip.as_ref().map(|zip| time(zip.valid_until)),
            links: SelfLink { itself: Link { href: format!("{jobs}/{id}") } },
        }
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "INBOUND",
        Direction::Outbound => "OUTBOUND",
        Direction::Internal => "INTRA_PBX",
    }
}

/// A number without its plus.
fn party(number: Option<&str>) -> String {
    let number = number.unwrap_or_default();
    number.strip_prefix('+').unwrap_or(number).to_owned()
}

fn ending(audio: AudioFormat, stored: Format) -> &'static str {
    match audio {
        AudioFormat::Mp3 => "mp3",
        AudioFormat::Stored => stored.as_str(),
    }
}

/// Writes a time in whole seconds, down to the one that has begun.
fn time(time: Time) -> String {
    time.civil().strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}
