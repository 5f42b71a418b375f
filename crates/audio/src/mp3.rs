//! MP3: all frames decoded, and what the encoder added taken off again.

pub(crate) mod frame;

use std::io::{Read, Seek, SeekFrom};

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::{FormatOptions, FormatReader, Track};
use symphonia::default::{codecs::MpaDecoder, formats::MpaReader};

use crate::decode::{self, Decoded, Shape, Sink};
use crate::sniff::Part;
use crate::{Codec, Container, Error, Limits, Probe, source};

/// Probes the MP3 that is a part of a file, from its first frame. All that decodes goes to `sink`;
/// the second answer is how much of it, in samples per channel, comes before the sound.
pub(crate) fn probe(
    file: &mut (impl Read + Seek + Send + Sync),
    part: Part,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(Probe, u64), Error> {
    file.seek(SeekFrom::Start(part.start))?;
    // The demuxer looks for a next frame one byte after the other and keeps nothing meanwhile.
    let (stream, watch) = source::stream(file.take(part.end - part.start), u64::MAX);
    decode::guarded(|| {
        let refused = |failure| decode::refused(failure, &watch, "no whole MP3 frame in the file");
        let mut reader = MpaReader::try_new(stream, FormatOptions::default()).map_err(refused)?;
        let track = reader.tracks().first().ok_or(Error::Empty)?;
        let tag = Tag::new(track);
        let codec = track.codec_params.as_ref().and_then(|codec| codec.audio());
        let codec = codec.ok_or(Error::Empty)?;
        let channels = codec.channels.as_ref().map_or(0, Channels::count);
        let sample_rate = codec.sample_rate.unwrap_or(0);
        limits.check_shape(channels, sample_rate)?;
        let channels = u16::try_from(channels).unwrap_or(u16::MAX);

        // What a tag says is taken off below, where it can be told from what decodes.
        let whole = AudioDecoderOptions::default().gapless(false);
        let mut decoder = MpaDecoder::try_new(codec, &whole).map_err(refused)?;
        let shape = Shape { track: None, channels, sample_rate };
        let added = tag.delay + tag.padding;
        let count = decode::run(&mut reader, &mut decoder, &watch, shape, added, limits, sink)?;

        let (frames, truncated) = tag.trim(count);
        limits.check_length(frames, sample_rate)?;
        let probe = Probe {
            container: Container::Mp3,
            codec: Codec::Mp3,
            channels,
            sample_rate,
            frames,
            truncated,
            repair: None,
        };
        Ok((probe, tag.delay))
    })
}

/// What the first frame tells of the others: a Xing or Info header, with LAME's extension to it
/// (<http://gabriel.mp3-tech.org/mp3infotag.html>), or Fraunhofer's VBRI. All in samples per
/// channel.
#[derive(Debug, Clone, Copy)]
struct Tag {
    /// Without delay and padding.
    promised: Option<u64>,
    delay: u64,
    padding: u64,
}

impl Tag {
    fn new(track: &Track) -> Self {
        Self {
            promised: track.num_frames,
            delay: u64::from(track.delay.unwrap_or(0)),
            padding: u64::from(track.padding.unwrap_or(0)),
        }
    }

    /// How much sound there is, and whether some that was promised is not. Never more than was
    /// decoded, whatever the tag says.
    fn trim(self, Decoded { frames: decoded, longest, .. }: Decoded) -> (u64, bool) {
        let begun = decoded.saturating_sub(self.delay);
        let Some(promised) = self.promised else {
            return (begun.saturating_sub(self.padding), false);
        };
        let whole = promised.saturating_add(self.delay).saturating_add(self.padding);
        if decoded > whole {
            // Joined or edited: the padding is no longer at the end.
            return (begun, false);
        }
        // Without LAME's fields, encoders differ on whether the tag's own frame counts.
        let slack = if self.delay == 0 { longest } else { 0 };
        let frames = begun.min(promised);
        (frames, frames.saturating_add(slack) < promised)
    }
}

#[cfg(test)]
mod tests;
