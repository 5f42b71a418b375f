//! The audio: `audio/recording/{recording_id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use vault::{Container, Listener, Variant, Vault};

use crate::auth::VonageAuth;
use crate::error::Result;
use crate::shelf::RecordingPath;
use crate::{AudioFormat, Config};

/// Gives out a recording's audio, the company's or on demand, to whoever may see the recording. No
/// account is in the path. `Accept` is not looked at: clients ask for JSON here too.
///
/// 200, 206 or 304 as in [`web::ranged`]; 401; 404 for what is not there or not for the caller;
/// 412; 416; 422 where it is not to be had in the operator's `vonage.audio_format`.
pub(crate) async fn get(
    VonageAuth(caller): VonageAuth,
    RecordingPath(number): RecordingPath,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let container = match config.audio_format {
        AudioFormat::Mp3 => Container::Mp3,
        AudioFormat::Stored => Container::Stored,
    };
    let recording = vault.recording_of_number(&caller, number).await?;
    let listener = Listener::Caller(&caller);
    let audio =
        vault.open_audio(listener, recording.recording_id, Variant::Default, container).await?;
    Ok(web::ranged::answer(&method, &headers, audio).await?)
}
