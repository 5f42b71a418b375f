//! Transcriptions of company recordings. The vendor has the routes, and nobody has seen an answer:
//! what they say is ours.

use axum::Json;
use axum::extract::State;
use vault::{Kind, Page, RecordingQuery, Vault};

use crate::auth::VonageAuth;
use crate::error::Result;
use crate::links::Links;
use crate::page::Cursor;
use crate::query::List;
use crate::shelf::{RecordingPath, Shelf};
use crate::wire;

/// Lists the transcriptions of the company's recordings, without their text: the conditions, order
/// and page of [`List`], which are those of the recordings.
///
/// 200 with the page; 400, 401 and 403 as for recordings.
pub(crate) async fn list(
    shelf: Shelf,
    list: List,
    State(vault): State<Vault>,
) -> Result<Json<wire::Page<wire::Transcriptions>>> {
    let filter = shelf.filter(list.filter.clone());
    let query = RecordingQuery { filter, ..RecordingQuery::default() };
    let found = vault.transcripts(&shelf.caller, &query, list.page.part(list.sort)).await?;
    let Page { mut rows, total } = found;
    let shown = usize::try_from(list.page.size).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next = rows.last().filter(|_| more).map(|(_, last)| Cursor::behind(last, list.sort));
    let dress = |(row, of): &(_, _)| wire::Transcription::new(row, of, &shelf.links);
    let transcriptions = rows.iter().map(dress).collect();
    let url = format!("{}/transcriptions", shelf.url());
    Ok(Json(list.answer(&url, wire::Transcriptions { transcriptions }, total, next)))
}

/// Gets the transcription of a company recording.
///
/// 200, whatever its `status`; 401; 404 where there is none, or it is not for the caller.
pub(crate) async fn get(
    VonageAuth(caller): VonageAuth,
    RecordingPath(number): RecordingPath,
    State(vault): State<Vault>,
    links: Links,
) -> Result<Json<wire::OneTranscription>> {
    let recording = vault.recording_of_number(&caller, number).await?;
    if recording.call.kind != Kind::Company {
        return Err(vault::Error::NotFound.into());
    }
    let spoken = vault.transcript(&caller, recording.recording_id).await?;
    Ok(Json(wire::OneTranscription::new(&spoken, &links)))
}
