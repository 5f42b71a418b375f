//! What can be made of a recording, each with one name, however it was asked for.

use std::fmt;
use std::time::Duration;

use audio::{Channel, Part, Peaks, PeaksFormat};
use store::{Format, Sound};

use crate::{Error, Result};

/// Something that can be made of a recording. [`Display`](fmt::Display) writes its name, by which
/// its row and its object go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// Of the original, or of the denoised variant.
    Audio {
        denoised: bool,
        container: Format,
        cut: Cut,
    },
    /// The denoised variant itself, which is kept for good.
    Denoised,
    Peaks(Peaks),
}

/// A part of a recording; the default is all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Cut {
    channel: Option<Channel>,
    /// In milliseconds; without an end to the end.
    start: u64,
    end: Option<u64>,
}

impl Cut {
    /// Reads what was asked for of such a sound. The only channel there is, and an end beyond the
    /// end, are as if they had not been asked for.
    pub(crate) fn new(
        sound: &Sound,
        channel: Option<Channel>,
        start: Option<Duration>,
        end: Option<Duration>,
    ) -> Result<Self> {
        if let Some(Channel::One(one)) = channel.filter(|&c| !is_channel(c, sound.channels)) {
            let last = sound.channels.saturating_sub(1);
            let why = format!("there is no channel {one}: the last is {last}");
            return Err(Error::invalid("channel", why));
        }
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let start = start.map_or(0, milliseconds);
        let end = end.map(milliseconds);
        let cut = Self { channel: channel.filter(|_| sound.channels > 1), start, end };
        let length = milliseconds(sound.duration());
        if cut.frames(sound).start >= sound.frames {
            let why = format!("is not before the end of the recording, which is at {length}");
            return Err(Error::invalid("start_ms", why));
        }
        if end.is_some_and(|end| end <= start) {
            return Err(Error::invalid("end_ms", "must be after start_ms"));
        }
        let frames = cut.frames(sound);
        if frames.is_empty() {
            return Err(Error::invalid("end_ms", "leaves not a single sample"));
        }
        Ok(Self { end: end.filter(|_| frames.end < sound.frames), ..cut })
    }

    pub(crate) fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// The part, in samples.
    pub(crate) fn part(&self, sound: &Sound) -> Part {
        Part { channel: self.channel, frames: self.frames(sound) }
    }

    fn frames(&self, sound: &Sound) -> std::ops::Range<u64> {
        let at = |milliseconds: u64| {
            let frames = u128::from(milliseconds) * u128::from(sound.sample_rate) / 1_000;
            u64::try_from(frames).unwrap_or(u64::MAX)
        };
        at(self.start)..self.end.map_or(u64::MAX, at)
    }
}

fn is_channel(channel: Channel, channels: u16) -> bool {
    match channel {
        Channel::One(one) => one < channels,
        Channel::Mix => true,
    }
}

impl Form {
    /// The most bytes that it can have, or why there is none.
    pub(crate) fn most_bytes(&self, sound: &Sound) -> Result<u64> {
        match self {
            Self::Audio { container, cut, .. } => {
                let part = cut.part(sound);
                let (channels, frames) = (part.channels(sound.channels), part.length(sound.frames));
                let container = crate::convert::container(*container);
                audio::most_bytes(container, channels, sound.sample_rate, frames)
                    .map_err(|error| Error::NoSuchForm(error.to_string()))
            }
            Self::Denoised => {
                let cut = Cut::default();
                Self::Audio { denoised: false, container: Format::Wav, cut }.most_bytes(sound)
            }
            Self::Peaks(peaks) => Ok(peaks.most_bytes(sound.channels, sound.frames)),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audio { denoised, container, cut } => {
                if *denoised {
                    f.write_str("denoised.")?;
                }
                match cut.channel {
                    None => {}
                    Some(Channel::One(one)) => write!(f, "ch{one}.")?,
                    Some(Channel::Mix) => f.write_str("mix.")?,
                }
                match (cut.start, cut.end) {
                    (0, None) => {}
                    (start, None) => write!(f, "{start}-.")?,
                    (start, Some(end)) => write!(f, "{start}-{end}.")?,
                }
                f.write_str(container.as_str())
            }
            Self::Denoised => f.write_str("denoised.wav"),
            Self::Peaks(Peaks { format, samples_per_pixel, mix }) => {
                let mix = if *mix { "mix." } else { "" };
                let ending = match format {
                    PeaksFormat::Binary => "dat",
                    PeaksFormat::Json => "json",
                };
                write!(f, "peaks.{mix}{samples_per_pixel}.{ending}")
            }
        }
    }
}
