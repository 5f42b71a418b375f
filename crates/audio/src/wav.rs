//! WAV: a walk over its chunks to the samples, and what the sizes should have been.
//!
//! The format is that of Microsoft's and IBM's "Multimedia Programming Interface and Data
//! Specifications 1.0" (1991), chapter 2 (RIFF) and 3 (WAVE). Recorders that crash, or that write
//! to a pipe, leave sizes in the header that are none; the samples then go on to the end.

mod format;
mod ima;
mod samples;

use std::io::{self, Read, Seek};

use crate::source::{self, read_at};
use crate::{Container, Error, Limits, Probe, WavRepair, sniff};
use format::Format;
pub(crate) use samples::{of_i32, samples};

/// More chunks than any real file has before its samples, or after them.
const MAX_CHUNKS: usize = 256;

/// Further into the file the samples cannot begin. Nothing on the way is read.
const MAX_HEADER: u64 = 16 << 20;

/// The header of a chunk: four letters, and how many bytes follow.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    id: [u8; 4],
    size: u32,
    /// Where its content begins.
    at: u64,
}

impl Chunk {
    /// Where the next one begins: chunks stand at even positions.
    fn end(self) -> u64 {
        self.at + u64::from(self.size) + u64::from(self.size & 1)
    }

    /// Whether it says nothing of how many samples there are: its writer meant to come back, or
    /// wrote to a pipe. 0 and the largest number are usual, sox has a little less than 2 GiB, and
    /// others one of the two less their header.
    fn is_unfinished(self) -> bool {
        matches!(self.size, 0 | 0x7fff_f000..=0x8000_0000 | 0xffff_ff00..)
    }
}

/// Whether a file begins as a WAV.
pub(crate) fn is_wav(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut start = [0; 12];
    let read = read_at(file, 0, &mut start)?;
    Ok(sniff::is_wav(&start[..read]))
}

/// Probes a WAV by its header.
pub(crate) fn probe(file: &mut (impl Read + Seek), limits: &Limits) -> Result<Probe, Error> {
    let length = source::length(file)?;
    let Header { format, fact, data } = header(file, length, limits)?;
    let block = u64::from(format.block);
    let there = length.saturating_sub(data.at);
    let promised = u64::from(data.size);
    let unfinished = data.is_unfinished() && (data.size == 0 || promised > there);
    if data.size == 0 && is_chunks(file, data.at, length)? {
        return Err(Error::Empty);
    }

    let bytes = if unfinished { there } else { promised.min(there) };
    let blocks = bytes / block;
    let mut frames = blocks * format.block_frames;
    if let Some(fact) = fact.filter(|&fact| format.is_blocked() && fact > 0) {
        frames = frames.min(u64::from(fact));
    }
    limits.check_length(frames, format.sample_rate)?;
    let right = WavRepair { data_offset: data.at, data_bytes: blocks * block };
    let wrong = unfinished || promised > there || !is_riff_size_right(file, data, length)?;
    if wrong && right.length() - 8 > u64::from(u32::MAX) {
        return Err(Error::unsupported("WAV of more than 4 GiB"));
    }
    Ok(Probe {
        container: Container::Wav,
        codec: format.codec,
        channels: format.channels,
        sample_rate: format.sample_rate,
        frames,
        truncated: !unfinished && promised > there,
        repair: wrong.then_some(right),
    })
}

/// What comes before the samples, and where they are.
struct Header {
    format: Format,
    /// Samples per channel, as `fact` has them; where many are coded together, the last of those
    /// are padding.
    fact: Option<u32>,
    data: Chunk,
}

/// Walks to the samples, taking along what `fmt ` and `fact` say of them.
fn header(file: &mut (impl Read + Seek), length: u64, limits: &Limits) -> Result<Header, Error> {
    let mut format = None;
    let mut fact = None;
    let mut position = 12;
    for _ in 0..MAX_CHUNKS {
        if position > MAX_HEADER {
            return Err(Error::damaged("no data chunk in the first 16 MiB of the WAV"));
        }
        let Some(chunk) = chunk(file, position)? else {
            return Err(Error::damaged("the WAV ends before its data chunk"));
        };
        match (&chunk.id, format) {
            (b"data", None) => return Err(Error::damaged("the WAV has no fmt chunk")),
            (b"data", Some(format)) => return Ok(Header { format, fact, data: chunk }),
            _ if chunk.at + u64::from(chunk.size) > length => {
                return Err(Error::damaged("a chunk of the WAV runs past the end of the file"));
            }
            (b"fmt ", None) => format = Some(Format::read(file, chunk, limits)?),
            (b"fact", _) => {
                let mut frames = [0; 4];
                let read = read_at(file, chunk.at, &mut frames)?;
                fact = (chunk.size >= 4 && read == 4).then(|| u32::from_le_bytes(frames));
            }
            (b"fmt ", Some(_)) => return Err(Error::damaged("the WAV has two fmt chunks")),
            _ => {}
        }
        position = chunk.end();
    }
    Err(Error::Damaged(format!("more than {MAX_CHUNKS} chunks before the samples of the WAV")))
}

/// Reads the header of the chunk at a position. None at the end of the file.
fn chunk(file: &mut (impl Read + Seek), position: u64) -> io::Result<Option<Chunk>> {
    let mut bytes = [0; 8];
    if read_at(file, position, &mut bytes)? < bytes.len() {
        return Ok(None);
    }
    let [a, b, c, d, size @ ..] = bytes;
    Ok(Some(Chunk { id: [a, b, c, d], size: u32::from_le_bytes(size), at: position + 8 }))
}

/// Whether nothing but well-formed chunks stand from a position to the very end: then an empty
/// `data` chunk before them is truly empty, and not one that was never finished.
fn is_chunks(file: &mut (impl Read + Seek), from: u64, length: u64) -> io::Result<bool> {
    let mut position = from;
    for _ in 0..MAX_CHUNKS {
        if position >= length {
            break;
        }
        match chunk(file, position)? {
            Some(chunk) if chunk.id.iter().all(|byte| matches!(byte, b' '..=b'~')) => {
                // The last may lack the byte that would make it even.
                position = chunk.end().min(length.max(chunk.at + u64::from(chunk.size)));
            }
            _ => return Ok(false),
        }
    }
    Ok(position == length)
}

/// Whether the RIFF chunk's size is that of the file, give or take the byte which makes an odd
/// number of samples even: some writers leave it out, and some do not count it.
fn is_riff_size_right(file: &mut (impl Read + Seek), data: Chunk, length: u64) -> io::Result<bool> {
    let riff = chunk(file, 0)?.map_or(0, |riff| u64::from(riff.size) + 8);
    Ok(riff.abs_diff(length) <= u64::from(data.size & 1))
}

#[cfg(test)]
mod tests;
