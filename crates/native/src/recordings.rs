//! Recordings: list, look, delete.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use vault::{ListQuery, Only, Place, RecordingId, RecordingNumber, Sort, Vault, Where};

use crate::auth::Auth;
use crate::query::{Parameters, digits, limit};
use crate::{Error, Result, search, wire};

/// Lists recordings, each with what will become of it. All conditions that are given must hold.
#[utoipa::path(
    get,
    path = "/api/v1/recordings",
    tag = "recordings",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("after" = Option<String>, Query, description = "the `next` of the page before, in the same order"),
        ("sort" = Option<String>, Query, description = "`start`, `add_time`, `duration`, `size_bytes` or `number`; \
            with `-` before it the latest, longest or largest first; default: `-start`"),
        ("held" = Option<bool>, Query, description = "only those under legal hold, or only the others"),
        ("text" = Option<String>, Query, description = "only recordings with a transcript in one turn of which all of this \
            was said: words, and phrases in double quotes, as in a search"),
        ("by" = Option<String>, Query, description = "what age, `from` and `until` go by: `start` (default) or `add_time`"),
        ("older_than" = Option<String>, Query, description = "a span with its unit, as in `90d`"),
        ("from" = Option<String>, Query, description = "at or after, RFC 3339"),
        ("until" = Option<String>, Query, description = "before, RFC 3339"),
        ("shorter_than" = Option<String>, Query, description = "a span with its unit, as in `30s`"),
        ("longer_than" = Option<String>, Query, description = "likewise"),
        ("kind" = Option<String>, Query, description = "`company` or `on_demand`"),
        ("direction" = Option<String>, Query, description = "`inbound`, `outbound` or `internal`"),
        ("extension" = Option<String>, Query, description = "one of its extensions"),
        ("number" = Option<String>, Query, description = "at either end of the call, with or without `+`"),
        ("user_id" = Option<i64>, Query),
        ("conference" = Option<String>, Query, description = "the conference's name"),
        ("subaccount" = Option<String>, Query, description = "a subaccount's Auth ID"),
    ),
    responses(
        (status = 200, description = "a page of recordings", body = wire::Recordings),
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
) -> Result<Json<wire::Recordings>> {
    let query = list_query(&mut parameters)?;
    parameters.finish()?;
    let (sort, limit) = (query.sort, query.limit);
    let vault::Listing { rows, total } = vault.list(&caller, query).await?;
    let full = u32::try_from(rows.len()).is_ok_and(|rows| rows == limit);
    let next = rows.last().filter(|_| full).map(|(last, _)| {
        let place = last.place(sort);
        format!("{}.{}", place.value, place.number)
    });
    let recordings = rows
        .into_iter()
        .map(|(recording, fate)| wire::Listed { recording: recording.into(), fate: fate.into() });
    Ok(Json(wire::Recordings { recordings: recordings.collect(), total, next }))
}

fn list_query(parameters: &mut Parameters) -> Result<ListQuery> {
    let mut what = Where::default();
    for key in Where::KEYS {
        if let Some(text) = parameters.take(key)? {
            what.set(key, &text).map_err(|why| Error::invalid(key, why))?;
        }
    }
    let held = parameters.take("held")?.map(|text| match text.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::invalid("held", "must be true or false")),
    });
    let said = parameters.take("text")?;
    if let Some(said) = &said {
        search::check(said).map_err(|why| Error::invalid("text", why))?;
    }
    let sort = parameters.take("sort")?;
    let after = parameters.take("after")?.map(|text| {
        place(&text).ok_or_else(|| Error::invalid("after", "must be the next of a page"))
    });
    Ok(ListQuery {
        what,
        only: Only { held: held.transpose()?, said },
        sort: read_sort(sort.as_deref().unwrap_or("-start"))?,
        after: after.transpose()?,
        limit: limit(parameters)?,
    })
}

fn read_sort(text: &str) -> Result<Sort> {
    let (descending, word) = match text.strip_prefix('-') {
        Some(word) => (true, word),
        None => (false, text),
    };
    let by = word.parse().map_err(|_| {
        Error::invalid("sort", "must be start, add_time, duration, size_bytes or number")
    })?;
    Ok(Sort { by, descending })
}

/// Reads a `next`: the value that the list is sorted by, a dot, and the recording's number.
fn place(text: &str) -> Option<Place> {
    let (value, number) = text.split_once('.')?;
    let number = RecordingNumber(digits(number)?);
    let (negative, value) = match value.strip_prefix('-') {
        Some(value) => (true, digits(value)?),
        None => (false, digits(value)?),
    };
    Some(Place { value: if negative { -value } else { value }, number })
}

/// Shows how a recording is kept: its holds, when it will be deleted, and what it costs.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}/keeping",
    tag = "recordings",
    params(("recording_id" = String, Path)),
    responses(
        (status = 200, description = "how it is kept", body = wire::Keeping),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn keeping(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<Json<wire::Keeping>> {
    Ok(Json(vault.keeping(&caller, id).await?.into()))
}

/// Shows a recording, with the variants that there are of it.
#[utoipa::path(
    get,
    path = "/api/v1/recordings/{recording_id}",
    tag = "recordings",
    params(("recording_id" = String, Path)),
    responses(
        (status = 200, description = "the recording", body = wire::Recording),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<Json<wire::Recording>> {
    let shown = vault.shown(&caller, id).await?;
    Ok(Json(shown.into()))
}

/// Deletes a recording and its audio.
#[utoipa::path(
    delete,
    path = "/api/v1/recordings/{recording_id}",
    tag = "recordings",
    params(("recording_id" = String, Path)),
    responses(
        (status = 204, description = "gone"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "it may not be deleted", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such recording, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<StatusCode> {
    vault.delete_recording(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The recording that a path names. What is no id is answered as an id that never was.
pub(crate) struct RecordingPath(pub(crate) RecordingId);

impl<S: Send + Sync> FromRequestParts<S> for RecordingPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| text.parse().ok());
        Ok(Self(id.ok_or(vault::Error::NotFound)?))
    }
}
