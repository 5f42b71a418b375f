//! Transcripts in an export's zip: two files for each, as JSON and as text. They are written anew
//! for every reader, as all that is not audio.

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{ExportFile, ExportKind, Recording, RecordingId, TranscriptId, TranscriptStatus};

use super::reading::Extent;
use super::zip::Entry;
use crate::media::hex;
use crate::{Error, Result, Spoken, Vault};

/// What is known of them before they are read, as it is kept with the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Words {
    transcript_id: String,
    json: Extent,
    text: Extent,
    /// Of the JSON, in hex.
    pub(super) sha256: String,
}

/// In which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordsForm {
    Json,
    Text,
}

impl WordsForm {
    pub(super) const ALL: [Self; 2] = [Self::Json, Self::Text];

    /// What the file is called in the zip.
    pub(super) fn file_name(self, recording: &Recording) -> String {
        let day = recording.start.civil().date();
        let ending = match self {
            Self::Json => "json",
            Self::Text => "txt",
        };
        format!("transcripts/{day}/{}.{ending}", recording.number)
    }

    fn write(self, spoken: &Spoken) -> Vec<u8> {
        match self {
            Self::Json => spoken.json(),
            Self::Text => spoken.text().into_bytes(),
        }
    }
}

/// Whether such an export has transcripts.
pub(super) fn has_words(kind: ExportKind) -> bool {
    match kind {
        ExportKind::Selection | ExportKind::RecordingsTranscriptions => true,
        ExportKind::Company | ExportKind::OnDemand => false,
    }
}

impl Words {
    /// Those of a file of an export; none where its recording is gone.
    pub(super) fn of(file: &ExportFile) -> Result<Option<(&Recording, Self)>> {
        let (Some(recording), Some(words)) = (&file.recording, &file.words) else {
            return Ok(None);
        };
        let words: Self = serde_json::from_str(words).map_err(anyhow::Error::from)?;
        Ok(Some((recording, words)))
    }

    /// Whether the recording has that very transcript still.
    pub(super) fn are_there(&self, file: &ExportFile) -> bool {
        file.transcript.is_some_and(|id| id.to_string() == self.transcript_id)
    }

    pub(super) fn transcript_id(&self) -> Result<TranscriptId> {
        Ok(self.transcript_id.parse().map_err(anyhow::Error::new)?)
    }

    pub(super) fn entry(&self, recording: &Recording, form: WordsForm) -> Entry {
        let extent = match form {
            WordsForm::Json => self.json,
            WordsForm::Text => self.text,
        };
        Entry {
            name: form.file_name(recording),
            modified: recording.start.civil(),
            size: extent.size,
            crc32: extent.crc32,
        }
    }

    /// As it is kept.
    pub(super) fn document(&self) -> String {
        // Texts and numbers: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Vault {
    /// What a zip has of a recording's transcript, where it has one that is done.
    pub(super) async fn exported_words(&self, id: RecordingId) -> Result<Option<Words>> {
        let read = self.inner.store.read(move |reader| Box::pin(reader.transcript_of(id)));
        let Some(transcript) = read.await? else { return Ok(None) };
        if transcript.status != TranscriptStatus::Success {
            return Ok(None);
        }
        let Some(spoken) = self.spoken_still(&transcript).await? else { return Ok(None) };
        let json = WordsForm::Json.write(&spoken);
        Ok(Some(Words {
            transcript_id: transcript.transcript_id.to_string(),
            sha256: hex(&Sha256::digest(&json)),
            json: extent(&json),
            text: extent(&WordsForm::Text.write(&spoken)),
        }))
    }

    /// A file of a zip. [`Error::NotFound`] where the transcript was removed meanwhile.
    pub(super) async fn read_words(&self, id: TranscriptId, form: WordsForm) -> Result<Vec<u8>> {
        let read = self.inner.store.read(move |reader| Box::pin(reader.any_transcript(id)));
        let transcript = read.await?.ok_or(Error::NotFound)?;
        let spoken = self.spoken_still(&transcript).await?.ok_or(Error::NotFound)?;
        Ok(form.write(&spoken))
    }
}

fn extent(bytes: &[u8]) -> Extent {
    let mut crc32 = Hasher::new();
    crc32.update(bytes);
    Extent { size: bytes.len() as u64, crc32: crc32.finalize() }
}
