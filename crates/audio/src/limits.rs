//! How much of a stranger's sound is taken.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::Error;

/// The bounds of what is taken. A file outside of them is refused, never cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest sound. The default is 24 hours.
    pub max_duration: Duration,
    /// The most channels. The default is 8.
    pub max_channels: u16,
    /// The sample rates in Hz. The default is 4,000 to 192,000.
    pub sample_rate: RangeInclusive<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_duration: Duration::from_hours(24),
            max_channels: 8,
            sample_rate: 4_000..=192_000,
        }
    }
}

impl Limits {
    /// Refuses a shape that must not reach a division.
    pub(crate) fn check_shape(&self, channels: usize, sample_rate: u32) -> Result<(), Error> {
        if channels == 0 || channels > usize::from(self.max_channels) {
            return Err(Error::Unsupported(format!("audio of {channels} channels")));
        }
        if sample_rate == 0 || !self.sample_rate.contains(&sample_rate) {
            return Err(Error::Unsupported(format!("a sample rate of {sample_rate} Hz")));
        }
        Ok(())
    }

    /// The most samples per channel at a rate.
    pub(crate) fn max_frames(&self, sample_rate: u32) -> u64 {
        let frames = self.max_duration.as_nanos() * u128::from(sample_rate) / 1_000_000_000;
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Refuses what is too long, and what is empty.
    pub(crate) fn check_length(&self, frames: u64, sample_rate: u32) -> Result<(), Error> {
        if frames == 0 {
            return Err(Error::Empty);
        }
        if frames > self.max_frames(sample_rate) {
            return Err(self.too_long());
        }
        Ok(())
    }

    pub(crate) fn too_long(&self) -> Error {
        Error::TooLong { limit: self.max_duration }
    }
}
