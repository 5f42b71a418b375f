//! Giving audio out.

use std::fmt::Write as _;
use std::ops::Range;

use blob::{BlobKey, Blobs, Extension};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use store::{AuthId, Format, Recording, RecordingId};

use crate::{Caller, Error, Result, Source, Vault};

/// Who wants to hear it.
#[derive(Debug, Clone)]
pub enum Listener<'a> {
    /// Somebody with a URL: where they come from, the account named in it, and what they signed in with, if anything.
    Url { source: Source, auth_id: &'a AuthId, credentials: Option<(&'a str, &'a str)> },
    /// A caller of callvault's own API.
    Caller(&'a Caller),
}

/// Which audio of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// The best there is to listen to.
    #[default]
    Default,
    /// The audio from before any processing.
    Original,
}

/// In what wrapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Wav,
    Mp3,
    /// As it is kept, with a damaged header repaired.
    Stored,
    /// The very bytes that were sent.
    AsSent,
}

/// Audio, ready to be read in any part.
pub struct Audio {
    pub recording: Recording,
    pub content_type: &'static str,
    /// The usual ending of such a file, without a dot.
    pub extension: &'static str,
    pub length: u64,
    /// A strong validator, without quotes.
    pub etag: String,
    /// Whether only some may hear it, so that no cache may keep it for others.
    pub private: bool,
    blobs: Blobs,
    key: BlobKey,
    repair: Option<audio::WavRepair>,
}

pub type AudioStream = BoxStream<'static, Result<Bytes>>;

impl Vault {
    /// Opens a recording's audio, which is converted first where it was not sent in this container:
    /// then this takes as long as that does. A caller may go away meanwhile and ask again later.
    ///
    /// [`Error::NotFound`] for a stranger's, [`Error::BadCredentials`]
    /// where the account wants a login, [`Error::Damaged`] where its bytes are known to be wrong,
    /// [`Error::NoSuchForm`] where it is not to be had in this
    /// container.
    pub async fn open_audio(
        &self,
        listener: Listener<'_>,
        id: RecordingId,
        _variant: Variant, // There is the original only, so far.
        container: Container,
    ) -> Result<Audio> {
        let (recording, private) = match listener {
            Listener::Caller(caller) => (self.recording(caller, id).await?, true),
            Listener::Url { source, auth_id, credentials } => {
                self.recording_by_url(source, auth_id, credentials, id).await?
            }
        };
        if let Some(damage) = recording.damage {
            return Err(Error::Damaged(damage));
        }
        let stored = recording.sound.format;
        let wanted = match container {
            Container::Wav => Format::Wav,
            Container::Mp3 => Format::Mp3,
            Container::Stored | Container::AsSent => stored,
        };
        let as_promised = wanted == stored && (container != Container::Wav || is_plain(&recording));
        if !as_promised {
            let made = self.converted(&recording, wanted).await?;
            return Ok(Audio {
                content_type: content_type(wanted),
                extension: wanted.as_str(),
                length: made.size_bytes,
                etag: hex(&made.sha256),
                private,
                blobs: self.inner.blobs.clone(),
                key: converted_key(id, wanted),
                repair: None,
                recording,
            });
        }
        let repair = match container {
            Container::AsSent => None,
            _ => recording.sound.repair.map(|repair| audio::WavRepair {
                data_offset: repair.data_offset,
                data_bytes: repair.data_bytes,
            }),
        };
        let mut etag = hex(&recording.sha256);
        if repair.is_some() {
            etag.push_str("-repaired");
        }
        Ok(Audio {
            content_type: content_type(stored),
            extension: stored.as_str(),
            length: repair.map_or(recording.size_bytes, |repair| repair.length()),
            etag,
            private,
            blobs: self.inner.blobs.clone(),
            key: blob_key(id, stored),
            repair,
            recording,
        })
    }

    /// Whoever has the URL may listen, unless the account wants its own login.
    async fn recording_by_url(
        &self,
        source: Source,
        auth_id: &AuthId,
        credentials: Option<(&str, &str)>,
        id: RecordingId,
    ) -> Result<(Recording, bool)> {
        let account = self.account(auth_id).await?.ok_or(Error::NotFound)?;
        let private = account.settings.media_auth;
        if private {
            let (user, password) = credentials.ok_or(Error::BadCredentials)?;
            if user != auth_id.as_str() {
                return Err(Error::BadCredentials);
            }
            self.prove(source, &account, password)?;
        }
        let read = self.inner.store.read(move |reader| Box::pin(reader.any_recording(id)));
        let recording = read.await?.ok_or(Error::NotFound)?;
        if recording.account_id == account.account_id {
            Ok((recording, private))
        } else {
            Err(Error::NotFound)
        }
    }
}

impl Audio {
    /// Reads a part, in order. The range must lie within the length.
    pub async fn read(&self, range: Range<u64>) -> Result<AudioStream> {
        let pieces = self.blobs.read(&self.key, range.clone()).await?;
        let Some(repair) = self.repair else {
            return Ok(pieces.map(|piece| Ok(piece?)).boxed());
        };
        let mut offset = range.start;
        let patched = pieces.map(move |piece| {
            let piece = piece?;
            let at = offset;
            offset += piece.len() as u64;
            if at >= repair.data_offset {
                return Ok(piece);
            }
            let mut piece = BytesMut::from(piece);
            repair.patch(at, &mut piece);
            Ok(piece.freeze())
        });
        Ok(patched.boxed())
    }
}

/// Where a recording's bytes are.
pub(crate) fn blob_key(id: RecordingId, format: Format) -> BlobKey {
    let recording = uuid::Uuid::from_bytes(*id.as_bytes());
    BlobKey::Audio { recording, extension: extension(format) }
}

/// Where the same sound is in another container, once it was made.
pub(crate) fn converted_key(id: RecordingId, format: Format) -> BlobKey {
    let recording = uuid::Uuid::from_bytes(*id.as_bytes());
    BlobKey::Converted { recording, extension: extension(format) }
}

fn extension(format: Format) -> Extension {
    match format {
        Format::Wav => Extension::Wav,
        Format::Mp3 => Extension::Mp3,
        Format::Flac => Extension::Flac,
        Format::Ogg => Extension::Ogg,
        Format::M4a => Extension::M4a,
        Format::Gsm => Extension::Gsm,
    }
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Wav => "audio/wav",
        Format::Mp3 => "audio/mpeg",
        Format::Flac => "audio/flac",
        Format::Ogg => "audio/ogg",
        Format::M4a => "audio/mp4",
        Format::Gsm => "audio/gsm",
    }
}

/// Whether a WAV is one that everybody plays. GSM and ADPCM in it need an old codec.
fn is_plain(recording: &Recording) -> bool {
    !["gsm", "adpcm_ima_wav"].contains(&recording.sound.codec.as_str())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
