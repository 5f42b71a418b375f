//! The audio: `{recording_id}.mp3` and `{recording_id}.wav`.

use axum::extract::{FromRequestParts, Path, RawQuery, Request, State};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use vault::{AuthId, Container, Listener, RecordingId, Variant, Vault};

use crate::error::{Error, Result};
use crate::recordings;

/// Answers GET on `Recording/{…}`: a dot makes it a file. The router cannot split a segment, and a
/// recording's id has no dot.
pub(crate) async fn or_recording(State(state): State<crate::State>, request: Request) -> Response {
    let path = request.uri().path().trim_end_matches('/');
    let file = path.rsplit('/').next().is_some_and(|segment| segment.contains('.'));
    if file { get.call(request, state).await } else { recordings::get.call(request, state).await }
}

/// Gives out the audio, to anyone with the URL unless the account has HTTP Auth on recordings.
/// `type=original` asks for the audio from before noise cancellation.
///
/// 200, 206 or 304 as in [`web::ranged`]; 400 for another `type`; 401 without the owner's own Auth
/// ID and token where they are needed; 404 for what is not there, belongs to another account than
/// the path's, or is not to be had in this container; 412; 416; 429 to a source that guesses.
/// <https://www.plivo.com/docs/voice/api/recordings#recording-authentication>
pub(crate) async fn get(
    State(vault): State<Vault>,
    web::Source(source): web::Source,
    MediaPath { auth_id, recording_id, container }: MediaPath,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let variant = variant(query.as_deref().unwrap_or_default())?;
    let claim = web::Basic::from_headers(&headers);
    let credentials = claim.as_ref().map(|claim| (claim.user.as_str(), claim.password.as_str()));
    let listener = Listener::Url { source, auth_id: &auth_id, credentials };
    let audio = vault.open_audio(listener, recording_id, variant, container).await?;
    Ok(web::ranged::answer(&method, &headers, audio).await?)
}

/// A media path: whose, which, and in which container. What cannot be read is not there: 404.
pub(crate) struct MediaPath {
    auth_id: AuthId,
    recording_id: RecordingId,
    container: Container,
}

impl<S: Send + Sync> FromRequestParts<S> for MediaPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let read = path.ok().and_then(|Path((auth_id, file))| read(&auth_id, &file));
        read.ok_or(Error::Vault(vault::Error::NotFound))
    }
}

fn read(auth_id: &str, file: &str) -> Option<MediaPath> {
    let (recording_id, extension) = file.rsplit_once('.')?;
    let container = match extension {
        "mp3" => Container::Mp3,
        "wav" => Container::Wav,
        _ => return None,
    };
    let (auth_id, recording_id) = (auth_id.parse().ok()?, recording_id.parse().ok()?);
    Some(MediaPath { auth_id, recording_id, container })
}

/// Reads `type`. The vendor has one value; another is refused, since the wrong audio would be
/// worse than none. Other parameters are ignored.
fn variant(query: &str) -> Result<Variant> {
    let mut variant = Variant::Default;
    for (name, value) in web::pairs(query) {
        match (name.as_str(), value.as_str()) {
            ("type", "original") => variant = Variant::Original,
            ("type", other) if !other.is_empty() => {
                return Err(Error::parameter("type", "must be original, or left out"));
            }
            _ => {}
        }
    }
    Ok(variant)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "SA2025RK4E639VJFZAGV";
    const ID: &str = "c2186400-1c8c-4124-a664-0026b945b522";

    #[test]
    fn a_file_names_a_recording_and_a_container() {
        let container = |file: &str| read(ACCOUNT, file).map(|path| path.container);
        assert_eq!(container(&format!("{ID}.mp3")), Some(Container::Mp3));
        assert_eq!(container(&format!("{ID}.wav")), Some(Container::Wav));
        let others = [
            format!("{ID}.ogg"),
            format!("{ID}.MP3"),
            format!("{ID}."),
            format!("{ID}.wav.mp3"),
            format!("../{ID}.mp3"),
            format!("{ID} .mp3"),
            format!("{}.mp3", ID.to_uppercase()),
            ".mp3".to_owned(),
            ".".to_owned(),
            String::new(),
        ];
        for file in others {
            assert_eq!(container(&file), None, "{file}");
        }
        assert!(read("MA1", &format!("{ID}.mp3")).is_none());
    }

    #[test]
    fn only_original_is_another_variant() {
        let check = |query, expected| assert_eq!(variant(query).unwrap(), expected, "{query}");
        check("", Variant::Default);
        check("type=", Variant::Default);
        check("Type=x&t=1", Variant::Default);
        check("type=original", Variant::Original);
        check("x=1&type=original&type=original", Variant::Original);
        for query in ["type=denoised", "type=Original", "type=original&type=x", "type=%FF"] {
            let error = variant(query).unwrap_err().to_string();
            assert_eq!(error, "type must be original, or left out", "{query}");
        }
    }
}
