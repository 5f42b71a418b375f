//! The shapes of background work.

use serde::Serialize;
use utoipa::ToSchema;
use vault::JobState;

/// A page of jobs, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jobs {
    pub jobs: Vec<Job>,
    /// What to send as `before` for the next page; null where there is none.
    #[schema(required)]
    pub next: Option<i64>,
}

/// Work that is not done.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name on the wire")]
pub(crate) struct Job {
    pub job_id: i64,
    /// `denoise`, `transcribe`, `export`, `deliver`, `retention` or `erase`.
    pub kind: &'static str,
    /// `queued`, also while it waits to be tried again; `running`; `failed`: given up.
    pub state: &'static str,
    /// How often it was tried; what was cut off with the server does not count.
    pub attempts: u32,
    /// When it will be tried; null unless it is queued.
    #[schema(required, format = DateTime)]
    pub next_try: Option<String>,
    /// Why it failed last; null where it has not.
    #[schema(required)]
    pub reason: Option<String>,
    /// The recording that it is of; null where it is of none, or of many.
    #[schema(required)]
    pub recording_id: Option<String>,
}

impl From<vault::BackgroundJob> for Job {
    fn from(job: vault::BackgroundJob) -> Self {
        Self {
            job_id: job.job_id.0,
            kind: job.kind,
            state: match job.state {
                JobState::Ready => "queued",
                JobState::Running => "running",
                JobState::Dead => "failed",
            },
            attempts: job.attempts,
            next_try: job.next_try.map(|time| time.to_string()),
            reason: job.reason,
            recording_id: job.recording_id.map(|id| id.to_string()),
        }
    }
}
