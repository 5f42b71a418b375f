//! The same sound in another container.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::lame::{self, Lame};
use crate::part::Cutter;
use crate::probe::probe_decoding;
use crate::samples::samples;
use crate::{Container, Error, Limits, Part, Probe};

/// What encodes what is not written here.
#[derive(Debug, Clone, Copy)]
pub struct Encoder<'a> {
    /// LAME's library: a name that the loader finds, or a path.
    pub lame: &'a Path,
}

const WAV_HEADER: usize = 44;

/// The most bytes that such a sound can have in a container, or why it has no place there.
///
/// # Errors
///
/// [`Error::Unsupported`]. WAV takes anything up to 4 GiB; MP3 its own nine sample rates, mono and
/// stereo; nothing else is written.
pub fn most_bytes(
    to: Container,
    channels: u16,
    sample_rate: u32,
    frames: u64,
) -> Result<u64, Error> {
    match to {
        Container::Wav => {
            let bytes =
                frames.saturating_mul(2 * u64::from(channels)).saturating_add(WAV_HEADER as u64);
            if bytes - 8 > u64::from(u32::MAX) {
                return Err(Error::unsupported("WAV of more than 4 GiB"));
            }
            Ok(bytes)
        }
        Container::Mp3 => lame::most_bytes(channels, sample_rate, frames),
        Container::Flac => Err(Error::unsupported("writing FLAC")),
        Container::Ogg => Err(Error::unsupported("writing Ogg")),
        Container::M4a => Err(Error::unsupported("writing M4A")),
        Container::Gsm => Err(Error::unsupported("writing GSM")),
    }
}

/// Decodes a file and writes a part of its sound into another container, sample by sample: 16 bits in WAV,
/// a constant bit rate in MP3, whose tag tells delay and padding, so that it decodes to the very
/// number of samples. Channels stay what they are. Tells what the source is.
///
/// The file is read twice, and as much memory is used for a day as for a second. `to` must be
/// empty, and is not flushed.
///
/// # Errors
///
/// As [`probe()`](crate::probe()) and [`most_bytes()`]; [`Error::NoEncoder`] where LAME is not there.
pub fn convert<R, W>(
    mut from: R,
    mut to: W,
    container: Container,
    part: &Part,
    encoder: Encoder<'_>,
    limits: &Limits,
) -> Result<Probe, Error>
where
    R: Read + Seek + Send + Sync,
    W: Write + Seek,
{
    let (probe, delay) = probe_decoding(&mut from, limits, &mut |_| Ok(()))?;
    let channels = part.channels(probe.channels);
    let frames = part.length(probe.frames);
    most_bytes(container, channels, probe.sample_rate, frames)?;
    limits.check_length(frames, probe.sample_rate)?;
    let mut cutter = Cutter::new(part, probe.channels);
    match container {
        Container::Wav => {
            to.write_all(&wav_header(channels, probe.sample_rate, frames))?;
            let mut bytes = Vec::new();
            samples(&mut from, &probe, delay, limits, &mut |samples| {
                bytes.clear();
                bytes.extend(cutter.cut(samples).iter().flat_map(|sample| sample.to_le_bytes()));
                Ok(to.write_all(&bytes)?)
            })?;
        }
        Container::Mp3 => {
            let library = Lame::load(encoder.lame)?;
            let mut lame = library.start(channels, probe.sample_rate)?;
            samples(&mut from, &probe, delay, limits, &mut |samples| {
                Ok(to.write_all(lame.encode(cutter.cut(samples))?)?)
            })?;
            to.write_all(lame.finish()?)?;
            // Only now does the first frame know how much sound there is.
            to.seek(SeekFrom::Start(0))?;
            to.write_all(lame.tag()?)?;
            to.seek(SeekFrom::End(0))?;
        }
        // Refused above.
        Container::Flac | Container::Ogg | Container::M4a | Container::Gsm => {}
    }
    Ok(probe)
}

/// RIFF, `fmt ` of 16 bytes, `data`.
pub(crate) fn wav_header(channels: u16, sample_rate: u32, frames: u64) -> [u8; WAV_HEADER] {
    let block = channels.saturating_mul(2);
    let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
    let data = size(frames.saturating_mul(u64::from(block)));
    let mut header = [0; WAV_HEADER];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        header[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&data.saturating_add(36).to_le_bytes());
    put(b"WAVEfmt \x10\0\0\0\x01\0");
    put(&channels.to_le_bytes());
    put(&sample_rate.to_le_bytes());
    put(&sample_rate.saturating_mul(u32::from(block)).to_le_bytes());
    put(&block.to_le_bytes());
    put(b"\x10\0data");
    put(&data.to_le_bytes());
    header
}

#[cfg(test)]
mod tests;
