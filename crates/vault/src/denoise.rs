//! The denoised variant: made by a job, kept for as long as the recording, and made again where it
//! was lost.

use store::{Recording, RecordingId, Rendition};

use crate::form::Form;
use crate::jobs::Work;
use crate::media::{audible, converted_key};
use crate::scrub::Pace;
use crate::worker::Tools;
use crate::{Caller, Error, Result, Vault};

/// The files of DTLN's two models, as they are installed.
pub const DTLN: [&str; 2] = ["dtln-1.onnx", "dtln-2.onnx"];

/// A recording, and what else there is of it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub recording: Recording,
    pub denoised: Option<Denoised>,
}

/// A denoised variant: WAV of 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denoised {
    pub size_bytes: u64,
    pub sha256: [u8; 32],
}

impl Vault {
    /// One of the caller's recordings, with its variants.
    pub async fn shown(&self, caller: &Caller, id: RecordingId) -> Result<Shown> {
        let recording = self.recording(caller, id).await?;
        let found = self.find_conversion(id, &Form::Denoised.to_string()).await?;
        let denoised =
            found.map(|(made, _)| Denoised { size_bytes: made.size_bytes, sha256: made.sha256 });
        Ok(Shown { recording, denoised })
    }

    /// Has the denoised variant of one of the caller's recordings made, by a job; nothing changes
    /// where there is one.
    ///
    /// [`Error::NoAudio`], [`Error::Damaged`]; [`Error::NoSuchForm`] where there cannot be one.
    pub async fn denoise(&self, caller: &Caller, id: RecordingId) -> Result<()> {
        let recording = self.recording(caller, id).await?;
        audible(&recording)?;
        Form::Denoised.most_bytes(&recording.sound)?;
        self.queue_denoising(id).await
    }

    pub(crate) async fn queue_denoising(&self, id: RecordingId) -> Result<()> {
        let now = self.now();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let Some(recording) = tx.any_recording(id).await? else { return Ok(()) };
                let job = Work::denoise(id).job(now).of(recording.root_id, Some(id));
                tx.enqueue(&job).await
            })
        });
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }

    /// What is installed, just now.
    pub(crate) fn tools(&self) -> Tools {
        let dtln = self.inner.dtln.as_ref().map(|directory| DTLN.map(|file| directory.join(file)));
        let dtln = dtln.filter(|models| models.iter().all(|model| model.exists()));
        Tools { lame: self.inner.lame.clone(), dtln }
    }

    /// Makes the variant, unless it is there. One that cannot be made is no failure of the job.
    pub(crate) async fn make_denoised(&self, id: RecordingId) -> Result<()> {
        let read = self.inner.store.read(move |reader| Box::pin(reader.any_recording(id)));
        let Some(recording) = read.await?.filter(|recording| audible(recording).is_ok()) else {
            return Ok(());
        };
        match self.converted(&recording, &Form::Denoised).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(Error::NoSuchForm(why)) => {
                tracing::warn!(recording.id = %id, why, "there is no denoised variant");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The variant, if it is there. One whose bytes are too few or gone is forgotten, and its
    /// making queued again.
    pub(crate) async fn denoised(&self, id: RecordingId) -> Result<Option<Rendition>> {
        let name = Form::Denoised.to_string();
        let Some((made, claim)) = self.find_conversion(id, &name).await? else { return Ok(None) };
        match self.inner.blobs.size(&converted_key(id, &name)).await {
            Ok(size) if size == made.size_bytes => Ok(Some(made)),
            Ok(_) | Err(blob::Error::Missing(_)) => {
                self.forget_damaged(&made, claim).await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads the variant again; how many bytes that was.
    pub(crate) async fn scrub_denoised(&self, id: RecordingId, pace: &mut Pace) -> Result<u64> {
        let name = Form::Denoised.to_string();
        let Some((made, claim)) = self.find_conversion(id, &name).await? else { return Ok(0) };
        if !self.is_intact(&made, pace).await? {
            self.forget_damaged(&made, claim).await?;
        }
        Ok(made.size_bytes)
    }
}
