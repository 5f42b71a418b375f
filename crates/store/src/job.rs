//! Queued work: rows with a lease, a fencing token and retries. At least once is the promise.

use std::borrow::Cow;

use crate::connection::Connection;
use crate::recording::words;
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, JobId, RecordingId, Result, Time};

/// A job that somebody works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub job_id: JobId,
    pub kind: String,
    pub payload: String,
    /// How often it was tried, this time included. What was cut off, mostly with the server, does
    /// not count: it says nothing of the job.
    pub attempts: u32,
    /// Must be shown to change the job: whoever lost the lease has an older one.
    pub lease_token: i64,
    pub of: Option<JobOf>,
}

/// Whose work a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobOf {
    /// The main account.
    pub root_id: AccountId,
    /// The recording that it is about, if it is one.
    pub recording_id: Option<RecordingId>,
}

words!(
    /// How far a job is: what is done is there no more.
    JobState { Ready = "ready", Running = "running", Dead = "dead" }
);

/// A job as its account sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownJob {
    pub job_id: JobId,
    pub kind: String,
    pub state: JobState,
    /// When it is due, while it is ready.
    pub run_at: Time,
    /// How often it was tried, as in [`Job`].
    pub attempts: u32,
    /// Why it failed last, if it did.
    pub reason: Option<String>,
    pub recording_id: Option<RecordingId>,
}

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    pub kind: &'a str,
    pub payload: String,
    pub run_at: Time,
    /// At most one live job has this name.
    pub uniq: Option<Cow<'a, str>>,
    /// None: the vault's own.
    pub of: Option<JobOf>,
}

impl NewJob<'_> {
    /// The same as the work of that main account, about that recording.
    #[must_use]
    pub fn of(self, root_id: AccountId, recording_id: Option<RecordingId>) -> Self {
        Self { of: Some(JobOf { root_id, recording_id }), ..self }
    }
}

/// How many jobs wait, run, and were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobCounts {
    pub ready: u64,
    pub running: u64,
    pub dead: u64,
}

/// With one more condition, or none.
macro_rules! shown {
    ($and:expr) => {
        concat!(
            "select job_id, kind, state, run_at, attempts, reason, recording_id from job where ",
            $and,
            "root_id = $1 and job_id < $2 order by job_id desc limit $3"
        )
    };
}

statements! {
    ENQUEUE = "insert into job (kind, payload, state, run_at, attempts, lease_token, uniq, created, \
               root_id, recording_id) values ($1, $2, 'ready', $3, 0, 0, $4, $3, $5, $6) \
               on conflict do nothing";
    CLAIM_LAPSED = "update job set lease_until = $2, lease_token = lease_token + 1 \
                    where job_id in ( \
                    select job_id from job where state = 'running' and lease_until < $1 \
                    and kind = $3 order by lease_until limit $4) \
                    returning job_id, kind, payload, attempts, lease_token, root_id, recording_id";
    CLAIM_READY = "update job set state = 'running', lease_until = $2, \
                   lease_token = lease_token + 1, attempts = attempts + 1 where job_id in ( \
                   select job_id from job where state = 'ready' and run_at <= $1 \
                   and kind = $3 order by run_at limit $4) \
                   returning job_id, kind, payload, attempts, lease_token, root_id, recording_id";
    RENEW = "update job set lease_until = $3 \
             where job_id = $1 and lease_token = $2 and state = 'running'";
    FINISH = "delete from job where job_id = $1 and lease_token = $2 and state = 'running'";
    RETRY = "update job set state = 'ready', run_at = $3, lease_until = null, last_error = $4, \
             reason = $5 where job_id = $1 and lease_token = $2 and state = 'running'";
    GIVE_UP = "update job set state = 'dead', lease_until = null, last_error = $3, \
               reason = $4 where job_id = $1 and lease_token = $2 and state = 'running'";
    OF_ACCOUNT = shown!("");
    OF_STATE = shown!("state = $4 and ");
    REVIVE = "update job set attempts = case when state = 'dead' then 0 else attempts end, \
              state = 'ready', run_at = $3 where job_id = $1 and root_id = $2 \
              and (state = 'dead' or (state = 'ready' and reason is not null))";
    PAYLOAD = "select payload from job where job_id = $1 and root_id = $2";
    DROP = "delete from job where uniq = $1 and state <> 'dead'";
    COUNTS = "select state, count(*) from job group by state";
    NEXT = "select min(at) from ( \
            select min(run_at) as at from job where state = 'ready' and kind = $1 \
            union all \
            select min(lease_until) as at from job where state = 'running' and kind = $1) t";
    PAYLOADS = "select payload from job where kind = $1";
    LIVE_PAYLOADS = "select payload from job where kind = $1 and state <> 'dead'";
}

impl Reader {
    pub async fn job_counts(&mut self) -> Result<JobCounts> {
        let mut counts = JobCounts::default();
        for mut row in self.0.rows(COUNTS, &[]).await? {
            let (state, jobs): (String, u64) = (row.next()?, row.next()?);
            match state.as_str() {
                "ready" => counts.ready = jobs,
                "running" => counts.running = jobs,
                _ => counts.dead = jobs,
            }
        }
        Ok(counts)
    }

    /// A part of a main account's jobs that are not done, the latest first.
    pub async fn jobs_of(
        &mut self,
        root: AccountId,
        state: Option<JobState>,
        before: JobId,
        limit: u32,
    ) -> Result<Vec<ShownJob>> {
        let rows = match state {
            None => self.0.rows(OF_ACCOUNT, values![root, before, limit]).await?,
            Some(state) => {
                self.0.rows(OF_STATE, values![root, before, limit, state.as_str()]).await?
            }
        };
        let read = |mut row: Row| {
            Ok(ShownJob {
                job_id: row.next()?,
                kind: row.next()?,
                state: row.word()?,
                run_at: row.next()?,
                attempts: row.next()?,
                reason: row.next()?,
                recording_id: row.next()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// The payload of a job of that main account, if it is there.
    pub async fn job_payload(&mut self, root: AccountId, id: JobId) -> Result<Option<String>> {
        self.0.row(PAYLOAD, values![id, root]).await?.map(|mut row| row.next()).transpose()
    }

    /// When there will be something of this kind to claim, as far as is known now.
    pub async fn next_job_at(&mut self, kind: &str) -> Result<Option<Time>> {
        let row = self.0.row(NEXT, values![kind]).await?;
        row.map_or(Ok(None), |mut row| row.next())
    }

    /// The payloads of all unfinished jobs of a kind.
    pub async fn job_payloads(&mut self, kind: &str) -> Result<Vec<String>> {
        let rows = self.0.rows(PAYLOADS, values![kind]).await?;
        rows.into_iter().map(|mut row| row.next()).collect()
    }
}

impl Tx {
    /// The payloads of the jobs of a kind that will be done.
    pub async fn live_job_payloads(&mut self, kind: &str) -> Result<Vec<String>> {
        let rows = self.0.0.rows(LIVE_PAYLOADS, values![kind]).await?;
        rows.into_iter().map(|mut row| row.next()).collect()
    }

    /// Queues work; nothing happens where a live job has the same `uniq`.
    pub async fn enqueue(&mut self, job: &NewJob<'_>) -> Result<()> {
        let row = values![
            job.kind,
            job.payload.as_str(),
            job.run_at,
            job.uniq.as_deref(),
            job.of.map(|of| of.root_id),
            job.of.and_then(|of| of.recording_id),
        ];
        self.0.0.execute(ENQUEUE, row).await.map(drop)
    }

    /// Queues work in place of a live job that has the same `uniq`: whoever works on that one has
    /// lost it. For what that worker may have looked at too early to see.
    pub async fn enqueue_anew(&mut self, job: &NewJob<'_>) -> Result<()> {
        self.0.0.execute(DROP, values![job.uniq.as_deref()]).await?;
        self.enqueue(job).await
    }

    /// Takes up to `limit` jobs of a kind: those whose worker was not heard of again, then those
    /// that are due.
    pub async fn claim_jobs(
        &mut self,
        kind: &str,
        now: Time,
        lease_until: Time,
        limit: u32,
    ) -> Result<Vec<Job>> {
        let mut jobs = Vec::new();
        for sql in [CLAIM_LAPSED, CLAIM_READY] {
            let left = limit.saturating_sub(u32::try_from(jobs.len()).unwrap_or(limit));
            if left == 0 {
                break;
            }
            // One writer at a time on SQLite; on PostgreSQL, jobs that another node is just taking
            // are passed over.
            let sql = match self.0.0 {
                Connection::Sqlite(_) => sql.to_owned(),
                Connection::Postgres(_) => {
                    sql.replace("limit $4)", "limit $4 for update skip locked)")
                }
            };
            for mut row in self.0.0.rows(&sql, values![now, lease_until, kind, left]).await? {
                jobs.push(Job {
                    job_id: row.next()?,
                    kind: row.next()?,
                    payload: row.next()?,
                    attempts: row.next()?,
                    lease_token: row.next()?,
                    of: {
                        let (root, recording_id): (Option<AccountId>, _) =
                            (row.next()?, row.next()?);
                        root.map(|root_id| JobOf { root_id, recording_id })
                    },
                });
            }
        }
        Ok(jobs)
    }

    /// Holds on to a job; false where it was lost.
    pub async fn renew_job(&mut self, job: &Job, lease_until: Time) -> Result<bool> {
        let row = values![job.job_id, job.lease_token, lease_until];
        Ok(self.0.0.execute(RENEW, row).await? == 1)
    }

    /// Strikes a job off; false where it was lost.
    pub async fn finish_job(&mut self, job: &Job) -> Result<bool> {
        Ok(self.0.0.execute(FINISH, values![job.job_id, job.lease_token]).await? == 1)
    }

    /// Has a job that failed tried again later: why, and why in words for its account.
    pub async fn retry_job(
        &mut self,
        job: &Job,
        run_at: Time,
        (error, reason): (&str, &str),
    ) -> Result<bool> {
        let row = values![job.job_id, job.lease_token, run_at, error, reason];
        Ok(self.0.0.execute(RETRY, row).await? == 1)
    }

    /// Keeps a job that cannot be done, for somebody to look at; likewise.
    pub async fn give_up_job(&mut self, job: &Job, (error, reason): (&str, &str)) -> Result<bool> {
        let row = values![job.job_id, job.lease_token, error, reason];
        Ok(self.0.0.execute(GIVE_UP, row).await? == 1)
    }

    /// Has a main account's job that failed, or was given up, tried at that time, as often as a new
    /// one; false where it has not failed. [`Error::Unique`](crate::Error::Unique) where a live job does the same.
    pub async fn revive_job(&mut self, root: AccountId, id: JobId, at: Time) -> Result<bool> {
        Ok(self.0.0.execute(REVIVE, values![id, root, at]).await? == 1)
    }
}
