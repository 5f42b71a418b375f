//! The shapes of recordings, and of what becomes of them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Hold, hex, milliseconds};

/// A kept recording.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Recording {
    /// A UUID; the id of the Plivo dialect.
    pub recording_id: String,
    /// A unique integer, never reused; the id of the Vonage dialect.
    pub number: i64,
    pub call_uuid: String,
    /// `company` or `on_demand`.
    pub kind: &'static str,
    /// Always `ready`: a recording is shown once it is durable.
    pub status: &'static str,
    pub duration_ms: u64,
    /// When the recorded audio starts, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub start: String,
    /// When the recording was added, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub add_time: String,
    /// The container that it was sent in: `wav`, `mp3`, `flac`, `ogg`, `m4a` or `gsm`.
    pub format: &'static str,
    pub channels: u16,
    /// In Hz.
    pub sample_rate: u32,
    /// 0 once the audio was deleted.
    pub size_bytes: u64,
    /// Of the bytes as they were sent, in hex.
    pub sha256: String,
    /// Whether the audio ends before its header says.
    pub truncated: bool,
    /// Whether it is served with a header set right, because the one that was sent lies.
    pub repaired: bool,
    pub from_number: Option<String>,
    pub to_number: Option<String>,
    /// `inbound`, `outbound` or `internal`.
    pub direction: Option<&'static str>,
    pub conference_name: Option<String>,
    pub conference_uuid: Option<String>,
    pub mpc_name: Option<String>,
    pub mpc_uuid: Option<String>,
    pub user_id: Option<i64>,
    pub extensions: Vec<String>,
    pub cnam: Option<String>,
    pub rule_ids: Vec<String>,
    /// When the audio was deleted and only the transcript kept; null: it is there.
    #[schema(required, format = DateTime)]
    pub audio_deleted: Option<String>,
    /// What can be heard: the original, and the denoised variant once it is there.
    pub variants: Vec<Variant>,
}

/// A page of recordings.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Recordings {
    pub recordings: Vec<Listed>,
    /// How many there are on all pages; null on pages after the first.
    #[schema(required)]
    pub total: Option<u64>,
    /// What to send as `after` for the next page; null where there is none.
    #[schema(required)]
    pub next: Option<String>,
}

/// A recording, and what will become of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    #[serde(flatten)]
    pub recording: Recording,
    #[serde(flatten)]
    pub fate: Fate,
}

/// What will become of a recording if nobody does anything.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fate {
    /// Whether a legal hold keeps it from being deleted.
    pub held: bool,
    /// Nobody can delete it before this: the account's minimum retention.
    #[schema(required, format = DateTime)]
    pub kept_until: Option<String>,
    /// The next time that a policy deletes it, were it not held.
    #[schema(required)]
    pub deletion: Option<Deletion>,
}

/// When a policy deletes a recording.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deletion {
    #[schema(format = DateTime)]
    pub at: String,
    pub policy_id: i64,
    /// The policy's name.
    pub policy: String,
    /// `delete`, or `delete_audio`: only its audio, where it has a transcript.
    pub action: &'static str,
}

impl From<vault::Fate> for Fate {
    fn from(fate: vault::Fate) -> Self {
        Self {
            held: fate.held,
            kept_until: fate.kept_until.map(|time| time.to_string()),
            deletion: fate.deletion.map(|deletion| Deletion {
                at: deletion.at.to_string(),
                policy_id: deletion.policy_id.0,
                policy: deletion.name,
                action: deletion.action.as_str(),
            }),
        }
    }
}

/// How a recording is kept, and what that costs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Keeping {
    #[serde(flatten)]
    pub fate: Fate,
    /// Those on this recording, and the first by query that finds it; empty to whoever is no
    /// administrator.
    pub holds: Vec<Hold>,
    /// The storage day that it is in: 1 on the first.
    pub storage_days: u64,
    /// The length that is billed.
    pub rounded_duration_ms: u64,
    /// The price of a minute for a month, in US dollars.
    pub storage_rate: f64,
    /// The last monthly charge, in US dollars.
    pub storage_last_month: f64,
    /// `in_progress`, `success` or `failed`; null where there is no transcript.
    pub transcript: Option<&'static str>,
}

impl From<vault::Keeping> for Keeping {
    fn from(keeping: vault::Keeping) -> Self {
        let vault::Keeping { fate, holds, storage, transcript } = keeping;
        Self {
            fate: fate.into(),
            holds: holds.into_iter().map(Hold::from).collect(),
            storage_days: storage.days,
            rounded_duration_ms: milliseconds(storage.rounded_duration),
            storage_rate: storage.rate.as_f64(),
            storage_last_month: storage.last_month.as_f64(),
            transcript: transcript.map(vault::TranscriptStatus::as_str),
        }
    }
}

/// One audio of a recording.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Variant {
    /// `original` or `denoised`.
    pub variant: &'static str,
    /// The container that it is kept in.
    pub format: &'static str,
    pub size_bytes: u64,
    /// Of its bytes, in hex.
    pub sha256: String,
}

impl From<vault::Shown> for Recording {
    fn from(vault::Shown { recording, denoised }: vault::Shown) -> Self {
        let mut shown = Self::from(recording);
        shown.variants.extend(denoised.map(|denoised| Variant {
            variant: "denoised",
            format: vault::Format::Wav.as_str(),
            size_bytes: denoised.size_bytes,
            sha256: hex(&denoised.sha256),
        }));
        shown
    }
}

impl From<vault::Recording> for Recording {
    fn from(recording: vault::Recording) -> Self {
        let vault::Recording { call, sound, .. } = recording;
        Self {
            recording_id: recording.recording_id.to_string(),
            number: recording.number.0,
            call_uuid: call.call_uuid,
            kind: call.kind.as_str(),
            status: "ready",
            duration_ms: milliseconds(sound.duration()),
            start: recording.start.to_string(),
            add_time: recording.add_time.to_string(),
            format: sound.format.as_str(),
            channels: sound.channels,
            sample_rate: sound.sample_rate,
            size_bytes: recording.size_bytes,
            sha256: hex(&recording.sha256),
            truncated: sound.truncated,
            repaired: sound.repair.is_some(),
            from_number: call.from_number,
            to_number: call.to_number,
            direction: call.direction.map(vault::Direction::as_str),
            conference_name: call.conference_name,
            conference_uuid: call.conference_uuid,
            mpc_name: call.mpc_name,
            mpc_uuid: call.mpc_uuid,
            user_id: call.user_id.map(|user| user.0),
            extensions: call.extensions,
            cnam: call.cnam,
            rule_ids: call.rule_ids,
            audio_deleted: recording.audio_deleted.map(|time| time.to_string()),
            variants: Vec::from_iter(recording.audio_deleted.is_none().then(|| Variant {
                variant: "original",
                format: sound.format.as_str(),
                size_bytes: recording.size_bytes,
                sha256: hex(&recording.sha256),
            })),
        }
    }
}

/// The form of an upload. Read part by part in `upload/`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read as a stream")]
pub(crate) struct Upload {
    /// The audio: WAV, MP3, FLAC, Opus or Vorbis in Ogg, M4A, or bare GSM frames.
    #[schema(format = Binary)]
    file: String,
    /// The call; made up where absent. Up to 128 characters.
    call_uuid: Option<String>,
    /// E.164 or a SIP address.
    from_number: Option<String>,
    /// E.164 or a SIP address.
    to_number: Option<String>,
    /// `inbound`, `outbound` or `internal`.
    direction: Option<String>,
    /// When the recording started, RFC 3339; default: `add_time` less its duration.
    #[schema(format = DateTime)]
    start: Option<String>,
    /// When it was added, RFC 3339, never in the future; default: now.
    #[schema(format = DateTime)]
    add_time: Option<String>,
    conference_name: Option<String>,
    conference_uuid: Option<String>,
    mpc_name: Option<String>,
    mpc_uuid: Option<String>,
    /// `company` (default) or `on_demand`, which needs `user_id`.
    kind: Option<String>,
    user_id: Option<i64>,
    /// Comma-separated.
    extensions: Option<String>,
    cnam: Option<String>,
    /// Comma-separated, each up to 128 characters.
    rule_ids: Option<String>,
    /// `auto`: it is transcribed at once.
    transcription_type: Option<String>,
    /// Where the end of that is told, as Plivo tells it.
    transcription_url: Option<String>,
    /// The language spoken, by its ISO 639-1 code; default: it is detected.
    transcription_language: Option<String>,
}
