//! Decoding all of a stream, to count what comes out, or to have it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error as Failure;
use symphonia::core::formats::FormatReader;

use crate::source::Watch;
use crate::{Error, Limits};

/// What came out.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Decoded {
    /// Samples per channel.
    pub(crate) frames: u64,
    /// From the start of the first packet to the end of the last, by the stream's own clock.
    pub(crate) span: u64,
    /// Samples per channel in the longest packet.
    pub(crate) longest: u64,
    /// Whether the stream broke off instead of ending.
    pub(crate) cut: bool,
}

/// What every packet must have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Packets of other tracks are passed over; none where there is but one.
    pub(crate) track: Option<u32>,
    pub(crate) channels: u16,
    pub(crate) sample_rate: u32,
}

/// Takes what was decoded, packet by packet. Its error ends the decoding.
pub(crate) type Sink<'s> = dyn FnMut(&GenericAudioBufferRef<'_>) -> Result<(), Error> + 's;

/// Decodes until the stream ends, keeping nothing. A few packets that do not decode are passed
/// over; with more of them than of good ones the file is [`Error::Damaged`].
///
/// `trim` is how many samples per channel the caller will take off: they do not count towards the
/// limit.
pub(crate) fn run(
    reader: &mut dyn FormatReader,
    decoder: &mut dyn AudioDecoder,
    watch: &Watch,
    shape: Shape,
    trim: u64,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<Decoded, Error> {
    let most = limits.max_frames(shape.sample_rate).saturating_add(trim);
    let mut count = Decoded::default();
    let (mut good, mut bad) = (0_u64, 0_u64);
    let mut start = None;
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            // The error includes a stream that ends early, which the count shows.
            Ok(None) => break,
            Err(Failure::IoError(_)) => {
                count.cut = true;
                break;
            }
            Err(Failure::ResetRequired) => {
                return Err(Error::unsupported("one stream after another in a file"));
            }
            Err(failure) => return Err(Error::Damaged(failure.to_string())),
        };
        watch.fed();
        if shape.track.is_some_and(|track| track != packet.track_id) {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(sound)
                if sound.spec().rate() == shape.sample_rate
                    && sound.spec().channels().count() == usize::from(shape.channels) =>
            {
                let frames = sound.frames() as u64;
                good += 1;
                count.frames = count.frames.saturating_add(frames);
                count.longest = count.longest.max(frames);
                let first = *start.get_or_insert(packet.pts.get());
                let end = packet.pts.get().saturating_sub(first).max(0).unsigned_abs();
                count.span = count.span.max(end.saturating_add(frames));
                if count.frames <= most {
                    sink(&sound)?;
                }
            }
            // Or another rate or number of channels in mid-stream.
            Ok(_) | Err(_) => bad += 1,
        }
        if count.frames > most {
            return Err(limits.too_long());
        }
    }
    if let Some(error) = watch.failure() {
        return Err(Error::Io(error));
    }
    if bad > good {
        return Err(Error::Damaged(format!("{bad} of {} frames cannot be decoded", good + bad)));
    }
    Ok(count)
}

/// What a demuxer or decoder that does not start says of the file; `ended` where it found nothing
/// to start with.
pub(crate) fn refused(failure: Failure, watch: &Watch, ended: &str) -> Error {
    match (watch.failure(), failure) {
        (Some(error), _) => Error::Io(error),
        (None, Failure::IoError(_)) => Error::damaged(ended),
        (None, failure) => Error::Damaged(failure.to_string()),
    }
}

/// Calls into a codec, which is not ours: should it panic over a stranger's bytes, as Symphonia's
/// FLAC does where overflow is checked, then the file is damaged, and no more.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // All that the call could leave broken is dropped with it.
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(Error::damaged("the decoder gave up on it")))
}

#[cfg(test)]
mod tests;
