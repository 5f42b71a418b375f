//! Every JSON shape, in the vendor's spelling.

use serde::Serialize;
use vault::{Format, Prices, RecordingId, Time};

use crate::filter::time;

/// An answer that may be delivered later.
pub(crate) trait Telling: Serialize {
    /// The recordings that it tells of.
    fn about(&self) -> Vec<RecordingId>;
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
        let cost = prices.storage(duration, row.add_time, now);
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
