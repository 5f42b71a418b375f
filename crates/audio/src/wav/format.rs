//! The `fmt ` chunk of a WAV: `WAVEFORMAT`, and `WAVEFORMATEXTENSIBLE` as Microsoft's
//! "Multiple channel audio data and WAVE files" (2001) has it.

use std::io::{Read, Seek};

use super::{Chunk, ima};
use crate::gsm;
use crate::source::read_at;
use crate::{Codec, Error, Limits};

/// `WAVEFORMAT` with the bits of a sample: the least that is of use.
const SHORT: usize = 16;
/// `WAVEFORMATEXTENSIBLE`.
const LONG: usize = 40;

const TAG_PCM: u16 = 0x0001;
const TAG_FLOAT: u16 = 0x0003;
const TAG_ALAW: u16 = 0x0006;
const TAG_MULAW: u16 = 0x0007;
const TAG_IMA: u16 = 0x0011;
const TAG_GSM: u16 = 0x0031;
const TAG_EXTENSIBLE: u16 = 0xfffe;

/// What follows the tag in the GUID of a sub-format that is but a tag.
const TAG_GUID: [u8; 14] = *b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";

/// What a sample is, checked: nothing in it is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    pub(super) codec: Codec,
    pub(super) channels: u16,
    pub(super) sample_rate: u32,
    /// Bytes of what is coded together: one sample of all channels, or many.
    pub(super) block: u16,
    /// Samples per channel in it.
    pub(super) block_frames: u64,
}

impl Format {
    /// Reads the chunk, and refuses what is not taken.
    pub(super) fn read(
        file: &mut (impl Read + Seek),
        chunk: Chunk,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut bytes = [0; LONG];
        let size = usize::try_from(chunk.size).unwrap_or(usize::MAX).min(LONG);
        if size < SHORT || read_at(file, chunk.at, &mut bytes[..size])? < size {
            return Err(Error::Damaged(format!("a WAV fmt chunk of {} bytes", chunk.size)));
        }
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (channels, block, bits) = (short(2), short(12), short(14));
        let sample_rate = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        let tag = match short(0) {
            TAG_EXTENSIBLE if size < LONG || bytes[26..] != TAG_GUID => {
                return Err(Error::unsupported("this extensible format in WAV"));
            }
            TAG_EXTENSIBLE => short(24),
            tag => tag,
        };
        let codec = codec(tag, bits)?;
        limits.check_shape(usize::from(channels), sample_rate)?;
        let block_frames = block_frames(codec, channels, block, bits).ok_or_else(|| {
            Error::Damaged(format!(
                "a WAV block of {block} bytes cannot hold {channels} samples of {bits} bits"
            ))
        })?;
        Ok(Self { codec, channels, sample_rate, block, block_frames })
    }

    /// Whether more than one sample is coded together, so that the last block is padded.
    pub(super) fn is_blocked(&self) -> bool {
        self.block_frames > 1
    }
}

/// Samples per channel in a block; none where they do not fit.
fn block_frames(codec: Codec, channels: u16, block: u16, bits: u16) -> Option<u64> {
    match codec {
        Codec::ImaAdpcm => ima::frames_per_block(block, channels),
        Codec::Gsm => {
            let fits = channels == 1 && usize::from(block) == gsm::PAIR_BYTES;
            fits.then_some(2 * gsm::FRAME as u64)
        }
        _ => {
            let bytes = u32::from(channels) * u32::from(bits / 8);
            (block > 0 && u32::from(block) == bytes).then_some(1)
        }
    }
}

fn codec(tag: u16, bits: u16) -> Result<Codec, Error> {
    Ok(match (tag, bits) {
        (TAG_PCM, 8) => Codec::PcmU8,
        (TAG_PCM, 16) => Codec::PcmS16Le,
        (TAG_PCM, 24) => Codec::PcmS24Le,
        (TAG_PCM, 32) => Codec::PcmS32Le,
        (TAG_FLOAT, 32) => Codec::PcmF32Le,
        (TAG_FLOAT, 64) => Codec::PcmF64Le,
        (TAG_MULAW, 8) => Codec::MuLaw,
        (TAG_ALAW, 8) => Codec::ALaw,
        (TAG_IMA, 4) => Codec::ImaAdpcm,
        (TAG_GSM, _) => Codec::Gsm, // which has no whole number of bits
        (TAG_PCM | TAG_FLOAT | TAG_MULAW | TAG_ALAW | TAG_IMA, _) => {
            return Err(Error::Unsupported(format!("{} of {bits} bits in WAV", name(tag))));
        }
        _ => return Err(Error::Unsupported(format!("{} in WAV", name(tag)))),
    })
}

/// What a tag stands for (RFC 2361, and what has come since).
fn name(tag: u16) -> String {
    let known = match tag {
        TAG_PCM => "PCM",
        TAG_FLOAT => "float",
        TAG_MULAW => "µ-law",
        TAG_ALAW => "A-law",
        0x0002 => "Microsoft ADPCM",
        0x0010 => "OKI ADPCM",
        TAG_IMA => "IMA ADPCM",
        0x0014 | 0x0042 => "G.723",
        0x0020 => "Yamaha ADPCM",
        0x0022 => "TrueSpeech",
        0x0040 | 0x0041 | 0x0045 | 0x0064 => "G.726",
        0x0050 => "MPEG layer II",
        0x0055 => "MP3",
        0x0065 | 0x028f => "G.722",
        0x0083 | 0x0133 => "G.729",
        0x00ff | 0x1600 | 0x1602 | 0x1610 => "AAC",
        0x0160..=0x0163 => "WMA",
        0x2000 => "AC-3",
        0xf1ac => "FLAC",
        _ => return format!("format {tag:#06x}"),
    };
    known.to_owned()
}
