//! Background work: what waits, runs or has failed, and trying it again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use vault::{JobId, JobState, Vault};

use crate::auth::Auth;
use crate::query::{NumberPath, Parameters, digits, limit};
use crate::{Error, Result, wire};

/// Lists the account's jobs that are not done, the latest first. For administrators.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    params(
        ("state" = Option<String>, Query, description = "only those that are `queued`, `running` or `failed`"),
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("before" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of jobs", body = wire::Jobs),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Jobs>> {
    let limit = limit(&mut parameters)?;
    let before = parameters.take("before")?.map_or(Some(i64::MAX), |text| digits(&text));
    let before = before.ok_or_else(|| Error::invalid("before", "must be a job_id"))?;
    let state = parameters.take("state")?.map(|text| match text.as_str() {
        "queued" => Ok(JobState::Ready),
        "running" => Ok(JobState::Running),
        "failed" => Ok(JobState::Dead),
        _ => Err(Error::invalid("state", "must be one of queued, running, failed")),
    });
    parameters.finish()?;
    let found = vault.jobs(&caller, state.transpose()?, JobId(before), limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.job_id.0);
    Ok(Json(wire::Jobs { jobs: found.into_iter().map(wire::Job::from).collect(), next }))
}

/// Has a job tried now that failed, or waits to be tried again after it failed. For administrators.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{job_id}/retry",
    tag = "jobs",
    params(("job_id" = i64, Path)),
    responses(
        (status = 202, description = "it will be tried"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such job, or it is done, or not yours",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 409, description = "it has not failed, another one does the same by now, or its export \
            has ended",
            body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn retry(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<StatusCode> {
    vault.retry_job(&caller, JobId(id)).await?;
    Ok(StatusCode::ACCEPTED)
}
