//! Runs: deleting many recordings at once, and the receipts.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use serde_json::Value;
use vault::{Caller, RunId, Vault};

use crate::account::boolean;
use crate::auth::Auth;
use crate::body::json_object;
use crate::query::{NumberPath, Parameters, digits, limit};
use crate::{Config, Error, Result, selection, wire};

/// Deletes many recordings, by `ids` or `where`; with `dry_run` it says what it would delete, and
/// changes nothing. Where that number is given as `would_delete`, nothing is deleted if it is
/// another by now. What would delete too large a share of the account stops and waits to be
/// confirmed.
#[utoipa::path(
    post,
    path = "/api/v1/recordings/delete",
    tag = "recordings",
    request_body = wire::BulkDelete,
    responses(
        (status = 200, description = "what a dry run would delete", body = wire::Preview),
        (status = 202, description = "it has started", body = wire::Started),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "it would delete more or fewer than `would_delete`",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "neither ids nor a condition, or both", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete_many(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let mut object = json_object(&headers, body, &config).await?;
    let dry_run = object.take("dry_run", boolean)?.unwrap_or(false);
    let would_delete = object.take("would_delete", number)?;
    let bulk = selection::bulk(object)?;
    if dry_run {
        let preview = vault.preview_bulk(&caller, bulk).await?;
        return Ok(Json(wire::Preview::from(preview)).into_response());
    }
    let run = vault.delete_many(&caller, bulk, would_delete).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::Started { run_id: run.0 })).into_response())
}

fn number(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| "must be a number".to_owned())
}

/// Lists runs, the newest first: an administrator sees the account's, others those that they have
/// started.
#[utoipa::path(
    get,
    path = "/api/v1/retention/runs",
    tag = "retention",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("before" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of runs", body = wire::Runs),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Runs>> {
    let limit = limit(&mut parameters)?;
    let before = parameters.take("before")?.map_or(Some(i64::MAX), |text| digits(&text));
    let before = before.ok_or_else(|| Error::invalid("before", "must be a run_id"))?;
    parameters.finish()?;
    let found = vault.runs(&caller, RunId(before), limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.run_id.0);
    Ok(Json(wire::Runs { runs: found.into_iter().map(wire::Run::from).collect(), next }))
}

/// Shows how far a run is.
#[utoipa::path(
    get,
    path = "/api/v1/retention/runs/{run_id}",
    tag = "retention",
    params(("run_id" = i64, Path)),
    responses(
        (status = 200, description = "the run", body = wire::Run),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such run", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<Json<wire::Run>> {
    Ok(Json(vault.run(&caller, RunId(id)).await?.into()))
}

/// Has a run go on that stopped because it would delete more than `retention_max_share` of the
/// account: `would_delete` is the number that it shows.
#[utoipa::path(
    post,
    path = "/api/v1/retention/runs/{run_id}/confirm",
    tag = "retention",
    params(("run_id" = i64, Path)),
    request_body = wire::Confirm,
    responses(
        (status = 202, description = "it goes on", body = wire::Started),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such run", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "it is not stopped, or the number has changed",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "no number", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn confirm(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    NumberPath(id): NumberPath,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<wire::Started>)> {
    let mut object = json_object(&headers, body, &config).await?;
    let would_delete = object.take("would_delete", number)?;
    object.finish()?;
    let would_delete = would_delete.ok_or_else(|| Error::invalid("would_delete", "is missing"))?;
    vault.confirm_run(&caller, RunId(id), would_delete).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::Started { run_id: id })))
}

/// Ends a run that stopped because it would delete more than `retention_max_share` of the account:
/// it deletes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/retention/runs/{run_id}/cancel",
    tag = "retention",
    params(("run_id" = i64, Path)),
    responses(
        (status = 200, description = "the run, cancelled", body = wire::Run),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such run", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "it is not stopped", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn cancel(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<Json<wire::Run>> {
    vault.cancel_run(&caller, RunId(id)).await?;
    Ok(Json(vault.run(&caller, RunId(id)).await?.into()))
}

/// What became of each recording, in the order in which it happened.
#[utoipa::path(
    get,
    path = "/api/v1/retention/runs/{run_id}/receipt",
    tag = "retention",
    params(
        ("run_id" = i64, Path),
        ("format" = Option<String>, Query, description = "`json` (default) or `csv`"),
    ),
    responses(
        (status = 200, description = "the receipt", content(
            (wire::Receipt = "application/json"), (String = "text/csv"))),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such run", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn receipt(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
    mut parameters: Parameters,
) -> Result<Response> {
    let form = match parameters.take("format")?.as_deref() {
        None | Some("json") => Form::Json,
        Some("csv") => Form::Csv,
        Some(_) => return Err(Error::invalid("format", "must be one of json, csv")),
    };
    parameters.finish()?;
    let run = wire::Run::from(vault.run(&caller, RunId(id)).await?);
    let begin = match form {
        Form::Json => {
            // Texts and numbers: this cannot fail.
            let run = serde_json::to_string(&run).unwrap_or_default();
            format!("{{\"run\":{run},\"recordings\":[")
        }
        Form::Csv => wire::ReceiptLine::CSV_HEAD.to_owned(),
    };
    let lines = Lines { vault, caller, run: RunId(id), after: 0, form, begin: Some(begin) };
    let body = Body::from_stream(stream::try_unfold(Some(lines), Lines::next));
    let kind = match form {
        Form::Json => "application/json",
        Form::Csv => "text/csv; charset=utf-8",
    };
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Csv,
}

/// A receipt on its way out, piece by piece.
struct Lines {
    vault: Vault,
    caller: Caller,
    run: RunId,
    after: u64,
    form: Form,
    begin: Option<String>,
}

/// Lines in one piece.
const PIECE: u32 = 500;

impl Lines {
    async fn next(lines: Option<Self>) -> vault::Result<Option<(Bytes, Option<Self>)>> {
        let Some(mut lines) = lines else { return Ok(None) };
        let found = lines.vault.receipt(&lines.caller, lines.run, lines.after, PIECE).await?;
        let mut text = lines.begin.take().unwrap_or_default();
        let last = u32::try_from(found.len()).is_ok_and(|found| found < PIECE);
        for line in found {
            let line = wire::ReceiptLine::from(line);
            match lines.form {
                Form::Csv => text.push_str(&line.csv()),
                Form::Json => {
                    if lines.after > 0 {
                        text.push(',');
                    }
                    // Texts and numbers: this cannot fail.
                    text.push_str(&serde_json::to_string(&line).unwrap_or_default());
                }
            }
            lines.after += 1;
        }
        if last && lines.form == Form::Json {
            text.push_str("]}");
        }
        Ok(Some((text.into(), (!last).then_some(lines))))
    }
}
