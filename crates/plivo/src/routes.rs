//! The route table.

use std::time::Duration;

use axum::Router;
use axum::routing::{any, get};

use crate::auth::PlivoAuth;
use crate::error::Error;
use crate::{DOOR, State, media, recordings, transcriptions};

/// The vendor's clients give up after 5 to 10 s and none retries after that.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Everything under `/v1/Account/`, to be mounted at the root. Paths work with and without the
/// slash at their end, and nothing is ever redirected: clients would repeat a DELETE as a GET.
pub fn router() -> Router<State> {
    let recording = get(media::or_recording).delete(recordings::delete);
    let transcription =
        get(transcriptions::get).post(transcriptions::create).delete(transcriptions::delete);
    let routes = Router::new()
        .route("/v1/Account/{auth_id}/Transcription", get(transcriptions::list))
        .route("/v1/Account/{auth_id}/Transcription/", get(transcriptions::list))
        .route("/v1/Account/{auth_id}/Transcription/{recording_id}", transcription.clone())
        .route("/v1/Account/{auth_id}/Transcription/{recording_id}/", transcription)
        .route("/v1/Account/{auth_id}/Recording", get(recordings::list))
        .route("/v1/Account/{auth_id}/Recording/", get(recordings::list))
        .route("/v1/Account/{auth_id}/Recording/{recording_id}", recording.clone())
        .route("/v1/Account/{auth_id}/Recording/{recording_id}/", recording)
        .route("/v1/Account", any(unknown))
        .route("/v1/Account/", any(unknown))
        .route("/v1/Account/{auth_id}", any(unknown))
        .route("/v1/Account/{auth_id}/", any(unknown))
        .route("/v1/Account/{auth_id}/{*rest}", any(unknown))
        .method_not_allowed_fallback(wrong_method);
    web::time_limit(routes, DOOR, TIME_LIMIT)
}

/// What we do not have is told to those who have an account only.
async fn unknown(_: PlivoAuth) -> Error {
    Error::Vault(vault::Error::NotFound)
}

/// The router adds `Allow`.
async fn wrong_method(_: PlivoAuth) -> Error {
    Error::MethodNotAllowed
}

#[cfg(test)]
mod tests {
    /// The router panics where two routes contradict each other.
    #[test]
    fn the_routes_go_together() {
        let _ = super::router();
    }
}
