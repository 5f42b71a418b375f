//! Reading everything again, day by day and slowly, to find bytes that have rotted.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::{Damage, NewJob, RecordingNumber, Time};
use tokio::time::Instant;

use crate::jobs::{SCRUB, Work};
use crate::{Result, Vault};

/// From the start of one pass to the start of the next.
const EVERY: Duration = Duration::from_hours(24);
/// A slice is a job: what a restart does again, at most.
const SLICE: u32 = 100;
const SLICE_BYTES: u64 = 256 << 20;
/// For each second of reading, so many of rest: a fifth of the disk's time, at most.
const REST: u32 = 4;
/// Shorter rests are saved up.
const NAP: Duration = Duration::from_millis(5);

/// How far a pass has come: what the job of the next slice carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Pass {
    /// When it started, in microseconds; none has yet where it is missing.
    started: Option<i64>,
    /// The number of the last recording that was read.
    after: i64,
    recordings: u64,
    bytes: u64,
    unreadable: u64,
    /// When the pass before it ended.
    last_end: Option<i64>,
}

/// What the scrub knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scrubbed {
    /// How many recordings are known to be damaged, by what is wrong with them.
    pub damaged: Vec<(Damage, u64)>,
    /// When everything had been read for the last time.
    pub last_end: Option<Time>,
}

/// Keeps reading to a share of the time.
pub(crate) struct Pace {
    rest: u32,
    since: Instant,
}

impl Pace {
    /// Without any rest.
    pub(crate) fn full() -> Self {
        Self { rest: 0, since: Instant::now() }
    }

    /// As long as it works it rests.
    pub(crate) fn half() -> Self {
        Self { rest: 1, since: Instant::now() }
    }

    fn slow() -> Self {
        Self { rest: REST, since: Instant::now() }
    }

    /// Rests for what was read since the last time.
    pub(crate) async fn keep(&mut self) {
        let rest = self.since.elapsed() * self.rest;
        if rest > NAP {
            tokio::time::sleep(rest).await;
            self.since = Instant::now();
        }
    }
}

impl Vault {
    /// Queues a scrub, unless one waits or runs: the next pass, tomorrow's or the very first.
    pub async fn queue_scrub(&self) -> Result<()> {
        let job = Work::Scrub(Pass::default()).job(self.now());
        let write =
            self.inner.store.write(move |tx| Box::pin(async move { tx.enqueue(&job).await }));
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }

    /// What the scrub and `verify` have found until now.
    pub async fn scrubbed(&self) -> Result<Scrubbed> {
        let read = self.inner.store.snapshot(|reader| {
            Box::pin(
                async move { Ok((reader.damaged().await?, reader.job_payloads(SCRUB).await?)) },
            )
        });
        let (damaged, payloads) = read.await?;
        let ends = payloads.iter().filter_map(|payload| match serde_json::from_str(payload) {
            Ok(Work::Scrub(pass)) => pass.last_end,
            _ => None,
        });
        Ok(Scrubbed { damaged, last_end: ends.max().map(Time::from_micros) })
    }

    /// Reads a slice; the job that goes on with the next one, or begins tomorrow's pass.
    pub(crate) async fn scrub(&self, mut pass: Pass) -> Result<NewJob<'static>> {
        let started = Time::from_micros(*pass.started.get_or_insert(self.now().as_micros()));
        let after = RecordingNumber(pass.after);
        let read =
            self.inner.store.read(move |reader| Box::pin(reader.recordings_after(after, SLICE)));
        let slice = read.await?;
        if slice.is_empty() {
            let now = self.now();
            let Pass { recordings, bytes, unreadable, .. } = pass;
            tracing::info!(recordings, bytes, unreadable, "everything was read again");
            let next = Pass { last_end: Some(now.as_micros()), ..Pass::default() };
            return Ok(Work::Scrub(next).job(started.plus(EVERY).max(now)));
        }
        let mut pace = Pace::slow();
        let most = pass.bytes + SLICE_BYTES;
        for recording in &slice {
            let fault = self.fault_of(recording, &mut pace).await?;
            if let Some(crate::Fault::Unreadable(why)) = &fault {
                tracing::error!(recording.id = %recording.recording_id, why, "cannot be read");
                pass.unreadable += 1;
            }
            self.remember(recording, fault.as_ref()).await?;
            pass.bytes += self.scrub_denoised(recording.recording_id, &mut pace).await?;
            pace.keep().await;
            pass.after = recording.number.0;
            pass.recordings += 1;
            pass.bytes += recording.size_bytes;
            if pass.bytes >= most {
                break;
            }
        }
        Ok(Work::Scrub(pass).job(self.now()))
    }
}
