//! Transcriptions of company recordings. There are none yet.

use axum::Json;
use axum::extract::State;
use vault::Vault;

use crate::auth::VonageAuth;
use crate::error::Result;
use crate::query::List;
use crate::shelf::{RecordingPath, Shelf};
use crate::wire;

/// Lists the transcriptions of an account: 200 with none; 400, 401 and 403 as for recordings.
pub(crate) async fn list(shelf: Shelf, list: List) -> Json<wire::Page<wire::Transcriptions>> {
    let url = format!("{}/transcriptions", shelf.url());
    Json(list.answer(&url, wire::Transcriptions { transcriptions: [] }, 0, None))
}

/// Gets a recording's transcription: 404, for want of one; 401.
pub(crate) async fn get(
    VonageAuth(caller): VonageAuth,
    RecordingPath(number): RecordingPath,
    State(vault): State<Vault>,
) -> Result<()> {
    vault.recording_of_number(&caller, number).await?;
    Err(vault::Error::NotFound.into())
}
