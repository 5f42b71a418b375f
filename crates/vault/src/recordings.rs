//! Finding and deleting recordings.

use store::{AuthId, Page, Recording, RecordingFilter, RecordingId, Scope, Time, Tx};

use crate::accounts::has_control;
use crate::jobs::Work;
use crate::{Caller, Error, Result, Vault};

/// Which of the caller's recordings. Every condition that is given must hold; the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingQuery {
    /// Added at or after.
    pub added_from: Option<Time>,
    /// Added before.
    pub added_until: Option<Time>,
    /// Of this subaccount; naming none of the caller's own finds nothing.
    pub subaccount: Option<AuthId>,
    pub call_uuid: Option<String>,
    /// Digits match with and without a leading `+`.
    pub from_number: Option<String>,
    pub to_number: Option<String>,
    pub conference_name: Option<String>,
    pub conference_uuid: Option<String>,
    pub mpc_name: Option<String>,
    pub mpc_uuid: Option<String>,
}

impl RecordingQuery {
    /// No recording has a control character in its texts, and one database cannot even be asked.
    fn can_match(&self) -> bool {
        let texts = [
            &self.call_uuid,
            &self.from_number,
            &self.to_number,
            &self.conference_name,
            &self.conference_uuid,
            &self.mpc_name,
            &self.mpc_uuid,
        ];
        !texts.into_iter().flatten().any(|text| has_control(text))
    }

    fn within(&self, scope: Scope) -> RecordingFilter {
        RecordingFilter {
            scope,
            added_from: self.added_from,
            added_until: self.added_until,
            call_uuid: self.call_uuid.clone(),
            from_number: self.from_number.clone(),
            to_number: self.to_number.clone(),
            conference_name: self.conference_name.clone(),
            conference_uuid: self.conference_uuid.clone(),
            mpc_name: self.mpc_name.clone(),
            mpc_uuid: self.mpc_uuid.clone(),
        }
    }
}

impl Vault {
    /// One page of the caller's recordings, and how many there are on all pages.
    pub async fn recordings(
        &self,
        caller: &Caller,
        query: &RecordingQuery,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Recording>> {
        let none = Page { rows: Vec::new(), total: 0 };
        if !query.can_match() {
            return Ok(none);
        }
        let scope = match &query.subaccount {
            None => caller.scope(),
            Some(auth_id) => match self.scope_of_subaccount(caller, auth_id).await? {
                Some(scope) => scope,
                None => return Ok(none),
            },
        };
        let filter = query.within(scope);
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move { reader.recordings(&filter, limit, offset).await })
        });
        Ok(read.await?)
    }

    /// The caller itself, where it is that subaccount, or a subaccount of the caller's.
    async fn scope_of_subaccount(&self, caller: &Caller, id: &AuthId) -> Result<Option<Scope>> {
        let Some(account) = self.account(id).await? else {
            return Ok(None);
        };
        let own = account.parent == Some(caller.account_id());
        let itself = caller.is_subaccount() && account.account_id == caller.account_id();
        Ok((own || itself).then_some(Scope::Subaccount(account.account_id)))
    }

    /// One of the caller's recordings.
    pub async fn recording(&self, caller: &Caller, id: RecordingId) -> Result<Recording> {
        let scope = caller.scope();
        let read = self.inner.store.read(move |reader| Box::pin(reader.recording(scope, id)));
        read.await?.ok_or(Error::NotFound)
    }

    /// Removes a recording for good. Its bytes follow, by job.
    pub async fn delete_recording(&self, caller: &Caller, id: RecordingId) -> Result<()> {
        let deleted = match self.take_recording(caller, id).await {
            // The first attempt has made room for a second.
            Err(Error::NoSpace) => self.take_recording(caller, id).await?,
            done => done?,
        };
        if !deleted {
            return Err(Error::NotFound);
        }
        self.inner.work.notify_one();
        Ok(())
    }

    async fn take_recording(&self, caller: &Caller, id: RecordingId) -> Result<bool> {
        let scope = caller.scope();
        let now = self.now();
        let write = self.inner.store.write(move |tx| Box::pin(take(tx, scope, id, now)));
        Ok(write.await?)
    }
}

/// Takes a recording's row away and queues the erasing of its bytes; false where there is none.
pub(crate) async fn take(
    tx: &mut Tx,
    scope: Scope,
    id: RecordingId,
    now: Time,
) -> store::Result<bool> {
    let Some(recording) = tx.take_recording(scope, id).await? else {
        return Ok(false);
    };
    tx.enqueue(&Work::erase(&recording).job(now)).await?;
    Ok(true)
}
