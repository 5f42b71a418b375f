//! Sweeping up: what crashes have left behind, and what has expired.

use std::time::Duration;

use blob::Abandoned;
use store::{Format, RecordingId};

use crate::ingest::IDEMPOTENCY;
use crate::media::blob_key;
use crate::{Result, Vault};

/// Long enough for a new upload to lock its staging file.
const FRESH: Duration = Duration::from_mins(1);

impl Vault {
    /// Removes uploads and conversions that a crash has cut off, and what has expired: conversions,
    /// idempotency keys, tokens, sessions, exports, old deliveries.
    ///
    /// Only what has a staging file is ever removed. Bytes that no row knows and that have none
    /// may be of a newer database than this one, restored from a backup: `verify` names them.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let expired = self.now().minus(IDEMPOTENCY);
        let forget = self.inner.store.write(move |tx| Box::pin(tx.forget_idempotency(expired)));
        forget.await?;
        let now = self.now();
        self.inner.store.write(move |tx| Box::pin(tx.forget_tokens(now))).await?;
        self.inner.store.write(move |tx| Box::pin(tx.forget_sessions(now))).await?;
        self.forget_old_deliveries().await?;
        self.forget_old_exports().await?;
        self.queue_policies().await?;
        self.queue_runs().await?;
        self.queue_transcripts().await?;
        self.erase_stale_conversions().await?;
        for abandoned in self.inner.blobs.abandoned(FRESH).await? {
            self.finish_off(abandoned).await?;
        }
        self.inner.archives.sweep(FRESH).await;
        self.note_deleted();
        Ok(())
    }

    /// An upload ends with a row and its bytes, or without both.
    async fn finish_off(&self, abandoned: Abandoned) -> Result<()> {
        let id = RecordingId::from_bytes(*abandoned.recording().as_bytes());
        if !self.has_audio(id).await? {
            for format in Format::ALL {
                self.inner.blobs.delete(&blob_key(id, format)).await?;
            }
        }
        Ok(self.inner.blobs.forget(abandoned).await?)
    }

    /// Whether a row says that there are bytes.
    pub(crate) async fn has_audio(&self, id: RecordingId) -> Result<bool> {
        let read = self.inner.store.read(move |reader| Box::pin(reader.has_audio(id)));
        Ok(read.await?)
    }
}
