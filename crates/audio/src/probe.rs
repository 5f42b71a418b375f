//! What a file is, in one answer.

use std::io::{Read, Seek};
use std::time::Duration;

use crate::decode::Sink;
use crate::sniff::{self, Kind};
use crate::{Error, Limits, WavRepair, flac, gsm, mp3, mp4, ogg, wav};

/// What wraps the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// RIFF/WAVE.
    Wav,
    /// A bare stream of MPEG frames, with or without ID3 tags about it.
    Mp3,
    /// FLAC's own.
    Flac,
    /// Ogg, RFC 3533.
    Ogg,
    /// MP4 with nothing but sound that matters, ISO/IEC 14496-14.
    M4a,
    /// Bare frames of GSM 06.10.
    Gsm,
}

impl Container {
    /// Each of them.
    pub const ALL: [Self; 6] = [Self::Wav, Self::Mp3, Self::Flac, Self::Ogg, Self::M4a, Self::Gsm];

    /// `wav`, `mp3`, `flac`, `ogg`, `m4a` or `gsm`, which are the usual endings too.
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

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Integers of 8 bits, silence at 128.
    PcmU8,
    /// Signed integers of 16 bits, little endian.
    PcmS16Le,
    /// Signed integers of 24 bits in three bytes, little endian.
    PcmS24Le,
    /// Signed integers of 32 bits, little endian.
    PcmS32Le,
    /// IEEE 754 floats of 32 bits, little endian.
    PcmF32Le,
    /// IEEE 754 floats of 64 bits, little endian.
    PcmF64Le,
    /// ITU-T G.711 µ-law, 8 bits.
    MuLaw,
    /// ITU-T G.711 A-law, 8 bits.
    ALaw,
    /// MPEG-1, 2 or 2.5, layer III.
    Mp3,
    /// RFC 9639.
    Flac,
    /// IMA ADPCM in WAV, 4 bits.
    ImaAdpcm,
    /// GSM 06.10 full rate.
    Gsm,
    /// RFC 6716.
    Opus,
    /// Xiph's Vorbis I.
    Vorbis,
    /// MPEG-4 AAC, low complexity.
    Aac,
}

impl Codec {
    /// Each of them.
    pub const ALL: [Self; 15] = [
        Self::PcmU8,
        Self::PcmS16Le,
        Self::PcmS24Le,
        Self::PcmS32Le,
        Self::PcmF32Le,
        Self::PcmF64Le,
        Self::MuLaw,
        Self::ALaw,
        Self::Mp3,
        Self::Flac,
        Self::ImaAdpcm,
        Self::Gsm,
        Self::Opus,
        Self::Vorbis,
        Self::Aac,
    ];

    /// Its name as ffmpeg writes it, but for the laws: `pcm_s16le`, `mulaw`, `mp3` and so on.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PcmU8 => "pcm_u8",
            Self::PcmS16Le => "pcm_s16le",
            Self::PcmS24Le => "pcm_s24le",
            Self::PcmS32Le => "pcm_s32le",
            Self::PcmF32Le => "pcm_f32le",
            Self::PcmF64Le => "pcm_f64le",
            Self::MuLaw => "mulaw",
            Self::ALaw => "alaw",
            Self::Mp3 => "mp3",
            Self::Flac => "flac",
            Self::ImaAdpcm => "adpcm_ima_wav",
            Self::Gsm => "gsm",
            Self::Opus => "opus",
            Self::Vorbis => "vorbis",
            Self::Aac => "aac",
        }
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub container: Container,
    pub codec: Codec,
    /// At least one.
    pub channels: u16,
    /// In Hz, never 0.
    pub sample_rate: u32,
    /// Samples per channel, at least one: what decodes (for WAV, the whole blocks that are in the
    /// file), less the encoder's delay and padding where the file tells them.
    pub frames: u64,
    /// Whether the header promises more sound than there is.
    pub truncated: bool,
    /// For a WAV whose sizes in the header are not those of the file: the right ones.
    pub repair: Option<WavRepair>,
}

impl Probe {
    /// How long it plays, to the nanosecond, rounded down.
    pub fn duration(&self) -> Duration {
        let rate = u64::from(self.sample_rate.max(1));
        let nanos = (self.frames % rate) * 1_000_000_000 / rate;
        Duration::from_secs(self.frames / rate) + Duration::from_nanos(nanos)
    }
}

/// Finds out what a file is, from its start, by its content alone: decodes all of it,
/// but for a WAV, whose header it reads, and bare GSM, whose frames it counts.
///
/// # Errors
///
/// [`Error::Io`] where reading fails; any other is a verdict on the file.
pub fn probe<R>(mut file: R, limits: &Limits) -> Result<Probe, Error>
where
    R: Read + Seek + Send + Sync,
{
    Ok(probe_decoding(&mut file, limits, &mut |_| Ok(()))?.0)
}

/// Probes, and gives `sink` all that decodes, which is nothing of a WAV or bare GSM. The second answer is how
/// many samples per channel come before the sound.
pub(crate) fn probe_decoding<R>(
    file: &mut R,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(Probe, u64), Error>
where
    R: Read + Seek + Send + Sync,
{
    match sniff::sniff(file)? {
        Kind::Wav => Ok((wav::probe(file, limits)?, 0)),
        Kind::Flac(part) => Ok((flac::probe(file, part, limits, sink)?, 0)),
        Kind::Mp3(part) => mp3::probe(file, part, limits, sink),
        Kind::Ogg(part) => ogg::probe(file, part, limits, sink),
        Kind::Mp4 => mp4::probe(file, limits, sink),
        Kind::Gsm => Ok((gsm::probe(file, limits)?, 0)),
    }
}

/// Does what [`probe()`] does for a WAV, without any codec: reads nothing but its header, by a
/// bounded parser, so that a server may do it without a worker. None for anything that is no
/// WAV at all, of which only [`probe()`] can tell.
///
/// # Errors
///
/// As [`probe()`]. A WAV gets the same answer from both.
pub fn probe_plain_wav<R>(mut file: R, limits: &Limits) -> Result<Option<Probe>, Error>
where
    R: Read + Seek,
{
    if wav::is_wav(&mut file)? { wav::probe(&mut file, limits).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests;
