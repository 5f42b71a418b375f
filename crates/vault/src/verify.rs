//! Comparing what the rows say with what the bytes are.

use std::collections::HashSet;

use blob::BlobKey;
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use speech::Word;
use store::{Damage, KeptTranscript, Recording, RecordingId, RecordingNumber};

use crate::jobs::{ERASE_ALL, ERASE_AUDIO, Work};
use crate::media::blob_key;
use crate::scrub::Pace;
use crate::{Error, Result, Vault};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where the bytes are, or should be.
    pub path: String,
    pub fault: Fault,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A recording without its bytes.
    Missing,
    /// A recording whose bytes are too few or too many.
    Size { expected: u64, found: u64 },
    /// A recording whose bytes are not those that were sent.
    Hash,
    /// Its bytes cannot be read, and why.
    Unreadable(String),
    /// An entry of an audit log that is missing or was changed, and which.
    Log(&'static str),
    /// A transcript that cannot be used as it is, and why.
    Transcript(&'static str),
    /// Bytes that no recording has: of a lost disk cache, or of a newer database than this one.
    /// Nothing removes them by itself.
    Orphan,
}

/// What a verification found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    pub recordings: u64,
    pub bytes: u64,
    pub findings: Vec<Finding>,
    /// Bytes of deleted recordings that are about to be removed.
    pub erasing: u64,
    /// Bytes of uploads that are going on, or that a crash has cut off; the sweep takes those.
    pub uploading: u64,
    /// Conversions that were looked at.
    pub conversions: u64,
    /// Finished transcripts that were looked at.
    pub transcripts: u64,
    /// Entries of audit logs that are as they were written.
    pub log_entries: u64,
    /// Conversions that were not as they were made, or of no recording: they are removed, and made
    /// again when they are asked for.
    pub forgotten: u64,
}

const BATCH: u32 = 500;
/// Transcripts read at once: of a long call there are many words.
const TRANSCRIPTS: u32 = 50;

impl Vault {
    /// Reads every byte of every recording and the words of every transcript, and looks for bytes
    /// that no recording has. `progress` is told how many recordings are done. Deeds that happen meanwhile are no faults.
    pub async fn verify(&self, mut progress: impl FnMut(u64)) -> Result<Verified> {
        let mut verified = Verified::default();
        let mut last = RecordingNumber(0);
        loop {
            let read =
                self.inner.store.read(move |reader| Box::pin(reader.recordings_after(last, BATCH)));
            let batch = read.await?;
            let Some(end) = batch.last() else { break };
            last = end.number;
            for recording in &batch {
                self.verify_one(recording, &mut verified).await?;
            }
            progress(verified.recordings);
        }
        self.find_orphans(&mut verified).await?;
        self.verify_conversions(&mut verified).await?;
        self.verify_transcripts(&mut verified).await?;
        let (log_entries, findings) = self.verify_logs().await?;
        verified.log_entries = log_entries;
        verified.findings.extend(findings);
        Ok(verified)
    }

    async fn verify_one(&self, recording: &Recording, verified: &mut Verified) -> Result<()> {
        let fault = self.fault_of(recording, &mut Pace::full()).await?;
        self.remember(recording, fault.as_ref()).await?;
        if fault.is_some() && !self.is_still_there(recording).await? {
            return Ok(()); // Deleted since its row was read, or its audio was.
        }
        verified.recordings += 1;
        verified.bytes += recording.size_bytes;
        if let Some(fault) = fault {
            let path = blob_key(recording.recording_id, recording.sound.format).to_string();
            verified.findings.push(Finding { path, fault });
        }
        Ok(())
    }

    /// Writes down what is wrong, where that is not what is known. Bytes that cannot be read may
    /// be right all the same.
    pub(crate) async fn remember(
        &self,
        recording: &Recording,
        fault: Option<&Fault>,
    ) -> Result<()> {
        let damage = match fault {
            None => None,
            Some(Fault::Missing) => Some(Damage::Missing),
            Some(Fault::Size { .. }) => Some(Damage::Size),
            Some(Fault::Hash) => Some(Damage::Hash),
            Some(Fault::Unreadable(_) | Fault::Orphan | Fault::Log(_) | Fault::Transcript(_)) => {
                return Ok(());
            }
        };
        if damage == recording.damage || !self.is_still_there(recording).await? {
            return Ok(());
        }
        let (id, number) = (recording.recording_id, recording.number);
        if let Some(damage) = damage {
            tracing::error!(recording.id = %id, damage = damage.as_str(), "damage was found");
        } else {
            tracing::info!(recording.id = %id, "the damage is repaired");
        }
        let write = self.inner.store.write(move |tx| Box::pin(tx.set_damage(number, damage)));
        Ok(write.await?)
    }

    pub(crate) async fn fault_of(
        &self,
        recording: &Recording,
        pace: &mut Pace,
    ) -> Result<Option<Fault>> {
        if recording.audio_deleted.is_some() {
            return Ok(None);
        }
        let key = blob_key(recording.recording_id, recording.sound.format);
        let found = match self.inner.blobs.size(&key).await {
            Ok(found) => found,
            Err(blob::Error::Missing(_)) => return Ok(Some(Fault::Missing)),
            Err(error) => return unreadable(error),
        };
        let expected = recording.size_bytes;
        if found != expected {
            return Ok(Some(Fault::Size { expected, found }));
        }
        match self.hash_of(&key, expected, pace).await {
            Ok(hash) if hash == recording.sha256 => Ok(None),
            Ok(_) => Ok(Some(Fault::Hash)),
            Err(blob::Error::Missing(_)) => Ok(Some(Fault::Missing)),
            Err(error) => unreadable(error),
        }
    }

    pub(crate) async fn hash_of(
        &self,
        key: &BlobKey,
        length: u64,
        pace: &mut Pace,
    ) -> blob::Result<[u8; 32]> {
        let mut pieces = self.inner.blobs.read(key, 0..length).await?;
        let mut hash = Sha256::new();
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
            pace.keep().await;
        }
        Ok(hash.finalize().into())
    }

    async fn is_still_there(&self, recording: &Recording) -> Result<bool> {
        self.has_audio(recording.recording_id).await
    }

    async fn find_orphans(&self, verified: &mut Verified) -> Result<()> {
        let mut listing = self.inner.blobs.list();
        let mut suspects = Vec::new();
        while let Some(object) = listing.try_next().await? {
            if !self.has_audio(id_of(&object.key)).await? {
                suspects.push(object.key);
            }
        }
        // Asked after the listing: what is in neither by now has no owner.
        let erasing = self.being_erased().await?;
        let staged = self.inner.blobs.staged().await?;
        for key in suspects {
            if erasing.contains(&id_of(&key)) {
                verified.erasing += 1;
            } else if staged.contains(&key.recording()) {
                verified.uploading += 1;
            } else if self.has_audio(id_of(&key)).await?
                || matches!(self.inner.blobs.size(&key).await, Err(blob::Error::Missing(_)))
            {
                // Kept or erased since it was listed.
            } else {
                let path = key.to_string();
                verified.findings.push(Finding { path, fault: Fault::Orphan });
            }
        }
        Ok(())
    }

    async fn verify_transcripts(&self, verified: &mut Verified) -> Result<()> {
        let mut last = RecordingId::from_bytes([0; 16]);
        loop {
            let read = self
                .inner
                .store
                .read(move |reader| Box::pin(reader.finished_transcripts(last, TRANSCRIPTS)));
            let batch = read.await?;
            let Some(end) = batch.last() else { return Ok(()) };
            last = end.recording_id;
            for kept in batch {
                verified.transcripts += 1;
                if let Some(why) = self.wrong_with(&kept).await? {
                    let path = format!("transcript of {}", kept.recording_id);
                    verified.findings.push(Finding { path, fault: Fault::Transcript(why) });
                }
            }
        }
    }

    async fn wrong_with(&self, kept: &KeptTranscript) -> Result<Option<&'static str>> {
        let id = kept.recording_id;
        if !kept.has_recording {
            // The recording's row goes first, and the rest by a job.
            let is_being_erased = self.being_erased().await?.contains(&id);
            let read = self.inner.store.read(move |reader| Box::pin(reader.transcript_of(id)));
            let is_left = read.await?.is_some() && !is_being_erased;
            return Ok(is_left.then_some("no recording has it"));
        }
        let words = kept.words.as_deref().map(serde_json::from_str::<Vec<Word>>);
        if !matches!(words, Some(Ok(_))) {
            return Ok(Some("its words cannot be read"));
        }
        let read = self.inner.store.read(move |reader| Box::pin(reader.turns_not_found(id)));
        Ok((read.await? > 0).then_some("a search does not find all of it"))
    }

    /// The recordings whose erasure is queued or was given up.
    async fn being_erased(&self) -> Result<HashSet<RecordingId>> {
        let read = self.inner.store.read(|reader| {
            Box::pin(async move {
                let mut payloads = reader.job_payloads(ERASE_AUDIO).await?;
                payloads.extend(reader.job_payloads(ERASE_ALL).await?);
                Ok(payloads)
            })
        });
        let mut all = HashSet::new();
        for payload in read.await? {
            match serde_json::from_str(&payload) {
                Ok(Work::EraseAudio { recording_id, .. }) => {
                    all.extend(recording_id.parse::<RecordingId>());
                }
                Ok(Work::EraseAll { recordings }) => {
                    all.extend(
                        recordings
                            .iter()
                            .filter_map(|it| it.recording_id.parse::<RecordingId>().ok()),
                    );
                }
                _ => {}
            }
        }
        Ok(all)
    }
}

pub(crate) fn id_of(key: &BlobKey) -> RecordingId {
    RecordingId::from_bytes(*key.recording().as_bytes())
}

/// A store that cannot be reached ends the verification; a single bad object is a finding.
fn unreadable(error: blob::Error) -> Result<Option<Fault>> {
    match error {
        blob::Error::Refused(_) => Err(Error::from(error)),
        other => {
            let why = format!("{:#}", anyhow::Error::new(other));
            Ok(Some(Fault::Unreadable(why)))
        }
    }
}
