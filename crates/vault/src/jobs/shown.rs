//! Background work as an account's administrator sees it, and trying again what failed.

use serde_json::json;
use store::{
    AuditAction, ExportId, ExportState, JobId, JobState, Reader, RecordingId, ShownJob, Time,
};

use super::{
    DELIVER, DENOISE, ERASE_ALL, ERASE_AUDIO, EXPORT, RETAIN, RUN_POLICY, TELL_TRANSCRIPT,
    TRANSCRIBE, Work,
};
use crate::{Caller, Error, Result, Vault};

/// A job that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackgroundJob {
    pub job_id: JobId,
    /// What it does, in a word of callvault's own API.
    pub kind: &'static str,
    pub state: JobState,
    /// How often it was tried; what was cut off with the server does not count.
    pub attempts: u32,
    /// When it will be tried, while it waits.
    pub next_try: Option<Time>,
    /// Why it failed last, if it did.
    pub reason: Option<String>,
    pub recording_id: Option<RecordingId>,
}

impl From<ShownJob> for BackgroundJob {
    fn from(row: ShownJob) -> Self {
        Self {
            job_id: row.job_id,
            kind: kind(&row.kind),
            state: row.state,
            attempts: row.attempts,
            next_try: (row.state == JobState::Ready).then_some(row.run_at),
            reason: row.reason,
            recording_id: row.recording_id,
        }
    }
}

fn kind(kind: &str) -> &'static str {
    match kind {
        ERASE_AUDIO | ERASE_ALL => "erase",
        RUN_POLICY | RETAIN => "retention",
        DENOISE => "denoise",
        TRANSCRIBE => "transcribe",
        TELL_TRANSCRIPT | DELIVER => "deliver",
        EXPORT => "export",
        _ => "other",
    }
}

impl Vault {
    /// A part of the account's jobs that are not done, the latest first: all, or those of a state.
    /// For administrators.
    pub async fn jobs(
        &self,
        caller: &Caller,
        state: Option<JobState>,
        before: JobId,
        limit: u32,
    ) -> Result<Vec<BackgroundJob>> {
        self.only_administrators(caller, "jobs").await?;
        let root = caller.account.root();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(reader.jobs_of(root, state, before, limit)));
        Ok(read.await?.into_iter().map(BackgroundJob::from).collect())
    }

    /// Has a job that failed tried now. [`Error::Conflict`] where it has not failed, where another
    /// one does the same by now, or where nothing could come of it. For administrators.
    pub async fn retry_job(&self, caller: &Caller, id: JobId) -> Result<()> {
        self.only_administrators(caller, "jobs").await?;
        let (root, now) = (caller.account.root(), self.now());
        let told = caller.tells(now, AuditAction::Retry, Some(format!("job {id}")), &json!({}));
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                let Some(payload) = tx.job_payload(root, id).await? else {
                    return Ok(Err(Error::NotFound));
                };
                if is_of_ended_export(tx, &payload, now).await? {
                    let why = "its export has ended: ask for another one";
                    return Ok(Err(Error::Conflict(why.to_owned())));
                }
                if !tx.revive_job(root, id, now).await? {
                    return Ok(Err(Error::Conflict("the job has not failed".to_owned())));
                }
                tx.tell(root, &[told]).await.map(Ok)
            })
        });
        let retried = write.await.map_err(|error| match error {
            store::Error::Unique(_) => {
                Error::Conflict("another job does the same by now".to_owned())
            }
            error => error.into(),
        })?;
        self.inner.work.notify_one();
        retried
    }
}

/// The sweep gives up an export whose job was given up, and nothing brings it back.
async fn is_of_ended_export(reader: &mut Reader, payload: &str, now: Time) -> store::Result<bool> {
    let Ok(Work::Export { export_id, .. }) = serde_json::from_str(payload) else {
        return Ok(false);
    };
    let Ok(id) = export_id.parse::<ExportId>() else { return Ok(false) };
    let export = reader.export(id, now).await?;
    let is_going_on = |state| matches!(state, ExportState::Pending | ExportState::InProgress);
    Ok(!export.is_some_and(|export| is_going_on(export.state)))
}
