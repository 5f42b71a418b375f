//! FLAC: STREAMINFO read here, the frames decoded (RFC 9639).

use std::io::{Cursor, Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::default::{codecs::FlacDecoder, formats::FlacReader};

use crate::decode::{self, Shape, Sink};
use crate::sniff::Part;
use crate::source::{self, read_at};
use crate::{Codec, Container, Error, Limits, Probe};

const STREAMINFO_BYTES: usize = 34;

/// More than any real file has; a limit on the walk, not on bytes, which are not read.
const MAX_BLOCKS: usize = 1_024;

/// The largest frame is 8 channels of 65,535 samples of 4 bytes, some 2 MB, where nothing could
/// be compressed. After twice that without a frame there is none to come.
const PATIENCE: u64 = 4 << 20;

/// What STREAMINFO says (RFC 9639, section 8.2).
struct StreamInfo {
    bytes: [u8; STREAMINFO_BYTES],
    shape: Shape,
    /// Samples per channel, where it is known.
    frames: Option<u64>,
    /// Where the first frame should be.
    end: u64,
}

/// Probes the FLAC that is a part of a file. All that decodes goes to `sink`.
pub(crate) fn probe(
    file: &mut (impl Read + Seek + Send + Sync),
    part: Part,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<Probe, Error> {
    let info = stream_info(file, part)?;
    limits.check_shape(usize::from(info.shape.channels), info.shape.sample_rate)?;
    if info.end == part.end {
        return Err(Error::Empty);
    }
    file.seek(SeekFrom::Start(info.end))?;

    // The decoder sees no metadata but STREAMINFO: pictures and seek tables can be large.
    let head = Cursor::new([b"fLaC\x80\0\0\x22".as_slice(), &info.bytes].concat());
    let (stream, watch) = source::stream(head.chain(file.take(part.end - info.end)), PATIENCE);
    let count = decode::guarded(|| {
        let refused = |failure| decode::refused(failure, &watch, "no FLAC frame in the file");
        let mut reader = FlacReader::try_new(stream, FormatOptions::default()).map_err(refused)?;
        let track = reader.tracks().first().and_then(|track| track.codec_params.as_ref());
        let codec = track.and_then(|codec| codec.audio()).ok_or(Error::Empty)?;
        let plain = AudioDecoderOptions::default();
        let mut decoder = FlacDecoder::try_new(codec, &plain).map_err(refused)?;
        decode::run(&mut reader, &mut decoder, &watch, info.shape, 0, limits, sink)
    })?;
    if count.frames == 0 {
        return Err(Error::damaged("no FLAC frame in the file can be decoded"));
    }
    limits.check_length(count.frames, info.shape.sample_rate)?;
    Ok(Probe {
        container: Container::Flac,
        codec: Codec::Flac,
        channels: info.shape.channels,
        sample_rate: info.shape.sample_rate,
        frames: count.frames,
        // Either fewer than promised, or some lost on the way.
        truncated: count.frames < info.frames.unwrap_or(0).max(count.span),
        repair: None,
    })
}

/// Reads STREAMINFO, which comes first, and walks over all other metadata.
fn stream_info(file: &mut (impl Read + Seek), part: Part) -> Result<StreamInfo, Error> {
    let cut = || Error::damaged("the FLAC header is cut off");
    let mut bytes = [0; STREAMINFO_BYTES];
    let mut position = part.start + 4;
    for block in 0..MAX_BLOCKS {
        let mut header = [0; 4];
        if read_at(file, position, &mut header)? < header.len() {
            return Err(cut());
        }
        let [kind, size @ ..] = header;
        let size = u64::from(u32::from_be_bytes([0, size[0], size[1], size[2]]));
        let body = position + 4;
        if block == 0 {
            if kind & 0x7f != 0 || size != STREAMINFO_BYTES as u64 {
                return Err(Error::damaged("FLAC does not begin with its STREAMINFO"));
            }
            if read_at(file, body, &mut bytes)? < bytes.len() {
                return Err(cut());
            }
        }
        position = body + size;
        if position > part.end {
            return Err(cut());
        }
        if kind & 0x80 != 0 {
            return Ok(StreamInfo::new(bytes, position));
        }
    }
    Err(Error::Damaged(format!("more than {MAX_BLOCKS} FLAC metadata blocks")))
}

impl StreamInfo {
    fn new(bytes: [u8; STREAMINFO_BYTES], end: u64) -> Self {
        // After the four bounds: 20 bits of rate, 3 of channels less one, 5 of bits less one, 36
        // of samples per channel, of which 0 is unknown.
        let packed = bytes[10..18].iter().fold(0, |packed, &byte| packed << 8 | u64::from(byte));
        let frames = packed & ((1 << 36) - 1);
        Self {
            bytes,
            shape: Shape {
                track: None,
                channels: u16::from((packed >> 41 & 0x7) as u8) + 1,
                sample_rate: (packed >> 44) as u32,
            },
            frames: (frames > 0).then_some(frames),
            end,
        }
    }
}

#[cfg(test)]
mod tests;
