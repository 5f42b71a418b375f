//! Exports: asking for one, the jobs that make them, and the zips.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value};
use vault::{ExportId, ExportKind, ExportState, RecordingFilter, UserId, Vault};

use crate::auth::VonageAuth;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::shelf::{Of, Shelf, names};
use crate::{filter, wire};

/// Asks for a zip of a shelf's recordings.
///
/// The body is empty, or a JSON object of the conditions of [`filter::condition`], whose values
/// are texts or whole numbers. 202 with `{"job_ids": ["…"]}`, which has one job always; 400; 401,
/// 403 and 404 as in [`Shelf`]. The job is listed with the user of the path; where it is the
/// company's, with the administrator who asked.
pub(crate) async fn create(
    shelf: Shelf,
    State(vault): State<Vault>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<wire::JobIds>)> {
    let kind = match shelf.of {
        Of::Company => ExportKind::Company,
        Of::User(_) => ExportKind::OnDemand,
    };
    ask(&vault, &shelf, kind, body).await
}

/// The same of the company's recordings with their transcriptions, as far as there are any.
pub(crate) async fn create_with_transcriptions(
    shelf: Shelf,
    State(vault): State<Vault>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<wire::JobIds>)> {
    ask(&vault, &shelf, ExportKind::RecordingsTranscriptions, body).await
}

async fn ask(
    vault: &Vault,
    shelf: &Shelf,
    kind: ExportKind,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<wire::JobIds>)> {
    let body = body.map_err(|_| Error::Malformed("the body is cut off or too large".to_owned()))?;
    let filter = shelf.filter(conditions(&body)?);
    let user = match shelf.of {
        Of::User(user) => user,
        Of::Company => shelf.caller.user_id().ok_or(vault::Error::NotFound)?,
    };
    let id = vault.export(&shelf.caller, kind, user, filter).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::JobIds { job_ids: [id.to_string()] })))
}

/// Reads the conditions of an export. What is null or empty is absent, other names are ignored.
fn conditions(body: &[u8]) -> Result<RecordingFilter> {
    let mut filter = RecordingFilter::default();
    if body.trim_ascii().is_empty() {
        return Ok(filter);
    }
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| Error::Malformed("the body is not JSON".to_owned()))?;
    let not_an_object = || Error::Malformed("the body must be a JSON object".to_owned());
    let body: Map<String, Value> = match body {
        Value::Object(body) => body,
        _ => return Err(not_an_object()),
    };
    for (name, value) in body {
        let text = match value {
            Value::Null => continue,
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                // Only to find out whether the name means something.
                if !matches!(
                    filter::condition(&mut RecordingFilter::default(), &name, ""),
                    Ok(false)
                ) {
                    return Err(Error::parameter(name, "must be text or a number"));
                }
                continue;
            }
        };
        filter::condition(&mut filter, &name, &text)?;
    }
    Ok(filter)
}

/// Lists the jobs of a user: `status`, `page` and `page_size`; other parameters are ignored.
///
/// 200 with the page, the newest job first; 400; 401, 403 and 404 as in [`Shelf`].
pub(crate) async fn list(
    shelf: Shelf,
    query: Jobs,
    State(vault): State<Vault>,
) -> Result<Json<wire::Page<wire::JobList>>> {
    let user = user_of(&shelf)?;
    let Page { number, size, .. } = query.page;
    let offset = (number - 1).saturating_mul(size.into());
    let found = vault.exports(&shelf.caller, user, query.state, offset, size).await?;
    let url = format!("{}/jobs", shelf.url());
    let jobs = found.rows.iter().map(|row| wire::Job::new(row, &shelf.links, &url)).collect();
    let last = found.total.div_ceil(size.into()).max(1);
    let status = query.state.map_or(String::new(), |state| format!("&status={}", state.as_str()));
    let link =
        |number: u64| wire::Link { href: format!("{url}?page={number}&page_size={size}{status}") };
    Ok(Json(wire::Page {
        embedded: wire::JobList { jobs },
        links: wire::PageLinks {
            first: link(1),
            prev: (number > 1).then(|| link((number - 1).min(last))),
            itself: link(number),
            next: (number < last).then(|| link(number + 1)),
            last: link(last),
        },
        page: number,
        page_size: size,
        total_items: found.total,
        total_pages: found.total.div_ceil(size.into()),
    }))
}

/// Gets a job of a user: 200; 401, 403 and 404 as in [`Shelf`]; 404 for another user's.
pub(crate) async fn get(
    shelf: Shelf,
    JobPath(id): JobPath,
    State(vault): State<Vault>,
) -> Result<Json<wire::Job>> {
    let user = user_of(&shelf)?;
    let found = vault.find_export(&shelf.caller, id).await?;
    if found.user_id != Some(user) {
        return Err(vault::Error::NotFound.into());
    }
    Ok(Json(wire::Job::new(&found, &shelf.links, &format!("{}/jobs", shelf.url()))))
}

/// Gives out a zip, to an administrator of the account or to the user whose job it is. The login
/// that some clients send along is not looked at: the token says who asks.
///
/// 200, 206 or 304 as in [`web::ranged`]; 400 without a job; 401; 404 for what is not there, not
/// for the caller, not complete yet, or not valid any more; 412; 416.
pub(crate) async fn retrieve(
    VonageAuth(caller): VonageAuth,
    Retrieve(id): Retrieve,
    State(vault): State<Vault>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let zip = vault.open_export(&caller, id).await?;
    Ok(web::ranged::answer(&method, &headers, zip).await?)
}

fn user_of(shelf: &Shelf) -> Result<UserId> {
    match shelf.of {
        Of::User(user) => Ok(user),
        Of::Company => Err(vault::Error::NotFound.into()),
    }
}

/// Which jobs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Jobs {
    state: Option<ExportState>,
    page: Page,
}

impl FromRequestParts<crate::State> for Jobs {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &crate::State) -> Result<Self> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl Jobs {
    fn read(query: &str) -> Result<Self> {
        let mut jobs = Self { state: None, page: Page::default() };
        for (name, value) in web::pairs(query).filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "status" => jobs.state = Some(state(&value)?),
                "page" => jobs.page.number = Page::read_number(&value)?,
                "page_size" => jobs.page.size = Page::read_size(&value)?,
                _ => {}
            }
        }
        Ok(jobs)
    }
}

fn state(text: &str) -> Result<ExportState> {
    text.to_ascii_lowercase().parse().map_err(|_| {
        let why = "must be one of pending, in_progress, complete, failed, expired";
        Error::parameter("status", why)
    })
}

/// The job that a query names, as `job_id` or `jobId`. What is no id names no job: 404.
pub(crate) struct Retrieve(ExportId);

impl FromRequestParts<crate::State> for Retrieve {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &crate::State) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let mut ids = web::pairs(query)
            .filter(|(name, value)| {
                matches!(name.as_str(), "job_id" | "jobId") && !value.is_empty()
            })
            .map(|(_, value)| value);
        let id = ids.next().ok_or_else(|| Error::parameter("job_id", "is needed"))?;
        if ids.any(|other| other != id) {
            return Err(Error::parameter("job_id", "is given twice"));
        }
        id.parse().map(Self).map_err(|_| vault::Error::NotFound.into())
    }
}

/// The `job_id` of a path. What is no id names no job: 404.
pub(crate) struct JobPath(ExportId);

impl FromRequestParts<crate::State> for JobPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &crate::State) -> Result<Self> {
        let names = names(parts, state).await?;
        let id = names.get("job_id").and_then(|text| text.parse().ok());
        id.map(Self).ok_or(vault::Error::NotFound.into())
    }
}

#[cfg(test)]
mod tests;
