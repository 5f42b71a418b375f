//! The runner: claims jobs that are due, does them, and keeps their leases.

use std::sync::Arc;
use std::time::Duration;

use store::{Job, NewJob};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{CLASSES, Class, JobError, Work};
use crate::{Error, Result, Vault};

/// For how long a claimed job is safe from others; renewed at a third of it.
const LEASE: Duration = Duration::from_mins(1);
/// Other programs on the same database cannot ring our bell.
const POLL: Duration = Duration::from_secs(2);
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// How long listening waits to be told in the audit log.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// A full disk is what a sweep may help against.
const SWEEP_AGAIN: Duration = Duration::from_mins(1);
/// After these attempts a job is given up: with the waits between them, after about two days.
const ATTEMPTS: u32 = 20;
const LONGEST_WAIT: Duration = Duration::from_hours(4);

impl Vault {
    /// Does jobs until `shutdown`. What is unfinished then stays for the next run.
    pub async fn run_jobs(&self, shutdown: CancellationToken) {
        let slots = CLASSES.map(|class| Arc::new(Semaphore::new(self.slots(&class))));
        let mut running = JoinSet::new();
        let mut sweeps = tokio::time::interval(SWEEP_EVERY);
        let mut tellings = tokio::time::interval(TELL_EVERY);
        tellings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut purges = tokio::time::interval(self.purge_every());
        purges.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            for (class, slots) in CLASSES.iter().zip(&slots) {
                let jobs = match self.claim(class, slots.available_permits()).await {
                    Ok(jobs) => jobs,
                    Err(error) => {
                        tracing::warn!(%error, "no jobs could be claimed");
                        break;
                    }
                };
                for job in jobs {
                    let (vault, slot) = (self.clone(), Arc::clone(slots).try_acquire_owned());
                    running.spawn(async move {
                        vault.run_job(job).await;
                        drop(slot);
                    });
                }
            }
            // Whatever it is that wakes us, there may be work, and a slot for it.
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = running.join_next(), if !running.is_empty() => {}
                () = self.inner.work.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                _ = tellings.tick() => {
                    if let Err(error) = self.write_log().await {
                        tracing::warn!(%error, "the audit log could not be written");
                    }
                }
                _ = purges.tick() => {
                    let vault = self.clone();
                    running.spawn(async move { vault.purge_deleted().await });
                }
                _ = sweeps.tick() => {
                    if let Err(error) = self.queue_sweep().await {
                        tracing::warn!(%error, "the sweep could not be queued");
                        sweeps.reset_after(SWEEP_AGAIN);
                    }
                    if let Err(error) = self.queue_scrub().await {
                        tracing::warn!(%error, "the scrub could not be queued");
                    }
                }
            }
        }
        running.shutdown().await;
    }

    /// Does everything that is due, and tells how many jobs that was. For tests and commands.
    pub async fn run_due_jobs(&self) -> Result<usize> {
        let mut done = 0;
        loop {
            let before = done;
            for class in &CLASSES {
                for job in self.claim(class, self.slots(class)).await? {
                    self.run_job(job).await;
                    done += 1;
                }
            }
            if done == before {
                return Ok(done);
            }
        }
    }

    /// Claims what is due of a class, up to `limit` jobs.
    async fn claim(&self, class: &'static Class, limit: usize) -> Result<Vec<Job>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let now = self.now();
        // Asking is cheap; claiming takes the one writer and a commit.
        let due = self.inner.store.read(move |reader| {
            Box::pin(async move {
                let mut due = Vec::new();
                for kind in class.kinds {
                    if reader.next_job_at(kind).await?.is_some_and(|at| at <= now) {
                        due.push(*kind);
                    }
                }
                Ok(due)
            })
        });
        let due = due.await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let mut jobs = Vec::new();
                for kind in due {
                    let left = u32::try_from(limit - jobs.len()).unwrap_or(u32::MAX);
                    jobs.extend(tx.claim_jobs(kind, now, now.plus(LEASE), left).await?);
                }
                Ok(jobs)
            })
        });
        Ok(write.await?)
    }

    async fn run_job(&self, job: Job) {
        let work = self.do_work(&job);
        let outcome = tokio::select! {
            outcome = work => outcome,
            () = self.keep_lease(&job) => {
                tracing::warn!(job.id = %job.job_id, job.kind, "the lease was lost");
                return;
            }
        };
        let settled = self.settle(&job, outcome).await;
        if let Err(error) = settled {
            tracing::warn!(job.id = %job.job_id, %error, "the job's end could not be written down");
        }
    }

    /// Returns when the lease is lost.
    async fn keep_lease(&self, job: &Job) {
        loop {
            tokio::time::sleep(LEASE / 3).await;
            let (job, until) = (job.clone(), self.now().plus(LEASE));
            let write = self
                .inner
                .store
                .write(move |tx| Box::pin(async move { tx.renew_job(&job, until).await }));
            if let Ok(false) = write.await {
                return;
            }
        }
    }

    async fn settle(
        &self,
        job: &Job,
        outcome: Result<Option<NewJob<'static>>, JobError>,
    ) -> Result<bool> {
        let held = job.clone();
        let store = &self.inner.store;
        let settled = match outcome {
            Ok(next) => {
                let write = store.write(move |tx| {
                    Box::pin(async move {
                        let finished = tx.finish_job(&held).await?;
                        if let Some(mut next) = next.filter(|_| finished) {
                            next.of = next.of.or(held.of);
                            tx.enqueue(&next).await?;
                        }
                        Ok(finished)
                    })
                });
                write.await
            }
            Err(JobError::Retry(error)) if job.attempts < ATTEMPTS => {
                let reason = reason(&error);
                let why = format!("{:#}", anyhow::Error::new(error));
                tracing::warn!(job.id = %job.job_id, job.kind, error = why, "will try again");
                let at = self.now().plus(wait_after(job.attempts));
                let write = store.write(move |tx| {
                    Box::pin(async move { tx.retry_job(&held, at, (&why, &reason)).await })
                });
                write.await
            }
            Err(error) => {
                let (why, reason) = match error {
                    JobError::Retry(error) => {
                        let reason = reason(&error);
                        (format!("{:#}", anyhow::Error::new(error)), reason)
                    }
                    JobError::GiveUp(error) => (format!("{error:#}"), INTERNAL.to_owned()),
                };
                tracing::error!(job.id = %job.job_id, job.kind, error = why, "given up");
                let write = store.write(move |tx| {
                    Box::pin(async move { tx.give_up_job(&held, (&why, &reason)).await })
                });
                write.await
            }
        };
        Ok(settled?)
    }

    /// Queues a sweep, unless one waits already.
    pub async fn queue_sweep(&self) -> Result<()> {
        let job = Work::Sweep.job(self.now());
        let write =
            self.inner.store.write(move |tx| Box::pin(async move { tx.enqueue(&job).await }));
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }
}

/// Why it failed, as its account may know: no more than a door would say.
fn reason(error: &Error) -> String {
    match error {
        Error::Internal(_) => INTERNAL.to_owned(),
        error => error.to_string(),
    }
}

const INTERNAL: &str = "something is wrong with the server; its log says what";

/// 2 s, then doubling.
fn wait_after(attempts: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(attempts.min(20))).min(LONGEST_WAIT)
}
