//! What objects are called: the only place where a path is made or read.

use std::fmt;

use object_store::path::Path;
use uuid::Uuid;

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlobKey {
    /// A recording's audio, as it was sent.
    Audio { recording: Uuid, extension: Extension },
    /// Something that was made of it, and can be made again: `mp3`, `peaks.256.dat`. Lower case
    /// letters, digits, dots and dashes.
    Converted { recording: Uuid, form: String },
}

/// The name of a copy in an archive, as `MA…/2026/01/15/<recording>.wav`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyKey(String);

impl CopyKey {
    /// In a folder, and with an ending, of letters, digits, dots and dashes.
    pub fn new(folder: &str, recording: Uuid, ending: &str) -> Self {
        Self(format!("{folder}/{}.{ending}", recording.as_hyphenated()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn path(&self) -> Path {
        Path::from(self.as_str())
    }
}

/// The ending of an audio file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extension {
    Wav,
    Mp3,
    Flac,
    Ogg,
    M4a,
    Gsm,
}

/// The folder that all audio is in, and that of what can be made again from it.
pub(crate) const AUDIO: &str = "audio";
pub(crate) const CONVERTED: &str = "converted";

impl BlobKey {
    /// Reads a path that [`Display`](fmt::Display) wrote; nothing else is a key.
    pub fn parse(path: &str) -> Option<Self> {
        let (folder, rest) = path.split_once('/')?;
        let (_, file) = rest.rsplit_once('/')?;
        let (recording, form) = file.split_once('.')?;
        let recording = Uuid::try_parse(recording).ok()?;
        let key = match folder {
            AUDIO => {
                let extension = Extension::ALL.into_iter().find(|e| e.as_str() == form)?;
                Self::Audio { recording, extension }
            }
            CONVERTED if is_form(form) => Self::Converted { recording, form: form.to_owned() },
            _ => return None,
        };
        // One object, one spelling: upper case, braces and the wrong folder are refused.
        (key.to_string() == path).then_some(key)
    }

    /// Whose bytes they are.
    pub fn recording(&self) -> Uuid {
        let (Self::Audio { recording, .. } | Self::Converted { recording, .. }) = self;
        *recording
    }

    /// Which of the 256 folders it is in: a folder of millions of files is slow to list and to
    /// fsync.
    pub(crate) fn shard(&self) -> u8 {
        self.recording().as_bytes()[0]
    }

    /// The folder that those are in.
    pub(crate) fn folder(&self) -> &'static str {
        match self {
            Self::Audio { .. } => AUDIO,
            Self::Converted { .. } => CONVERTED,
        }
    }

    pub(crate) fn path(&self) -> Path {
        Path::from(self.to_string())
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (recording, ending) = match self {
            Self::Audio { recording, extension } => (recording, extension.as_str()),
            Self::Converted { recording, form } => (recording, form.as_str()),
        };
        let (folder, shard) = (self.folder(), self.shard());
        write!(f, "{folder}/{shard:02x}/{}.{ending}", recording.as_hyphenated())
    }
}

fn is_form(text: &str) -> bool {
    let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(known)
}

impl Extension {
    pub const ALL: [Self; 6] = [Self::Wav, Self::Mp3, Self::Flac, Self::Ogg, Self::M4a, Self::Gsm];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::M4a => "m4a",
            Self::Gsm => "gsm",
        }
    }
}
