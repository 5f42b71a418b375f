//! Making transcripts, and telling of their end.
//!
//! A job makes one, in a worker of its own. Whatever ends the transcript is written in one
//! transaction, which also queues its telling: so it ends once, and is told once, whenever the
//! server is killed.

use std::path::PathBuf;
use std::time::Duration;

use speech::{Engine, Hints, Models};
use store::{
    NewDelivery, Recording, SpeakersKnown, Transcript, TranscriptEnd, TranscriptId,
    TranscriptStatus, Turn,
};
use uuid::Uuid;

use crate::jobs::Work;
use crate::media::blob_key;
use crate::transcripts::{Spoken, spoken};
use crate::worker::{Heard, Hearing};
use crate::{Error, Result, Vault};

/// How transcripts are made.
#[derive(Debug, Clone)]
pub struct Speech {
    pub engine: Engine,
    /// What the models are called, for whoever is to install them.
    pub model: String,
    /// Of calls whose language nobody gives: ISO 639-1. `None`: it is detected.
    pub language: Option<String>,
    /// How many are made at once, each on one core.
    pub jobs: usize,
}

/// As Plivo has it: longer than the first, shorter than the second.
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_hours(4);
const LARGEST: u64 = 2 << 30;
/// After so many attempts of its job, a worker that breaks has broken on this recording.
const ATTEMPTS: u32 = 8;
/// After so many, nothing is waited for any more.
const LAST_ATTEMPT: u32 = 20;

/// Why there is no transcript.
enum Failure {
    /// And there will be none.
    Final(String),
    /// The worker broke, by the file's doing or not.
    Broken(String),
    /// Not the file's doing.
    Passing(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Passing(error.into())
    }
}

impl Vault {
    /// Brings a transcript to its end. `attempt` is the job's, from 1.
    pub(crate) async fn transcribe(&self, id: TranscriptId, attempt: u32) -> Result<()> {
        let read = self.inner.store.read(move |reader| {
            Box::pin(async move {
                let Some(transcript) = reader.any_transcript(id).await? else { return Ok(None) };
                let recording = reader.any_recording(transcript.recording_id).await?;
                Ok(recording.map(|recording| (recording, transcript)))
            })
        });
        let Some((recording, transcript)) = read.await? else { return Ok(()) };
        if transcript.status != TranscriptStatus::InProgress {
            return Ok(());
        }
        let end = match self.make_transcript(&recording, &transcript).await {
            Ok(end) => end,
            Err(Failure::Broken(why)) if attempt < ATTEMPTS => {
                return Err(anyhow::anyhow!("transcribing: {why}").into());
            }
            Err(Failure::Broken(why) | Failure::Final(why)) => TranscriptEnd::Failed(why),
            Err(Failure::Passing(error)) if attempt < LAST_ATTEMPT => return Err(error),
            Err(Failure::Passing(error)) => {
                tracing::error!(recording.id = %recording.recording_id,
                    error = format!("{:#}", anyhow::Error::new(error)), "there is no transcript");
                TranscriptEnd::Failed("the recording could not be read".to_owned())
            }
        };
        if let TranscriptEnd::Failed(why) = &end {
            tracing::warn!(recording.id = %recording.recording_id, why, "there is no transcript");
        }
        self.end_transcript(&recording, transcript, end).await
    }

    /// Queues again what jobs that were given up have left.
    pub(crate) async fn queue_transcripts(&self) -> Result<()> {
        let now = self.now();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                for id in tx.unfinished_transcripts().await? {
                    let Some(transcript) = tx.any_transcript(id).await? else { continue };
                    let recording = transcript.recording_id;
                    let Some(found) = tx.any_recording(recording).await? else { continue };
                    let job = Work::transcribe(id).job(now).of(found.root_id, Some(recording));
                    tx.enqueue(&job).await?;
                }
                Ok(())
            })
        });
        Ok(write.await?)
    }

    async fn make_transcript(
        &self,
        recording: &Recording,
        transcript: &Transcript,
    ) -> Result<TranscriptEnd, Failure> {
        check(recording)?;
        let id = recording.recording_id;
        let engine = ready(&self.inner.speech)?;
        let source = match self.inner.blobs.as_file(&blob_key(id, recording.sound.format)).await {
            Ok(source) => source,
            // Deleted, or about to be found damaged.
            Err(blob::Error::Missing(_)) => {
                return Err(Failure::Final("the recording's audio is missing".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        // Not under the recording's id: whatever a crash leaves of it is nobody's.
        let staged = self.inner.blobs.stage(Uuid::new_v4()).await?;
        let hints = Hints {
            language: transcript.hint.clone().or_else(|| self.inner.speech.language.clone()),
        };
        let hearing = Hearing {
            from: source.path(),
            to: staged.path(),
            engine: &engine,
            hints: &hints,
            duration: recording.sound.duration(),
            channels: recording.sound.channels,
        };
        let said = match self.inner.workers.hear(&hearing).await? {
            Heard::Said(said) => said,
            Heard::Refused(why) => return Err(Failure::Final(why)),
            Heard::Broke(why) => return Err(Failure::Broken(why)),
        };
        let minutes = recording.sound.duration().as_millis().div_ceil(60_000);
        Ok(TranscriptEnd::Success {
            language: said.language,
            speakers: match said.speakers {
                speech::Speakers::Channel => SpeakersKnown::Channel,
                speech::Speakers::Estimated => SpeakersKnown::Estimated,
                speech::Speakers::Unknown => SpeakersKnown::Unknown,
            },
            words: serde_json::to_string(&said.words).map_err(anyhow::Error::from)?,
            turns: said.turns.into_iter().map(turn).collect(),
            cost: transcript.rate.times(u64::try_from(minutes).unwrap_or(u64::MAX)),
        })
    }

    /// Writes down how a transcript ended, unless it has ended or is gone.
    async fn end_transcript(
        &self,
        recording: &Recording,
        transcript: Transcript,
        end: TranscriptEnd,
    ) -> Result<()> {
        let (root, id, now) = (recording.root_id, recording.recording_id, self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if tx.finish_transcript(&transcript, &end, now).await?
                    && !tx.transcript_callbacks(id).await?.is_empty()
                {
                    let telling = Work::tell_transcript(transcript.transcript_id);
                    tx.enqueue(&telling.job(now).of(root, Some(id))).await?;
                }
                Ok(())
            })
        });
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }

    /// Queues what tells of a transcript's end, for all who asked and were not told.
    pub(crate) async fn tell_transcript(&self, id: TranscriptId) -> Result<()> {
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let Some(transcript) = reader.any_transcript(id).await? else { return Ok(None) };
                let recording = reader.any_recording(transcript.recording_id).await?;
                let Some(recording) = recording else { return Ok(None) };
                let callbacks = reader.transcript_callbacks(recording.recording_id).await?;
                Ok(Some((spoken(reader, recording, transcript).await?, callbacks)))
            })
        });
        let Some((spoken, callbacks)) = read.await? else { return Ok(()) };
        let Spoken { recording, .. } = &spoken;
        let (root, recording, now) = (recording.root_id, recording.recording_id, self.now());
        let told = callbacks.into_iter().map(|callback| {
            let to = &callback.to;
            let new = NewDelivery {
                dialect: to.dialect,
                url: to.url.clone(),
                method: to.method,
                policy: to.policy,
                status: None,
                answer: self.inner.outbound.transcribed(to.dialect, &spoken),
            };
            (callback, new)
        });
        let told: Vec<_> = told.collect();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                for (callback, new) in told {
                    if !tx.set_transcript_told(recording, &callback).await? {
                        continue;
                    }
                    let delivery = tx.add_delivery(callback.account_id, root, &new, now).await?;
                    if !tx.add_delivery_about(delivery, recording, true).await? {
                        let why = anyhow::anyhow!("{recording} was deleted just now");
                        return Err(store::Error::Unavailable(why));
                    }
                    let first = Work::Deliver { delivery_id: delivery.0, attempt: 1 };
                    tx.enqueue(&first.job(now).of(root, Some(recording))).await?;
                }
                Ok(())
            })
        });
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }
}

/// Plivo's own bounds, and its words where it has any.
fn check(recording: &Recording) -> Result<(), Failure> {
    let duration = recording.sound.duration();
    let why = if recording.damage.is_some() {
        "the recording is damaged"
    } else if duration <= SHORTEST {
        "recording duration too short"
    } else if duration >= LONGEST {
        "recording duration too long"
    } else if recording.size_bytes >= LARGEST {
        "file size too large for transcription"
    } else {
        return Ok(());
    };
    Err(Failure::Final(why.to_owned()))
}

/// The engine with the models that are installed.
fn ready(speech: &Speech) -> Result<Engine, Failure> {
    let Engine::Whisper(models) = &speech.engine else { return Ok(speech.engine.clone()) };
    for (path, name) in [(&models.whisper, speech.model.as_str()), (&models.vad, VAD)] {
        if !path.is_file() {
            let why = format!(
                "the model {name} is not installed; `callvault model add {name} --from DIR` \
                 installs it"
            );
            return Err(Failure::Final(why));
        }
    }
    let there = |paths: &[&PathBuf]| paths.iter().all(|path| path.is_file());
    let speakers =
        models.speakers.clone().filter(|both| there(&[&both.segmentation, &both.embedding]));
    Ok(Engine::Whisper(Models { speakers, ..models.clone() }))
}

/// What tells speech from the rest.
const VAD: &str = "silero-vad";

fn turn(turn: speech::Turn) -> Turn {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is held to 0 to 1"
    )]
    let confidence_ppm = (f64::from(turn.confidence.clamp(0.0, 1.0)) * 1e6).round() as u32;
    Turn {
        speaker: turn.speaker,
        channel: turn.channel,
        start_ms: turn.start_ms,
        end_ms: turn.end_ms,
        confidence_ppm,
        text: turn.text,
    }
}
