//! What is known of a recording, as a file beside its copy: the keys of callvault's own API.

use serde::Serialize;
use store::{Direction, Recording};

use crate::form::Form;
use crate::media::hex;
use crate::{Result, Vault};

/// A recording as `GET /api/v1/recordings/{recording_id}` shows it.
#[derive(Debug, Serialize)]
struct Metadata<'a> {
    recording_id: String,
    number: i64,
    call_uuid: &'a str,
    kind: &'static str,
    status: &'static str,
    duration_ms: u64,
    start: String,
    add_time: String,
    format: &'static str,
    channels: u16,
    sample_rate: u32,
    size_bytes: u64,
    sha256: String,
    truncated: bool,
    repaired: bool,
    from_number: Option<&'a str>,
    to_number: Option<&'a str>,
    direction: Option<&'static str>,
    conference_name: Option<&'a str>,
    conference_uuid: Option<&'a str>,
    mpc_name: Option<&'a str>,
    mpc_uuid: Option<&'a str>,
    user_id: Option<i64>,
    extensions: &'a [String],
    cnam: Option<&'a str>,
    rule_ids: &'a [String],
    audio_deleted: Option<String>,
    variants: Vec<Variant>,
}

/// The original, and the denoised one where there is one: it is made of the original, and is not
/// copied.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
struct Variant {
    variant: &'static str,
    format: &'static str,
    size_bytes: u64,
    sha256: String,
}

impl Vault {
    /// The file, as JSON.
    pub(super) async fn metadata(&self, recording: &Recording) -> Result<Vec<u8>> {
        let Recording { call, sound, .. } = recording;
        let original = recording.audio_deleted.is_none().then(|| Variant {
            variant: "original",
            format: sound.format.as_str(),
            size_bytes: recording.size_bytes,
            sha256: hex(&recording.sha256),
        });
        let mut variants = Vec::from_iter(original);
        let name = Form::Denoised.to_string();
        let denoised = self.find_conversion(recording.recording_id, &name).await?;
        variants.extend(denoised.map(|(made, _)| Variant {
            variant: "denoised",
            format: store::Format::Wav.as_str(),
            size_bytes: made.size_bytes,
            sha256: hex(&made.sha256),
        }));
        let metadata = Metadata {
            recording_id: recording.recording_id.to_string(),
            number: recording.number.0,
            call_uuid: &call.call_uuid,
            kind: call.kind.as_str(),
            status: "ready",
            duration_ms: u64::try_from((sound.duration().as_micros() + 500) / 1_000)
                .unwrap_or(u64::MAX),
            start: recording.start.to_string(),
            add_time: recording.add_time.to_string(),
            format: sound.format.as_str(),
            channels: sound.channels,
            sample_rate: sound.sample_rate,
            size_bytes: recording.size_bytes,
            sha256: hex(&recording.sha256),
            truncated: sound.truncated,
            repaired: sound.repair.is_some(),
            from_number: call.from_number.as_deref(),
            to_number: call.to_number.as_deref(),
            direction: call.direction.map(Direction::as_str),
            conference_name: call.conference_name.as_deref(),
            conference_uuid: call.conference_uuid.as_deref(),
            mpc_name: call.mpc_name.as_deref(),
            mpc_uuid: call.mpc_uuid.as_deref(),
            user_id: call.user_id.map(|user| user.0),
            extensions: &call.extensions,
            cnam: call.cnam.as_deref(),
            rule_ids: &call.rule_ids,
            audio_deleted: recording.audio_deleted.map(|time| time.to_string()),
            variants,
        };
        // Texts and numbers: this cannot fail.
        let mut text = serde_json::to_vec_pretty(&metadata).unwrap_or_default();
        text.push(b'\n');
        Ok(text)
    }
}
