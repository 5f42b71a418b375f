//! Ogg with Opus (RFC 7845) or Vorbis in it: all packets decoded, and what the encoder added taken
//! off again, so that the length is exact.

use std::io::{Read, Seek, SeekFrom};

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::RegisterableAudioDecoder as _;
use symphonia::core::errors::Result as Decoding;
use symphonia::core::formats::{FormatOptions, FormatReader, Track};
use symphonia::default::{codecs::VorbisDecoder, formats::OggReader};
use symphonia_adapter_libopus::OpusDecoder;

use crate::decode::{self, Shape, Sink};
use crate::sniff::Part;
use crate::{Codec, Container, Error, Limits, Probe, source};

/// A page has 64 KiB at most, and a packet far less; after so much without one there is none to
/// come.
const PATIENCE: u64 = 4 << 20;

/// The header of a page with one segment, which the first page of a stream is.
const PAGE_HEADER: usize = 28;

/// What else Ogg may have in it, by how its first packet begins.
const UNSUPPORTED: [(&[u8], &str); 5] = [
    (b"Speex   ", "Speex in Ogg"),
    (b"\x7fFLAC", "FLAC in Ogg"),
    (b"\x80theora", "Ogg video"),
    (b"fishead\0", "Ogg Skeleton"),
    (b"PCM     ", "PCM in Ogg"),
];

/// The codec that an Ogg begins with, where it is one that is not taken.
pub(crate) fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    let packet = bytes.get(PAGE_HEADER..)?;
    UNSUPPORTED.iter().find(|(mark, _)| packet.starts_with(mark)).map(|(_, name)| *name)
}

/// Probes the Ogg that is a part of a file. All that decodes goes to `sink`; the second answer is
/// how much of it, in samples per channel, comes before the sound.
pub(crate) fn probe(
    file: &mut (impl Read + Seek + Send + Sync),
    part: Part,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(Probe, u64), Error> {
    file.seek(SeekFrom::Start(part.start))?;
    let (stream, watch) = source::stream(file.take(part.end - part.start), PATIENCE);
    decode::guarded(|| {
        let refused = |failure| decode::refused(failure, &watch, "no whole Ogg stream in the file");
        let mut reader = OggReader::try_new(stream, FormatOptions::default()).map_err(refused)?;
        let (track, codec, params) = (reader.tracks().iter().find_map(known))
            .ok_or_else(|| Error::unsupported("Ogg with neither Opus nor Vorbis"))?;
        let channels = params.channels.as_ref().map_or(0, Channels::count);
        let sample_rate = params.sample_rate.unwrap_or(0);
        limits.check_shape(channels, sample_rate)?;
        if codec == Codec::Opus && channels > 2 {
            return Err(Error::Unsupported(format!("Opus of {channels} channels")));
        }
        let (mut decoder, delay) = decoder(codec, &params).map_err(refused)?;
        let shape = Shape {
            track: Some(track),
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
            sample_rate,
        };
        let count = decode::run(&mut reader, decoder.as_mut(), &watch, shape, delay, limits, sink)?;
        let frames = count.frames.saturating_sub(delay);
        limits.check_length(frames, sample_rate)?;
        let probe = Probe {
            container: Container::Ogg,
            codec,
            channels: shape.channels,
            sample_rate,
            frames,
            // The last page says that it is.
            truncated: count.cut,
            repair: None,
        };
        Ok((probe, delay))
    })
}

fn known(track: &Track) -> Option<(u32, Codec, AudioCodecParameters)> {
    let Some(CodecParameters::Audio(params)) = &track.codec_params else { return None };
    let codec = match params.codec {
        CODEC_ID_OPUS => Codec::Opus,
        CODEC_ID_VORBIS => Codec::Vorbis,
        _ => return None,
    };
    Some((track.id, codec, params.clone()))
}

/// A decoder, and how many samples per channel of what it gives are not of the sound. (Vorbis'
/// are taken off by the demuxer.)
fn decoder(codec: Codec, params: &AudioCodecParameters) -> Decoding<(Box<dyn AudioDecoder>, u64)> {
    let options = AudioDecoderOptions::default();
    if codec == Codec::Vorbis {
        return Ok((Box::new(VorbisDecoder::try_new(params, &options)?), 0));
    }
    let mut params = params.clone();
    let mut delay = 0;
    // RFC 7845, section 5.1: the pre-skip is at byte 10. The decoder takes it off the first packet
    // alone, which may be shorter, so it is hidden from it.
    if let Some([low, high]) =
        params.extra_data.as_deref_mut().and_then(|head| head.get_mut(10..12))
    {
        delay = u64::from(u16::from_le_bytes([*low, *high]));
        (*low, *high) = (0, 0);
    }
    Ok((OpusDecoder::try_registry_new(&params, &options)?, delay))
}

#[cfg(test)]
mod tests;
