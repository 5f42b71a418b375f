//! The least and the greatest sample of each stretch of a sound, for players to draw, in the formats of
//! audiowaveform.
//!
//! Binary: <https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md>, version 1 for one
//! channel and 2 for several; JSON: its version 2. Samples have 8 bits: those of 16, divided by 256
//! toward zero.

use std::io::{Read, Seek, Write};

use crate::part::Cutter;
use crate::probe::probe_decoding;
use crate::samples::samples;
use crate::{Channel, Error, Limits, Part, Probe};

/// The flag of 8 bits a number.
const EIGHT_BITS: u32 = 1;

/// How peaks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeaksFormat {
    Binary,
    Json,
}

/// Which peaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peaks {
    pub format: PeaksFormat,
    /// At least one.
    pub samples_per_pixel: u32,
    /// One line for all channels in one, instead of one for each.
    pub mix: bool,
}

impl Peaks {
    /// The most bytes that they can have, of such a sound.
    pub fn most_bytes(self, channels: u16, frames: u64) -> u64 {
        let numbers = self.length(frames).saturating_mul(2 * u64::from(self.lines(channels)));
        match self.format {
            PeaksFormat::Binary => numbers.saturating_add(24),
            PeaksFormat::Json => numbers.saturating_mul(5).saturating_add(200), // `-128,`
        }
    }

    fn length(self, frames: u64) -> u64 {
        frames.div_ceil(u64::from(self.samples_per_pixel.max(1)))
    }

    fn lines(self, channels: u16) -> u16 {
        if self.mix { 1 } else { channels }
    }

    fn write_head(self, to: &mut impl Write, probe: &Probe) -> Result<(), Error> {
        let lines = self.lines(probe.channels);
        let (rate, per_pixel) = (probe.sample_rate, self.samples_per_pixel);
        let length = self.length(probe.frames);
        match self.format {
            PeaksFormat::Binary => {
                let length =
                    u32::try_from(length).map_err(|_| Error::unsupported("that many peaks"))?;
                let version = if lines == 1 { 1 } else { 2_u32 };
                for number in [version, EIGHT_BITS, rate, per_pixel, length] {
                    to.write_all(&number.to_le_bytes())?;
                }
                if lines > 1 {
                    to.write_all(&u32::from(lines).to_le_bytes())?;
                }
            }
            PeaksFormat::Json => write!(
                to,
                "{{\"version\":2,\"channels\":{lines},\"sample_rate\":{rate},\
                 \"samples_per_pixel\":{per_pixel},\"bits\":8,\"length\":{length},\"data\":["
            )?,
        }
        Ok(())
    }
}

/// Writes the peaks of a file's sound into an empty one. Tells what the source is.
///
/// The file is read twice, and as much memory is used for a day as for a second.
///
/// # Errors
///
/// As [`probe()`](crate::probe()).
pub fn peaks<R, W>(mut from: R, mut to: W, peaks: Peaks, limits: &Limits) -> Result<Probe, Error>
where
    R: Read + Seek + Send + Sync,
    W: Write,
{
    let (probe, delay) = probe_decoding(&mut from, limits, &mut |_| Ok(()))?;
    peaks.write_head(&mut to, &probe)?;
    let part = Part { channel: peaks.mix.then_some(Channel::Mix), ..Part::WHOLE };
    let mut cutter = Cutter::new(&part, probe.channels);
    let lines = usize::from(peaks.lines(probe.channels));
    let mut pixel = Pixel::new(lines, peaks);
    samples(&mut from, &probe, delay, limits, &mut |samples| {
        for frame in cutter.cut(samples).chunks_exact(lines) {
            pixel.take(frame, &mut to)?;
        }
        Ok(())
    })?;
    pixel.end(&mut to)?;
    if peaks.format == PeaksFormat::Json {
        to.write_all(b"]}\n")?;
    }
    Ok(probe)
}

/// The stretch that is being looked at.
struct Pixel {
    peaks: Peaks,
    /// The least and the greatest of each line.
    extremes: Vec<(i16, i16)>,
    frames: u32,
    first: bool,
}

impl Pixel {
    fn new(lines: usize, peaks: Peaks) -> Self {
        Self { peaks, extremes: vec![NOTHING; lines], frames: 0, first: true }
    }

    fn take(&mut self, frame: &[i16], to: &mut impl Write) -> Result<(), Error> {
        for ((least, greatest), sample) in self.extremes.iter_mut().zip(frame) {
            *least = (*least).min(*sample);
            *greatest = (*greatest).max(*sample);
        }
        self.frames += 1;
        if self.frames == self.peaks.samples_per_pixel { self.end(to) } else { Ok(()) }
    }

    fn end(&mut self, to: &mut impl Write) -> Result<(), Error> {
        if self.frames == 0 {
            return Ok(());
        }
        self.frames = 0;
        for (least, greatest) in &mut self.extremes {
            for extreme in [*least, *greatest] {
                let [_, byte] = (extreme / 256).to_be_bytes();
                match self.peaks.format {
                    PeaksFormat::Binary => to.write_all(&[byte])?,
                    PeaksFormat::Json if self.first => write!(to, "{}", byte.cast_signed())?,
                    PeaksFormat::Json => write!(to, ",{}", byte.cast_signed())?,
                }
                self.first = false;
            }
            (*least, *greatest) = NOTHING;
        }
        Ok(())
    }
}

/// Less and greater than any sample.
const NOTHING: (i16, i16) = (i16::MAX, i16::MIN);

#[cfg(test)]
mod tests;
