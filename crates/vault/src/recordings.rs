//! Finding and deleting recordings.

use store::{AuthId, Page, Part, Recording, RecordingFilter, RecordingId, RecordingNumber, Scope};

use crate::accounts::has_control;
use crate::guard::{Taken, take};
use crate::{Caller, Error, Result, Vault};

/// Which of the caller's recordings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingQuery {
    /// Of this subaccount; naming none of the caller's own finds nothing.
    pub subaccount: Option<AuthId>,
    pub filter: RecordingFilter,
}

impl Vault {
    /// A part of the list of the caller's recordings, and how many there are in all.
    pub async fn recordings(
        &self,
        caller: &Caller,
        query: &RecordingQuery,
        part: Part,
    ) -> Result<Page<Recording>> {
        let Some(scope) = self.scope_of(caller, query).await? else {
            return Ok(Page { rows: Vec::new(), total: 0 });
        };
        let filter = query.filter.clone();
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move { reader.recordings(scope, &filter, part).await })
        });
        Ok(read.await?)
    }

    /// Whose recordings a query may find; `None` where it can find nothing.
    pub(crate) async fn scope_of(
        &self,
        caller: &Caller,
        query: &RecordingQuery,
    ) -> Result<Option<Scope>> {
        // No recording has a control character in its texts, and one database cannot even be asked.
        if query.filter.texts().any(has_control) {
            return Ok(None);
        }
        match &query.subaccount {
            None => Ok(Some(caller.scope())),
            Some(auth_id) => self.scope_of_subaccount(caller, auth_id).await,
        }
    }

    /// The caller itself, where it is that subaccount, or a subaccount of the caller's.
    async fn scope_of_subaccount(&self, caller: &Caller, id: &AuthId) -> Result<Option<Scope>> {
        let Some(account) = self.account(id).await? else {
            return Ok(None);
        };
        let own = caller.is_administrator() && account.parent == Some(caller.account_id());
        let itself = caller.is_subaccount() && account.account_id == caller.account_id();
        Ok((own || itself).then_some(Scope::Subaccount(account.account_id)))
    }

    /// One of the caller's recordings.
    pub async fn recording(&self, caller: &Caller, id: RecordingId) -> Result<Recording> {
        let scope = caller.scope();
        let read = self.inner.store.glance(move |reader| Box::pin(reader.recording(scope, id)));
        read.await?.ok_or(Error::NotFound)
    }

    /// The caller's recording of that number.
    pub async fn recording_of_number(
        &self,
        caller: &Caller,
        number: RecordingNumber,
    ) -> Result<Recording> {
        let scope = caller.scope();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(reader.recording_of_number(scope, number)));
        read.await?.ok_or(Error::NotFound)
    }

    /// Removes a recording for good. Its bytes follow, by job. [`Error::Kept`] where a legal hold or
    /// the account's minimum retention keeps it.
    pub async fn delete_recording(&self, caller: &Caller, id: RecordingId) -> Result<()> {
        let taken = match self.take_recording(caller, id).await {
            // The first attempt has made room for a second.
            Err(Error::NoSpace) => self.take_recording(caller, id).await?,
            done => done?,
        };
        Result::from(taken)?;
        self.inner.work.notify_one();
        Ok(())
    }

    async fn take_recording(&self, caller: &Caller, id: RecordingId) -> Result<Taken> {
        let (caller, now) = (caller.clone(), self.now());
        let write = self
            .inner
            .store
            .write(move |tx| Box::pin(async move { take(tx, &caller, id, now).await }));
        Ok(write.await?)
    }
}
