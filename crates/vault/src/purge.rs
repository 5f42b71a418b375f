//! What was deleted goes from the database's files too: not with each deletion, but soon, for all of
//! the last ones together.

use std::sync::atomic::Ordering;
use std::time::Duration;

use store::Purge;

use crate::{Error, Result, Vault};

impl Vault {
    /// Says that there is something to purge. Where that is lost with the process, the sweep at the
    /// next start says it again.
    pub(crate) fn note_deleted(&self) {
        self.inner.deleted.store(true, Ordering::Release);
    }

    pub(crate) fn purge_every(&self) -> Duration {
        self.inner.store.purge_every()
    }

    /// Purges what was deleted since the last time, if anything was.
    pub(crate) async fn purge_deleted(&self) {
        if !self.inner.deleted.swap(false, Ordering::AcqRel) {
            return;
        }
        let purged = self.inner.store.purge(Purge::Deleted).await;
        if !matches!(purged, Ok(true)) {
            self.note_deleted();
        }
        match purged {
            Ok(true) => {}
            Ok(false) => tracing::debug!("somebody reads what was deleted: purged later"),
            Err(error) => tracing::warn!(%error, "what was deleted could not be purged: later"),
        }
    }

    /// Writes the database's tables anew, without anything that was ever deleted from them. Others
    /// wait meanwhile. [`Error::Unavailable`] where others do not let it.
    pub async fn purge(&self) -> Result<()> {
        if self.inner.store.purge(Purge::Everything).await? {
            return Ok(());
        }
        Err(Error::Unavailable { what: "the database's log", retry_after: self.purge_every() })
    }
}
