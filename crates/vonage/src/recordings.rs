//! Company and on-demand recordings: list, get, delete.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use vault::{Page, Recording, RecordingQuery, Vault};

use crate::error::Result;
use crate::page::Cursor;
use crate::query::List;
use crate::shelf::{RecordingPath, Shelf};
use crate::{Config, wire};

/// Lists the recordings of a shelf: the conditions, order and page of [`List`].
///
/// 200 with the page; 400 where a parameter cannot be used, saying which and why; 401, 403 and 404
/// as in [`Shelf`]. A client that follows `next` meets each recording once, whatever is added or
/// deleted meanwhile.
pub(crate) async fn list(
    shelf: Shelf,
    list: List,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
) -> Result<Json<wire::Page<wire::Recordings>>> {
    let filter = shelf.filter(list.filter.clone());
    let query = RecordingQuery { filter, ..RecordingQuery::default() };
    let found = vault.recordings(&shelf.caller, &query, list.page.part(list.sort)).await?;
    let Page { mut rows, total } = found;
    let shown = usize::try_from(list.page.size).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let url = shelf.url();
    let next = rows.last().filter(|_| more).map(|last| Cursor::behind(last, list.sort));
    let dress =
        |row: &Recording| wire::Recording::new(row, config.audio_format, &shelf.links, &url);
    let recordings = rows.iter().map(dress).collect();
    Ok(Json(list.answer(&url, wire::Recordings { recordings }, total, next)))
}

/// Gets one recording of a shelf.
///
/// 200; 401, 403 and 404 as in [`Shelf`]; 404 for one that is not there, or stands elsewhere.
pub(crate) async fn get(
    shelf: Shelf,
    RecordingPath(number): RecordingPath,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
) -> Result<Json<wire::Recording>> {
    let found = shelf.recording(&vault, number).await?;
    Ok(Json(wire::Recording::new(&found, config.audio_format, &shelf.links, &shelf.url())))
}

/// Deletes a recording of a shelf, and its audio. Bodies are not looked at.
///
/// 204 without a body; 401, 403 and 404 as in [`Shelf`]; 403 while it is held; 404 for one that is
/// not there, or no more, or stands elsewhere.
pub(crate) async fn delete(
    shelf: Shelf,
    RecordingPath(number): RecordingPath,
    State(vault): State<Vault>,
) -> Result<StatusCode> {
    let found = shelf.recording(&vault, number).await?;
    vault.delete_recording(&shelf.caller, found.recording_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
