//! Work that follows a deed: rows in the same transaction, done by the runner, at least once.

mod runner;
mod sweep;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use store::{
    Delivery, DeliveryId, ExportId, NewJob, PolicyId, Recording, RecordingId, RecordingNumber,
    RunId, Time,
};

use crate::media::blob_key;
use crate::scrub::Pass;
use crate::{Error, Result, Vault};

/// A piece of work, as it is kept in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Work {
    /// Removes the bytes of a recording whose row is gone, what was made of them, and the deliveries
    /// that tell of it.
    EraseAudio { recording_id: String, format: String },
    /// The same for many.
    EraseAll { recordings: Vec<Erased> },
    /// Starts the run of this slot of a policy's schedule.
    RunPolicy { policy_id: i64, slot: i64 },
    /// Goes on with a run.
    Retain { run_id: i64 },
    /// Makes the denoised variant of a recording.
    Denoise { recording_id: String },
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
const DELIVER: &str = "deliver";
pub(crate) const EXPORT: &str = "export";
const SWEEP: &str = "sweep";
pub(crate) const SCRUB: &str = "scrub";

/// Kinds of work that share slots, the most urgent first. No class waits for another's slots.
struct Class {
    kinds: &'static [&'static str],
    /// How many jobs of the class a program does at once.
    slots: usize,
}

const CLASSES: [Class; 6] = [
    Class { kinds: &[ERASE_AUDIO, ERASE_ALL], slots: 4 },
    // Each batch is a transaction of its own, between which others come.
    Class { kinds: &[RUN_POLICY, RETAIN], slots: 2 },
    Class { kinds: &[SWEEP, SCRUB], slots: 2 },
    // They read whole recordings.
    Class { kinds: &[EXPORT], slots: 2 },
    // One core each, for a while.
    Class { kinds: &[DENOISE], slots: 1 },
    // They mostly wait, for strangers' servers: up to 55 s each.
    Class { kinds: &[DELIVER], slots: 16 },
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
            Self::Deliver { .. } => (DELIVER, None),
            Self::Export { .. } => (EXPORT, None),
            Self::Sweep => (SWEEP, Some(Cow::from(SWEEP))),
            Self::Scrub(_) => (SCRUB, Some(Cow::from(SCRUB))),
        };
        let classes = CLASSES.iter().filter(|class| class.kinds.contains(&kind));
        debug_assert_eq!(classes.count(), 1, "{kind} is in one class, or nobody would do it");
        // Texts and nothing else: this cannot fail.
        let payload = serde_json::to_string(self).unwrap_or_default();
        NewJob { kind, payload, run_at, uniq }
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
    /// Does it; the job that is to follow it, if any.
    async fn do_work(&self, payload: &str) -> Result<Option<NewJob<'static>>, JobError> {
        let work = serde_json::from_str(payload);
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
                let id = recording_id
                    .parse()
                    .map_err(|error| JobError::GiveUp(anyhow::Error::new(error)))?;
                self.make_denoised(id).await?;
                Ok(None)
            }
            Work::Deliver { delivery_id, attempt } => {
                self.try_delivery(DeliveryId(delivery_id), attempt).await?;
                Ok(None)
            }
            Work::Export { export_id, after } => {
                let id: ExportId = export_id
                    .parse()
                    .map_err(|error| JobError::GiveUp(anyhow::Error::new(error)))?;
                Ok(self.make_export(id, RecordingNumber(after)).await?)
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
        let give_up = |error| JobError::GiveUp(anyhow::Error::new(error));
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for erased in all {
            let id: RecordingId = erased.recording_id.parse().map_err(give_up)?;
            keys.push(blob_key(id, erased.format.parse().map_err(give_up)?));
            ids.push(id);
        }
        self.inner.blobs.delete_all(keys).await.map_err(Error::from)?;
        self.erase_derived(ids).await?;
        self.note_deleted();
        Ok(())
    }
}
