//! What objects are called: the only place where a path is made or read.

use std::fmt;

use object_store::path::Path;
use uuid::Uuid;

/// The name of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlobKey {
    /// A recording's audio, as it was sent.
    Audio { recording: Uuid, extension: Extension },
}

/// The ending of an audio file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extension {
    Wav,
    Mp3,
    Flac,
}

/// The folder that all audio is in.
pub(crate) const AUDIO: &str = "audio";

impl BlobKey {
    /// Reads a path that [`Display`](fmt::Display) wrote; nothing else is a key.
    pub fn parse(path: &str) -> Option<Self> {
        let (_, file) = path.rsplit_once('/')?;
        let (recording, extension) = file.split_once('.')?;
        let key = Self::Audio {
            recording: Uuid::try_parse(recording).ok()?,
            extension: Extension::ALL.into_iter().find(|e| e.as_str() == extension)?,
        };
        // One object, one spelling: upper case, braces and the wrong folder are refused.
        (key.to_string() == path).then_some(key)
    }

    /// Which of the 256 folders it is in: a folder of millions of files is slow to list and to
    /// fsync.
    pub(crate) fn shard(&self) -> u8 {
        let Self::Audio { recording, .. } = self;
        recording.as_bytes()[0]
    }

    pub(crate) fn path(&self) -> Path {
        Path::from(self.to_string())
    }

    pub(crate) fn audio_folder() -> Path {
        Path::from(AUDIO)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Audio { recording, extension } = self;
        let (shard, extension) = (self.shard(), extension.as_str());
        write!(f, "{AUDIO}/{shard:02x}/{}.{extension}", recording.as_hyphenated())
    }
}

impl Extension {
    pub const ALL: [Self; 3] = [Self::Wav, Self::Mp3, Self::Flac];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Flac => "flac",
        }
    }
}
