//! The form of an upload, taken apart as it arrives.

use multer::{Field, Multipart};
use vault::{Caller, RecordingDetails, Upload, Vault};

use super::details::Details;
use crate::body::{Broken, Loose};
use crate::query::shorten;
use crate::{Error, Result};

/// The most bytes that a text part may have.
const TEXT_LIMIT: usize = 64 * 1024;

/// Reads a form to its last boundary. Stops at the first part that is wrong: what was uploaded
/// until then is dropped, and leaves nothing.
pub(super) async fn read(
    vault: &Vault,
    caller: &Caller,
    mut form: Multipart<'_>,
    loose: &Loose,
) -> Result<(Upload, RecordingDetails)> {
    let mut file = None;
    let mut details = Details::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        loose.clear();
        match field.name() {
            None => return Err(Error::Malformed("a part has no name".to_owned())),
            Some("file") if file.is_some() => return Err(Error::invalid("file", "given twice")),
            Some("file") => file = Some(receive(vault, caller, field, loose).await?),
            Some(name) => {
                let Some(part) = details.part(name)? else {
                    return Err(Error::invalid(shorten(name), "no such part"));
                };
                let text = text(part.name, field, loose).await?;
                details.set(part, &text)?;
            }
        }
    }
    let upload = file.ok_or_else(|| Error::invalid("file", "missing"))?;
    Ok((upload, details.finish()?))
}

/// Streams the audio into the vault.
async fn receive(
    vault: &Vault,
    caller: &Caller,
    mut field: Field<'_>,
    loose: &Loose,
) -> Result<Upload> {
    let mut upload = vault.begin_recording(caller).await?;
    while let Some(bytes) = field.chunk().await.map_err(broken)? {
        loose.clear();
        upload.write(&bytes).await?;
    }
    Ok(upload)
}

/// Reads a text part whole.
async fn text(name: &'static str, mut field: Field<'_>, loose: &Loose) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        loose.clear();
        if bytes.len() + piece.len() > TEXT_LIMIT {
            return Err(Error::invalid(name, "must be at most 65536 bytes"));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid(name, "must be UTF-8 text"))
}

fn broken(error: multer::Error) -> Error {
    use multer::Error as M;
    match error {
        M::StreamReadFailed(cause) => match cause.downcast_ref::<Broken>() {
            Some(broken) => (*broken).into(),
            None => Error::Malformed("the body cannot be read".to_owned()),
        },
        M::IncompleteStream | M::IncompleteFieldData { .. } | M::IncompleteHeaders => {
            Error::Malformed("the form is cut off, or not divided by its boundary".to_owned())
        }
        _ => Error::Malformed("the head of a part cannot be read".to_owned()),
    }
}
