//! M4A: AAC in MP4, all of it decoded and cut by its edit list.

mod edits;

use std::io::{Read, Seek};

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, Track};
use symphonia::core::units::Duration;
use symphonia::default::{codecs::AacDecoder, formats::IsoMp4Reader};

use crate::decode::{self, Decoded, Shape, Sink};
use crate::{Codec, Container, Error, Limits, Probe, source};
use edits::Edit;

/// Probes an M4A. All that decodes goes to `sink`; the second answer is how much of it, in samples
/// per channel, comes before the sound.
pub(crate) fn probe(
    file: &mut (impl Read + Seek + Send + Sync),
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(Probe, u64), Error> {
    let edits = edits::read(file)?;
    // Where it should end: one that was cut off is played as far as it goes.
    let length = edits::length(file)?;
    file.rewind()?;
    // What says where the sound is may stand behind it.
    let (stream, watch) = source::seekable(file, length);
    decode::guarded(|| {
        let refused = |failure| decode::refused(failure, &watch, "the MP4 ends too early");
        let mut reader =
            IsoMp4Reader::try_new(stream, FormatOptions::default()).map_err(refused)?;
        let tracks = reader.tracks();
        let (track, params) = tracks
            .iter()
            .find_map(|track| audio(track).map(|params| (track, params.clone())))
            .ok_or(Error::NotAudio("no audio in the MP4"))?;
        if params.codec != CODEC_ID_AAC {
            return Err(Error::unsupported("MP4 with other audio than AAC"));
        }
        let promised = Promised::of(track, &edits);
        let mut decoder =
            AacDecoder::try_new(&params, &AudioDecoderOptions::default()).map_err(refused)?;
        let channels = params.channels.as_ref().map_or(0, Channels::count);
        let sample_rate = params.sample_rate.unwrap_or(0);
        limits.check_shape(channels, sample_rate)?;
        let shape = Shape {
            track: Some(track.id),
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
            sample_rate,
        };
        let delay = promised.delay(sample_rate);
        let count = decode::run(&mut reader, &mut decoder, &watch, shape, delay, limits, sink)?;
        let (frames, truncated) = promised.trim(count, sample_rate);
        limits.check_length(frames, sample_rate)?;
        let probe = Probe {
            container: Container::M4a,
            codec: Codec::Aac,
            channels: shape.channels,
            sample_rate,
            frames,
            truncated,
            repair: None,
        };
        Ok((probe, delay))
    })
}

fn audio(track: &Track) -> Option<&AudioCodecParameters> {
    match &track.codec_params {
        Some(CodecParameters::Audio(params)) => Some(params),
        _ => None,
    }
}

/// What the header says of the length. Nothing of it is believed against what decodes.
#[derive(Debug, Clone, Copy)]
struct Promised {
    /// Ticks of the track's own clock, of all packets together, and ticks a second.
    media: u64,
    media_rate: u64,
    edit: Option<Edit>,
}

impl Promised {
    fn of(track: &Track, edits: &[(u32, Edit)]) -> Self {
        Self {
            media: track.duration.map_or(0, Duration::get),
            media_rate: track.time_base.map_or(0, |base| u64::from(base.denom.get())),
            edit: edits.iter().find(|(id, _)| *id == track.id).map(|(_, edit)| *edit),
        }
    }

    /// Ticks of the track's clock as samples.
    fn samples(self, ticks: u64, sample_rate: u32) -> u64 {
        scaled(ticks, sample_rate, self.media_rate)
    }

    fn delay(self, sample_rate: u32) -> u64 {
        self.edit.map_or(0, |edit| self.samples(edit.start, sample_rate))
    }

    /// How much sound there is, and whether some that was promised is not.
    ///
    /// An edit's length is counted in the ticks of the whole file, often milliseconds; where it
    /// means the end of the track, within such a tick, the track's own clock says it to the sample.
    fn trim(self, Decoded { frames, longest, .. }: Decoded, sample_rate: u32) -> (u64, bool) {
        let media = self.samples(self.media, sample_rate);
        let whole =
            if frames.saturating_sub(media) <= longest { media.min(frames) } else { frames };
        let rest = whole.saturating_sub(self.delay(sample_rate));
        let edited = self.edit.filter(|edit| edit.length > 0).map_or(rest, |edit| {
            let tick = u64::from(sample_rate).div_ceil(edit.rate.max(1));
            let edited = scaled(edit.length, sample_rate, edit.rate);
            if edited.abs_diff(rest) <= tick { rest } else { edited.min(rest) }
        });
        (edited, frames < media)
    }
}

fn scaled(ticks: u64, sample_rate: u32, ticks_per_second: u64) -> u64 {
    let samples = u128::from(ticks) * u128::from(sample_rate);
    u64::try_from(samples / u128::from(ticks_per_second.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
