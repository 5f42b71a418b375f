//! Recordings: list, get, delete.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use vault::{Caller, RecordingId, Vault};

use crate::auth::PlivoAuth;
use crate::callback::{self, Asked};
use crate::error::{Error, Result};
use crate::filter::List;
use crate::{Config, wire};

/// Lists recordings, the newest first: `limit` 1 to 20, `offset`, and the filters of
/// [`List`].
///
/// 200 with `api_id`, `meta` and `objects`; 202 where a `callback_url` gets that; 400 where a
/// parameter cannot be used, saying which and why.
/// <https://www.plivo.com/docs/voice/api/recordings#list-all-recordings>
pub(crate) async fn list(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    callback: Asked,
    list: Result<List>,
) -> Result<Response> {
    let answer = match list {
        Ok(list) => listed(&vault, &caller, &config, list).await,
        Err(error) => Err(error),
    };
    callback::answer(callback, &vault, &caller, answer).await
}

async fn listed(
    vault: &Vault,
    caller: &Caller,
    config: &Config,
    list: List,
) -> Result<wire::RecordingList> {
    let found = vault.recordings(caller, &list.query, list.page.part()).await?;
    let (prices, now) = (vault.prices(), vault.now());
    let dress = |recording| wire::Recording::new(recording, &prices, now, &config.public_url);
    Ok(wire::RecordingList {
        api_id: wire::api_id(),
        meta: list.page.meta(caller.auth_id(), "Recording", &list.filters, found.total),
        objects: found.rows.iter().map(dress).collect(),
    })
}

/// Gets one recording.
///
/// 200 with the recording and an `api_id` beside its fields; 202 where a `callback_url` gets that;
/// 404 for one that is not there or not the caller's.
/// <https://www.plivo.com/docs/voice/api/recordings#retrieve-a-recording>
pub(crate) async fn get(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    callback: Asked,
    path: Result<RecordingPath>,
) -> Result<Response> {
    let found = match path {
        Ok(RecordingPath(id)) => vault.recording(&caller, id).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    let (prices, now) = (vault.prices(), vault.now());
    let answer = found.map(|found| wire::OneRecording {
        api_id: wire::api_id(),
        recording: wire::Recording::new(&found, &prices, now, &config.public_url),
    });
    callback::answer(callback, &vault, &caller, answer).await
}

/// Deletes a recording and its audio. Of the body and query that come with it only a callback
/// matters: the SDKs send `{}`, the path's id, or nothing.
///
/// 204 without a body; 200 where a `callback_url` gets the answer; 403 while it is held; 404 for
/// one that is not there or not the caller's.
/// <https://www.plivo.com/docs/voice/api/recordings#delete-a-recording>
pub(crate) async fn delete(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    path: Result<RecordingPath>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Response> {
    let query = query.as_deref().unwrap_or_default();
    match (callback::asked_by_delete(query, body).await?, path) {
        (None, path) => {
            vault.delete_recording(&caller, path?.0).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        (Some(callback), Ok(RecordingPath(id))) => callback.delete(&vault, &caller, id).await,
        (Some(callback), Err(error)) => {
            callback.answer::<wire::Gone>(&vault, &caller, StatusCode::OK, Err(error)).await
        }
    }
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
