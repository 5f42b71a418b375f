//! Transcriptions: list, get, create, delete.
//!
//! <https://www.plivo.com/docs/voice/api/transcription>

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawQuery, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use vault::{Caller, TranscriptStatus, TranscriptWish, Vault};

use crate::auth::PlivoAuth;
use crate::callback::{self, Asked, Callback};
use crate::error::{Error, Result};
use crate::filter::List;
use crate::recordings::RecordingPath;
use crate::{body, wire};

/// Where the end of a transcription is told.
pub(crate) const CALLBACK_URL: &str = "transcription_callback_url";
/// Ours: the language spoken, where it is known.
pub(crate) const LANGUAGE: &str = "transcription_language";

/// What a get wants of a transcription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Type {
    /// Its text.
    #[default]
    Transcription,
    /// Its words.
    Raw,
    /// Its turns.
    Diarized,
}

impl<S: Send + Sync> FromRequestParts<S> for Type {
    type Rejection = Error;

    /// Reads `type`. One SDK always sends it, perhaps empty, and another the path's id beside it.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut found = None;
        for (name, value) in web::pairs(parts.uri.query().unwrap_or_default()) {
            if name != "type" || value.is_empty() {
                continue;
            }
            let read = match value.as_str() {
                "transcription" => Self::Transcription,
                "raw" => Self::Raw,
                "diarized" => Self::Diarized,
                _ => {
                    let why = "must be transcription, raw or diarized";
                    return Err(Error::parameter("type", why));
                }
            };
            if found.is_some_and(|found| found != read) {
                return Err(Error::parameter("type", "is given twice"));
            }
            found = Some(read);
        }
        Ok(found.unwrap_or_default())
    }
}

/// Lists the transcriptions of recordings, without their text; what a list of recordings is asked
/// for finds their transcriptions here.
///
/// 200 with `api_id`, `meta` and `objects`; 202 where a `callback_url` gets that; 400 where a
/// parameter cannot be used.
pub(crate) async fn list(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    callback: Asked,
    list: Result<List>,
) -> Result<Response> {
    let answer = match list {
        Ok(list) => listed(&vault, &caller, list).await,
        Err(error) => Err(error),
    };
    callback::answer(callback, &vault, &caller, answer).await
}

async fn listed(vault: &Vault, caller: &Caller, list: List) -> Result<wire::TranscriptionList> {
    let page = list.page;
    let found = vault.transcripts(caller, &list.query, page.part()).await?;
    Ok(wire::TranscriptionList {
        api_id: wire::api_id(),
        meta: page.meta(caller.auth_id(), "Transcription", &list.filters, found.total),
        objects: found.rows.iter().map(|(row, of)| wire::Transcription::new(row, of)).collect(),
    })
}

/// Gets a transcription, by its recording's id or its own: its text, its words (`type=raw`) or its
/// turns (`type=diarized`).
///
/// 200, whatever its `status`: `in-progress`, `success`, `failed`; 202 where a `callback_url` gets
/// that; 400 for another `type`; 404 where there is none, or it is not the caller's.
pub(crate) async fn get(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    callback: Asked,
    wanted: Result<Type>,
    path: Result<RecordingPath>,
) -> Result<Response> {
    let found = match (wanted, path) {
        (Ok(wanted), Ok(RecordingPath(id))) => {
            let spoken = vault.transcript(&caller, id).await.map_err(Error::from);
            spoken.map(|spoken| wire::OneTranscription::new(&spoken, wanted))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    callback::answer(callback, &vault, &caller, found).await
}

/// Has a recording transcribed. The body, if any, is a JSON object; of it
/// `transcription_callback_url` and `transcription_language` matter. While it is under way, and
/// when it is done, nothing begins anew: the SDKs repeat a POST that was answered badly.
///
/// 201 where it is under way, 200 where it is done; 202 where a `callback_url` gets that; 400 where
/// a parameter cannot be used; 404 for a recording that is not there or not the caller's.
pub(crate) async fn create(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    path: Result<RecordingPath>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Response> {
    let parameters = body::parameters(query.as_deref().unwrap_or_default(), body).await?;
    let asked = Callback::read(parameters.clone())?;
    let answer = match path {
        Ok(RecordingPath(id)) => request(&vault, &caller, id, parameters).await,
        Err(error) => Err(error),
    };
    match asked {
        Some(callback) => callback.answer(&vault, &caller, StatusCode::ACCEPTED, answer).await,
        None => answer.map(|begun| (begun.status(), Json(begun)).into_response()),
    }
}

async fn request(
    vault: &Vault,
    caller: &Caller,
    id: vault::RecordingId,
    parameters: Vec<(String, String)>,
) -> Result<wire::Begun> {
    let language = body::one(&parameters, LANGUAGE)?;
    let callback = Callback::read_named(parameters, CALLBACK_URL, None)?;
    let wish = TranscriptWish { language, callback: callback.map(Callback::into_destination) };
    let requested = vault.request_transcript(caller, id, wish).await;
    let (transcript, _) = requested.map_err(|error| match error {
        vault::Error::Invalid { what: "url", why } => Error::parameter(CALLBACK_URL, why),
        vault::Error::Invalid { what: "language", why } => Error::parameter(LANGUAGE, why),
        other => Error::Vault(other),
    })?;
    Ok(wire::Begun {
        api_id: wire::api_id(),
        message: match transcript.status {
            TranscriptStatus::InProgress => "transcription in progress",
            TranscriptStatus::Success | TranscriptStatus::Failed => "transcription completed",
        },
        recording_id: transcript.recording_id.to_string(),
        transcription_id: transcript.transcript_id.to_string(),
    })
}

impl wire::Begun {
    fn status(&self) -> StatusCode {
        if self.message == "transcription in progress" {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        }
    }
}

/// Deletes a transcription, by its recording's id or its own.
///
/// 204 without a body; 200 where a `callback_url` gets the answer; 403 while the recording is held;
/// 404 where there is none, or it is not the caller's.
pub(crate) async fn delete(
    PlivoAuth(caller): PlivoAuth,
    State(vault): State<Vault>,
    path: Result<RecordingPath>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Response> {
    let query = query.as_deref().unwrap_or_default();
    let callback = callback::asked_by_delete(query, body).await?;
    let deleted = match path {
        Ok(RecordingPath(id)) => vault.delete_transcript(&caller, id).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    match callback {
        None => deleted.map(|()| StatusCode::NO_CONTENT.into_response()),
        Some(callback) => {
            let answer = deleted.map(|()| wire::Gone { api_id: wire::api_id() });
            callback.answer(&vault, &caller, StatusCode::OK, answer).await
        }
    }
}
