//! The samples of a WAV, as 16 bits.

use std::io::{Read, Seek, SeekFrom};

use super::{Format, Header, header, ima, probe};
use crate::gsm;
use crate::source::{self, read_at};
use crate::{Codec, Error, Limits};

/// Bytes at a time, about.
const PIECE: u64 = 16 << 10;

/// Reads all samples, interleaved, and gives them on piece by piece.
pub(crate) fn samples(
    file: &mut (impl Read + Seek),
    limits: &Limits,
    sink: &mut dyn FnMut(&[i16]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut left = probe(file, limits)?.frames;
    let length = source::length(file)?;
    let Header { format, data, .. } = header(file, length, limits)?;
    let (block, block_frames) = (u64::from(format.block), format.block_frames);
    let mut decoder = Decoder { format, gsm: gsm::Decoder::default() };
    let (mut bytes, mut samples) = (Vec::new(), Vec::new());
    let mut position = data.at;
    file.seek(SeekFrom::Start(position))?;
    while left > 0 {
        let blocks = left.div_ceil(block_frames).min((PIECE / block).max(1));
        bytes.resize(usize::try_from(blocks * block).unwrap_or_default(), 0);
        if read_at(file, position, &mut bytes)? < bytes.len() {
            return Err(Error::damaged("the WAV became shorter while it was read"));
        }
        samples.clear();
        decoder.blocks(&bytes, &mut samples);
        let frames = left.min(blocks * block_frames);
        let wanted = usize::try_from(frames).unwrap_or_default() * usize::from(format.channels);
        samples.truncate(wanted);
        sink(&samples)?;
        left -= frames;
        position += blocks * block;
    }
    Ok(())
}

struct Decoder {
    format: Format,
    gsm: gsm::Decoder,
}

impl Decoder {
    /// Decodes whole blocks.
    fn blocks(&mut self, bytes: &[u8], samples: &mut Vec<i16>) {
        let Format { codec, channels, block, block_frames, .. } = self.format;
        let (block, channels) = (usize::from(block), usize::from(channels));
        match codec {
            Codec::ImaAdpcm => {
                for block in bytes.chunks_exact(block) {
                    let start = samples.len();
                    let frames = usize::try_from(block_frames).unwrap_or_default();
                    samples.resize(start + frames * channels, 0);
                    ima::decode(block, channels, &mut samples[start..]);
                }
            }
            Codec::Gsm => {
                for block in bytes.chunks_exact(block) {
                    samples.extend(self.gsm.pair(block).as_flattened());
                }
            }
            _ => {
                let size = block / channels;
                samples.extend(bytes.chunks_exact(size).map(|bytes| sample(codec, bytes)));
            }
        }
    }
}

/// One sample, from as many bytes as the coding has.
fn sample(codec: Codec, bytes: &[u8]) -> i16 {
    match (codec, bytes) {
        (Codec::PcmU8, [byte]) => (i16::from(*byte) - 128) << 8,
        (Codec::PcmS16Le, &[a, b]) => i16::from_le_bytes([a, b]),
        (Codec::PcmS24Le, &[a, b, c]) => of_i32(i32::from_le_bytes([0, a, b, c])),
        (Codec::PcmS32Le, bytes) => of_i32(i32::from_le_bytes(exactly(bytes))),
        (Codec::PcmF32Le, bytes) => of_f64(f64::from(f32::from_le_bytes(exactly(bytes)))),
        (Codec::PcmF64Le, bytes) => of_f64(f64::from_le_bytes(exactly(bytes))),
        (Codec::MuLaw, [byte]) => mu_law(*byte),
        (Codec::ALaw, [byte]) => a_law(*byte),
        _ => 0, // The header's parser holds codings and sizes together.
    }
}

/// So many bytes; zeros where there are others, which the header's parser rules out.
fn exactly<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

/// The nearest of 16 bits, half up, and never around the corner.
pub(crate) fn of_i32(sample: i32) -> i16 {
    (sample.saturating_add(1 << 15) >> 16) as i16
}

/// Full scale is 1; beyond it is clipped, and what is no number is silence.
fn of_f64(sample: f64) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "such a cast clips, as it should")]
    let clipped = (sample * 32_768.0).round() as i16;
    clipped
}

/// ITU-T G.711, table 2a: all bits inverted, sign, 3 of exponent, 4 of mantissa. The 14 bits that
/// it yields are put at the top of 16.
fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let mantissa = i16::from(byte & 0x0f) << 3 | 0x84;
    let size = (mantissa << (byte >> 4 & 7)) - 0x84;
    if byte & 0x80 == 0 { size } else { -size }
}

/// ITU-T G.711, table 1a: every other bit inverted; 13 bits at the top of 16.
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let mantissa = i16::from(byte & 0x0f) << 4 | 8;
    let size = match byte >> 4 & 7 {
        0 => mantissa,
        exponent => (mantissa | 0x100) << (exponent - 1),
    };
    if byte & 0x80 == 0 { -size } else { size }
}

#[cfg(test)]
mod tests;
