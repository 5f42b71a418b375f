//! Recordings: list, get, delete.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use vault::{RecordingId, Vault};

use crate::auth::PlivoAuth;
use crate::error::{Error, Result};
use crate::filter::List;
use crate::{Config, filter, wire};

/// Lists recordings, the newest first: `limit` 1 to 20, `offset`, and the filters of
/// [`filter::List`].
///
/// 200 with `api_id`, `meta` and `objects`; 400 where a parameter cannot be used, saying which and
/// why. <https://www.plivo.com/docs/voice/api/recordings#list-all-recordings>
pub(crate) async fn list(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    list: List,
) -> Result<Json<wire::RecordingList>> {
    let found = vault.recordings(&caller, &list.query, list.page.limit, list.page.offset).await?;
    let (prices, now) = (vault.prices(), vault.now());
    let dress = |recording| wire::Recording::new(recording, &prices, now, &config.public_url);
    Ok(Json(wire::RecordingList {
        api_id: wire::api_id(),
        meta: list.page.meta(caller.auth_id(), &list.filters, found.total),
        objects: found.rows.iter().map(dress).collect(),
    }))
}

/// Gets one recording.
///
/// 200 with the recording and an `api_id` beside its fields; 404 for one that is not there or not
/// the caller's. <https://www.plivo.com/docs/voice/api/recordings#retrieve-a-recording>
pub(crate) async fn get(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    RecordingPath(id): RecordingPath,
    RawQuery(query): RawQuery,
) -> Result<Json<wire::OneRecording>> {
    filter::refuse_callback(query.as_deref().unwrap_or_default())?;
    let found = vault.recording(&caller, id).await?;
    let (prices, now) = (vault.prices(), vault.now());
    let recording = wire::Recording::new(&found, &prices, now, &config.public_url);
    Ok(Json(wire::OneRecording { api_id: wire::api_id(), recording }))
}

/// Deletes a recording and its audio. Whatever body or query comes with it is not looked at: the
/// SDKs send `{}`, the path's id, or nothing.
///
/// 204 without a body; 403 while it is held; 404 for one that is not there or not the caller's.
/// <https://www.plivo.com/docs/voice/api/recordings#delete-a-recording>
pub(crate) async fn delete(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    RecordingPath(id): RecordingPath,
) -> Result<StatusCode> {
    vault.delete_recording(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The `recording_id` of a path. What is no id at all names no recording: 404.
pub(crate) struct RecordingPath(pub RecordingId);

impl<S: Send + Sync> FromRequestParts<S> for RecordingPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path((_, id))| id.parse().ok());
        id.map(Self).ok_or(Error::Vault(vault::Error::NotFound))
    }
}
