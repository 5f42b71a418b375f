//! What is made of a recording when it is asked for: the other container, a part, peaks. Each is
//! made whole, once, and kept for a while.
//!
//! The row comes first and goes last, so that no crash leaves an object that no row knows of:
//! `making` (with a lease, so that of many nodes one makes it), then the object, then `ready`; to
//! be erased it turns `erasing`, then the object goes, then the row. What is neither ready nor
//! held is taken up by the sweep, or by whoever asks next.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use blob::{AsFile, BlobKey, Staged};
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use store::{Claimed, Format, Recording, RecordingId, Rendition, RenditionClaim, Sound};
use tokio::sync::watch;
use uuid::Uuid;

use crate::form::Form;
use crate::media::{blob_key, converted_key};
use crate::scrub::Pace;
use crate::verify::{Verified, id_of};
use crate::worker::{Making, Product};
use crate::{Error, Result, Vault};

/// For how long a conversion is served; it is removed a little later, when nobody reads it.
const KEPT: Duration = Duration::from_hours(7 * 24);
const READING: Duration = Duration::from_hours(1);
/// For how long a claim holds that is not renewed.
const LEASE: Duration = Duration::from_mins(1);
/// How often another node's work is looked at.
const POLL: Duration = Duration::from_millis(200);
const BATCH: u32 = 100;
/// How many of one recording are kept at a time: there is no end of parts to ask for.
const MOST: usize = 32;

type Key = (RecordingId, String);
type Outcome = Option<Result<Rendition, Failure>>;

/// What is being made in this process. All who want the same wait for the same.
#[derive(Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<Key, watch::Receiver<Outcome>>>>);

/// An error for many.
#[derive(Debug, Clone)]
enum Failure {
    NotFound,
    NoSuchForm(String),
    NoSpace,
    Unavailable { what: &'static str, retry_after: Duration },
    Internal(String),
}

impl Vault {
    /// What is wanted of the recording, made first where it is not there.
    pub(crate) async fn converted(&self, recording: &Recording, form: &Form) -> Result<Rendition> {
        form.most_bytes(&recording.sound)?;
        let id = recording.recording_id;
        let name = form.to_string();
        if let Some((ready, claim)) = self.find_conversion(id, &name).await? {
            match self.inner.blobs.size(&converted_key(id, &name)).await {
                Ok(size) if size == ready.size_bytes => return Ok(ready),
                Ok(_) | Err(blob::Error::Missing(_)) => self.erase_conversion(claim).await?,
                Err(error) => return Err(error.into()),
            }
        }
        let mut flight = self.fly(recording, form);
        let outcome = flight.wait_for(Option::is_some).await.map(|outcome| outcome.clone());
        match outcome.ok().flatten() {
            Some(outcome) => outcome.map_err(Error::from),
            None => Err(anyhow::anyhow!("a conversion ended without an outcome").into()),
        }
    }

    /// Joins those who wait for it, or begins it, in a task of its own: whoever asked may go away,
    /// and the next one finds it ready.
    fn fly(&self, recording: &Recording, form: &Form) -> watch::Receiver<Outcome> {
        let flights = &self.inner.conversions;
        let key = (recording.recording_id, form.to_string());
        let mut flying = flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = || {
            let (send, receive) = watch::channel(None);
            let (vault, recording, form) = (self.clone(), recording.clone(), form.clone());
            let landing = Landing { flights: flights.clone(), key: key.clone() };
            tokio::spawn(async move {
                let outcome = vault.make_conversion(&recording, &form).await;
                drop(landing); // Whoever comes from now on looks for the row first.
                let _ = send.send(Some(outcome.map_err(Failure::from)));
            });
            receive
        };
        flying.entry(key.clone()).or_insert_with(begin).clone()
    }

    async fn make_conversion(&self, recording: &Recording, form: &Form) -> Result<Rendition> {
        let id = recording.recording_id;
        let name = form.to_string();
        let claim = loop {
            if let Some((ready, _)) = self.find_conversion(id, &name).await? {
                return Ok(ready);
            }
            match self.claim_conversion(id, &name).await? {
                Claimed::Yours(claim) => break claim,
                Claimed::NoRecording => return Err(Error::NotFound),
                Claimed::Busy => tokio::time::sleep(POLL).await,
            }
        };
        let made = tokio::select! {
            made = self.make_claimed(recording, form, &claim) => made,
            () = self.hold_conversion(&claim) => Err(busy()),
        };
        if made.is_err()
            && let Err(error) = self.erase_claimed(claim).await
        {
            tracing::warn!(%error, "half a conversion stays until the next sweep");
        }
        made
    }

    async fn make_claimed(
        &self,
        recording: &Recording,
        form: &Form,
        claim: &RenditionClaim,
    ) -> Result<Rendition> {
        let id = claim.recording_id;
        self.make_room(id).await?;
        let source = self.source_of(recording, form).await?;
        // Not under the recording's id: whatever a crash leaves of it is nobody's.
        let mut staged = self.inner.blobs.stage(Uuid::new_v4()).await?;
        let product = product(form, &recording.sound);
        let making = Making {
            from: source.path(),
            to: staged.path(),
            patience: product.patience(&recording.sound),
            product,
            most_bytes: form.most_bytes(&recording.sound)?,
            tools: self.tools(),
        };
        self.inner.workers.make(&making).await?;
        staged.written_by_another().await?;
        let made = Rendition {
            recording_id: id,
            form: claim.form.clone(),
            kept: *form == Form::Denoised,
            size_bytes: staged.len(),
            sha256: hash(staged.path()).await?,
            made: self.now(),
        };
        self.put_conversion(&mut staged, &converted_key(id, &made.form)).await?;
        let (claim, row) = (claim.clone(), made.clone());
        let finish = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { tx.finish_rendition(claim, &row).await }));
        if finish.await? {
            Ok(made)
        } else if self.has_audio(id).await? {
            Err(busy())
        } else {
            Err(Error::NotFound) // Deleted meanwhile.
        }
    }

    /// What it is made of. The denoised variant is read once more first: nothing may be made of it
    /// that is not what it was.
    async fn source_of(&self, recording: &Recording, form: &Form) -> Result<AsFile> {
        let id = recording.recording_id;
        if let Form::Audio { denoised: true, .. } = form {
            let name = Form::Denoised.to_string();
            let found = self.find_conversion(id, &name).await?;
            let (made, claim) = found.ok_or_else(busy)?;
            return match self.inner.blobs.as_file(&converted_key(id, &name)).await {
                Ok(file) if hash(file.path()).await? == made.sha256 => Ok(file),
                Ok(_) | Err(blob::Error::Missing(_)) => {
                    self.forget_damaged(&made, claim).await?;
                    Err(busy())
                }
                Err(error) => Err(error.into()),
            };
        }
        match self.inner.blobs.as_file(&blob_key(id, recording.sound.format)).await {
            Err(blob::Error::Missing(_)) if !self.has_audio(id).await? => Err(Error::NotFound),
            source => Ok(source?),
        }
    }

    /// Whether it is what was made.
    pub(crate) async fn is_intact(&self, made: &Rendition, pace: &mut Pace) -> Result<bool> {
        let key = converted_key(made.recording_id, &made.form);
        match self.inner.blobs.size(&key).await {
            Ok(size) if size == made.size_bytes => {
                let hash = self.hash_of(&key, size, pace).await;
                Ok(hash.is_ok_and(|hash| hash == made.sha256))
            }
            Ok(_) | Err(blob::Error::Missing(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what is not what was made. What was to be kept for good is queued to be made again.
    pub(crate) async fn forget_damaged(
        &self,
        made: &Rendition,
        claim: RenditionClaim,
    ) -> Result<()> {
        tracing::warn!(recording.id = %made.recording_id, form = made.form, "is damaged");
        self.erase_conversion(claim).await?;
        if made.kept { self.queue_denoising(made.recording_id).await } else { Ok(()) }
    }

    /// Removes the oldest of a recording where there are many, so that one more can be made.
    async fn make_room(&self, id: RecordingId) -> Result<()> {
        let read = self.inner.store.read(move |reader| Box::pin(reader.renditions_of(id)));
        let mut expiring = read.await?;
        expiring.retain(|(made, _)| !made.kept);
        let surplus = (expiring.len() + 1).saturating_sub(MOST);
        for (_, oldest) in expiring.into_iter().take(surplus) {
            self.erase_conversion(oldest).await?;
        }
        Ok(())
    }

    /// In place of what one who lost the claim may have put there.
    async fn put_conversion(&self, staged: &mut Staged, key: &BlobKey) -> Result<()> {
        self.inner.blobs.delete(key).await?;
        match self.inner.blobs.keep(staged, key).await {
            Err(blob::Error::AlreadyThere(_)) => {
                self.inner.blobs.delete(key).await?;
                Ok(self.inner.blobs.keep(staged, key).await?)
            }
            kept => Ok(kept?),
        }
    }

    pub(crate) async fn find_conversion(
        &self,
        id: RecordingId,
        name: &str,
    ) -> Result<Option<(Rendition, RenditionClaim)>> {
        let (name, since) = (name.to_owned(), self.now().minus(KEPT));
        let read = self.inner.store.glance(move |reader| {
            Box::pin(async move { reader.rendition(id, &name, since).await })
        });
        Ok(read.await?)
    }

    async fn claim_conversion(&self, id: RecordingId, name: &str) -> Result<Claimed> {
        let (name, now) = (name.to_owned(), self.now());
        let (until, expired) = (now.plus(LEASE), now.minus(KEPT));
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move { tx.claim_rendition(id, &name, now, until, expired).await })
        });
        Ok(write.await?)
    }

    /// Returns when the claim is lost.
    async fn hold_conversion(&self, claim: &RenditionClaim) {
        loop {
            tokio::time::sleep(LEASE / 3).await;
            let (claim, until) = (claim.clone(), self.now().plus(LEASE));
            let write =
                self.inner.store.write(move |tx| Box::pin(tx.renew_rendition(claim, until)));
            if let Ok(false) = write.await {
                return;
            }
        }
    }

    /// Removes all that was made of recordings whose audio is gone, and where their rows are gone
    /// too their transcripts and the deliveries that tell of them, in the same transaction. What is
    /// being made removes its maker.
    pub(crate) async fn erase_derived(&self, ids: Vec<RecordingId>) -> Result<()> {
        let now = self.now();
        let erase = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let mut claims = Vec::new();
                for id in ids {
                    if tx.any_recording(id).await?.is_none() {
                        tx.forget_transcript(id).await?;
                        tx.forget_deliveries_about(id).await?;
                    }
                    claims.extend(tx.erase_renditions(id, now, now.plus(LEASE)).await?);
                }
                Ok(claims)
            })
        });
        for claim in erase.await? {
            self.erase_claimed(claim).await?;
        }
        Ok(())
    }

    /// Removes what has expired, and what a crash has left half made or half erased.
    pub(crate) async fn erase_stale_conversions(&self) -> Result<()> {
        loop {
            let (now, expired) = (self.now(), self.now().minus(KEPT + READING));
            let read = self
                .inner
                .store
                .read(move |reader| Box::pin(reader.stale_renditions(now, expired, BATCH)));
            let stale = read.await?;
            if stale.is_empty() {
                return Ok(());
            }
            for claim in stale {
                self.erase_conversion(claim).await?;
            }
        }
    }

    /// Removes one, unless somebody else is about to.
    async fn erase_conversion(&self, claim: RenditionClaim) -> Result<()> {
        let now = self.now();
        let erase = self
            .inner
            .store
            .write(move |tx| Box::pin(tx.erase_rendition(claim, now, now.plus(LEASE))));
        match erase.await? {
            Some(claim) => self.erase_claimed(claim).await,
            None => Ok(()),
        }
    }

    /// Removes one that nobody else may touch: the object, then the row.
    async fn erase_claimed(&self, claim: RenditionClaim) -> Result<()> {
        let held = claim.clone();
        let read = self.inner.store.read(move |reader| Box::pin(reader.holds_rendition(held)));
        if !read.await? {
            return Ok(());
        }
        self.inner.blobs.delete(&converted_key(claim.recording_id, &claim.form)).await?;
        let forget = self.inner.store.write(move |tx| Box::pin(tx.forget_rendition(claim)));
        forget.await?;
        Ok(())
    }

    /// Reads every byte of every conversion, and removes those that are not what was made, and
    /// objects without a row, as after a restore. They are no loss.
    pub(crate) async fn verify_conversions(&self, verified: &mut Verified) -> Result<()> {
        let mut last = None;
        loop {
            let read =
                self.inner.store.read(move |reader| Box::pin(reader.renditions_after(last, BATCH)));
            let batch = read.await?;
            let Some((end, _)) = batch.last() else { break };
            last = Some((end.recording_id, end.form.clone()));
            for (made, claim) in batch {
                verified.conversions += 1;
                if !self.is_intact(&made, &mut Pace::full()).await? {
                    self.forget_damaged(&made, claim).await?;
                    verified.forgotten += 1;
                }
            }
        }
        let mut listing = self.inner.blobs.list_converted();
        while let Some(object) = listing.try_next().await? {
            let BlobKey::Converted { form, .. } = &object.key else { continue };
            let (id, form) = (id_of(&object.key), form.clone());
            let read = self
                .inner
                .store
                .read(move |reader| Box::pin(async move { reader.has_rendition(id, &form).await }));
            if !read.await? {
                self.inner.blobs.delete(&object.key).await?;
                verified.forgotten += 1;
            }
        }
        Ok(())
    }
}

/// Strikes a flight off, however it ends.
struct Landing {
    flights: Flights,
    key: Key,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// What a worker is to make.
fn product(form: &Form, sound: &Sound) -> Product {
    match form {
        Form::Denoised => Product::Denoised,
        Form::Audio { container: format, cut, .. } => {
            Product::Audio { container: container(*format), part: cut.part(sound) }
        }
        Form::Peaks(peaks) => Product::Peaks(*peaks),
    }
}

pub(crate) fn container(format: Format) -> audio::Container {
    match format {
        Format::Wav => audio::Container::Wav,
        Format::Mp3 => audio::Container::Mp3,
        Format::Flac => audio::Container::Flac,
        Format::Ogg => audio::Container::Ogg,
        Format::M4a => audio::Container::M4a,
        Format::Gsm => audio::Container::Gsm,
    }
}

async fn hash(path: &Path) -> Result<[u8; 32]> {
    let path = path.to_owned();
    let hashed = tokio::task::spawn_blocking(move || {
        let mut hash = Sha256::new();
        let mut file = std::fs::File::open(path)?;
        let mut piece = vec![0; 64 << 10];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok::<_, io::Error>(hash.finalize().into()),
                read => hash.update(&piece[..read]),
            }
        }
    });
    let hashed = hashed.await.map_err(anyhow::Error::from)?;
    Ok(hashed.map_err(anyhow::Error::from)?)
}

/// Another node has it by now.
fn busy() -> Error {
    Error::Unavailable { what: "the conversion", retry_after: Duration::from_secs(5) }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::NoSuchForm(why) => Self::NoSuchForm(why),
            Error::NoSpace => Self::NoSpace,
            Error::Unavailable { what, retry_after } => Self::Unavailable { what, retry_after },
            other => Self::Internal(format!("{:#}", anyhow::Error::new(other))),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Self::NotFound,
            Failure::NoSuchForm(why) => Self::NoSuchForm(why),
            Failure::NoSpace => Self::NoSpace,
            Failure::Unavailable { what, retry_after } => Self::Unavailable { what, retry_after },
            Failure::Internal(why) => Self::Internal(anyhow::anyhow!(why)),
        }
    }
}
