//! Giving audio out.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use audio::{Channel, Peaks, PeaksFormat};
use blob::{BlobKey, Blobs, Extension};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::json;
use store::{AuditAction, AuthId, Format, NewAuditEntry, Recording, RecordingId, Rendition, Sound};

use crate::accounts::ANYBODY;
use crate::audit::entry;
use crate::form::{Cut, Form};
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
    /// The denoised one.
    Denoised,
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

impl Container {
    fn as_str(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Stored => "stored",
            Self::AsSent => "as sent",
        }
    }
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
    vault: Vault,
    /// What the log is told once it is heard.
    told: Option<NewAuditEntry>,
}

/// Which audio is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub variant: Variant,
    pub container: Container,
    /// All of them where it is none.
    pub channel: Option<Channel>,
    /// From the beginning of the recording.
    pub start: Option<Duration>,
    pub end: Option<Duration>,
}

impl Wanted {
    /// All channels, from the beginning to the end.
    pub fn whole(variant: Variant, container: Container) -> Self {
        Self { variant, container, channel: None, start: None, end: None }
    }
}

/// How many samples may go into one peak.
const SAMPLES_PER_PIXEL: RangeInclusive<u32> = 16..=1_000_000;

pub type AudioStream = BoxStream<'static, Result<Bytes>>;

impl Vault {
    /// Opens all of a recording's audio: [`open_media`](Self::open_media).
    pub async fn open_audio(
        &self,
        listener: Listener<'_>,
        id: RecordingId,
        variant: Variant,
        container: Container,
    ) -> Result<Audio> {
        self.open_media(listener, id, Wanted::whole(variant, container)).await
    }

    /// Opens a recording's audio or a part of it, which is made first where it was not sent like
    /// that: then this takes as long as that does. A caller may go away meanwhile and ask again
    /// later.
    ///
    /// [`Error::NotFound`] for a stranger's, [`Error::BadCredentials`]
    /// where the account wants a login, [`Error::NoAudio`] where it was deleted,
    /// [`Error::Damaged`] where its bytes are known to be wrong,
    /// [`Error::Invalid`] where there is no such part, [`Error::NoSuchForm`] where it is not to be
    /// had in this container.
    pub async fn open_media(
        &self,
        listener: Listener<'_>,
        id: RecordingId,
        wanted: Wanted,
    ) -> Result<Audio> {
        let (who, source) = match &listener {
            Listener::Caller(caller) => (caller.who(), caller.source),
            Listener::Url { source, auth_id, credentials } => {
                let who = credentials.map_or(ANYBODY, |_| auth_id.as_str());
                (who.to_owned(), Some(*source))
            }
        };
        let (recording, private, has_variant) = match listener {
            Listener::Caller(caller) => (self.recording(caller, id).await?, true, true),
            Listener::Url { source, auth_id, credentials } => {
                self.recording_by_url(source, auth_id, credentials, id).await?
            }
        };
        let detail = json!({ "container": wanted.container.as_str() });
        let subject = Some(id.to_string());
        let told = entry(self.now(), who, source, AuditAction::Listen, subject, &detail);
        audible(&recording)?;
        let sound = &recording.sound;
        let cut = Cut::new(sound, wanted.channel, wanted.start, wanted.end)?;
        let denoised = match wanted.variant {
            Variant::Default if has_variant => self.denoised(id).await?,
            Variant::Denoised => Some(self.denoised(id).await?.ok_or_else(|| {
                Error::NoSuchForm("the recording has no denoised variant".to_owned())
            })?),
            Variant::Default | Variant::Original => None,
        };
        if let Some(denoised) = denoised {
            let container = match wanted.container {
                Container::Mp3 => Format::Mp3,
                Container::Wav | Container::Stored | Container::AsSent => Format::Wav,
            };
            if container == Format::Wav && cut.is_whole() {
                return Ok(self.made(recording, private, Some(told), &denoised, kind(container)));
            }
            let form = Form::Audio { denoised: true, container, cut };
            return self.open_made(recording, private, Some(told), &form, kind(container)).await;
        }
        let container = match (wanted.container, sound.format) {
            (Container::Wav, Format::Wav) if is_plain(sound) && cut.is_whole() => None,
            (Container::Mp3, Format::Mp3) | (Container::Stored | Container::AsSent, _)
                if cut.is_whole() =>
            {
                None
            }
            (Container::AsSent, _) => {
                return Err(Error::invalid("format", "asis is all that was sent, and no part"));
            }
            (Container::Mp3, _) | (Container::Stored, Format::Mp3) => Some(Format::Mp3),
            (Container::Wav | Container::Stored, _) => Some(Format::Wav),
        };
        if let Some(container) = container {
            let form = Form::Audio { denoised: false, container, cut };
            return self.open_made(recording, private, Some(told), &form, kind(container)).await;
        }
        let stored = sound.format;
        let repair = match wanted.container {
            Container::AsSent => None,
            _ => sound.repair.map(|repair| audio::WavRepair {
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
            vault: self.clone(),
            told: Some(told),
        })
    }

    /// Opens the peaks of one of the caller's recordings, which are made first.
    ///
    /// The errors of [`open_media`](Self::open_media).
    pub async fn open_peaks(
        &self,
        caller: &Caller,
        id: RecordingId,
        peaks: Peaks,
    ) -> Result<Audio> {
        if !SAMPLES_PER_PIXEL.contains(&peaks.samples_per_pixel) {
            let (least, most) = SAMPLES_PER_PIXEL.into_inner();
            let why = format!("must be from {least} to {most}");
            return Err(Error::invalid("samples_per_pixel", why));
        }
        let recording = self.recording(caller, id).await?;
        audible(&recording)?;
        // One channel is its own mix.
        let peaks = Peaks { mix: peaks.mix && recording.sound.channels > 1, ..peaks };
        let kind = match peaks.format {
            PeaksFormat::Binary => ("application/octet-stream", "dat"),
            PeaksFormat::Json => ("application/json", "json"),
        };
        self.open_made(recording, true, None, &Form::Peaks(peaks), kind).await
    }

    /// `kind` is its media type, and its usual ending.
    async fn open_made(
        &self,
        recording: Recording,
        private: bool,
        told: Option<NewAuditEntry>,
        form: &Form,
        kind: (&'static str, &'static str),
    ) -> Result<Audio> {
        let made = self.converted(&recording, form).await?;
        Ok(self.made(recording, private, told, &made, kind))
    }

    fn made(
        &self,
        recording: Recording,
        private: bool,
        told: Option<NewAuditEntry>,
        made: &Rendition,
        (content_type, extension): (&'static str, &'static str),
    ) -> Audio {
        Audio {
            content_type,
            extension,
            length: made.size_bytes,
            etag: hex(&made.sha256),
            private,
            blobs: self.inner.blobs.clone(),
            key: converted_key(recording.recording_id, &made.form),
            repair: None,
            recording,
            vault: self.clone(),
            told,
        }
    }

    /// Whoever has the URL may listen, unless the account wants its own login: the recording,
    /// whether only some may hear it, and whether it may have a variant.
    async fn recording_by_url(
        &self,
        source: Source,
        auth_id: &AuthId,
        credentials: Option<(&str, &str)>,
        id: RecordingId,
    ) -> Result<(Recording, bool, bool)> {
        let named = auth_id.clone();
        let read = self.inner.store.glance(move |reader| {
            Box::pin(async move { reader.recording_by_url(&named, id).await })
        });
        let (account, recording) = read.await?.ok_or(Error::NotFound)?;
        let private = account.settings.media_auth;
        if private {
            let (user, password) = credentials.ok_or(Error::BadCredentials)?;
            if user != auth_id.as_str() {
                return Err(Error::BadCredentials);
            }
            self.prove(source, &account, password).await?;
        }
        let (recording, has_variant) = recording.ok_or(Error::NotFound)?;
        Ok((recording, private, has_variant))
    }
}

impl Audio {
    /// Reads a part, in order. The range must lie within the length. The log is told of whichever
    /// part is read first, so that nobody gets past it by leaving out the first byte.
    pub async fn read(&self, range: Range<u64>) -> Result<AudioStream> {
        if let Some(told) = &self.told {
            self.vault.tell_once(self.recording.root_id, told.clone()).await?;
        }
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

/// Whether there is audio to be given out.
pub(crate) fn audible(recording: &Recording) -> Result<()> {
    match (recording.audio_deleted, recording.damage) {
        (Some(_), _) => Err(Error::NoAudio),
        (None, Some(damage)) => Err(Error::Damaged(damage)),
        (None, None) => Ok(()),
    }
}

/// Where a recording's bytes are.
pub(crate) fn blob_key(id: RecordingId, format: Format) -> BlobKey {
    let recording = uuid::Uuid::from_bytes(*id.as_bytes());
    BlobKey::Audio { recording, extension: extension(format) }
}

/// Where something is that was made of it.
pub(crate) fn converted_key(id: RecordingId, form: &str) -> BlobKey {
    let recording = uuid::Uuid::from_bytes(*id.as_bytes());
    BlobKey::Converted { recording, form: form.to_owned() }
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

/// Its media type and its usual ending.
fn kind(format: Format) -> (&'static str, &'static str) {
    (content_type(format), format.as_str())
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
fn is_plain(sound: &Sound) -> bool {
    !["gsm", "adpcm_ima_wav"].contains(&sound.codec.as_str())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from(b"0123456789abcdef"[usize::from(four)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
