//! Every JSON shape of the API, in one place.

mod exports;
mod jobs;
mod people;
mod retention;
mod transcript;

use serde::Serialize;
use utoipa::ToSchema;

use vault::span;

pub(crate) use self::exports::{Export, ExportPreview, ExportStarted, NewExport};
pub(crate) use self::jobs::{Job, Jobs};
pub(crate) use self::people::{
    AddedSubaccount, AddedUser, Credentials, NewClientSecret, NewPassword, NewSubaccount, NewToken,
    NewUser, Subaccount, Subaccounts, User, UserChange, Users,
};
pub(crate) use self::retention::{
    BulkDelete, BulkWhere, Confirm, NewPolicy, Policies, Policy, Preview, Receipt, ReceiptLine,
    Run, Runs, Started,
};

pub(crate) use self::transcript::{Hit, Hits, Transcript, TranscriptState, TranscriptWish};

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

/// The nearest whole millisecond, half up.
fn milliseconds(span: std::time::Duration) -> u64 {
    u64::try_from((span.as_micros() + 500) / 1_000).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An account's settings. Spans are a whole number with a unit: `7d`, `12h`, `30m`, `45s`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    /// Plivo's "HTTP Auth on recordings": whether media need credentials.
    pub media_auth: bool,
    pub noise_cancellation: bool,
    /// How long a new retention policy waits before its first run.
    #[schema(example = "7d")]
    pub retention_pending: String,
    /// The share of the account that a retention run may delete unasked, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub retention_max_share: f64,
    /// Nothing received more recently than this is deleted by anyone.
    #[schema(example = "0d")]
    pub minimum_retention: String,
}

impl From<vault::Settings> for Account {
    fn from(settings: vault::Settings) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "at most a million")]
        let share = settings.retention_max_share_ppm as f64 / 1e6;
        Self {
            media_auth: settings.media_auth,
            noise_cancellation: settings.noise_cancellation,
            retention_pending: span::write(settings.retention_pending),
            retention_max_share: share,
            minimum_retention: span::write(settings.minimum_retention),
        }
    }
}

/// Settings to change; what is absent stays. Read key by key in `account.rs`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct AccountChange {
    media_auth: Option<bool>,
    noise_cancellation: Option<bool>,
    #[schema(example = "7d")]
    retention_pending: Option<String>,
    #[schema(minimum = 0, maximum = 1)]
    retention_max_share: Option<f64>,
    /// Can only be lengthened here; shortening it is a command of the operator.
    #[schema(example = "30d")]
    minimum_retention: Option<String>,
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

/// What a session begins with.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct Login {
    /// An Auth ID, or a user's login, with or without its realm.
    login: String,
    /// The auth token, or the user's password.
    #[schema(format = Password)]
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    pub auth_id: String,
    /// The account's name.
    pub name: String,
    pub subaccount: bool,
    /// Whether it is the account itself or its administrator, who may do everything; else it is a
    /// subaccount, or a user who reaches its own on-demand recordings only.
    pub administrator: bool,
    /// The user; null where it is the account itself.
    pub user_id: Option<i64>,
    pub username: Option<String>,
}

impl From<&vault::Caller> for Session {
    fn from(caller: &vault::Caller) -> Self {
        Self {
            auth_id: caller.auth_id().to_string(),
            name: caller.account_name().to_owned(),
            subaccount: caller.is_subaccount(),
            administrator: caller.is_administrator(),
            user_id: caller.user_id().map(|user| user.0),
            username: caller.username().map(str::to_owned),
        }
    }
}

/// A page of deliveries, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    pub deliveries: Vec<Delivery>,
    /// What to send as `before` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// An answer that was asked to be sent to a server of the account's own.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Delivery {
    pub delivery_id: i64,
    /// Whose words the answer is in: `plivo`.
    pub dialect: &'static str,
    /// The account or subaccount that asked.
    pub auth_id: String,
    pub url: String,
    /// `POST` or `GET`.
    pub method: &'static str,
    /// The status that the answer would have had; null where it answers nothing.
    pub status: Option<u16>,
    /// `pending`, `delivered` or `failed`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was asked for, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub created: String,
}

/// A delivery with all that was tried.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryWithAttempts {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The answer's body.
    pub answer: serde_json::Value,
    /// The first one first.
    pub tried: Vec<Attempt>,
}

/// One attempt at a delivery.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Attempt {
    /// 1 is the first.
    pub attempt: u32,
    #[schema(format = DateTime)]
    pub started: String,
    pub duration_ms: u64,
    /// What the server answered; null where it did not.
    pub status: Option<u16>,
    /// Why there was no answer; null where there was one.
    pub error: Option<String>,
}

impl From<vault::Delivery> for Delivery {
    fn from(delivery: vault::Delivery) -> Self {
        Self {
            delivery_id: delivery.delivery_id.0,
            dialect: delivery.new.dialect.as_str(),
            auth_id: delivery.auth_id.to_string(),
            url: delivery.new.url,
            method: delivery.new.method.as_str(),
            status: delivery.new.status,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            created: delivery.created.to_string(),
        }
    }
}

impl DeliveryWithAttempts {
    pub(crate) fn new(delivery: vault::Delivery, attempts: Vec<vault::DeliveryAttempt>) -> Self {
        let answer = serde_json::from_str(&delivery.new.answer).unwrap_or_default();
        let tried = attempts.into_iter().map(|attempt| Attempt {
            attempt: attempt.attempt,
            started: attempt.started.to_string(),
            duration_ms: milliseconds(attempt.duration),
            status: attempt.status,
            error: attempt.error,
        });
        Self { tried: tried.collect(), answer, delivery: delivery.into() }
    }
}

/// All rules of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingRules {
    /// The oldest first.
    pub rules: Vec<RecordingRule>,
}

/// A rule by which the company's calls are recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingRule {
    /// Never used twice.
    pub rule_id: i64,
    pub name: String,
    /// How many of a hundred matching calls the phone system is to record. Which rules a recording
    /// falls under does not depend on it.
    #[schema(minimum = 1, maximum = 100)]
    pub percentage: u32,
    /// Of `inbound`, `outbound`, `internal`; empty means all.
    pub directions: Vec<&'static str>,
    /// Empty means all.
    pub extensions: Vec<String>,
    pub enabled: bool,
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<vault::RecordingRule> for RecordingRule {
    fn from(rule: vault::RecordingRule) -> Self {
        let vault::RecordingRule { rule_id, new } = rule;
        Self {
            rule_id: rule_id.0,
            name: new.name,
            percentage: new.percentage,
            directions: new.directions.into_iter().map(vault::Direction::as_str).collect(),
            extensions: new.extensions,
            enabled: new.enabled,
            created: new.created.to_string(),
        }
    }
}

/// A new rule, which needs a name, or a change of one: what is absent is the default, or stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct RecordingRuleChange {
    /// 1 to 128 printable characters.
    name: Option<String>,
    /// Default: 100.
    #[schema(minimum = 1, maximum = 100)]
    percentage: Option<u32>,
    /// Of `inbound`, `outbound`, `internal`; default: all.
    directions: Option<Vec<String>>,
    /// Default: all.
    extensions: Option<Vec<String>>,
    /// Default: true.
    enabled: Option<bool>,
}

/// Which recordings; all conditions that are given must hold.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Where {
    /// Older than this: a whole number with a unit (`d`, `h`, `m`, `s`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "90d")]
    pub older_than: Option<String>,
    /// What age, `from` and `until` go by: `start` (default) or `add_time`.
    pub by: &'static str,
    /// At or after, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// Before, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "30s")]
    pub shorter_than: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2h")]
    pub longer_than: Option<String>,
    /// `company` or `on_demand`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// `inbound`, `outbound` or `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// At either end of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// The conference's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conference: Option<String>,
    /// An Auth ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<String>,
}

impl From<vault::Where> for Where {
    fn from(what: vault::Where) -> Self {
        Self {
            older_than: what.older_than.map(span::write),
            by: match what.by {
                vault::By::Start => "start",
                vault::By::AddTime => "add_time",
            },
            from: what.from.map(|time| time.to_string()),
            until: what.until.map(|time| time.to_string()),
            shorter_than: what.shorter_than.map(span::write),
            longer_than: what.longer_than.map(span::write),
            kind: what.kind.map(vault::Kind::as_str),
            direction: what.direction.map(vault::Direction::as_str),
            extension: what.extension,
            number: what.number,
            user_id: what.user_id.map(|user| user.0),
            conference: what.conference,
            subaccount: what.subaccount.map(|id| id.to_string()),
        }
    }
}

/// Why a recording is held.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `holds.rs` reads it")]
pub(crate) struct HoldReason {
    /// 1 to 1000 printable characters.
    reason: String,
}

/// A hold by query that is to be put on.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only for the API's description; `holds.rs` reads it")]
pub(crate) struct NewHold {
    /// 1 to 1000 printable characters.
    reason: String,
    r#where: Where,
}

/// A page of holds, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Holds {
    pub holds: Vec<Hold>,
    /// What to send as `after` for the next page; null where there is none.
    pub next: Option<i64>,
}

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Hold {
    pub hold_id: i64,
    /// The one recording that it is on; null where it is by query.
    pub recording_id: Option<String>,
    /// What it is on; null where it is on one recording.
    pub r#where: Option<Where>,
    pub reason: String,
    /// RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub created: String,
    /// An Auth ID, `user 745249` or `operator`.
    pub created_by: String,
}

impl From<vault::LegalHold> for Hold {
    fn from(hold: vault::LegalHold) -> Self {
        let (recording_id, what) = match hold.on {
            vault::HoldOn::Recording(id) => (Some(id.to_string()), None),
            vault::HoldOn::Query(what) => (None, Some(what.into())),
        };
        Self {
            hold_id: hold.hold_id.0,
            recording_id,
            r#where: what,
            reason: hold.reason,
            created: hold.created.to_string(),
            created_by: hold.created_by,
        }
    }
}

/// A page of the audit log, the newest entries first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Audit {
    pub entries: Vec<AuditEntry>,
    /// What to send as `before` for the next page; null where there is none.
    pub next: Option<u64>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// 1 is the account's first; there are no gaps.
    pub entry: u64,
    /// RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub at: String,
    /// An Auth ID, `user 745249`, `policy 3`, `operator` or `anybody`.
    pub who: String,
    /// The address that it came from, of IPv6 the network; null for commands and policies.
    pub source: Option<String>,
    /// `listen`, `read`, `search`, `login`, `refused`, `transcribe`, `delete`,
    /// `delete_transcript`, `hold_on`, `hold_off`, `settings`, `user_add`, `user_change`,
    /// `user_remove`, `subaccount_add`, `credentials`, `policy_add`, `policy_change`,
    /// `policy_remove`, `rule_add`, `rule_change`, `rule_remove`, `run_start`, `run_stop`,
    /// `run_confirm`, `run_cancel`, `run_end`, `export`, `logout`, `retry`.
    pub action: &'static str,
    /// A recording's id, an Auth ID, `user 745249`, `hold 1`, `policy 3`, `rule 5`, `run 7`.
    pub subject: Option<String>,
    pub detail: serde_json::Value,
    /// SHA-256 over the hash before and this entry, in hex.
    pub hash: String,
}

impl From<vault::AuditEntry> for AuditEntry {
    fn from(entry: vault::AuditEntry) -> Self {
        let told = entry.told;
        Self {
            entry: entry.entry,
            at: told.at.to_string(),
            who: told.who,
            source: told.source,
            action: told.action.as_str(),
            subject: told.subject,
            detail: serde_json::from_str(&told.detail).unwrap_or_default(),
            hash: hex(&entry.hash),
        }
    }
}

/// That it lives, or is ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// Why a request was not done, as RFC 9457 has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The name of the status.
    pub title: &'static str,
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The part, parameter or key that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What accounts keep, and what that costs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// In US dollars for a minute and month.
    pub storage_rate: f64,
    /// The account, with its subaccounts in it, then each of these.
    pub accounts: Vec<AccountUsage>,
}

/// One account's use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountUsage {
    pub auth_id: String,
    pub name: String,
    pub months: Vec<MonthUsage>,
}

/// One month's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthUsage {
    /// `2026-01`, in UTC.
    pub month: String,
    /// Whether it has not ended yet.
    pub forecast: bool,
    /// Kept at its end.
    pub recordings: u64,
    pub duration_ms: u64,
    pub bytes: u64,
    /// Deleted in it.
    pub deleted: u64,
    /// Billed at its end.
    pub billed_minutes: u64,
    /// In US dollars.
    pub amount: f64,
    /// What will be if the retention policies run as they stand; null for months that have ended,
    /// and after a year.
    pub with_policies: Option<Remaining>,
}

/// What will be there at the end of a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Remaining {
    pub recordings: u64,
    pub duration_ms: u64,
    pub bytes: u64,
    pub billed_minutes: u64,
    /// In US dollars.
    pub amount: f64,
}

impl From<vault::Remaining> for Remaining {
    fn from(left: vault::Remaining) -> Self {
        Self {
            recordings: left.recordings,
            duration_ms: u64::try_from(left.duration.as_millis()).unwrap_or(u64::MAX),
            bytes: left.bytes,
            billed_minutes: left.billed_minutes,
            amount: left.amount.as_f64(),
        }
    }
}

impl From<vault::Usage> for AccountUsage {
    fn from(usage: vault::Usage) -> Self {
        let month = |month: vault::MonthUsage| MonthUsage {
            month: month.month.to_string(),
            forecast: month.forecast,
            recordings: month.recordings,
            duration_ms: u64::try_from(month.duration.as_millis()).unwrap_or(u64::MAX),
            bytes: month.bytes,
            deleted: month.deleted,
            billed_minutes: month.billed_minutes,
            amount: month.amount.as_f64(),
            with_policies: month.with_policies.map(Remaining::from),
        };
        Self {
            auth_id: usage.auth_id.to_string(),
            name: usage.name,
            months: usage.months.into_iter().map(month).collect(),
        }
    }
}
