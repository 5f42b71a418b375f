//! Work that follows a deed: rows in the same transaction, done by the runner, at least once.

mod runner;
mod shown;
mod sweep;

use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use store::{
    Delivery, DeliveryId, ExportId, Job, NewJob, NotAnId, PolicyId, Recording, RecordingId,
    RecordingNumber, RunId, Time, TranscriptId,
};

pub use self::shown::BackgroundJob;
use crate::media::blob_key;
use crate::scrub::Pass;
use crate::{Error, Result, Vault};

/// A piece of work, as it is kept in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Work {
    /// Removes the bytes of a recording that has none any more by its row, and what was made of them;
    /// where there is no row either, what was said, and the deliveries that tell of it.
    EraseAudio { recording_id: String, format: String },
    /// The same for many.
    EraseAll { recordings: Vec<Erased> },
    /// Starts the run of this slot of a policy's schedule.
    RunPolicy { policy_id: i64, slot: i64 },
    /// Goes on with a run.
    Retain { run_id: i64 },
    /// Makes the denoised variant of a recording.
    Denoise { recording_id: String },
    /// Makes a transcript.
    Transcribe { transcript_id: String },
    /// Has its end told to those who asked.
    TellTranscript { transcript_id: String },
    /// Makes this attempt at a delivery.
    Deliver { delivery_id: i64, attempt: u32 },
    /// Goes on with an export, after the recording of that number.
    Export { export_id: String, after: i64 },
    /// Removes what crashes have left behind, and what has expired.
    Sweep,
    /// Reads a part of all recordings again, to find damage.
    Scrub(Pass),
}

/// A recording whose row is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Erased {
    pub(crate) recording_id: String,
    format: String,
}

pub(crate) const ERASE_ALL: &str = "erase_all";
const RUN_POLICY: &str = "run_policy";
const RETAIN: &str = "retain";
pub(crate) const ERASE_AUDIO: &str = "erase_audio";
const DENOISE: &str = "denoise";
const TRANSCRIBE: &str = "transcribe";
const TELL_TRANSCRIPT: &str = "tell_transcript";
const DELIVER: &str = "deliver";
pub(crate) const EXPORT: &str = "export";
const SWEEP: &str = "sweep";
pub(crate) const SCRUB: &str = "scrub";

/// Kinds of work that share slots, the most urgent first. No class waits for another's slots.
struct Class {
    kinds: &'static [&'static str],
    /// How many jobs of the class a program does at once; `None`: as many as the operator says.
    slots: Option<usize>,
}

const CLASSES: [Class; 7] = [
    Class { kinds: &[ERASE_AUDIO, ERASE_ALL], slots: Some(4) },
    // Each batch is a transaction of its own, between which others come.
    Class { kinds: &[RUN_POLICY, RETAIN], slots: Some(2) },
    Class { kinds: &[SWEEP, SCRUB], slots: Some(2) },
    // They read whole recordings.
    Class { kinds: &[EXPORT], slots: Some(2) },
    // One core each, for a while.
    Class { kinds: &[DENOISE], slots: Some(1) },
    // One core each, for long.
    Class { kinds: &[TRANSCRIBE], slots: None },
    // They mostly wait, for strangers' servers: up to 55 s each.
    Class { kinds: &[TELL_TRANSCRIPT, DELIVER], slots: Some(16) },
];

impl Work {
    pub(crate) fn erase(recording: &Recording) -> Self {
        Self::EraseAudio {
            recording_id: recording.recording_id.to_string(),
            format: recording.sound.format.as_str().to_owned(),
        }
    }

    pub(crate) fn erase_all(recordings: &[Recording]) -> Self {
        let erased = |recording: &Recording| Erased {
            recording_id: recording.recording_id.to_string(),
            format: recording.sound.format.as_str().to_owned(),
        };
        Self::EraseAll { recordings: recordings.iter().map(erased).collect() }
    }

    pub(crate) fn denoise(id: RecordingId) -> Self {
        Self::Denoise { recording_id: id.to_string() }
    }

    pub(crate) fn transcribe(id: TranscriptId) -> Self {
        Self::Transcribe { transcript_id: id.to_string() }
    }

    pub(crate) fn tell_transcript(id: TranscriptId) -> Self {
        Self::TellTranscript { transcript_id: id.to_string() }
    }

    /// The next attempt.
    pub(crate) fn deliver(delivery: &Delivery) -> Self {
        Self::Deliver { delivery_id: delivery.delivery_id.0, attempt: delivery.attempts + 1 }
    }

    /// The next part of it.
    pub(crate) fn export(id: ExportId, after: i64) -> Self {
        Self::Export { export_id: id.to_string(), after }
    }

    /// As a row, to be done at that time.
    pub(crate) fn job(&self, run_at: Time) -> NewJob<'static> {
        let (kind, uniq) = match self {
            Self::EraseAudio { .. } => (ERASE_AUDIO, None),
            Self::EraseAll { .. } => (ERASE_ALL, None),
            Self::RunPolicy { policy_id, slot } => {
                (RUN_POLICY, Some(Cow::from(format!("policy {policy_id} {slot}"))))
            }
            Self::Retain { run_id } => (RETAIN, Some(Cow::from(format!("run {run_id}")))),
            Self::Denoise { .. } => (DENOISE, None),
            Self::Transcribe { transcript_id } => {
                (TRANSCRIBE, Some(Cow::from(format!("transcript {transcript_id}"))))
            }
            Self::TellTranscript { .. } => (TELL_TRANSCRIPT, None),
            Self::Deliver { .. } => (DELIVER, None),
            Self::Export { .. } => (EXPORT, None),
            Self::Sweep => (SWEEP, Some(Cow::from(SWEEP))),
            Self::Scrub(_) => (SCRUB, Some(Cow::from(SCRUB))),
        };
        let classes = CLASSES.iter().filter(|class| class.kinds.contains(&kind));
        debug_assert_eq!(classes.count(), 1, "{kind} is in one class, or nobody would do it");
        // Texts and nothing else: this cannot fail.
        let payload = serde_json::to_string(self).unwrap_or_default();
        NewJob { kind, payload, run_at, uniq, of: None }
    }
}

/// How a job ended badly.
#[derive(Debug)]
enum JobError {
    /// Trying again may help.
    Retry(Error),
    /// It cannot help; somebody must look.
    GiveUp(anyhow::Error),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::Retry(error)
    }
}

impl Vault {
    /// How many jobs of a class are done at once.
    fn slots(&self, class: &Class) -> usize {
        class.slots.unwrap_or(self.inner.speech.jobs)
    }

    /// Does it; the job that is to follow it, if any.
    async fn do_work(&self, job: &Job) -> Result<Option<NewJob<'static>>, JobError> {
        let work = serde_json::from_str(&job.payload);
        match work.map_err(|error| JobError::GiveUp(error.into()))? {
            Work::EraseAudio { recording_id, format } => {
                self.erase(&[Erased { recording_id, format }]).await?;
                Ok(None)
            }
            Work::EraseAll { recordings } => {
                self.erase(&recordings).await?;
                Ok(None)
            }
            Work::RunPolicy { policy_id, slot } => {
                self.run_policy(PolicyId(policy_id), Time::from_micros(slot)).await?;
                Ok(None)
            }
            Work::Retain { run_id } => {
                let more = self.go_on(RunId(run_id)).await?;
                Ok(more.then(|| Work::Retain { run_id }.job(self.now())))
            }
            Work::Denoise { recording_id } => {
                self.make_denoised(id(&recording_id)?).await?;
                Ok(None)
            }
            Work::Transcribe { transcript_id } => {
                self.transcribe(id(&transcript_id)?, job.attempts).await?;
                Ok(None)
            }
            Work::TellTranscript { transcript_id } => {
                self.tell_transcript(id(&transcript_id)?).await?;
                Ok(None)
            }
            Work::Deliver { delivery_id, attempt } => {
                self.try_delivery(DeliveryId(delivery_id), attempt).await?;
                Ok(None)
            }
            Work::Export { export_id, after } => {
                Ok(self.make_export(id(&export_id)?, RecordingNumber(after)).await?)
            }
            Work::Sweep => {
                self.sweep().await?;
                Ok(None)
            }
            Work::Scrub(pass) => Ok(Some(self.scrub(pass).await?)),
        }
    }

    /// Removes the bytes of recordings, and what was made of them.
    async fn erase(&self, all: &[Erased]) -> Result<(), JobError> {
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for erased in all {
            let recording: RecordingId = id(&erased.recording_id)?;
            keys.push(blob_key(recording, id(&erased.format)?));
            ids.push(recording);
        }
        self.inner.blobs.delete_all(keys).await.map_err(Error::from)?;
        self.erase_derived(ids).await?;
        self.note_deleted();
        Ok(())
    }
}

/// Reads a word of a payload.
fn id<T: FromStr<Err = NotAnId>>(text: &str) -> Result<T, JobError> {
    text.parse().map_err(|error| JobError::GiveUp(anyhow::Error::new(error)))
}
